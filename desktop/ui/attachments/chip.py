"""One file as a small card: its name opens it, a cross takes it away. Decides nothing."""

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QFontMetrics, QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QSizePolicy, QToolButton, QWidget

from desktop.i18n import _
from desktop.ui.theme import grow, grown, icon, set_kind, space

NAME_PX: Final = 200
SMALL: Final = 22


class Chip(QFrame):
    """Enter opens it, Delete takes it away."""

    open_wanted = Signal()
    remove_wanted = Signal()
    text_wanted = Signal()  # its text is to stand where the person writes

    def __init__(self, name: str, parent: QWidget, *, pasted: bool = False) -> None:
        super().__init__(parent)
        self._name = name
        set_kind(self, "chip")
        self.body = QToolButton(self)
        self.body.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        grow(self.body, icon=16, least_height=SMALL + 4)
        self.body.clicked.connect(self.open_wanted)
        metrics = QFontMetrics(self.body.font())
        shown = metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, grown(NAME_PX))
        self.body.setText(shown.replace("&", "&&"))
        self.detail = QLabel(self)
        set_kind(self.detail, "caption")
        self.back = self._button("edit", _("Put back into your message"))
        self.back.clicked.connect(self.text_wanted)
        self.back.setVisible(pasted)
        self.close_button = self._button("close", _("Remove {name}").format(name=name))
        self.close_button.clicked.connect(self.remove_wanted)
        row = QHBoxLayout(self)
        row.setContentsMargins(2, 2, 2, 2)
        row.setSpacing(space.xs)
        row.addWidget(self.body)
        row.addWidget(self.detail)
        row.addWidget(self.back)
        row.addWidget(self.close_button)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.say("", trouble=False)

    def _button(self, name: str, tip: str) -> QToolButton:
        button = QToolButton(self)
        button.setIcon(icon(name))
        grow(button, icon=14, side=SMALL)
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        return button

    def say(self, detail: str, *, trouble: bool, ready: bool = True, tip: str = "") -> None:
        """What stands behind the name. One that is not ready cannot be opened."""
        self.detail.setText(detail)
        self.detail.setVisible(bool(detail))
        set_kind(self, "chip_trouble" if trouble else "chip")
        set_kind(self.detail, "caption_danger" if trouble else "caption")
        self.body.setIcon(icon("warning" if trouble else "page", "danger" if trouble else "sage"))
        self.body.setEnabled(ready or trouble)
        self.body.setToolTip(tip or self._name)
        self.body.setAccessibleName(f"{self._name}, {detail}" if detail else self._name)
        self.adjustSize()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.remove_wanted.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.body.hasFocus():
            self.body.click()
        else:
            super().keyPressEvent(event)

    def menu(self) -> QMenu:
        """All that can be done with it."""
        made = QMenu(self)
        made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        made.addAction(icon("page"), _("Open"), self.open_wanted.emit).setEnabled(self.body.isEnabled())
        if not self.back.isHidden():
            made.addAction(icon("edit"), _("Put back into your message"), self.text_wanted.emit)
        made.addAction(icon("close"), _("Remove"), self.remove_wanted.emit)
        return made

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu().popup(event.globalPos())
