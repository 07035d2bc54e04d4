"""What may be asked of the core about the inside of a model."""

from typing import Protocol

from desktop.core.operations import Operation
from engine.train.looks import Neighbourhood, TextSeen


class InsideCore(Protocol):
    """The part of `desktop.core.contract.Core` that looks into models: a run by its id, or a file by its
    path.

    The process that looks keeps the model for a while, so that the next look at it is quick.
    """

    def look_inside(self, model: str, text: str, layer: int = 0, place: int = -1) -> Operation[TextSeen]:
        """What a model does with a text of at most 512 tokens, with the attention of one layer; `place`
        -1: at its last token. Ends in "train_text_small" for no text, in "train_cannot_learn" for what is not
        computed here."""
        ...

    def look_around(self, model: str, text: str, search: str = "") -> Operation[Neighbourhood]:
        """Where the embeddings of a text's tokens lie among others, and the nearest to `search`."""
        ...

    def source_of(self, function: str) -> Operation[str]:
        """The text of a function of the engine, "engine.train.inside:softmax". Ends in NoSource."""
        ...
