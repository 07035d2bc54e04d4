"""Texts into vectors: the protocol that whoever embeds conforms to, and the backends of our own."""

from rag.embedding.embedder import Embedder

__all__ = ["Embedder"]
