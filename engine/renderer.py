"""A model's prompts: counted, and shown token by token. Needs its vocabulary and template, no weights."""

from collections.abc import Sequence
from typing import Final

import msgspec

from engine.llama import Model
from engine.origins import attributed, respelled
from engine.prompt import common_length, keep_spelling, prompt_pieces, tokens_of
from engine.prompter import Prompter
from engine.protocol import Message, PromptToken, TemplateFacts, Templating
from engine.reply_stream import ReplyStream
from engine.template_texts import guess

TAIL_CHARACTERS: Final = 200  # of a prompt, enough to see a tag that it ends with


class Prompt(msgspec.Struct, frozen=True):
    """`tail`: how its text ends."""

    tokens: list[int]
    tail: str = ""


class Renderer:
    """May be used from two threads at once."""

    def __init__(self, model: Model, template_source: str | None, name: str) -> None:
        self._model = model
        self._prompter = Prompter(template_source, name, model.bos, model.eos)

    def facts(self) -> TemplateFacts:
        """What the model's own template is like."""
        return self._prompter.facts()

    def suggestion(self) -> str:
        """The template of ours that the vocabulary speaks for; "" where none does."""
        return guess(self._model.control_texts.holds)

    def prompt(
        self, messages: Sequence[Message], use: Templating, held: Sequence[int], *, continues: bool = False
    ) -> Prompt:
        """The prompt of a conversation; where the cache, which holds `held`, has its text, in those tokens.

        `continues`: up to the end of the last message, which is the beginning of the reply.

        Raises NoChatTemplate, BadChatTemplate, BadTemplateArguments, UnknownTemplate.
        """
        begun = self._prompter.begun(use) if continues else None
        pieces = prompt_pieces(self._model, self._prompter.template(use), messages, begun)
        tokens = keep_spelling(held, tokens_of(self._model, pieces), self._model.spell)
        return Prompt(tokens, pieces[-1][0][-TAIL_CHARACTERS:] if pieces else "")

    def stream(
        self, use: Templating, prompt: Prompt, stop: Sequence[str], *, continues: bool = False
    ) -> ReplyStream:
        """What takes in the reply to `prompt`, or the rest of one."""
        return self._prompter.stream(use, prompt.tail, stop, continues=continues)

    def render(
        self,
        messages: Sequence[Message],
        cuts: Sequence[Sequence[int]],
        use: Templating,
        held: Sequence[int],
    ) -> tuple[tuple[PromptToken, ...], int]:
        """The same tokens with their origins, and how many of them, from the first, are in `held`.

        Raises as `prompt` does.
        """
        origins = attributed(self._model, self._prompter.template(use), messages, cuts)
        ids = keep_spelling(held, [token.id for token in origins], self._model.spell)
        return tuple(respelled(origins, ids, self._model)), common_length(held, ids)
