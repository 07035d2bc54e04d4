"""The one window: opening, open, or unable to open. What is in it stands in the workspace."""

from typing import Final

from msgspec.structs import replace
from PySide6.QtCore import QByteArray, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication, QKeyEvent, QKeySequence, QMoveEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QMainWindow, QPushButton, QToolButton

from desktop.core.types import Problem
from desktop.i18n import _
from desktop.ui.commands import Command, Commands
from desktop.ui.manner import dress, scale_text, speak
from desktop.ui.opening import FailurePage, OpeningPage
from desktop.ui.theme.motion import set_motion
from desktop.ui.unlock import UnlockPage
from desktop.ui.window_state import WindowState

TYPE_CHECKING = False
if TYPE_CHECKING:  # both bring Markdown and much else: the window stands on the screen before them
    from desktop.ui.shell.notifier import Notifier
    from desktop.ui.workspace import Workspace
    from desktop.view_models.long_jobs import Ended
    from desktop.view_models.session import Session

FIRST_SIZE = QSize(1120, 760)
SMALLEST = QSize(640, 420)
_KEYPAD: Final = Qt.KeyboardModifier.KeypadModifier
TEXT_PERCENTS: Final = (80, 90, 100, 110, 125, 150, 175, 200)


class MainWindow(QMainWindow):
    """`closing` is emitted instead of closing: who owns the program hides the window and ends in order."""

    closing = Signal()
    retry_requested = Signal()
    state_changed = Signal()  # it stands elsewhere, or something else is open in it

    def __init__(self, state: WindowState | None = None) -> None:
        super().__init__()
        self._state = state or WindowState()
        self.session: Session | None = None
        self.workspace: Workspace | None = None
        self._notifier: Notifier | None = None
        self._may_close = False
        self._files: list[str] = []  # brought before there was somewhere to show them
        self.setWindowTitle("Sobremesa")
        self.setMinimumSize(SMALLEST)
        self._place()
        self.commands = self._own_commands()
        self.show_opening()

    def _own_commands(self) -> Commands:
        """What the window can do by itself, also while the core is being opened."""
        key = QKeySequence.StandardKey
        commands = Commands(self)
        commands.add(
            Command("close", _("Close the window"), self.close, (key.Close,), icon="close"),
            Command("quit", _("Quit"), self.close, ("Ctrl+Q",), icon="close"),
            Command("full_screen", _("Full screen"), self.toggle_full_screen, (key.FullScreen,), "view"),
            Command(
                "text_larger",
                _("Larger text"),
                lambda: self.step_text(1),
                (key.ZoomIn, "Ctrl+="),
                "view",
                icon="plus",
            ),
            Command(
                "text_smaller",
                _("Smaller text"),
                lambda: self.step_text(-1),
                (key.ZoomOut,),
                "view",
                icon="minus",
            ),
            Command("text_normal", _("Text of normal size"), lambda: self.step_text(0), ("Ctrl+0",), "view"),
        )
        return commands

    def toggle_full_screen(self) -> None:
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def step_text(self, step: int) -> None:
        """The next larger or smaller size of text, or for 0 the normal one."""
        if self.session is None:
            return
        now = int(str(self.session.settings.value("text_percent")))
        further = [size for size in TEXT_PERCENTS if (size > now if step > 0 else size < now)]
        to = 100 if step == 0 else (further or [now])[0 if step > 0 else -1]
        self.session.settings.set("text_percent", to)

    def _place(self) -> None:
        kept = QByteArray.fromBase64(self._state.geometry.encode())
        if kept.isEmpty() or not self.restoreGeometry(kept):
            screen = QGuiApplication.primaryScreen()
            room = screen.availableSize() if screen is not None else FIRST_SIZE
            self.resize(FIRST_SIZE.boundedTo(room))

    # ── what it shows ──

    def show_opening(self) -> None:
        """The core is being opened."""
        if not isinstance(self.centralWidget(), OpeningPage):
            self.setCentralWidget(OpeningPage())

    def show_failure(self, problem: Problem) -> None:
        """The core could not be opened."""
        page = FailurePage(problem)
        page.retry_requested.connect(self.retry_requested)
        page.quit_requested.connect(self.close)
        self.setCentralWidget(page)
        page.retry.setFocus()

    def show_unlock(self, folder: str) -> UnlockPage:
        """The chats are encrypted, and nobody has said the passphrase: nothing of them is read before."""
        page = UnlockPage(folder)
        page.quit_requested.connect(self.close)
        self.setCentralWidget(page)
        page.field.setFocus()
        return page

    def attach(self, session: "Session") -> None:
        """The core is open: show its chats."""
        self.session = session
        session.settings.changed.connect(self._setting_changed)
        session.window_requested.connect(self.come_forward)
        session.conversation.chat_changed.connect(self._show_title)
        session.long_jobs.ended.connect(self._tell_ended)
        from desktop.ui.announcer import Announcer

        self._announcer = Announcer(session, self)
        self._follow_settings(session)
        self._build()
        session.start(self._state.chat)
        self._asked_welcome = self._state.welcome
        session.chats.changed.connect(self._welcome_once)
        self._welcome_once()

    def _build(self) -> None:
        from desktop.ui.shell.menu_bar import put_menu_bar
        from desktop.ui.workspace import Workspace

        if self.session is not None:
            self.commands.dispose()
            self.commands = self._own_commands()
            self.workspace = Workspace(self.session, self._state, self.commands)
            self.workspace.arranged.connect(self.state_changed)
            self.setCentralWidget(self.workspace)
            self.workspace.composer.focus_field()
            put_menu_bar(self, self.commands)

    def _welcome_once(self) -> None:
        """The first run goes on, or begins where there is nothing yet; known once the chats are listed."""
        session = self.session
        if session is None or not session.chats.listed:
            return
        session.chats.changed.disconnect(self._welcome_once)
        session.welcome.resume(self._asked_welcome, used_before=bool(session.chats.all))
        files, self._files = self._files, []
        self.take_files(files)

    def take_files(self, files: list[str]) -> None:
        """As if they had been dropped on it; kept until there is somewhere to show them."""
        listed = self.session is not None and self.session.chats.listed
        if not listed or self.workspace is None:
            self._files += files
        elif files:
            self.workspace.incoming.take(files)

    def _show_title(self) -> None:
        chat = self.session.conversation.chat if self.session is not None else None
        title = chat.title if chat is not None else ""
        if chat is not None and chat.temporary:
            title = _("Temporary chat")  # its words would stand in the list of windows of other programs
        self.setWindowTitle(f"{title} — Sobremesa" if title else "Sobremesa")

    # ── settings that change the whole window ──

    def _follow_settings(self, session: "Session") -> None:
        app = _application()
        self._state = _with_settings(self._state, session)
        speak(app, self._state.language)
        dress(app, self._state.theme, self._state.text_percent)
        set_motion(app, session.settings.text("motion"))

    def _setting_changed(self, name: str, value: object) -> None:
        if name == "theme":
            dress(_application(), str(value))
        elif name == "motion":
            set_motion(_application(), str(value))
        elif name == "text_percent":
            scale_text(_application(), int(str(value)))
        elif name == "language" and speak(_application(), str(value)):
            # every text is chosen while it is built, so the widgets are built again
            self._state = self.state()
            self._build()
            if self.workspace is not None:
                # back to where the language was chosen, once the new widgets are on the screen
                QTimer.singleShot(0, self.workspace, self._back_to_language)
        self._state = self.state()

    def _back_to_language(self) -> None:
        if self.workspace is not None and self.workspace.panel == "settings":
            self.workspace.show_setting("language")
        elif self.workspace is not None and self.workspace.middle.page != "chat":
            self.workspace.middle.take_focus()
        elif self.workspace is not None:
            self.workspace.focus_panel()

    def _tell_ended(self, ended: "Ended") -> None:
        if self.session is not None and self.session.settings.value("notifications"):
            if self._notifier is None:
                from desktop.ui.shell.notifier import Notifier

                self._notifier = Notifier(self)
            self._notifier.tell(ended)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses the button that has the keys, as elsewhere; Qt itself knows the space bar alone."""
        held = self.focusWidget()
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers() & ~_KEYPAD
        if enter and isinstance(held, QPushButton | QToolButton) and held.isEnabled():
            opens = held.menu() is not None
            (held.showMenu if opens else held.click)()
        else:
            super().keyPressEvent(event)

    # ── coming and going ──

    def come_forward(self) -> None:
        """Another copy was started: be seen."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def state(self) -> WindowState:
        """Where the window stands and what is open in it."""
        state = replace(self._state, geometry=bytes(self.saveGeometry().toBase64().data()).decode())
        if self.session is not None:
            state = _with_settings(state, self.session)
        return self.workspace.state(state) if self.workspace is not None else state

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.state_changed.emit()

    def moveEvent(self, event: QMoveEvent) -> None:
        super().moveEvent(event)
        self.state_changed.emit()

    def allow_close(self) -> None:
        """From now on closing closes."""
        self._may_close = True

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._may_close:
            event.accept()
        else:
            event.ignore()
            self.closing.emit()


def _with_settings(state: WindowState, session: "Session") -> WindowState:
    """`state` with the settings that a window needs before its core is open."""
    settings = session.settings
    return replace(
        state,
        language=settings.text("language"),
        theme=settings.text("theme"),
        text_percent=int(str(settings.value("text_percent"))),
    )


def _application() -> QApplication:
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        raise TypeError("the window needs a QApplication")
    return app
