"""A viewer over the fake core for tests, and what its pixels say."""

from PySide6.QtCore import QPoint, QPointF, QRectF
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from desktop.core.types import Citation
from desktop.ui.viewer import PageViewer
from desktop.view_models.viewer import Target, ViewerViewModel
from rag.protocol import Box, PageBitmap
from tests.fakes.core import FakeCore
from tests.fakes.page import PAGES
from tests.fakes.samples import excerpt


def citation() -> Citation:
    e = excerpt()
    return Citation(e.n, e.document, e.file, e.title, e.page, e.start, e.end, e.text)


def blank(page: int, width_px: int) -> PageBitmap:
    """White paper with the page's number in its colour: blue is 10 times the number, at the top left."""
    height_px, stride = round(width_px * 1.4), width_px * 4 + 16  # rows longer than the picture
    row = b"\xff\xff\xff\x00" * width_px + b"\x00" * 16
    corner = bytes((page * 10, 0, 0, 0)) * 20 + row[80:]
    return PageBitmap(page, PAGES, width_px, height_px, stride, corner * 20 + row * (height_px - 20))


def open_viewer(qtbot: QtBot, core: FakeCore, width: int = 560, height: int = 700) -> PageViewer:
    model = ViewerViewModel(core)
    viewer = PageViewer(model)
    model.setParent(viewer)
    qtbot.addWidget(viewer)
    viewer.resize(width, height)
    viewer.show()
    qtbot.waitExposed(viewer)
    return viewer


def model_of(viewer: PageViewer) -> ViewerViewModel:
    return viewer._view_model


def show(qtbot: QtBot, viewer: PageViewer, what: Citation | Target) -> None:
    model = model_of(viewer)
    model.show(what)
    qtbot.waitUntil(lambda: not model.waiting and bool(model.page_text or model.text_problem))


def picture(viewer: PageViewer) -> QImage:
    return viewer.canvas.viewport().grab().toImage()


def pixel(image: QImage, where: QPointF | QPoint) -> tuple[int, int, int]:
    point = where.toPoint() if isinstance(where, QPointF) else where
    ratio = image.devicePixelRatio()
    color = image.pixelColor(round(point.x() * ratio), round(point.y() * ratio))
    return color.red(), color.green(), color.blue()


def on_screen(viewer: PageViewer, box: Box) -> QRectF:
    page = viewer.canvas.page_rect()
    return QRectF(
        page.left() + box.left * page.width(),
        page.top() + box.top * page.height(),
        (box.right - box.left) * page.width(),
        (box.bottom - box.top) * page.height(),
    )


def rgb(name: str) -> tuple[int, int, int]:
    color = QColor(name)
    return color.red(), color.green(), color.blue()


def page_number_in(image: QImage, viewer: PageViewer) -> int:
    """The page whose corner is painted; 0 for blank paper."""
    corner = viewer.canvas.page_rect().topLeft() + QPointF(8, 8)
    red, green, blue = pixel(image, corner)
    return blue // 10 if (red, green) == (0, 0) else 0
