"""How full the context window is: a thin bar and a line of words. Counts nothing."""

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QWidget

from desktop.i18n import _
from desktop.ui.conversation import wording
from desktop.ui.theme import set_kind, space
from desktop.view_models.turns import ContextUse

_FULL = 0.9  # from here on the bar warns


class ContextMeter(QWidget):
    """Keeps its height while it has nothing to say, so that the composer does not move."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.bar = QProgressBar(self)
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(96)
        self.bar.setAccessibleName(_("Context window"))
        self.label = QLabel(self)
        set_kind(self.label, "caption")
        self.warning = QLabel(self)
        set_kind(self.warning, "caption_amber")
        row = QHBoxLayout(self)
        row.setContentsMargins(space.m, 0, space.m, 0)
        row.setSpacing(space.s)
        for part in (self.bar, self.label, self.warning):
            row.addWidget(part, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addStretch()
        self._keep_height()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._keep_height()

    def _keep_height(self) -> None:
        self.label.ensurePolished()
        self.setFixedHeight(self.label.fontMetrics().height() + space.xs)

    def show_use(self, use: ContextUse | None) -> None:
        """Show how many tokens are used; None or no known limit shows nothing."""
        known = use is not None and use.limit_tokens > 0
        for part in (self.bar, self.label, self.warning):
            part.setVisible(known)
        if use is None or not known:
            return
        self.bar.setRange(0, use.limit_tokens)
        self.bar.setValue(min(use.used_tokens, use.limit_tokens))
        set_kind(self.bar, "amber" if use.used_tokens >= _FULL * use.limit_tokens else "quiet")
        self.label.setText(wording.context(use))
        self.warning.setText(wording.dropped(use))
