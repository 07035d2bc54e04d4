"""The middle of the window: the header, the notices, and below them the conversation or the models page."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from desktop.ui.conversation import Composer, ConversationView
from desktop.ui.header import Header
from desktop.ui.notices import Notices
from desktop.ui.template_bar import TemplateBar
from desktop.ui.theme import set_kind
from desktop.view_models.session import Session

TYPE_CHECKING = False
if TYPE_CHECKING:  # built when it is first asked for
    from desktop.ui.models.page import ModelsPage

WIDTH_PX = 300  # what the middle always keeps


class Middle(QWidget):
    """One page at a time; `page_changed` after another one came to the front."""

    page_changed = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        set_kind(self, "ground")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setMinimumWidth(WIDTH_PX)
        self.header = Header(session.models)
        self.notices = Notices(session.notices)
        self.notices.left.connect(self.take_focus)
        self.conversation = ConversationView(session.conversation)
        self.template = TemplateBar(session.templates)
        self.composer = Composer(session.conversation)
        self.template.needed_changed.connect(lambda needed: self.conversation.empty.invite(not needed))
        self.template.decided.connect(self.composer.focus_field)
        self.template.refresh()
        self.models_page: ModelsPage | None = None
        self._pages = QStackedWidget()
        chat = QWidget()
        talk = _column(chat)
        talk.addWidget(self.conversation, 1)
        talk.addWidget(self.template)
        talk.addWidget(self.composer)
        self._pages.addWidget(chat)
        column = _column(self)
        column.addWidget(self.header)
        column.addWidget(self.notices)
        column.addWidget(self._pages, 1)

    @property
    def page(self) -> str:
        """What stands below the header: "chat" or "models"."""
        return "models" if self._pages.currentWidget() is self.models_page else "chat"

    def show_models(self) -> None:
        """Put the models page in the place of the conversation."""
        if self.models_page is None:
            from desktop.ui.models.page import ModelsPage

            self.models_page = ModelsPage(self._session)
            self.models_page.closed.connect(self._leave)
            self._pages.addWidget(self.models_page)
        was = self.page
        self._pages.setCurrentWidget(self.models_page)
        if was != "models":
            self.page_changed.emit()
            self.models_page.focus_first()

    def show_chat(self) -> None:
        """The conversation as it was; the keys stay where they are."""
        if self.page != "chat":
            self._pages.setCurrentIndex(0)
            self.page_changed.emit()

    def take_focus(self) -> None:
        if self.page == "models" and self.models_page is not None:
            self.models_page.focus_first()
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
