"""What makes a model's prompts: its own template, one of ours, one that a person brought, or none at all.

Keeps the compiled templates of one model. Tokenizes nothing.
"""

from collections.abc import Callable, Sequence
from typing import Any

from engine.errors import BadChatTemplate, BadTemplateArguments
from engine.prompt import Template
from engine.protocol import Message, TemplateFacts, Templating, Thinking
from engine.reply_stream import ReplyStream
from engine.template_facts import examine, switches
from engine.template_texts import COMPLETION, CUSTOM, known_template
from engine.templates import ChatTemplate
from engine.thoughts import Untouched, splitter_for, written


class Prompter:
    """`own` is the template of the model's file, None where it has none; `model` names it in errors."""

    def __init__(self, own: str | None, model: str, bos: str = "", eos: str = "") -> None:
        self._own, self._model, self._bos, self._eos = own, model, bos, eos
        self._templates: dict[str, ChatTemplate] = {}
        self._switches: dict[tuple[str, Thinking], dict[str, Any]] = {}
        self._broken = ""

    def facts(self) -> TemplateFacts:
        """Of the model's own template. One that turns out broken is not tried again."""
        facts = examine(self._own, self._model, self._bos, self._eos)
        if facts.state == "broken":
            self._broken = facts.why
        return facts

    def template(self, use: Templating) -> Template:
        """What renders as `use` says. Its `render` may raise BadChatTemplate and BadTemplateArguments.

        Raises NoChatTemplate, BadChatTemplate, UnknownTemplate.
        """
        if use.template == COMPLETION:
            return Continuation()
        template = self._compiled(use)
        return _Bound(template, use.arguments, self._switched(template.source, use.thinking))

    def begun(self, use: Templating) -> Callable[[str, Message], str]:
        """What a model wrote, after a prompt, when its reply says so much. Raises as `template` does."""
        if use.template == COMPLETION:
            return lambda _prompt, reply: reply.content
        source = self._compiled(use).source
        return lambda prompt, reply: written(source, prompt, reply.content, reply.thoughts)

    def stream(
        self, use: Templating, tail: str, stop: Sequence[str] = (), *, continues: bool = False
    ) -> ReplyStream:
        """What takes in the reply to a prompt that ends with `tail`; `continues`: the rest of an answer.

        Raises as `template` does.
        """
        if use.template == COMPLETION:
            return ReplyStream(Untouched(), stop)
        ends = () if use.template in ("", CUSTOM) else known_template(use.template).stop
        splitter = Untouched() if continues else splitter_for(self._compiled(use).source, tail)
        return ReplyStream(splitter, (*stop, *ends))

    def _compiled(self, use: Templating) -> ChatTemplate:
        source = self._source(use)
        if source is not None and source in self._templates:
            return self._templates[source]
        template = ChatTemplate(source, self._model, self._bos, self._eos)
        self._templates[template.source] = template
        return template

    def _source(self, use: Templating) -> str | None:
        if use.template == CUSTOM:
            return use.source
        if use.template:
            return known_template(use.template).source
        if self._broken:
            raise BadChatTemplate(self._broken, model=self._model)
        return self._own

    def _switched(self, source: str, thinking: Thinking) -> dict[str, Any]:
        key = (source, thinking)
        if key not in self._switches:
            self._switches[key] = switches(source, thinking)
        return self._switches[key]


class _Bound:
    """A template with the arguments of one request."""

    def __init__(self, template: ChatTemplate, arguments: dict[str, Any], switched: dict[str, Any]) -> None:
        self.source = template.source
        self._render: Callable[..., str] = template.render
        self._arguments, self._switched = arguments, switched

    def render(self, messages: Sequence[Message]) -> str:
        if self._switched:
            try:
                return self._render(messages, {**self._switched, **self._arguments})
            except BadTemplateArguments:
                pass  # a wish for all models, which this one's template does not take
        return self._render(messages, self._arguments)


class Continuation:
    """No template: all that was said, one after the other, as one text to be gone on with.

    The system prompt is no part of the text. What a person writes begins on a new line, unless it or what
    stands before brings its own space.
    """

    source = ""

    def render(self, messages: Sequence[Message]) -> str:
        text = ""
        for message in messages:
            if message.role == "system" or not message.content:
                continue
            apart = not text or text[-1].isspace() or message.content[0].isspace()
            text += message.content if apart or message.role == "assistant" else "\n" + message.content
        return text
