"""Whether two models have room together: each no worse than alone."""

from pathlib import Path

import pytest

from desktop.core.replies.two_models import both_fit
from engine import gguf_header
from engine.devices import Device
from engine.fit import Wanted, choose
from tests.fakes.engine_files import write_fake_model

GIB = 1 << 30
WANTED = Wanted(context_tokens=2048)


@pytest.fixture
def models(tmp_path: Path) -> tuple[str, str]:
    return (
        str(write_fake_model(tmp_path / "one.gguf")),
        str(write_fake_model(tmp_path / "other.gguf")),
    )


def machine(budget_bytes: int) -> tuple[Device, ...]:
    """A host that has so much for models."""
    reserve = 32 * GIB - Device("CPU", "cpu", 32 * GIB, 64 * GIB).budget_bytes
    return (Device("CPU", "cpu", budget_bytes + reserve, 64 * GIB),)


def needed(path: str) -> int:
    return choose(gguf_header.inspect_whole(Path(path)), machine(16 * GIB), WANTED).bytes


def test_two_fit_where_there_is_room_for_both_and_not_where_there_is_a_byte_less(
    models: tuple[str, str],
) -> None:
    both = sum(needed(path) for path in models)
    assert both_fit(models, machine(both), WANTED)
    assert not both_fit(models, machine(both - 1), WANTED)


def test_what_a_model_that_leaves_holds_comes_free(models: tuple[str, str]) -> None:
    one = needed(models[0])
    assert not both_fit(models, machine(one), WANTED)
    assert both_fit(models, machine(one), WANTED, leaving=models[:1])


def test_a_limit_that_the_person_set_counts_for_both_together(models: tuple[str, str]) -> None:
    both = sum(needed(path) for path in models)
    (host,) = machine(4 * both)
    limited = Device(host.name, host.kind, host.free_bytes, host.total_bytes, most_bytes=both - 1)
    assert not both_fit(models, (limited,), WANTED)
    assert both_fit(models[:1], (limited,), WANTED)


def test_a_file_that_is_not_there_takes_no_room(models: tuple[str, str]) -> None:
    assert both_fit((models[0], "/nowhere/model.gguf"), machine(needed(models[0])), WANTED)
