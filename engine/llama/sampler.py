"""Draw the tokens of one reply: llama.cpp's chain, a grammar beside it, and what else could have been drawn.

Sees no text and reads no grammar: `engine.grammar` has checked it.
"""

import math
from collections.abc import Sequence
from types import TracebackType
from typing import Any, NamedTuple, Self

import numpy as np

from engine.errors import BadGrammar, GrammarStuck
from engine.grammar import Watch
from engine.llama.api import api
from engine.llama.candidates import Candidates, Floats, Ids, Likeliest, Outputs, best
from engine.llama.chain import TokenBias, enough, make_chain
from engine.llama.model import Model
from engine.protocol import Sampling


class Drawn(NamedTuple):
    """What a token was drawn from: ids and probabilities, from the likeliest down.

    `before`: as the model said it, among all tokens; `after`: among those that the samplers left.
    """

    before: tuple[Ids, Floats]
    after: tuple[Ids, Floats]
    p_before: float  # of the token that was drawn
    p_after: float


class Sampler:
    """Draws one token after another; a context manager, as native memory hangs on it.

    Without grammar and alternatives a token is drawn in one native call. With alternatives the likeliest
    are known, and where the chain could choose from few, it gets these alone. A grammar is asked about the
    token that was drawn, and about the whole vocabulary only when it refuses that one, as llama.cpp's
    tools do: the whole vocabulary takes longer than the model.
    """

    def __init__(
        self,
        model: Model,
        sampling: Sampling,
        seed: int,
        *,
        context_tokens: int,
        biases: Sequence[TokenBias] = (),
        grammar: str = "",
        alternatives: int = 0,
    ) -> None:
        """Raises BadGrammar when llama.cpp does not take the grammar."""
        self._tokens = model.vocabulary_tokens
        self._greedy = sampling.temperature == 0.0
        self._alternatives = min(alternatives, self._tokens)
        self._chain = make_chain(model, sampling, seed, biases, context_tokens)
        self._grammar = _grammar(model, grammar) if grammar else None
        if grammar and not self._grammar:
            api.llama_sampler_free(self._chain)
            raise BadGrammar(reason="native", line=1, column=1)
        self._watch = Watch(grammar) if grammar else None
        self._piece = model.piece
        self._outputs = Outputs(self._tokens)
        self._likeliest = Likeliest(self._tokens if alternatives else 0)
        # 0: the chain looks at all of them; a grammar has reasons of its own to want an unlikely one
        self._few = 0 if grammar else self._likeliest.few(enough(sampling, biases, context_tokens))
        self._candidates = Candidates(self._tokens) if grammar or alternatives else None
        self.drawn: Drawn | None = None  # of the last token, when alternatives were asked for

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        api.llama_sampler_free(self._chain)
        if self._grammar:
            api.llama_sampler_free(self._grammar)

    def draw(self, context: Any, index: int = -1) -> int:
        """The token that follows output `index` of the last evaluation; what follows counts it as written.

        Raises GrammarStuck when the grammar leaves none, BadGrammar when it can be followed no longer.
        """
        if self._candidates is None:
            return int(api.llama_sampler_sample(self._chain, context, index))
        logits = self._outputs.at(context, index)
        if self._alternatives:
            token = self._draw_and_tell(self._candidates, logits)
        else:
            token = self._choose(self._candidates, logits)
        if self._watch is not None:
            self._watch.push(self._piece(token))
            api.llama_sampler_accept(self._grammar, token)
        api.llama_sampler_accept(self._chain, token)
        return token

    def accept(self, token: int) -> None:
        """Count a token as written that was not drawn. Raises GrammarStuck where the grammar refuses it."""
        if self._watch is not None and self._candidates is not None:
            # a token that the grammar refuses kills the process when it is accepted
            if not self._candidates.passes(self._grammar, token):
                raise GrammarStuck
            self._watch.push(self._piece(token))
            api.llama_sampler_accept(self._grammar, token)
        api.llama_sampler_accept(self._chain, token)

    def _choose(self, candidates: Candidates, logits: Floats) -> int:
        candidates.fill(logits)
        candidates.apply(self._chain)
        token, _ = candidates.chosen
        if not self._grammar or (token >= 0 and candidates.passes(self._grammar, token)):
            return token
        candidates.fill(logits)
        candidates.apply(self._grammar)
        candidates.apply(self._chain)
        token, logit = candidates.chosen
        # a token that the grammar refuses kills the process when it is accepted
        if token < 0 or math.isinf(logit) or not candidates.passes(self._grammar, token):
            raise GrammarStuck
        return token

    def _draw_near(self, candidates: Candidates, logits: Floats, near: Ids) -> int:
        """From these alone: the chain comes to the same as among all tokens."""
        candidates.fill_with(near, logits)
        candidates.apply(self._chain)
        token, _ = candidates.chosen
        return token

    def _draw_and_tell(self, candidates: Candidates, logits: Floats) -> int:
        near = self._likeliest.near(logits, max(self._few, self._alternatives))
        few = self._few
        token = self._draw_near(candidates, logits, near) if few else self._choose(candidates, logits)
        self.drawn = self._told(candidates, logits, near, token)
        return token

    def _told(self, candidates: Candidates, logits: Floats, near: Ids, token: int) -> Drawn:
        likely, likely_p, p_before = self._likeliest.of(logits, near, self._alternatives, token)
        ids, p = candidates.left()
        if self._greedy:
            ids, p = ids[ids == token], np.ones(1, np.float32)
        p = p / (p.sum() or 1.0)
        p_after = float(p[ids == token].sum())
        return Drawn((likely, likely_p), best(ids, p, self._alternatives), p_before, p_after)


def _grammar(model: Model, grammar: str) -> Any:
    return api.llama_sampler_init_grammar(model.vocabulary, grammar.encode(), b"root")
