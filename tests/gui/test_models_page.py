"""The models page in the real window: cards, keys, fits, checksums, the trash, and hundreds of models."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QWidget

from desktop.core.events import EngineStatus
from desktop.core.settings import SETTINGS
from desktop.core.types import Problem
from desktop.core.types.models import ModelFile
from desktop.ui.models.fit_bar import FitBar, FitView
from desktop.ui.models.model_card import ModelCard
from desktop.ui.models.page import ModelsPage
from desktop.ui.models.places import GroupHead
from desktop.view_models.model_cards import COUNTS
from engine.protocol import TemplateFacts
from tests.fakes.core import FakeCore
from tests.fakes.fits import FITS, PARTLY, TOO_LARGE, fits_of
from tests.fakes.models import CHECKSUM
from tests.fakes.samples import BASE, BROKEN, HUGE, MODELS, QWEN, SMOLLM, THEIRS, loaded
from tests.gui.model_scenes import many
from tests.gui.whole_window import Open, WholeWindow, open_window  # noqa: F401  a fixture

OpenPage = Callable[..., "PageWindow"]


class PageWindow:
    """A window with the models page in front."""

    def __init__(self, whole: WholeWindow) -> None:
        self.whole, self.core, self.qtbot = whole, whole.core, whole.qtbot
        self.session = whole.session
        whole.workspace.show_models()
        assert whole.workspace.middle.models_page is not None
        self.page: ModelsPage = whole.workspace.middle.models_page
        self.qtbot.waitUntil(lambda: not self.session.models.listing)

    def card(self, path: str) -> ModelCard:
        self.qtbot.waitUntil(lambda: isinstance(self.page.stack.widget_of(f"model:{path}"), ModelCard))
        found = self.page.stack.widget_of(f"model:{path}")
        assert isinstance(found, ModelCard)
        return found

    def click(self, button: QWidget) -> None:
        self.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)

    def choose(self, path: str, name: str) -> None:
        """Open a card's menu and press the entry that begins with `name`."""
        actions = self.card(path).menu().actions()
        next(action for action in actions if action.text().startswith(name)).trigger()

    def key(self, key: Qt.Key) -> None:
        focused = QApplication.focusWidget()
        assert focused is not None
        self.qtbot.keyClick(focused, key)

    @property
    def order(self) -> list[str]:
        return [row.key for row in self.page.stack.rows]


@pytest.fixture
def opened(open_window: Open) -> OpenPage:  # noqa: F811
    def open_page(models: tuple[ModelFile, ...] = MODELS, **changes: object) -> PageWindow:
        core = FakeCore(automatic=False, models=models, **{"model": None, **changes})  # type: ignore[arg-type]
        core.settings |= {"language": "en", "theme": "light"}
        core.fits = fits_of(models)
        return PageWindow(open_window(core))

    return open_page


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
    assert said == (
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
    assert (card.badge.text(), card.words.text()) == ("In use", "CPU · context of 8,192 tokens")
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


# ── checksum, folder, trash ──


def test_a_checksum_goes_to_the_clipboard(opened: OpenPage) -> None:
    window = opened((MODELS[0],))
    QGuiApplication.clipboard().clear()
    window.choose(SMOLLM, "Copy its checksum")
    window.qtbot.waitUntil(lambda: QGuiApplication.clipboard().text() == CHECKSUM)
    assert "SmolLM2-135M-Instruct" in window.page.said.text()
    assert window.page.said.isVisible()


def test_a_checksum_that_failed_says_so_in_its_card(opened: OpenPage) -> None:
    window = opened((MODELS[0],))
    card = window.card(SMOLLM)
    window.qtbot.waitUntil(lambda: card.state.fresh)
    window.core.fail("inspect_model", Problem("model_missing", {"path": SMOLLM}))
    window.choose(SMOLLM, "Copy its checksum")
    window.qtbot.waitUntil(lambda: card.state.problem is not None)
    assert any("There is no model at" in label.text() for label in card.findChildren(type(card.facts)))


def test_a_model_goes_to_the_trash_only_after_a_question_in_its_card(opened: OpenPage) -> None:
    window = opened(MODELS[:2])
    card = window.card(SMOLLM)
    card.setFocus()
    window.key(Qt.Key.Key_Delete)
    assert window.core.called("remove_model") == []
    question = card._question.widget
    assert question is not None
    assert question.keep.hasFocus()  # type: ignore[attr-defined]
    window.key(Qt.Key.Key_Escape)
    assert not question.isVisible()
    assert window.whole.workspace.middle.page == "models"
    window.key(Qt.Key.Key_Delete)
    window.click(question.remove)  # type: ignore[attr-defined]
    window.qtbot.waitUntil(lambda: window.core.called("remove_model") == [(SMOLLM,)])
    window.qtbot.waitUntil(lambda: f"model:{SMOLLM}" not in window.order)
    assert window.page.said.text() == "SmolLM2-135M-Instruct is in the trash."
    window.qtbot.waitUntil(lambda: window.page.isAncestorOf(window.whole.window.focusWidget()))


def test_the_keys_stay_on_the_page_when_the_last_card_that_matches_is_gone(opened: OpenPage) -> None:
    window = opened(MODELS[:2])
    window.page.filter.setText("smollm")
    card = window.card(SMOLLM)
    card.setFocus()
    window.key(Qt.Key.Key_Delete)
    window.key(Qt.Key.Key_Tab)
    window.key(Qt.Key.Key_Space)
    window.qtbot.waitUntil(lambda: f"model:{SMOLLM}" not in window.order)
    window.qtbot.waitUntil(window.page.filter.hasFocus)


def test_what_the_trash_does_not_take_stays_with_its_reason(opened: OpenPage) -> None:
    window = opened((MODELS[0],))
    window.core.fail("remove_model", Problem("model_not_removed", {"path": SMOLLM}))
    card = window.card(SMOLLM)
    window.choose(SMOLLM, "Delete…")
    window.click(card._question.widget.remove)  # type: ignore[union-attr]
    window.qtbot.waitUntil(lambda: card.state.problem is not None)
    trouble = card._trouble.widget
    assert trouble is not None
    assert trouble.isVisible()


def test_models_of_other_programs_are_copied_but_never_deleted(opened: OpenPage) -> None:
    window = opened((THEIRS,))
    texts = [action.text() for action in window.card(THEIRS.path).menu().actions()]
    assert "Copy into my models" in texts
    assert "Delete…" not in texts
    window.choose(THEIRS.path, "Copy into my models")
    window.qtbot.waitUntil(lambda: window.core.called("import_model") == [(THEIRS.path,)])


# ── hundreds of them ──


def test_of_hundreds_of_models_only_the_cards_near_the_window_exist(opened: OpenPage) -> None:
    window = opened(many(500))
    window.card("/home/ana/models/family-0-001.Q4_K_M.gguf")
    stack = window.page.stack
    assert len(stack.rows) == 502
    bar = stack.verticalScrollBar()
    for step in range(40):
        bar.setValue(bar.maximum() * step // 40)
        window.qtbot.wait(1)
    window.qtbot.waitUntil(lambda: all(stack.widget_of(key) is not None for key in stack.visible_keys))
    assert len(stack.built()) < 120


def test_a_card_in_sight_keeps_its_place_while_others_above_it_grow(opened: OpenPage) -> None:
    window = opened(many(500))
    stack = window.page.stack
    path = "/home/ana/models/family-5-101.Q4_K_M.gguf"
    stack.reveal(f"model:{path}")
    card = window.card(path)
    window.qtbot.wait(150)
    before = card.mapTo(stack.viewport(), QPoint(0, 0)).y()
    window.session.model_imports.add([SMOLLM])
    window.page.stack.reveal(f"model:{path}")
    window.qtbot.wait(150)
    assert 0 <= card.mapTo(stack.viewport(), QPoint(0, 0)).y() <= max(before, stack.viewport().height())


def test_words_filter_the_models_and_the_order_can_be_chosen(opened: OpenPage) -> None:
    window = opened(many(60))
    window.page.filter.setFocus()
    window.qtbot.keyClicks(window.page.filter, "family-1 llama")
    assert 0 < len(window.order) < 30
    window.qtbot.keyClicks(window.page.filter, " nothing like it")
    assert window.order == ["empty:family-1 llama nothing like it"]
    window.key(Qt.Key.Key_Escape)
    assert window.page.filter.text() == ""
    assert len(window.order) == 62
    window.page.sort.setCurrentIndex(2)
    window.page.sort.activated.emit(2)
    own = [row for row in window.order if "family" in row][:40]
    sizes = {f"model:{model.path}": model.parameters for model in many(60)}
    assert [sizes[row] for row in own] == sorted(sizes[row] for row in own)


def test_a_few_models_need_no_search(opened: OpenPage) -> None:
    window = opened(MODELS)
    assert not window.page.filter.isVisible()


def test_a_program_that_adds_a_model_adds_its_card(opened: OpenPage) -> None:
    window = opened(MODELS[:1])
    window.core.models = MODELS[:2]
    window.session.models.refresh()
    assert window.card(QWEN).model == MODELS[1]


def test_a_model_whose_facts_changed_says_the_new_ones(opened: OpenPage) -> None:
    window = opened((MODELS[0],))
    card = window.card(SMOLLM)
    window.core.models = (replace(MODELS[0], licence="mit"),)
    window.session.models.refresh()
    window.qtbot.waitUntil(lambda: "licence mit" in card.facts.text())


def test_the_page_speaks_of_looking_before_it_says_that_there_is_nothing(opened: OpenPage) -> None:
    window = opened(())
    assert window.order == ["empty:"]
    window.session.models.listing, window.session.models.listed = True, False
    window.session.models.models_changed.emit()
    assert window.order == ["empty:looking"]
    window.session.models.listed = True  # looking once more
    window.session.models.models_changed.emit()
    assert window.order == ["empty:"]


def test_the_page_looks_again_whenever_it_comes_to_the_front(opened: OpenPage) -> None:
    window = opened()
    before = len(window.core.called("list_models"))
    window.whole.workspace.middle.show_chat()
    window.whole.workspace.show_models()
    window.qtbot.waitUntil(lambda: len(window.core.called("list_models")) == before + 1)
