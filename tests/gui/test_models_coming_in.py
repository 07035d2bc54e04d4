"""Models that come in or are made: dropped files, copies, downloads, quantizing; in the real window."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QWidget

from desktop.core.events import QuantizingModel
from desktop.core.types import Problem
from desktop.core.types.models import HubRepository, PausedDownload
from desktop.ui.models.download_panel import DownloadPanel, HubCard
from desktop.ui.models.job_cards import DownloadCard, ImportCard, JobCard, QuantizeCard
from desktop.ui.models.model_card import ModelCard
from desktop.ui.models.page import ModelsPage
from desktop.ui.models.quantize_form import QuantizeForm
from desktop.view_models.model_rows import recommended
from tests.fakes.core import FakeCore
from tests.fakes.fits import HUB, LESS_CONTEXT, REPOSITORY, REVISION, TOO_LARGE, fits_of
from tests.fakes.models import MODELS_FOLDER
from tests.fakes.samples import MODELS, MUSEUM, QWEN
from tests.gui.model_scenes import CUT, DROPPED, GEMMA, HALF
from tests.gui.whole_window import Open, WholeWindow, open_window  # noqa: F401  a fixture

FILE = HUB.files[2]
WHOLE = replace(MODELS[1], path=QWEN.replace("Q4_K_M", "F16"), quantization="F16", size_bytes=8_050_000_000)


class Window:
    """A window with files to drop and a hub to look at."""

    def __init__(self, whole: WholeWindow) -> None:
        self.whole, self.core, self.session, self.qtbot = whole, whole.core, whole.session, whole.qtbot
        self.qtbot.waitUntil(lambda: not self.session.models.listing)

    @property
    def page(self) -> ModelsPage:
        page = self.whole.workspace.middle.models_page
        assert page is not None
        return page

    def widget(self, key: str, kind: type[QWidget]) -> QWidget:
        self.qtbot.waitUntil(lambda: isinstance(self.page.stack.widget_of(key), kind))
        found = self.page.stack.widget_of(key)
        assert found is not None
        return found

    def brought(self, path: str = DROPPED) -> ImportCard:
        card = self.widget(f"import:{path}", ImportCard)
        assert isinstance(card, ImportCard)
        return card

    def download(self, file: str = FILE.name) -> DownloadCard:
        card = self.widget(f"download:{(REPOSITORY, file)}", DownloadCard)
        assert isinstance(card, DownloadCard)
        return card

    def job(self) -> QuantizeCard:
        card = self.widget("job", QuantizeCard)
        assert isinstance(card, QuantizeCard)
        return card

    def panel(self) -> DownloadPanel:
        self.whole.workspace.show_models()
        self.click(self.page.download)
        panel = self.widget("search", DownloadPanel)
        assert isinstance(panel, DownloadPanel)
        return panel

    def click(self, button: QWidget) -> None:
        self.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)

    def press(self, card: JobCard, what: str) -> None:
        self.qtbot.waitUntil(card.buttons[what].isVisible)
        self.click(card.buttons[what])

    def drop(self, *paths: str, on: QWidget | None = None) -> None:
        """Drag files over a widget and let them go, as Qt hands that on: to whoever accepts it first."""
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(path) for path in paths])
        copy, left = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
        target: QWidget | None = on or self.whole.workspace
        if isinstance(target, QAbstractScrollArea):
            target = target.viewport()
        while target is not None:
            if target.acceptDrops():
                enter = QDragEnterEvent(QPoint(5, 5), copy, data, left, Qt.KeyboardModifier.NoModifier)
                enter.ignore()
                QApplication.sendEvent(target, enter)
                if enter.isAccepted():
                    break
            target = target.parentWidget()
        assert target is not None
        dropped = QDropEvent(QPoint(5, 5), copy, data, left, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(target, dropped)


Opened = Callable[..., Window]


@pytest.fixture
def opened(open_window: Open) -> Opened:  # noqa: F811
    def open_one(*, offline: bool = False, paused: tuple[PausedDownload, ...] = ()) -> Window:
        models = (*MODELS[:2], WHOLE)
        core = FakeCore(automatic=False, models=models, model=None)
        core.settings |= {"language": "en", "theme": "light", "offline": offline}
        core.elsewhere = (GEMMA, replace(MODELS[2], path=HALF, problem=CUT))
        core.fits = {**fits_of(models), DROPPED: LESS_CONTEXT}
        core.hub = {REPOSITORY: HUB}
        core.paused = paused
        return Window(open_window(core))

    return open_one


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
    assert panel.words.text() == f"{REPOSITORY} · 7 model files · licence apache-2.0"
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
    window.qtbot.waitUntil(lambda: card.words.text() == "999 MB of 2.5 GB · paused")
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
    assert card.words.text() == "900 MB of 2.5 GB · paused"
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
