"""What preparing and measuring give, as values. Imports no arithmetic, so that everyone may."""

from typing import Final, Literal

import msgspec

HELD_OUT: Final = ""  # stands in a file's place where a run is measured on what it held out itself


class DataInfo(msgspec.Struct, frozen=True):
    """What was prepared. `fingerprint` is of tokens and tokenizer: equal ones train alike."""

    fingerprint: str
    tokenizer: Literal["pieces", "characters"]
    vocab: int
    train_tokens: int
    validation_tokens: int
    validation_bytes: int  # of the text that they stand for: for bits per byte
    documents: int
    characters: int
    repeated_characters: int  # left out, as they had been said before
    unreadable: dict[str, str] = {}  # file: why
    frequent: dict[str, int] = {}  # the tokens that come most often, as they look
    used_tokens: int = 0  # of the vocabulary
    version: int = 1


class TextScore(msgspec.Struct, frozen=True):
    """On a text: the mean loss in nats a token, its exponential, and bits for each byte of the text, which
    models of different vocabularies can be compared by."""

    loss: float
    perplexity: float
    bits_per_byte: float
    tokens: int


class LabelScore(msgspec.Struct, frozen=True):
    """`confusion[right][said]` counts texts, both in the order of `labels`; `f1` of each label."""

    labels: tuple[str, ...]
    accuracy: float
    f1: dict[str, float]
    macro_f1: float
    confusion: tuple[tuple[int, ...], ...]


class Guess(msgspec.Struct, frozen=True):
    """A text, the label that is right for it, the one that was said, and how sure of it the model was,
    0..1. Of a question: what the answer should say, what it was, and 1 where it does say it, else 0."""

    text: str
    right: str
    said: str
    sure: float
