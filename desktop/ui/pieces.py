"""Small widgets that the window is put together from. They know no view model."""

import re
from bisect import bisect_left
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QComboBox,
    QFrame,
    QLabel,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from desktop.ui.theme import Token, grow, icon, set_kind, space

FIELD_TEXT_PX: Final = 9  # from the edge of a field to its text
ICON_PX = 20
BUTTON_PX = 32
FEWEST_LETTERS = 5
CHOICE_LETTERS = 10
_OPTION: Final = re.compile(r"--[\w-]+")
_ROOT: Final = re.compile(r"(?<!\S)/(?=\w)")


def icon_button(name: str, tip: str, clicked: Callable[[], object] | None = None) -> QToolButton:
    """A square button that shows an icon; its tip is its name for those who cannot see it."""
    button = QToolButton()
    button.setIcon(icon(name))
    grow(button, side=BUTTON_PX, icon=ICON_PX)
    button.setToolTip(tip)
    button.setAccessibleName(tip)
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    if clicked is not None:
        button.clicked.connect(lambda: clicked())
    return button


def text_button(text: str, kind: str = "", clicked: Callable[[], object] | None = None) -> QPushButton:
    """A button with words, in one of the theme's looks."""
    button = QPushButton(text)
    if kind:
        set_kind(button, kind)
    button.setAutoDefault(False)
    if clicked is not None:
        button.clicked.connect(lambda: clicked())
    return button


def put_icon(button: QPushButton, name: str, token: Token) -> None:
    """An icon before a button's words, at a distance that Qt itself does not leave."""
    button.setIcon(icon(name, token))
    grow(button, icon=ICON_PX, icon_width=ICON_PX + space.xs)


def choice_box() -> QComboBox:
    """A list to choose from that takes the width it is given: its longest entry does not widen a page."""
    made = QComboBox()
    made.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    made.setMinimumContentsLength(CHOICE_LETTERS)
    return made


def align_number(box: QAbstractSpinBox) -> None:
    """Its number stands where other fields have their text: a style sheet does not reach inside."""
    box.lineEdit().setTextMargins(FIELD_TEXT_PX, 0, 0, 0)


def leave_the_wheel(field: QWidget) -> None:
    """Scrolling the page over a field changes nothing in it, and does not give it the keys either."""
    field.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    field.installEventFilter(_Wheelless(field))


class _Wheelless(QObject):
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Wheel and isinstance(watched, QWidget) and not watched.hasFocus():
            event.ignore()
            return True
        return False


def label(text: str = "", kind: str = "", *, wrap: bool = False) -> QLabel:
    """A text in one of the theme's looks. Never rich text: what it shows may come from a file."""
    shown = _Wrapped(text) if wrap else QLabel(text)
    shown.setTextFormat(Qt.TextFormat.PlainText)
    if kind:
        set_kind(shown, kind)
    return shown


def unbroken(text: str) -> str:
    """`text`, with no line ending inside an option such as --data-dir or behind the first sign of /home. Not
    for what is copied."""
    return _ROOT.sub("/\u2060", _OPTION.sub(lambda found: found[0].replace("-", "-\u2060"), text))


class _Wrapped(QLabel):
    """Several lines that are never squeezed: layouts ask a wrapped label for less than its text needs."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.setWordWrap(True)

    def setText(self, text: str) -> None:
        super().setText(text)
        self._keep_height()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._keep_height()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._keep_height()

    def _keep_height(self) -> None:
        self.setMinimumHeight(0)  # what it asks for is never less than its minimum: it would not shrink
        if self.text():
            self.setMinimumHeight(self.heightForWidth(self.width()))


class Balanced(_Wrapped):
    """Words in the middle whose lines are about as long as each other."""

    def __init__(self, text: str, kind: str = "") -> None:
        super().__init__(text)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        if kind:
            set_kind(self, kind)

    def _keep_height(self) -> None:
        spare = (self.width() - balanced_px(self, self.width())) // 2
        if spare != self.contentsMargins().left():  # other margins are told as another size
            self.setContentsMargins(spare, 0, spare, 0)
        super()._keep_height()


def balanced_px(said: QLabel, width_px: int) -> int:
    """The least width at which a label has no more lines than at this one: the last is no single word."""
    said.setMinimumSize(0, 0)  # what it asks for is never less
    margins, metrics = said.contentsMargins(), said.fontMetrics()
    around = margins.left() + margins.right()
    high = said.heightForWidth(width_px + around)
    if high < 2 * metrics.lineSpacing():
        return width_px
    longest = max(map(metrics.horizontalAdvance, said.text().split()), default=0) + 2
    least = min(longest, width_px)
    return bisect_left(range(width_px), -high, least, key=lambda px: -said.heightForWidth(px + around))


def line(kind: str = "line") -> QFrame:
    """A hairline; "line_v" stands upright."""
    hairline = QFrame()
    set_kind(hairline, kind)
    return hairline


def icon_label(name: str, token: Token, size_px: int = ICON_PX) -> QLabel:
    """An icon that cannot be pressed."""
    return _Icon(name, token, size_px)


class _Icon(QLabel):
    """Painted anew each time, so that it follows a change of theme."""

    def __init__(self, name: str, token: Token, size_px: int) -> None:
        super().__init__()
        self._icon = icon(name, token)
        grow(self, side=size_px)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter = QPainter(self)
        self._icon.paint(painter, self.rect())
        painter.end()


class ElidedLabel(QLabel):
    """One line that ends in an ellipsis where there is no room; the tip then has all of it.

    `least_share`: of its letters; where fewer fit, it shows none.
    """

    def __init__(self, text: str = "", kind: str = "", *, least_share: float = 0.0) -> None:
        super().__init__()
        self._least_share = least_share
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        if kind:
            set_kind(self, kind)
        self.set_text(text)

    def set_text(self, text: str) -> None:
        self._whole = text
        self.setAccessibleName(text)
        self.updateGeometry()
        self._fit()

    def sizeHint(self) -> QSize:
        # one pixel more than the text: measuring rounds down
        return QSize(self.fontMetrics().horizontalAdvance(self._whole) + 2, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())

    def resizeEvent(self, event: object) -> None:  # noqa: ARG002
        self._fit()

    def _fit(self) -> None:
        shown = self.fontMetrics().elidedText(self._whole, Qt.TextElideMode.ElideRight, self.width())
        self.setToolTip(self._whole if shown != self._whole else "")
        fewest = max(FEWEST_LETTERS, round(self._least_share * len(self._whole)))
        if shown != self._whole and len(shown) < fewest:
            shown = ""  # "C…" says less than nothing
        super().setText(shown)


def clear_layout(widget: QWidget) -> None:
    """Take everything out of a widget's layout and let it go."""
    layout = widget.layout()
    while layout is not None and layout.count():
        item = layout.takeAt(0)
        child = item.widget() if item is not None else None
        if child is not None:
            child.hide()
            child.deleteLater()
