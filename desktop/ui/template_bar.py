"""Above the composer: that a model has no template of its own, and what to do about it. Decides nothing."""

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QMenu, QPushButton, QVBoxLayout, QWidget

from desktop.i18n import _
from desktop.ui.conversation.style import Style
from desktop.ui.file_dialogs import ask_for_files
from desktop.ui.folding_row import FoldingRow
from desktop.ui.pieces import label
from desktop.ui.theme import current_theme, set_kind, space, text_scale
from desktop.view_models.templates import TemplatesViewModel
from engine.template_texts import COMPLETION, CUSTOM


def state_words(templates: TemplatesViewModel) -> str:
    """How the model is spoken to, in one sentence; "" where it is as it was made."""
    name = templates.model.name if templates.model is not None else ""
    match templates.state:
        case "missing":
            return _("{model} brings no chat template: it was made to continue texts.").format(model=name)
        case "broken":
            return _("The chat template of {model} does not work.").format(model=name)
        case "completion":
            return _("Your text is continued as it stands, without a system prompt.")
        case "chosen" if templates.choice.template == CUSTOM:
            return _("The template of your file is in use.")
        case "chosen":
            return _("The template {template} is in use.").format(template=templates.title)
        case _:
            return ""


def fill_menu(menu: QMenu, templates: TemplatesViewModel, more: Callable[[], None] | None = None) -> None:
    """Every way to speak to the model; the one in use is marked."""
    menu.clear()

    def add(text: str, name: str) -> None:
        action = menu.addAction(text, lambda: templates.choose(name))
        action.setCheckable(True)
        action.setChecked(templates.choice.template == name)

    if templates.facts is not None and templates.facts.state == "fine":
        add(_("As the model was made"), "")
    add(_("Continue my text"), COMPLETION)
    menu.addSeparator()
    recommended = _("{template} (recommended)")
    for name, title in templates.offered:
        add(recommended.format(template=title) if name == templates.suggested else title, name)
    menu.addSeparator()
    menu.addAction(_("From a file…"), lambda: _ask_for_file(menu, templates))
    if more is not None:
        menu.addAction(_("More…"), more)


def _ask_for_file(menu: QMenu, templates: TemplatesViewModel) -> None:
    filters = [_("Jinja templates") + " (*.jinja *.jinja2 *.j2 *.txt)", _("All files") + " (*)"]
    title = _("Choose a template")
    ask_for_files(menu.window(), title, lambda paths: templates.choose_file(paths[0]), filters=filters)


class TemplateBar(QWidget):
    """Shown while the model cannot be spoken to yet, or is spoken to in another way than its own."""

    more_wanted = Signal()
    decided = Signal()  # with the keys here: what comes next is to write
    needed_changed = Signal(bool)  # nothing can be asked before something is chosen

    def __init__(self, templates: TemplatesViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._templates = templates
        self._needed = False
        card = QFrame()
        set_kind(card, "card")
        self._column = QVBoxLayout(self)
        self._column.addWidget(card)
        row = FoldingRow(card)
        row.setContentsMargins(space.m, space.s, space.s, space.s)
        row.setSpacing(space.s)
        self.text = label("", "muted", wrap=True)
        self.completion = QPushButton(_("Continue my text"))
        set_kind(self.completion, "primary")
        self.completion.clicked.connect(lambda: templates.choose(COMPLETION))
        self.template = QPushButton()
        self._menu = QMenu(self)
        self._menu.aboutToShow.connect(lambda: fill_menu(self._menu, templates, self.more_wanted.emit))
        self.template.setMenu(self._menu)
        row.addWidget(self.text, 1)
        ways = FoldingRow()
        ways.setSpacing(space.s)
        ways.addWidget(self.completion)
        ways.addWidget(self.template)
        row.addLayout(ways)
        templates.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        words = state_words(self._templates)
        needed = self._templates.state in ("missing", "broken")
        held = self.window().focusWidget()
        answered = self._needed and not needed and held is not None and self.isAncestorOf(held)
        self._needed = needed
        self.text.setText(words)
        self.completion.setVisible(needed)
        self.template.setText(_("Choose a template") if needed else _("Change"))
        self.setVisible(bool(words))
        self.needed_changed.emit(needed)
        if answered:
            self.decided.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """As wide as the conversation and the composer."""
        super().resizeEvent(event)
        column = Style(current_theme(), text_scale()).column_px(self.width())
        side = (self.width() - column) // 2
        self._column.setContentsMargins(side, 0, self.width() - column - side, space.xs)
