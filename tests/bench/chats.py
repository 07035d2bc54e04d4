"""Many chats: 10,000 with 500,000 messages in all. What listing, searching, opening and changing cost.

The file is written once, straight into the tables, and kept in build/ for the next run. Its words come as
often as words do (Zipf), so that a search for a common one finds a large part of all messages. Every figure
is of many calls, each on another chat or for other words: the median, the longest, and how long a call keeps
the processor busy, which is the one to compare on a machine that does other things meanwhile.
"""

import itertools
import random
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from desktop.core.chats import rows as stored
from desktop.core.chats.store import ChatStore
from desktop.core.types import TextPart
from engine.protocol import Stats

CHATS = 10_000
LONGEST = 3_000  # messages of the first chat
MESSAGES = 500_000
VOCABULARY = 40_000
FILE = Path("build/bench-chats.sqlite3")
REPEATS = 30
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_STATS = stored.encode(Stats(12, 3, 40, 0.25, 31.5, "end", 7))


def rows() -> Iterator[tuple[str, float, str]]:
    """(name, value, unit)."""
    if not FILE.exists():
        started_s = time.perf_counter()
        build(FILE)
        yield "written", time.perf_counter() - started_s, "s"
    yield "size", FILE.stat().st_size / 1e6, "MB"
    started_s = time.perf_counter()
    store = ChatStore(FILE)
    yield "store opened", 1e3 * (time.perf_counter() - started_s), "ms"
    try:
        yield from _kept(store)
        for name, calls in operations(store):
            spent_ms, worked_ms = zip(*map(_spent_ms, calls), strict=True)
            yield f"{name}, median", statistics.median(spent_ms), "ms"
            yield f"{name}, longest of {len(spent_ms)}", max(spent_ms), "ms"
            yield f"{name}, processor", statistics.fmean(worked_ms), "ms"
            yield f"{name}, processor, longest", max(worked_ms), "ms"
    finally:
        started_s = time.perf_counter()
        store.close()
        yield "store closed", 1e3 * (time.perf_counter() - started_s), "ms"


def _kept(store: ChatStore) -> Iterator[tuple[str, float, str]]:
    """What is done beside the person's work, on a thread of its own, and what a deletion for good costs."""
    for name, call in (
        ("whole file checked", store.copy.check),
        ("good copy made", store.copy.make),
        ("one chat erased, from index, journal and copy", lambda: store.erase([store.list_chats()[-2].id])),
    ):
        yield name, _spent_ms(call)[0] / 1e3, "s"
    yield "size of the good copy", store.copy.path.stat().st_size / 1e6, "MB"


def operations(store: ChatStore) -> Iterator[tuple[str, list[Callable[[], object]]]]:
    """What is measured, each with the calls it is measured by."""
    dice = random.Random(7)
    chats = [info.id for info in store.list_chats()]
    some = dice.sample(chats, REPEATS)
    words = vocabulary()
    common, seldom = words[40 : 40 + REPEATS], dice.sample(words[20_000:], REPEATS)

    def each(call: Callable[[int], object]) -> list[Callable[[], object]]:
        return [lambda chat=chat: call(chat) for chat in some]  # type: ignore[misc]

    def searches(queries: list[str]) -> list[Callable[[], object]]:
        return [lambda query=query: store.list_chats(query) for query in queries]  # type: ignore[misc]

    yield "list of all chats", [store.list_chats] * REPEATS
    yield "search for a common word", searches(common)
    yield "search for a seldom word", searches(seldom)
    yield "search for two words", searches([f"{a} {b}" for a, b in zip(common, seldom, strict=True)])
    yield "search for the first letter of words", searches(list(_LETTERS))
    yield "search for the first two letters", searches([word[:2] for word in common])
    yield "search for nothing there", searches([f"qqq{number}" for number in range(REPEATS)])
    yield "hits of a common word", _each_query(store.find, common)
    yield (
        "hits of two words",
        _each_query(store.find, [f"{a} {b}" for a, b in zip(common, seldom, strict=True)]),
    )
    yield "a chat opened", each(store.chat)
    yield f"a chat of {LONGEST} messages opened", [lambda: store.chat(1)] * REPEATS
    yield "the whole tree of a chat", each(store.tree)
    yield "a chat renamed", each(lambda chat: store.rename(chat, f"Renamed {chat}"))
    yield "a turn begun and ended", each(lambda chat: _turn(store, chat))
    yield "hits of a common word", [lambda word=word: store.find(word) for word in common]  # type: ignore[misc]
    yield (
        "hits of two words",
        [
            lambda query=f"{a} {b}": store.find(query)  # type: ignore[misc]
            for a, b in zip(common, seldom, strict=True)
        ],
    )
    yield "a chat deleted and restored", each(lambda chat: (store.delete(chat), store.restore(chat)))


def _each_query(look: Callable[[str], object], queries: list[str]) -> list[Callable[[], object]]:
    return [lambda query=query: look(query) for query in queries]  # type: ignore[misc]


def _turn(store: ChatStore, chat: int) -> None:
    _, reply = store.add_turn(chat, [TextPart("How much is that?")], "tiny")
    store.finish(reply.id, "Seven.", "complete")


def _spent_ms(call: Callable[[], object]) -> tuple[float, float]:
    """On the clock, and of the processor."""
    started_s, worked_s = time.perf_counter(), time.process_time()
    call()
    return 1e3 * (time.perf_counter() - started_s), 1e3 * (time.process_time() - worked_s)


def vocabulary() -> list[str]:
    """Made-up words, the commonest first."""
    dice = random.Random(3)
    words: dict[str, None] = {}
    while len(words) < VOCABULARY:
        words["".join(dice.choices(_LETTERS, k=dice.randint(3, 10)))] = None
    return list(words)


def build(path: Path, chats: int = CHATS, messages: int = MESSAGES) -> None:
    """Write the file: turns of a question and a reply each, every tenth reply with a second version."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    part.unlink(missing_ok=True)
    store = ChatStore(part)
    db = store._db
    db.execute("PRAGMA synchronous = OFF")
    db.execute("BEGIN")
    number = 0
    for chat, rows_of_chat in enumerate(_chats(chats, messages), start=1):
        made = 1_600_000_000 + 3600 * chat
        db.execute(
            "INSERT INTO chats (id, title, created_at, updated_at) VALUES (?, ?, ?, ?)",
            (chat, rows_of_chat[0][2][:50], made, made),
        )
        db.execute("INSERT INTO title_words (rowid, text) VALUES (?, ?)", (chat, rows_of_chat[0][2][:50]))
        first = number + 1
        for offset, (parent, role, text) in enumerate(rows_of_chat):
            number = first + offset
            db.execute(
                "INSERT INTO messages (id, chat, parent, role, parts, state, model, stats, created_at) "
                "VALUES (?, ?, ?, ?, ?, 'complete', 'tiny', ?, ?)",
                (
                    number,
                    chat,
                    None if parent is None else first + parent,
                    role,
                    stored.encode((TextPart(text),)),
                    _STATS if role == "assistant" else None,
                    made,
                ),
            )
            db.execute("INSERT INTO message_words (rowid, text) VALUES (?, ?)", (number, text))
        db.execute("UPDATE chats SET active_leaf = ? WHERE id = ?", (number, chat))
    db.execute("COMMIT")
    store.close()
    part.rename(path)


def _chats(chats: int, messages: int) -> Iterator[list[tuple[int | None, str, str]]]:
    """The messages of each chat: (offset of the parent in its chat, role, text)."""
    dice = random.Random(5)
    words = vocabulary()
    weights = list(itertools.accumulate(1 / (rank + 3) for rank in range(len(words))))
    pool = dice.choices(words, cum_weights=weights, k=2_000_000)

    def text(least: int, most: int) -> str:
        begin = dice.randrange(len(pool) - most)
        return " ".join(pool[begin : begin + dice.randint(least, most)])

    for number in range(chats):
        most = LONGEST if number == 0 and messages > 10 * LONGEST else messages // chats
        of_chat: list[tuple[int | None, str, str]] = []
        parent: int | None = None
        while len(of_chat) < most:
            of_chat.append((parent, "user", text(5, 30)))
            question = len(of_chat) - 1
            if dice.random() < 0.1 and len(of_chat) + 1 < most:
                of_chat.append((question, "assistant", text(10, 150)))
            of_chat.append((question, "assistant", text(10, 150)))
            parent = len(of_chat) - 1
        yield of_chat[:most]
