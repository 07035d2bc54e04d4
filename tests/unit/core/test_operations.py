"""Operations: what becomes of one that is over."""

import gc
from weakref import ref

from desktop.core.operations import Operation, start


def test_one_that_is_over_is_gone_as_soon_as_nobody_has_it() -> None:
    assert not gc.isenabled(), "it would find it a little later"
    told: list[object] = []
    operation: Operation[int] = Operation()
    operation.subscribe(told.append)
    operation.on_cancel(operation.cancelled.__bool__)
    operation.when_done(lambda ended: told.append(ended.result()))
    operation.emit("an event")
    operation.finish(7)
    seen = ref(operation)
    del operation
    assert seen() is None
    assert told == ["an event", 7]


def test_who_asks_late_still_hears_everything() -> None:
    operation = start(lambda one: one.emit("early") or 3, "late")
    assert operation.result(10) == 3
    told: list[object] = []
    operation.subscribe(told.append)
    operation.when_done(lambda ended: told.append(ended.result()))
    assert told == ["early", 3]


def test_cancelling_one_that_is_over_calls_nobody() -> None:
    called: list[str] = []
    operation: Operation[int] = Operation()
    operation.on_cancel(lambda: called.append("stop"))
    operation.finish(1)
    operation.cancel()
    assert called == []
