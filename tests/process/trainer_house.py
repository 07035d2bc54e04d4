"""A real trainer's process over a small text, for tests: what it told, and a folder with prepared text."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from desktop.core.workers.trainer import TrainerClient, launch_of
from engine.train.config import ModelConfig
from engine.train.events import PrepareEvent, Stepped, TrainEvent
from engine.train.protocol import Prepared, PrepareText, Train, TrainerEvent, Work
from engine.train.specs import Pretrain, Settings
from tests.unit.train.texts import story

SETTINGS = Settings(
    steps=60, batch=8, rate=5e-3, warmup=5, validate_every=20, save_every=7, sample_every=0, tell_every=1
)


class Trainer:
    """`told` collects the events; `stop` says when the person takes the wish back."""

    def __init__(self, client: TrainerClient) -> None:
        self.client = client
        self.told: list[PrepareEvent | TrainEvent] = []
        self.on_event: Callable[[PrepareEvent | TrainEvent], None] = lambda _event: None

    def ask(self, request: Work, cancelled: Callable[[], bool] = lambda: False) -> TrainerEvent:
        def tell(event: PrepareEvent | TrainEvent) -> None:
            self.told.append(event)
            self.on_event(event)

        return self.client.ask(request, tell, cancelled)

    @property
    def losses(self) -> dict[int, float]:
        """Of every step that was told."""
        return {event.step: event.loss for event in self.told if isinstance(event, Stepped)}


@contextmanager
def trainer(folder: Path) -> Iterator[Trainer]:
    client = TrainerClient(launch_of(folder))
    try:
        yield Trainer(client)
    finally:
        client.close()


def prepared_text(folder: Path) -> Path:
    """A prepared folder of characters, by the process itself."""
    source = folder / "story.txt"
    source.write_text(story(600), encoding="utf-8")
    with trainer(folder) as house:
        done = house.ask(PrepareText((str(source),), str(folder / "data"), characters=True))
    assert isinstance(done, Prepared)
    return folder / "data"


def pretraining(data: Path, run: Path, settings: Settings = SETTINGS, width: int = 32) -> Train:
    """A wish for a small new model. The vocabulary is that of the text."""
    import msgspec

    vocab = msgspec.json.decode((data / "data.json").read_bytes())["vocab"]
    config = ModelConfig(vocab=vocab, context=24, layers=2, width=width, heads=2)
    return Train(str(run), Pretrain(str(data), config), settings)
