"""A Chroma server beside the local index: what is shared there, and what others share. Off unless wanted."""

from rag.server.thread import ServerThread

__all__ = ["ServerThread"]
