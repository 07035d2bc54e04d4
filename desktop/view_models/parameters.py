"""How replies are made in the chat in front, and with its model: the values, where each comes from, presets.

A change counts for the chat or for the model, whichever is chosen. Chooses no words.
"""

from typing import Final, Literal

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.core.contract import Core
from desktop.core.events import CoreEvent, EngineStatus
from desktop.core.replies.settings import REPLY_VALUES
from desktop.core.types import Param, Preset, Problem, ReplyValues, ValueSource
from desktop.view_models.bridge import follow, listen
from desktop.view_models.conversation import ConversationViewModel
from desktop.view_models.settings import SettingsViewModel
from engine.sampling import CONTROLS

Scope = Literal["chat", "model"]
FIRST: Final = ("temperature", "top_k", "top_p", "min_p", "repeat_penalty", "max_reply_tokens", "seed")
OTHERS: Final = tuple(name for name in REPLY_VALUES if name not in FIRST)


class ParametersViewModel(QObject):
    """One for the window. `values` is None while nothing is known."""

    changed = Signal()  # values, scope, or what may be changed
    presets_changed = Signal()
    refused = Signal(str, object)  # a value's name, "" for a preset, and the Problem

    def __init__(
        self,
        core: Core,
        conversation: ConversationViewModel,
        settings: SettingsViewModel,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._core = core
        self._conversation = conversation
        self._settings = settings
        self.scope: Scope = "chat"
        self.values: ReplyValues | None = None
        self.presets: tuple[Preset, ...] = ()
        self._engine = ""
        self._asked = 0
        self._soon = QTimer(self, interval=0, singleShot=True)
        self._soon.timeout.connect(self.look_again)
        conversation.chat_changed.connect(lambda _: self._soon.start())
        settings.changed.connect(lambda *_: self._soon.start())
        settings.moved.connect(lambda _: self._soon.start())
        listen(core, self, self._core_event)

    @property
    def chat(self) -> int:
        chat = self._conversation.chat
        return chat.id if chat else 0

    @property
    def model(self) -> str:
        """The path of the one that answers; "" where none is chosen."""
        return self._engine or self._settings.text("model_path")

    @property
    def can_change(self) -> bool:
        """Whether there is something in the scope to give values to."""
        return bool(self.chat if self.scope == "chat" else self.model)

    def set_scope(self, scope: Scope) -> None:
        if scope != self.scope:
            self.scope = scope
            self.look_again()

    def source(self, name: str) -> ValueSource:
        return self.values.sources[name] if self.values is not None else "settings"

    def is_own(self, name: str) -> bool:
        """Whether the scope has a value of its own."""
        return self.source(name) == self.scope

    # ── reading ──

    def look_again(self) -> None:
        """Ask for the values that count in the scope."""
        self._asked += 1
        asked = self._asked
        chat = self.chat if self.scope == "chat" else 0

        def told(values: ReplyValues) -> None:
            if asked == self._asked:
                self.values = values
                self.changed.emit()

        follow(
            self._core.reply_values(chat=chat, model=self.model),
            self,
            on_result=told,
            on_error=lambda problem: self.refused.emit("", problem),
        )

    def look_for_presets(self) -> None:
        def told(presets: tuple[Preset, ...]) -> None:
            self.presets = presets
            self.presets_changed.emit()

        follow(self._core.list_presets(), self, on_result=told)

    def _core_event(self, event: CoreEvent) -> None:
        path = event.model.path if isinstance(event, EngineStatus) and event.model else self._engine
        if isinstance(event, EngineStatus) and event.state == "no_model":
            path = ""
        if path != self._engine:
            self._engine = path
            self._soon.start()

    # ── changing ──

    def set(self, name: str, value: Param) -> None:
        """Give the chat or the model a value of its own."""
        if self.values is None or (self.is_own(name) and self.values.values[name] == value):
            return
        self._give({**self._own(), name: value}, name)

    def reset(self, name: str) -> None:
        """Have the value count again that comes from farther away."""
        own = self._own()
        if own.pop(name, None) is not None:
            self._give(own, name)

    def reset_all(self) -> None:
        self._give({}, "")

    def apply(self, preset: str) -> None:
        chat, model = self._place()
        if self.can_change:
            follow(
                self._core.apply_preset(preset, chat=chat, model=model),
                self,
                on_result=lambda _: self.look_again(),
                on_error=lambda problem: self.refused.emit("", problem),
            )

    def save(self, name: str) -> None:
        """Keep the numbers that count now as a preset."""
        if self.values is not None:
            values = {control.name: self.values.values[control.name] for control in CONTROLS}
            follow(
                self._core.save_preset(name, values),
                self,
                on_result=lambda _: self.look_for_presets(),
                on_error=lambda problem: self.refused.emit("", problem),
            )

    def delete(self, name: str) -> None:
        follow(
            self._core.delete_preset(name),
            self,
            on_result=lambda _: self.look_for_presets(),
            on_error=lambda problem: self.refused.emit("", problem),
        )

    def preset_in_use(self) -> str:
        """The preset whose values are exactly the scope's own; "" where none is."""
        own = self._own()
        return next((preset.name for preset in self.presets if own and preset.values == own), "")

    def _own(self) -> dict[str, Param]:
        if self.values is None:
            return {}
        return {name: value for name, value in self.values.values.items() if self.is_own(name)}

    def _place(self) -> tuple[int, str]:
        return (self.chat, "") if self.scope == "chat" else (0, self.model)

    def _give(self, values: dict[str, Param], name: str) -> None:
        if not self.can_change:
            return
        chat, model = self._place()

        def refused(problem: Problem) -> None:
            self.refused.emit(name, problem)

        follow(
            self._core.set_reply_values(values, chat=chat, model=model),
            self,
            on_result=lambda _: self.look_again(),
            on_error=refused,
        )
