"""Words to look for in the open document, with the hit before and the next one. Escape goes back."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QWidget

from desktop.i18n import _
from desktop.ui.pieces import icon_button
from desktop.ui.theme import set_kind, space
from desktop.view_models.document_find import DocumentFind


class FindRow(QWidget):
    """Enter looks on, Shift+Enter back."""

    def __init__(self, find: DocumentFind, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._find = find
        self.field = QLineEdit(self)
        self.say = QLabel(self)
        set_kind(self.say, "muted")
        self.back = icon_button("chevron_left", "", lambda: self._look(-1))
        self.on = icon_button("chevron_right", "", lambda: self._look(1))
        row = QHBoxLayout(self)
        row.setContentsMargins(space.s, 0, space.s, space.s)
        row.setSpacing(space.xs)
        row.addWidget(self.field, 1)
        for part in (self.say, self.back, self.on):
            row.addWidget(part)
        find.changed.connect(self._told)
        self.retranslate()

    def retranslate(self) -> None:
        self.field.setPlaceholderText(_("Search in this document"))
        self.field.setAccessibleName(_("Search in this document"))
        for button, name in ((self.back, _("Previous hit")), (self.on, _("Next hit"))):
            button.setToolTip(name)
            button.setAccessibleName(name)
        self._told()

    def _look(self, by: int) -> None:
        self._find.look(self.field.text(), by)

    def _told(self) -> None:
        words = {"none": _("Not found"), "looking": _("Searching")}.get(self._find.state, "")
        self.say.setText(words)
        self.say.setVisible(bool(words))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            shift = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            self._look(-1 if shift else 1)
        elif event.key() == Qt.Key.Key_Escape and self.field.text():
            self.field.clear()
            self._find.leave()
        else:
            super().keyPressEvent(event)
