"""The page of the first run: one step at a time, its title, what it asks, and the way on. Decides nothing."""

from itertools import pairwise

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from desktop.i18n import _, number
from desktop.ui.folding_row import FoldingRow
from desktop.ui.pieces import label, text_button
from desktop.ui.scrolled import ScrollingColumn
from desktop.ui.theme import grow, space
from desktop.ui.welcome.steps import DocumentsStep, LanguageStep, ModelStep, Part
from desktop.view_models.session import Session
from desktop.view_models.welcome import STEPS

WIDTH_PX = 560


class WelcomePage(QWidget):
    """Leaving it keeps its step; `closed` also when it is done."""

    closed = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._welcome = session.welcome
        self.setAccessibleName(_("Welcome"))
        self._shown = ""
        self.part: Part | None = None
        self._build()
        self._welcome.changed.connect(self.refresh)
        self.refresh()

    def _build(self) -> None:
        inner = QWidget()
        grow(inner, most_width=WIDTH_PX)
        self._column = QVBoxLayout(inner)
        self._column.setContentsMargins(space.l, space.xl, space.l, space.l)
        self._column.setSpacing(space.m)
        self.far = label("", "caption")
        self.title = label("", "heading", wrap=True)
        self.words = label("", "muted", wrap=True)
        self.skip = text_button(_("Skip the introduction"), "link", self._skip)
        self.back = text_button(_("Back"), "", lambda: self._welcome.go(-1))
        self.on = text_button(_("Continue"), "primary", self._go_on)
        foot = FoldingRow()
        foot.setSpacing(space.s)
        foot.addWidget(self.skip)
        foot.addStretch(1)
        foot.addWidget(self.back)
        foot.addWidget(self.on)
        for widget in (self.far, self.title, self.words):
            self._column.addWidget(widget)
        self._place = QVBoxLayout()
        self._column.addLayout(self._place)
        self._column.addSpacing(space.m)
        self._column.addLayout(foot)
        self._column.addStretch(1)
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 0)
        page.addWidget(ScrollingColumn(inner))

    # ── what it shows ──

    def refresh(self) -> None:
        step = self._welcome.step
        if step not in STEPS:
            return
        if step != self._shown:
            self._shown = step
            self._change_part()
        self.far.setText(
            _("{step} of {steps}").format(step=number(STEPS.index(step) + 1), steps=number(len(STEPS)))
        )
        self.back.setVisible(step != STEPS[0])
        if self.part is not None:
            self.part.refresh()
            self.on.setText(self.part.on_words())
            self.on.setEnabled(self.part.can_go_on())
            self._order()

    def _order(self) -> None:
        """Tab goes down the page: what the step asks, then the ways on."""
        inside = self.part.findChildren(QWidget) if self.part is not None else []
        stops = [one for one in inside if one.focusPolicy() & Qt.FocusPolicy.TabFocus]
        for before, after in pairwise((*stops, self.on, self.back, self.skip)):
            QWidget.setTabOrder(before, after)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._order()  # Qt orders the widgets of one window alone

    def _change_part(self) -> None:
        if self.part is not None:
            self.part.hide()
            self.part.deleteLater()
        make = {"language": LanguageStep, "model": ModelStep, "documents": DocumentsStep}[self._shown]
        self.part = make(self._session)
        self.part.changed.connect(self.refresh)
        self.part.done.connect(self._finish)
        self._place.addWidget(self.part)
        title, words = self.part.says()
        self.title.setText(title)
        self.words.setText(words)
        if self.isVisible():
            self.focus_first()

    def focus_first(self) -> None:
        first = self.part.first() if self.part is not None else None
        (first or self.on).setFocus(Qt.FocusReason.OtherFocusReason)

    def _chosen(self) -> bool:
        """Whether Enter is meant for the whole step: a button has it for itself."""
        return self.on.isEnabled() and not isinstance(self.focusWidget(), QPushButton)

    # ── ways on ──

    def _go_on(self) -> None:
        if self.part is not None:
            self.part.take()
        if self._shown == STEPS[-1]:
            self._finish()
        else:
            self._welcome.go(1)

    def _skip(self) -> None:
        self._finish()

    def _finish(self) -> None:
        self._welcome.finish()
        self._shown = ""
        self.closed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()  # not for good: it comes back at the next start
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._chosen():
            self._go_on()
        else:
            super().keyPressEvent(event)
