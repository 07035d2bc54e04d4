"""What each token of a reply was drawn from, as values that leave the worker. Draws nothing."""

from collections.abc import Callable

from engine.llama import Sampler
from engine.llama.candidates import Floats, Ids
from engine.protocol import Alternative, TokenDetail


class Details:
    """Collects the tokens' alternatives until the text they belong to is told. Idle when none are wanted."""

    def __init__(self, sampler: Sampler, piece: Callable[[int], bytes]) -> None:
        self._sampler = sampler
        self._piece = piece
        self._texts: dict[int, str] = {}
        self._waiting: list[TokenDetail] = []

    def note(self, token: int) -> None:
        """The sampler has just drawn `token`."""
        drawn = self._sampler.drawn
        if drawn is None:
            return
        before, after = self._alternatives(*drawn.before), self._alternatives(*drawn.after)
        self._waiting.append(
            TokenDetail(token, self._text(token), drawn.p_before, drawn.p_after, before, after)
        )

    def take(self) -> tuple[TokenDetail, ...]:
        """Those that were not taken yet."""
        if not self._waiting:
            return ()
        waiting, self._waiting = tuple(self._waiting), []
        return waiting

    def _alternatives(self, ids: Ids, p: Floats) -> tuple[Alternative, ...]:
        return tuple(
            Alternative(token, self._text(token), chance)
            for token, chance in zip(ids.tolist(), p.tolist(), strict=True)
        )

    def _text(self, token: int) -> str:
        text = self._texts.get(token)
        if text is None:
            text = self._texts[token] = self._piece(token).decode("utf-8", "replace")
        return text
