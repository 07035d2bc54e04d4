"""Values about system prompts that the core hands out: of the library and of chats. Frozen."""

from typing import Final, Literal

import msgspec

SEPARATOR: Final = "/"  # between a prompt's folder and the one that it lies in: "Work/Letters"


class Example(msgspec.Struct, frozen=True):
    """A turn that the model is shown before the chat begins, as if it had answered like that."""

    question: str
    reply: str


class PromptContent(msgspec.Struct, frozen=True):
    """What a version of a prompt says. Texts hold variables, see `desktop.core.prompts.variables`.

    `defaults` are values of the person's own variables where a chat has none. `json_schema`: what replies
    must look like; "": free.
    """

    name: str = ""
    text: str = ""
    examples: tuple[Example, ...] = ()
    defaults: dict[str, str] = {}
    json_schema: str = ""

    @property
    def said(self) -> tuple[str, ...]:
        """Every text that may hold variables, in the order in which the model reads them."""
        turns = (text for example in self.examples for text in (example.question, example.reply))
        return (self.text, *turns)


class PromptInfo(msgspec.Struct, frozen=True):
    """A prompt as a list shows it. `version` 0: it is a draft that was never saved.

    A prompt that came with the program has no folder, `own` is False, and `language` is what it is in.
    """

    key: str
    name: str
    folder: str = ""  # with those that it is in: "Work/Letters"
    own: bool = True
    language: str = ""
    hidden: bool = False
    version: int = 0
    has_draft: bool = False  # something was written and not saved
    updated_at: float = 0.0  # seconds since the epoch; 0: it came with the program
    default_for: tuple[str, ...] = ()  # models by their paths whose new chats begin with it; "": all others


class Prompt(msgspec.Struct, frozen=True):
    """A prompt of the library. `draft`: what was written and not saved."""

    info: PromptInfo
    content: PromptContent
    draft: PromptContent | None = None


class PromptVersion(msgspec.Struct, frozen=True):
    number: int
    saved_at: float
    content: PromptContent


class WordChange(msgspec.Struct, frozen=True, array_like=True):
    """A stretch of text as two versions have it: in both, in the newer one alone, or in the older one."""

    kind: Literal["same", "added", "removed"]
    text: str


class PartChange(msgspec.Struct, frozen=True):
    """How one part of a prompt differs between two versions. `number`: of an example, from 1."""

    part: Literal["name", "text", "question", "reply", "defaults", "json_schema"]
    words: tuple[WordChange, ...]
    number: int = 0


PromptSource = Literal["chat", "model", "default", "settings"]


class ChatPrompt(msgspec.Struct, frozen=True):
    """What counts for a chat: the text as it was written, and as the model gets it.

    `key` is that of the library's prompt it was taken from, at `version`; "": of none. `source` says who
    gave it: the chat has its own, or it follows a default until its first turn.
    """

    content: PromptContent
    key: str = ""
    version: int = 0
    source: PromptSource = "chat"
    values: dict[str, str] = {}  # of the person's own variables, for this chat
    wanted: tuple[str, ...] = ()  # variables of the person's own that it has, in their order
    missing: tuple[str, ...] = ()  # those of them that have neither a value nor a default
    text: str = ""  # what the model gets; variables that are missing stand in it as they were written
    examples: tuple[Example, ...] = ()
    differs: bool = False  # from that version of the library's
    newest: int = 0  # version of the library's prompt; 0: it is gone, or there is none


class PromptsImported(msgspec.Struct, frozen=True):
    """What came of a file. Those that were there already, word for word, are not added again."""

    added: tuple[str, ...] = ()  # keys
    present: int = 0


class KeptPrompt(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is stored with a chat beside its system prompt's text. `fixed` are the program's own variables
    as they were when the chat was last given them; see packaging/decisions/0106."""

    own: bool = False  # a person chose or wrote it: no default replaces it
    key: str = ""
    version: int = 0
    name: str = ""
    examples: tuple[Example, ...] = ()
    defaults: dict[str, str] = {}
    json_schema: str = ""
    values: dict[str, str] = {}
    fixed: dict[str, str] = {}
