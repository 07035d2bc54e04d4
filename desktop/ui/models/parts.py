"""Small pieces of the models page: flowing texts, bars, a card's ground. They know no view model."""

from collections.abc import Callable

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFocusEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QLabel,
    QProgressBar,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from desktop.ui.folding_row import FoldingRow
from desktop.ui.pieces import ElidedLabel
from desktop.ui.theme import current_theme, radius, set_kind, space
from desktop.ui.theme.motion import show_busy

STEPS = 1000


def flowing(text: str = "", kind: str = "") -> QLabel:
    """A text of as many lines as it takes, in a card whose height is asked of its width. Never rich text."""
    shown = QLabel(text)
    shown.setTextFormat(Qt.TextFormat.PlainText)
    shown.setWordWrap(True)
    shown.setMinimumWidth(1)
    policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
    policy.setHeightForWidth(True)
    shown.setSizePolicy(policy)
    if kind:
        set_kind(shown, kind)
    return shown


def strong(text: str = "") -> ElidedLabel:
    """The name of what a card is about."""
    name = ElidedLabel(text)
    font = name.font()
    font.setBold(True)
    name.setFont(font)
    return name


def progress(name: str) -> QProgressBar:
    """A bar for 0..1, or without an end; `name` says what it shows."""
    bar = QProgressBar()
    bar.setRange(0, STEPS)
    bar.setTextVisible(False)
    bar.setAccessibleName(name)
    return bar


def show_share(bar: QProgressBar, share: float | None) -> None:
    """None: nobody knows how far it is."""
    if share is None:
        show_busy(bar)
    else:
        bar.setRange(0, STEPS)
        bar.setValue(round(share * STEPS))


def buttons_row(*widgets: QWidget) -> QBoxLayout:
    """Buttons at a card's right edge."""
    row = FoldingRow()
    row.setSpacing(space.s)
    row.addStretch(1)
    for widget in widgets:
        row.addWidget(widget)
    return row


class Card(QFrame):
    """A raised ground with a ring around it while it has the focus itself."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_kind(self, "card")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(space.l, space.m, space.m, space.m)
        self.column.setSpacing(space.xs)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self.hasFocus():
            return
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(theme.accent), theme.focus_px))
        inset = theme.focus_px / 2
        ring = QRectF(self.rect()).adjusted(inset, inset, -inset, -inset)
        painter.drawRoundedRect(ring, radius.card, radius.card)
        painter.end()


class Shown:
    """Shows a widget made when it is first needed: most cards never need most of their parts."""

    def __init__(self, make: Callable[[], QWidget], put: Callable[[QWidget], None]) -> None:
        self._make, self._put = make, put
        self.widget: QWidget | None = None

    def show(self, visible: bool) -> QWidget | None:
        """The widget where it is to be seen, else None."""
        if visible and self.widget is None:
            self.widget = self._make()
            self._put(self.widget)
        if self.widget is not None:
            self.widget.setVisible(visible)
        return self.widget if visible else None
