"""The first run in the real window: three steps, to a first answer."""

from pathlib import Path

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QWidget

from desktop import i18n
from desktop.core.events import EngineStatus
from desktop.ui.welcome.page import WelcomePage
from desktop.ui.welcome.steps import DocumentsStep, LanguageStep, ModelStep, Part
from desktop.ui.window_state import WindowState, read_state, write_state
from desktop.view_models.welcome import offered_repository
from engine.devices import Device
from tests.fakes.core import FakeCore
from tests.fakes.fits import HUB
from tests.fakes.samples import QWEN
from tests.gui.whole_window import Open, WholeWindow, core_with_chats, open_window  # noqa: F401  a fixture

FIRST = WindowState(welcome="")
LEFT = Qt.MouseButton.LeftButton


def fresh_core() -> FakeCore:
    core = FakeCore()
    core.settings |= {"language": "en", "theme": "light"}
    return core


@pytest.fixture
def whole(open_window: Open) -> WholeWindow:  # noqa: F811
    return open_window(fresh_core(), FIRST)


def page(whole: WholeWindow) -> WelcomePage:
    whole.qtbot.waitUntil(lambda: whole.workspace.middle.page == "welcome")
    found = whole.workspace.findChild(WelcomePage)
    assert isinstance(found, WelcomePage)
    return found


def part(whole: WholeWindow, kind: type[Part]) -> Part:
    whole.qtbot.waitUntil(lambda: isinstance(page(whole).part, kind))
    shown = page(whole).part
    assert shown is not None
    return shown


def press(whole: WholeWindow, button: QAbstractButton) -> None:
    whole.qtbot.waitUntil(lambda: button.isVisible() and button.isEnabled())
    whole.qtbot.mouseClick(button, LEFT)


def test_three_steps_lead_to_a_first_answer(whole: WholeWindow) -> None:
    part(whole, LanguageStep)
    assert page(whole).far.text() == "1 of 3"
    press(whole, page(whole).on)
    models = part(whole, ModelStep)
    assert isinstance(models, ModelStep)
    whole.qtbot.waitUntil(lambda: bool(models.choices))
    press(whole, models.choices[QWEN])
    press(whole, page(whole).on)
    whole.qtbot.waitUntil(lambda: whole.session.models.chosen_path == QWEN)
    whole.core.loadings[-1].finish()
    last = part(whole, DocumentsStep)
    assert isinstance(last, DocumentsStep)
    press(whole, last.questions[0])
    whole.qtbot.waitUntil(lambda: len(whole.session.conversation.turns) == 2)
    whole.qtbot.waitUntil(lambda: not whole.session.conversation.running)
    assert whole.workspace.middle.page == "chat"
    assert whole.session.conversation.turns[1].text
    assert whole.window.state().welcome == "done"


def test_it_comes_back_where_it_was_left(open_window: Open, whole: WholeWindow) -> None:  # noqa: F811
    press(whole, page(whole).on)
    part(whole, ModelStep)
    whole.qtbot.keyClick(page(whole), Qt.Key.Key_Escape)
    assert whole.workspace.middle.page == "chat"
    kept = whole.window.state()
    assert kept.welcome == "model"
    again = open_window(core_with_chats(), kept)
    part(again, ModelStep)
    press(again, page(again).back)
    part(again, LanguageStep)


def test_who_skips_it_is_not_asked_again_and_can_come_back_to_it(
    open_window: Open,  # noqa: F811
    whole: WholeWindow,
) -> None:
    press(whole, page(whole).skip)
    assert whole.workspace.middle.page == "chat"
    again = open_window(fresh_core(), whole.window.state())
    again.qtbot.wait(50)
    assert again.workspace.middle.page == "chat"
    again.window.commands.run("welcome")
    part(again, LanguageStep)


def test_who_has_chats_already_is_not_welcomed(open_window: Open) -> None:  # noqa: F811
    whole = open_window(core_with_chats(), FIRST)
    whole.qtbot.wait(50)
    assert whole.workspace.middle.page == "chat"
    assert whole.window.state().welcome == "done"


def test_the_language_counts_at_once_and_the_step_stays(whole: WholeWindow) -> None:
    language = part(whole, LanguageStep)
    assert isinstance(language, LanguageStep)
    before = whole.workspace
    press(whole, language.choices["es"])
    whole.qtbot.waitUntil(lambda: i18n.language() == "es" and whole.workspace is not before)
    chosen = part(whole, LanguageStep)
    assert isinstance(chosen, LanguageStep)
    assert chosen.choices["es"].isChecked()


def test_without_a_model_one_that_fits_is_found_when_the_person_allows_it(
    open_window: Open,  # noqa: F811
) -> None:
    core = fresh_core()
    core.models = ()
    core.engine = EngineStatus("no_model")
    core.settings["offline"] = True
    whole = open_window(core, FIRST)
    press(whole, page(whole).on)
    models = part(whole, ModelStep)
    assert isinstance(models, ModelStep)
    whole.qtbot.waitUntil(lambda: models.none.isVisible() and not page(whole).on.isEnabled())
    assert models.offer.words.text()
    repository = whole.session.welcome.repository
    core.hub = {repository: replace(HUB, id=repository)}
    press(whole, models.offer.button)
    whole.qtbot.waitUntil(lambda: core.settings["offline"] is False)
    whole.qtbot.waitUntil(lambda: models.offer.button.text().startswith("Download"))
    press(whole, models.offer.button)
    whole.qtbot.waitUntil(lambda: len(whole.session.downloads.downloads) == 1)
    assert whole.session.downloads.downloads[0].repository == repository


def test_the_questions_wait_for_a_model(open_window: Open) -> None:  # noqa: F811
    core = fresh_core()
    core.models = ()
    core.engine = EngineStatus("no_model")
    whole = open_window(core, WindowState(welcome="documents"))
    last = part(whole, DocumentsStep)
    assert isinstance(last, DocumentsStep)
    whole.qtbot.waitUntil(lambda: whole.session.models.listed)
    page(whole).refresh()
    assert not last.questions[0].isVisible()
    assert last.add.isVisible()


def test_tab_reaches_everything_from_the_first_choice_on(whole: WholeWindow) -> None:
    language = part(whole, LanguageStep)
    assert isinstance(language, LanguageStep)
    language.choices["en"].setFocus()
    seen = set()
    for _ in range(4):
        seen.add(whole.window.focusWidget())
        whole.qtbot.keyClick(whole.window.focusWidget(), Qt.Key.Key_Tab)
    assert {page(whole).on, page(whole).skip} <= seen


@pytest.mark.parametrize(
    ("devices", "expected"),
    [
        ((Device("cpu", "cpu", 2_000_000_000, 4_000_000_000),), "Qwen/Qwen3-0.6B-GGUF"),
        ((Device("cpu", "cpu", 30_000_000_000, 32_000_000_000),), "Qwen/Qwen3-4B-GGUF"),
        (
            (
                Device("cpu", "cpu", 8_000_000_000, 16_000_000_000),
                Device("gpu", "gpu", 15_000_000_000, 16_000_000_000),
            ),
            "Qwen/Qwen3-8B-GGUF",
        ),
        ((), "Qwen/Qwen3-0.6B-GGUF"),
    ],
)
def test_what_is_offered_suits_the_machine(devices: tuple[Device, ...], expected: str) -> None:
    assert offered_repository(devices) == expected


def test_a_first_start_is_told_from_later_ones(tmp_path: Path) -> None:
    file = tmp_path / "window.json"
    assert read_state(file).welcome == ""
    write_state(file, WindowState())
    assert read_state(file).welcome == "done"


def test_the_first_run_goes_by_enter_alone(whole: WholeWindow) -> None:
    """Enter goes on where a choice was made, and presses the button that has the keys."""
    part(whole, LanguageStep)
    whole.qtbot.keyClick(_held(whole), Qt.Key.Key_Return)
    part(whole, ModelStep)
    whole.qtbot.keyClick(_held(whole), Qt.Key.Key_Return)
    last = part(whole, DocumentsStep)
    assert isinstance(last, DocumentsStep)
    question = last.questions[0]
    whole.qtbot.waitUntil(question.isEnabled)
    question.setFocus()
    whole.qtbot.keyClick(question, Qt.Key.Key_Return)
    whole.qtbot.waitUntil(lambda: bool(whole.session.conversation.turns))
    assert whole.session.conversation.turns[0].text == question.text()
    assert whole.workspace.middle.page == "chat"


def _held(whole: WholeWindow) -> QWidget:
    """What has the keys."""
    whole.qtbot.waitUntil(lambda: whole.window.focusWidget() is not None)
    held = whole.window.focusWidget()
    assert held is not None
    return held
