"""The field of the search model: what there is, another one by its path, a change under way."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QInputDialog

from desktop.core.errors import Cancelled
from desktop.core.events import DownloadingModel, SearchModel
from desktop.core.operations import Operation
from desktop.core.types import Problem
from desktop.core.types.models import ImportedSearchModel
from desktop.ui.panels.search_model_field import SearchModelField
from tests.fakes.hub import MODELS_FOLDER
from tests.gui.test_settings_panel import core_with_chats, open_window, panel_of, whole  # noqa: F401  fixtures
from tests.gui.whole_window import WholeWindow

ANSWERING, COMING = "/models/embeddings/e5-small", "/models/embeddings/e5-small.gguf"


def field_of(whole: WholeWindow) -> SearchModelField:  # noqa: F811
    field = panel_of(whole).row("embedder_path").field
    assert isinstance(field, SearchModelField)
    whole.qtbot.waitUntil(lambda: field.box.count() == 3)
    return field


def test_what_is_there_is_offered_with_what_it_means(whole: WholeWindow) -> None:  # noqa: F811
    field = field_of(whole)
    assert field.box.currentText() == "e5-small · ONNX"
    assert field.meaning.text().startswith("The fastest one")
    field.box.setFocus()
    whole.qtbot.keyClick(field.box, Qt.Key.Key_Down)
    whole.qtbot.waitUntil(lambda: whole.core.settings["embedder_path"] == COMING)
    whole.qtbot.waitUntil(lambda: "graphics card" in field.meaning.text())


def test_a_change_under_way_shows_how_far_it_is_and_can_be_ended(whole: WholeWindow) -> None:  # noqa: F811
    field = field_of(whole)
    whole.core.settings["embedder_path"] = COMING
    whole.core.tell(SearchModel(ANSWERING, COMING, 120, 500))
    whole.qtbot.waitUntil(lambda: not field.switch.isHidden())
    assert "120 of 500" in field.switch.told.text()
    assert field.switch.bar.value() == 240
    whole.core.tell(SearchModel(ANSWERING, COMING, 120, 500, Problem("disk_full", {"folder": "/d"})))
    whole.qtbot.waitUntil(lambda: "full" in field.switch.trouble.text())
    whole.qtbot.mouseClick(field.switch.keep, Qt.MouseButton.LeftButton)
    whole.qtbot.waitUntil(lambda: whole.core.settings["embedder_path"] == "")
    whole.core.tell(SearchModel(ANSWERING))
    whole.qtbot.waitUntil(lambda: field.switch.isHidden())


@pytest.mark.parametrize(
    ("button", "mode", "path"),
    [
        ("folder_button", QFileDialog.FileMode.Directory, "/elsewhere/bge"),
        ("file_button", QFileDialog.FileMode.ExistingFile, "/elsewhere/bge.gguf"),
    ],
)
def test_a_model_elsewhere_is_a_folder_or_a_file(
    whole: WholeWindow,  # noqa: F811
    button: str,
    mode: QFileDialog.FileMode,
    path: str,
) -> None:
    field = field_of(whole)
    whole.qtbot.mouseClick(getattr(field, button), Qt.MouseButton.LeftButton)
    (dialog,) = whole.window.findChildren(QFileDialog)
    assert dialog.fileMode() == mode
    dialog.filesSelected.emit([path])
    dialog.close()
    whole.qtbot.waitUntil(lambda: whole.core.settings["embedder_path"] == path)
    whole.qtbot.waitUntil(lambda: field.box.currentData() == path)


def type_name(field: SearchModelField, name: str) -> None:
    field.hub.ask.click()
    (asking,) = field.hub.findChildren(QInputDialog)
    asking.setTextValue(name)
    asking.accept()
    asking.setParent(None)


def test_a_model_of_the_hub_is_brought_by_its_name_and_chosen(whole: WholeWindow) -> None:  # noqa: F811
    field = field_of(whole)
    assert whole.core.settings["offline"] is True
    type_name(field, "intfloat/multilingual-e5-small")
    whole.qtbot.waitUntil(lambda: "Offline" in field.hub.trouble.text())
    assert not field.hub.trouble.isHidden()
    whole.core.settings["offline"] = False
    type_name(field, "intfloat/multilingual-e5-small")
    path = f"{MODELS_FOLDER}/embeddings/multilingual-e5-small"
    whole.qtbot.waitUntil(lambda: whole.core.settings["embedder_path"] == path)
    assert field.hub.trouble.isHidden()
    assert field.hub.pause.isHidden()
    assert not field.hub.ask.isHidden()


def test_a_download_under_way_shows_how_far_it_is_and_can_be_paused(
    whole: WholeWindow,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    field = field_of(whole)
    under_way: Operation[ImportedSearchModel] = Operation()
    monkeypatch.setattr(whole.core, "download_search_model", lambda _name: under_way)
    type_name(field, "ana/tiny")
    under_way.emit(DownloadingModel(120_000_000, 480_000_000))
    whole.qtbot.waitUntil(lambda: field.hub.told.text() == "ana/tiny\n120 MB of 480 MB")
    assert field.hub.bar.value() == 250
    field.hub.pause.click()
    assert under_way.cancelled
    under_way.fail(Cancelled())
    whole.qtbot.waitUntil(lambda: field.hub.told.text().startswith("Paused."))
    assert field.hub.trouble.isHidden()
