"""Where a rendered page is dark: a check of boxes that asks no text engine."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.protocol import Box
from rag.reading.pdfium import PdfiumFile

WIDTH_PX = 1000
_DARK = 128


def ink(path: Path, page: int) -> NDArray[np.bool_]:
    """(rows, columns) of the page as shown: True where something dark is drawn."""
    with PdfiumFile(path) as pdf:
        bitmap = pdf.render(page, WIDTH_PX)
    pixels = np.frombuffer(bitmap.pixels, dtype=np.uint8).reshape(bitmap.height_px, bitmap.stride)
    colours = pixels[:, : bitmap.width_px * 4].reshape(bitmap.height_px, bitmap.width_px, 4)
    return np.asarray(colours[:, :, :3].min(axis=2) < _DARK)


def inside(dark: NDArray[np.bool_], boxes: tuple[Box, ...], margin_px: int = 2) -> NDArray[np.bool_]:
    """The page with only these boxes' ink."""
    rows, columns = dark.shape
    kept = np.zeros_like(dark)
    for box in boxes:
        top = max(0, int(box.top * rows) - margin_px)
        left = max(0, int(box.left * columns) - margin_px)
        bottom, right = int(box.bottom * rows) + margin_px + 1, int(box.right * columns) + margin_px + 1
        kept[top:bottom, left:right] = dark[top:bottom, left:right]
    return kept
