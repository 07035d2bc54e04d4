"""The library as a person sees it: their own prompts and those that came with the program. Opens no file.

Functions work on an open store, on its thread. What came with the program stands in the code, has keys such
as "explain.en", is found in both languages and never changes: it is duplicated or hidden.
"""

import re
from typing import Final

from msgspec.structs import replace

from desktop.core.chats.prompts import PromptStore
from desktop.core.errors import PromptNotNamed, PromptTooLong, ReadyMadePrompt, UnknownPrompt
from desktop.core.prompts import ready_en, ready_es
from desktop.core.stream_safe import normalized
from desktop.core.types.prompts import SEPARATOR, Prompt, PromptContent, PromptInfo, PromptVersion

NAME_CHARACTERS: Final = 80
CHARACTERS: Final = 200_000  # of all texts together: far more than any context window has room for

_ACCENTS: Final = re.compile("[\u0300-\u036f]")
_READY: Final = {"en": ready_en.READY, "es": ready_es.READY}


def ready_made(key: str) -> PromptContent | None:
    """What came with the program under this key, such as "explain.en"."""
    name, _, language = key.rpartition(".")
    return _READY.get(language, {}).get(name)


def listed(store: PromptStore, query: str = "", *, hidden: bool = False) -> tuple[PromptInfo, ...]:
    """By name, the person's own first. With a query, those that hold all its words, however accented.

    `hidden`: with those of the program's that the person does not want to see.
    """
    words = _folded(query).split()
    found = (prompt for prompt in _all(store) if hidden or not prompt.info.hidden)
    return tuple(prompt.info for prompt in found if _holds(prompt, words))


def opened(store: PromptStore, key: str) -> Prompt:
    """Raises UnknownPrompt."""
    hidden, defaults = store.hidden_prompts(), store.default_prompts()
    content = ready_made(key)
    if content is None:
        return _marked(store.prompt(key), hidden, defaults)
    return _marked(_came_along(key, content), hidden, defaults)


def saved_one(store: PromptStore, key: str) -> Prompt:
    """One that a chat can be given. Raises UnknownPrompt, for a draft that was never saved too."""
    prompt = opened(store, key)
    if not prompt.info.version:
        raise UnknownPrompt(key=key)
    return prompt


def versions(store: PromptStore, key: str) -> tuple[PromptVersion, ...]:
    """The newest first. Raises UnknownPrompt."""
    content = ready_made(key)
    if content is not None:
        return (PromptVersion(1, 0.0, content),)
    store.prompt(key)
    return store.prompt_versions(key)


def content_at(store: PromptStore, key: str, version: int) -> tuple[PromptContent | None, int]:
    """What a version says, and which is the newest; (None, 0) where the prompt is gone."""
    try:
        found = versions(store, key)
    except UnknownPrompt:
        return None, 0
    newest = found[0].number if found else 0
    return next((one.content for one in found if one.number == version), None), newest


def saved(store: PromptStore, key: str, content: PromptContent, folder: str) -> Prompt:
    """Key "": a new prompt. Raises ReadyMadePrompt, PromptNotNamed, PromptTooLong."""
    return store.save_prompt(own(key), checked(content), folder_path(folder))


def draft_saved(store: PromptStore, key: str, content: PromptContent | None, folder: str) -> None:
    """Raises ReadyMadePrompt, PromptTooLong."""
    draft = limited(content) if content is not None else None
    store.save_prompt_draft(own(key), draft, folder_path(folder))


def hide(store: PromptStore, key: str, *, hidden: bool) -> None:
    """Raises UnknownPrompt for what did not come with the program."""
    if ready_made(key) is None:
        raise UnknownPrompt(key=key)
    store.hide_prompt(key, hidden)


def set_default(store: PromptStore, key: str, model: str) -> None:
    """Key "": none. Raises UnknownPrompt."""
    if key:
        saved_one(store, key)
    store.set_default_prompt(model, key)


def duplicated(store: PromptStore, key: str) -> Prompt:
    """A copy with the first number from 2 on that no prompt's name has. Raises UnknownPrompt."""
    original = opened(store, key)
    taken = {prompt.info.name for prompt in _all(store)}
    name, number = original.info.name[: NAME_CHARACTERS - 6], 2
    while f"{name} ({number})" in taken:
        number += 1
    content = replace(original.draft or original.content, name=f"{name} ({number})")
    return store.save_prompt("", content, original.info.folder)


def checked(content: PromptContent) -> PromptContent:
    """With a name in one line, and without examples that are empty. Raises PromptNotNamed, PromptTooLong."""
    name = one_line(content.name)
    if not name or len(name) > NAME_CHARACTERS:
        raise PromptNotNamed(limit=NAME_CHARACTERS)
    examples = tuple(one for one in content.examples if one.question.strip() or one.reply.strip())
    return limited(replace(content, name=name, examples=examples))


def limited(content: PromptContent) -> PromptContent:
    """Raises PromptTooLong."""
    values = (*content.defaults, *content.defaults.values())
    characters = sum(map(len, (*content.said, *values, content.json_schema)))
    if characters > CHARACTERS:
        raise PromptTooLong(characters=characters, limit=CHARACTERS)
    return content


def own(key: str) -> str:
    """`key`, where it is none of the program's. Raises ReadyMadePrompt."""
    if ready_made(key) is not None:
        raise ReadyMadePrompt(key=key)
    return key


def one_line(name: str) -> str:
    return " ".join(name.split())


def folder_path(name: str) -> str:
    """A folder's name with those of the folders that it is in, the outermost first: "Work/Letters"."""
    return SEPARATOR.join(part for part in map(one_line, name.split(SEPARATOR)) if part)


def _all(store: PromptStore) -> tuple[Prompt, ...]:
    hidden, defaults = store.hidden_prompts(), store.default_prompts()
    ours = (
        _came_along(f"{name}.{language}", content)
        for language, ready in _READY.items()
        for name, content in ready.items()
    )
    theirs = sorted(store.prompts(), key=lambda one: _folded(one.info.name))
    return tuple(_marked(prompt, hidden, defaults) for prompt in (*theirs, *ours))


def _came_along(key: str, content: PromptContent) -> Prompt:
    language = key.rpartition(".")[2]
    return Prompt(PromptInfo(key, content.name, own=False, language=language, version=1), content)


def _marked(prompt: Prompt, hidden: frozenset[str], defaults: dict[str, str]) -> Prompt:
    key = prompt.info.key
    models = tuple(sorted(model for model, chosen in defaults.items() if chosen == key))
    info = replace(prompt.info, hidden=not prompt.info.own and key in hidden, default_for=models)
    return replace(prompt, info=info)


def _holds(prompt: Prompt, words: list[str]) -> bool:
    content = prompt.draft or prompt.content
    text = _folded("\n".join((prompt.info.name, prompt.info.folder, *content.said))) if words else ""
    return all(word in text for word in words)


def _folded(text: str) -> str:
    """Lower case without accents, as chats are searched."""
    return _ACCENTS.sub("", normalized("NFD", text.casefold()))
