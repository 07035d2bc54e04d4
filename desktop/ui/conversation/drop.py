"""The local files of what is dragged over the window or pasted."""

from PySide6.QtCore import QMimeData

from desktop.view_models.model_imports import looks_like_model


def files_of(mime: QMimeData) -> list[str]:
    """Paths of the local files, in order; empty for anything else."""
    return [url.toLocalFile() for url in mime.urls() if url.isLocalFile()]


def holds_documents(mime: QMimeData) -> bool:
    """Whether a file among them may be a document: models alone are for the window behind."""
    return any(not looks_like_model(path) for path in files_of(mime))
