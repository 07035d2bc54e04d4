"""Noticing that nothing was asked for a while."""

import threading
import time
from collections.abc import Iterator

import pytest

from desktop.core.workers.rest import Rest

PATIENCE_S = 10.0


class Watched:
    """A time to wait that tests change, and how often it was over."""

    def __init__(self, wait_s: float) -> None:
        self.wait_s = wait_s
        self.acted = threading.Semaphore(0)
        self.rest = Rest(lambda: self.wait_s, self.acted.release)

    def acts(self) -> bool:
        return self.acted.acquire(timeout=PATIENCE_S)

    def threads(self) -> int:
        return sum(thread.name == "rest" for thread in threading.enumerate())


@pytest.fixture
def watched() -> Iterator[Watched]:
    one = Watched(0.05)
    yield one
    one.rest.close()


def test_after_the_time_it_acts_once(watched: Watched) -> None:
    watched.rest.used()
    assert watched.acts()
    assert not watched.acted.acquire(timeout=0.2)
    watched.rest.used()
    assert watched.acts()


def test_every_use_begins_the_time_anew(watched: Watched) -> None:
    watched.wait_s = 0.5
    for _ in range(4):
        watched.rest.used()
        assert not watched.acted.acquire(timeout=0.2)
    assert watched.acts()


def test_who_sets_no_time_waits_for_nothing_and_has_no_thread(watched: Watched) -> None:
    watched.wait_s = 0
    before = watched.threads()
    watched.rest.used()
    assert watched.threads() == before
    assert not watched.acted.acquire(timeout=0.1)


def test_a_time_that_is_set_later_counts_from_the_last_use(watched: Watched) -> None:
    watched.wait_s = 0
    watched.rest.used()
    time.sleep(0.1)
    watched.wait_s = 0.05
    watched.rest.changed()
    assert watched.acts()


def test_a_time_that_is_taken_back_is_not_waited_for(watched: Watched) -> None:
    watched.wait_s = 0.3
    watched.rest.used()
    watched.wait_s = 0
    watched.rest.changed()
    assert not watched.acted.acquire(timeout=0.5)


def test_what_is_closed_acts_no_more(watched: Watched) -> None:
    watched.wait_s = 0.2
    watched.rest.used()
    watched.rest.close()
    assert not watched.acted.acquire(timeout=0.4)
