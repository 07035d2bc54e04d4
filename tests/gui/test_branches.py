"""The map of a chat: its rows, and the panel that shows them over the real window."""

import random

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QRect, Qt
from PySide6.QtTest import QTest

from desktop.core.types.composing import ChatTree, TreeNode
from desktop.ui.panels.branches import BranchesPanel, words_of
from desktop.ui.panels.frame import PanelFrame
from desktop.view_models.branch_rows import KEPT, MANY, BranchRow, rows_of
from tests.gui.whole_window import Open, WholeWindow, core_with_chats, open_window  # noqa: F401  a fixture


def tree(parents: list[int | None], shown: tuple[int, ...]) -> ChatTree:
    """Messages numbered from 1, each with its parent."""
    nodes = tuple(
        TreeNode(number, parent, "user" if number % 2 else "assistant", "complete", f"m{number}", 0.0)
        for number, parent in enumerate(parents, 1)
    )
    return ChatTree(1, nodes, shown)


def drawn(rows: tuple[BranchRow, ...]) -> list[str]:
    return [f"{'. ' * row.depth}{row.node.id if row.node else f'+{row.more}'}" for row in rows]


def test_side_branches_stand_indented_before_the_way_goes_on() -> None:
    # 1 - 2 - 3 - 4, with 5 beside 2 (and 6 below it) and 7 beside 4
    rows = rows_of(tree([None, 1, 2, 3, 1, 5, 3], (1, 2, 3, 4)))
    assert drawn(rows) == ["1", ". 5", ". 6", "2", "3", ". 7", "4"]
    assert [row.node.id for row in rows if row.shown and row.node] == [1, 2, 3, 4]
    assert [row.branches for row in rows] == [0, 2, 0, 2, 0, 2, 2]


def test_a_branch_that_nobody_sees_goes_on_with_its_newest_end() -> None:
    rows = rows_of(tree([None, 1, 1, 3, 3], (1, 2)))
    assert drawn(rows) == ["1", ". 3", ". . 4", ". 5", "2"]


def test_first_questions_in_other_words_stand_beside_each_other() -> None:
    rows = rows_of(tree([None, 1, None, 3], (1, 2)))
    assert drawn(rows) == [". 3", ". 4", "1", "2"]
    assert not rows[0].above
    assert rows[0].lanes == ()


def test_very_many_versions_are_folded_until_they_are_asked_for() -> None:
    many = tree([None] + [1] * 500, (1, 2))
    rows = rows_of(many)
    assert len(rows) == 1 + 1 + KEPT + 1
    assert rows[1].more == 499 - KEPT
    assert len(rows_of(many, {1})) == 501
    few = tree([None] + [1] * (MANY + 1), (1, 2))
    assert all(row.node is not None for row in rows_of(few))


def test_every_message_of_any_tree_has_one_row_and_a_line_from_its_parent() -> None:
    chance = random.Random(7)
    for _ in range(60):
        parents: list[int | None] = [None]
        for number in range(2, chance.randint(3, 60)):
            parents += [chance.choice([None, number - 1, chance.randrange(1, number)])]
        rows = rows_of(tree(parents, ()), set(range(len(parents) + 1)))
        places = {row.node.id: at for at, row in enumerate(rows) if row.node}
        assert sorted(places) == list(range(1, len(parents) + 1))
        for row in rows:
            assert row.node is not None
            if row.node.parent is None:
                continue
            parent = rows[places[row.node.parent]]
            assert places[row.node.parent] < places[row.node.id]
            assert row.depth - parent.depth == (0 if row.above else 1)
            between = rows[places[row.node.parent] + 1 : places[row.node.id]]
            passing = [{depth for depth, _way in other.lanes} | {other.depth} for other in between]
            assert all(parent.depth in lanes for lanes in passing)


def test_a_chat_of_thousands_of_messages_is_laid_out_without_going_deep() -> None:
    deep = tree([None, *range(1, 20_000)], ())
    assert len(rows_of(deep)) == 20_000


# ── the panel ──


@pytest.fixture
def whole(open_window: Open) -> WholeWindow:  # noqa: F811
    core = core_with_chats()
    core.automatic = False
    return open_window(core)


def asked(whole: WholeWindow, *answers: str) -> list[int]:
    """A chat in front with one question and these versions of its reply, the first one shown."""
    chats = whole.core.chats
    chat = chats.create(title="Branches").info.id
    chats.add_message(chat, "user", "How much?")
    first = chats.add_message(chat, "assistant")
    chats.change(replace(first, state="complete"))
    chats.edit(first.id, answers[0])
    replies = [chats.get(chat).messages[-1].id]
    for answer in answers[1:]:
        chats.edit(first.id, answer)
        replies.append(chats.get(chat).messages[-1].id)
    chats.delete_message(first.id)
    chats.activate(replies[0])
    whole.session.conversation.open(chat)
    whole.wait_for_chat(chat)
    whole.qtbot.waitUntil(lambda: len(whole.session.conversation.turns) == 2)
    return replies


def panel(whole: WholeWindow) -> BranchesPanel:
    frame = whole.workspace.side.currentWidget()
    assert isinstance(frame, PanelFrame)
    assert isinstance(frame.content, BranchesPanel)
    return frame.content


def rows(whole: WholeWindow) -> list[str]:
    return [words_of(row) for row in whole.session.branches.rows]


def test_the_map_opens_by_keys_and_goes_where_enter_is_pressed(whole: WholeWindow) -> None:
    _first, second = asked(whole, "Seven", "Eight")
    whole.qtbot.keyClick(
        whole.window, Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    )
    whole.qtbot.waitUntil(lambda: rows(whole) == ["How much?", "Eight", "Seven"])
    there = panel(whole).list
    assert there.hasFocus()
    assert there.currentIndex().row() == 2
    QTest.keyClick(there, Qt.Key.Key_Left)
    assert there.currentIndex().row() == 0
    QTest.keyClick(there, Qt.Key.Key_Down)
    QTest.keyClick(there, Qt.Key.Key_Return)
    whole.qtbot.waitUntil(lambda: whole.session.conversation.turns[1].key == second)
    whole.qtbot.waitUntil(lambda: rows(whole) == ["How much?", "Seven", "Eight"])
    assert whole.core.called("activate") == [(second,)]


def test_a_click_in_the_map_brings_a_branch_to_the_front(whole: WholeWindow) -> None:
    _first, second = asked(whole, "Seven", "Eight")
    whole.workspace.open_panel("branches")
    whole.qtbot.waitUntil(lambda: len(rows(whole)) == 3)
    there = panel(whole).list
    at: QRect = there.visualRect(there.rows.index(1))
    QTest.mouseClick(there.viewport(), Qt.MouseButton.LeftButton, pos=at.center())
    whole.qtbot.waitUntil(lambda: whole.session.conversation.turns[1].key == second)


def test_the_map_follows_the_chat_and_rests_while_nobody_looks(whole: WholeWindow) -> None:
    asked(whole, "Seven")
    assert not whole.core.called("chat_tree")
    whole.workspace.open_panel("branches")
    whole.qtbot.waitUntil(lambda: rows(whole) == ["How much?", "Seven"])
    assert panel(whole).summary.text().startswith("This chat has one branch.")
    whole.session.conversation.send("And now?")
    whole.qtbot.waitUntil(lambda: rows(whole)[2:] == ["And now?", "Being written"])
    whole.core.replies[-1].write("Nine")
    whole.core.replies[-1].finish()
    whole.qtbot.waitUntil(lambda: rows(whole)[3:] == ["Nine"])
    whole.session.conversation.new()
    whole.qtbot.waitUntil(lambda: rows(whole) == [])
    assert panel(whole).summary.text() == "Nothing was said in this chat yet."


def test_five_hundred_versions_are_shown_at_once_and_unfold_where_they_are_asked_for(
    whole: WholeWindow,
) -> None:
    asked(whole, *(f"Answer {number}" for number in range(500)))
    whole.workspace.open_panel("branches")
    whole.qtbot.waitUntil(lambda: len(rows(whole)) == 1 + 1 + KEPT + 1)
    there = panel(whole).list
    there.setCurrentIndex(there.rows.index(1))
    QTest.keyClick(there, Qt.Key.Key_Return)
    whole.qtbot.waitUntil(lambda: len(rows(whole)) == 501)
    assert there.currentIndex().row() == 1
