"""Where files go that come into the window: to the question, to the documents, to the models."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog

from desktop.i18n import _
from desktop.ui.documents import DocumentsPanel
from desktop.ui.file_dialogs import ask_for_files
from desktop.ui.models.drop import parted
from desktop.ui.panels.frame import PanelFrame

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
        self._session.conversation.attachments.add_paths(others)
        self._workspace.composer.focus_field()
        if models:
            self._session.model_imports.add(models)

    def attach(self) -> None:
        """Have a person choose files that go with the question."""
        self._workspace.middle.show_chat()
        add = self._session.conversation.attachments.add_paths
        title, several = _("Attach files to this question"), QFileDialog.FileMode.ExistingFiles
        ask_for_files(self._workspace, title, add, several)

    def choose_documents(self) -> None:
        self._workspace.open_panel("documents")
        panel = self._workspace.side.made("documents")
        if isinstance(panel, PanelFrame) and isinstance(panel.content, DocumentsPanel):
            panel.content.ask_for_files()
