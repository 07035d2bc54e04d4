"""The documents view: a panel beside the chat, or a page of its own."""

from desktop.ui.documents.panel import DocumentsPanel

__all__ = ["DocumentsPanel"]
