"""How full the context window is: a bar by parts and words, which lead to all of it. Counts nothing."""

from PySide6.QtCore import QEvent, QRectF, Qt
from PySide6.QtGui import QColor, QEnterEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QWidget

from desktop.core.types import ContextPlan
from desktop.i18n import _
from desktop.ui.pieces import ElidedLabel
from desktop.ui.prompt_view import wording
from desktop.ui.prompt_view.parts_bar import PartsBar
from desktop.ui.theme import current_theme, radius, set_kind, space
from desktop.view_models.context import ContextViewModel

BAR_PX = 120
_FULL = 0.9  # from here on the words warn


class ContextMeter(QAbstractButton):
    """Keeps its height while it has nothing to say, so that the composer does not move."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._context: ContextViewModel | None = None
        self._hovered = False
        self.bar = PartsBar(6, self)
        self.bar.setFixedWidth(BAR_PX)
        self.label = ElidedLabel("", "caption")
        self.warning = ElidedLabel("", "caption_amber")
        row = QHBoxLayout(self)
        row.setContentsMargins(space.m, 0, space.m, 0)
        row.setSpacing(space.s)
        for part in (self.bar, self.label, self.warning):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            row.addWidget(part, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addStretch()
        self._keep_height()
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.show_plan(None)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._keep_height()

    def _keep_height(self) -> None:
        self.label.ensurePolished()
        self.setFixedHeight(self.label.fontMetrics().height() + space.s)

    def follow(self, context: ContextViewModel) -> None:
        """Show what this one knows, from now on; a click asks for all of it."""
        self._context = context
        context.changed.connect(self._refresh)
        self.clicked.connect(context.open_wanted)
        self._refresh()

    def _refresh(self) -> None:
        prompt = self._context.prompt if self._context is not None else None
        self.show_plan(prompt.plan if prompt is not None else None)

    def show_plan(self, plan: ContextPlan | None) -> None:
        """None, or a window of no known size, shows nothing."""
        known = plan is not None and plan.limit_tokens > 0
        for part in (self.bar, self.label, self.warning):
            part.setVisible(known)
        self.setEnabled(known)
        self.bar.show_plan(plan)
        if plan is None or not known:
            self.setAccessibleName(_("Context window"))
            return
        self.label.set_text(wording.meter(plan))
        self.warning.set_text(wording.left_out(plan))
        set_kind(
            self.label, "caption_amber" if plan.prompt_tokens >= _FULL * plan.limit_tokens else "caption"
        )
        numbers = wording.spoken(plan)
        self.setToolTip(numbers)
        self._fit()
        self.setAccessibleName(_("Context window"))
        self.setAccessibleDescription(numbers.replace("\n", ", "))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """What is left out comes first where there is little room, then the count, then the bar."""
        if not self.isEnabled():
            return
        room = self.width() - 2 * space.m
        warning = self.warning.sizeHint().width() if self.warning.accessibleName() else 0
        label = self.label.sizeHint().width()
        self.label.setVisible(not warning or warning + space.s + label <= room)
        used = warning + (label + space.s if not self.label.isHidden() else 0)
        self.bar.setVisible(used + space.s + BAR_PX <= room)

    def enterEvent(self, event: QEnterEvent) -> None:
        self._hovered = True
        self.update()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._hovered = False
        self.update()
        super().leaveEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        """The words and the bar paint themselves; this is what tells that there is more behind them."""
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        end = self.warning if self.warning.text() and not self.warning.isHidden() else self.label
        box = QRectF(space.m - 6.0, 0.5, end.geometry().right() - space.m + 14.0, self.height() - 1.0)
        painter.setPen(Qt.PenStyle.NoPen)
        if self._hovered and self.isEnabled():
            painter.setBrush(QColor(theme.panel))
            painter.drawRoundedRect(box, radius.small, radius.small)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(theme.accent), theme.focus_px))
            painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), radius.small, radius.small)
