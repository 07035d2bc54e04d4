"""The cards of the page: a heading, a sentence and buttons each, and the one of the job."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QTextCursor
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QVBoxLayout, QWidget

from desktop.core.types.exchange import BackupProgress, ExportingChats, ImportingChats
from desktop.i18n import _
from desktop.ui.folding_row import FoldingRow
from desktop.ui.models.parts import STEPS, progress
from desktop.ui.pieces import label, text_button
from desktop.ui.theme import set_kind, space
from desktop.ui.your_data import texts
from desktop.view_models.exchange import ExchangeViewModel
from desktop.words import exchange as exchange_words

_REPORT_LINES = 12


class Card(QFrame):
    """A heading, what it is about, and a row of buttons."""

    def __init__(self, heading: str, sentence: str, *buttons: QWidget) -> None:
        super().__init__()
        set_kind(self, "card")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(space.l, space.m, space.l, space.m)
        self.column.setSpacing(space.s)
        if heading:
            self.column.addWidget(label(heading, "section"))
        if sentence:
            self.column.addWidget(label(sentence, "muted", wrap=True))
        self.row = FoldingRow()
        self.row.setSpacing(space.s)
        for button in buttons:
            self.row.addWidget(button)
        self.row.addStretch(1)
        self.column.addLayout(self.row)


class JobCard(Card):
    """What runs, or what came of it: a bar with a stop, a question, a report, or what went wrong."""

    def __init__(self, exchange: ExchangeViewModel) -> None:
        self.merge = text_button(_("Add what is missing"), "primary", lambda: exchange.restore(replace=False))
        self.replace = text_button(_("Replace everything"), "", lambda: exchange.restore(replace=True))
        self.stop = text_button(_("Stop"), "", exchange.cancel)
        self.copy = text_button(_("Copy the report"), "", self._copy)
        self.close_ = text_button(_("Close"), "", exchange.dismiss)
        buttons = (self.merge, self.replace, self.stop, self.copy, self.close_)
        super().__init__("", "", *buttons)
        self._exchange = exchange
        self.said = label(wrap=True)
        self.said.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.more = label("", "muted", wrap=True)
        self.bar = progress(_("Progress"))
        self.report = QPlainTextEdit()
        self.report.setReadOnly(True)
        self.report.setTabChangesFocus(True)
        self.report.setAccessibleName(_("Report"))
        self.report.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        for place, widget in enumerate((self.said, self.more, self.bar, self.report)):
            self.column.insertWidget(place, widget)
        exchange.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        exchange = self._exchange
        self.setVisible(exchange.job is not None)
        outcome, running = exchange.outcome, exchange.running
        details = texts.details(outcome) if outcome is not None and not running else ""
        looked = exchange.looked if not running else None
        self.bar.setVisible(running)
        self.stop.setVisible(running)
        self.close_.setVisible(not running)
        self.copy.setVisible(bool(details))
        self.report.setVisible(bool(details))
        self.merge.setVisible(looked is not None)
        self.replace.setVisible(looked is not None)
        self.more.setVisible(looked is not None)
        set_kind(self.said, "danger" if exchange.problem is not None else "")
        if running:
            self._show_progress()
        elif exchange.problem is not None:
            self.said.setText(texts.problem(exchange.problem))
        elif looked is not None:
            self.said.setText(texts.found_backup(looked))
            self.more.setText(
                _(
                    "“Add what is missing” keeps all that is here. “Replace everything” first puts what is "
                    "here into a backup of its own, which is kept for 30 days."
                )
            )
        elif outcome is not None:
            self.said.setText(texts.headline(outcome))
            if details != self.report.toPlainText():
                self.report.setPlainText(details)
                self.report.moveCursor(QTextCursor.MoveOperation.Start)
                lines = min(_REPORT_LINES, details.count("\n") + 2)
                self.report.setFixedHeight(lines * self.report.fontMetrics().lineSpacing() + 2 * space.m)

    def _show_progress(self) -> None:
        event = self._exchange.step
        self.said.setText(exchange_words.progress(event) if event is not None else _("One moment…"))
        share: float | None = None
        match event:
            case ImportingChats(done, total) if total:
                share = min(1.0, done / total)
            case ExportingChats(done, total):
                share = done / max(1, total)
            case BackupProgress(_stage, part):
                share = part
            case _:
                share = None
        self.bar.setRange(0, STEPS if share is not None else 0)
        if share is not None:
            self.bar.setValue(round(share * STEPS))

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(f"{self.said.text()}\n\n{self.report.toPlainText()}")
