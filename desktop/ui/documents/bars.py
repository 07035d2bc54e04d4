"""What stands below the list while something happens: progress, an undo, a problem in words."""

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop.core.types import Problem
from desktop.i18n import _
from desktop.ui.documents import texts
from desktop.ui.documents.elided import ElidedLabel
from desktop.ui.pieces import icon_button, icon_label, label
from desktop.ui.theme import set_kind, space
from desktop.view_models.document_rows import Indexing, Removal

UNDO_MS = 12_000
_STEPS = 1000


class ProgressCard(QFrame):
    """Which file is being added, how far it is and how fast, and ways to pause and to stop it."""

    cancelled = Signal()
    pause_wanted = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._paused = False
        set_kind(self, "card")
        self._title, self._count, self._stage = ElidedLabel(self), QLabel(self), label(wrap=True)
        set_kind(self._count, "caption")
        set_kind(self._stage, "caption")
        self._count.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.bar = QProgressBar(self)
        set_kind(self.bar, "sage")
        self.bar.setTextVisible(False)
        self.cancel_button = QPushButton(self)
        set_kind(self.cancel_button, "quiet")
        self.cancel_button.clicked.connect(self.cancelled)
        self.pause_button = QPushButton(self)
        set_kind(self.pause_button, "quiet")
        self.pause_button.clicked.connect(lambda: self.pause_wanted.emit(not self._paused))
        self._pace = ElidedLabel(self, Qt.TextElideMode.ElideRight)
        set_kind(self._pace, "caption")
        top, bottom = QHBoxLayout(), QHBoxLayout()
        top.addWidget(self._title, 1)
        top.addWidget(self._count)
        said = QVBoxLayout()
        said.setSpacing(0)
        said.addWidget(self._stage)
        said.addWidget(self._pace)
        bottom.addLayout(said, 1)
        bottom.addWidget(self.pause_button)
        bottom.addWidget(self.cancel_button)
        box = QVBoxLayout(self)
        box.setContentsMargins(space.m, space.s, space.s, space.xs)
        box.setSpacing(space.xs)
        box.addLayout(top)
        box.addWidget(self.bar)
        box.addLayout(bottom)
        self._progress: Indexing | None = None
        self.retranslate()

    def retranslate(self) -> None:
        self.cancel_button.setText(_("Cancel"))
        self.bar.setAccessibleName(_("Adding documents"))
        self.show_progress(self._progress, paused=self._paused)

    def show_progress(self, progress: Indexing | None, *, paused: bool = False) -> None:
        """None: nothing is being added."""
        self._progress, self._paused = progress, paused
        self.setVisible(progress is not None)
        if progress is None:
            return
        self.pause_button.setText(_("Resume") if paused else _("Pause"))
        self.cancel_button.setVisible(progress.ours)
        pace = "" if paused else texts.progress_pace(progress)
        self._pace.setText(pace)
        self._pace.setVisible(bool(pace))
        self._title.setText(_("Paused") if paused else texts.progress_title(progress))
        self._count.setText(texts.progress_count(progress))
        self._stage.setText(texts.waiting_line(progress) if paused else texts.progress_stage(progress))
        # a bar without an end while nothing is known yet
        self.bar.setRange(0, _STEPS if progress.stage is not None or paused else 0)
        self.bar.setValue(round(progress.fraction * _STEPS))
        self.cancel_button.setEnabled(not progress.cancelling)


class UndoBar(QFrame):
    """What was removed, and a way to put it back, for a while."""

    undone = Signal()
    declined = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_kind(self, "card")
        self._label = ElidedLabel(self)
        self.undo_button, self.close_button = QPushButton(self), icon_button("close", "", self.declined.emit)
        set_kind(self.undo_button, "quiet")
        self.undo_button.clicked.connect(self.undone)
        box = QHBoxLayout(self)
        box.setContentsMargins(space.m, space.xs, space.xs, space.xs)
        box.setSpacing(space.xs)
        box.addWidget(self._label, 1)
        box.addWidget(self.undo_button)
        box.addWidget(self.close_button)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(UNDO_MS)
        self._timer.timeout.connect(self._time_is_up)
        self._removal: Removal | None = None
        self.retranslate()

    def retranslate(self) -> None:
        self.undo_button.setText(_("Undo"))
        self.close_button.setToolTip(_("Close"))
        self.close_button.setAccessibleName(_("Close"))
        if self._removal is not None:
            self._label.setText(texts.removal_line(self._removal))

    def show_removal(self, removal: Removal | None) -> None:
        """None: there is nothing to undo."""
        self._removal = removal
        self.setVisible(removal is not None)
        if removal is None:
            self._timer.stop()
            return
        self._label.setText(texts.removal_line(removal))
        self.setAccessibleName(texts.removal_line(removal))
        self._timer.start()

    def _time_is_up(self) -> None:
        # who is about to press the button is not raced
        if self.underMouse() or self.undo_button.hasFocus():
            self._timer.start()
        else:
            self.declined.emit()


class ProblemBar(QFrame):
    """A problem in words with what to do about it."""

    dismissed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_kind(self, "card")
        sign = icon_label("warning", "amber")
        self._label = label(wrap=True)
        self._label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.close_button = icon_button("close", "", self.dismissed.emit)
        box = QHBoxLayout(self)
        box.setContentsMargins(space.s, space.s, space.s, space.s)
        box.setSpacing(space.s)
        box.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
        box.addWidget(self._label, 1)
        box.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignTop)
        self._problem: Problem | None = None
        self.retranslate()

    def retranslate(self) -> None:
        self.close_button.setToolTip(_("Close"))
        self.close_button.setAccessibleName(_("Close"))
        self.show_problem(self._problem)

    def show_problem(self, problem: Problem | None, can_close: bool = True) -> None:
        """None: all is well."""
        self._problem = problem
        self.setVisible(problem is not None)
        if problem is not None:
            self._label.setText(texts.said(problem))
            self.setAccessibleName(texts.said(problem))
            self.close_button.setVisible(can_close)
