"""Where a document's password is typed. Asks and forwards; forgets what was typed at once."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from desktop.i18n import _
from desktop.ui.documents.elided import ElidedLabel
from desktop.ui.pieces import label
from desktop.ui.theme import set_kind, space
from desktop.view_models.document_rows import DocumentRow
from desktop.view_models.passwords import PasswordQuestion


class PasswordCard(QFrame):
    """Enter tries the password, Escape gives up."""

    def __init__(self, question: PasswordQuestion, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_kind(self, "card")
        self._question = question
        self._asked: DocumentRow | None = None
        self._title = ElidedLabel(self)
        self.field = QLineEdit(self)
        self.field.setEchoMode(QLineEdit.EchoMode.Password)
        self.keep = QCheckBox(self)
        self._where = label("", "caption", wrap=True)
        self.open_button, self.cancel_button = QPushButton(self), QPushButton(self)
        set_kind(self.open_button, "primary")
        set_kind(self.cancel_button, "quiet")
        buttons = QHBoxLayout()
        buttons.setSpacing(space.s)
        buttons.addStretch(1)
        buttons.addWidget(self.cancel_button)
        buttons.addWidget(self.open_button)
        box = QVBoxLayout(self)
        box.setContentsMargins(space.m, space.s, space.m, space.s)
        box.setSpacing(space.s)
        box.addWidget(self._title)
        box.addWidget(self.field)
        box.addWidget(self.keep)
        box.addWidget(self._where)
        box.addLayout(buttons)
        self.field.textChanged.connect(lambda text: self.open_button.setEnabled(bool(text)))
        self.field.returnPressed.connect(self._answer)
        self.open_button.clicked.connect(self._answer)
        self.cancel_button.clicked.connect(question.give_up)
        question.changed.connect(self._show)
        self.retranslate()

    def retranslate(self) -> None:
        self.field.setPlaceholderText(_("Password"))
        self.keep.setText(_("Remember it"))
        self._where.setText(_("In the system's keyring, which is locked with your account."))
        self.keep.setAccessibleDescription(self._where.text())
        self.open_button.setText(_("Open"))
        self.cancel_button.setText(_("Cancel"))
        self._show()

    def _show(self) -> None:
        row = self._question.row
        self.setVisible(row is not None)
        for part in (self.keep, self._where):
            part.setVisible(self._question.can_keep)
        if row is not None:
            self._title.setText(_("Password of {file}").format(file=row.name))
            self.field.setAccessibleName(self._title.text())
        if row is not self._asked:
            self._asked = row
            self.field.clear()
            self.keep.setChecked(False)
            self.open_button.setEnabled(False)
            if row is not None:
                self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _answer(self) -> None:
        self._question.answer(self.field.text(), keep=self.keep.isChecked())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._question.give_up()
        else:
            super().keyPressEvent(event)
