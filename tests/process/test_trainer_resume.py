"""Every kind of run, killed at any moment: it goes on bit by bit, by both ways of writing."""

import json
import os
import random
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from desktop.core.errors import CoreError
from engine.train.config import ModelConfig
from engine.train.events import PrepareEvent, TrainEvent
from engine.train.protocol import Export, Exported, Prepared, PrepareText, Train, Trained
from engine.train.specs import (
    FineTune,
    Masked,
    Pretrain,
    Settings,
    Spec,
)
from tests.process.trainer_house import Trainer, trainer
from tests.unit.train.texts import story

pytestmark = pytest.mark.slow

STEPS = Settings(
    steps=12, batch=4, rate=5e-3, warmup=2, validate_every=5, save_every=3, sample_every=0, tell_every=1
)
SIZES = {"layers": 1, "width": 16, "heads": 2}
KILLS = 1


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with prepared text of pieces and of characters, a run over each, a model file, and rows."""
    folder = tmp_path_factory.mktemp("grown")
    (folder / "story.txt").write_text(story(600), encoding="utf-8")
    rows: list[dict[str, Any]] = [{"question": f"¿{n}?", "answer": "Ana vive en Lugo."} for n in range(12)]
    (folder / "answers.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    labels = [{"text": f"Ana come {n}", "label": "ab"[n % 2]} for n in range(24)]
    (folder / "labels.jsonl").write_text("\n".join(map(json.dumps, labels)), encoding="utf-8")
    with trainer(folder) as house:
        for name, characters in (("characters", True), ("pieces", False)):
            made = house.ask(
                PrepareText(
                    (str(folder / "story.txt"),), str(folder / name), vocab=280, characters=characters
                )
            )
            assert isinstance(made, Prepared)
            config = ModelConfig(vocab=made.info.vocab, context=48, **SIZES)
            run = str(folder / f"{name}-run")
            house.ask(Train(run, Pretrain(str(folder / name), config), STEPS))
            # a file that knows how conversations are written
            taught = str(folder / f"{name}-taught")
            house.ask(Train(taught, tuned(folder, f"{name}-run", "answers.jsonl", keep=0.0), STEPS))
            assert isinstance(house.ask(Export(taught, str(folder / f"{name}.gguf"), kind="F32")), Exported)
    return folder


def config_of(folder: Path, name: str, **changes: Any) -> ModelConfig:
    vocab = json.loads((folder / name / "data.json").read_text("utf-8"))["vocab"]
    return ModelConfig(**{"vocab": vocab, "context": 24, **SIZES, **changes})


def tuned(folder: Path, base: str, data: str, **more: Any) -> FineTune:
    return FineTune(base=str(folder / base), data=str(folder / data), **more)


SPECS: dict[str, Callable[[Path], Spec]] = {
    "pieces": lambda f: Pretrain(str(f / "pieces"), config_of(f, "pieces")),
    "gaps": lambda f: Masked(
        str(f / "characters"),
        config_of(f, "characters", kind="encoder", vocab=config_of(f, "characters").vocab + 1),
    ),
    "lora on a file": lambda f: tuned(f, "pieces.gguf", "answers.jsonl"),
    "all of a file": lambda f: tuned(f, "characters.gguf", "answers.jsonl", learn="all"),
    "labels": lambda f: tuned(f, "pieces-run", "labels.jsonl", kind="labels", learn="lora"),
    "more text": lambda f: tuned(f, "characters-run", "characters", kind="text", learn="all"),
}


@pytest.mark.parametrize("kind", SPECS)
def test_any_run_that_is_killed_goes_on_bit_by_bit(kind: str, grown: Path, tmp_path: Path) -> None:
    spec = SPECS[kind](grown)
    with trainer(tmp_path) as house:
        whole = house.ask(Train(str(tmp_path / "whole"), spec, STEPS))
        losses = house.losses
    assert sorted(losses) == list(range(1, STEPS.steps + 1))
    chance = random.Random(kind)
    request = Train(str(tmp_path / "run"), spec, STEPS)
    found: dict[int, float] = {}
    for _ in range(KILLS):
        with trainer(tmp_path) as house:
            house.on_event = killer(house, steps=chance.randrange(1, 6))
            with pytest.raises(CoreError):
                house.ask(request)
            found |= house.losses
        request = Train(str(tmp_path / "run"))
    with trainer(tmp_path) as house:
        done = house.ask(request)
        found |= house.losses
    assert found == losses
    assert isinstance(done, Trained)
    assert isinstance(whole, Trained)
    assert msgspec.structs.replace(done, seconds=0.0) == msgspec.structs.replace(whole, seconds=0.0)
    last = f"step-{STEPS.steps:08d}.safetensors"
    assert arrays_of(tmp_path / "run" / last) == arrays_of(tmp_path / "whole" / last)


def arrays_of(path: Path) -> bytes:
    """What follows the header, which says how long it took."""
    data = path.read_bytes()
    return data[8 + int.from_bytes(data[:8], "little") :]


def killer(house: Trainer, steps: int) -> Callable[[PrepareEvent | TrainEvent], None]:
    """Ends the process once it has told of so many steps."""

    def kill(_event: PrepareEvent | TrainEvent) -> None:
        if len(house.losses) >= steps and house.client.pid:
            os.kill(house.client.pid, signal.SIGKILL)

    return kill
