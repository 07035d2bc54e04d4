"""What went wrong apart from the conversation, in words, with what to do about it. Never a modal box."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from desktop.i18n import _
from desktop.ui.folding_row import FoldingRow
from desktop.ui.pieces import clear_layout, icon_button, icon_label, label, text_button, unbroken
from desktop.ui.theme import Token, set_kind, space
from desktop.ui.yielding import Yielding
from desktop.view_models.notices import Notice, NoticesViewModel, Subject
from desktop.words import hint, sentence


class NoticeBar(QFrame):
    """One notice: a sentence, what to do, and buttons for it."""

    restart_requested = Signal(str)  # the path of the model that is to be loaded again
    models_requested = Signal()
    dismissed = Signal(str)  # its subject
    report_requested = Signal(object)  # a Problem

    def __init__(self, notice: Notice, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.notice = notice
        set_kind(self, "card")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout(self)
        row.setContentsMargins(space.m, space.s, space.s, space.s)
        row.setSpacing(space.m)
        token: Token = "amber" if notice.subject in ("storage", "library") else "danger"
        row.addWidget(icon_label("warning", token), 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(2)
        told = sentence(notice.problem)
        said = label(unbroken(told), wrap=True)
        words.addWidget(said)
        advice = hint(notice.problem)
        if advice:
            words.addWidget(label(unbroken(advice), "muted", wrap=True))
        self.setAccessibleName(" ".join(part for part in (told, advice) if part))
        said_and_offered = FoldingRow()
        said_and_offered.setSpacing(space.m)
        said_and_offered.addLayout(words, 1)
        self.buttons = self._buttons()
        offered = FoldingRow()
        offered.setSpacing(space.s)
        for button in self.buttons:
            offered.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
        offered.addStretch(0)  # below the words they stand as wide as they are
        said_and_offered.addLayout(offered)
        row.addLayout(said_and_offered, 1)
        self.close_button = icon_button("close", _("Dismiss"), self._dismiss)
        row.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignTop)

    def _buttons(self) -> list[QWidget]:
        notice = self.notice
        if notice.subject == "engine":
            # a file that cannot be loaded is not started again: it is tried again, once it was replaced
            died = notice.problem.code in ("engine_died", "engine_start_failed")
            again = _("Restart") if died else _("Try again")
            restart = text_button(again, "", lambda: self.restart_requested.emit(notice.path))
            other = text_button(_("Other models"), "quiet", self.models_requested.emit)
            report = text_button(
                _("What happened"), "quiet", lambda: self.report_requested.emit(notice.problem)
            )
            told = [report] if notice.problem.detail else []
            return [restart, other, *told] if notice.path else [other, *told]
        if notice.subject in ("defect", "last_run"):
            return [text_button(_("What happened"), "", lambda: self.report_requested.emit(notice.problem))]
        return []

    def _dismiss(self) -> None:
        self.dismissed.emit(self.notice.subject)


class Notices(Yielding):
    """The notices there are, one above the other; nothing at all while there is none.

    They scroll where large text in a low window would leave no room for the conversation.
    """

    restart_requested = Signal(str)
    models_requested = Signal()
    report_requested = Signal(object)  # a Problem
    left = Signal()  # what had the keys is gone

    def __init__(self, notices: NoticesViewModel, parent: QWidget | None = None) -> None:
        self._rows = QWidget()
        super().__init__(self._rows, parent)
        self._notices = notices
        column = QVBoxLayout(self._rows)
        column.setContentsMargins(space.l, 0, space.l, space.s)
        column.setSpacing(space.s)
        self.bars: list[NoticeBar] = []
        self._elsewhere: frozenset[Subject] = frozenset()
        notices.changed.connect(self.refresh)
        self.refresh()

    def leave_out(self, subjects: frozenset[Subject]) -> None:
        """Something else in the window tells of these for now."""
        if subjects != self._elsewhere:
            self._elsewhere = subjects
            self.refresh()

    def refresh(self) -> None:
        held = self.window().focusWidget()
        had_keys = held is not None and self.isAncestorOf(held)
        clear_layout(self._rows)
        told = [notice for notice in self._notices.notices if notice.subject not in self._elsewhere]
        self.bars = [NoticeBar(notice) for notice in told]
        for bar in self.bars:
            bar.restart_requested.connect(self._restart)
            bar.models_requested.connect(self._show_models)
            bar.dismissed.connect(self._dismiss)
            bar.report_requested.connect(self.report_requested)
            layout = self._rows.layout()
            if layout is not None:
                layout.addWidget(bar)
        self.setVisible(bool(self.bars))
        self.fit()
        if had_keys:
            self.left.emit()

    def _restart(self, path: str) -> None:
        self.restart_requested.emit(path)

    def _show_models(self) -> None:
        self.models_requested.emit()

    def _dismiss(self, subject: Subject) -> None:
        self._notices.dismiss(subject)
