"""What one may ask of the inside of a model, and what is seen there. Values only; imports no arithmetic."""

from typing import Literal

import msgspec

TEXT_TOKENS = 512  # that are looked at, at most
LIKELIEST = 40  # tokens that are told for a place


class Candidate(msgspec.Struct, frozen=True):
    """A token that might stand there, and how probable it is, 0..1."""

    id: int
    text: str
    p: float


class PartCost(msgspec.Struct, frozen=True):
    """See `engine.train.inside.Part`."""

    name: str
    parameters: int
    operations: int


class Place(msgspec.Struct, frozen=True):
    """A token among others in two dimensions. `of_text`: it stands in the text that is looked at."""

    text: str
    x: float
    y: float
    of_text: bool = False
    near: bool = False


class TextSeen(msgspec.Struct, frozen=True):
    """What a model did with a text.

    `merges`: the pieces of the text at first, its bytes, and after each round of merging, up to its tokens.
    `attention`: of one layer, (heads, tokens, tokens) bytes, 255 for all of it. `after`: what it would say at
    `place` if it ended after each layer, the embedding first; `likeliest`: what it does say.
    `causal`: a token sees those before it alone; `context`: how many it sees at most.
    """

    kind: Literal["decoder", "encoder"]
    pieces: tuple[str, ...]
    merges: tuple[tuple[str, ...], ...]
    layers: int
    heads: int
    layer: int
    attention: bytes
    place: int
    after: tuple[tuple[Candidate, ...], ...]
    likeliest: tuple[Candidate, ...]
    parts: tuple[PartCost, ...]
    causal: bool
    context: int


class Neighbourhood(msgspec.Struct, frozen=True):
    """The embeddings of some tokens, flattened, and those nearest to the one that was looked for, with the
    cosine between them. `found`: how that one is written, "" where there is none."""

    places: tuple[Place, ...]
    found: str
    nearest: tuple[tuple[str, float], ...]
