"""The window once the core is open: sidebar, conversation or a page, and at most one panel beside it.

Decides what is folded at which width. The conversation, the documents and the viewer paint themselves.
"""

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop.core.types import Problem
from desktop.i18n import _
from desktop.ui.columns import Columns
from desktop.ui.commands import Commands
from desktop.ui.conversation.drop import files_of
from desktop.ui.drop_veil import DropVeil
from desktop.ui.incoming import Incoming
from desktop.ui.middle import Middle
from desktop.ui.models.drop import parted
from desktop.ui.pages import PAGES
from desktop.ui.panels.frame import PanelFrame
from desktop.ui.panels.side import PANELS, SidePanels
from desktop.ui.shell.palette import CommandPalette
from desktop.ui.shell.window_commands import fill, register, show_keys
from desktop.ui.sidebar import Sidebar
from desktop.ui.theme import appearance, space
from desktop.ui.window_state import WindowState
from desktop.view_models.notices import Subject
from desktop.view_models.session import Session


class Workspace(QWidget):
    """Built from the session's view models; built anew when the language changes."""

    arranged = Signal()  # something else may stand open

    def __init__(self, session: Session, state: WindowState, commands: Commands | None = None) -> None:
        super().__init__()
        self.session = session
        self.commands = commands if commands is not None else Commands(self)
        self.panel = ""
        self._wants_sidebar = state.sidebar
        self._insists = False  # the sidebar was unfolded by hand in a narrow window
        self.sidebar = Sidebar(session.chats)
        self.middle = Middle(session)
        self.header = self.middle.header
        self.notices = self.middle.notices
        self.conversation = self.middle.conversation
        self.composer = self.middle.composer
        self.side = SidePanels(session, self.commands)
        self.command_palette = CommandPalette(self)
        self.columns = Columns(self.sidebar, self.middle, self.side, state)
        self.incoming = Incoming(self)
        self._veil = DropVeil(self, "ground", "accent", space.xl)
        self.setAcceptDrops(True)
        session.chats.open_folders(session.chats.opened or state.folders)
        self._build()
        self._connect()
        register(self)
        fill(self.command_palette, self)
        show_keys(self)
        self._show_temporary()
        if state.panel in PANELS and self._can_show(state.panel):
            self.open_panel(state.panel)
        if state.page in PAGES and (state.page != "welcome" or session.welcome.step != "done"):
            self.show_page(state.page)
        self._arrange()

    def _can_show(self, panel: str) -> bool:
        """Whether there is still something to show in a panel that was open."""
        empty = {"viewer": not self.session.viewer.is_open, "report": self.session.notices.reported is None}
        return not empty.get(panel, False)

    def _build(self) -> None:
        self.side.hide()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.columns)

    def _connect(self) -> None:
        session = self.session
        self.side.closed.connect(self.close_panel)
        self.side.panel_wanted.connect(self.open_panel)
        self.sidebar.fold_requested.connect(self.fold_sidebar)
        self.sidebar.panel_requested.connect(self.toggle_panel)
        session.chats.export_requested.connect(self.incoming.export_chats)
        session.exchange.begun.connect(lambda: self.show_page("your_data"))
        self.sidebar.chat_chosen.connect(self._chat_chosen)
        self.header.temporary_requested.connect(self.temporary_chat)
        session.conversation.temporary.changed.connect(self._show_temporary)
        self.sidebar.hit_chosen.connect(self._hit_chosen)
        self.header.sidebar_requested.connect(self.unfold_sidebar)
        self.header.panel_requested.connect(self.toggle_panel)
        self.header.model.page_wanted.connect(self.show_models)
        self.header.model.file_wanted.connect(self.add_model_files)
        self.notices.restart_requested.connect(session.models.load)
        self.notices.models_requested.connect(self.show_models)
        self.notices.report_requested.connect(self._show_report)
        self.conversation.composer_wanted.connect(self.composer.focus_field)
        self.middle.dropped.connect(self.incoming.dropped)
        self.composer.files_wanted.connect(self.incoming.attach)
        self.composer.documents_wanted.connect(self.choose_documents)
        self.composer.collections.page_wanted.connect(lambda: self.show_page("documents"))
        self.composer.file_opened.connect(session.show_file)
        self.conversation.file_opened.connect(session.show_file)
        session.branches.reached.connect(self._show_message)
        self.conversation.branches_wanted.connect(lambda: self.open_panel("branches"))
        session.conversation.model_wanted.connect(self.choose_model)
        self.conversation.template_wanted.connect(self._show_template)
        self.middle.template.more_wanted.connect(self._show_template)
        self.middle.page_changed.connect(self._arrange)
        session.model_imports.added.connect(self.show_models)
        session.welcome.wanted.connect(self._show_welcome)
        session.viewer.opened.connect(self._show_viewer)
        session.viewer.closed.connect(self._viewer_closed)
        session.chats.changed.connect(self._need_chat)
        session.notices.changed.connect(self._leave_out_notices)
        look = appearance()
        if look is not None:
            look.changed.connect(self._text_resized)
        for signal in (
            session.conversation.reset,
            session.conversation.turns_replaced,
            session.conversation.reply_ended,
        ):
            signal.connect(self._leave_out_notices)

    # ── what a person asks for ──

    def new_chat(self) -> None:
        self.session.chats.new_chat()
        self._chat_chosen()

    def temporary_chat(self) -> None:
        self.session.conversation.temporary.begin()
        self._show_temporary()  # where there was an empty one already
        self._chat_chosen()

    def _show_temporary(self) -> None:
        self.header.temporary.setChecked(self.session.conversation.temporary.active)

    def open_chat(self, chat: int) -> None:
        self.session.chats.open(chat)
        self._chat_chosen()

    def write(self) -> None:
        """The keys go to where a question is written."""
        self.middle.show_chat()
        self.composer.focus_field()

    def search(self) -> None:
        self.unfold_sidebar()
        self.sidebar.focus_search()

    def choose_model(self) -> None:
        """Show the models at hand; where there is none, the page that says how to get one."""
        models = self.session.models
        if models.models or models.listing:
            self.header.model.showMenu()
        else:
            self.show_models()

    # ── pages ──

    def toggle_page(self, name: str) -> None:
        if self.middle.page == name:
            self.middle.show_chat()
            self.middle.take_focus()
        else:
            self.show_page(name)

    def show_page(self, name: str) -> QWidget:
        """A page in the place of the conversation, and nothing beside it that is about a chat."""
        if self.panel and PANELS[self.panel].beside_a_chat and name not in PANELS[self.panel].beside_pages:
            self.close_panel()
        self._insists = False
        page = self.middle.show_page(name)
        self._arrange()
        return page

    def show_models(self) -> None:
        self.show_page("models")

    def _show_welcome(self) -> None:
        self.show_page("welcome")

    def add_model_files(self) -> None:
        self.show_models()
        if self.middle.models_page is not None:
            self.middle.models_page.ask_for_files()

    def toggle_sidebar(self) -> None:
        if self.sidebar.isVisibleTo(self):
            self.fold_sidebar()
        else:
            self.unfold_sidebar()

    def fold_sidebar(self) -> None:
        self._insists = False
        if self.columns.roomy:
            self._wants_sidebar = False
        self._arrange()
        self.middle.take_focus()

    def unfold_sidebar(self) -> None:
        if self.columns.roomy:
            self._wants_sidebar = True
        else:
            self._insists = True
        if self.panel and not self.columns.both_fit:
            self.close_panel()
        self._arrange()

    def toggle_panel(self, name: str) -> None:
        if name not in PANELS:
            self.toggle_page(name)
        elif self.panel == name:
            self.close_panel()
        else:
            self.open_panel(name)

    def open_panel(self, name: str) -> None:
        """Show one panel in the place of whatever stood there; a page in the place of the conversation."""
        if name not in PANELS:
            self.show_page(name)
            return
        if self.panel == "viewer" != name:
            self.session.viewer.close()
        if PANELS[name].beside_a_chat and self.middle.page not in PANELS[name].beside_pages:
            self.middle.show_chat()
        self.panel = self.columns.panel = name
        self.side.show_panel(name)
        if not self.columns.both_fit:
            self._insists = False
        self._arrange()
        self.columns.share()
        self._need_chat()
        self.focus_panel()

    def focus_panel(self) -> None:
        """The keyboard goes to the panel, where one is open."""
        frame = self.side.made(self.panel)
        if isinstance(frame, PanelFrame):
            frame.take_focus()

    def close_panel(self) -> None:
        was, self.panel = self.panel, ""
        if was == "viewer":
            self.session.viewer.close()
        self._arrange()
        self.middle.take_focus()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        # where nothing else wants what is dragged
        if parted(files_of(event.mimeData()))[0]:
            event.acceptProposedAction()
            self._veil.cover(_("Drop to see whether it runs here"))

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:  # noqa: ARG002
        self._veil.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        self._veil.hide()
        event.acceptProposedAction()
        self.incoming.take(files_of(event.mimeData()))

    def choose_documents(self) -> None:
        self.incoming.choose_documents()

    def use_prompt(self, key: str) -> None:
        """The chat in front is told this prompt of the library first; what it asks for stands beside it."""
        self.session.use_prompt(key)
        self.open_panel("system_prompt")

    def show_setting(self, name: str) -> None:
        """The form of settings, with the keys in this one."""
        from desktop.ui.panels.settings import SettingsPanel

        self.open_panel("settings")
        panel = self.side.made("settings")
        if isinstance(panel, PanelFrame) and isinstance(panel.content, SettingsPanel):
            panel.content.show_setting(name)

    def _show_message(self, key: int) -> None:
        index = self.session.conversation.turns.index_of(key)
        if index is not None:
            self.middle.show_chat()
            self.conversation.show_message(index)

    def _show_template(self) -> None:
        self.open_panel("template")

    def _show_report(self, problem: Problem) -> None:
        self.session.notices.tell_more(problem)
        self.open_panel("report")

    def _show_viewer(self) -> None:
        if self.panel != "viewer":
            self.open_panel("viewer")

    def _viewer_closed(self) -> None:
        if self.panel == "viewer":
            self.close_panel()

    def _chat_chosen(self) -> None:
        """A chat was brought to the front: in a narrow window its list has done its duty."""
        self._insists = False
        self.middle.show_chat()
        self._arrange()
        self.composer.focus_field()

    def _hit_chosen(self) -> None:
        """A message that was found comes to the front; the list of the others keeps the keys."""
        self.middle.show_chat()
        if not self.columns.roomy:
            self.fold_sidebar()

    def _leave_out_notices(self, *_: object) -> None:
        """What stands where it happened is not told a second time above."""
        told: set[Subject] = {"library"} if self.panel == "documents" else set()
        turns = self.session.conversation.turns
        failed = turns[-1].problem if turns else None
        engine = next((n.problem for n in self.session.notices.notices if n.subject == "engine"), None)
        if failed is not None and engine is not None and failed.code == engine.code:
            told.add("engine")
        self.notices.leave_out(frozenset(told))

    def _need_chat(self) -> None:
        keeps = bool(self.panel) and PANELS[self.panel].of_a_chat
        if keeps and self.session.chats.current is None and self.session.chats.listed:
            self.session.need_chat()

    # ── room ──

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.oldSize().width() != event.size().width():
            self._arrange()

    def _arrange(self) -> None:
        self.columns.panel = self.panel
        wanted = self._wants_sidebar if self.columns.roomy else self._insists
        sidebar = wanted and (not self.panel or self.columns.both_fit)
        self.columns.arrange(sidebar=sidebar)
        self.header.show_unfold(not sidebar)
        self._leave_out_notices()
        self.header.show_panel(self.panel)
        self.sidebar.show_open(self.panel, self.middle.page)
        self.arranged.emit()

    def _text_resized(self) -> None:
        self._arrange()
        self.columns.share()

    def state(self, state: WindowState) -> WindowState:
        """`state` with what stands open here."""
        from msgspec.structs import replace

        return replace(
            state,
            sidebar=self._wants_sidebar,
            sidebar_px=self.columns.sidebar_px,
            panel="" if self.panel == "viewer" else self.panel,
            page="" if self.middle.page == "chat" else self.middle.page,
            panel_px=self.columns.panel_px[""],
            viewer_px=self.columns.panel_px["viewer"],
            # a temporary chat is gone by then, and its number leaves no trace either
            chat=None if self.session.conversation.temporary.active else self.session.chats.current,
            folders=tuple(sorted(self.session.chats.opened)),
            welcome=self.session.welcome.step,
        )

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        QTimer.singleShot(0, self, self.columns.share)
