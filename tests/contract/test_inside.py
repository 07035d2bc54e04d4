"""What every core sees inside a model, the real one in a small model of its own."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from desktop.core.contract import Core
from desktop.core.errors import CoreError
from desktop.core.operations import Operation
from desktop.core.types.training import TrainingPlan
from engine.train.specs import Settings
from tests.fakes.core import FakeCore
from tests.fakes.house import house

LONG_S = 120.0
TEXT = "The river hums a tune"
PLAN = TrainingPlan(
    name="Poet", sample="verses_en", vocab=300, layers=2, heads=2, width=16, context=32,
    settings=Settings(steps=3, batch=2, validate_every=3, save_every=3, sample_every=0, tell_every=1),
)  # fmt: skip


@pytest.fixture(params=["fake", pytest.param("real", marks=pytest.mark.slow)])
def core(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Core]:
    if request.param == "fake":
        fake = FakeCore()
        yield fake
        fake.close()
    else:
        with house(tmp_path) as real:
            yield real


def code_of(operation: Operation[Any]) -> str:
    with pytest.raises(CoreError) as failed:
        operation.result(LONG_S)
    return failed.value.problem().code


def test_a_text_is_seen_from_its_bytes_to_the_next_token(core: Core) -> None:
    run = core.begin_run(PLAN).result(LONG_S).id
    seen = core.look_inside(run, TEXT, 1).result(LONG_S)
    assert seen.kind == "decoder"
    assert "".join(seen.pieces) == TEXT
    assert "".join(seen.merges[0]) == TEXT
    assert seen.merges[-1] == seen.pieces
    time = len(seen.pieces)
    assert (seen.layer, seen.place) == (1, time - 1)
    assert len(seen.attention) == seen.heads * time * time
    rows = [seen.attention[at : at + time] for at in range(0, len(seen.attention), time)]
    for number, row in enumerate(rows):
        assert abs(sum(row) - 255) <= time  # rounded
        assert not any(row[number % time + 1 :])  # nothing of what comes after it
    assert len(seen.after) == seen.layers + 1
    assert seen.likeliest[0].p >= seen.likeliest[-1].p
    assert sum(part.parameters for part in seen.parts) > 0
    around = core.look_around(run, TEXT, "river").result(LONG_S)
    assert around.found
    assert around.nearest
    assert any(place.of_text for place in around.places)
    assert code_of(core.look_inside(run, "")) == "train_text_small"
    assert code_of(core.look_inside("nobody", TEXT)) == "run_missing"


def test_the_function_that_computes_what_is_seen_can_be_read(core: Core) -> None:
    text = core.source_of("engine.train.inside:softmax").result(LONG_S)
    assert text.startswith("def softmax(")
    assert "temperature" in text
    for strange in ("os:system", "engine.train.inside:nothing", "engine.train.nowhere:x"):
        assert code_of(core.source_of(strange)) == "no_source"
