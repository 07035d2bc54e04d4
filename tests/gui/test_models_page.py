"""The models page in the real window: coming and going, cards and their fits, keys."""

from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from desktop.core.events import EngineStatus
from desktop.core.settings import SETTINGS
from desktop.ui.models.fit_bar import FitBar, FitView
from desktop.ui.models.places import GroupHead
from desktop.view_models.model_cards import COUNTS
from engine.protocol import TemplateFacts
from tests.fakes.fits import FITS, PARTLY, TOO_LARGE
from tests.fakes.samples import BASE, BROKEN, HUGE, MODELS, QWEN, SMOLLM, THEIRS, loaded
from tests.gui.model_scenes import many
from tests.gui.models_page import OpenPage, opened
from tests.gui.whole_window import Open, WholeWindow, open_window  # noqa: F401  a fixture

__all__ = ["opened"]  # fixtures


# ── coming and going ──


def test_the_page_takes_the_place_of_the_conversation_and_escape_brings_it_back(opened: OpenPage) -> None:
    window = opened()
    workspace = window.whole.workspace
    assert not workspace.composer.isVisible()
    assert workspace.sidebar.entries["models"].isChecked()
    window.key(Qt.Key.Key_Escape)
    assert workspace.composer.isVisible()
    assert not workspace.sidebar.entries["models"].isChecked()
    assert workspace.composer.field.hasFocus()


def test_keys_the_sidebar_and_the_picker_all_lead_there(opened: OpenPage) -> None:
    window = opened()
    middle = window.whole.workspace.middle
    window.click(window.whole.workspace.sidebar.entries["models"])
    assert middle.page == "chat"
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    window.qtbot.keyClick(window.whole.window, Qt.Key.Key_M, both)
    assert middle.page == "models"
    window.click(window.page.back)
    assert middle.page == "chat"


def test_choosing_a_chat_leaves_the_page(opened: OpenPage) -> None:
    window = opened()
    window.click(window.whole.workspace.sidebar.new_chat)
    assert window.whole.workspace.middle.page == "chat"


def test_what_belongs_to_a_chat_does_not_stand_beside_the_page(opened: OpenPage) -> None:
    window = opened()
    workspace = window.whole.workspace
    workspace.open_panel("documents")
    assert workspace.middle.page == "chat"
    workspace.show_models()
    assert (workspace.panel, workspace.middle.page) == ("", "models")
    workspace.open_panel("settings")
    assert (workspace.panel, workspace.middle.page) == ("settings", "models")


def test_the_page_is_open_again_in_the_next_window(opened: OpenPage) -> None:
    window = opened()
    assert window.whole.window.state().page == "models"
    window.key(Qt.Key.Key_Escape)
    assert window.whole.window.state().page == ""


# ── what a card says ──


def test_own_models_come_first_and_those_of_each_program_under_its_name(opened: OpenPage) -> None:
    window = opened((THEIRS, *MODELS[:2], HUGE))
    assert window.order == [
        "group:None",
        f"model:{QWEN}",
        f"model:{SMOLLM}",
        "group:lmstudio",
        f"model:{HUGE.path}",
        "group:ollama",
        f"model:{THEIRS.path}",
    ]
    stack = window.page.stack
    window.qtbot.waitUntil(lambda: len([w for w in stack.built() if isinstance(w, GroupHead)]) == 3)


def test_a_card_says_everything_that_the_header_tells(opened: OpenPage) -> None:
    window = opened((HUGE,))
    card = window.card(HUGE.path)
    assert card.name.accessibleName() == "Qwen3-32B"
    said = f"{card.quantization.text()} · {card.facts.text()}"
    assert said.replace("\u00a0", " ") == (
        "Q4_K_M · qwen3 · 32.8B parameters · 20 GB · 3 files · trained for 40,960 tokens · chat template"
        " · licence apache-2.0"
    )
    window.qtbot.waitUntil(lambda: "Does not fit" in card.accessibleName())


def test_a_fit_comes_when_its_card_is_in_sight_and_not_before(opened: OpenPage) -> None:
    window = opened(many(300))
    first = window.card("/home/ana/models/family-0-001.Q4_K_M.gguf")
    window.qtbot.waitUntil(lambda: first.state.fit == FITS)
    window.qtbot.wait(100)
    asked = len(window.core.called("inspect_model"))
    assert 0 < asked < 20
    window.page.stack.reveal("model:/home/ana/models/family-14-298.Q4_K_M.gguf")
    window.qtbot.waitUntil(lambda: len(window.core.called("inspect_model")) > asked)


def test_the_bar_puts_what_is_missing_beyond_the_edge(opened: OpenPage) -> None:
    window = opened((HUGE, MODELS[0]))
    large, small = window.card(HUGE.path), window.card(SMOLLM)
    window.qtbot.waitUntil(lambda: large.state.fit == TOO_LARGE and small.state.fit == FITS)
    weights, cache, compute, edge, beyond = large.findChildren(FitBar)[0].shares
    assert 0 < edge < weights < cache < compute <= beyond == 1.0
    weights, cache, compute, edge, beyond = small.findChildren(FitBar)[0].shares
    assert 0 < weights < cache < compute < edge == 1.0
    assert beyond == 0


def test_a_gpu_and_the_memory_have_a_bar_each(opened: OpenPage) -> None:
    window = opened((MODELS[0],))
    window.core.fits = {SMOLLM: PARTLY}
    window.core.tell(EngineStatus("ready", loaded(MODELS[1])))
    window.core.tell(EngineStatus("no_model"))
    card = window.card(SMOLLM)
    window.qtbot.waitUntil(lambda: card.state.fit == PARTLY)
    bars = [bar for bar in card.findChildren(FitBar) if bar.isVisible()]
    assert len(bars) == 2
    view = card.findChild(FitView)
    assert isinstance(view, FitView)
    assert "22 of 29 layers" in view.sentence.text()
    assert "smaller file" in view.hint.text()


def test_a_fit_is_asked_for_anew_when_memory_or_a_setting_changed(opened: OpenPage) -> None:
    window = opened((MODELS[0],))
    card = window.card(SMOLLM)
    window.qtbot.waitUntil(lambda: card.state.fresh)
    window.core.fits = {SMOLLM: TOO_LARGE}
    window.session.settings.set("context_tokens", 4096)
    window.qtbot.waitUntil(lambda: card.state.fit == TOO_LARGE)


def test_every_setting_that_a_fit_depends_on_is_a_setting() -> None:
    assert set(COUNTS) <= {setting.name for setting in SETTINGS}


def test_a_file_that_cannot_be_loaded_says_why_and_offers_no_use(opened: OpenPage) -> None:
    window = opened((MODELS[2], BASE))
    card = window.card(BROKEN)
    assert "97 MB of it are missing" in card.words.text()
    assert not card.button.isVisible()
    assert "Quantize…" not in [action.text() for action in card.menu().actions()]
    assert "no chat template" in window.card(BASE.path).words.text()


def test_a_template_that_does_not_work_is_told_in_the_card(opened: OpenPage) -> None:
    window = opened((replace(MODELS[0], template=TemplateFacts("broken", why="line 1: no end")),))
    card = window.card(SMOLLM)
    window.qtbot.waitUntil(lambda: "template does not work" in card.words.text())


# ── using ──


def test_a_model_is_used_loads_with_a_stop_and_is_unloaded_from_its_card(opened: OpenPage) -> None:
    window = opened(MODELS[:2])
    card = window.card(SMOLLM)
    window.click(card.button)
    window.qtbot.waitUntil(lambda: card.button.text() == "Stop")
    window.core.loadings[-1].finish()
    window.qtbot.waitUntil(lambda: card.button.text() == "Unload")
    assert (card.badge.text(), card.words.text()) == ("In use", "CPU\u00a0· context of 8,192 tokens")
    window.click(card.button)
    window.qtbot.waitUntil(lambda: card.button.text() == "Use")
    assert window.core.called("load_model") == [(SMOLLM,)]
    assert window.core.called("unload_model") == [()]


def test_the_arrows_go_from_card_to_card_and_enter_uses_one(opened: OpenPage) -> None:
    window = opened((*MODELS[:2], THEIRS))
    window.card(QWEN)
    window.page.focus_first()
    assert window.card(QWEN).hasFocus()
    window.key(Qt.Key.Key_Down)
    assert window.card(SMOLLM).hasFocus()
    window.key(Qt.Key.Key_Down)  # over the heading
    assert window.card(THEIRS.path).hasFocus()
    window.key(Qt.Key.Key_Down)
    assert window.card(THEIRS.path).hasFocus()
    window.key(Qt.Key.Key_Home)
    assert window.card(QWEN).hasFocus()
    window.key(Qt.Key.Key_Return)
    window.qtbot.waitUntil(lambda: window.core.called("load_model") == [(QWEN,)])


def test_tab_goes_through_a_card_and_on_to_the_next(opened: OpenPage) -> None:
    window = opened(MODELS[:2])
    first, second = window.card(QWEN), window.card(SMOLLM)
    first.setFocus()
    stops = []
    for _ in range(5):
        stops.append(QApplication.focusWidget())
        window.key(Qt.Key.Key_Tab)
    assert stops == [first, first.button, first.more, second, second.button]
