"""llama.cpp's own chain of samplers for one reply, in the order of its tools (common/sampling.cpp).

Leaves out what changes nothing. Draws nothing: `engine.llama.sampler` does.
"""

import ctypes
from collections.abc import Sequence
from typing import Any, Final

from engine.llama.api import api
from engine.llama.model import Model
from engine.protocol import Sampling

MIN_KEEP: Final = 1
MIROSTAT_CANDIDATES: Final = 100  # the paper's m
TYPICAL_OFF = TOP_P_OFF = 1.0
NO_PENALTIES = (1.0, 0.0, 0.0)

TokenBias = tuple[int, float]


def make_chain(
    model: Model, sampling: Sampling, seed: int, biases: Sequence[TokenBias], context_tokens: int
) -> Any:
    """The chain; free it with `llama_sampler_free`. Its settings must have been checked."""
    parameters = api.llama_sampler_chain_default_params()
    parameters.no_perf = True
    chain = api.llama_sampler_chain_init(parameters)
    for sampler in _samplers(model, sampling, seed, biases, context_tokens):
        if sampler:
            api.llama_sampler_chain_add(chain, sampler)  # the chain frees it
    return chain


def enough(sampling: Sampling, biases: Sequence[TokenBias], context_tokens: int) -> int:
    """So many of the likeliest tokens hold all that the chain can choose from; 0: it looks at every one.

    That is so where it keeps a number of tokens and, before, can only make some of the last ones less likely.
    """
    looks_at_all = sampling.mirostat or sampling.top_n_sigma > 0.0 or sampling.dry_multiplier or biases
    raises = sampling.repeat_penalty < 1.0 or min(sampling.frequency_penalty, sampling.presence_penalty) < 0.0
    kept = 1 if sampling.temperature == 0.0 else sampling.top_k
    if looks_at_all or raises or kept <= 0:
        return 0
    lowered = _window(sampling.penalty_tokens, context_tokens) if _penalties(sampling) != NO_PENALTIES else 0
    return kept + lowered + 1


def _samplers(
    model: Model, sampling: Sampling, seed: int, biases: Sequence[TokenBias], context_tokens: int
) -> list[Any]:
    bias = [_bias(model, biases)] if biases else []
    if sampling.temperature == 0.0:
        held_back = _against_repetition(model, sampling, context_tokens)
        return [*bias, *held_back, api.llama_sampler_init_greedy()]
    if sampling.mirostat:
        return [*bias, api.llama_sampler_init_temp(sampling.temperature), _mirostat(model, sampling, seed)]
    return [
        *bias,
        *_against_repetition(model, sampling, context_tokens),
        *_cuts(sampling, seed),
        api.llama_sampler_init_temp_ext(
            sampling.temperature, sampling.temperature_range, sampling.temperature_exponent
        ),
        api.llama_sampler_init_dist(seed),
    ]


def _against_repetition(model: Model, sampling: Sampling, context_tokens: int) -> list[Any]:
    found = []
    window = _window(sampling.penalty_tokens, context_tokens)
    penalties = _penalties(sampling)
    if window and penalties != NO_PENALTIES:
        found.append(api.llama_sampler_init_penalties(model.vocabulary_tokens, window, *penalties))
    if sampling.dry_multiplier and sampling.dry_tokens:
        found.append(_dry(model, sampling, context_tokens))
    return found


def _penalties(sampling: Sampling) -> tuple[float, float, float]:
    return sampling.repeat_penalty, sampling.frequency_penalty, sampling.presence_penalty


def _cuts(sampling: Sampling, seed: int) -> list[Any]:
    found = []
    if sampling.top_n_sigma > 0.0:
        found.append(api.llama_sampler_init_top_n_sigma(sampling.top_n_sigma))
    if sampling.top_k > 0:
        found.append(api.llama_sampler_init_top_k(sampling.top_k))
    if sampling.typical_p < TYPICAL_OFF:
        found.append(api.llama_sampler_init_typical(sampling.typical_p, MIN_KEEP))
    if sampling.top_p < TOP_P_OFF:
        found.append(api.llama_sampler_init_top_p(sampling.top_p, MIN_KEEP))
    if sampling.min_p > 0.0:
        found.append(api.llama_sampler_init_min_p(sampling.min_p, MIN_KEEP))
    if sampling.xtc_probability > 0.0:
        found.append(
            api.llama_sampler_init_xtc(sampling.xtc_probability, sampling.xtc_threshold, MIN_KEEP, seed)
        )
    return found


def _bias(model: Model, biases: Sequence[TokenBias]) -> Any:
    rows: Any = biases  # ctypes takes tuples for structs
    table = (api.llama_logit_bias * len(biases))(*rows)
    return api.llama_sampler_init_logit_bias(model.vocabulary_tokens, len(biases), table)


def _dry(model: Model, sampling: Sampling, context_tokens: int) -> Any:
    breakers = [text.encode("utf-8", "replace") for text in sampling.dry_breakers]
    return api.llama_sampler_init_dry(
        model.vocabulary,
        sampling.dry_multiplier,
        sampling.dry_base,
        sampling.dry_allowed_length,
        _window(sampling.dry_tokens, context_tokens),
        (ctypes.c_char_p * len(breakers))(*breakers),
        len(breakers),
    )


def _mirostat(model: Model, sampling: Sampling, seed: int) -> Any:
    if sampling.mirostat == 1:
        return api.llama_sampler_init_mirostat(
            model.vocabulary_tokens, seed, sampling.mirostat_tau, sampling.mirostat_eta, MIROSTAT_CANDIDATES
        )
    return api.llama_sampler_init_mirostat_v2(seed, sampling.mirostat_tau, sampling.mirostat_eta)


def _window(tokens: int, context_tokens: int) -> int:
    """llama.cpp keeps room for all of it, so no more than there can be."""
    return context_tokens if tokens < 0 else min(tokens, context_tokens)
