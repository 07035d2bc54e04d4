"""The figure itself, against what follows from the definition for a model whose every answer is known."""

import math
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from engine.perplexity_text import measuring_text
from engine.protocol import Measured, MeasurePerplexity, Progress
from tests.fakes.engine_client import EngineClient
from tests.fakes.engine_models import WIDTH, _tensors, write_tiny_model

WINDOW = 512


def expected(text: bytes) -> tuple[float, int]:
    """From the definition: the tiny model sees one token and has a fixed row of logits for each."""
    # its hidden state is 1 in one place; the norm makes that the root of the width
    rows = _tensors(endless=False, thinks=False)["output"].T.astype(np.float64) * math.sqrt(
        WIDTH / (1 + WIDTH * 1e-5)
    )
    chances = rows - np.log(np.exp(rows).sum(axis=1, keepdims=True))
    losses = [
        -float(chances[text[at], text[at + 1]])
        for window in range(len(text) // WINDOW)
        for at in range(window * WINDOW + WINDOW // 2, (window + 1) * WINDOW - 1)
    ]
    return math.exp(sum(losses) / len(losses)), len(losses)


@pytest.mark.parametrize("text", ["AOlé_😀-fin.\n" * 90, "xyz AO fin. " * 120, measuring_text()])
def test_the_perplexity_is_the_exponential_of_the_mean_loss_over_the_second_half_of_each_window(
    tmp_path: Path, text: str
) -> None:
    with EngineClient(fake=False, log_path=tmp_path / "worker.log") as client:
        path = write_tiny_model(tmp_path / "tiny.gguf")
        answer = client.ask(MeasurePerplexity(str(path), text))[-1]
    assert isinstance(answer, Measured)
    perplexity, tokens = expected(text.encode())
    assert answer.tokens == tokens
    assert answer.perplexity == pytest.approx(perplexity, rel=1e-3)


def test_our_text_is_long_enough_for_a_vocabulary_of_long_words() -> None:
    text = measuring_text()
    assert len(text.split()) > 1024  # a token a word: two windows
    assert "\n\n" in text
    # both languages in like parts, and nothing that a template or a tokenizer takes for more than text
    assert 0.7 < text.count(" de ") / text.count(" of ") < 6
    assert not Counter(text).keys() & set("<>|{}\t\0")


def test_cancelling_a_measure_takes_effect_within_a_window(tmp_path: Path) -> None:
    with EngineClient(fake=False, log_path=tmp_path / "worker.log") as client:
        path = write_tiny_model(tmp_path / "tiny.gguf")
        number = client.send(MeasurePerplexity(str(path), "abcdefgh" * 100_000))
        seen = []
        while not (seen and isinstance(seen[-1], Progress) and seen[-1].stage == "measuring"):
            seen.append(client.next_event(number))
        client.cancel(number)
        rest = client.finish(number)
    assert rest[-1].error.code == "cancelled"  # type: ignore[union-attr]
    assert all(event.done < 0.5 for event in rest if isinstance(event, Progress))
