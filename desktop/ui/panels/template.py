"""How the loaded model is spoken to, and what its template reads besides. Saved while one types."""

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QMenu, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from desktop.i18n import _
from desktop.ui.pieces import label
from desktop.ui.template_bar import fill_menu, state_words
from desktop.ui.theme import set_kind, space
from desktop.view_models.templates import TemplatesViewModel
from desktop.words import hint, sentence

TYPED_MS = 600


class TemplatePanel(QWidget):
    """Of the model that is loaded; kept for this model."""

    def __init__(self, templates: TemplatesViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._templates = templates
        column = QVBoxLayout(self)
        column.setContentsMargins(space.l, 0, space.l, space.l)
        column.setSpacing(space.m)
        about = _("A template turns a conversation into the text that a model was made to go on with.")
        column.addWidget(label(about, "muted", wrap=True))
        self.state = label("", "text", wrap=True)
        column.addWidget(self.state)
        self.choose = QPushButton(_("Choose a template"))
        self._menu = QMenu(self)
        self._menu.aboutToShow.connect(lambda: fill_menu(self._menu, templates))
        self.choose.setMenu(self._menu)
        column.addWidget(self.choose)
        column.addWidget(label(_("Arguments, as a JSON object"), "caption"))
        self.reads = label("", "caption", wrap=True)
        self.editor = QPlainTextEdit()
        self.editor.setPlaceholderText('{"enable_thinking": false}')
        self.editor.setAccessibleName(_("Arguments, as a JSON object"))
        self.editor.setTabChangesFocus(True)
        column.addWidget(self.editor, 1)
        column.addWidget(self.reads)
        self.problem = label("", "danger", wrap=True)
        column.addWidget(self.problem)
        self._pause = QTimer(self, interval=TYPED_MS, singleShot=True)
        self._pause.timeout.connect(self.keep)
        self.editor.textChanged.connect(self._pause.start)
        templates.changed.connect(self.refresh)
        self._shown: object = None
        self.refresh()

    def refresh(self) -> None:
        """Another model, or another choice for it; what is being typed stays."""
        templates = self._templates
        self.choose.setEnabled(templates.model is not None)
        self.editor.setEnabled(templates.model is not None)
        self.state.setText(self._words())
        names = ", ".join(templates.facts.variables) if templates.facts is not None else ""
        self.reads.setText(_("Its template reads: {names}").format(names=names) if names else "")
        self.reads.setVisible(bool(names))
        shown = templates.model.path if templates.model is not None else ""
        if shown != self._shown:
            self._shown = shown
            self.editor.setPlainText(templates.arguments)
            self._pause.stop()
            self._tell("")

    def keep(self) -> None:
        """Keep what was typed, or say what is wrong with it."""
        problem = self._templates.set_arguments(self.editor.toPlainText())
        self._tell(f"{sentence(problem)} {hint(problem)}" if problem is not None else "")

    def _words(self) -> str:
        facts = self._templates.facts
        if self._templates.model is None:
            return _("No model is loaded.")
        words = state_words(self._templates) or _("The model's own template is in use.")
        if self._templates.state == "fine" and facts is not None and facts.folds_system:
            words += " " + _(
                "It has no place for a system prompt, which goes in front of your first question."
            )
        return words

    def _tell(self, words: str) -> None:
        self.problem.setText(words)
        self.problem.setVisible(bool(words))
        set_kind(self.problem, "danger")
