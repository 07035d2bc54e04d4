"""Where files go that come into the window: to the question, to the documents, to the models."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog

from desktop.core.types.exchange import ExportFormat
from desktop.i18n import _
from desktop.ui.documents import DocumentsPanel
from desktop.ui.file_dialogs import ask_for_files
from desktop.ui.models.drop import parted
from desktop.ui.panels.frame import PanelFrame
from desktop.view_models.exchange import looks_like_export

if TYPE_CHECKING:
    from desktop.ui.workspace import Workspace


class Incoming:
    """Part of the workspace."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._session = workspace.session

    def take(self, paths: list[str]) -> None:
        """Models are looked into; everything else is for the documents."""
        models, others = parted(paths)
        exports = [path for path in others if looks_like_export(path)]
        if exports:
            self.import_chats(exports[0])
            others = [path for path in others if path not in exports]
        if others:
            self._workspace.open_panel("documents")
            self._session.add_documents(others)
        if models:
            self._session.model_imports.add(models)

    def dropped(self, zone: str, paths: list[str]) -> None:
        """Let go on one of the zones over the conversation."""
        if zone == "documents":
            self.take(paths)
            return
        models, others = parted(paths)
        archives = [path for path in others if path.lower().endswith(".zip")]
        if archives:  # no question is asked of an archive
            self.import_chats(archives[0])
            return
        self._session.conversation.attachments.add_paths(others)
        self._workspace.middle.take_focus()
        if models:
            self._session.model_imports.add(models)

    def import_chats(self, path: str) -> None:
        """Chats of another program, or a backup: how it goes is shown on the page of one's data."""
        self._session.exchange.import_chats(path)

    def export_chats(self, chats: tuple[int, ...], form: ExportFormat) -> None:
        """Ask where to; how it goes is shown on the page of one's data."""
        from desktop.ui.your_data.exporting import ask_for_export

        info = self._session.chats.info(chats[0]) if len(chats) == 1 else None
        title = info.title if info is not None else _("Chats")
        ask_for_export(self._workspace, self._session, chats, title, form)

    def attach(self) -> None:
        """Have a person choose files that go with the question."""
        if self._workspace.middle.page != "comparing":  # where questions are asked too
            self._workspace.middle.show_chat()
        add = self._session.conversation.attachments.add_paths
        title, several = _("Attach files to this question"), QFileDialog.FileMode.ExistingFiles
        ask_for_files(self._workspace, title, add, several)

    def choose_documents(self) -> None:
        self._workspace.open_panel("documents")
        panel = self._workspace.side.made("documents")
        if isinstance(panel, PanelFrame) and isinstance(panel.content, DocumentsPanel):
            panel.content.ask_for_files()
