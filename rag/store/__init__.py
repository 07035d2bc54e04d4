"""library.db: the truth of the library. One writer; readers have connections of their own."""

from rag.store.queries import Queries
from rag.store.schema import MIGRATIONS
from rag.store.writer import LibraryWriter

__all__ = ["MIGRATIONS", "LibraryWriter", "Queries"]
