"""The page “Your data”, in the place of the conversation. Paints and forwards."""

import time

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.core.types.exchange import ExportFormat
from desktop.i18n import _
from desktop.ui.conversation.drop import files_of
from desktop.ui.file_dialogs import Mode, ask_for_files
from desktop.ui.pieces import icon_button, label, text_button
from desktop.ui.scrolled import ScrollingColumn
from desktop.ui.theme import grow, layout, space
from desktop.ui.your_data.cards import Card, JobCard
from desktop.ui.your_data.encryption_card import EncryptionCard
from desktop.ui.your_data.exporting import ask_for_export, ask_where, format_menu
from desktop.ui.your_data.health_card import HealthCard
from desktop.view_models.session import Session


class YourDataPage(QWidget):
    """`closed` asks for the conversation back."""

    closed = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._exchange = session.exchange
        self.setAccessibleName(_("Your data"))
        self.setAcceptDrops(True)
        self.back = icon_button("chevron_left", _("Back to the chat"), self.closed.emit)
        self.job = JobCard(self._exchange)
        self.health = HealthCard(session.health)
        self.encryption = EncryptionCard(session.encryption)
        self._build()
        self._exchange.changed.connect(self._refresh)
        self._refresh()

    def _build(self) -> None:
        self.import_file = text_button(_("Choose a file…"), "", self.ask_for_import)
        self.import_folder = text_button(_("Choose a folder…"), "", self.ask_for_folder)
        self.export = text_button(_("Export all chats"))
        self.export.setMenu(format_menu(self.export, self.ask_for_export))
        self.backup = text_button(_("Back up…"), "", self.ask_for_backup)
        self.restore = text_button(_("Restore a backup…"), "", self.ask_for_restore)
        cards = (
            self.job,
            Card(
                _("Bring in chats"),
                _(
                    "Exports of ChatGPT, Claude, Open WebUI, LM Studio, Jan and Sobremesa: drop one here or "
                    "choose it, unpacked or not. What is here already does not come twice."
                ),
                self.import_file,
                self.import_folder,
            ),
            Card(
                _("Take chats with you"),
                _("One chat alone is exported from its menu in the list."),
                self.export,
            ),
            Card(
                _("Backup"),
                _(
                    "One file with your chats, prompts, settings and presets. Models and documents are not "
                    "in it. It is not encrypted: keep it where only you can read it."
                ),
                self.backup,
                self.restore,
            ),
            self.encryption,
            self.health,
        )
        inner = QWidget()
        grow(inner, most_width=layout.conversation_px + 2 * space.l)
        column = QVBoxLayout(inner)
        column.setContentsMargins(space.l, space.s, space.l, space.xl)
        column.setSpacing(space.m)
        title = QHBoxLayout()
        title.setSpacing(space.s)
        title.addWidget(self.back)
        title.addWidget(label(_("Your data"), "heading"))
        title.addStretch(1)
        column.addLayout(title)
        column.addWidget(label(_("All of it lies on this computer and nowhere else."), "muted", wrap=True))
        for card in cards:
            column.addWidget(card)
        column.addStretch(1)
        self.area = ScrollingColumn(inner)
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 0)
        page.addWidget(self.area)

    def focus_first(self) -> None:
        self.import_file.setFocus(Qt.FocusReason.OtherFocusReason)

    def _refresh(self) -> None:
        busy = self._exchange.running
        for button in (self.import_file, self.import_folder, self.export, self.backup, self.restore):
            button.setEnabled(not busy)
        if self._exchange.job is not None:
            self.area.verticalScrollBar().setValue(0)

    # ── asking ──

    def ask_for_import(self) -> None:
        filters = (_("Exports (*.json *.jsonl *.zip)"), _("All files (*)"))
        ask_for_files(self, _("Bring in chats"), self._take, Mode.ExistingFile, filters)

    def ask_for_folder(self) -> None:
        ask_for_files(self, _("Bring in chats"), self._take, Mode.Directory)

    def ask_for_export(self, form: ExportFormat) -> None:
        ask_for_export(self, self._session, (), _("Chats"), form)

    def ask_for_backup(self) -> None:
        name = time.strftime("sobremesa-%Y-%m-%d.zip")
        ask_where(self, _("Back up"), name, self._exchange.back_up)

    def ask_for_restore(self) -> None:
        filters = (_("Backups (*.zip)"),)
        ask_for_files(self, _("Restore a backup"), self._look, Mode.ExistingFile, filters)

    def _take(self, paths: list[str]) -> None:
        if paths:
            self._exchange.import_chats(paths[0])

    def _look(self, paths: list[str]) -> None:
        if paths:
            self._exchange.look_into(paths[0])

    # ── events ──

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if files_of(event.mimeData()) and not self._exchange.running:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        self._take(files_of(event.mimeData()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and not self._exchange.running:
            self.closed.emit()
        else:
            super().keyPressEvent(event)
