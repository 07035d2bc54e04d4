"""The models page over the real core: files, a hub on the loopback interface, the real download process."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import send2trash
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.core.services import Services
from desktop.ui.main_window import MainWindow
from desktop.ui.manner import dress, speak
from desktop.ui.models.download_panel import DownloadPanel, HubCard
from desktop.ui.models.job_cards import DownloadCard, ImportCard
from desktop.ui.models.model_card import ModelCard
from desktop.ui.models.page import ModelsPage
from desktop.view_models.session import Session
from tests.fakes.engine_models import write_tiny_model
from tests.fakes.house import PATIENCE_S
from tests.fakes.hub_server import HubServer
from tests.process.hub_house import FILE, REPOSITORY, core, hub, model_of

__all__ = ["core", "hub"]  # fixtures
pytestmark = [pytest.mark.loopback, pytest.mark.slow]
LEFT = Qt.MouseButton.LeftButton
WAIT_MS = 60_000


@pytest.fixture
def page(qtbot: QtBot, qapp: QApplication, core: Services) -> Iterator[ModelsPage]:
    core.set_setting("language", "en").result(PATIENCE_S)
    speak(qapp, "en")
    dress(qapp, "light")
    window = MainWindow()
    window.allow_close()
    qtbot.addWidget(window)
    window.resize(1120, 760)
    window.show()
    window.attach(Session(core, window))
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    assert window.workspace is not None
    window.workspace.show_models()
    found = window.workspace.middle.models_page
    assert found is not None
    yield found
    speak(qapp, "en")


def test_a_file_is_looked_into_copied_checked_and_thrown_away(
    qtbot: QtBot,
    page: ModelsPage,
    core: Services,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trash = tmp_path / "trash"
    trash.mkdir()
    monkeypatch.setattr(send2trash, "send2trash", lambda path: shutil.move(path, trash))
    source = write_tiny_model(tmp_path / "Tiny-F32.gguf")
    page._imports.add([str(source)])
    qtbot.waitUntil(lambda: isinstance(page.stack.widget_of(f"import:{source}"), ImportCard))
    brought = page.stack.widget_of(f"import:{source}")
    assert isinstance(brought, ImportCard)
    qtbot.waitUntil(brought.buttons["copy"].isVisible, timeout=WAIT_MS)
    assert "Fits" in brought.accessibleName()
    qtbot.mouseClick(brought.buttons["copy"], LEFT)
    made = core.places.models / "Tiny-F32.gguf"
    key = f"model:{made}"
    qtbot.waitUntil(lambda: isinstance(page.stack.widget_of(key), ModelCard), timeout=WAIT_MS)
    assert made.read_bytes() == source.read_bytes()
    card = page.stack.widget_of(key)
    assert isinstance(card, ModelCard)
    QGuiApplication.clipboard().clear()
    next(action for action in card.menu().actions() if "checksum" in action.text()).trigger()
    (expected,) = core.inspect_model(str(made), sha256=True).result(PATIENCE_S).sha256
    qtbot.waitUntil(lambda: QGuiApplication.clipboard().text() == expected, timeout=WAIT_MS)
    card.setFocus()
    qtbot.keyClick(card, Qt.Key.Key_Delete)
    question = card._question.widget
    assert question is not None
    qtbot.mouseClick(question.remove, LEFT)  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: page.stack.widget_of(key) is None, timeout=WAIT_MS)
    assert (trash / "Tiny-F32.gguf").exists()
    assert source.exists()


def test_a_model_comes_from_the_hub_paused_on_the_way_and_gone_on_with(
    qtbot: QtBot,
    page: ModelsPage,
    core: Services,
    hub: HubServer,
) -> None:
    data = model_of(3 << 20)
    hub.put(REPOSITORY, FILE, data)
    hub.manners.pause_at = 1 << 20
    qtbot.mouseClick(page.download, LEFT)
    panel = page.stack.widget_of("search")
    assert isinstance(panel, DownloadPanel)
    qtbot.keyClicks(panel.field, REPOSITORY)
    qtbot.keyClick(panel.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: any(isinstance(w, HubCard) for w in page.stack.built()), timeout=WAIT_MS)
    (offer,) = (w for w in page.stack.built() if isinstance(w, HubCard))
    qtbot.mouseClick(offer.button, LEFT)
    key = f"download:{(REPOSITORY, FILE)}"
    qtbot.waitUntil(lambda: isinstance(page.stack.widget_of(key), DownloadCard))
    card = page.stack.widget_of(key)
    assert isinstance(card, DownloadCard)
    qtbot.waitUntil(hub.paused.is_set, timeout=WAIT_MS)
    qtbot.mouseClick(card.buttons["pause"], LEFT)
    hub.manners.pause_at = None
    hub.go_on.set()
    qtbot.waitUntil(card.buttons["resume"].isVisible, timeout=WAIT_MS)
    qtbot.mouseClick(card.buttons["resume"], LEFT)
    qtbot.waitUntil(card.buttons["use"].isVisible, timeout=WAIT_MS)
    assert (core.places.models / FILE).read_bytes() == data
    assert hub.files_asked[-1].start > 0
    qtbot.waitUntil(lambda: f"model:{core.places.models / FILE}" in [row.key for row in page.stack.rows])
