"""Load the form of reranker that a folder asks for. The libraries are imported only then."""

from pathlib import Path

from rag.reranking.folder import Form, inspect
from rag.reranking.reranker import Reranker


def load_reranker(path: Path, form: Form | None = None, threads: int = 2) -> Reranker:
    """The model in `path`, by its fastest form or the one asked for. Raises a RerankerError."""
    folder = inspect(path, form)
    if folder.form == "onnx":
        from rag.reranking.onnx import OnnxReranker

        return OnnxReranker(folder, threads)
    from rag.reranking.cross_encoder import CrossEncoderReranker

    return CrossEncoderReranker(folder, threads)
