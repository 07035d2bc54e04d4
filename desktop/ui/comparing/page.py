"""The page of two answers side by side, in the place of the conversation; in a narrow window behind tabs."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QTabBar, QVBoxLayout

from desktop.core.types import ChatInfo
from desktop.i18n import _
from desktop.ui.attachments.drop_zones import ZonedPage
from desktop.ui.comparing.asking import Asking
from desktop.ui.comparing.pane import Pane
from desktop.ui.comparing.together import ScrollTogether
from desktop.ui.file_dialogs import ask_for_files
from desktop.ui.pieces import icon_button, label, line
from desktop.ui.theme import grown, space
from desktop.view_models.session import Session

BOTH_FIT_PX = 760  # of the page, beside the sidebar


class ComparingPage(ZonedPage):
    """`closed` asks for the conversation back."""

    closed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._vm = session.comparison
        self.setAccessibleName(_("Two answers side by side"))
        self._build()
        self._vm.kept.connect(lambda _chat: self.closed.emit())
        session.conversation.chat_changed.connect(self._chat_changed)

    def _build(self) -> None:
        self.panes = tuple(Pane(self._vm, self._session.models, number) for number in range(2))
        self.tabs = QTabBar()
        self.tabs.setExpanding(True)
        self.tabs.setDrawBase(False)
        self.tabs.setElideMode(Qt.TextElideMode.ElideRight)
        self.tabs.setAccessibleName(_("Sides"))
        for pane in self.panes:
            self.tabs.addTab(pane.title)
            pane.title_changed.connect(self._name_tabs)
            pane.models_wanted.connect(self._session.conversation.model_wanted)
            pane.conversation.composer_wanted.connect(self.focus_first)
            pane.conversation.file_opened.connect(self._session.show_file)
        self.tabs.currentChanged.connect(lambda _at: self._arrange())
        for side in self._vm.sides:
            side.citation_activated.connect(self._session.viewer.show)
        self.together = ScrollTogether(self.panes[0].conversation, self.panes[1].conversation)
        self.asking = Asking(self._vm)
        self.asking.left.connect(self._back)
        self.asking.files_wanted.connect(self._choose_files)
        self.asking.file_opened.connect(self._session.show_file)
        self.asking.about_to_send.connect(self._keep_texts)
        body = QHBoxLayout()
        body.setSpacing(0)
        body.addWidget(self.panes[0], 1)
        self._border = line("line_v")
        body.addWidget(self._border)
        body.addWidget(self.panes[1], 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._head())
        column.addWidget(self.tabs)
        column.addLayout(body, 1)
        column.addWidget(self.asking)
        self._arrange()

    def _head(self) -> QHBoxLayout:
        self.back = icon_button("chevron_left", _("Back to the chat"), self._back)
        self.scroll_switch = icon_button("scroll_together", _("Scroll both together"))
        self.scroll_switch.setCheckable(True)
        self.scroll_switch.setChecked(True)
        self.scroll_switch.toggled.connect(self.together.switch)
        head = QHBoxLayout()
        head.setContentsMargins(space.l, space.s, space.l, space.s)
        head.setSpacing(space.s)
        head.addWidget(self.back)
        head.addWidget(label(_("Side by side"), "heading"))
        head.addStretch(1)
        head.addWidget(self.scroll_switch)
        return head

    def focus_first(self) -> None:
        self.asking.field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _choose_files(self) -> None:
        """Have a person choose files that go with the question."""
        title, several = _("Attach files to this question"), QFileDialog.FileMode.ExistingFiles
        ask_for_files(self, title, self._vm.attachments.add_paths, several)

    # ── room ──

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        both = self.width() >= grown(BOTH_FIT_PX)
        self.tabs.setVisible(not both)
        self._border.setVisible(both)
        self.scroll_switch.setVisible(both)
        for number, pane in enumerate(self.panes):
            pane.setVisible(both or self.tabs.currentIndex() == number)

    def _name_tabs(self) -> None:
        for number, pane in enumerate(self.panes):
            self.tabs.setTabText(number, pane.title.replace("&", "&&"))

    # ── coming and going ──

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not event.spontaneous():
            self._vm.enter(self._session.conversation.chat)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if not event.spontaneous():
            self._vm.leave()

    def _chat_changed(self, chat: ChatInfo | None) -> None:
        """Another chat is in front, while the page is shown: at the start, say; or this one was deleted."""
        compared = self._vm.chat
        if self.isVisible() and (chat.id if chat else None) != (compared.id if compared else None):
            self._vm.enter(chat)

    def _keep_texts(self) -> None:
        for pane in self.panes:
            pane.keep_text()

    def _back(self) -> None:
        self.closed.emit()
