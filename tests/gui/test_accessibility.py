"""What assistive technology is told: names and roles in every view, and announcements of what happens."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QAccessibleEvent
from PySide6.QtWidgets import QAbstractButton, QAbstractSpinBox, QApplication, QWidget
from pytestqt.qtbot import QtBot

from desktop.core.types import Problem
from desktop.ui.aloud import Voice, tell
from desktop.ui.announcer import Announcer
from desktop.ui.manner import dress, speak
from desktop.view_models.long_jobs import Ended
from tests.gui.scene_texts import TEXTS
from tests.gui.scenes import SCENES, staged
from tests.gui.whole_window import Open, WholeWindow, core_with_chats, open_window  # noqa: F401  a fixture

NO_ROLE = (QAccessible.Role.NoRole,)
PANE = QAccessible.Role.LayeredPane  # said before everything that stands in one


def silent(window: QWidget) -> list[str]:
    """What can have the keys or be pressed, and says neither what it is called nor what it is."""
    found = []
    for widget in window.findChildren(QWidget):
        inside = widget.parentWidget()
        # the field in a box of numbers: the box speaks for it
        if not widget.isVisibleTo(window) or isinstance(inside, QAbstractSpinBox):
            continue
        reached = bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)
        if not reached and not isinstance(widget, QAbstractButton):
            continue
        told = QAccessible.queryAccessibleInterface(widget)
        if told is None or not told.text(QAccessible.Text.Name).strip() or told.role() in NO_ROLE:
            found.append(f"{type(widget).__name__} in {type(inside).__name__} {widget.objectName()}".strip())
    return found


def layered(window: QWidget) -> list[str]:
    """What a screen reader would call "layered pane" on its way to a field."""
    told = {widget: QAccessible.queryAccessibleInterface(widget) for widget in window.findChildren(QWidget)}
    return [type(widget).__name__ for widget, one in told.items() if one is not None and one.role() == PANE]


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_nothing_that_can_be_used_is_without_a_name_in_any_view(qtbot: QtBot, qapp: QApplication) -> None:
    trouble = {}
    for name in SCENES:
        speak(qapp, "en")
        dress(qapp, "light", 100)
        with staged(name, TEXTS["en"], {"language": "en", "theme": "light"}) as stage:
            stage.picture()
            trouble[name] = silent(stage.window) + layered(stage.window)
    assert {name: found for name, found in trouble.items() if found} == {}


# ── announcements ─────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def whole(open_window: Open) -> WholeWindow:  # noqa: F811
    core = core_with_chats()
    core.automatic = False
    return open_window(core)


@pytest.fixture
def said(whole: WholeWindow) -> list[tuple[str, bool]]:
    heard: list[tuple[str, bool]] = []
    whole.said = Announcer(whole.session, whole.window, lambda *words: heard.append(words))  # type: ignore[attr-defined]
    return heard


def test_a_reply_is_announced_when_it_begins_and_when_it_ends(
    whole: WholeWindow, said: list[tuple[str, bool]]
) -> None:
    whole.ask("How much is the ticket?")
    whole.qtbot.waitUntil(lambda: bool(whole.core.replies))
    assert said == [("The reply begins.", False)]
    whole.core.replies[-1].write("Seven euros.")
    whole.core.replies[-1].finish()
    whole.qtbot.waitUntil(lambda: len(said) == 2)
    assert said[1] == ("The reply is ready. Seven euros.", False)


def test_a_reply_that_fails_interrupts(whole: WholeWindow, said: list[tuple[str, bool]]) -> None:
    whole.ask("How much is the ticket?")
    whole.qtbot.waitUntil(lambda: bool(whole.core.replies))
    whole.core.replies[-1].write("Sev")
    whole.core.replies[-1].fail(Problem("engine_died", {"how": "SIGKILL"}))
    whole.qtbot.waitUntil(lambda: len(said) >= 2)
    words, urgent = said[1]
    assert words.startswith("The model stopped unexpectedly.")
    assert urgent


def test_a_trouble_and_the_end_of_a_job_are_announced_once(
    whole: WholeWindow, said: list[tuple[str, bool]]
) -> None:
    problem = Problem("storage_full", {"folder": "/home/ana"})
    whole.session.notices.add(problem, "storage")
    whole.session.notices.add(problem, "storage")
    whole.session.long_jobs.ended.emit(Ended("download", name="tiny.gguf"))
    assert [urgent for _, urgent in said] == [True, False]
    assert said[1][0] == "tiny.gguf is here."


def test_a_setting_that_is_refused_is_announced(whole: WholeWindow, said: list[tuple[str, bool]]) -> None:
    whole.core.fail("set_setting", Problem("bad_setting", {"name": "top_k", "value": -3}))
    whole.session.settings.set("top_k", -3)
    whole.qtbot.waitUntil(lambda: len(said) == 1)
    assert said[0][1]


def test_a_long_reply_is_not_read_to_its_end(whole: WholeWindow, said: list[tuple[str, bool]]) -> None:
    whole.ask("How much is the ticket?")
    whole.qtbot.waitUntil(lambda: bool(whole.core.replies))
    whole.core.replies[-1].write("bread " * 500)
    whole.core.replies[-1].finish()
    whole.qtbot.waitUntil(lambda: len(said) == 2)
    assert len(said[1][0]) < 400


def test_a_reply_that_ends_is_heard_once(whole: WholeWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    """The window tells of it; the conversation, which does so beside another one, keeps silent then."""
    heard: list[str] = []
    told = QAccessible.updateAccessibility

    def listen(event: QAccessibleEvent) -> None:
        if isinstance(event, QAccessibleAnnouncementEvent):
            heard.append(event.message())
        told(event)

    monkeypatch.setattr("desktop.ui.aloud.QAccessible.updateAccessibility", listen)
    monkeypatch.setattr("desktop.ui.aloud.QAccessible.isActive", lambda: True)
    whole.ask("How much is the ticket?")
    whole.qtbot.waitUntil(lambda: bool(whole.core.replies) and whole.session.conversation.running)
    whole.core.replies[-1].write("Seven euros.")
    whole.core.replies[-1].finish()
    whole.qtbot.waitUntil(lambda: any("Seven euros" in words for words in heard))
    whole.qtbot.waitUntil(lambda: not whole.session.conversation.running)
    assert sum("Seven euros" in words for words in heard) == 1


def test_on_linux_words_are_a_notification_that_comes_into_sight(
    whole: WholeWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Orca says nothing of announcements before its version 45."""
    monkeypatch.setattr("desktop.ui.aloud.QAccessible.isActive", lambda: True)
    monkeypatch.setattr("desktop.ui.aloud.QGuiApplication.platformName", lambda: "xcb")
    focused = whole.window.focusWidget()
    for words in ("The reply begins.", "The reply is ready."):
        tell(whole.window, words)
        [voice] = [one for one in whole.window.findChildren(Voice) if one.label.text() == words]
        heard = QAccessible.queryAccessibleInterface(voice)
        assert heard.role() == QAccessible.Role.Notification
        assert voice.isVisible()
        assert heard.child(0).text(QAccessible.Text.Name) == words
    assert whole.window.focusWidget() is focused
