"""Which texts a model reads together."""

import random

from hypothesis import given
from hypothesis import strategies as st

from rag.embedding.embedder import MOST_TEXTS, MOST_TOKENS, by_tokens
from rag.passages.likely_tokens import likely_tokens


@given(st.lists(st.integers(0, 600), max_size=80))
def test_every_text_is_in_one_batch_with_others_as_long_as_it(tokens: list[int]) -> None:
    batches = by_tokens(tokens)
    assert sorted(index for batch in batches for index in batch) == list(range(len(tokens)))
    lengths = [tokens[index] for batch in batches for index in batch]
    assert lengths == sorted(lengths, reverse=True)
    for batch in batches:
        longest = max(tokens[index] for index in batch)
        assert len(batch) <= 2 or len(batch) * longest <= MOST_TOKENS
        assert len(batch) <= MOST_TEXTS


def test_short_texts_go_together_and_long_ones_by_twos() -> None:
    assert [len(batch) for batch in by_tokens([500] * 4 + [200] * 6 + [20] * 16)] == [2, 2, 3, 3, 16]


def test_signs_and_numbers_count_as_a_vocabulary_would_have_them() -> None:
    assert likely_tokens("") == 0
    assert likely_tokens("Contents ........................ 12") == 4
    assert likely_tokens("the cat") < likely_tokens("ls -l /a/b") < likely_tokens("0x3fa90b1277")
    words = "The museum opens at ten, and closes when the last visitor has gone home."
    shuffled = "".join(random.Random(0).sample(words, len(words)))
    assert likely_tokens(words) < likely_tokens(shuffled)
