"""The conversation: messages in sight as widgets of a pool, scrolled, selected, walked by keyboard.

See packaging/decisions/0050-how-the-conversation-is-drawn.md. Decides nothing: what a person wants goes
to the view model.
"""

import time
from typing import Final

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QFrame, QWidget

from desktop.i18n import _
from desktop.ui.aloud import tell
from desktop.ui.conversation import accessible, deeds, keys, wording
from desktop.ui.conversation.arrivals import Arrivals
from desktop.ui.conversation.catching_up import CatchingUp
from desktop.ui.conversation.doubted import Doubted
from desktop.ui.conversation.editing import Editing
from desktop.ui.conversation.empty import EmptyState
from desktop.ui.conversation.entry import Entry
from desktop.ui.conversation.following import follow_link
from desktop.ui.conversation.forms import quote
from desktop.ui.conversation.jump import JumpButton
from desktop.ui.conversation.links import Link
from desktop.ui.conversation.mouse import Mouse
from desktop.ui.conversation.remedies import carry_out
from desktop.ui.conversation.selection import LAST, Selection, Spot, copied, whole
from desktop.ui.conversation.stack import Anchor, Stack
from desktop.ui.conversation.tints import Tints
from desktop.ui.conversation.turn_widget import TurnWidget
from desktop.ui.conversation.walk import Walk
from desktop.ui.theme import appearance, space
from desktop.view_models.conversation import ConversationViewModel

FRAME_MS: Final = 30  # text that streams in is shown this often
_ROUNDS: Final = 8  # of laying out until nothing moves


class ConversationView(QAbstractScrollArea):
    """Shows what the view model holds. Follows the end until a person scrolls up."""

    composer_wanted = Signal()  # the keyboard shall go to the composer
    branches_wanted = Signal()  # a person wants to see the map of the chat
    file_opened = Signal(object)  # a FilePart that a person wants to see
    insight_wanted = Signal(str, int)  # "probabilities" or "cost" of the reply with this key
    template_wanted = Signal()  # a person wants to choose how the model is spoken to

    def __init__(self, view_model: ConversationViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._vm = view_model
        self.selection = Selection()
        self.following = True
        self.announces = True  # a reply that has ended; False: somebody else does
        self.arrivals = Arrivals(self)
        self.stack = Stack(self.arrivals.style(), 640)
        self._anchor = Anchor()
        self._first_in_sight = 0
        self._shown: dict[int, TurnWidget] = {}
        self._pool: list[TurnWidget] = []
        self.placing = False
        self._cost_ms = 0.0  # of the last time that things were laid out
        self._mouse = Mouse(self)
        self._walk = Walk(self)
        self.tints = Tints(self)
        self.doubted = Doubted(self)
        self.catching_up = CatchingUp(self)
        self._frame = QTimer(self, interval=FRAME_MS, singleShot=True)
        self._frame.timeout.connect(self.arrange)
        self._dress()
        self._build()
        self._connect()
        self._reset()

    def _dress(self) -> None:
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(_("Conversation"))
        self.viewport().setMouseTracking(True)
        self.viewport().setAutoFillBackground(False)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            accessible.install(app)

    def _build(self) -> None:
        self.setMinimumHeight(40)  # Qt would keep more, at the cost of what stands around it
        self.empty = EmptyState(self.viewport())
        self.jump = JumpButton(self.viewport())
        self.editing = Editing(self, self._vm)

    def _connect(self) -> None:
        vm = self._vm
        vm.reset.connect(self._reset)
        vm.turns_replaced.connect(self._turns_replaced)
        vm.path_changed.connect(self._path_changed)
        vm.turn_changed.connect(self._turn_changed)
        vm.text_added.connect(self._text_added)
        vm.running_changed.connect(self._soon)
        vm.reply_ended.connect(self._reply_ended)
        vm.emptiness_changed.connect(self.empty.say)
        self.empty.say(vm.emptiness)
        self.empty.model_wanted.connect(vm.model_wanted)
        self.empty.composer_wanted.connect(self.composer_wanted)
        self.jump.clicked.connect(self.jump_to_end)
        self.verticalScrollBar().valueChanged.connect(self._scrolled)
        look = appearance()
        if look is not None:
            look.changed.connect(self._restyle)

    # ── what the view model tells ──

    def _reset(self) -> None:
        self.selection.clear()
        self._release_all()
        self.following = True
        self.stack.fill(self._vm.turns)
        self.arrange()
        self.editing.begin()

    def _turns_replaced(self, index: int) -> None:
        grew = len(self._vm.turns) > len(self.stack.entries)
        self.selection.forget_from(index)
        self.stack.replace_from(index, self._vm.turns)
        if grew:
            self.following = True  # a question was just asked: its answer is what a person waits for
        self.arrange()

    def _path_changed(self, index: int) -> None:
        """The message whose version was chosen holds still, with the arrows under the mouse."""
        y = self.stack.height_at(Anchor(index, -1)) - self.verticalScrollBar().value()
        self.selection.forget_from(index)
        self.stack.replace_from(index, self._vm.turns)
        self.hold(index, -1, y)
        if index < len(self.stack.entries):
            said = wording.version(self.stack.entries[index].turn)
            tell(self, said)

    def _turn_changed(self, index: int) -> None:
        self.stack.update(index, self._vm.turns[index])
        self._soon()

    def _text_added(self, index: int, text: str) -> None:  # noqa: ARG002  the turn holds it
        self._soon()

    def _soon(self) -> None:
        if not self._frame.isActive():
            # An open block that is very long costs more: it is shown less often, and the window stays free.
            self._frame.start(max(FRAME_MS, round(3 * self._cost_ms)))

    def _reply_ended(self, index: int) -> None:
        self.stack.update(index, self._vm.turns[index])
        self.arrange()
        if self.announces:
            turn = self._vm.turns[index]
            said = " ".join(wording.problem(turn.problem)) if turn.problem else turn.text
            tell(self, said)

    # ── laying out ──

    def arrange(self) -> None:
        """Take in what streamed, lay out what is in sight, and put widgets where it stands."""
        begun = time.perf_counter()
        self._take_in_stream()
        bar, height = self.verticalScrollBar(), self.viewport().height()
        self._fit()
        self.editing.measure()
        top = 0.0
        for _round in range(_ROUNDS):
            end = max(0, self.stack.height - height)
            top = end if self.following else min(end, max(0.0, self.stack.height_at(self._anchor)))
            if not self.stack.ensure(top, top + height):
                break
        self.placing = True
        bar.setRange(0, max(0, self.stack.height - height))
        bar.setPageStep(height)
        bar.setSingleStep(keys.STEP_PX)
        bar.setValue(round(top))
        self.placing = False
        self._place(bar.value())
        self.jump.setVisible(not self.following and bar.value() < bar.maximum())
        self._cost_ms = (time.perf_counter() - begun) * 1000
        self.catching_up.look()
        self.doubted.look()

    def _take_in_stream(self) -> None:
        turns = self._vm.turns
        for index in range(max(0, len(turns) - 2), min(len(turns), len(self.stack.entries))):
            if self.stack.entries[index].turn is not turns[index]:
                self.stack.update(index, turns[index])

    def _fit(self) -> None:
        style = self.arrivals.style()
        self.stack.restyle(style, style.column_px(self.width()))

    def _place(self, top: int) -> None:
        seen = self.stack.between(top, top + self.viewport().height())
        for index in [index for index in self._shown if index not in seen]:
            self._release(index)
        left = (self.width() - self.stack.width) // 2  # as the composer, whether the bar shows or not
        last_reply = len(self.stack.entries) - 1
        for index in seen:
            widget = self._shown.get(index) or self._take(index)
            entry = self.stack.entries[index]
            widget.setGeometry(
                left, self.stack.top(index) - top, self.stack.width, self.stack.height_of(index)
            )
            free = not self._vm.running
            change = free and not self._vm.fixed
            widget.show_entry(entry, index, can_regenerate=index == last_reply and free, can_change=change)
            widget.setAccessibleDescription(wording.position(entry.turn, index, len(self.stack.entries)))
            widget.show()
        self.stack.let_go(seen)
        self.editing.place(left, top)
        self.jump.raise_()

    def _take(self, index: int) -> TurnWidget:
        widget = self._pool.pop() if self._pool else self._made()
        self._shown[index] = widget
        return widget

    def _made(self) -> TurnWidget:
        behind = self.selection.found.beside(self.doubted.beside(self.tints.of))
        widget = TurnWidget(self.viewport(), self.selection.within, behind)
        widget.wanted.connect(self._do)
        widget.remedy_wanted.connect(self._remedy)
        return widget

    def _release(self, index: int) -> None:
        widget = self._shown.pop(index)
        focus = QApplication.focusWidget()
        if focus is not None and (widget is focus or widget.isAncestorOf(focus)):
            self.setFocus(Qt.FocusReason.OtherFocusReason)
        widget.leave()
        self._pool.append(widget)

    def _release_all(self) -> None:
        for index in list(self._shown):
            self._release(index)

    def _restyle(self) -> None:
        self.arrange()
        self.viewport().update()

    def widget_at(self, index: int) -> TurnWidget | None:
        """The widget of a message in sight."""
        return self._shown.get(index)

    def entries_in_sight(self) -> list[Entry]:
        return [self.stack.entries[index] for index in self._shown if index < len(self.stack.entries)]

    def widgets(self) -> list[TurnWidget]:
        """Every widget of the pool, in sight or not."""
        return [*self._shown.values(), *self._pool]

    # ── scrolling ──

    def _scrolled(self, value: int) -> None:
        if self.placing:
            return
        self.following = value >= self.verticalScrollBar().maximum()
        self._anchor = self.stack.anchor_at(value, self.viewport().height())
        self.arrange()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """The widgets are placed by `arrange`; nothing is to be moved here."""

    def jump_to_end(self) -> None:
        self.following = True
        self.arrange()

    def show_message(self, index: int, piece: int = -1) -> None:
        """Scroll as little as brings the beginning of a message, or of one of its pieces, into sight."""
        top, height = self.verticalScrollBar().value(), self.viewport().height()
        start = self.stack.height_at(Anchor(index, piece))
        end = min(start + height / 2, self.stack.top(index) + self.stack.height_of(index))
        if start < top or end > top + height:
            offset = -space.xl if start < top else end - start - height
            self.hold(index, piece, -offset)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange) and hasattr(self, "_frame"):
            self._soon()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.empty.setGeometry(self.viewport().rect().adjusted(space.xl, 0, -space.xl, 0))
        self.jump.move(
            (self.viewport().width() - self.jump.width()) // 2,
            self.viewport().height() - self.jump.height() - space.m,
        )
        self.arrange()

    def minimumSizeHint(self) -> QSize:
        return QSize(240, 120)

    # ── keyboard ──

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._mouse.sideways.key(event.key(), self._walk.index, self._walk.link):
            event.accept()
        elif not keys.pressed(event, self, self._vm, self._walk):
            super().keyPressEvent(event)

    def focusNextPrevChild(self, forward: bool) -> bool:
        return self._walk.step(forward) or self._walk.leave(forward)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason):
            self._walk.enter()

    # ── what a person wants ──

    def follow_link(self, index: int, link: Link) -> None:
        """Show an excerpt's source, or open a web address outside."""
        follow_link(self, self._vm, index, link)

    def copy_code(self, index: int, link: Link) -> None:
        """The code of a block, for the clipboard."""
        self._mouse.sideways.copy_code(index, link)

    def select_all(self) -> None:
        if self.stack.entries:
            last = len(self.stack.entries) - 1
            self.selection.between(Spot(0, 0, 0), Spot(last, LAST, LAST))
            self.repaint_selection()

    def copy(self) -> None:
        """The selection, or without one the message that has the keyboard."""
        mime = copied(self.selection, self.stack.entries)
        if mime is not None:
            QApplication.clipboard().setMimeData(mime)
        elif self._walk.index in self._shown:
            self.copy_message(self._walk.index)

    def quote(self) -> None:
        """The selection goes into the composer."""
        quote(self, self._vm)

    def copy_message(self, index: int) -> None:
        QApplication.clipboard().setMimeData(whole(self.stack.entries[index]))

    def hold(self, index: int, piece: int, y: float) -> None:
        """Lay out anew so that this piece of a message stands `y` px below the window's edge."""
        self.following = False
        self._anchor = Anchor(index, piece, -y)
        self.arrange()
        self.following = self.verticalScrollBar().value() >= self.verticalScrollBar().maximum()

    def keep(self, index: int, offset: float) -> None:
        """With the next laying out the window's edge stands this far below the top of a message."""
        self._anchor = Anchor(index, -1, offset)

    def repaint_selection(self) -> None:
        for widget in self._shown.values():
            widget.update()

    def _do(self, deed: str, index: int) -> None:
        deeds.do(deed, self, self._vm, index)

    def _remedy(self, action: str) -> None:
        carry_out(action, self._vm, self.template_wanted.emit)

    # ── mouse ──

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._mouse.pressed(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._mouse.moved(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._mouse.released(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._mouse.double_clicked(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if not self._mouse.sideways.wheel(event):
            super().wheelEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self._mouse.menu(event.pos()).exec(event.globalPos())
