"""How many threads run, by what other programs leave free."""

import pytest

from engine import threads, worker
from engine.threads import LOOK_S, Threads, left_over
from engine.worker import settle_openmp


class Evaluator:
    """Conforms to `engine.threads.Evaluator`; notes what it was told."""

    def __init__(self, count: int) -> None:
        self.threads = count
        self.told: list[int] = []

    def use_threads(self, count: int) -> None:
        self.threads = count
        self.told.append(count)


class Machine:
    """Four cores, a clock, and other programs that keep some of them busy."""

    def __init__(self) -> None:
        self.now_s = 100.0
        self.all_s = self.own_s = 0.0

    def pass_time(self, seconds: float, others: float, own: float) -> None:
        """`others` and `own`: how many cores are busy with the one and the other."""
        self.now_s += seconds
        self.own_s += own * seconds
        self.all_s += (own + others) * seconds


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    machine = Machine()
    monkeypatch.setattr(threads.time, "perf_counter", lambda: machine.now_s)
    monkeypatch.setattr(threads.time, "process_time", lambda: machine.own_s)
    monkeypatch.setattr(threads, "_busy_s", lambda _cores: machine.all_s)
    return machine


@pytest.mark.parametrize(
    ("free", "most", "count"),
    [(4.0, 4, 4), (3.9, 4, 4), (3.5, 4, 3), (2.0, 4, 2), (1.4, 4, 1), (0.2, 4, 1), (-3.0, 4, 1), (8.0, 4, 4)],
)
def test_a_thread_leaves_its_core_to_others_once_they_take_half_of_it(
    free: float, most: int, count: int
) -> None:
    assert left_over(free, most) == count


def test_threads_leave_when_other_programs_work_and_come_back_after(machine: Machine) -> None:
    evaluator, settling = Evaluator(4), Threads(4, range(4))
    settling.settle(evaluator)
    machine.pass_time(LOOK_S, others=2.0, own=2.0)
    settling.settle(evaluator)
    assert evaluator.threads == 2
    machine.pass_time(LOOK_S, others=0.0, own=2.0)
    settling.settle(evaluator)
    assert evaluator.threads == 4


def test_its_own_work_is_no_reason_to_leave(machine: Machine) -> None:
    evaluator, settling = Evaluator(4), Threads(4, range(4))
    for _ in range(5):
        settling.settle(evaluator)
        machine.pass_time(LOOK_S, others=0.1, own=3.9)
    assert evaluator.told == []


def test_it_looks_a_few_times_a_second_only(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[int] = []
    monkeypatch.setattr(threads, "_busy_s", lambda _cores: looks.append(1) or 0.0)
    evaluator, settling = Evaluator(4), Threads(4, range(4))
    for _ in range(100):
        settling.settle(evaluator)
        machine.pass_time(LOOK_S / 50, others=0.0, own=4.0)
    assert 2 <= len(looks) <= 3


def test_what_happened_between_two_replies_does_not_count(machine: Machine) -> None:
    evaluator, settling = Evaluator(4), Threads(4, range(4))
    settling.settle(evaluator)
    machine.pass_time(60.0, others=4.0, own=0.0)
    settling.settle(evaluator)
    assert evaluator.told == []


def test_a_number_that_a_person_chose_stays(machine: Machine) -> None:
    evaluator, settling = Evaluator(3), Threads(1, range(4))
    settling.settle(evaluator)
    machine.pass_time(LOOK_S, others=4.0, own=0.0)
    settling.settle(evaluator)
    assert evaluator.told == []


def test_the_machines_own_figures_can_be_read() -> None:
    busy = threads._busy_s(range(1024))
    assert busy > 0
    assert threads._busy_s(()) == 0


def test_how_threads_wait_is_the_users_to_say(monkeypatch: pytest.MonkeyPatch) -> None:
    for known in ({"GOMP_SPINCOUNT": "7"}, {"OMP_WAIT_POLICY": "active"}):
        environment = dict(known)
        settle_openmp(environment)
        assert environment == known
    for long, count in ((True, "200"), (False, "1000")):
        monkeypatch.setattr(worker, "_pauses_long", lambda long=long: long)
        environment = {}
        settle_openmp(environment)
        assert environment == {"GOMP_SPINCOUNT": count}


def test_what_others_did_before_a_reply_began_is_past(machine: Machine) -> None:
    evaluator, settling = Evaluator(4), Threads(4, range(4))
    settling.settle(evaluator)
    machine.pass_time(2 * LOOK_S, others=4.0, own=0.0)  # between two replies
    settling.begin()
    settling.settle(evaluator)
    assert evaluator.threads == 4
    machine.pass_time(LOOK_S, others=2.0, own=2.0)
    settling.settle(evaluator)
    assert evaluator.threads == 2
