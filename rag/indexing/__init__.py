"""From paths to indexed documents: walking, reading, cutting, embedding, storing."""

from rag.indexing.indexer import Indexer
from rag.indexing.port import EmbedderPort

__all__ = ["EmbedderPort", "Indexer"]
