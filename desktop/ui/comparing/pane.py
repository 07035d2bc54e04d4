"""One side: the pickers of its model and its prompt, its branch, and the way to go on with it."""

from collections.abc import Callable
from typing import cast

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from desktop.core.types.prompts import SEPARATOR, PromptInfo
from desktop.i18n import _, language
from desktop.ui.comparing import texts
from desktop.ui.conversation import ConversationView
from desktop.ui.menu_button import MenuButton
from desktop.ui.models import texts as model_texts
from desktop.ui.pieces import text_button
from desktop.ui.prompts.growing_text import GrowingText
from desktop.ui.prompts.texts import heading, name_of
from desktop.ui.theme import icon, space
from desktop.view_models.comparing import ComparisonViewModel
from desktop.view_models.comparing_side import SideViewModel
from desktop.view_models.conversation import ConversationViewModel
from desktop.view_models.models import ModelsViewModel, title
from desktop.view_models.prompt_library import grouped

PAUSE_MS = 300  # a pause in typing
MOST_MODELS = 12  # the others stand on the models page


class Pane(QWidget):
    """`number` counts from 0."""

    models_wanted = Signal()  # a person wants to see all models
    title_changed = Signal()

    def __init__(self, comparison: ComparisonViewModel, models: ModelsViewModel, number: int) -> None:
        super().__init__()
        self._vm = comparison
        self._models = models
        self._number = number
        self.setAccessibleName(texts.side(number))
        self._build()
        comparison.changed.connect(self._refresh)
        comparison.prompts_changed.connect(self._refresh)
        models.changed.connect(self._refresh)
        models.models_changed.connect(self._refresh)
        self._side.model_wanted.connect(self.model.showMenu)
        self._refresh()

    @property
    def _side(self) -> SideViewModel:
        return self._vm.sides[self._number]

    def _build(self) -> None:
        self.model = self._picker(self._fill_models)
        self.prompt = self._picker(self._fill_prompts)
        pickers = QHBoxLayout()
        pickers.setContentsMargins(space.m, 0, space.m, 0)
        pickers.setSpacing(space.xs)
        pickers.addWidget(self.model)
        pickers.addWidget(self.prompt)
        pickers.addStretch(1)
        self.text = GrowingText(_("Prompt of this side"), _("How this side should answer"), most=5)
        self._pause = QTimer(self, interval=PAUSE_MS, singleShot=True)
        self._pause.timeout.connect(self.keep_text)
        self.text.textChanged.connect(self._pause.start)
        self._written = QWidget()
        written = QVBoxLayout(self._written)
        written.setContentsMargins(space.l, space.xs, space.l, space.s)
        written.addWidget(self.text)
        # it offers what a conversation needs, and no more
        self.conversation = ConversationView(cast("ConversationViewModel", self._side))
        self.keep = text_button(_("Keep this one"), "", lambda: self._vm.keep(self._number))
        self.keep.setToolTip(_("Go on with this answer in the chat; the other stays as a version of it"))
        foot = QHBoxLayout()
        foot.setContentsMargins(space.l, space.xs, space.l, space.s)
        foot.addWidget(self.keep)
        foot.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(pickers)
        column.addWidget(self._written)
        column.addWidget(self.conversation, 1)
        column.addLayout(foot)

    def _picker(self, fill: Callable[[], None]) -> MenuButton:
        button = MenuButton()
        menu = QMenu(button)
        menu.setToolTipsVisible(True)
        menu.aboutToShow.connect(fill)
        button.setMenu(menu)
        return button

    # ── state ──

    @property
    def title(self) -> str:
        """What the side is called where it stands behind a tab."""
        return f"{self._number + 1} · {self._model_name()}"

    def _refresh(self) -> None:
        side = self._side.side
        model, prompt = self._model_name(), texts.prompt(side, self._vm.prompts)
        self.model.set_words(model)
        self.model.setAccessibleName(_("Model: {name}").format(name=model))
        self.model.setToolTip(side.model or self._models.chosen_path or model)
        self.prompt.set_words(prompt)
        self.prompt.setAccessibleName(_("Prompt: {name}").format(name=prompt))
        self._written.setVisible(side.prompt is not None)
        if side.prompt is not None and not self._pause.isActive():
            self.text.show_text(side.prompt)
            self._pause.stop()
        for picker in (self.model, self.prompt, self.text):
            picker.setEnabled(not self._vm.running)
        last = self._side.last_reply
        self.keep.setVisible(self._vm.can_keep and last is not None and bool(last.text))
        self.title_changed.emit()

    def _model_name(self) -> str:
        path = self._side.side.model
        if not path:
            return self._models.name or _("Choose a model")
        found = next((model for model in self._models.models if model.path == path), None)
        if found is not None:
            return title(found)
        return path.replace("\\", "/").rpartition("/")[2].removesuffix(".gguf")

    def keep_text(self) -> None:
        """What stands in the field counts from now on."""
        self._pause.stop()
        if self._side.side.prompt is not None:
            self._vm.write_prompt(self._number, self.text.toPlainText())

    # ── menus ──

    def _fill_models(self) -> None:
        menu = self.model.menu()
        menu.clear()
        chosen = self._side.side.model or self._models.chosen_path
        for model in self._models.at_hand(MOST_MODELS):
            words = title(model).replace("&", "&&") + "\t" + model_texts.details(model)
            action = menu.addAction(words)
            action.setToolTip(model.path)
            action.setEnabled(model.problem is None)
            if model.path == chosen:
                action.setIcon(icon("check", "accent"))
            path = "" if model.path == self._models.chosen_path else model.path
            action.triggered.connect(lambda _on=False, path=path: self._vm.choose_model(self._number, path))
        if menu.isEmpty():
            menu.addAction(_("No models found")).setEnabled(False)
        menu.addSeparator()
        menu.addAction(icon("models"), _("All models"), self.models_wanted.emit)

    def _fill_prompts(self) -> None:
        menu, side = self.prompt.menu(), self._side.side
        menu.clear()
        own = menu.addAction(_("Prompt of the chat"), lambda: self._vm.choose_prompt(self._number, ""))
        if side.prompt is None and not side.prompt_key:
            own.setIcon(icon("check", "accent"))
        write = menu.addAction(_("Write one for this side…"), self._write)
        if side.prompt is not None:
            write.setIcon(icon("check", "accent"))
        menu.addSeparator()
        folders: dict[str, QMenu] = {}
        for group in grouped(self._vm.prompts, language()):
            above = folders.get(group.path.rpartition(SEPARATOR)[0], menu)
            inner = above.addMenu(heading(group).replace("&", "&&"))
            if group.kind == "folder":
                folders[group.path] = inner
            for prompt in group.prompts:
                self._add_prompt(inner, prompt)

    def _add_prompt(self, menu: QMenu, prompt: PromptInfo) -> None:
        action = menu.addAction(name_of(prompt).replace("&", "&&"))
        if prompt.key == self._side.side.prompt_key:
            action.setIcon(icon("check", "accent"))
        action.triggered.connect(lambda _on=False: self._vm.choose_prompt(self._number, prompt.key))

    def _write(self) -> None:
        if self._side.side.prompt is None:
            self._vm.write_prompt(self._number, "")
        self.text.setFocus()
