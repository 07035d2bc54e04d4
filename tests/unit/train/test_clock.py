"""What a run says of its time, when the machine slept in the midst of it."""

import pytest

from engine.train import clock as clocks
from engine.train.clock import Clock


class Time:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    made = Time()
    monkeypatch.setattr(clocks, "time", made)
    return made


def learned(clock: Clock, time: Time, steps: int, each_s: float) -> None:
    for _ in range(steps):
        time.now += each_s
        clock.done("learn")


def test_a_night_of_sleep_is_no_step_that_took_hours(time: Time) -> None:
    clock = Clock(before_s=50.0)
    learned(clock, time, 10, 2.0)
    clock.lap()
    learned(clock, time, 1, 8 * 3600.0)
    learned(clock, time, 4, 2.0)
    assert clock.seconds == pytest.approx(50.0 + 15 * 2.0)
    assert clock.each == pytest.approx(2.0)
    assert clock.lap() == pytest.approx(5 * 2.0)


def test_steps_that_have_become_slower_count_as_they_are(time: Time) -> None:
    clock = Clock()
    learned(clock, time, 10, 1.0)
    learned(clock, time, 10, 15.0)
    assert clock.seconds == pytest.approx(160.0)


def test_measuring_takes_its_time_and_is_no_part_of_the_tokens_a_second(time: Time) -> None:
    clock = Clock()
    learned(clock, time, 5, 1.0)
    time.now += 90.0
    clock.done("validate")
    learned(clock, time, 5, 1.0)
    assert clock.lap() == pytest.approx(10.0)
    assert clock.each == pytest.approx(11.0)


def test_the_first_step_which_compiles_says_nothing_of_the_others(time: Time) -> None:
    clock = Clock()
    learned(clock, time, 1, 40.0)
    learned(clock, time, 4, 2.0)
    assert clock.each == pytest.approx(2.0)
    assert clock.seconds == pytest.approx(48.0)


def test_a_clock_that_was_set_back_takes_nothing_away(time: Time) -> None:
    clock = Clock()
    learned(clock, time, 4, 1.0)
    learned(clock, time, 1, -500.0)
    assert clock.seconds == pytest.approx(4.0)
