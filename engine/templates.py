"""Render a model's chat template. Counts no tokens and knows no model.

A template comes from the model file and is code: it runs in Jinja's immutable sandbox, set up as
transformers does it (https://huggingface.co/docs/transformers/chat_templating_writing), so that a
template renders here as its author saw it.
"""

import json
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from types import FrameType
from typing import Any

import jinja2
import jinja2.exceptions
import jinja2.ext
import jinja2.nodes
import jinja2.parser
import jinja2.runtime
import jinja2.sandbox

from engine.errors import BadChatTemplate, BadTemplateArguments, NoChatTemplate
from engine.protocol import Message, Role

BETWEEN_FOLDED = "\n\n"
RENDER_LIMIT_S = 2.0  # real ones take milliseconds for a whole conversation

# under these names templates look for what an assistant thought
_READS_THOUGHTS = re.compile(r"""[.'"](reasoning_content|thinking)\b""")

LARGEST_NUMBER_BITS = 4096
LONGEST_PRODUCT = 1 << 20
_WIDE_FIELD = re.compile(r"%[-+ #0]*(?:\*|[0-9]{5,}|[0-9]*\.(?:\*|[0-9]{5,}))")

TEMPLATE_FILE = "<template>"  # what Jinja calls one that came as a text

# what foreign code can provoke inside the sandbox
FOREIGN_FAILURES = (
    jinja2.TemplateError,
    ArithmeticError,
    AttributeError,
    LookupError,
    MemoryError,
    RuntimeError,
    TypeError,
    ValueError,
)


# what we say to a template ourselves
RESERVED = frozenset({"messages", "add_generation_prompt"})


class ChatTemplate:
    """A compiled template of one model.

    `model` names it in errors. Raises NoChatTemplate when `source` is empty: upstream would silently take
    another model's template. Raises BadChatTemplate when it does not compile.
    """

    def __init__(
        self,
        source: str | None,
        model: str,
        bos: str = "",
        eos: str = "",
        now: Callable[[], datetime] = datetime.now,
        limit_s: float | None = None,
    ) -> None:
        if not source or not source.strip():
            raise NoChatTemplate(model=model)
        self.source = source
        self._model = model
        self._limit_s = limit_s
        self._variables = {"bos_token": bos, "eos_token": eos, "strftime_now": lambda f: now().strftime(f)}
        self._endless: BadChatTemplate | None = None
        self._thoughts_names = set(_READS_THOUGHTS.findall(source))
        try:
            self._template = environment().from_string(source)
        except FOREIGN_FAILURES as error:
            raise BadChatTemplate(str(error), model=model) from error

    def render(self, messages: Sequence[Message], arguments: Mapping[str, Any] | None = None) -> str:
        """The prompt up to where the assistant's next turn begins; no part of a system prompt is lost.

        Some templates refuse a system prompt and some drop it: it is then put in front of the user's turn
        that follows it. Some refuse two turns of one role in a row: those are joined. `arguments` are
        variables of the template's own. Raises BadChatTemplate when the template fails all the same, and
        BadTemplateArguments when it does only with the arguments.
        """
        if not arguments:
            return self._kept(messages, {})
        refused = sorted(RESERVED & arguments.keys())
        if refused:
            raise BadTemplateArguments(model=self._model, names=", ".join(refused))
        try:
            return self._kept(messages, arguments)
        except BadChatTemplate as error:
            self._kept(messages, {})
            names = ", ".join(sorted(arguments))
            raise BadTemplateArguments(error.detail, model=self._model, names=names) from error

    def _kept(self, messages: Sequence[Message], arguments: Mapping[str, Any]) -> str:
        folded = fold_system(messages)
        try:
            prompt = self._conversation(messages, arguments)
        except BadChatTemplate as error:
            refusal = error
        else:
            if all(m.content.strip() in prompt for m in messages if m.role == "system"):
                return prompt
            return self._conversation(folded, arguments)
        for attempt in (folded, join_same_roles(folded)):
            try:
                return self._conversation(attempt, arguments)
            except BadChatTemplate:
                continue
        raise refusal

    def _conversation(self, messages: Sequence[Message], arguments: Mapping[str, Any]) -> str:
        plain = [self._plain(message) for message in messages]
        return self.render_as_is(**{**arguments, "messages": plain, "add_generation_prompt": True})

    def _plain(self, message: Message) -> dict[str, str]:
        """A message as templates know it. Thoughts go to those that ask for them, under the name they use."""
        plain = {"role": message.role, "content": message.content}
        if message.thoughts:
            plain |= dict.fromkeys(self._thoughts_names, message.thoughts)
        return plain

    def render_as_is(self, **variables: Any) -> str:
        """Render with these variables beside the model's own. Raises BadChatTemplate, also when it takes
        longer than any honest template does: it is not tried again then."""
        if self._endless is not None:
            raise self._endless
        try:
            with _limited(self._limit_s or RENDER_LIMIT_S):
                return self._template.render({**self._variables, **variables})
        except FOREIGN_FAILURES as error:
            refusal = BadChatTemplate(f"{type(error).__name__}: {error}", model=self._model)
            if isinstance(error, TooSlow):
                self._endless = refusal
            raise refusal from error


def fold_system(messages: Iterable[Message]) -> list[Message]:
    """Put each system message in front of the user's message that follows, or make it one at the end."""
    folded: list[Message] = []
    waiting: list[str] = []
    for message in messages:
        if message.role == "system":
            waiting.append(message.content)
        elif message.role == "user" and waiting:
            folded.append(Message("user", BETWEEN_FOLDED.join([*waiting, message.content])))
            waiting = []
        else:
            folded.append(message)
    if waiting:
        folded.append(Message("user", BETWEEN_FOLDED.join(waiting)))
    return folded


def join_same_roles(messages: Iterable[Message]) -> list[Message]:
    """Make one message of neighbours with the same role."""
    joined: list[Message] = []
    for message in messages:
        if joined and joined[-1].role == message.role:
            role: Role = message.role
            joined[-1] = Message(role, joined[-1].content + BETWEEN_FOLDED + message.content)
        else:
            joined.append(message)
    return joined


class TooSlow(RuntimeError):
    """A template that goes on and on."""


@contextmanager
def _limited(limit_s: float) -> Iterator[None]:
    """End foreign code in this thread after `limit_s`: looked at before each of its lines."""
    ends_at = time.monotonic() + limit_s

    def look(frame: FrameType, _event: str, _argument: Any) -> "Callable[..., Any] | None":
        if time.monotonic() > ends_at:
            raise TooSlow(f"not done after {limit_s:g} s")
        # line by line in the template itself; calls to Jinja's own code are over soon
        return look if frame.f_code.co_filename == TEMPLATE_FILE else None

    before = sys.gettrace()
    sys.settrace(look)
    try:
        yield
    finally:
        sys.settrace(before)


class _GenerationTag(jinja2.ext.Extension):
    """`{% generation %}` marks what a trainer learns from; rendering passes through it."""

    tags = {"generation"}  # noqa: RUF012 (declared so by Jinja)

    def parse(self, parser: jinja2.parser.Parser) -> list[jinja2.nodes.Node]:
        parser.stream.skip(1)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


class _Sandbox(jinja2.sandbox.ImmutableSandboxedEnvironment):
    """Refuses what one operation of Python would need hours or gigabytes for: no limit of time ends that."""

    intercepted_binops = frozenset({"**", "*", "%"})

    def call_binop(self, context: jinja2.runtime.Context, operator: str, left: Any, right: Any) -> Any:
        if operator == "**" and isinstance(left, int) and isinstance(right, int):
            too_large = left.bit_length() * max(0, right) > LARGEST_NUMBER_BITS
        elif operator == "*" and (hasattr(left, "__len__") or hasattr(right, "__len__")):
            text, times = (left, right) if hasattr(left, "__len__") else (right, left)
            too_large = isinstance(times, int) and len(text) * times > LONGEST_PRODUCT
        else:
            too_large = operator == "%" and isinstance(left, str) and bool(_WIDE_FIELD.search(left))
        if too_large:
            raise jinja2.exceptions.SecurityError(f"too much for the operator {operator}")
        return super().call_binop(context, operator, left, right)


def environment() -> jinja2.sandbox.ImmutableSandboxedEnvironment:
    """Where templates are compiled and rendered."""
    environment = _Sandbox(
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=[_GenerationTag, jinja2.ext.loopcontrols],
    )
    environment.filters["tojson"] = _to_json
    environment.globals["raise_exception"] = _raise_exception
    del environment.globals["lipsum"]  # as much text as a template likes, in one call
    return environment


def _to_json(
    value: Any,
    ensure_ascii: bool = False,
    indent: int | None = None,
    separators: tuple[str, str] | None = None,
    sort_keys: bool = False,
) -> str:
    """Jinja's own filter escapes HTML, which a prompt must not."""
    return json.dumps(
        value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys
    )


def _raise_exception(message: str) -> str:
    raise jinja2.TemplateError(message)
