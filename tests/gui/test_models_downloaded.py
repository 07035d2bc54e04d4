"""Models that are downloaded or made smaller, in the real window."""

from msgspec.structs import replace
from PySide6.QtCore import Qt

from desktop.core.events import QuantizingModel
from desktop.core.types import Problem
from desktop.core.types.models import HubRepository, PausedDownload
from desktop.ui.models.download_panel import HubCard
from desktop.ui.models.job_cards import QuantizeCard
from desktop.ui.models.model_card import ModelCard
from desktop.ui.models.quantize_form import QuantizeForm
from desktop.view_models.model_rows import recommended
from tests.fakes.fits import HUB, LESS_CONTEXT, REPOSITORY, REVISION, TOO_LARGE
from tests.fakes.models import MODELS_FOLDER
from tests.fakes.samples import QWEN
from tests.gui.model_scenes import DROPPED
from tests.gui.models_coming_in import FILE, WHOLE, Opened, Window, opened
from tests.gui.whole_window import Open, WholeWindow, open_window  # noqa: F401  a fixture

__all__ = ["opened"]  # fixtures


# ── the hub ──


def test_offline_nothing_is_asked_until_the_switch_right_there_is_turned(opened: Opened) -> None:
    window = opened(offline=True)
    panel = window.panel()
    assert "nothing leaves this computer" in panel.note.text()
    assert panel.switch.hasFocus()
    assert not panel.field.isEnabled()
    window.click(panel.switch)
    window.qtbot.waitUntil(panel.field.isEnabled)
    assert window.core.settings["offline"] is False
    assert window.core.called("list_hub") == []


def test_a_repository_shows_its_files_with_the_recommended_one(opened: Opened) -> None:
    window = opened()
    panel = window.panel()
    assert panel.field.hasFocus()
    window.qtbot.keyClicks(panel.field, f"https://huggingface.co/{REPOSITORY}")
    window.qtbot.keyClick(panel.field, Qt.Key.Key_Return)
    key = f"hub:{REPOSITORY}:{REVISION}:{FILE.name}"
    card = window.widget(key, HubCard)
    assert isinstance(card, HubCard)
    assert card.badge.isVisible()
    assert panel.words.text() == f"{REPOSITORY}\u00a0· 7 model files\u00a0· licence apache-2.0"
    window.click(card.button)
    assert window.core.called("download_model") == [(REPOSITORY, FILE.name, REVISION)]
    assert not card.button.isEnabled()


def test_the_recommended_file_is_the_usual_one_that_fits() -> None:
    assert recommended(HUB.files) == FILE
    assert recommended([replace(file, fit=TOO_LARGE) for file in HUB.files]) is None
    small = [replace(HUB.files[0], fit=LESS_CONTEXT), replace(HUB.files[4], fit=TOO_LARGE)]
    assert recommended(small) == small[0]


def test_what_the_hub_does_not_know_is_told_below_the_field(opened: Opened) -> None:
    window = opened()
    panel = window.panel()
    window.core.fail("list_hub", Problem("model_missing", {"path": "nobody/nothing"}))
    window.qtbot.keyClicks(panel.field, "nobody/nothing")
    window.click(panel.button)
    window.qtbot.waitUntil(panel.trouble.isVisible)
    assert window.whole.workspace.notices.bars == []


def test_a_download_says_rate_and_time_pauses_and_goes_on(opened: Opened) -> None:
    window = opened()
    window.panel()
    window.session.downloads.start(REPOSITORY, FILE.name, REVISION, FILE.size_bytes)
    card = window.download()
    window.core.downloads[-1].progress(0.4)
    window.qtbot.waitUntil(lambda: "12 MB a second" in card.words.text())
    assert "999 MB of 2.5 GB" in card.words.text()
    assert "about 2 min left" in card.words.text()
    window.press(card, "pause")
    window.qtbot.waitUntil(lambda: card.words.text() == "999 MB of 2.5 GB\u00a0· paused")
    window.press(card, "resume")
    assert len(window.core.called("download_model")) == 2
    assert window.core.downloads[-1].done_bytes == round(FILE.size_bytes * 0.4)
    window.core.downloads[-1].finish()
    window.press(card, "use")
    window.qtbot.waitUntil(lambda: window.core.called("load_model") == [(f"{MODELS_FOLDER}/{FILE.name}",)])


def test_a_download_that_broke_off_says_why_and_can_be_tried_again_or_given_up(opened: Opened) -> None:
    window = opened()
    window.panel()
    window.session.downloads.start(REPOSITORY, FILE.name, REVISION, FILE.size_bytes)
    card = window.download()
    window.core.downloads[-1].progress(0.2)
    window.core.downloads[-1].fail(Problem("storage_full", {"folder": MODELS_FOLDER}))
    window.qtbot.waitUntil(card.trouble.isVisible)
    window.press(card, "again")
    window.qtbot.waitUntil(lambda: not card.trouble.isVisible())
    window.press(card, "discard")
    window.qtbot.waitUntil(lambda: window.core.called("discard_download") == [(REPOSITORY, FILE.name)])
    window.qtbot.waitUntil(lambda: window.session.downloads.downloads == ())


def test_a_download_of_yesterday_waits_and_goes_on_where_it_was(opened: Opened) -> None:
    paused = PausedDownload(REPOSITORY, FILE.name, REVISION, 900_000_000, FILE.size_bytes)
    window = opened(paused=(paused,))
    window.whole.workspace.show_models()
    card = window.download()
    assert card.words.text() == "900 MB of 2.5 GB\u00a0· paused"
    window.press(card, "resume")
    assert window.core.called("download_model") == [(REPOSITORY, FILE.name, REVISION)]


def test_a_repository_without_models_says_so(opened: Opened) -> None:
    window = opened()
    window.core.hub["ana/poems"] = HubRepository("ana/poems", REVISION, ())
    panel = window.panel()
    window.session.downloads.look_up("ana/poems")
    window.qtbot.waitUntil(lambda: panel.words.text() == "ana/poems holds no GGUF file.")


# ── making smaller ──


def quantize(window: Window, *, measure: bool = True) -> QuantizeCard:
    window.whole.workspace.show_models()
    card = window.widget(f"model:{WHOLE.path}", ModelCard)
    assert isinstance(card, ModelCard)
    next(action for action in card.menu().actions() if action.text() == "Quantize…").trigger()
    form = card.findChild(QuantizeForm)
    assert isinstance(form, QuantizeForm)
    window.qtbot.waitUntil(lambda: form.chosen_type == "Q4_K_M")
    window.qtbot.wait(30)  # the keys go by where the types stand
    window.qtbot.keyClick(form.types["Q4_K_M"], Qt.Key.Key_Up)
    if not measure:
        form.measure.setFocus()
        window.qtbot.keyClick(form.measure, Qt.Key.Key_Space)
    window.click(form.begin)
    return window.job()


def test_a_model_is_made_smaller_by_stages_and_both_stand_side_by_side(opened: Opened) -> None:
    window = opened()
    card = quantize(window)
    assert window.core.called("quantize_model") == [(WHOLE.path, "Q5_K_M", True, "")]
    window.core.quantizings[-1].progress(QuantizingModel("quantizing", 0.63))
    window.qtbot.waitUntil(lambda: card.words.text() == "Step 2 of 3: Writing the smaller file, 63%")
    window.core.quantizings[-1].finish()
    window.qtbot.waitUntil(lambda: "14.63" in [label.text() for label in card.findChildren(type(card.facts))])
    shown = [label.text() for label in card.findChildren(type(card.facts))]
    assert {"F16", "Q5_K_M", "8.1 GB", "14.21", "14.63", "3% worse"} <= set(shown)
    window.press(card, "use")
    window.qtbot.waitUntil(lambda: bool(window.core.called("load_model")))


def test_without_measuring_the_result_says_so(opened: Opened) -> None:
    window = opened()
    card = quantize(window, measure=False)
    assert window.core.called("quantize_model")[0][2] is False
    window.core.quantizings[-1].finish()
    window.qtbot.waitUntil(
        lambda: "not measured" in [label.text() for label in card.findChildren(type(card.facts))]
    )


def test_quantizing_can_be_stopped_and_tried_again_after_a_failure(opened: Opened) -> None:
    window = opened()
    card = quantize(window)
    window.core.quantizings[-1].fail(Problem("storage_full", {"folder": MODELS_FOLDER}))
    window.qtbot.waitUntil(card.trouble.isVisible)
    window.press(card, "again")
    window.press(card, "cancel")
    window.qtbot.waitUntil(lambda: window.session.quantizing.job is None)
    assert len(window.core.quantizings) == 2
    assert window.whole.workspace.notices.bars == []


def test_only_one_model_is_made_smaller_at_a_time(opened: Opened) -> None:
    window = opened()
    quantize(window)
    card = window.widget(f"model:{QWEN}", ModelCard)
    assert isinstance(card, ModelCard)
    action = next(action for action in card.menu().actions() if action.text() == "Quantize…")
    assert not action.isEnabled()


def test_enter_on_a_card_does_what_it_offers_first(opened: Opened) -> None:
    window = opened()
    window.drop(DROPPED)
    card = window.brought()
    window.qtbot.waitUntil(card.buttons["copy"].isVisible)
    card.setFocus()
    window.qtbot.keyClick(card, Qt.Key.Key_Return)
    window.qtbot.waitUntil(lambda: window.core.called("import_model") == [(DROPPED,)])


def test_tab_goes_down_the_form_for_a_smaller_file(opened: Opened) -> None:
    window = opened()
    window.whole.workspace.show_models()
    card = window.widget(f"model:{WHOLE.path}", ModelCard)
    assert isinstance(card, ModelCard)
    card.wanted.emit("quantize")
    window.qtbot.waitUntil(lambda: card.findChild(QuantizeForm) is not None)
    form = card.findChild(QuantizeForm)
    assert isinstance(form, QuantizeForm)
    window.qtbot.waitUntil(lambda: bool(form.types))  # they come after the rest of the form
    stops, at = [], card.nextInFocusChain()
    while at is not form.begin and at is not card:
        at = at.nextInFocusChain()
        stops.append(at)
    wanted = [*form.types.values(), form.all_types, form.measure, form.decline, form.begin]
    assert [stop for stop in stops if stop in wanted] == wanted
