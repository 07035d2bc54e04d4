"""A sign at the beginning of a field and the cross that empties it. Both grow with the size of text, which
those that Qt puts there do not.
"""

from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QLineEdit, QToolButton, QWidget

from desktop.i18n import _
from desktop.ui.pieces import icon_label
from desktop.ui.theme import grow, grown, icon, space

SIGN_PX: Final = 16
CROSS_PX: Final = 22
_LOOKS_ANEW: Final = (QEvent.Type.Resize, QEvent.Type.StyleChange, QEvent.Type.FontChange, QEvent.Type.Show)


def lead_with_icon(line: QLineEdit, name: str) -> None:
    """An icon at the beginning of a field. It cannot be pressed, and says nothing that the field does not."""
    sign = icon_label(name, "muted", SIGN_PX)
    sign.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    _signs(line).put(sign)


def put_clear_button(line: QLineEdit, tip: str = "") -> QToolButton:
    """The cross that empties a field, there while it holds something."""
    cross = QToolButton()
    cross.setIcon(icon("close", "muted"))
    grow(cross, side=CROSS_PX, icon=SIGN_PX - 2)
    cross.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the field has a key for it: its own
    cross.setCursor(Qt.CursorShape.ArrowCursor)
    cross.setToolTip(tip or _("Clear the field"))
    cross.setAccessibleName(tip or _("Clear the field"))
    cross.clicked.connect(line.clear)
    _signs(line).put(cross, at_end=True)
    return cross


class _Signs(QObject):
    """Keeps both in their places."""

    def __init__(self, line: QLineEdit) -> None:
        super().__init__(line)
        self._line = line
        self._first: QWidget | None = None
        self._last: QWidget | None = None
        line.installEventFilter(self)
        line.textChanged.connect(lambda _text: self._show_last())

    def put(self, sign: QWidget, *, at_end: bool = False) -> None:
        sign.setParent(self._line)
        if at_end:
            self._last = sign
        else:
            self._first = sign
            sign.show()
        self._show_last()
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: ARG002
        if event.type() in _LOOKS_ANEW:
            self._place()
        return False

    def _show_last(self) -> None:
        if self._last is not None:
            self._last.setVisible(bool(self._line.text()) and not self._line.isReadOnly())

    def _place(self) -> None:
        line = self._line
        before = after = 0
        if self._first is not None:
            px = grown(SIGN_PX)
            self._first.move(space.s + 1, (line.height() - px) // 2)
            before = px + space.xs
        if self._last is not None:
            px = grown(CROSS_PX)
            self._last.move(line.width() - px - space.xs, (line.height() - px) // 2)
            after = px - space.xs
        margins = line.textMargins()
        if (margins.left(), margins.right()) != (before, after):
            line.setTextMargins(before, 0, after, 0)


def _signs(line: QLineEdit) -> _Signs:
    found = line.findChild(_Signs)
    return found if isinstance(found, _Signs) else _Signs(line)
