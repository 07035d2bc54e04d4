"""The vector index: derived from library.db, and never its master."""

from rag.index.chroma import ChromaIndex, IndexFailed

__all__ = ["ChromaIndex", "IndexFailed"]
