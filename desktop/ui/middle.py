"""The middle of the window: the header, the notices, and below them the conversation or a page."""

from typing import cast

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.ui.attachments.drop_zones import DropZones, ZonedPage
from desktop.ui.conversation import Composer, ConversationView
from desktop.ui.conversation.find_bar import FindBar
from desktop.ui.header import Header
from desktop.ui.notices import Notices
from desktop.ui.pages import PAGES, as_page
from desktop.ui.stack import Stack
from desktop.ui.template_bar import TemplateBar
from desktop.ui.temporary_bar import TemporaryBar
from desktop.ui.theme import grow
from desktop.view_models.session import Session

TYPE_CHECKING = False
if TYPE_CHECKING:  # brought in by whoever shows it first
    from desktop.ui.models.page import ModelsPage

WIDTH_PX = 300  # what the middle always keeps


class Middle(QWidget):
    """One page at a time; `page_changed` after another one came to the front."""

    page_changed = Signal()
    dropped = Signal(str, list)  # as `DropZones.dropped`, wherever it is

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        grow(self, least_width=WIDTH_PX)
        self.header = Header(session.models)
        self.notices = Notices(session.notices)
        self.notices.left.connect(self.take_focus)
        self.conversation = ConversationView(session.conversation)
        self.conversation.announces = False  # the window does
        self.find_bar = FindBar(session.find, self.conversation)
        self.find_bar.closed.connect(self.take_focus)
        self.template = TemplateBar(session.templates)
        self.composer = Composer(session.conversation)
        self.composer.meter.follow(session.context)
        self.composer.follow_documents(session.documents)
        self.conversation.tints.follow(session.probabilities)
        self.template.needed_changed.connect(lambda needed: self.conversation.empty.invite(not needed))
        self.template.decided.connect(self.composer.focus_field)
        self.template.refresh()
        self._made: dict[str, QWidget] = {}  # the pages that were asked for
        self._pages = Stack()
        chat = ZonedPage()
        self.zones: DropZones = chat.zones
        self.zones.dropped.connect(self.dropped)
        talk = _column(chat)
        talk.addWidget(self.find_bar)
        talk.addWidget(self.conversation, 1)
        talk.addWidget(self.template)
        talk.addWidget(TemporaryBar(session.conversation.temporary))
        talk.addWidget(self.composer)
        self._pages.addWidget(chat)
        column = _column(self)
        column.addWidget(self.header)
        column.addWidget(self.notices)
        column.addWidget(self._pages, 1)

    @property
    def page(self) -> str:
        """What stands below the header: "chat" or one of `PAGES`."""
        shown = self._pages.currentWidget()
        return next((name for name, page in self._made.items() if page is shown), "chat")

    @property
    def models_page(self) -> "ModelsPage | None":
        return cast("ModelsPage | None", self._made.get("models"))

    def show_page(self, name: str) -> QWidget:
        """Put a page in the place of the conversation; it has the keys then."""
        if name not in self._made:
            made = PAGES[name](self._session)
            as_page(made).closed.connect(self._leave)
            if isinstance(made, ZonedPage):
                made.zones.dropped.connect(self.dropped)
            wanted = getattr(made, "page_wanted", None)
            if wanted is not None:
                wanted.connect(self.show_page)
            self._pages.addWidget(made)
            self._made[name] = made
        page = self._made[name]
        if self._pages.currentWidget() is not page:
            self._pages.setCurrentWidget(page)
            self.page_changed.emit()
            as_page(page).focus_first()
        return page

    def show_chat(self) -> None:
        """The conversation as it was; the keys stay where they are."""
        if self.page != "chat":
            self._pages.setCurrentIndex(0)
            self.page_changed.emit()

    def find_in_chat(self) -> None:
        """Words are looked for in the chat that is shown."""
        self.show_chat()
        self.find_bar.begin()

    def take_focus(self) -> None:
        page = self._made.get(self.page)
        if page is not None:
            as_page(page).focus_first()
        else:
            self.composer.focus_field()

    def _leave(self) -> None:
        self.show_chat()
        self.take_focus()


def _column(widget: QWidget) -> QVBoxLayout:
    column = QVBoxLayout(widget)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    return column
