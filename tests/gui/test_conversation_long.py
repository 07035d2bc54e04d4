"""Replies without end, and Markdown built to hurt: how much work one turn of the event loop is given."""

from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QGuiApplication, QTextDocument
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot

from desktop.ui.conversation import growing as growing_module
from desktop.ui.conversation.blocks import GAP, Block
from desktop.ui.conversation.growing import SLICE_CHARACTERS, SLICE_LINES, GrowingMarkdown
from desktop.ui.conversation.markdown import MOST_CHARACTERS, parse
from desktop.ui.conversation.piece import Piece
from desktop.ui.conversation.pieces import Pieces
from desktop.ui.conversation.style import Style
from desktop.ui.theme import LIGHT
from desktop.view_models.turns import Turn
from tests.fakes.core import FakeCore
from tests.fakes.hurtful import HURTFUL, long_reply
from tests.gui.conversation_window import Window, build, stored

LONG = long_reply(100_000)


@pytest.fixture
def window(qtbot: QtBot) -> Window:
    return build(qtbot, FakeCore(automatic=False))


def opened(window: Window, qtbot: QtBot, *turns: tuple[str, str]) -> None:
    with qtbot.waitSignal(window.view_model.reset):
        window.view_model.open(stored(window.core, turns))
    window.settle()


def caught_up(window: Window, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not window.view.catching_up.behind, timeout=20_000)


def count_drawn(monkeypatch: pytest.MonkeyPatch, drawn: list[object]) -> None:
    """Have every block that is drawn from now on stand in `drawn`."""
    real = Pieces.draw

    def counted(shown: Pieces, piece: Piece, style: Style) -> QTextDocument:
        drawn.append(piece)
        return real(shown, piece, style)

    monkeypatch.setattr(Pieces, "draw", counted)


@pytest.mark.parametrize("name", HURTFUL)
def test_no_slice_of_a_hurtful_text_is_more_than_a_little_work(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    real = growing_module.parse

    def counted(text: str, *place: object) -> list[Block]:
        seen.append(text)
        return real(text, *place)  # type: ignore[arg-type]

    monkeypatch.setattr(growing_module, "parse", counted)
    growing = GrowingMarkdown.begun(HURTFUL[name])
    steps = 0
    while growing.behind:
        before = growing.taken
        growing.step()
        assert 0 < growing.taken - before <= SLICE_CHARACTERS + 1
        assert growing.text.count("\n", before, growing.taken) <= SLICE_LINES
        steps += 1
    assert len(seen) <= steps
    for text in seen:
        assert len(text) <= MOST_CHARACTERS + 2 * SLICE_CHARACTERS
    for block in growing.blocks:
        assert len(block.source) <= (SLICE_CHARACTERS + 100 if block.kind == "code" else MOST_CHARACTERS)
    assert growing.text == HURTFUL[name]


@pytest.mark.parametrize("name", HURTFUL)
def test_a_hurtful_text_that_streams_is_a_little_work_at_a_time_and_stays_whole(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = HURTFUL[name]
    longest = 0
    real = growing_module.parse

    def counted(part: str, *place: object) -> list[Block]:
        nonlocal longest
        longest = max(longest, len(part))
        return real(part, *place)  # type: ignore[arg-type]

    monkeypatch.setattr(growing_module, "parse", counted)
    growing = GrowingMarkdown()
    small = len(text) - 300
    places = [*range(0, small, max(700, len(text) // 40)), *range(max(0, small), len(text), 7), len(text)]
    for begin, end in pairwise(places):
        growing.append(text[begin:end])
    assert growing.text == text
    assert longest <= MOST_CHARACTERS + 2 * SLICE_CHARACTERS
    at = 0
    for block in growing.blocks:
        assert text.startswith(block.source, block.start)
        assert not text[at : block.start].strip(), text[at : block.start]  # nothing is left out
        at = block.start + len(block.source)
    assert not text[at:].strip()


@pytest.mark.parametrize("name", ["20,000 footnotes", "5,000 formulas in one list"])
def test_slices_give_what_the_whole_text_gives(name: str) -> None:
    growing = GrowingMarkdown.begun(HURTFUL[name])
    while growing.behind:
        growing.step()
    assert growing.blocks == parse(HURTFUL[name])


def test_a_list_without_end_is_cut_between_its_items_and_counts_on() -> None:
    blocks = parse("".join(f"1. item {i}\n" for i in range(70)))
    assert [block.number for block in blocks] == [1, 21, 41, 61]
    assert [block.joined for block in blocks] == [False, True, True, True]
    growing = GrowingMarkdown()
    for i in range(70):
        growing.append(f"1. item {i}\n")
    assert growing.blocks == blocks


def test_code_without_end_is_cut_into_parts_and_ends_with_its_fence() -> None:
    code = "x = 1\n\n" * 5_000
    growing = GrowingMarkdown(f"```py\n{code}")
    assert {(block.kind, block.language) for block in growing.blocks} == {("code", "py")}
    assert max(block.source.count("\n") for block in growing.blocks) <= 41
    assert growing.append("y = 2\n") >= len(growing.blocks) - 2  # what stands before stays
    growing.append("```\n\nAnd *then*.\n")
    assert (growing.blocks[-1].kind, growing.blocks[-1].source) == ("text", "And *then*.")
    parts = growing.blocks[:-1]
    assert [part.goes_on for part in parts] == [True] * (len(parts) - 1) + [False]
    assert "\n".join(part.code for part in parts) == f"{code}y = 2"
    assert parse(growing.text) == growing.blocks


def test_a_long_reply_shows_its_ends_first_and_then_all_of_it(qtbot: QtBot) -> None:
    shown = Pieces(Turn(key=1, role="assistant", text=LONG), Style(LIGHT), 640)
    kinds = [piece.block.kind for piece in shown.all]
    assert kinds.count(GAP) == 1
    assert LONG.endswith(shown.all[-1].block.source + "\n\n")
    assert sum(len(piece.block.source) for piece in shown.all) < 20_000
    while shown.ensure(shown.height - 600, shown.height):
        pass
    last = shown.all[-1]
    slices = 0
    while shown.behind:
        shown.take_more(lambda: True)
        slices += 1
    assert slices >= len(LONG) // SLICE_CHARACTERS - 3
    assert [piece.block for piece in shown.all] == parse(LONG)
    assert shown.all[-1] is last  # what was laid out is not laid out again


def test_only_what_is_in_sight_of_a_long_reply_is_laid_out(window: Window, qtbot: QtBot) -> None:
    opened(window, qtbot, ("Tell me", LONG))
    assert "nobody read it" in window.seen_text(1)  # at once, at the end
    caught_up(window, qtbot)
    known = window.view.stack.entries[1].pieces.known
    assert GAP not in {piece.block.kind for piece in known}
    assert sum(piece.document is not None for piece in known) < 60 < len(known)


def test_a_place_in_the_end_of_a_long_reply_holds_still_while_the_rest_comes(
    window: Window, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(window.view.catching_up, "look", lambda: None)
    opened(window, qtbot, ("Tell me", LONG))
    bar = window.view.verticalScrollBar()
    bar.setValue(bar.maximum() - 200)
    assert not window.view.following
    last = window.view.stack.entries[1].pieces.all[-1]
    before = window.shown(1).piece_rect(last).translated(window.shown(1).pos()).top()
    monkeypatch.undo()
    window.view.catching_up.look()
    caught_up(window, qtbot)
    assert window.view.stack.entries[1].pieces.all[-1] is last
    after = window.shown(1).piece_rect(last).translated(window.shown(1).pos()).top()
    assert abs(after - before) <= 2


def test_all_of_a_long_reply_is_copied_as_it_was_written_and_nothing_is_drawn_for_it(
    window: Window, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(window, qtbot, ("Tell me", LONG))
    caught_up(window, qtbot)
    drawn: list[object] = []
    count_drawn(monkeypatch, drawn)
    window.view.copy_message(1)
    assert QGuiApplication.clipboard().text() == LONG
    window.view.select_all()
    window.view.copy()
    assert QGuiApplication.clipboard().text() == "You:\n\nTell me\n\nSobremesa:\n\n" + LONG.strip("\n")
    assert not drawn


def test_tab_looks_for_one_link_at_a_time(
    window: Window, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    links = "\n\n".join(f"See [here](https://example.org/{i})." for i in range(900))
    opened(window, qtbot, ("Tell me", links))
    caught_up(window, qtbot)
    drawn: list[object] = []
    count_drawn(monkeypatch, drawn)
    window.view.setFocus()
    window.view._walk.enter()
    assert window.view._walk.step(True)
    link = window.view._walk.link
    assert link is not None
    assert link.href.endswith("/0")
    assert len(drawn) < 60


def test_the_address_of_the_link_that_has_the_keyboard_is_shown(window: Window, qtbot: QtBot) -> None:
    opened(window, qtbot, ("Tell me", "See [here](https://example.org/there) and read."))
    window.view.setFocus()
    window.view._walk.enter()
    line = window.view._walk._address
    assert not line.isVisible()
    window.view._walk.step(True)
    assert line.isVisible()
    assert "example.org/there" in line.text()
    window.composer.setFocus()
    assert not line.isVisible()


def test_a_message_that_comes_back_into_sight_is_as_high_as_it_was(qtbot: QtBot) -> None:
    text = "Some **words**.\n\n- one\n- two\n\n```python\nx = 1\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |"
    shown = Pieces(Turn(key=1, role="assistant", text=text), Style(LIGHT), 640)
    shown.ensure(0, 2_000)
    before = [piece.height for piece in shown.all]
    shown.release()
    assert not shown.known  # nothing is kept of what is made again in no time
    assert shown.height == pytest.approx(sum(before) + 3 * 12, abs=30)
    assert [piece.height for piece in shown.all] == pytest.approx(before)
    assert not shown.ensure(0, 2_000)  # so nothing moves


def test_tab_brings_the_buttons_of_a_long_message_into_sight(window: Window, qtbot: QtBot) -> None:
    opened(window, qtbot, ("q", "line\n\n" * 300), ("q2", "a"))
    window.view.show_message(1)
    window.settle()
    window.shown(1).setFocus(Qt.FocusReason.TabFocusReason)
    shown, stops = window.view.viewport(), []
    for way in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
        for _ in range(4):
            QTest.keyClick(window.widget.focusWidget(), way)
            window.settle()
            held = window.widget.focusWidget()
            if isinstance(held, QAbstractButton):
                stops.append(held.accessibleName())
                box = QRect(held.mapTo(shown, QPoint(0, 0)), held.size())
                assert shown.rect().contains(box), held.accessibleName()
    assert len(stops) == 7, "down to the fourth button, and up to the first"
