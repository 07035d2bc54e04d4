"""No mutation of an export does more than cost the conversations that it hits."""

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop.core.chats.store import ChatStore
from desktop.core.errors import CoreError
from tests.unit.exchange.shapes import CLAUDE, CLAUDE_IN_A_ROW, JAN_MESSAGES, LM_STUDIO
from tests.unit.exchange.test_importing import many, took, written

PIECES = [b"{", b"[", b'"', b"null", b"\\ud800", b"}", b"7"]
OTHERS = [None, 7, -1.5, "", "x", [], {}, True, 10**30, "\ud800", "\x00", [None], {"a": 1}]
SEEDS = [json.dumps(value) for value in (many(2, 3), CLAUDE, LM_STUDIO, JAN_MESSAGES[0], CLAUDE_IN_A_ROW)]


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_no_mutation_of_an_export_raises_anything_but_plain_errors_or_harms_the_store(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    raw = bytearray(data.draw(st.sampled_from(SEEDS)).encode())
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, max(0, len(raw) - 1)))
        size = data.draw(st.integers(0, 40))
        new = data.draw(
            st.one_of(
                st.binary(max_size=20), st.sampled_from([b"{", b"[", b'"', b"null", b"\\ud800", b"}", b"7"])
            )
        )
        raw[at : at + size] = new
    folder = tmp_path_factory.mktemp("fuzz")
    (folder / "e.json").write_bytes(raw)
    store = ChatStore(folder / "chats.sqlite3")
    try:
        kept = store.create_chat("kept").info.id
        with contextlib.suppress(CoreError):
            took(store, folder / "e.json")
        assert store.chat(kept).system_prompt == "kept"
        for chat in store.all_chats():
            store.chat(chat)
            assert len(store.tree(chat)) == len(store.outgoing(chat).nodes)
        assert store._db.execute("PRAGMA quick_check").fetchone()[0] == "ok"
        assert store._db.execute("PRAGMA foreign_key_check").fetchone() is None
    finally:
        store.close()


@st.composite
def shaken(draw: st.DrawFn, value: Any) -> Any:
    """`value` with some of what is in it replaced by something of another type."""
    if draw(st.integers(0, 14)) == 0:
        return draw(
            st.sampled_from(
                [None, 7, -1.5, "", "x", [], {}, True, 10**30, "\ud800", "\x00", [None], {"a": 1}]
            )
        )
    if isinstance(value, dict):
        return {key: draw(shaken(inner)) for key, inner in value.items() if draw(st.integers(0, 20))}
    if isinstance(value, list):
        return [draw(shaken(inner)) for inner in value]
    return value


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_no_field_of_another_type_costs_more_than_its_conversation(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    seed = json.loads(data.draw(st.sampled_from(SEEDS)))
    value = [data.draw(shaken(seed)), many(1)[0]]
    folder = tmp_path_factory.mktemp("shaken")
    store = ChatStore(folder / "chats.sqlite3")
    try:
        report = took(store, written(folder, value))
        assert any(chat.title == "Chat 0" and chat.outcome == "added" for chat in report.chats)
        for chat in store.all_chats():
            store.chat(chat)
    finally:
        store.close()
