"""What can be done to a model from its card, and the page with hundreds of them."""

from msgspec.structs import replace
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication

from desktop.core.types import Problem
from tests.fakes.models import CHECKSUM
from tests.fakes.samples import MODELS, QWEN, SMOLLM, THEIRS
from tests.gui.model_scenes import many
from tests.gui.models_page import OpenPage, opened
from tests.gui.whole_window import Open, WholeWindow, open_window  # noqa: F401  a fixture

__all__ = ["opened"]  # fixtures


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
