"""Vocabularies as large as real ones, for headers that are as long as real ones. Means nothing."""

import random

from tests.fakes.engine_files import CHAT_TEMPLATE, pair


def vocabulary(seed: int, tokens: int, merges: int) -> list[bytes]:
    """The metadata that comes with a tokenizer: its words, their kinds, its merges and its template."""
    drawn = random.Random(seed)
    found = [
        pair("tokenizer.ggml.model", "gpt2"),
        pair("tokenizer.ggml.tokens", _words(drawn, tokens, 2, 12)),
        pair("tokenizer.ggml.token_type", [1] * tokens),
    ]
    if merges:
        found.append(pair("tokenizer.ggml.merges", _words(drawn, merges, 6, 14)))
    return [*found, pair("tokenizer.chat_template", CHAT_TEMPLATE)]


def _words(drawn: random.Random, count: int, shortest: int, longest: int) -> list[str]:
    lengths = drawn.choices(range(shortest, longest + 1), k=count)
    letters = drawn.randbytes(sum(lengths)).hex()
    words, at = [], 0
    for length in lengths:
        words.append(letters[at : at + length])
        at += length
    return words
