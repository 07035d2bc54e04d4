"""llama.cpp's chain of samplers for one reply. Sees no text."""

from types import TracebackType
from typing import Any, Final, Self

from engine.llama.api import api
from engine.protocol import Sampling

PENALTY_LAST_TOKENS: Final = 64


class Sampler:
    """llama.cpp's own chain of samplers for one reply; the order is the one its tools use."""

    def __init__(self, sampling: Sampling, seed: int, vocabulary_tokens: int) -> None:
        parameters = api.llama_sampler_chain_default_params()
        parameters.no_perf = True
        self.pointer: Any = api.llama_sampler_chain_init(parameters)
        if sampling.repeat_penalty != 1.0:
            self._add(
                api.llama_sampler_init_penalties(
                    vocabulary_tokens, PENALTY_LAST_TOKENS, sampling.repeat_penalty, 0.0, 0.0
                )
            )
        if sampling.temperature == 0.0:
            self._add(api.llama_sampler_init_greedy())
            return
        if sampling.top_k > 0:
            self._add(api.llama_sampler_init_top_k(sampling.top_k))
        if sampling.top_p < 1.0:
            self._add(api.llama_sampler_init_top_p(sampling.top_p, 1))
        if sampling.min_p > 0.0:
            self._add(api.llama_sampler_init_min_p(sampling.min_p, 1))
        self._add(api.llama_sampler_init_temp(sampling.temperature))
        self._add(api.llama_sampler_init_dist(seed))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        api.llama_sampler_free(self.pointer)

    def _add(self, sampler: Any) -> None:
        api.llama_sampler_chain_add(self.pointer, sampler)  # the chain frees it
