"""A small window with the real conversation and the real composer over the fake core, for tests."""

from collections.abc import Sequence
from dataclasses import dataclass

from msgspec.structs import replace
from PySide6.QtCore import QPoint, QRectF
from PySide6.QtWidgets import QApplication, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from desktop.core.types import Excerpt, ExcerptsPart, MessageState, Problem, StoredMessage, TextPart
from desktop.ui.conversation import Composer, ConversationView
from desktop.ui.conversation.turn_widget import TurnWidget
from desktop.ui.theme import LIGHT, apply_theme
from desktop.view_models.conversation import ConversationViewModel
from tests.fakes.core import FakeCore
from tests.fakes.replies import FakeReply


@dataclass
class Window:
    """What a test holds in its hands."""

    qtbot: QtBot
    core: FakeCore
    view_model: ConversationViewModel
    widget: QWidget
    view: ConversationView
    composer: Composer
    after: QPushButton  # something to tab to behind the conversation

    @property
    def reply(self) -> FakeReply:
        return self.core.replies[-1]

    def ask(self, text: str) -> FakeReply:
        """Ask through the view model, and wait until the core has the question."""
        before = len(self.core.replies)
        self.view_model.send(text)
        self.qtbot.waitUntil(lambda: len(self.core.replies) > before)
        self.qtbot.waitUntil(lambda: bool(self.view_model.turns) and self.view_model.turns[-1].key > 0)
        return self.reply

    def settle(self) -> None:
        """Until what streamed is on the screen."""
        self.qtbot.wait(60)
        # a frame that cost much is followed by a longer pause: on a busy machine each does
        self.qtbot.waitUntil(lambda: not self.view._frame.isActive(), timeout=20_000)

    def shown(self, index: int) -> TurnWidget:
        widget = self.view.widget_at(index)
        assert widget is not None, f"message {index} is not in sight"
        return widget

    def seen_text(self, index: int) -> str:
        """The text of a message as its laid out documents show it."""
        entry = self.shown(index).entry
        assert entry is not None
        return "\n".join(p.document.toPlainText() for p in entry.pieces.all if p.document is not None)

    def point_in(self, index: int, piece: int, x: float, y: float) -> QPoint:
        """A point of the view's viewport, `x` and `y` from the top left of a piece's document."""
        widget = self.shown(index)
        assert widget.entry is not None
        origin = widget.text_origin(widget.entry.pieces.all[piece])
        return widget.pos() + QPoint(round(origin.x() + x), round(origin.y() + y))

    def box_of(self, index: int, piece: int) -> QRectF:
        widget = self.shown(index)
        assert widget.entry is not None
        return widget.piece_rect(widget.entry.pieces.all[piece]).translated(widget.pos())


def build(qtbot: QtBot, core: FakeCore, width: int = 800, height: int = 600) -> Window:
    """Open the window and wait until it has the keyboard."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    apply_theme(app, LIGHT)
    view_model = ConversationViewModel(core)
    widget = QWidget()
    column = QVBoxLayout(widget)
    column.setContentsMargins(0, 0, 0, 0)
    view, composer, after = ConversationView(view_model), Composer(view_model), QPushButton("after")
    column.addWidget(view, 1)
    column.addWidget(composer)
    column.addWidget(after)
    view_model.setParent(widget)
    qtbot.addWidget(widget)
    widget.resize(width, height)
    with qtbot.waitActive(widget):
        widget.show()
    qtbot.wait(20)
    return Window(qtbot, core, view_model, widget, view, composer, after)


def stored(
    core: FakeCore,
    turns: Sequence[tuple[str, str]],
    excerpts: tuple[Excerpt, ...] = (),
    state: MessageState = "complete",
    problem: Problem | None = None,
) -> int:
    """A chat in the fake store with these questions and replies; the last reply in `state`. Gives its id."""
    chat = core.chats.create(title="stored")
    messages: list[StoredMessage] = []
    for question, answer in turns:
        for role, text in (("user", question), ("assistant", answer)):
            number = chat.info.id * 10_000 + len(messages)
            parts = (TextPart(text), *([ExcerptsPart(excerpts)] if role == "user" and excerpts else []))
            parent = messages[-1].id if messages else None
            messages.append(
                StoredMessage(number, chat.info.id, parent, role, parts, "complete", 0.0)  # type: ignore[arg-type]
            )
    if messages:
        messages[-1] = replace(messages[-1], state=state, problem=problem)
    core.chats._keep(replace(chat, messages=tuple(messages)))
    return chat.info.id
