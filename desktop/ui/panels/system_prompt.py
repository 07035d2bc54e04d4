"""The system prompt of the chat in front: chosen, filled in, changed for this chat. Saved while one types."""

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QMenu,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop.i18n import _
from desktop.ui.asked_name import ask_for_name
from desktop.ui.pieces import label, put_icon, text_button
from desktop.ui.prompts.examples import ExamplesEditor
from desktop.ui.prompts.growing_text import GrowingText
from desktop.ui.prompts.prompt_list import PromptList
from desktop.ui.prompts.texts import source_of
from desktop.ui.prompts.variables import VariableFields
from desktop.ui.theme import set_kind, space
from desktop.ui.yielding import Scrolling
from desktop.view_models.models import ModelsViewModel
from desktop.view_models.prompt_library import PromptLibraryViewModel
from desktop.view_models.system_prompt import SystemPromptViewModel

SAVED_MS = 2000
LIST_PX = 320
UNMARKED = "QPushButton:checked { background: transparent; }"  # a heading, no choice


class SystemPromptPanel(QWidget):
    """What the model is told before the first turn of this chat."""

    template_wanted = Signal()
    library_wanted = Signal()

    def __init__(
        self, prompt: SystemPromptViewModel, library: PromptLibraryViewModel, models: ModelsViewModel
    ) -> None:
        super().__init__()
        self._prompt = prompt
        self._library = library
        self._models = models
        self._build()
        self._quiet = QTimer(self, interval=SAVED_MS, singleShot=True)
        self._quiet.timeout.connect(self._show_state)
        self.editor.textChanged.connect(self._edited)
        self.examples.changed.connect(lambda: prompt.set_examples(self.examples.examples))
        self.variables.changed.connect(prompt.fill_in)
        prompt.changed.connect(self.refresh)
        prompt.state_changed.connect(self._show_state)
        prompt.saved.connect(self._show_saved)
        prompt.library_changed.connect(library.refresh)
        self.refresh()

    # ── building ──

    def _build(self) -> None:
        inside = QWidget()
        set_kind(inside, "panel")
        column = QVBoxLayout(inside)
        column.setContentsMargins(space.l, 0, space.l, space.l)
        column.setSpacing(space.s)
        about = _("What the model is told before this chat: who it is and how it should answer.")
        column.addWidget(label(about, "muted", wrap=True))
        self.pick = QPushButton()
        self.pick.setCheckable(True)
        self.pick.setAutoDefault(False)
        self.pick.setStyleSheet("text-align: left;")
        self.pick.setAccessibleDescription(_("Choose a prompt from the library"))
        put_icon(self.pick, "chevron_down", "muted")
        self.pick.toggled.connect(self._show_list)
        column.addWidget(self.pick)
        self.list = PromptList(self._library)
        self.list.setFixedHeight(LIST_PX)
        self.list.chosen.connect(self._choose)
        self.list.left.connect(lambda: self.pick.setChecked(False))
        self.list.hide()
        column.addWidget(self.list)
        self.state = label("", "caption", wrap=True)
        column.addWidget(self.state)
        self._deeds(column)
        self.asks = label(_("It asks for"), "section")
        column.addWidget(self.asks)
        self.variables = VariableFields()
        column.addWidget(self.variables)
        placeholder = _("For example: Answer briefly, and say when you are not sure.")
        self.editor = GrowingText(_("System prompt"), placeholder, least=6, most=24)
        column.addWidget(self.editor)
        column.addWidget(label(_("Examples that it is shown"), "section"))
        self.examples = ExamplesEditor()
        column.addWidget(self.examples)
        self.preview_switch = text_button(_("As the model gets it"), "quiet")
        put_icon(self.preview_switch, "chevron_right", "muted")
        self.preview_switch.setCheckable(True)
        self.preview_switch.setStyleSheet(UNMARKED)
        self.preview_switch.toggled.connect(self._show_preview)
        column.addWidget(self.preview_switch)
        self.preview = GrowingText(_("As the model gets it"), least=2, most=30)
        self.preview.setReadOnly(True)
        self.preview.hide()
        column.addWidget(self.preview)
        self._ends(column)
        column.addStretch(1)
        scroll = Scrolling(inside)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(scroll)

    def _deeds(self, column: QVBoxLayout) -> None:
        """What can be done with a text that is not the library's."""
        self.take_back = text_button(_("Back to the library’s"), "link", self._prompt.take_back)
        self.as_version = text_button(_("Save as a new version"), "link", self._prompt.save_as_version)
        self.as_new = text_button(_("Save as a new prompt…"), "link", self._ask_for_name)
        for button in (self.take_back, self.as_version, self.as_new):
            column.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)

    def _ends(self, column: QVBoxLayout) -> None:
        self.as_default = QPushButton(_("Use for new chats"))
        self._menu = QMenu(self)
        self._menu.aboutToShow.connect(self._fill_menu)
        self.as_default.setMenu(self._menu)
        column.addWidget(self.as_default)
        self.to_library = text_button(_("Open the library"), "quiet", self.library_wanted.emit)
        column.addWidget(self.to_library)
        self.template = text_button(_("Template and arguments…"), "quiet", self.template_wanted.emit)
        column.addWidget(self.template)

    # ── what is shown ──

    def refresh(self) -> None:
        """Another chat or another prompt, another text."""
        prompt = self._prompt
        self.editor.blockSignals(True)
        self.editor.show_text(prompt.text)
        self.editor.blockSignals(False)
        self.editor.setReadOnly(not prompt.has_chat)
        self.pick.setEnabled(prompt.has_chat)
        self.examples.show_examples(prompt.content.examples, editable=prompt.has_chat)
        self._show_state()

    def _show_state(self) -> None:
        view, prompt = self._prompt, self._prompt.prompt
        named = view.content.name if prompt.key else ""
        self.pick.setText(named or _("No prompt of the library"))
        self.pick.setAccessibleName(_("Prompt: {name}").format(name=self.pick.text()))
        self.state.setText(source_of(prompt, differs=view.differs))
        newer = bool(prompt.key) and prompt.newest > prompt.version and not view.differs
        self.take_back.setText(_("Take the newer version") if newer else _("Back to the library’s"))
        self.take_back.setVisible(view.has_chat and (view.differs or newer))
        own = bool(prompt.key) and "." not in prompt.key
        self.as_version.setVisible(view.has_chat and view.differs and own)
        of_none = not prompt.key or not prompt.newest
        self.as_new.setVisible(view.has_chat and bool(view.text.strip()) and (view.differs or of_none))
        wanted = prompt.wanted
        self.asks.setVisible(bool(wanted))
        self.variables.setVisible(bool(wanted))
        defaults = view.content.defaults
        self.variables.show_values(
            wanted, view.values, defaults, _("Fill this in first"), editable=view.has_chat
        )
        self.as_default.setEnabled(bool(view.text.strip()))
        if self.preview_switch.isChecked():
            self._show_preview(True)

    def _show_preview(self, shown: bool) -> None:
        put_icon(self.preview_switch, "chevron_down" if shown else "chevron_right", "muted")
        self.preview.setVisible(shown)
        if shown:
            prompt = self._prompt.prompt
            turns = (f"> {one.question}\n{one.reply}" for one in prompt.examples)
            self.preview.show_text("\n\n".join((prompt.text, *turns)))

    def _show_saved(self) -> None:
        self.state.setText(_("Saved"))
        self._quiet.start()

    # ── what a person does ──

    def _edited(self) -> None:
        self._prompt.edit(self.editor.toPlainText())

    def _show_list(self, shown: bool) -> None:
        put_icon(self.pick, "chevron_up" if shown else "chevron_down", "muted")
        self.list.setVisible(shown)
        if shown:
            self._library.refresh()
            self.list.show_current(self._prompt.prompt.key)
            self.list.focus_search()
        else:
            self.pick.setFocus()

    def _choose(self, key: str) -> None:
        self._prompt.choose(key)
        self.pick.setChecked(False)

    def _ask_for_name(self) -> None:
        words, name = _("Its name in the library"), self._prompt.content.name
        ask_for_name(self, _("Save as a new prompt"), words, _("Save"), self._prompt.save_as_new, name)

    def focus_missing(self) -> None:
        """The keys go to the first thing that is not filled in."""
        for name in self._prompt.prompt.missing:
            if name in self.variables.fields:
                self.variables.fields[name].setFocus(Qt.FocusReason.OtherFocusReason)
                return

    def _fill_menu(self) -> None:
        self._menu.clear()
        self._menu.addAction(_("All new chats")).triggered.connect(lambda: self._prompt.use_for_new_chats())
        path = self._models.chosen_path
        if path:
            words = _("New chats with {model}").format(model=self._models.name)
            self._menu.addAction(words).triggered.connect(lambda: self._prompt.use_for_new_chats(path))
