"""What the window shows while the core opens, and when it cannot."""

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from desktop.core.types import Problem
from desktop.i18n import _
from desktop.ui.pieces import icon_label, label, line, text_button, unbroken
from desktop.ui.theme import grow, layout, set_kind, space
from desktop.ui.theme.motion import show_busy
from desktop.ui.yielding import Scrolling
from desktop.words import hint, sentence

WIDEST_PX = 480
PATIENCE_MS = 300  # shorter waits are not worth a word


class OpeningPage(QWidget):
    """The window's two grounds, and after a moment what it is waiting for."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        side = QWidget()
        set_kind(side, "panel")
        side.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        side.setFixedWidth(layout.sidebar_px)
        ground = QWidget()
        column = QVBoxLayout(ground)
        column.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column.setSpacing(space.m)
        self.words = label(_("Opening your chats"), "muted")
        self.words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.bar = QProgressBar()
        show_busy(self.bar)
        self.bar.setFixedWidth(160)
        for widget in (self.words, self.bar):
            column.addWidget(widget, 0, Qt.AlignmentFlag.AlignCenter)
            widget.hide()
        row.addWidget(side)
        row.addWidget(line("line_v"))
        row.addWidget(ground, 1)
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.timeout.connect(self.speak)
        self._patience.start(PATIENCE_MS)

    def speak(self) -> None:
        self.words.show()
        self.bar.show()


class FailurePage(QWidget):
    """Why the program cannot open its data, what to do, and another try."""

    retry_requested = Signal()
    quit_requested = Signal()

    def __init__(self, problem: Problem, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        outer = QHBoxLayout(self)
        outer.addStretch(1)
        middle = QWidget()
        grow(middle, most_width=WIDEST_PX)
        column = QVBoxLayout(middle)
        column.setSpacing(space.m)
        column.addStretch(2)
        column.addWidget(icon_label("warning", "amber", 32))
        said = label(unbroken(sentence(problem)), "heading", wrap=True)
        column.addWidget(said)
        advice = hint(problem)
        if advice:
            column.addWidget(label(unbroken(advice), wrap=True))
        column.addSpacing(space.s)
        buttons = QHBoxLayout()
        self.retry = text_button(_("Try again"), "primary", self.retry_requested.emit)
        self.quit = text_button(_("Close"), "", self.quit_requested.emit)
        buttons.addWidget(self.retry)
        buttons.addWidget(self.quit)
        buttons.addStretch(1)
        column.addLayout(buttons)
        column.addStretch(3)
        scrolled = Scrolling(middle)  # large text in a low window
        grow(scrolled, most_width=WIDEST_PX)
        outer.addWidget(scrolled, 4)
        outer.addStretch(1)
        self.setAccessibleName(sentence(problem))
