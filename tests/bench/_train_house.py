"""Real runs of the trainer's process, for the bench: one request after the other, with the texts at hand."""

import json
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from desktop.core.places import Places
from desktop.core.workers.trainer import Tell, TrainerClient, launch_of
from engine.train.events import PrepareEvent, Sampled, Stepped, TrainEvent, Validated
from engine.train.protocol import TrainerEvent, Work

TEXTS = "SOBREMESA_BENCH_TEXTS"  # names a folder with texts that are not ours
MODEL = "SmolLM2-135M-Instruct.Q4_1.gguf"


class Trainer:
    """A process of its own, and a folder that is gone afterwards."""

    def __init__(self, client: TrainerClient, folder: Path) -> None:
        self._client, self.folder = client, folder

    def ask(self, request: Work, listener: Tell | None = None) -> TrainerEvent:
        return self._client.ask(request, listener or tell, lambda: False)

    def rows(self, name: str, records: Iterable[dict[str, str]]) -> str:
        """A file of rows in the folder."""
        path = self.folder / name
        path.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records))
        return str(path)


@contextmanager
def trainer() -> Iterator[Trainer]:
    with tempfile.TemporaryDirectory(prefix="bench-train-") as folder:
        client = TrainerClient(launch_of(Path(folder)))
        try:
            yield Trainer(client, Path(folder))
        finally:
            client.close()


def tell(event: PrepareEvent | TrainEvent) -> None:
    """How far it is, for whoever waits."""
    match event:
        case Stepped(step=step, steps=steps, loss=loss, remaining_s=left) if step % 50 == 0 or step == steps:
            print(f"  step {step} of {steps}: loss {loss:.3f}, {left / 60:.0f} min left", flush=True)
        case Validated(step=step, loss=loss):
            print(f"  step {step}: held-out loss {loss:.4f}", flush=True)
        case Sampled(prompt=prompt, text=text):
            print(f"  {prompt.strip()!r}: {text.strip()[:70]!r}", flush=True)
        case _:
            pass


def model() -> str:
    """The starter model."""
    return str(Places.of().models / MODEL)


def there(name: str) -> bool:
    """Whether a text that the bench does not bring along is there."""
    return (Path(os.environ.get(TEXTS, "build/texts")) / name).exists()


def text(name: str) -> Path:
    """A text or folder that the bench does not bring along."""
    path = Path(os.environ.get(TEXTS, "build/texts")) / name
    if not path.exists():
        raise SystemExit(f"{TEXTS} must name a folder with {name}")
    return path
