"""What a chat template is like: whether it works, what it reads, how its model is told to think.

Runs foreign code, so only in a process that may be killed. Loads no model.
"""

from collections.abc import Mapping
from typing import Any, Final

import jinja2
import jinja2.meta
import jinja2.nodes

from engine.errors import BadChatTemplate, EngineError, NoChatTemplate
from engine.protocol import Message, TemplateFacts, Thinking
from engine.templates import FOREIGN_FAILURES, ChatTemplate, environment

# what every program hands to a template, so that nobody need be told of it
USUAL: Final = frozenset(
    {
        "messages",
        "add_generation_prompt",
        "bos_token",
        "eos_token",
        "pad_token",
        "unk_token",
        "tools",
        "documents",
        "strftime_now",
        "raise_exception",
    }
)
# variable: what says "think", what says "do not". None: nothing need be said
SWITCHES: Final[Mapping[str, tuple[Any, Any]]] = {
    "enable_thinking": (True, False),  # Qwen3, GLM, SmolLM3, EXAONE, Gemma 4 and most others
    "thinking": (True, False),  # Granite, DeepSeek V3.1
    "reasoning": (True, False),  # Cohere
    "enable_reasoning": (True, False),
    "thinking_budget": (None, 0),  # Seed-OSS
    "reasoning_effort": ("high", "low"),  # gpt-oss, which cannot stop altogether
}
NO_EFFORT: Final = "none"  # of those templates that know this word
SYSTEM, QUESTION, REPLY = "Answer in short sentences.", "How are you?", "Fine, thank you."


def examine(
    source: str | None, model: str = "", bos: str = "", eos: str = "", limit_s: float | None = None
) -> TemplateFacts:
    """Compile and render a template once, with a short conversation. Raises nothing."""
    try:
        template = ChatTemplate(source, model, bos, eos, limit_s=limit_s)
        prompt = template.render(_conversation(QUESTION))
        if QUESTION not in prompt:
            raise BadChatTemplate("the question is not in what it renders", model=model)
        folds = _folds_system(template)
        names = variables(template.source)
    except NoChatTemplate:
        return TemplateFacts("none")
    except EngineError as error:
        return TemplateFacts("broken", why=error.detail)
    return TemplateFacts("fine", "", folds, names, can_think=any(name in SWITCHES for name in names))


def variables(source: str) -> tuple[str, ...]:
    """What a template reads beside the usual variables and asks for by name. Raises BadChatTemplate.

    A name that it also sets itself counts where it asks, before that, whether somebody else did.
    """
    try:
        tree = environment().parse(source)
        read = jinja2.meta.find_undeclared_variables(tree)
    except FOREIGN_FAILURES as error:
        raise BadChatTemplate(str(error), model="") from error
    names = list(tree.find_all(jinja2.nodes.Name))
    macros = {macro.name for macro in tree.find_all(jinja2.nodes.Macro)}
    macros |= {name.name for name in names if name.ctx == "param"}
    set_at: dict[str, int] = {}  # line by name
    for name in names:
        if name.ctx == "store":
            set_at[name.name] = min(name.lineno, set_at.get(name.name, name.lineno))
    asked = {
        test.node.name
        for test in tree.find_all((jinja2.nodes.Test, jinja2.nodes.Filter))
        if test.name in ("defined", "undefined", "default", "d")
        and isinstance(test.node, jinja2.nodes.Name)
        and test.lineno <= set_at.get(test.node.name, test.lineno)
    }
    known = USUAL | macros | environment().globals.keys()
    return tuple(sorted((read - set_at.keys() | read & asked) - known))


def switches(source: str, thinking: Thinking) -> dict[str, Any]:
    """The arguments that tell this template whether its model shall think; none where it cannot be told."""
    if thinking == "automatic":
        return {}
    names = variables(source)
    found: dict[str, Any] = {}
    for name, (on, off) in SWITCHES.items():
        value = on if thinking == "on" else off
        if name == "reasoning_effort" and thinking == "off" and _knows(source, NO_EFFORT):
            value = NO_EFFORT
        if name in names and value is not None:
            found[name] = value
    return found


def _knows(source: str, word: str) -> bool:
    return any(
        constant.value == word for constant in environment().parse(source).find_all(jinja2.nodes.Const)
    )


def _conversation(question: str) -> list[Message]:
    turns = (("user", QUESTION), ("assistant", REPLY), ("user", question))
    return [Message("system", SYSTEM), *(Message(role, text) for role, text in turns)]  # type: ignore[arg-type]


def _folds_system(template: ChatTemplate) -> bool:
    plain = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": QUESTION}]
    try:
        return SYSTEM not in template.render_as_is(messages=plain, add_generation_prompt=True)
    except BadChatTemplate:
        return True
