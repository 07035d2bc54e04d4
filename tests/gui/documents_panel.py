"""The panel of documents over a fake core."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.i18n import set_language
from desktop.ui.documents import DocumentsPanel
from desktop.ui.theme import LIGHT, apply_theme
from desktop.view_models.documents import DocumentsViewModel
from tests.fakes.core import FakeCore
from tests.fakes.samples import documents

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture(autouse=True)
def _looks(qapp: QApplication) -> Iterator[None]:
    set_language("en")
    apply_theme(qapp, LIGHT)
    yield
    set_language("en")


@pytest.fixture
def core() -> FakeCore:
    return FakeCore(automatic=False, documents=documents())


def open_panel(qtbot: QtBot, core: FakeCore, width: int = 320) -> DocumentsPanel:
    model = DocumentsViewModel(core)
    chat = core.create_chat().result().info.id
    model.set_chat(chat)
    panel = DocumentsPanel(model)
    model.setParent(panel)
    qtbot.addWidget(panel)
    panel.resize(width, 700)
    panel.show()
    qtbot.waitExposed(panel)
    qtbot.waitUntil(lambda: model.loaded)
    return panel


def model_of(panel: DocumentsPanel) -> DocumentsViewModel:
    return panel._view_model


def names(panel: DocumentsPanel) -> list[str]:
    model = panel.list.rows_model
    return [str(model.index(row).data()) for row in range(model.rowCount())]


def row_index(panel: DocumentsPanel, name: str) -> int:
    return names(panel).index(name)


def drop(panel: DocumentsPanel, *urls: QUrl) -> bool:
    """Drag files over the panel and let them go. Whether the panel wanted them."""
    data = QMimeData()
    data.setUrls(list(urls))
    copy, shift = Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(50, 50), copy, data, LEFT, shift)
    QApplication.sendEvent(panel, enter)
    if not enter.isAccepted():
        return False
    let_go = QDropEvent(QPointF(50, 50), copy, data, LEFT, shift, QEvent.Type.Drop)
    QApplication.sendEvent(panel, let_go)
    return let_go.isAccepted()
