"""How a model of a Hugging Face folder writes: its tokenizer.json and its chat template."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer as Fast

from engine.origins import attributed
from engine.prompt import ControlTexts
from engine.protocol import Message
from engine.templates import ChatTemplate
from engine.train.errors import TokenizerUnusable
from engine.train.tokenizer import byte_characters


class FolderCoder:
    """Conforms to `engine.train.coders.Coder`, and to `engine.origins.Writing`."""

    prepended = None  # a text is learnt as it is

    def __init__(self, path: Path) -> None:
        """Raises TokenizerUnusable."""
        try:
            file = str(path / "tokenizer.json")
            self._special, self._plain = Fast.from_file(file), Fast.from_file(file)
            self._plain.encode_special_tokens = True
            self._said = _json(path / "tokenizer_config.json")
        except Exception as error:
            raise TokenizerUnusable(str(error), path=str(path)) from error
        told = self._special.get_added_tokens_decoder()
        self._control = {number: token.content for number, token in told.items() if token.special}
        self.control_texts = ControlTexts(self._control.values())
        # a template of its own stands in a file of its own since version 5
        beside = path / "chat_template.jinja"
        self._template = beside.read_text("utf-8") if beside.exists() else self._said.get("chat_template")
        self._name = path.name
        self._bytes = {letter: number for number, letter in enumerate(byte_characters())}
        self._ends = self._ids("eos_token") or set(list(self._control)[:1])

    def _ids(self, key: str) -> set[int]:
        text = _content(self._said.get(key))
        number = self._special.token_to_id(text) if text else None
        return set() if number is None else {int(number)}

    @property
    def end(self) -> int:
        return min(self._ends, default=0)

    @property
    def stops(self) -> frozenset[int]:
        return frozenset(self._ends)

    def encode(self, text: str) -> list[int]:
        return self.tokenize(text, special=False)

    def decode(self, tokens: Sequence[int]) -> str:
        return str(self._special.decode(list(tokens), skip_special_tokens=True))

    def tokenize(self, text: str, *, special: bool) -> list[int]:
        fast = self._special if special else self._plain
        return list(fast.encode(text, add_special_tokens=False).ids)

    def written(self, token: int) -> bytes:
        if token in self._control:
            return self._control[token].encode()
        text = str(self._special.id_to_token(token) or "")
        if all(letter in self._bytes for letter in text):  # byte-level: half a character is written exactly
            return bytes(self._bytes[letter] for letter in text)
        if text.startswith("<0x") and len(text) == 6:  # as SentencePiece writes a single byte
            return bytes([int(text[3:5], 16)])
        return text.replace("\N{LOWER ONE EIGHTH BLOCK}", " ").encode()

    def conversation(self, messages: Sequence[Message]) -> list[tuple[int, int]]:
        """Raises NoChatTemplate, BadChatTemplate."""
        return [(token.id, token.message) for token in attributed(self, self._chat(), messages)]

    def prompt(self, messages: Sequence[Message]) -> list[int]:
        """Raises NoChatTemplate, BadChatTemplate."""
        return [token for token, _ in self.conversation(messages)]

    def _chat(self) -> ChatTemplate:
        begin, end = _content(self._said.get("bos_token")), _content(self._said.get("eos_token"))
        return ChatTemplate(self._template, self._name, begin, end)


def _json(path: Path) -> dict[str, Any]:
    found = json.loads(path.read_text("utf-8")) if path.exists() else {}
    return found if isinstance(found, dict) else {}


def _content(token: Any) -> str:
    """A token is written as text, or as an object that holds its text."""
    return str(token.get("content", "")) if isinstance(token, dict) else str(token or "")
