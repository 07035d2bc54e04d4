"""What else a reply might have said, in the real window: by click, by keys, gone on with, and turned."""

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QTextCursor
from pytestqt.qtbot import QtBot

from desktop.core.types import StoredMessage, TextPart
from desktop.ui.conversation.word_spots import Places, character_at, offsets
from desktop.ui.insight.probabilities_panel import ProbabilitiesPanel
from desktop.ui.panels.frame import PanelFrame
from tests.fakes.core import FakeCore
from tests.fakes.details import details_of
from tests.fakes.samples import STATS
from tests.gui.whole_window import Open, WholeWindow, core_with_chats, open_window  # noqa: F401  a fixture

LEFT = Qt.MouseButton.LeftButton
TEXT = "A ticket costs **seven euros**, and `four` for students.\n\n- children: [free](http://a.b)"


def core_that_answered(alternatives: int = 6) -> tuple[FakeCore, StoredMessage]:
    core = core_with_chats()
    core.settings["alternatives"] = alternatives
    core.chats.add_message(2, "user", "How much is it?")
    reply = core.chats.add_message(2, "assistant")
    return core, core.chats.change(replace(reply, parts=(TextPart(TEXT),), state="complete", stats=STATS))


def shown(open_window: Open, alternatives: int = 6) -> WholeWindow:  # noqa: F811
    core, _reply = core_that_answered(alternatives)
    whole = open_window(core)
    whole.session.conversation.open(2)
    whole.qtbot.waitUntil(lambda: len(whole.session.conversation.turns) == 2)
    whole.qtbot.wait(80)
    return whole


def click_word(whole: WholeWindow, word: str) -> None:
    view = whole.workspace.conversation
    widget = view.widget_at(1)
    assert widget is not None
    assert widget.entry is not None
    for piece in widget.entry.pieces.all:
        document = widget.entry.pieces.lay_out(piece)
        at = document.toPlainText().find(word)
        if at < 0:
            continue
        cursor = QTextCursor(document)
        cursor.setPosition(at + 1)
        block = cursor.block()
        line = block.layout().lineForTextPosition(at + 1 - block.position())
        x = line.cursorToX(at + 1 - block.position())
        x = x[0] if isinstance(x, tuple | list) else x
        origin = document.documentLayout().blockBoundingRect(block).topLeft()
        place = widget.text_origin(piece) + origin
        point = QPoint(round(place.x() + x + 1), round(place.y() + line.y() + line.height() / 2))
        whole.qtbot.mouseClick(view.viewport(), LEFT, pos=widget.mapTo(view.viewport(), point))
        return
    raise AssertionError(f"{word} is not in sight")


def panel_of(whole: WholeWindow) -> ProbabilitiesPanel:
    frame = whole.workspace.side.made("probabilities")
    assert isinstance(frame, PanelFrame)
    assert isinstance(frame.content, ProbabilitiesPanel)
    return frame.content


def looked_at(whole: WholeWindow) -> str:
    detail = whole.session.probabilities.detail
    return detail.text.strip() if detail else ""


def test_a_click_on_a_word_shows_what_else_might_have_stood_there(open_window: Open) -> None:  # noqa: F811
    whole = shown(open_window)
    for word in ("ticket", "seven", "four", "free"):
        if word == "free":
            whole.session.probabilities.show(whole.session.conversation.turns[1].key, TEXT.index(word) + 1)
        else:
            click_word(whole, word)
        whole.qtbot.waitUntil(lambda word=word: looked_at(whole) == word)  # type: ignore[misc]
    assert whole.workspace.panel == "probabilities"
    panel = panel_of(whole)
    detail = whole.session.probabilities.detail
    assert detail is not None
    assert len(panel.bars._made.known) == 6
    assert "%" in panel.token.text()


def test_a_click_opens_nothing_while_nobody_asked_for_alternatives(open_window: Open) -> None:  # noqa: F811
    whole = shown(open_window, alternatives=0)
    click_word(whole, "ticket")
    whole.qtbot.wait(100)
    assert not whole.workspace.panel


def test_the_panel_says_how_to_have_alternatives_kept_and_answers_again_with_them(
    open_window: Open,  # noqa: F811
) -> None:
    whole = shown(open_window, alternatives=0)
    core = whole.core
    whole.workspace.commands.run("probabilities")
    panel = panel_of(whole)
    whole.qtbot.waitUntil(panel.turn_on.isVisible)
    whole.qtbot.mouseClick(panel.turn_on, LEFT)
    whole.qtbot.waitUntil(panel.again.isVisible)
    assert core.settings["alternatives"] == 10
    whole.qtbot.mouseClick(panel.again, LEFT)
    whole.qtbot.waitUntil(lambda: whole.session.probabilities.state == "known")
    assert whole.session.conversation.turns[1].versions


def test_the_keys_walk_the_tokens_and_the_alternatives_and_go_on_with_one(open_window: Open) -> None:  # noqa: F811
    whole = shown(open_window)
    whole.workspace.commands.run("probabilities")
    whole.qtbot.waitUntil(lambda: whole.session.probabilities.state == "known")
    panel = panel_of(whole)
    panel.canvas.setFocus()
    panel.canvas.go_to(1)
    whole.qtbot.keyClick(panel.canvas, Qt.Key.Key_Right)
    assert whole.session.probabilities.token == 2
    panel.bars.setFocus()
    detail = whole.session.probabilities.detail
    assert detail is not None
    drawn = panel.bars.token
    assert drawn is not None
    assert drawn.id == detail.id
    whole.qtbot.keyClick(panel.bars, Qt.Key.Key_End)
    other = panel.bars.token
    assert other is not None
    assert "cut by" in panel.bars.accessibleDescription()
    whole.qtbot.keyClick(panel.bars, Qt.Key.Key_Return)
    whole.qtbot.waitUntil(lambda: not whole.session.conversation.running)
    whole.qtbot.waitUntil(lambda: len(whole.session.conversation.turns[1].versions) == 2)
    details = details_of(TEXT, 6)
    branch = whole.session.conversation.turns[1].text
    assert branch.startswith(details[0].text + details[1].text + other.text)
    assert whole.core.called("branch_reply")[-1][1:] == (2, other.id)
    whole.qtbot.waitUntil(lambda: whole.session.probabilities.token == 2)


def test_sliders_show_at_once_what_other_settings_would_do_and_change_nothing(open_window: Open) -> None:  # noqa: F811
    whole = shown(open_window)
    whole.workspace.commands.run("probabilities")
    whole.qtbot.waitUntil(lambda: whole.session.probabilities.state == "known")
    panel = panel_of(whole)
    before = [one.after for one in panel.bars._made.known]
    panel.knobs.sliders["temperature"].setValue(0)
    assert [one.after for one in panel.bars._made.known] == [1, 0, 0, 0, 0, 0]
    panel.knobs.sliders["temperature"].setValue(20)
    panel.knobs.sliders["top_k"].setValue(2)
    assert [one.cut for one in panel.bars._made.known][2] == "top_k"
    panel.as_made.click()
    assert [one.after for one in panel.bars._made.known] == before
    assert not whole.core.called("set_reply_values")
    panel.knobs.sliders["temperature"].setValue(10)
    panel.use.click()
    whole.qtbot.waitUntil(lambda: bool(whole.core.called("set_reply_values")))
    values = whole.core.called("set_reply_values")[-1][0]
    assert isinstance(values, dict)
    assert values["temperature"] == 0.5


def test_the_chat_is_tinted_by_probability_only_on_demand(open_window: Open) -> None:  # noqa: F811
    whole = shown(open_window)
    view = whole.workspace.conversation
    widget = view.widget_at(1)
    assert widget is not None
    assert widget.entry is not None
    key, piece, style = widget.entry.turn.key, widget.entry.pieces.all[0], widget.entry.style
    assert len(view.tints.of(key, piece, style)) == 0
    whole.workspace.commands.run("heat")
    whole.qtbot.waitUntil(lambda: len(view.tints.of(key, piece, style)) > 2)
    whole.workspace.commands.run("heat")
    assert len(view.tints.of(key, piece, style)) == 0


def test_a_place_in_what_is_shown_is_found_in_what_was_written() -> None:
    source = "See **bold** and `code`: [a link](http://a.b/c), end."
    seen = "See bold and code: a link, end."
    found = offsets(seen, source)
    for word in ("See", "bold", "and", "code", "link", "end"):
        assert found[seen.index(word)] == source.index(word)


def test_a_piece_of_markdown_gives_its_characters_back(open_window: Open) -> None:  # noqa: F811
    whole = shown(open_window)
    widget = whole.workspace.conversation.widget_at(1)
    assert widget is not None
    assert widget.entry is not None
    for piece in widget.entry.pieces.all:
        document = widget.entry.pieces.lay_out(piece)
        text = document.toPlainText()
        for word in ("ticket", "seven", "students", "children", "free"):
            if word in text:
                assert character_at(piece, text.index(word)) == TEXT.index(word)
                begin = TEXT.index(word)
                assert Places(piece, document).ranges(begin, begin + len(word)) == [
                    (text.index(word), text.index(word) + len(word))
                ]


@pytest.fixture(autouse=True)
def _quiet(qtbot: QtBot) -> None:
    """Every test has an application."""
