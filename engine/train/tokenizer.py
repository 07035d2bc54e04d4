"""Text to tokens and back: byte-level BPE, or one token a character. Built on `tokenizers`.

Both are byte-level BPE as GPT-2 has it, so that llama.cpp, which knows no tokenizer of characters, cuts
text the same way: the merges of a character tokenizer only put a character's bytes together.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from tokenizers import Tokenizer as Fast
from tokenizers import decoders, pre_tokenizers, trainers
from tokenizers.models import BPE

from engine.train.errors import TextTooSmall, TokenizerUnusable

END: Final = "<|endoftext|>"  # ends a document
TURN_START: Final = "<|im_start|>"  # ChatML's two, so that a model trained here can learn to chat
TURN_END: Final = "<|im_end|>"
SPECIAL: Final = (END, TURN_START, TURN_END)
SMALLEST: Final = 256 + len(SPECIAL)  # every byte, and the special tokens
MAX_VOCAB: Final = 1 << 17


class Tokenizer:
    """Ids of special tokens come first. A character tokenizer leaves out what it never saw."""

    def __init__(self, fast: Fast) -> None:
        self._fast = fast
        self.end = self._id(END)
        self.turn_start = self._id(TURN_START)
        self.turn_end = self._id(TURN_END)

    def _id(self, token: str) -> int:
        number = self._fast.token_to_id(token)
        if number is None:
            raise TokenizerUnusable(f"no token {token}")
        return int(number)

    @property
    def size(self) -> int:
        """Tokens in the vocabulary."""
        return int(self._fast.get_vocab_size())

    @property
    def characters(self) -> bool:
        """Whether it has a token a character, and no words."""
        return all(_is_character(token) for token in self.vocabulary if token not in SPECIAL)

    @property
    def vocabulary(self) -> list[str]:
        """The tokens by id, their bytes written as GPT-2 writes them."""
        ids = self._fast.get_vocab()
        return sorted(ids, key=lambda token: int(ids[token]))

    @property
    def merges(self) -> list[str]:
        """The pairs that are joined, "left right", first those that are joined first."""
        import json

        found = json.loads(self._fast.to_str())["model"]["merges"]
        return [pair if isinstance(pair, str) else " ".join(pair) for pair in found]

    def encode(self, text: str) -> list[int]:
        """Special tokens written in a text are text like any other: only `special` makes them tokens."""
        return list(self._fast.encode(text, add_special_tokens=False).ids)

    def encode_all(self, texts: Sequence[str]) -> list[list[int]]:
        """Many at once, on every core."""
        return [list(found.ids) for found in self._fast.encode_batch(list(texts), add_special_tokens=False)]

    def decode(self, tokens: Iterable[int], *, special: bool = False) -> str:
        """`special`: show special tokens as they are written. Half a character shows as U+FFFD."""
        return str(self._fast.decode(list(tokens), skip_special_tokens=not special))

    def pieces(self, tokens: Iterable[int]) -> list[str]:
        """Each token as it looks, alone."""
        return [self.decode([token], special=True) for token in tokens]

    def save(self, path: Path) -> None:
        """As Hugging Face's tokenizer.json."""
        self._fast.save(str(path))

    @classmethod
    def load(cls, path: Path) -> "Tokenizer":
        """Raises TokenizerUnusable."""
        try:
            fast = Fast.from_file(str(path))
        except Exception as error:
            raise TokenizerUnusable(str(error), path=str(path)) from error
        return cls(_guarded(fast))


def learn_pieces(texts: Iterator[str], vocab: int) -> Tokenizer:
    """Byte-level BPE (https://aclanthology.org/P16-1162) of at most `vocab` tokens, learnt from `texts`.

    Raises TokenizerUnusable for a size that cannot hold every byte.
    """
    if not SMALLEST <= vocab <= MAX_VOCAB:
        raise TokenizerUnusable(name="vocab", value=vocab, low=SMALLEST, high=MAX_VOCAB)
    fast = _empty(BPE())
    trainer = trainers.BpeTrainer(
        vocab_size=vocab,
        special_tokens=list(SPECIAL),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    fast.train_from_iterator(texts, trainer)
    return Tokenizer(_guarded(fast))


def learn_characters(texts: Iterable[str]) -> Tokenizer:
    """A token for each character that occurs. Raises TextTooSmall where there is none."""
    found: set[str] = set()
    for text in texts:
        found.update(text)
    if not found:
        raise TextTooSmall(tokens=0, needed=1)
    vocab = {token: number for number, token in enumerate(SPECIAL)}
    merges: list[tuple[str, str]] = []
    for character in sorted(found):
        written = _written(character)
        for byte in written:
            vocab.setdefault(byte, len(vocab))
        # joined from the left: its beginnings become tokens too
        for end in range(2, len(written) + 1):
            if written[:end] not in vocab:
                vocab[written[:end]] = len(vocab)
                merges.append((written[: end - 1], written[end - 1]))
    fast = _empty(BPE(vocab=vocab, merges=merges))
    fast.add_special_tokens(list(SPECIAL))
    return Tokenizer(_guarded(fast))


def _empty(model: Any) -> Fast:
    fast = Fast(model)
    fast.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    fast.decoder = decoders.ByteLevel()
    return fast


def _guarded(fast: Fast) -> Fast:
    """What a text says of special tokens stays text: a document must not end itself."""
    fast.encode_special_tokens = True
    return fast


def _written(text: str) -> str:
    """The bytes of a text as GPT-2 writes them: one visible character each."""
    table = byte_characters()
    return "".join(table[byte] for byte in text.encode())


def byte_characters() -> list[str]:
    """How each of the 256 bytes is written: itself where it is visible, else from U+0100 on.

    https://github.com/openai/gpt-2/blob/master/src/encoder.py
    """
    visible = {*range(33, 127), *range(161, 173), *range(174, 256)}
    others = iter(range(256, 512))
    return [chr(byte) if byte in visible else chr(next(others)) for byte in range(256)]


def _is_character(token: str) -> bool:
    """Whether a token is one character, or a part of one."""
    bytes_ = {written: number for number, written in enumerate(byte_characters())}
    raw = bytes(bytes_[letter] for letter in token)
    return len(raw.decode(errors="replace")) <= 1 or (len(raw) < 4 and raw[0] >= 0xC0)
