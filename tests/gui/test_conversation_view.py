"""How the conversation is drawn: only what is in sight, following the end, walked by keyboard, heard."""

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import (
    QAccessible,
    QColor,
    QDesktopServices,
    QEnterEvent,
    QKeyEvent,
    QTextDocument,
    QWheelEvent,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.core.types import Problem
from desktop.ui.conversation.links import links_of
from desktop.ui.conversation.render import QuietDocument
from desktop.ui.conversation.turn_widget import TurnWidget, link_boxes
from desktop.ui.theme import DARK, LIGHT, apply_theme, layout
from tests.fakes.core import FakeCore
from tests.fakes.samples import EXCERPTS
from tests.gui.conversation_window import Window, build, stored

RICH = "Some words.\n\n- one\n- two\n\n```python\nx = 1\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nThe end."


@pytest.fixture
def window(qtbot: QtBot) -> Window:
    return build(qtbot, FakeCore(automatic=False))


def opened(window: Window, chat: int) -> None:
    with window.qtbot.waitSignal(window.view_model.reset):
        window.view_model.open(chat)
    window.settle()


def enter(window: Window) -> None:
    """Tab into the conversation, from the button behind the composer."""
    window.after.setFocus()
    for _ in range(6):
        QTest.keyClick(window.widget.focusWidget(), Qt.Key.Key_Backtab)
        if isinstance(window.widget.focusWidget(), TurnWidget):
            return
    pytest.fail("Tab does not lead into the conversation")


def documents(window: Window) -> int:
    """How many documents are laid out in the whole conversation."""
    return sum(
        piece.document is not None for entry in window.view.stack.entries for piece in entry.pieces.known
    )


# ── only what is in sight costs ──


def test_a_chat_of_2000_messages_makes_widgets_and_documents_only_for_what_is_in_sight(
    window: Window,
) -> None:
    opened(window, stored(window.core, [(f"question {i}", RICH) for i in range(1000)]))
    bar = window.view.verticalScrollBar()
    assert bar.maximum() > 100_000
    for share in (0.0, 0.3, 0.31, 0.7, 1.0):
        bar.setValue(int(bar.maximum() * share))
        window.settle()
        assert 0 < documents(window) < 120
    assert len(window.view.widgets()) < 30


def test_a_very_long_message_is_laid_out_only_where_it_is_seen(window: Window, qtbot: QtBot) -> None:
    opened(window, stored(window.core, [("Tell me", "\n\n".join(f"Paragraph {i}." for i in range(2000)))]))
    qtbot.waitUntil(lambda: len(window.view.stack.entries[1].pieces.known) == 2000)
    assert 0 < documents(window) < 150


def test_while_a_reply_streams_only_its_last_blocks_are_laid_out_again(window: Window) -> None:
    reply = window.ask("Tell me")
    reply.write("First paragraph.\n\nSecond paragraph.\n\nThird")
    window.settle()
    before = [piece.document for piece in window.view.stack.entries[1].pieces.all]
    reply.write(" paragraph, and more of it.")
    window.settle()
    after = [piece.document for piece in window.view.stack.entries[1].pieces.all]
    assert after[:2] == before[:2]
    assert after[2] is not before[2]


def test_what_is_in_sight_does_not_jump_while_heights_above_become_known(window: Window) -> None:
    turns = [(f"question {i}", RICH + "\n\nlong words " * (i % 7 * 20)) for i in range(200)]
    opened(window, stored(window.core, turns))
    bar = window.view.verticalScrollBar()
    bar.setValue(bar.maximum() // 2)
    window.settle()
    for _ in range(15):
        seen = {w.index: w.y() for w in window.view.widgets() if w.index >= 0}
        window.view.keyPressEvent(_key(Qt.Key.Key_Up))
        now = {w.index: w.y() for w in window.view.widgets() if w.index >= 0}
        anchor = max(set(seen) & set(now))
        assert now[anchor] - seen[anchor] == pytest.approx(48, abs=2)


def _key(key: Qt.Key) -> QKeyEvent:
    return QKeyEvent(QEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier)


# ── following the end ──


def long_reply(window: Window) -> None:
    window.reply.write("\n\n".join(f"Paragraph number {i}." for i in range(60)))
    window.settle()


def test_the_view_follows_a_reply_until_the_person_scrolls_up(window: Window, qtbot: QtBot) -> None:
    window.ask("Tell me")
    long_reply(window)
    bar = window.view.verticalScrollBar()
    assert bar.value() == bar.maximum() > 0
    QTest.keyClick(window.view, Qt.Key.Key_PageUp)
    there = window.view.stack.anchor_at(bar.value(), 400), bar.value()
    long_reply(window)
    assert bar.value() == there[1]
    assert bar.value() < bar.maximum()
    assert window.view.jump.isVisible()
    qtbot.mouseClick(window.view.jump, Qt.MouseButton.LeftButton)
    assert bar.value() == bar.maximum()
    assert not window.view.jump.isVisible()
    long_reply(window)
    assert bar.value() == bar.maximum()


def test_a_new_question_brings_the_end_into_sight(window: Window) -> None:
    opened(window, stored(window.core, [(f"question {i}", RICH) for i in range(20)]))
    QTest.keyClick(window.view, Qt.Key.Key_Home)
    assert window.view.verticalScrollBar().value() == 0
    window.ask("And now?")
    window.settle()
    assert window.view.verticalScrollBar().value() == window.view.verticalScrollBar().maximum()


def wheel(window: Window, angle: int) -> QWheelEvent:
    at = QPointF(window.view.viewport().rect().center())
    return QWheelEvent(
        at,
        QPointF(window.view.viewport().mapToGlobal(at)),
        QPoint(),
        QPoint(0, angle),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )


def test_the_wheel_and_the_keys_scroll(window: Window) -> None:
    opened(window, stored(window.core, [(f"question {i}", RICH) for i in range(20)]))
    bar = window.view.verticalScrollBar()
    before = bar.value()
    QApplication.sendEvent(window.view.viewport(), wheel(window, 120))
    assert bar.value() < before
    QApplication.sendEvent(window.view.viewport(), wheel(window, -120))
    assert bar.value() == bar.maximum()  # which grew a little: heights above became exact
    values = [bar.value()]
    for key in (Qt.Key.Key_Up, Qt.Key.Key_PageUp, Qt.Key.Key_Home, Qt.Key.Key_Down, Qt.Key.Key_PageDown):
        QTest.keyClick(window.view, key)
        values.append(bar.value())
    assert values[0] > values[1] > values[2] > values[3] == 0 < values[4] < values[5]
    QTest.keyClick(window.view, Qt.Key.Key_End)
    assert bar.value() == bar.maximum()


# ── the keyboard ──


def test_tab_goes_through_messages_links_and_buttons_and_out_again(window: Window, qtbot: QtBot) -> None:
    text = "See [the page](https://example.org) and [1]."
    opened(window, stored(window.core, [("Where?", text)], EXCERPTS))
    focus: list[str] = []

    def note() -> None:
        widget = window.widget.focusWidget()
        if isinstance(widget, TurnWidget):
            link = widget.focused_link
            focus.append(f"{widget.index}:{link.href}" if link else str(widget.index))
            assert widget.shows_focus
        else:
            focus.append(widget.accessibleName() if widget is not None else "")

    enter(window)
    note()
    for _ in range(10):
        QTest.keyClick(window.widget.focusWidget(), Qt.Key.Key_Tab)
        note()
    assert focus == [
        "1",
        "1:https://example.org",
        "1:cite:1",
        "1:cite:1",  # the same source in the line below
        "This reply is good",
        "This reply is bad",
        "Edit this message",
        "Answer this question again",
        "Copy this message",
        "More that can be done with this message",
        "Your message",
    ]
    assert window.composer.field.hasFocus() or window.composer.attach.hasFocus()


def test_shift_tab_walks_back_into_messages_out_of_sight(window: Window) -> None:
    opened(window, stored(window.core, [(f"question {i}", "word " * 150) for i in range(30)]))
    enter(window)
    seen = []
    for _ in range(70):
        QTest.keyClick(window.widget.focusWidget(), Qt.Key.Key_Backtab)
        widget = window.widget.focusWidget()
        owner = widget if isinstance(widget, TurnWidget) else widget.parent().parent()  # a button's row
        assert isinstance(owner, TurnWidget)
        seen.append(owner.index)
    assert seen == sorted(seen, reverse=True)
    assert min(seen) < 50
    assert window.view.widget_at(min(seen)) is not None


def test_the_focused_message_is_ringed_in_the_accent_colour(window: Window) -> None:
    opened(window, stored(window.core, [("Where?", "Here.")]))
    widget = window.shown(1)
    assert QColor(LIGHT.accent) not in _edge(widget)
    enter(window)
    assert widget.hasFocus()
    assert QColor(LIGHT.accent) in _edge(widget)


def _edge(widget: TurnWidget) -> list[QColor]:
    image = widget.grab().toImage()
    return [image.pixelColor(x, image.height() // 3) for x in range(4)]


def test_enter_on_a_focused_citation_shows_its_source(window: Window, qtbot: QtBot) -> None:
    opened(window, stored(window.core, [("How much?", "Seven [1].")], EXCERPTS))
    enter(window)
    QTest.keyClick(window.widget.focusWidget(), Qt.Key.Key_Tab)
    with qtbot.waitSignal(window.view_model.citation_activated) as caught:
        QTest.keyClick(window.widget.focusWidget(), Qt.Key.Key_Return)
    assert caught.args[0].n == 1


def test_actions_show_on_focus_and_on_hover_at_the_same_place(window: Window) -> None:
    opened(window, stored(window.core, [("Where?", "Here.")]))
    row = window.shown(1).action_row
    assert not row.isVisible()
    place = row.geometry()
    enter(window)
    assert row.isVisible()
    assert row.geometry() == place
    window.composer.focus_field()
    assert not row.isVisible()
    inside = QPointF(20, 20)
    QApplication.sendEvent(window.shown(1), QEnterEvent(inside, inside, inside))
    assert row.isVisible()
    assert row.geometry() == place
    QApplication.sendEvent(window.shown(1), QEvent(QEvent.Type.Leave))
    assert not row.isVisible()


# ── links and foreign content ──


def opened_addresses(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    found: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: found.append(url.toString()) or True)
    return found


def click_link(window: Window, index: int, href: str) -> None:
    widget = window.shown(index)
    assert widget.entry is not None
    link = next(link for link in links_of(widget.entry) if link.href == href)
    box = link_boxes(widget.entry.pieces.all[link.piece], link)[0]
    at = window.point_in(index, link.piece, box.center().x(), box.center().y())
    QTest.mouseClick(window.view.viewport(), Qt.MouseButton.LeftButton, pos=at)


def test_a_link_opens_outside_and_only_when_it_is_clicked(
    window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    addresses = opened_addresses(monkeypatch)
    opened(window, stored(window.core, [("Where?", "See [the page](https://example.org/a).")]))
    assert addresses == []
    click_link(window, 1, "https://example.org/a")
    assert addresses == ["https://example.org/a"]


def test_a_link_to_a_file_or_a_program_is_not_opened(window: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    addresses = opened_addresses(monkeypatch)
    opened(window, stored(window.core, [("Where?", "Run [this](smb://host/share/x.exe).")]))
    click_link(window, 1, "smb://host/share/x.exe")
    assert addresses == []


def test_html_in_an_answer_stays_text(window: Window) -> None:
    text = 'a <b>bold</b> <img src="http://example.org/x.png"> word\n\n<script>alert(1)</script>'
    opened(window, stored(window.core, [("Show", text)]))
    assert window.seen_text(1) == text.replace("\n\n", "\n")


def test_a_picture_in_an_answer_is_a_link_and_nothing_is_loaded(
    window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def refuse(self: QuietDocument, kind: int, url: QUrl) -> object:
        asked.append(url.toString())
        return None

    monkeypatch.setattr(QuietDocument, "loadResource", refuse)
    opened(window, stored(window.core, [("Show", "![a cat](https://example.org/cat.png)")]))
    assert window.seen_text(1) == "a cat"
    assert asked == []


def test_even_a_document_with_a_picture_gets_nothing_from_outside() -> None:
    document = QuietDocument()
    document.setHtml('<img src="http://127.0.0.1:9/cat.png">')
    kind = QTextDocument.ResourceType.ImageResource.value
    assert document.resource(kind, QUrl("http://127.0.0.1:9/cat.png")) is None


# ── what assistive technology hears ──


def test_messages_are_list_items_named_by_who_said_what(window: Window) -> None:
    chat = stored(
        window.core, [("How much?", "Seven")], state="failed", problem=Problem("decode_failed", {"status": 1})
    )
    opened(window, chat)
    first = QAccessible.queryAccessibleInterface(window.shown(0))
    second = QAccessible.queryAccessibleInterface(window.shown(1))
    assert first.role() == QAccessible.Role.ListItem
    assert first.text(QAccessible.Text.Name) == "You: How much?"
    assert first.text(QAccessible.Text.Description) == "You, message 1 of 2"
    name = second.text(QAccessible.Text.Name)
    assert name.startswith("Sobremesa: Seven ")
    assert len(name) > len("Sobremesa: Seven ")
    children = [second.child(i).text(QAccessible.Text.Name) for i in range(second.childCount())]
    assert children[0] == "Try again"


def test_a_focused_message_says_so_and_a_focused_link_says_where_it_leads(window: Window) -> None:
    opened(window, stored(window.core, [("Where?", "See [the page](https://example.org/a).")]))
    enter(window)
    heard = QAccessible.queryAccessibleInterface(window.shown(1))
    assert heard.state().focused
    QTest.keyClick(window.widget.focusWidget(), Qt.Key.Key_Tab)
    assert heard.text(QAccessible.Text.Name) == "https://example.org/a"


# ── looks ──


def test_the_column_is_never_wider_than_760_px_and_shrinks_with_the_window(window: Window) -> None:
    opened(window, stored(window.core, [("Where?", "word " * 200)]))
    for width in (1600, 900, 520):
        window.widget.resize(width, 600)
        window.settle()
        widget = window.shown(1)
        assert widget.width() <= layout.conversation_px
        assert widget.x() >= 0
        assert widget.x() + widget.width() <= window.view.viewport().width()
        assert widget.x() == pytest.approx(window.composer.card.x(), abs=1)


def test_another_theme_is_worn_at_once(window: Window, qtbot: QtBot) -> None:
    opened(window, stored(window.core, [("Where?", "Here.")]))
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    corner = QPoint(2, 2)
    assert window.view.viewport().grab().toImage().pixelColor(corner) == QColor(LIGHT.ground)
    apply_theme(app, DARK)
    window.settle()
    assert window.view.viewport().grab().toImage().pixelColor(corner) == QColor(DARK.ground)
    entry = window.shown(1).entry
    assert entry is not None
    assert entry.style.theme == DARK
    apply_theme(app, LIGHT)


def test_a_click_places_no_ring_and_a_double_click_selects_a_word(window: Window) -> None:
    opened(window, stored(window.core, [("Where?", "Here and there.")]))
    at = window.point_in(1, 0, 6, 8)
    QTest.mouseClick(window.view.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert not window.shown(1).shows_focus
    QTest.mouseDClick(window.view.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert window.view.selection.within(1, 0) == (0, 4)
