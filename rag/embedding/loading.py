"""Load the backend that a model folder asks for. The libraries are imported only then."""

from pathlib import Path

from rag.embedding.embedder import Embedder
from rag.embedding.folder import Form, inspect


def load_embedder(path: Path, form: Form | None = None, threads: int = 2) -> Embedder:
    """The model in `path`, by its fastest form or the one asked for.

    Raises EmbedderMissing or EmbedderDamaged.
    """
    folder = inspect(path, form)
    if folder.form == "onnx":
        from rag.embedding.onnx import OnnxEmbedder

        return OnnxEmbedder(folder, threads)
    from rag.embedding.sentence_transformers import SentenceTransformersEmbedder

    return SentenceTransformersEmbedder(folder, threads)
