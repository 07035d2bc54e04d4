"""When Python's garbage collector looks, and how far, where it is asked to instead of looking by itself."""

import gc
from collections.abc import Iterator

import pytest

from desktop import garbage
from desktop.garbage import Collector

MADE = 5000  # more than the limit below, less than two of it


@pytest.fixture
def looks() -> Iterator[list[int]]:
    """Generations that are looked through, with small limits."""
    seen: list[int] = []

    def note(phase: str, about: dict[str, int]) -> None:
        if phase == "start":
            seen.append(about["generation"])

    limits = gc.get_threshold()
    gc.set_threshold(4000, 3, 2)
    gc.collect()
    gc.callbacks.append(note)
    yield seen
    gc.callbacks.remove(note)
    gc.set_threshold(*limits)


def ring() -> None:
    held: list[object] = []
    held.append(held)


def test_nothing_is_looked_through_while_little_was_made(looks: list[int]) -> None:
    collector = Collector()
    kept = [[] for _ in range(20)]  # type: ignore[var-annotated]
    assert not collector.look()
    assert looks == []
    assert len(kept) == 20


def test_what_is_older_is_looked_through_less_often(
    looks: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(garbage, "FULL_SHARE", 1e9)  # no rest
    collector, kept = Collector(), []
    for _ in range(24):
        kept.append([[] for _ in range(MADE)])
        assert collector.look()
    assert looks == [0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2] * 2


def test_much_that_was_made_at_once_counts_as_often_as_python_would_have_looked(looks: list[int]) -> None:
    kept = [[] for _ in range(50 * MADE)]  # type: ignore[var-annotated]
    assert Collector().look()
    assert looks == [2]
    assert kept


def test_looks_through_everything_rest_in_between(looks: list[int]) -> None:
    collector, kept = Collector(), []
    for _ in range(3):
        kept.append([[] for _ in range(50 * MADE)])
        assert collector.look()
    assert looks == [2, 1, 1], "a hundred times as long as the look took"


def test_rings_are_found(looks: list[int]) -> None:
    for _ in range(MADE):
        ring()
    found: list[int] = []
    gc.callbacks.append(lambda phase, about: found.append(about["collected"]) if phase == "stop" else None)
    try:
        assert Collector().look()
    finally:
        gc.callbacks.pop()
    assert found[0] >= MADE
    assert looks == [0]
