"""The mouse in the conversation: selecting across messages, following links, the context menu."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QMouseEvent, QTextCursor, QTextDocument
from PySide6.QtWidgets import QApplication, QMenu, QToolTip

from desktop.i18n import _
from desktop.ui.conversation import answers_wording, footers, wording
from desktop.ui.conversation.attached import file_of
from desktop.ui.conversation.links import Link, links_at
from desktop.ui.conversation.selection import Spot
from desktop.ui.conversation.sideways import Sideways
from desktop.ui.conversation.wording import CLOSE, COPY, OPEN

if TYPE_CHECKING:
    from desktop.ui.conversation.view import ConversationView

_SCROLL_MS: Final = 30


class Mouse:
    """Positions are the viewport's."""

    def __init__(self, view: ConversationView) -> None:
        self._view = view
        self.sideways = Sideways(view)
        self._pressed: tuple[int, Link] | None = None
        self._dragging = False
        self._last = QPoint()
        self._scroll = QTimer(view, interval=_SCROLL_MS)
        self._scroll.timeout.connect(self._scroll_on)

    # ── events ──

    def pressed(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self.sideways.pressed(event):
            return
        at = event.position().toPoint()
        spot, link = self.spot(at), self.link(at)
        self._pressed, self._dragging, self._last = link, spot is not None, at
        if spot is None:
            return
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier and self._view.selection.anchor is not None:
            self._view.selection.extend_to(spot)
        else:
            self._view.selection.start_at(spot)
        widget = self._view.widget_at(spot.entry)
        if widget is not None:
            widget.setFocus(Qt.FocusReason.MouseFocusReason)
        self._view.repaint_selection()

    def moved(self, event: QMouseEvent) -> None:
        at = event.position().toPoint()
        if self.sideways.moved(event):
            return
        if self._dragging and event.buttons() & Qt.MouseButton.LeftButton:
            self._last = at
            self._extend()
            outside = at.y() < 0 or at.y() > self._view.viewport().height()
            if outside and not self._scroll.isActive():
                self._scroll.start()
            elif not outside:
                self._scroll.stop()
            return
        link = self.link(at)
        self.sideways.hover(at)
        over_text = link is None and self._over_text(at)
        shape = Qt.CursorShape.IBeamCursor if over_text else Qt.CursorShape.ArrowCursor
        footer = link is None and footers.reply_at(self._view, at) is not None
        self._view.viewport().setCursor(Qt.CursorShape.PointingHandCursor if link or footer else shape)
        tip = self._link_tip(*link) if link else _("What it cost") if footer else ""
        if over_text and not tip:
            doubt = self._view.doubted.at(self.spot(at), at)
            tip = answers_wording.doubt(doubt) if doubt is not None else ""
        if tip:
            QToolTip.showText(event.globalPosition().toPoint(), tip, self._view.viewport())
        else:
            QToolTip.hideText()

    def _link_tip(self, index: int, link: Link) -> str:
        """The passage that a citation names; else where a link leads."""
        turn = self._view.stack.entries[index].turn
        passage = answers_wording.passage_tip(turn, link.cites) if link.cites is not None else ""
        return passage or wording.link(link.cites, link.href)

    def released(self, event: QMouseEvent) -> None:
        self._scroll.stop()
        clicks, self._dragging = self._dragging, False
        if self.sideways.released():
            return
        link = self.link(event.position().toPoint())
        if link is not None and link == self._pressed and self._view.selection.span is None:
            self._view.follow_link(*link)
        elif clicks and link is None and self._view.selection.span is None:
            self._clicked(event.position().toPoint())
        self._pressed = None

    def _clicked(self, at: QPoint) -> None:
        """No link, and nothing is selected."""
        reply = footers.reply_at(self._view, at)
        if reply is not None:
            self._view.insight_wanted.emit("cost", reply)
        elif self._over_text(at):
            self._view.tints.clicked(self.spot(at))

    def double_clicked(self, event: QMouseEvent) -> None:
        spot = self.spot(event.position().toPoint())
        document = self._document(spot) if spot is not None else None
        if spot is None or document is None:
            return
        cursor = QTextCursor(document)
        cursor.setPosition(spot.position)
        cursor.select(QTextCursor.SelectionType.WordUnderCursor)
        begin, end = cursor.selectionStart(), cursor.selectionEnd()
        self._view.selection.between(Spot(spot.entry, spot.piece, begin), Spot(spot.entry, spot.piece, end))
        self._view.repaint_selection()

    def menu(self, at: QPoint) -> QMenu:
        """Copy, copy the message, select everything; for a link also its address."""
        menu = QMenu(self._view)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        copy = menu.addAction(_("Copy"), self._view.copy)
        copy.setEnabled(self._view.selection.span is not None)
        quoting = menu.addAction(_("Quote in your message"), self._view.quote)
        quoting.setShortcut("Ctrl+Shift+Q")
        quoting.setEnabled(self._view.selection.span is not None)
        index = self._entry_at(at)
        if index is not None:
            menu.addAction(_("Copy this message"), lambda: self._view.copy_message(index))
            thoughts = self._view.stack.entries[index].turn.thoughts
            if thoughts is not None:
                text = thoughts.text
                menu.addAction(
                    _("Copy what the model thought"), lambda: QApplication.clipboard().setText(text)
                )
        link = self.link(at)
        file = file_of(link[1].href, self._view.stack.entries[link[0]].turn.files) if link else None
        if file is not None:
            text = file.text.replace("\f", "\n\n")
            menu.addAction(_("Copy the text of this file"), lambda: QApplication.clipboard().setText(text))
        elif link is not None and link[1].cites is None and link[1].href not in (OPEN, CLOSE, COPY):
            href = link[1].href
            menu.addAction(_("Copy the link"), lambda: QApplication.clipboard().setText(href))
        menu.addSeparator()
        menu.addAction(_("Select all"), self._view.select_all)
        return menu

    # ── where things are ──

    def _entry_at(self, at: QPoint) -> int | None:
        stack = self._view.stack
        if not stack.entries:
            return None
        return stack.index_at(at.y() + self._view.verticalScrollBar().value())

    def spot(self, at: QPoint) -> Spot | None:
        """The place in the text nearest to a point, inside the messages in sight."""
        index = self._entry_at(at)
        widget = self._view.widget_at(index) if index is not None else None
        if index is None or widget is None or widget.entry is None or not widget.entry.pieces.all:
            return None
        local = QPointF(at) - QPointF(widget.pos())
        number = widget.entry.pieces.at(local.y() - widget.entry.text_top)
        piece = widget.entry.pieces.all[number]
        document = widget.entry.pieces.lay_out(piece)
        inside = local - widget.text_origin(piece)
        position = document.documentLayout().hitTest(inside, Qt.HitTestAccuracy.FuzzyHit)
        return Spot(index, number, max(0, position))

    def _document(self, spot: Spot) -> QTextDocument | None:
        piece = self._view.stack.entries[spot.entry].pieces.all[spot.piece]
        return piece.document

    def _over_text(self, at: QPoint) -> bool:
        index = self._entry_at(at)
        widget = self._view.widget_at(index) if index is not None else None
        if widget is None or widget.entry is None:
            return False
        return widget.entry.text_rect.contains(QPointF(at) - QPointF(widget.pos()))

    def link(self, at: QPoint) -> tuple[int, Link] | None:
        """The link under a point and the index of its message."""
        button = self.sideways.button_at(at)
        if button is not None or not self._over_text(at):
            return button
        spot = self.spot(at)
        document = self._document(spot) if spot is not None else None
        if spot is None or document is None:
            return None
        widget = self._view.widget_at(spot.entry)
        if widget is None or widget.entry is None:
            return None
        piece = widget.entry.pieces.all[spot.piece]
        inside = QPointF(at) - QPointF(widget.pos()) - widget.text_origin(piece)
        exact = document.documentLayout().hitTest(inside, Qt.HitTestAccuracy.ExactHit)
        if exact < 0 or not document.documentLayout().anchorAt(inside):
            return None
        found = (k for k in links_at(widget.entry, spot.piece) if k.begin <= exact < k.end)
        link = next(found, None)
        return (spot.entry, link) if link is not None else None

    # ── dragging ──

    def _extend(self) -> None:
        height = self._view.viewport().height()
        inside = QPoint(self._last.x(), max(0, min(height - 1, self._last.y())))
        spot = self.spot(inside)
        if spot is not None:
            self._view.selection.extend_to(spot)
            self._view.repaint_selection()

    def _scroll_on(self) -> None:
        bar, height = self._view.verticalScrollBar(), self._view.viewport().height()
        beyond = self._last.y() if self._last.y() < 0 else max(0, self._last.y() - height)
        bar.setValue(bar.value() + beyond)
        self._extend()
