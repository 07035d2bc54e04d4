"""The one window: opening, open, or unable to open. What is in it stands in the workspace."""

from collections.abc import Callable

from msgspec.structs import replace
from PySide6.QtCore import QByteArray, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QMainWindow

from desktop.core.types import Problem
from desktop.ui.manner import dress, speak
from desktop.ui.opening import FailurePage, OpeningPage
from desktop.ui.window_state import WindowState

TYPE_CHECKING = False
if TYPE_CHECKING:  # both bring Markdown and much else: the window stands on the screen before them
    from desktop.ui.workspace import Workspace
    from desktop.view_models.session import Session

FIRST_SIZE = QSize(1120, 760)
SMALLEST = QSize(640, 420)


class MainWindow(QMainWindow):
    """`closing` is emitted instead of closing: who owns the program hides the window and ends in order."""

    closing = Signal()
    retry_requested = Signal()

    def __init__(self, state: WindowState | None = None) -> None:
        super().__init__()
        self._state = state or WindowState()
        self.session: Session | None = None
        self.workspace: Workspace | None = None
        self._may_close = False
        self.setWindowTitle("Sobremesa")
        self.setMinimumSize(SMALLEST)
        self._place()
        self._on_keys(QKeySequence("Ctrl+Q"), self.close)
        self._on_keys(QKeySequence(QKeySequence.StandardKey.Close), self.close)
        self.show_opening()

    def _on_keys(self, keys: QKeySequence, act: Callable[[], object]) -> None:
        QShortcut(keys, self).activated.connect(act)

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

    def attach(self, session: "Session") -> None:
        """The core is open: show its chats."""
        self.session = session
        session.settings.changed.connect(self._setting_changed)
        session.window_requested.connect(self.come_forward)
        session.conversation.chat_changed.connect(self._show_title)
        self._follow_settings(session)
        self._build()
        session.start(self._state.chat)

    def _build(self) -> None:
        from desktop.ui.workspace import Workspace

        if self.session is not None:
            self.workspace = Workspace(self.session, self._state)
            self.setCentralWidget(self.workspace)
            self.workspace.composer.focus_field()

    def _show_title(self) -> None:
        chat = self.session.conversation.chat if self.session is not None else None
        title = chat.title if chat is not None else ""
        self.setWindowTitle(f"{title} — Sobremesa" if title else "Sobremesa")

    # ── settings that change the whole window ──

    def _follow_settings(self, session: "Session") -> None:
        app = _application()
        self._state = replace(
            self._state, language=session.settings.text("language"), theme=session.settings.text("theme")
        )
        speak(app, self._state.language)
        dress(app, self._state.theme)

    def _setting_changed(self, name: str, value: object) -> None:
        if name == "theme":
            dress(_application(), str(value))
        elif name == "language" and speak(_application(), str(value)):
            # every text is chosen while it is built, so the widgets are built again
            self._state = self.state()
            self._build()
            if self.workspace is not None:
                # back to where the language was chosen, once the new widgets are on the screen
                QTimer.singleShot(0, self.workspace, self.workspace.focus_panel)
        self._state = self.state()

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
            settings = self.session.settings
            state = replace(state, language=settings.text("language"), theme=settings.text("theme"))
        return self.workspace.state(state) if self.workspace is not None else state

    def allow_close(self) -> None:
        """From now on closing closes."""
        self._may_close = True

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._may_close:
            event.accept()
        else:
            event.ignore()
            self.closing.emit()


def _application() -> QApplication:
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        raise TypeError("the window needs a QApplication")
    return app
