"""What counts for a chat, from what is stored with it. Reads no store, asks no engine."""

from collections.abc import Mapping

from msgspec.structs import replace

from desktop.core.prompts.variables import expanded, wanted
from desktop.core.types.prompts import ChatPrompt, Example, KeptPrompt, PromptContent, PromptSource


def content_of(kept: KeptPrompt, text: str) -> PromptContent:
    """The chat's prompt as a prompt of the library would have it."""
    return PromptContent(kept.name, text, kept.examples, kept.defaults, kept.json_schema)


def kept_of(content: PromptContent, before: KeptPrompt, *, key: str = "", version: int = 0) -> KeptPrompt:
    """To be stored when a chat is given `content`, beside its text; values that it has stay."""
    return replace(
        before,
        own=True,
        key=key,
        version=version,
        name=content.name,
        examples=content.examples,
        defaults=content.defaults,
        json_schema=content.json_schema,
    )


def chat_prompt(
    kept: KeptPrompt,
    text: str,
    fixed: Mapping[str, str],
    library: PromptContent | None = None,
    newest: int = 0,
    source: PromptSource = "chat",
) -> ChatPrompt:
    """`fixed`: the program's own variables for the next turn. `library`: what the library's prompt says at
    the version the chat has, where it still is there; `newest`: its newest version."""
    content = content_of(kept, text)
    own = wanted(content.said)
    known = {name: value for name, value in {**kept.defaults, **kept.values}.items() if value.strip()}
    given = {name: kept.values[name] for name in own if kept.values.get(name, "").strip()}
    values = {**known, **fixed}
    examples = (
        Example(expanded(one.question, values), expanded(one.reply, values)) for one in content.examples
    )
    return ChatPrompt(
        content,
        kept.key,
        kept.version,
        source,
        given,
        own,
        tuple(name for name in own if name not in known),
        expanded(content.text, values).strip(),
        tuple(one for one in examples if one.question.strip() and one.reply.strip()),
        differs=library is not None and replace(library, name=content.name) != content,
        newest=newest,
    )
