"""The page “Licences”, in the place of the conversation: the parts, and beside them the text of one."""

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QHBoxLayout,
    QLineEdit,
    QListView,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from desktop.core.types import Problem
from desktop.core.types.notices import Notice
from desktop.i18n import _, ngettext, number
from desktop.ui.line_signs import lead_with_icon, put_clear_button
from desktop.ui.pieces import icon_button, label
from desktop.ui.shell.rows import Row, RowDelegate, Rows
from desktop.ui.theme import code_font, grown, space
from desktop.view_models.licences import LicencesViewModel
from desktop.view_models.session import Session
from desktop.words import sentence

LIST_PX = 330
TEXT_PX = 260  # the least beside the list
LICENCE_SIGNS = 34  # longer ones name many licences; the text beside the list has them all


class LicencesPage(QWidget):
    """`closed` asks for the conversation back."""

    closed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._licences: LicencesViewModel = session.licences
        self.setAccessibleName(_("Licences"))
        self._build()
        self._licences.listed.connect(self._refresh)
        self._licences.read.connect(self._show)
        self._licences.failed.connect(self._tell)
        self._refresh()
        self._licences.refresh()

    def _build(self) -> None:
        back = icon_button("chevron_left", _("Back to the chat"), self.closed.emit)
        title = QHBoxLayout()
        title.setSpacing(space.s)
        title.addWidget(back)
        title.addWidget(label(_("Licences"), "heading"))
        title.addStretch(1)
        self.count = label("", "muted", wrap=True)
        self.field = QLineEdit()
        lead_with_icon(self.field, "search")
        self.field.setPlaceholderText(_("Search by name or licence"))
        self.field.setAccessibleName(_("Search by name or licence"))
        put_clear_button(self.field)
        self.field.textChanged.connect(self._refresh)
        self.model = Rows()
        self.list = QListView()
        self.list.setModel(self.model)
        self.list.setItemDelegate(RowDelegate(self.list, folds=True))
        self.list.setMouseTracking(True)
        self.list.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setAccessibleName(_("Parts of the program"))
        self.list.selectionModel().currentChanged.connect(self._open)
        left = QVBoxLayout()
        left.setSpacing(space.s)
        left.addWidget(self.field)
        left.addWidget(self.list, 1)
        self._left = QWidget()
        self._left.setLayout(left)
        left.setContentsMargins(0, 0, 0, 0)
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setFont(code_font())
        self.text.setAccessibleName(_("What the licence says"))
        self.text.setTabChangesFocus(True)
        self.text.setPlaceholderText(_("Choose a part to read its licence."))
        self._body = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._body.setSpacing(space.m)
        self._body.addWidget(self._left)
        self._body.addWidget(self.text, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(space.l, space.s, space.l, space.l)
        column.setSpacing(space.s)
        column.addLayout(title)
        column.addWidget(self.count)
        column.addLayout(self._body, 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where the text would be a ribbon beside the list, it stands below."""
        super().resizeEvent(event)
        below = self.width() < grown(LIST_PX + TEXT_PX)
        way = QBoxLayout.Direction.TopToBottom if below else QBoxLayout.Direction.LeftToRight
        self._body.setDirection(way)
        self._body.setStretch(0, 1 if below else 0)
        self._left.setMinimumWidth(0 if below else grown(LIST_PX))
        self._left.setMaximumWidth(self.width() if below else grown(LIST_PX))

    def focus_first(self) -> None:
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _refresh(self) -> None:
        shown = self._licences.found(self.field.text())
        self.model.show([_row(one) for one in shown])
        parts = ngettext("{count} part", "{count} parts", len(self._licences.all))
        told = _("{parts}, each under its own licence. Qt and the other libraries are separate files.")
        self.count.setText(told.format(parts=parts.format(count=number(len(self._licences.all)))))

    def _open(self, index: QModelIndex) -> None:
        row = self.model.row_at(index)
        if row is not None:
            self._licences.open(row.more)

    def _show(self) -> None:
        text = self._licences.text
        self.text.setPlainText(
            "" if text is None else text or _("This part came without the text of its licence.")
        )

    def _tell(self, problem: Problem) -> None:
        self.text.setPlainText(sentence(problem))


def _row(notice: Notice) -> Row:
    licence = notice.licence if len(notice.licence) <= LICENCE_SIGNS else notice.licence[:LICENCE_SIGNS] + "…"
    return Row(f"{notice.name} {notice.version}", detail=licence, more=notice.name)
