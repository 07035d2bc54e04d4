"""The window's composition root: application, window, core, local socket, and an orderly end.

Builds the parts and ties them; decides nothing about chats, models or documents.
"""

import gc
import logging
import sys
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from types import TracebackType

import msgspec
from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QFileOpenEvent, QGuiApplication
from PySide6.QtWidgets import QApplication

from desktop.core.encryption.errors import PassphraseNeeded, PassphraseWrong
from desktop.core.errors import CoreError, DataInUse, Unexpected
from desktop.core.operations import Operation, start
from desktop.core.places import Places
from desktop.core.types import Problem
from desktop.garbage import WindowCollector
from desktop.last_run import Run, look_back
from desktop.process_edges import Signals, give_back, keep_log, return_memory
from desktop.ui.app_icon import app_icon
from desktop.ui.clipboard import leave_clipboard
from desktop.ui.main_window import MainWindow
from desktop.ui.manner import dress, speak
from desktop.ui.window_state import read_state, write_state
from desktop.view_models.bridge import follow

TYPE_CHECKING = False
if TYPE_CHECKING:
    from desktop.core.local_socket import Server
    from desktop.core.services import Services
    from desktop.ui.unlock import UnlockPage
    from desktop.view_models.session import Session

STATE_FILE = "window.json"
SETTLE_MS = 1000  # from choosing a chat, or moving the window, until it is remembered
# another copy that was started a moment before may not listen yet
OTHER_LIMIT_S, OTHER_AGAIN_S = 8.0, 0.1
CLOSE_LIMIT_S = 12.0  # the core needs less; past it the window's process ends all the same

log = logging.getLogger(__name__)


class Opened(msgspec.Struct, frozen=True):
    """What `_open` brings. `core` None: another program showed its window instead."""

    core: "Services | None"
    server: "Server | None" = None
    last_run: Problem | None = None  # how the window's process ended, where that was not in order


class Application(QApplication):
    """Where the system hands files over by an event, as macOS does, and not as words behind the program."""

    files_opened = Signal(list)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QFileOpenEvent) and event.file():
            self.files_opened.emit([event.file()])
            return True
        return super().event(event)


def run(places: Places, files: Sequence[str] = ()) -> int:
    """Open the window on this data and run until it is closed. Gives the exit code.

    `files`, by their absolute paths, are taken as if they had been dropped on it.
    """
    return_memory()
    kept = keep_log(places)
    QGuiApplication.setDesktopFileName("sobremesa")
    # closing is ours: it waits for the core
    QApplication.setQuitOnLastWindowClosed(False)
    running = QApplication.instance()
    app = running if isinstance(running, QApplication) else Application(["sobremesa"])
    WindowCollector(app)
    app.setApplicationName("sobremesa")
    app.setApplicationDisplayName("")  # titles say it themselves
    state = read_state(places.data / STATE_FILE)
    speak(app, state.language)
    dress(app, state.theme, state.text_percent)
    app.setWindowIcon(app_icon())
    window = MainWindow(state)
    window.take_files(list(files))
    program = Program(app, window, places, tuple(files))
    program.ended.connect(app.quit)
    if isinstance(app, Application):
        app.files_opened.connect(window.take_files)
    window.show()
    if isinstance(kept, Exception):
        log.warning("no log is kept: %s", kept)
    QTimer.singleShot(0, program, program.open)
    with Signals(program.close), _Hooks(program):
        code = app.exec()
    leave_clipboard()
    if isinstance(kept, Run):
        kept.end()
    return code


class Program(QObject):
    """The window's life: open the core, hand it over, and close everything in order."""

    ended = Signal()  # everything is saved and stopped
    defect = Signal(str)  # a traceback, from any thread
    brought = Signal(list)  # files that another copy was started with, from any thread

    def __init__(
        self, app: QApplication, window: MainWindow, places: Places, files: tuple[str, ...] = ()
    ) -> None:
        """`files`: what the window has to take; another copy's, where that one turns out to be first."""
        super().__init__(app)
        self._window = window
        self._places = places
        self._files = files
        self._opened: Opened | None = None
        self._opening = False
        self._closing = False
        self._ended = False
        self._session: Session | None = None
        self._unlock: UnlockPage | None = None
        self._defects: list[str] = []
        window.closing.connect(self.close)
        window.retry_requested.connect(self.open)
        self.defect.connect(self._tell_defect, Qt.ConnectionType.QueuedConnection)
        self.brought.connect(window.take_files, Qt.ConnectionType.QueuedConnection)
        app.commitDataRequest.connect(self._save)
        self._settled = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settled.timeout.connect(self._keep_state)
        self._replied = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._replied.timeout.connect(lambda: start(lambda _: give_back(), "memory"))

    # ── opening ──

    def open(self) -> None:
        """Open the core on a thread: the window stays alive meanwhile."""
        if self._opening or self._closing:
            return
        self._opening = True
        self._window.show_opening()
        operation = start(lambda _: _open(self._places, self.brought.emit, self._files), "open core")
        follow(operation, self, on_result=self._take, on_error=self._failed)

    def _take(self, opened: Opened) -> None:
        self._opening = False
        self._opened = opened
        if self._closing:
            self._stop()
            return
        if opened.core is None:
            self.close()
            return
        from desktop.view_models.session import Session

        self._session = Session(opened.core, self)
        self._window.attach(self._session)
        self._session.conversation.chat_changed.connect(lambda _: self._settled.start())
        self._window.state_changed.connect(self._settled.start)
        self._session.conversation.reply_ended.connect(lambda _: self._memory_used())
        for told in self._defects:
            self._tell_defect(told)
        if opened.last_run is not None:
            self._session.notices.add(opened.last_run, "last_run")
        start(lambda _: _prepare(), "prepare")

    def _memory_used(self) -> None:
        if not self._replied.isActive():  # replies in a row do not put it off
            self._replied.start()

    def _failed(self, problem: Problem) -> None:
        self._opening = False
        if not self._closing and self._asks_for_passphrase(problem):
            return
        log.error("the core did not open: %s %s %s", problem.code, problem.params, problem.detail)
        if self._closing:
            self._end()
        else:
            self._window.show_failure(problem)

    def _asks_for_passphrase(self, problem: Problem) -> bool:
        """Whether that is all that keeps it from opening."""
        if problem.code == PassphraseNeeded.code:
            self._unlock = self._window.show_unlock(str(self._places.data))
            self._unlock.tried.connect(self._unlocked)
            return True
        if self._unlock is not None and problem.code == PassphraseWrong.code:
            self._unlock.refuse(problem)
            return True
        return False

    def _unlocked(self, passphrase: str) -> None:
        """Try it on a thread: that takes about half a second, on purpose."""
        if self._opening or self._closing:
            return
        self._opening = True
        operation = start(lambda _: _open(self._places, self.brought.emit, self._files, passphrase), "unlock")
        follow(operation, self, on_result=self._take, on_error=self._failed)

    # ── closing ──

    def close(self) -> None:
        """Be gone at once for the person, then save and stop everything; at most some seconds."""
        if self._closing:
            return
        self._closing = True
        self._save()
        self._window.hide()
        QTimer.singleShot(int(CLOSE_LIMIT_S * 1000), self, self._end)
        if not self._opening:  # else `_take` or `_failed` goes on from here
            self._stop()

    def _stop(self) -> None:
        opened = self._opened

        def work(_: Operation[None]) -> None:
            if opened is not None and opened.server is not None:
                opened.server.close()
            if opened is not None and opened.core is not None:
                opened.core.close()

        closing = start(work, "close core")
        follow(closing, self, on_result=lambda _: self._end(), on_error=lambda _: self._end())

    def _save(self) -> None:
        if self._session is not None:
            self._session.save()
        self._keep_state()

    def _keep_state(self) -> None:
        """Also now and then while it is open: a window that is killed comes back with its chat."""
        write_state(self._places.data / STATE_FILE, self._window.state())

    def _end(self) -> None:
        if not self._ended:
            self._ended = True
            self._settled.stop()
            self._replied.stop()
            self._window.allow_close()
            self._window.close()
            self.ended.emit()

    # ── defects ──

    def report(self, error: BaseException) -> None:
        """An exception that nobody caught, on any thread."""
        told = "".join(traceback.format_exception(error))
        log.error("uncaught", exc_info=error)  # the log gets no message of it
        self.defect.emit(told)

    def _tell_defect(self, told: str) -> None:
        if self._session is None:
            self._defects.append(told)
        else:
            self._session.notices.add(Unexpected(told).problem(), "defect")


def _open(
    places: Places, bring: Callable[[list[str]], None], files: tuple[str, ...], passphrase: str = ""
) -> Opened:
    """Runs on a thread. `bring` takes files that other copies are started with; `files` go to another copy
    that was first. Raises what keeps the core from opening."""
    from desktop.core.services import open_core

    if passphrase:
        from desktop.core.encryption.opening import unlock

        unlock(places, passphrase)
    try:
        core = open_core(places)
    except DataInUse:
        # two copies started at the same moment: the other one was first
        if _shown_elsewhere(places, files):
            return Opened(None)
        raise
    # what the window needs next, while this thread is the one that waits
    import desktop.ui.workspace
    import desktop.view_models.session  # noqa: F401

    ended = look_back(places.logs_dir)
    return Opened(core, _serve(core, places, bring), None if ended is None else ended.problem())


def _prepare() -> None:
    """Runs on a thread, beside the window: what it may want soon and should not wait for."""
    import desktop.ui.models.page
    import desktop.ui.panels.settings
    import desktop.ui.panels.system_prompt
    import desktop.ui.viewer  # noqa: F401
    from desktop.i18n import number
    from desktop.ui.conversation.highlight import prepare

    prepare()
    number(0)  # how numbers are written is read from a file of its own
    gc.freeze()  # what the window stands on stays: to look through it for rubbish would take 50 ms each time


def _serve(core: "Services", places: Places, bring: Callable[[list[str]], None]) -> "Server | None":
    from desktop.core.events import WindowRequested
    from desktop.core.local_socket import serve

    def show(files: tuple[str, ...]) -> None:
        core.publish(WindowRequested())
        if files:
            bring(list(files))

    try:
        return serve(core, places, show)
    except OSError as error:
        # commands beside this window will be told that the data is in use
        log.warning("no local socket: %s", error)
        return None


def _shown_elsewhere(places: Places, files: tuple[str, ...]) -> bool:
    """Whether the owner of this data folder has brought its window to the front, and taken the files."""
    from desktop.core.commands import ShowWindow
    from desktop.core.local_socket import connect

    ends = time.monotonic() + OTHER_LIMIT_S
    try:
        while (remote := connect(places)) is None:
            if time.monotonic() > ends:
                return False
            time.sleep(OTHER_AGAIN_S)
        remote.run(ShowWindow(files), lambda _: None, threading.Event())
    except CoreError as error:
        log.info("the other program did not show its window: %s", error)
        return False
    return True


class _Hooks:
    """While the program runs, uncaught exceptions of all threads are logged and shown."""

    def __init__(self, program: Program) -> None:
        self._program = program

    def __enter__(self) -> None:
        self._before = sys.excepthook, threading.excepthook
        sys.excepthook = self._uncaught
        threading.excepthook = self._uncaught_on_thread

    def __exit__(self, *_: object) -> None:
        sys.excepthook, threading.excepthook = self._before

    def _uncaught(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        self._program.report(error.with_traceback(trace) if error is not None else kind())

    def _uncaught_on_thread(self, told: threading.ExceptHookArgs) -> None:
        if told.exc_value is not None:
            self._program.report(told.exc_value)
