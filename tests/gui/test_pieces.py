"""Small widgets by themselves: words whose lines are about as long as each other."""

from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from desktop.ui.conversation.empty import EmptyState
from desktop.ui.pieces import Balanced, balanced_px, label, unbroken

WORDS = "Ask anything, or drop a file here to ask about it."


def test_lines_are_about_as_long_as_each_other_and_no_more_of_them(qtbot: QtBot) -> None:
    said = label(WORDS, wrap=True)
    qtbot.addWidget(said)
    whole = said.fontMetrics().horizontalAdvance(WORDS)
    wide = round(whole * 0.9)  # all but the last word fit
    narrow = balanced_px(said, wide)
    assert whole / 2 < narrow < whole * 0.65
    assert said.heightForWidth(narrow) == said.heightForWidth(wide)
    assert said.heightForWidth(narrow - 1) > said.heightForWidth(wide)
    assert balanced_px(said, 2 * whole) == 2 * whole  # one line


def test_balanced_words_follow_their_width_and_keep_the_height_they_need(qtbot: QtBot) -> None:
    said = Balanced(WORDS)
    qtbot.addWidget(said)
    said.show()
    whole = said.fontMetrics().horizontalAdvance(WORDS)
    said.resize(round(whole * 0.9), 100)
    two_lines, margin = said.minimumHeight(), said.contentsMargins().left()
    assert margin > whole * 0.1
    said.resize(2 * whole, 100)
    assert said.contentsMargins().left() == 0
    assert said.minimumHeight() < two_lines


def test_a_path_and_an_option_do_not_begin_at_the_end_of_a_line() -> None:
    assert unbroken("in /home/ana, or --data-dir.") == "in /\u2060home/ana, or -\u2060-\u2060data-\u2060dir."
    assert unbroken("1/2, and/or a / b") == "1/2, and/or a / b"


def test_an_empty_page_that_gets_wide_again_closes_the_gap_below_its_title(qtbot: QtBot) -> None:
    above = QWidget()
    qtbot.addWidget(above)
    empty = EmptyState(above)
    above.show()
    empty.say("ask")
    empty.resize(900, 600)
    one_line = empty.text.height()
    empty.resize(220, 600)
    assert empty.text.height() > one_line
    empty.resize(900, 600)
    assert empty.text.height() == one_line
