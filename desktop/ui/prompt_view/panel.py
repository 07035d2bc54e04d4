"""The panel of the context: what the model is about to receive, all of it, and how it is made up."""

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from desktop.i18n import _, ngettext, number
from desktop.ui.folding_row import FoldingRow
from desktop.ui.line_signs import lead_with_icon
from desktop.ui.pieces import icon_button, label, text_button, unbroken
from desktop.ui.prompt_view import wording
from desktop.ui.prompt_view.finder import Finder
from desktop.ui.prompt_view.legend import Legend
from desktop.ui.prompt_view.parts_bar import PartsBar
from desktop.ui.prompt_view.prompt_canvas import PromptCanvas
from desktop.ui.theme import space, text_scale
from desktop.view_models.context import ContextViewModel

LEGEND_SHARE = 0.42  # of the panel's height, at most
LEGEND_LEAST_PX = 48

LARGE_TEXT = 1.5

WITHOUT_A_MODEL = ("no_model", "model_missing")  # problems that another model is the answer to


class _SearchField(QLineEdit):
    step = Signal(int)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F3):
            self.step.emit(-1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
        elif event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
        else:
            super().keyPressEvent(event)


class ContextPanel(QWidget):
    """Follows the draft while it stands open."""

    models_wanted = Signal()

    def __init__(self, context: ContextViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._finder = Finder()
        column = QVBoxLayout(self)
        column.setContentsMargins(space.l, 0, 0, space.m)
        column.setSpacing(space.s)
        # two columns: rows without anything to show would keep what stands in one with them narrow
        told, top = QVBoxLayout(), QVBoxLayout()
        for part in (told, top):
            part.setContentsMargins(0, 0, space.l, 0)
            part.setSpacing(space.s)
        self.say = label("", "muted", wrap=True)
        self.say.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.total = label("", "text")
        self.bar = PartsBar(10)
        self.legend = Legend()
        self.explain = text_button("", "link", self._toggle_explain)
        head = FoldingRow()
        head.addWidget(self.total, 1)
        head.addWidget(self.explain)
        self.choose = text_button(_("Choose a model"), "primary", self.models_wanted.emit)
        told.addWidget(self.say)
        told.addWidget(self.choose, 0, Qt.AlignmentFlag.AlignLeft)
        top.addLayout(head)
        top.addWidget(self.bar)
        top.addWidget(self.legend)
        top.addLayout(self._tools())
        column.addLayout(told)
        column.addLayout(top)
        self.canvas = PromptCanvas()
        self.canvas.pin_wanted.connect(lambda key, pinned: context.pin(key, pinned=pinned))
        self.canvas.moved.connect(self._show_token)
        column.addWidget(self.canvas, 1)
        self.state = label("", "caption", wrap=True)
        self.state.setContentsMargins(0, 0, space.l, 0)
        column.addWidget(self.state)
        self._rest = QWidget()  # keeps the words above while there is nothing else
        column.addWidget(self._rest, 1)
        self.legend.explain(text_scale() < LARGE_TEXT)  # the prompt itself needs the room then
        self._name_explain()
        context.changed.connect(self.refresh)
        self.refresh()

    def _tools(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(space.xs)
        self.search = _SearchField()
        self.search.setPlaceholderText(_("Search the prompt"))
        self.search.setAccessibleName(_("Search the prompt"))
        lead_with_icon(self.search, "search")
        self._typed = QTimer(self, interval=150, singleShot=True)
        self._typed.timeout.connect(self._find)
        self.search.textChanged.connect(lambda _text: self._typed.start())
        self.search.step.connect(self._next)
        self.hits = label("", "caption")
        self.blanks = icon_button("blanks", _("Show spaces and line ends"), self.refresh)
        self.blanks.setCheckable(True)
        self.copy = icon_button("copy", _("Copy the whole prompt"), self._copy)
        for widget in (self.search, self.hits, self.blanks, self.copy):
            row.addWidget(widget, 1 if widget is self.search else 0)
        return row

    def refresh(self) -> None:
        """Show the prompt as it is known now."""
        prompt = self._context.prompt
        context = self._context
        words = wording.introduction(prompt, context.problem, searches=context.searches)
        self.say.setText(unbroken(words))
        known = prompt is not None
        problem = context.problem
        self.choose.setVisible(not known and problem is not None and problem.code in WITHOUT_A_MODEL)
        self._rest.setVisible(not known)
        for part in (self.total, self.explain, self.bar, self.legend, self.canvas, self.search, self.copy):
            part.setVisible(known)
        for part in (self.blanks, self.hits, self.state):
            part.setVisible(known)
        if prompt is None:
            return
        self.bar.show_plan(prompt.plan)
        self.total.setText(wording.total(prompt.plan))
        self.legend.show_plan(prompt.plan)
        if prompt.tokens:
            left, replies = self._context.left_out, self._context.replies
            self.canvas.show_prompt(prompt, left, replies, blanks=self.blanks.isChecked())
            self._finder.read([token.text for token in prompt.tokens])
            self._find(go=False)
            self._show_token(self.canvas.here)
        else:
            self.state.setText(_("One moment"))

    def _toggle_explain(self) -> None:
        self.legend.explain(not self.legend.explains)
        self._name_explain()

    def _name_explain(self) -> None:
        self.explain.setText(_("Names alone") if self.legend.explains else _("What is what?"))

    def _show_token(self, token: int) -> None:
        self.state.setText(self.canvas.tip(token) if token >= 0 else wording.keys())

    def _copy(self) -> None:
        QApplication.clipboard().setText(self.canvas.text)

    # ── searching ──

    def _find(self, *, go: bool = True) -> None:
        count = self._finder.find(self.search.text())
        self.canvas.found = self._finder.tokens
        self.canvas.viewport().update()
        if go and count:
            self._next(0)
        else:
            self._say_hits()

    def _next(self, step: int) -> None:
        token = self._finder.step(step, self.canvas.here)
        if token is not None:
            self.canvas.go_to(token)
        self._say_hits()

    def _say_hits(self) -> None:
        count = self._finder.count
        words = ngettext("{count} hit", "{count} hits", count).format(count=number(count))
        self.hits.setText(words if self.search.text() else "")

    # ── while it stands open ──

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._context.set_detailed(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._context.set_detailed(False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        column = self.layout()
        others = column.totalMinimumSize().height() - self.legend.height() if column is not None else 0
        share = min(round(self.height() * LEGEND_SHARE), self.height() - others)
        self.legend.most_px = max(LEGEND_LEAST_PX, share)
        self.legend.fit()
