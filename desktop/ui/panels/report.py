"""What is known of a crash, to read and to copy. Nothing of it leaves this computer by itself."""

from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication, QTextOption
from PySide6.QtWidgets import QPlainTextEdit, QVBoxLayout, QWidget

from desktop.i18n import _
from desktop.ui.pieces import label, text_button
from desktop.ui.theme import appearance, code_font, space, type_size
from desktop.view_models.notices import NoticesViewModel
from desktop.words import hint, sentence

SAID_MS = 2000


class ReportPanel(QWidget):
    """The text may be passed on as it stands: no words of the person's, and of files their names alone."""

    def __init__(self, notices: NoticesViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._notices = notices
        column = QVBoxLayout(self)
        column.setContentsMargins(space.l, 0, space.l, space.l)
        column.setSpacing(space.m)
        self.said = label("", wrap=True)
        self.advice = label("", "muted", wrap=True)
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setTabChangesFocus(True)
        self.text.setWordWrapMode(QTextOption.WrapMode.WrapAnywhere)
        self.text.setAccessibleName(_("Report"))
        about = _(
            "Nothing of this is sent anywhere. It holds nothing you wrote, and only the names of files."
        )
        self.copy = text_button(_("Copy the report"), "primary", self._copy)
        self._back = QTimer(self, singleShot=True, interval=SAID_MS)
        self._back.timeout.connect(lambda: self.copy.setText(_("Copy the report")))
        for widget in (self.said, self.advice):
            column.addWidget(widget)
        column.addWidget(self.text, 1)
        column.addWidget(label(about, "caption", wrap=True))
        column.addWidget(self.copy)
        notices.report_changed.connect(self.refresh)
        look = appearance()
        if look is not None:
            look.changed.connect(self._dress)
        self._dress()
        self.refresh()

    def refresh(self) -> None:
        problem = self._notices.reported
        self.said.setText(sentence(problem) if problem is not None else "")
        self.advice.setText(hint(problem) if problem is not None else "")
        self.text.setPlainText(self._notices.report)

    def _dress(self) -> None:
        """Read in columns, at the size of all text."""
        self.text.document().setDefaultFont(code_font(type_size.small))

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._notices.report)
        self.copy.setText(_("Copied"))
        self._back.start()
