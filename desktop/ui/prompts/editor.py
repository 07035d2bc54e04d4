"""The prompt that is open in the library: its fields, what can be done with it, its versions."""

from msgspec.structs import replace
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QMenu, QToolButton, QVBoxLayout, QWidget

from desktop.core.models.names import shown_name
from desktop.core.prompts.variables import wanted
from desktop.i18n import _
from desktop.ui.pieces import icon_button, label, put_icon, text_button
from desktop.ui.prompts.examples import ExamplesEditor
from desktop.ui.prompts.growing_text import GrowingText
from desktop.ui.prompts.variables import VariableFields
from desktop.ui.prompts.versions import Versions
from desktop.ui.theme import space
from desktop.view_models.prompt_library import PromptLibraryViewModel


class PromptEditor(QWidget):
    """Paints and forwards; nothing is open: it is hidden by the page."""

    use_wanted = Signal(str)  # a key: the chat in front is to have this prompt
    export_wanted = Signal()

    def __init__(self, library: PromptLibraryViewModel) -> None:
        super().__init__()
        self._library = library
        self._showing = False
        self._build()
        self.name.textEdited.connect(self._edited)
        self.folder.currentTextChanged.connect(self._edited)
        self.text.textChanged.connect(self._edited)
        self.schema.textChanged.connect(self._edited)
        self.examples.changed.connect(self._edited)
        self.defaults.changed.connect(self._default_edited)
        library.opened.connect(self.refresh)
        library.state_changed.connect(self._show_state)
        library.listed.connect(self._list_folders)
        self.refresh()

    # ── building ──

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(space.l, space.s, space.l, space.l)
        column.setSpacing(space.s)
        self.note = label(
            _("This prompt came with Sobremesa. Duplicate it to change it."), "muted", wrap=True
        )
        column.addWidget(self.note)
        column.addLayout(self._places())
        tip = _("What the model is to do. {{date}}, {{language}} or {{a word of yours}} are filled in.")
        self.text = GrowingText(_("Text"), tip, least=8, most=24)
        column.addWidget(self.text)
        column.addLayout(self._deeds())
        self._asks = label(_("Values of its variables, where a chat has none"), "section", wrap=True)
        column.addWidget(self._asks)
        self.defaults = VariableFields()
        column.addWidget(self.defaults)
        self._shown = label(_("Examples that the model is shown"), "section")
        column.addWidget(self._shown)
        self.examples = ExamplesEditor()
        column.addWidget(self.examples)
        self.schema_switch = text_button(_("JSON schema of replies"), "quiet")
        self.schema_switch.setCheckable(True)
        self.schema_switch.setStyleSheet("QPushButton:checked { background: transparent; }")
        self.schema_switch.toggled.connect(self._show_schema)
        column.addWidget(self.schema_switch, 0, Qt.AlignmentFlag.AlignLeft)
        self.schema = GrowingText(_("JSON schema of replies"), '{"type": "object"}', least=2, most=16)
        column.addWidget(self.schema)
        self.versions = Versions(self._library)
        column.addWidget(self.versions)
        column.addStretch(1)

    def _places(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(space.s)
        self.name = QLineEdit()
        self.name.setAccessibleName(_("Name"))
        self.name.setPlaceholderText(_("Name"))
        self.folder = QComboBox()
        self.folder.setEditable(True)
        self.folder.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.folder.setAccessibleName(_("Folder"))
        self.folder.setMinimumWidth(120)
        field = self.folder.lineEdit()
        if field is not None:
            field.setAccessibleName(_("Folder"))
            field.setPlaceholderText(_("Folder"))
            field.setToolTip(_("A folder in another one is written like this: Work/Letters"))
        row.addWidget(self.name, 3)
        row.addWidget(self.folder, 2)
        return row

    def _deeds(self) -> QHBoxLayout:
        library = self._library
        row = QHBoxLayout()
        row.setSpacing(space.s)
        self.save = text_button(_("Save"), "primary", library.save)
        self.discard = text_button(_("Discard"), "", library.discard)
        self.duplicate = text_button(_("Duplicate"), "", library.duplicate)
        self.use = text_button(_("Use in the chat"), "", self._use)
        self.more = icon_button("more", _("More"))
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self.more)
        menu.aboutToShow.connect(lambda: self._fill_menu(menu))
        self.more.setMenu(menu)
        for button in (self.save, self.discard, self.duplicate, self.use):
            row.addWidget(button)
        row.addStretch(1)
        self.state = label("", "caption")
        row.addWidget(self.state)
        row.addWidget(self.more)
        return row

    def _fill_menu(self, menu: QMenu) -> None:
        library, current = self._library, self._library.current
        menu.clear()
        if current is None:
            return
        if current.own:
            menu.addAction(_("Duplicate")).triggered.connect(lambda: library.duplicate())
        default = "" in current.default_for
        words = _("No longer for new chats") if default else _("Use for new chats")
        if current.version:
            menu.addAction(words).triggered.connect(lambda: library.set_default(chosen=not default))
        for path in filter(None, current.default_for):
            words = _("No longer for new chats with {model}").format(model=shown_name(path))
            menu.addAction(words).triggered.connect(
                lambda _=False, model=path: library.set_default(chosen=False, model=model)
            )
        menu.addAction(_("Export…")).triggered.connect(lambda: self.export_wanted.emit())
        menu.addSeparator()
        if current.own:
            menu.addAction(_("Delete")).triggered.connect(lambda: library.delete())
        elif current.hidden:
            menu.addAction(_("Show in the list")).triggered.connect(lambda: library.hide(False))
        else:
            menu.addAction(_("Hide")).triggered.connect(lambda: library.hide(True))

    # ── what is shown ──

    def refresh(self) -> None:
        """Another prompt is open, or it says something else."""
        self._showing = True
        content, editable = self._library.content, self._library.editable
        self.name.setText(content.name)
        self._list_folders()
        self.folder.setCurrentText(self._library.folder)
        self.text.show_text(content.text)
        self.schema.show_text(content.json_schema)
        self.schema_switch.setChecked(bool(content.json_schema))
        self._show_schema(bool(content.json_schema))
        self.examples.show_examples(content.examples, editable=editable)
        for field in (self.name, self.text, self.schema):
            field.setReadOnly(not editable)
        self.folder.setVisible(editable)
        self._shown.setVisible(editable or bool(content.examples))
        self.schema_switch.setVisible(editable or bool(content.json_schema))
        self._showing = False
        self._show_state()

    def focus_name(self) -> None:
        field = self.name if not self.name.text() else self.text
        field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_state(self) -> None:
        library, current = self._library, self._library.current
        if current is None:
            return
        own, unsaved = current.own, library.unsaved
        self.note.setVisible(not own)
        for button in (self.save, self.discard):
            button.setVisible(own)
        self.save.setEnabled(unsaved and bool(library.content.name.strip()))
        self.discard.setEnabled(unsaved or current.has_draft)
        self.duplicate.setVisible(not own)
        self.use.setVisible(current.version > 0)
        self.use.setEnabled(not unsaved)
        if unsaved:
            self.state.setText(_("Not saved") if library.content.name.strip() else _("It needs a name"))
        else:
            self.state.setText(_("New chats begin with it") if "" in current.default_for else "")
        names = wanted(library.content.said)
        self._asks.setVisible(bool(names))
        self.defaults.setVisible(bool(names))
        asked = _("Asked for in each chat")
        self.defaults.show_values(names, library.content.defaults, {}, asked, editable=library.editable)

    def _show_schema(self, shown: bool) -> None:
        put_icon(self.schema_switch, "chevron_down" if shown else "chevron_right", "muted")
        self.schema.setVisible(shown)

    def _list_folders(self) -> None:
        self.folder.blockSignals(True)
        shown = self.folder.currentText()
        self.folder.clear()
        self.folder.addItems(["", *self._library.folders])
        self.folder.setCurrentText(shown)
        self.folder.blockSignals(False)

    # ── what a person does ──

    def _edited(self, *_words: object) -> None:
        if self._showing:
            return
        content = replace(
            self._library.content,
            name=self.name.text(),
            text=self.text.toPlainText(),
            examples=self.examples.examples,
            json_schema=self.schema.toPlainText(),
        )
        self._library.edit(content, " ".join(self.folder.currentText().split()))

    def _default_edited(self, name: str, value: str) -> None:
        defaults = {known: old for known, old in self._library.content.defaults.items() if known != name}
        if value:
            defaults[name] = value
        self._library.edit(replace(self._library.content, defaults=defaults))

    def _use(self) -> None:
        if self._library.current is not None:
            self.use_wanted.emit(self._library.current.key)
