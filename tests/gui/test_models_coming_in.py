"""Models that are dropped, copied or used where they are, in the real window."""

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent
from PySide6.QtWidgets import QApplication

from desktop.core.types import Problem
from tests.fakes.models import MODELS_FOLDER
from tests.fakes.samples import MUSEUM
from tests.gui.model_scenes import DROPPED, GEMMA, HALF
from tests.gui.models_coming_in import Opened, opened
from tests.gui.whole_window import Open, WholeWindow, open_window  # noqa: F401  a fixture

__all__ = ["opened"]  # fixtures


# ── files ──


@pytest.mark.parametrize("place", ["conversation", "composer", "sidebar", "header", "notices"])
def test_a_model_dropped_anywhere_says_at_once_whether_it_runs_here(opened: Opened, place: str) -> None:
    window = opened()
    window.drop(DROPPED, on=getattr(window.whole.workspace, place))
    card = window.brought()
    window.qtbot.waitUntil(lambda: "Fits with less context" in card.accessibleName())
    assert window.whole.workspace.middle.page == "models"
    shown = [label.text() for label in card.findChildren(type(card.facts)) if label.isVisible()]
    assert any("with a context of 4,096 tokens" in text for text in shown)
    assert not any("would be loaded with" in text for text in shown)  # that sentence said it
    assert window.core.called("import_model") == []


def test_a_model_dropped_on_the_documents_goes_to_the_models_and_a_document_stays(opened: Opened) -> None:
    window = opened()
    window.whole.workspace.open_panel("documents")
    window.drop(DROPPED, MUSEUM, on=window.whole.workspace.side.currentWidget().content)  # type: ignore[attr-defined]
    window.brought()
    window.qtbot.waitUntil(lambda: bool(window.core.called("index")))
    assert window.core.called("index")[0][0] == (MUSEUM,)


def test_the_files_of_a_split_model_dropped_together_are_one_card(opened: Opened) -> None:
    window = opened()
    parts = tuple(f"/home/ana/Downloads/big-0000{number}-of-00002.gguf" for number in (1, 2))
    window.core.elsewhere = (replace(GEMMA, path=parts[0], parts=2),)
    window.core.aliases = {parts[1]: parts[0]}
    window.drop(*parts)
    window.qtbot.waitUntil(
        lambda: (
            [(one.path, one.state) for one in window.session.model_imports.candidates]
            == [(parts[0], "known")]
        )
    )


def test_files_that_the_program_is_started_with_are_taken_once_the_window_is_open(opened: Opened) -> None:
    window = opened(files=[DROPPED, MUSEUM])
    card = window.brought()
    window.qtbot.waitUntil(lambda: "Fits with less context" in card.accessibleName())
    assert window.whole.workspace.middle.page == "models"
    window.qtbot.waitUntil(lambda: bool(window.core.called("index")))
    assert window.core.called("index")[0][0] == (MUSEUM,)


def test_a_file_opened_by_its_event_is_taken_as_a_dropped_one(opened: Opened) -> None:
    window = opened()
    window.whole.window.take_files([HALF])
    window.qtbot.waitUntil(window.brought(HALF).trouble.isVisible)


def test_a_document_dropped_on_the_conversation_is_no_model(opened: Opened) -> None:
    window = opened()
    window.drop(MUSEUM, on=window.whole.workspace.conversation)
    window.qtbot.waitUntil(lambda: bool(window.core.called("read_file") or window.core.called("index")))
    assert window.whole.workspace.middle.page == "chat"
    assert window.session.model_imports.candidates == ()


def test_while_a_model_is_dragged_a_veil_says_what_dropping_does(opened: Opened) -> None:
    window = opened()
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(DROPPED)])
    copy, left = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    enter = QDragEnterEvent(QPoint(5, 5), copy, data, left, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(window.whole.workspace, enter)
    assert window.whole.workspace._veil.isVisible()
    window.drop(DROPPED)
    assert not window.whole.workspace._veil.isVisible()


def test_a_broken_file_says_what_is_wrong_and_offers_nothing_to_do_with_it(opened: Opened) -> None:
    window = opened()
    window.drop(HALF)
    card = window.brought(HALF)
    window.qtbot.waitUntil(card.trouble.isVisible)
    assert "half.gguf is incomplete" in card.trouble.text()
    assert not any(button.isVisible() for button in card.buttons.values())
    window.click(card.close_button)
    assert window.session.model_imports.candidates == ()


def test_a_model_is_copied_with_progress_and_then_used(opened: Opened) -> None:
    window = opened()
    window.drop(DROPPED)
    card = window.brought()
    window.press(card, "copy")
    window.core.copies[-1].progress(0.37)
    window.qtbot.waitUntil(lambda: card.bar.value() == 370)
    assert card.words.text() == "Copying, 924 MB of 2.5 GB"
    window.core.copies[-1].finish()
    window.press(card, "use_copy")
    made = f"{MODELS_FOLDER}/gemma-3-4b-it-Q4_K_M.gguf"
    window.qtbot.waitUntil(lambda: window.core.called("load_model") == [(made,)])
    assert f"model:{made}" in [row.key for row in window.page.stack.rows]


def test_copying_can_be_stopped_and_a_disk_that_is_full_says_so(opened: Opened) -> None:
    window = opened()
    window.drop(DROPPED)
    card = window.brought()
    window.press(card, "copy")
    window.press(card, "cancel")
    window.qtbot.waitUntil(card.buttons["copy"].isVisible)
    assert not card.trouble.isVisible()
    window.press(card, "copy")
    needed = {"path": DROPPED, "needed_bytes": 2_500_000_000, "free_bytes": 9_000_000, "folder": "/home/ana"}
    window.core.copies[-1].fail(Problem("no_room_for_model", needed))
    window.qtbot.waitUntil(card.trouble.isVisible)
    assert "it needs 2.5 GB, and 9 MB are free" in card.trouble.text()


def test_a_model_is_used_from_where_it_is_without_a_copy(opened: Opened) -> None:
    window = opened()
    window.drop(DROPPED)
    window.press(window.brought(), "use")
    window.qtbot.waitUntil(lambda: window.core.called("load_model") == [(DROPPED,)])
    assert window.core.called("import_model") == []
