"""The local files of what is dragged over the window."""

from PySide6.QtCore import QMimeData


def files_of(mime: QMimeData) -> list[str]:
    """Paths of the local files, in order; empty for anything else."""
    return [url.toLocalFile() for url in mime.urls() if url.isLocalFile()]
