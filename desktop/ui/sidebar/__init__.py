"""The left side: new chat, search, the chats by date, and the doors to the rest."""

from desktop.ui.sidebar.sidebar import Sidebar

__all__ = ["Sidebar"]
