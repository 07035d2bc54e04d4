"""The model in the header, in the real window. The models page has tests of its own."""

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QDir, QPoint, Qt
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from desktop.core.events import EngineStatus
from desktop.core.models.names import shown_name
from desktop.core.types import Problem
from desktop.ui.models.picker import MOST_LISTED
from desktop.ui.models.places import Empty
from engine.devices import Device
from tests.fakes.core import FakeCore
from tests.fakes.fits import GPU
from tests.fakes.samples import BROKEN, MODELS, QWEN, SMOLLM, THEIRS, loaded
from tests.gui.model_scenes import many
from tests.gui.whole_window import Open, WholeWindow, open_window  # noqa: F401  a fixture


@pytest.fixture
def window(open_window: Open) -> Open:  # noqa: F811
    """Opens a window on a core that the test drives; arguments go to FakeCore."""

    def opened(**changes: object) -> WholeWindow:
        core = FakeCore(automatic=False, **changes)  # type: ignore[arg-type]
        core.settings |= {"language": "en", "theme": "light"}
        return open_window(core)

    return opened


def choose(whole: WholeWindow, name: str) -> None:
    """Open the menu by keyboard and press the entry that begins with `name`."""
    button = whole.workspace.header.model
    button._menu.aboutToShow.emit()
    action = next(action for action in button._menu.actions() if action.text().startswith(name))
    action.trigger()


@pytest.mark.parametrize(
    ("path", "name"),
    [
        (SMOLLM, "SmolLM2-135M-Instruct"),
        ("C:\\models\\Qwen3-4B.IQ3_XXS.gguf", "Qwen3-4B"),
        ("/models/gemma-3-270m-it-Q4_K_M.gguf", "gemma-3-270m-it"),
        ("/models/tiny-f16.gguf", "tiny"),
        ("/models/Q4_0.gguf", "Q4_0"),
        ("/models/Qwen3-235B-Q4_K_M-00001-of-00003.gguf", "Qwen3-235B"),
        ("/models/llama", "llama"),
    ],
)
def test_a_model_is_called_by_its_file_without_the_quantization(path: str, name: str) -> None:
    assert shown_name(path) == name


def test_the_header_tells_model_and_placement(qtbot: QtBot, window: Open) -> None:
    whole = window(model=loaded(gpu_layers=31))
    header = whole.workspace.header
    qtbot.waitUntil(lambda: header.model.text() == "SmolLM2-135M-Instruct")
    assert header.state.text.text() == "31/31 layers on GPU"
    whole.core.tell(EngineStatus("ready", loaded()))
    qtbot.waitUntil(lambda: header.state.text.text() == "CPU")


def test_a_model_that_is_not_loaded_yet_loads_with_the_first_question(qtbot: QtBot, window: Open) -> None:
    whole = window(model=None)
    header = whole.workspace.header
    qtbot.waitUntil(lambda: header.model.text() == "SmolLM2-135M-Instruct")
    assert header.state.text.text() == "Loads with your first question"


def test_choosing_a_model_loads_it_with_progress(qtbot: QtBot, window: Open) -> None:
    whole = window()
    qtbot.waitUntil(lambda: len(whole.session.models.models) == 3)
    state = whole.workspace.header.state
    choose(whole, "Qwen3")
    qtbot.waitUntil(state.bar.isVisible)
    whole.core.loadings[-1].progress(0.42)
    qtbot.waitUntil(lambda: state.bar.value() == 420)
    assert "42" in state.text.text()
    whole.core.loadings[-1].finish()
    qtbot.waitUntil(lambda: not state.bar.isVisible())
    assert whole.workspace.header.model.text() == "Qwen3-4B-Instruct"
    assert whole.core.called("load_model") == [(QWEN,)]


def test_a_model_that_waits_for_the_end_of_a_reply_says_so(qtbot: QtBot, window: Open) -> None:
    whole = window()
    qtbot.waitUntil(lambda: len(whole.session.models.models) == 3)
    state = whole.workspace.header.state
    whole.session.models.load(QWEN)
    whole.core.tell(EngineStatus("busy", loaded()))
    qtbot.waitUntil(lambda: state.text.accessibleName() == "Qwen3-4B-Instruct comes after this reply")
    qtbot.mouseClick(state.cancel, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "after this reply" not in state.text.accessibleName())


def test_loading_can_be_stopped(qtbot: QtBot, window: Open) -> None:
    whole = window()
    qtbot.waitUntil(lambda: len(whole.session.models.models) == 3)
    choose(whole, "Qwen3")
    state = whole.workspace.header.state
    qtbot.waitUntil(state.cancel.isVisible)
    qtbot.mouseClick(state.cancel, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: whole.session.models.state == "no_model")
    assert whole.workspace.notices.bars == []


def test_the_model_can_be_unloaded_from_the_menu(qtbot: QtBot, window: Open) -> None:
    whole = window()
    choose(whole, "Unload")
    qtbot.waitUntil(lambda: whole.session.models.state == "no_model")
    whole.workspace.header.model._menu.aboutToShow.emit()
    texts = [action.text() for action in whole.workspace.header.model._menu.actions()]
    assert not any(text.startswith("Unload") for text in texts)


def test_a_broken_file_is_told_in_words_and_can_be_tried_again(qtbot: QtBot, window: Open) -> None:
    whole = window()
    qtbot.waitUntil(lambda: len(whole.session.models.models) == 3)
    choose(whole, "half-a-download")
    qtbot.waitUntil(lambda: len(whole.workspace.notices.bars) == 1)
    bar = whole.workspace.notices.bars[0]
    assert "half-a-download.gguf" in bar.accessibleName()
    restart = next(button for button in bar.buttons if button.text() == "Try again")
    qtbot.mouseClick(restart, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: whole.core.called("load_model") == [(BROKEN,), (BROKEN,)])


def test_a_dead_engine_offers_a_restart_and_the_bar_goes_with_the_trouble(qtbot: QtBot, window: Open) -> None:
    whole = window()
    problem = Problem("engine_died", {"how": "SIGSEGV"}, "the last words")
    whole.core.tell(EngineStatus("failed", path=SMOLLM, problem=problem))
    qtbot.waitUntil(lambda: len(whole.workspace.notices.bars) == 1)
    restart, *others = whole.workspace.notices.bars[0].buttons  # what helps comes first
    assert [button.text() for button in (restart, *others)] == ["Restart", "Other models", "What happened"]
    restart.setFocus()
    qtbot.keyClick(restart, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: bool(whole.core.loadings))
    qtbot.waitUntil(lambda: whole.workspace.composer.isAncestorOf(whole.window.focusWidget()))
    whole.core.loadings[-1].finish()
    qtbot.waitUntil(lambda: whole.workspace.notices.bars == [])


def test_a_file_that_cannot_be_tried_is_told_beside_an_engine_that_died(qtbot: QtBot, window: Open) -> None:
    whole = window()
    died = Problem("engine_died", {"how": "SIGKILL"})
    whole.core.tell(EngineStatus("failed", path=SMOLLM, problem=died))
    qtbot.waitUntil(lambda: len(whole.workspace.notices.bars) == 1)
    broken = Problem("model_not_gguf", {"path": BROKEN})
    whole.session.notices.add(broken)
    whole.session.notices.add(died)
    assert [notice.problem for notice in whole.session.notices.notices] == [died, broken]


def test_a_reply_that_failed_tells_it_itself_and_the_bar_keeps_quiet(qtbot: QtBot, window: Open) -> None:
    whole = window()
    whole.ask("How much is the ticket?")
    qtbot.waitUntil(lambda: bool(whole.core.replies))
    problem = Problem("engine_died", {"how": "SIGKILL"})
    whole.core.tell(EngineStatus("failed", path=SMOLLM, problem=problem))
    qtbot.waitUntil(lambda: len(whole.workspace.notices.bars) == 1)
    whole.core.replies[-1].fail(problem)
    qtbot.waitUntil(lambda: whole.workspace.notices.bars == [])
    assert whole.session.conversation.turns[-1].problem == problem
    whole.session.chats.new_chat()
    qtbot.waitUntil(lambda: len(whole.workspace.notices.bars) == 1)


def test_a_dismissed_trouble_stays_away_until_another_one(qtbot: QtBot, window: Open) -> None:
    whole = window()
    failed = EngineStatus("failed", path=SMOLLM, problem=Problem("engine_died", {"how": "1"}))
    whole.core.tell(failed)
    qtbot.waitUntil(lambda: len(whole.workspace.notices.bars) == 1)
    qtbot.mouseClick(whole.workspace.notices.bars[0].close_button, Qt.MouseButton.LeftButton)
    whole.core.tell(failed)
    qtbot.wait(30)
    assert whole.workspace.notices.bars == []
    whole.core.tell(EngineStatus("ready", loaded()))
    whole.core.tell(failed)
    qtbot.waitUntil(lambda: len(whole.workspace.notices.bars) == 1)


def test_a_model_of_another_program_stands_in_the_menu_with_its_keeper(qtbot: QtBot, window: Open) -> None:
    whole = window(model=None, models=(THEIRS,))
    header = whole.workspace.header
    qtbot.waitUntil(lambda: header.model.text() == "qwen2.5:7b")
    header.model._menu.aboutToShow.emit()
    assert header.model._menu.actions()[0].text().startswith("qwen2.5:7b\t")
    assert header.model._menu.actions()[0].text().endswith("· Ollama")


def test_of_many_models_the_menu_shows_a_few_and_the_way_to_all(qtbot: QtBot, window: Open) -> None:
    whole = window(model=None, models=many(500))
    qtbot.waitUntil(lambda: len(whole.session.models.models) == 500)
    choose(whole, "All models (500)")
    qtbot.waitUntil(lambda: whole.workspace.middle.page == "models")
    menu = whole.workspace.header.model._menu
    assert len([action for action in menu.actions() if "family-" in action.text()]) == MOST_LISTED


def test_the_header_tells_layers_device_cache_and_what_was_lowered(qtbot: QtBot, window: Open) -> None:
    lowered = ("context_tokens", "gpu_layers")
    model = replace(loaded(MODELS[1], gpu_layers=22), kv_type="q8_0", stepped_down=lowered)
    model = replace(model, wanted_context_tokens=32_768)
    whole = window(model=model)
    state = whole.workspace.header.state
    qtbot.waitUntil(lambda: "22/37 layers on GPU" in state.text.accessibleName())
    assert "q8_0 cache" in state.text.accessibleName()
    assert "less than wanted" in state.text.accessibleName()
    assert "a context of 8,192 tokens instead of 32,768" in state.toolTip()


def test_a_graphics_card_is_called_what_its_maker_calls_it(qtbot: QtBot, window: Open) -> None:
    whole = window(model=None)
    whole.core.devices = (Device("CPU", "cpu", 1, 1, "AMD EPYC"), GPU)
    on_both = replace(loaded(gpu_layers=31), devices=("Vulkan0", "CPU"))  # everything lies on the CPU too
    whole.core.tell(EngineStatus("ready", on_both))
    state = whole.workspace.header.state
    qtbot.waitUntil(lambda: state.text.accessibleName() == "31/31 layers on GeForce GTX 1650")


def test_a_model_that_came_in_or_left_shows_at_once(qtbot: QtBot, window: Open) -> None:
    whole = window(models=(MODELS[0], THEIRS))
    qtbot.waitUntil(lambda: len(whole.session.models.models) == 2)
    whole.core.import_model(THEIRS.path)
    whole.core.copies[-1].finish()
    qtbot.waitUntil(lambda: len(whole.session.models.models) == 3)
    whole.core.remove_model(MODELS[0].path)
    qtbot.waitUntil(lambda: MODELS[0] not in whole.session.models.models)


def test_with_no_model_at_all_the_window_leads_to_the_models_page(qtbot: QtBot, window: Open) -> None:
    whole = window(model=None, models=())
    qtbot.waitUntil(lambda: whole.session.conversation.emptiness == "no_model")
    qtbot.waitUntil(lambda: not whole.session.models.listing)
    qtbot.mouseClick(whole.workspace.conversation.empty.button, Qt.MouseButton.LeftButton)
    assert whole.workspace.middle.page == "models"
    page = whole.workspace.middle.models_page
    assert page is not None
    empty = page.stack.widget_of("empty:")
    assert isinstance(empty, Empty)
    qtbot.mouseClick(empty.add, Qt.MouseButton.LeftButton)
    dialog = whole.window.findChild(QFileDialog)
    assert isinstance(dialog, QFileDialog)
    assert dialog.directory() != QDir.current()
    dialog.filesSelected.emit([SMOLLM])
    dialog.close()
    qtbot.waitUntil(lambda: whole.core.called("inspect_model") == [(SMOLLM,)])


def test_the_list_of_models_hangs_below_the_name(window: Open) -> None:
    whole = window()
    button = whole.workspace.header.model
    button.showMenu()
    whole.qtbot.waitUntil(button.menu().isVisible)
    assert button.mapFromGlobal(button.menu().pos()) == QPoint(0, button.height())
    button.menu().close()


def test_in_a_narrow_window_the_name_of_the_model_comes_before_what_is_said_of_it(window: Open) -> None:
    whole = window()
    whole.window.resize(720, 480)
    whole.workspace.open_panel("documents")
    header = whole.workspace.header
    whole.qtbot.waitUntil(lambda: header.model.text() == "SmolLM2-135M-Instruct")
    header.state.text.set_text("a sentence that is far too long for the room that is left " * 3)
    whole.qtbot.wait(20)
    assert header.model.text() == "SmolLM2-135M-Instruct"
    assert header.state.width() < header.state.text.sizeHint().width()
