"""The real main window on a core in memory, for tests that press its keys and buttons."""

import time
from collections.abc import Callable, Iterator, Sequence

import pytest
import shiboken6
from PySide6.QtCore import QModelIndex, QPoint, QRect, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.ui.main_window import MainWindow
from desktop.ui.manner import dress, speak
from desktop.ui.sidebar.chat_list import ChatList
from desktop.ui.window_state import WindowState
from desktop.ui.workspace import Workspace
from desktop.view_models.session import Session
from tests.fakes.core import FakeCore

TITLES = ("Sourdough", "Museum tickets", "A café name")


class WholeWindow:
    """A window, its session and its core, with what tests do again and again."""

    def __init__(
        self, qtbot: QtBot, core: FakeCore, state: WindowState | None = None, files: Sequence[str] = ()
    ) -> None:
        self.qtbot = qtbot
        self.core = core
        self.window = MainWindow(state)
        self.window.resize(1120, 760)
        self.session = Session(core, self.window)
        self.window.take_files(list(files))
        self.window.show()
        self.window.attach(self.session)
        self.window.activateWindow()  # shortcuts and focus need an active window
        qtbot.waitUntil(self.window.isActiveWindow)
        qtbot.waitUntil(lambda: self.session.chats.listed and self.session.conversation.emptiness != "")

    @property
    def workspace(self) -> Workspace:
        assert self.window.workspace is not None
        return self.window.workspace

    @property
    def chats(self) -> ChatList:
        return self.workspace.sidebar.list

    @property
    def titles(self) -> list[str]:
        """Headings and titles of the sidebar, from the top."""
        model = self.chats.model()
        return [str(model.index(row, 0).data()) for row in range(model.rowCount())]

    def index(self, title: str) -> QModelIndex:
        return self.chats.model().index(self.titles.index(title), 0)

    def rect(self, title: str) -> QRect:
        return self.chats.visualRect(self.index(title))

    def click_chat(self, title: str, offset: QPoint | None = None) -> None:
        at = self.rect(title).center() if offset is None else self.rect(title).topLeft() + offset
        self.qtbot.mouseClick(self.chats.viewport(), Qt.MouseButton.LeftButton, pos=at)

    def wait_for_chat(self, chat: int | None) -> None:
        self.qtbot.waitUntil(lambda: self.session.chats.current == chat)

    def ask(self, text: str) -> None:
        """Type a question and press Enter."""
        field = self.workspace.composer.field
        self.qtbot.keyClicks(field, text)
        self.qtbot.keyClick(field, Qt.Key.Key_Return)

    def close(self) -> None:
        self.window.allow_close()
        self.window.close()
        shiboken6.delete(self.window)


Open = Callable[..., WholeWindow]


@pytest.fixture
def open_window(qtbot: QtBot, qapp: QApplication) -> Iterator[Open]:
    """Opens windows, in English and light, and closes them in the end.

    It also holds them: a window that only the test's own names hold is collected when the test returns,
    in the middle of whatever event comes last.
    """
    speak(qapp, "en")
    dress(qapp, "light")
    opened: list[WholeWindow] = []

    def open_one(core: FakeCore, state: WindowState | None = None, files: Sequence[str] = ()) -> WholeWindow:
        opened.append(WholeWindow(qtbot, core, state, files))
        return opened[-1]

    yield open_one
    for whole in opened:
        whole.close()
    speak(qapp, "en")
    dress(qapp, "light")


def core_with_chats(**changes: object) -> FakeCore:
    """A core with three chats of today; the first has the id 1. `changes` go to FakeCore."""
    core = FakeCore(**changes)  # type: ignore[arg-type]  # the caller's to get right
    core.settings |= {"language": "en", "theme": "light"}
    now = time.time()
    for number, title in enumerate(TITLES):
        core.chats.create(title=title, updated_at=now - number)
    return core
