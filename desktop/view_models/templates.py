"""How the loaded model is spoken to: by its own template, one of ours, a file's, or none. Has no words."""

from typing import Any, Literal

import msgspec
from PySide6.QtCore import QObject, Signal

from desktop.core.contract import Core
from desktop.core.errors import BadTemplateJson
from desktop.core.events import CoreEvent, EngineStatus, ModelsChanged
from desktop.core.models import arguments_of, template_file
from desktop.core.operations import start
from desktop.core.types import Problem
from desktop.core.types.models import ModelChoice
from desktop.view_models.bridge import follow, listen
from engine.protocol import LoadedModel, TemplateFacts
from engine.template_texts import COMPLETION, CUSTOM, KNOWN

# "": no model is loaded; "fine": as the model was made; "missing" and "broken": nothing works yet
State = Literal["", "fine", "missing", "broken", "completion", "chosen"]


# what a reply fails with until somebody chooses
TEMPLATE_PROBLEMS = ("no_chat_template", "bad_chat_template", "bad_template_arguments", "unknown_template")


class TemplatesViewModel(QObject):
    """One for the window."""

    changed = Signal()
    chosen = Signal()  # a person chose how the model is spoken to
    failed = Signal(object)  # Problem

    def __init__(self, core: Core, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._core = core
        self.model: LoadedModel | None = None
        listen(core, self, self._on_core_event)

    @property
    def choice(self) -> ModelChoice:
        return self._core.model_choice(self.model.path) if self.model is not None else ModelChoice()

    @property
    def facts(self) -> TemplateFacts | None:
        """What the model's own template is like."""
        return self.model.template if self.model is not None else None

    @property
    def state(self) -> State:
        if self.model is None:
            return ""
        if self.choice.template:
            return "completion" if self.choice.template == COMPLETION else "chosen"
        if self.facts is None or self.facts.state == "fine":
            return "fine"
        return "missing" if self.facts.state == "none" else "broken"

    @property
    def suggested(self) -> str:
        """One of ours that the model's vocabulary speaks for; "" where none does, or none is needed."""
        needs = self.facts is not None and self.facts.state != "fine"
        return self.model.suggested_template if self.model is not None and needs else ""

    @property
    def offered(self) -> tuple[tuple[str, str], ...]:
        """(name, title) of every template of ours, the suggested one first."""
        known = [(template.name, template.title) for template in KNOWN]
        return tuple(sorted(known, key=lambda one: one[0] != self.suggested))

    @property
    def title(self) -> str:
        """Of the template in use: "" for the model's own, and where a person's file is in use."""
        return next((t.title for t in KNOWN if t.name == self.choice.template), "")

    @property
    def arguments(self) -> str:
        """As a person edits them."""
        given = self.choice.arguments
        return msgspec.json.format(msgspec.json.encode(given), indent=2).decode() if given else ""

    def choose(self, name: str) -> None:
        """A template of ours, "completion", or "" for the model's own."""
        self._keep(template=name, source="")

    def choose_file(self, path: str) -> None:
        def read(source: str) -> None:
            self._keep(template=CUSTOM, source=source)

        operation = start(lambda _: template_file(path), "read template")
        follow(operation, self, on_result=read, on_error=self.failed.emit)

    def set_arguments(self, text: str) -> Problem | None:
        """Keep what was typed, or say why it cannot be kept."""
        try:
            arguments = arguments_of(text)
        except BadTemplateJson as error:
            return error.problem()
        if arguments != self.choice.arguments:
            self._keep(arguments=arguments)
        return None

    def _keep(self, **changes: Any) -> None:
        if self.model is None:
            return
        choice = msgspec.structs.replace(self.choice, **changes)
        follow(
            self._core.set_model_choice(self.model.path, choice),
            self,
            on_result=lambda _: self.chosen.emit(),
            on_error=self.failed.emit,
        )

    def _on_core_event(self, event: CoreEvent) -> None:
        if isinstance(event, EngineStatus):
            model = event.model if event.state in ("ready", "busy") else None
            if model != self.model:
                self.model = model
                self.changed.emit()
        elif isinstance(event, ModelsChanged):
            self.changed.emit()
