"""A model's prompts: counted, and shown token by token. Needs its vocabulary and template, no weights."""

from collections.abc import Sequence

from engine.llama import Model
from engine.origins import attributed, respelled
from engine.prompt import common_length, keep_spelling, prompt_tokens
from engine.protocol import Message, PromptToken
from engine.templates import ChatTemplate


class Renderer:
    """May be used from two threads at once."""

    def __init__(self, model: Model, template_source: str | None, name: str) -> None:
        self._model = model
        self._source = template_source
        self._name = name
        self._template: ChatTemplate | None = None

    def tokens(self, messages: Sequence[Message], held: Sequence[int]) -> list[int]:
        """The prompt of a conversation; where the cache, which holds `held`, has its text, in those tokens.

        Raises NoChatTemplate, BadChatTemplate.
        """
        tokens = prompt_tokens(self._model, self._need_template(), messages)
        return keep_spelling(held, tokens, self._model.spell)

    def render(
        self, messages: Sequence[Message], cuts: Sequence[Sequence[int]], held: Sequence[int]
    ) -> tuple[tuple[PromptToken, ...], int]:
        """The same tokens with their origins, and how many of them, from the first, are in `held`.

        Raises NoChatTemplate, BadChatTemplate.
        """
        origins = attributed(self._model, self._need_template(), messages, cuts)
        ids = keep_spelling(held, [token.id for token in origins], self._model.spell)
        return tuple(respelled(origins, ids, self._model)), common_length(held, ids)

    def _need_template(self) -> ChatTemplate:
        if self._template is None:
            self._template = ChatTemplate(self._source, self._name, self._model.bos, self._model.eos)
        return self._template
