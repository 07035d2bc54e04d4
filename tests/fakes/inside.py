"""The inside of models in the fake core: shapes and shares by formulas, no arithmetic worth the name."""

import math
from collections.abc import Callable
from typing import Any

from desktop.core.errors import Reported
from desktop.core.operations import Operation
from desktop.core.training.errors import RunMissing
from desktop.core.training.inside import source_of
from desktop.core.types.training import RunInfo
from engine.train.errors import TextTooSmall
from engine.train.looks import Candidate, Neighbourhood, PartCost, Place, TextSeen

LAYERS, HEADS = 4, 4
PARTS = (
    PartCost("embedding", 65_536, 0),
    PartCost("attention", 262_144, 524_288),
    PartCost("scores", 0, 524_288),
    PartCost("feed-forward", 540_672, 1_081_344),
    PartCost("norms", 1_152, 0),
    PartCost("output", 0, 131_072),
)
WORDS = (" sea", " day", " tree", " night", " moon", " bread", " wind", " light", " song", " door")


class FakeInside:
    """What FakeCore inherits."""

    runs: dict[str, RunInfo]
    _now: Callable[..., Operation[Any]]

    def look_inside(self, model: str, text: str, layer: int = 0, place: int = -1) -> Operation[TextSeen]:
        return self._now(
            "look_inside", lambda: self._seen(model, text, layer, place), model, text, layer, place
        )

    def look_around(self, model: str, text: str, search: str = "") -> Operation[Neighbourhood]:
        def work() -> Neighbourhood:
            pieces = self._pieces(model, text)
            near = WORDS[:4]
            places = [Place(piece, *_spot(at), of_text=True) for at, piece in enumerate(pieces)]
            places += [Place(word, *_spot(at + 40), near=word in near) for at, word in enumerate(WORDS)]
            places += [Place(f"#{at}", *_spot(at + 90)) for at in range(160)]
            shares = tuple((word, 0.91 - 0.07 * at) for at, word in enumerate(near))
            return Neighbourhood(tuple(places), search or pieces[-1], shares)

        return self._now("look_around", work, model, text, search)

    def source_of(self, function: str) -> Operation[str]:
        return self._now("source_of", lambda: source_of(function), function)

    def _pieces(self, model: str, text: str) -> list[str]:
        if not model.startswith("/") and model not in self.runs:
            raise RunMissing(run=model)
        pieces = [(" " if at else "") + word for at, word in enumerate(text.split())]
        if not pieces:
            raise Reported.of(TextTooSmall(tokens=0, needed=1))
        return pieces[:512]

    def _seen(self, model: str, text: str, layer: int, place: int) -> TextSeen:
        pieces = self._pieces(model, text)
        encodes = model in self.runs and self.runs[model].plan.goal == "fill"
        time = len(pieces)
        place = time - 1 if not 0 <= place < time else place
        likeliest = tuple(Candidate(at, word, 0.42 * math.exp(-0.55 * at)) for at, word in enumerate(WORDS))
        after = tuple(
            tuple(
                Candidate(
                    at, WORDS[(at + LAYERS - step) % len(WORDS)], (0.1 + 0.08 * step) * math.exp(-0.6 * at)
                )
                for at in range(5)
            )
            for step in range(LAYERS + 1)
        )
        letters = tuple(letter for piece in pieces for letter in piece)
        return TextSeen(
            "encoder" if encodes else "decoder",
            tuple(pieces),
            (letters, tuple(pieces)),
            LAYERS,
            HEADS,
            layer,
            _attention(time, layer, causal=not encodes),
            place,
            after,
            likeliest,
            PARTS,
            not encodes,
            64 if encodes else 256,
        )


def _spot(at: int) -> tuple[float, float]:
    turn, far = at * 2.399963, math.sqrt((at * 37 % 101) / 101)
    return far * math.cos(turn), far * math.sin(turn)


def _attention(time: int, layer: int, *, causal: bool) -> bytes:
    made = bytearray()
    for head in range(HEADS):
        for query in range(time):
            last = query + 1 if causal else time
            shares = [
                math.exp(-abs(query - key - head) * (0.3 + 0.2 * layer)) if key < last else 0.0
                for key in range(time)
            ]
            total = sum(shares)
            made += bytes(round(255 * share / total) for share in shares)
    return bytes(made)
