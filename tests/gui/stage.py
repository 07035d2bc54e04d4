"""A window on a core in memory that scenes bring into a state and that gives its picture."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from msgspec.structs import replace
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QCursor, QPainter, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QMenu

from desktop.core.types import Excerpt, ExcerptsPart, StoredMessage, TextPart
from desktop.ui.main_window import MainWindow
from desktop.ui.workspace import Workspace
from desktop.view_models.session import Session
from tests.fakes.core import FakeCore
from tests.fakes.replies import FakeReply
from tests.fakes.samples import STATS
from tests.gui.page_picture import paint_page
from tests.gui.scene_texts import Texts

WIDE: Final = QSize(1120, 760)
NARROW: Final = QSize(720, 480)
SETTLE_MS: Final = 70
STILL_TRIES: Final = 5
LONGEST_MS: Final = 10_000


def settle(ms: int = SETTLE_MS) -> None:
    """Let queued events arrive and what is laid out later be laid out."""
    QTest.qWait(ms)
    QApplication.processEvents()  # what came with the last of them asks for its layout only now
    QApplication.sendPostedEvents()


def wait_for(condition: Callable[[], bool]) -> None:
    """Let things happen until this holds; raises AssertionError when it never does."""
    began = time.monotonic()
    while not condition():
        if (time.monotonic() - began) * 1000 > LONGEST_MS:
            raise AssertionError("the scene did not come about")
        time.sleep(0.01)  # Qt's own waiting keeps Python's lock: a thread that imports would hardly go on
        settle(10)


@dataclass
class Stage:
    """A window on a core in memory, and what hovers over it."""

    texts: Texts
    size: QSize = field(default_factory=lambda: QSize(WIDE))
    core: FakeCore = field(init=False)
    popups: list[QMenu] = field(default_factory=list)
    dialogs: list[QDialog] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.core = FakeCore(automatic=False, painter=paint_page)
        self.window = MainWindow()
        self.window.resize(self.size)

    def open(self, *, chats: bool = True, chat: int | None = None) -> "Stage":
        """Show the window on its core; `chat` is in front."""
        if chats:
            now = time.time()
            for title, hours in self.texts.chats:
                self.core.chats.create(title=title, updated_at=now - hours * 3600)
            self.core.chats.pin(1, True)
        self.session = Session(self.core, self.window)
        self.window.show()
        self.window.attach(self.session)
        settle(20)
        if chat is not None:
            self.session.conversation.open(chat)
        settle()
        return self

    @property
    def workspace(self) -> Workspace:
        assert self.window.workspace is not None
        return self.window.workspace

    # ── conversation ──

    def say(
        self,
        chat: int,
        question: str,
        answer: str,
        excerpts: tuple[Excerpt, ...] | ExcerptsPart | None = None,
    ) -> StoredMessage:
        """A finished turn, straight into the store. `excerpts` None: no documents were asked."""
        chats = self.core.chats
        asked = chats.add_message(chat, "user", question)
        if excerpts is not None:
            chats.set_excerpts(asked, excerpts)
        reply = chats.add_message(chat, "assistant", model="SmolLM2-135M-Instruct")
        done = replace(reply, parts=(TextPart(answer),), state="complete", stats=STATS)
        return chats.change(done)

    def ask(self, question: str) -> FakeReply:
        self.session.conversation.send(question)
        settle(20)
        return self.core.replies[-1]

    # ── the picture ──

    def picture(self) -> QPixmap:
        """The window as it is seen, menus included."""
        settle()
        return self._shot()

    def still_picture(self) -> QPixmap:
        """The same once nothing changes any more: on a busy machine what was guessed is laid out late."""
        shot = self.picture()
        for _again in range(STILL_TRIES):
            settle()
            before, shot = shot, self._shot()
            if before.toImage() == shot.toImage():
                break
        return shot

    def _shot(self) -> QPixmap:
        shot = self.window.grab()
        painter = QPainter(shot)
        for popup in (*self.popups, *self.dialogs):
            painter.drawPixmap(self.window.mapFromGlobal(popup.pos()), popup.grab())
        painter.end()
        return shot

    def pop_up(self, menu: QMenu, at: QPoint) -> None:
        menu.popup(at)
        self.popups.append(menu)

    def close(self) -> None:
        for popup in (*self.popups, *self.dialogs):
            popup.close()
        self.window.allow_close()
        self.window.close()
        self.window.deleteLater()
        settle(1)


def quiet_focus(app: QApplication) -> None:
    """No text cursor that blinks into one picture and out of the next, no button under the mouse."""
    QCursor.setPos(5000, 5000)
    app.setCursorFlashTime(0)
    app.setEffectEnabled(Qt.UIEffect.UI_AnimateMenu, False)
