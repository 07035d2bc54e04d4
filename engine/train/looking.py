"""A look inside a model for a person: its tokens, its attention, its guesses, its embeddings. Learns nothing.

One `Looker` keeps the model that was looked at last, and what it did with the last text: another layer of the
same text costs nothing.
"""

import itertools
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import msgspec
import numpy as np

from engine.train import tasks
from engine.train.coders import Coder, GgufCoder, OwnCoder
from engine.train.config import ModelConfig
from engine.train.errors import CannotLearn, TextTooSmall
from engine.train.inside import Reading, flattened, nearest, next_after_each_layer, parts_of, read
from engine.train.looks import LIKELIEST, TEXT_TOKENS, Candidate, Neighbourhood, PartCost, Place, TextSeen
from engine.train.parameters import Parameters
from engine.train.parts import Array
from engine.train.tokenizer import byte_characters

AFTER: Final = 5  # candidates for each layer
CROWD: Final = 260  # tokens that are drawn around those of the text
NEAREST: Final = 12
BLANK: Final = "_"  # stands for a hidden word where a model can fill it


class Opened(msgspec.Struct, frozen=True):
    """A model to look into."""

    path: str
    config: ModelConfig
    weights: Parameters
    coder: Any
    ranks: dict[str, int]  # of each pair "left right" that is merged, the first first


class Looker:
    """One for a process."""

    def __init__(self, parts: ModuleType) -> None:
        self._parts = parts
        self._opened: Opened | None = None
        self._read: tuple[str, Reading] | None = None

    def text(self, path: str, text: str, layer: int, place: int) -> TextSeen:
        """What the model does with a text. `place` -1: its last token.

        Raises TextTooSmall for no text, CannotLearn, and what opening the model raises.
        """
        model = self._open(path)
        config = model.config
        tokens = self._tokens(model, text)
        reading = self._reading(model, text, tokens)
        layer = min(max(0, layer), config.layers - 1)
        place = len(tokens) - 1 if not 0 <= place < len(tokens) else place
        guesses = next_after_each_layer(config, model.weights, reading, place, self._parts)
        return TextSeen(
            "encoder" if config.kind == "encoder" else "decoder",
            tuple(_piece(model, token) for token in tokens),
            rounds_of_merging(model, tokens),
            config.layers,
            config.heads,
            layer,
            (reading.attention[layer] * 255).round().astype(np.uint8).tobytes(),
            place,
            tuple(_likeliest(model, row, AFTER) for row in guesses),
            _likeliest(model, guesses[-1], LIKELIEST),
            tuple(PartCost(one.name, one.parameters, one.operations) for one in parts_of(config)),
            config.causal,
            config.context,
        )

    def around(self, path: str, text: str, search: str) -> Neighbourhood:
        """The embeddings of a text's tokens among others, and the nearest to `search`, else to the last
        one."""
        model = self._open(path)
        table = model.weights["token_embedding"]
        own = list(dict.fromkeys(self._tokens(model, text)))
        wanted = model.coder.encode(search) if search else []
        centre = wanted[0] if wanted else own[-1]
        near = nearest(table, centre, NEAREST + 1)[:NEAREST]
        crowd = np.random.default_rng(1).choice(len(table), min(CROWD, len(table)), replace=False).tolist()
        some = list(dict.fromkeys([*own, centre, *(token for token, _ in near), *crowd]))
        flat = flattened(table[some])
        flat = flat / (np.abs(flat).max() or 1.0)
        close, mine = {centre, *(token for token, _ in near)}, set(own)
        places = tuple(
            Place(_piece(model, token), float(x), float(y), token in mine, token in close)
            for token, (x, y) in zip(some, flat, strict=True)
        )
        found = _piece(model, centre) if wanted or not search else ""
        return Neighbourhood(places, found, tuple((_piece(model, token), cosine) for token, cosine in near))

    # ── opening and reading ──

    def _open(self, path: str) -> Opened:
        if self._opened is None or self._opened.path != path:
            self._opened = self._read = None
            self._opened = opened(Path(path))
        return self._opened

    def _tokens(self, model: Opened, text: str) -> list[int]:
        tokens: list[int] = []
        if model.config.kind == "encoder":  # its mask is one token more than its text has
            for number, piece in enumerate(text.split(BLANK)):
                tokens += ([model.config.vocab - 1] if number else []) + model.coder.encode(piece)
        else:
            tokens = list(model.coder.encode(text))
        tokens = tokens[: min(TEXT_TOKENS, model.config.context)]
        if not tokens:
            raise TextTooSmall(tokens=0, needed=1)
        return tokens

    def _reading(self, model: Opened, text: str, tokens: list[int]) -> Reading:
        if self._read is None or self._read[0] != text:
            row = np.array(tokens, np.int32)
            self._read = (text, read(model.config, model.weights, row, self._parts))
        return self._read[1]


def opened(path: Path) -> Opened:
    """A run, a .gguf file or a Hugging Face folder. Raises CannotLearn for an encoder with a decoder."""
    if tasks.is_run(path):
        trained = tasks.load_trained(path)
        config, weights, coder = trained.config, trained.whole(), trained.coder
    else:
        base = tasks.open_base(path)
        config, weights, coder = base.config, base.weights, base.coder
    if config.kind == "encoder_decoder":
        raise CannotLearn(architecture=config.kind)
    return Opened(str(path), config, weights, coder, _ranks(coder, path))


def _ranks(coder: Coder, path: Path) -> dict[str, int]:
    merges: list[str] = []
    if isinstance(coder, OwnCoder):
        merges = coder.tokenizer.merges
    elif isinstance(coder, GgufCoder) and path.is_file():
        from gguf import GGUFReader

        field = GGUFReader(path).get_field("tokenizer.ggml.merges")
        merges = list(field.contents()) if field is not None else []
    return {pair: rank for rank, pair in enumerate(merges)}


# ── how things are written ────────────────────────────────────────────────────────────────────────


def _piece(model: Opened, token: int) -> str:
    if model.config.kind == "encoder" and token == model.config.vocab - 1:
        return BLANK
    return str(model.coder.decode([token])) or f"<{token}>"


def _likeliest(model: Opened, shares: Array, count: int) -> tuple[Candidate, ...]:
    best = np.argsort(-shares)[:count]
    return tuple(Candidate(int(one), _piece(model, int(one)), float(shares[one])) for one in best)


def rounds_of_merging(model: Opened, tokens: list[int]) -> tuple[tuple[str, ...], ...]:
    """The text as bytes, and after each round: in a round every token joins the pair that was learnt first.

    Sennrich et al., arXiv:1508.07909.
    """
    table = byte_characters()
    back = {letter: byte for byte, letter in enumerate(table)}
    rows = [
        [table[byte] for byte in _piece(model, token).encode("utf-8", "replace")] for token in tokens[:80]
    ]
    rounds = [tuple(_shown(piece, back) for row in rows for piece in row)]
    while any([_join(row, model.ranks) for row in rows]):  # noqa: C419  every row takes its turn
        rounds.append(tuple(_shown(piece, back) for row in rows for piece in row))
    return tuple(rounds)


def _join(row: list[str], ranks: dict[str, int]) -> bool:
    """Join the pair of pieces whose merge was learnt first; False where none is to be joined."""
    pairs = [
        (ranks.get(f"{one} {other}", len(ranks)), at)
        for at, (one, other) in enumerate(itertools.pairwise(row))
    ]
    rank, at = min(pairs, default=(len(ranks), 0))
    if rank == len(ranks):
        return False
    row[at : at + 2] = [row[at] + row[at + 1]]
    return True


def _shown(piece: str, back: dict[str, int]) -> str:
    return bytes(back[letter] for letter in piece if letter in back).decode("utf-8", "replace")
