"""What came of quantizing, in words."""

import pytest

from desktop import i18n
from desktop.core.types import Problem
from desktop.core.types.models import Measured, QuantizedModel
from desktop.words import quantization as quantization_words
from engine.protocol import TensorShare
from engine.quantization import TYPES
from tests.fakes.samples import MODELS

MADE = QuantizedModel(MODELS[0], 270_000_000, 105_000_000, Measured(39.26, 765), Measured(42.71, 765))


def test_every_type_has_a_sentence_in_both_languages() -> None:
    assert list(quantization_words.TYPE_WORDS) == list(TYPES)
    english = [quantization_words.type_sentence(name) for name in TYPES]
    i18n.set_language("es")
    spanish = [quantization_words.type_sentence(name) for name in TYPES]
    assert not set(english) & set(spanish)
    assert quantization_words.type_sentence("Q9_X") == ""


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (39.26, 42.71, "39.26 before, 42.71 now (+8.8 %); lower is better"),
        (40.0, 39.0, "40.00 before, 39.00 now (−2.5 %); lower is better"),
        (None, 39.0, "39.00 now; lower is better"),
        (40.0, None, "40.00 before; lower is better"),
        (None, None, ""),
    ],
)
def test_both_measures_are_told_with_what_changed(
    before: float | None, after: float | None, said: str
) -> None:
    measures = (None if figure is None else Measured(figure, 765) for figure in (before, after))
    assert quantization_words.perplexities(QuantizedModel(MODELS[0], 1, 1, *measures)) == said


def told(**what: object) -> str:
    fields = {name: getattr(MADE, name) for name in MADE.__struct_fields__}
    return " ".join(quantization_words.notes(QuantizedModel(**{**fields, **what})))


def test_without_anything_special_there_is_nothing_to_note() -> None:
    assert told() == ""


def test_what_a_person_should_know_besides_is_said() -> None:
    assert "larger" in told(after_bytes=300_000_000)
    # a larger file of the same losses did not lose twice
    assert "twice" not in told(after_bytes=300_000_000, lossy_source=True)
    assert "lost twice" in told(lossy_source=True)
    shares = (TensorShare("Q5_0", 166, 78_000_000), TensorShare("F32", 106, 35_000))
    assert "180 of 272 tensors" in told(fell_back=180, shares=shares)
    problem = Problem("model_too_large", {"path": "/m/a.gguf", "needed_bytes": 9e9, "free_bytes": 1e9})
    assert "needs 9 GB" in told(unmeasured=problem)


def test_the_types_inside_are_told_with_their_shares_the_smallest_left_out() -> None:
    shares = (TensorShare("Q5_0", 166, 78_000), TensorShare("Q8_0", 15, 22_000), TensorShare("F32", 61, 35))
    found = quantization_words.types_inside(QuantizedModel(MODELS[0], 1, 1, shares=shares))
    assert found == "Q5_0 78%, Q8_0 22%"
