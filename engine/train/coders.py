"""Conversations as tokens, each with whose words it is: for a tokenizer of ours, and for a GGUF file's.

What a person wrote never becomes a control token; only the template's own text does.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from engine.protocol import Message, Templating
from engine.train.tokenizer import Tokenizer

TEMPLATE = -1  # a token of no message


class Coder(Protocol):
    """A model's way of writing."""

    @property
    def end(self) -> int:
        """The token that ends a document."""
        ...

    @property
    def stops(self) -> frozenset[int]:
        """Tokens that end an answer."""
        ...

    def encode(self, text: str) -> list[int]: ...

    def decode(self, tokens: Sequence[int]) -> str: ...

    def conversation(self, messages: Sequence[Message]) -> list[tuple[int, int]]:
        """(token, number of the message or TEMPLATE) of a whole conversation."""
        ...

    def prompt(self, messages: Sequence[Message]) -> list[int]:
        """A conversation up to where the assistant begins to answer."""
        ...


class OwnCoder:
    """A tokenizer from the workshop, and ChatML."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self.tokenizer = tokenizer

    @property
    def end(self) -> int:
        return self.tokenizer.end

    @property
    def stops(self) -> frozenset[int]:
        return frozenset([self.tokenizer.end, self.tokenizer.turn_end])

    def encode(self, text: str) -> list[int]:
        return self.tokenizer.encode(text)

    def decode(self, tokens: Sequence[int]) -> str:
        return self.tokenizer.decode(tokens)

    def conversation(self, messages: Sequence[Message]) -> list[tuple[int, int]]:
        tokens: list[tuple[int, int]] = []
        for number, message in enumerate(messages):
            tokens += [(token, TEMPLATE) for token in self._opening(message.role)]
            tokens += [(token, number) for token in self.tokenizer.encode(message.content)]
            tokens.append((self.tokenizer.turn_end, TEMPLATE))
            tokens += [(token, TEMPLATE) for token in self.tokenizer.encode("\n")]
        return tokens

    def prompt(self, messages: Sequence[Message]) -> list[int]:
        return [*(token for token, _ in self.conversation(messages)), *self._opening("assistant")]

    def _opening(self, role: str) -> list[int]:
        return [self.tokenizer.turn_start, *self.tokenizer.encode(f"{role}\n")]


class GgufCoder:
    """The vocabulary and chat template of a GGUF file, by llama.cpp itself: no weights are loaded."""

    def __init__(self, path: Path) -> None:
        """Raises what opening a model raises: `engine.errors.ModelFileError`."""
        # here: text that is learnt from needs no llama.cpp
        from engine.gguf_header import inspect_whole
        from engine.llama import Library, Model
        from engine.renderer import Renderer
        from engine.stop import StopFlag

        header = inspect_whole(str(path))
        self._model = Model(Library(), str(path), 0, None, StopFlag(), vocabulary_only=True)
        self._renderer = Renderer(self._model, header.chat_template, header.title)
        size = self._model.vocabulary_tokens
        self._stops = frozenset(token for token in range(size) if self._model.ends(token))

    @property
    def end(self) -> int:
        return min(self._stops, default=0)

    @property
    def stops(self) -> frozenset[int]:
        return self._stops

    def encode(self, text: str) -> list[int]:
        return list(self._model.tokenize(text, special=False))

    def decode(self, tokens: Sequence[int]) -> str:
        return b"".join(self._model.piece(token) for token in tokens).decode(errors="replace")

    def conversation(self, messages: Sequence[Message]) -> list[tuple[int, int]]:
        found, _ = self._renderer.render(tuple(messages), (), Templating(), ())
        return [(token.id, token.message) for token in found]

    def prompt(self, messages: Sequence[Message]) -> list[int]:
        return list(self._renderer.prompt(messages, Templating(), ()).tokens)

    def close(self) -> None:
        self._model.close()
