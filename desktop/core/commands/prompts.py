"""Commands about system prompts, as values, and how each is carried out. Prints nothing.

A prompt is named by its key or its name: the person's own go before those that came with the program, and
of these the language in use before the other.
"""

from collections.abc import Callable
from typing import Any, assert_never

import msgspec

from desktop import i18n
from desktop.core.contract.prompts import PromptsCore
from desktop.core.errors import UnknownPrompt, UnknownPromptVersion
from desktop.core.operations import Operation
from desktop.core.types.prompts import Prompt, PromptInfo, PromptsImported, PromptVersion

Wait = Callable[[Operation[Any]], Any]


class ListPrompts(msgspec.Struct, frozen=True, tag=True):
    """PromptsListed. `hidden`: also those that the person hid."""

    query: str = ""
    hidden: bool = False


class ShowPrompt(msgspec.Struct, frozen=True, tag=True):
    """PromptShown. `version` 0: the newest."""

    prompt: str
    version: int = 0


class ExportPrompts(msgspec.Struct, frozen=True, tag=True):
    """PromptsExported. The path is absolute; no prompts: all of the person's own."""

    path: str
    prompts: tuple[str, ...] = ()


class ImportPrompts(msgspec.Struct, frozen=True, tag=True):
    """PromptsAdded. The path is absolute."""

    path: str


PromptsCommand = ListPrompts | ShowPrompt | ExportPrompts | ImportPrompts


class PromptsListed(msgspec.Struct, frozen=True, tag=True):
    prompts: tuple[PromptInfo, ...]


class PromptShown(msgspec.Struct, frozen=True, tag=True):
    """`shown` is one of `versions`, which begin with the newest; a draft that was never saved has none."""

    prompt: Prompt
    shown: PromptVersion | None
    versions: tuple[PromptVersion, ...]


class PromptsExported(msgspec.Struct, frozen=True, tag=True):
    path: str
    count: int


class PromptsAdded(msgspec.Struct, frozen=True, tag=True):
    """`prompts` are those that were added."""

    imported: PromptsImported
    prompts: tuple[PromptInfo, ...]


PromptsResult = PromptsListed | PromptShown | PromptsExported | PromptsAdded


def run_prompts(core: PromptsCore, command: PromptsCommand, wait: Wait) -> PromptsResult:
    """Carry out `command`; `wait` gives an operation's result. Raises CoreError."""
    match command:
        case ListPrompts(query, hidden):
            return PromptsListed(wait(core.list_prompts(query, hidden=hidden)))
        case ShowPrompt(name, version):
            return _shown(core, name, version, wait)
        case ExportPrompts(path, names):
            keys = tuple(found_prompt(core, name, wait).key for name in names)
            return PromptsExported(path, wait(core.export_prompts(path, keys)))
        case ImportPrompts(path):
            imported: PromptsImported = wait(core.import_prompts(path))
            added = tuple(wait(core.open_prompt(key)).info for key in imported.added)
            return PromptsAdded(imported, added)
        case _:
            assert_never(command)


def _shown(core: PromptsCore, name: str, version: int, wait: Wait) -> PromptShown:
    key = found_prompt(core, name, wait).key
    prompt: Prompt = wait(core.open_prompt(key))
    versions: tuple[PromptVersion, ...] = wait(core.prompt_versions(key))
    wanted = version or (versions[0].number if versions else 0)
    shown = next((one for one in versions if one.number == wanted), None)
    if shown is None and version:
        raise UnknownPromptVersion(number=version)
    return PromptShown(prompt, shown, versions)


def found_prompt(core: PromptsCore, name: str, wait: Wait) -> PromptInfo:
    """Raises UnknownPrompt."""
    wanted = " ".join(name.split()).casefold()
    everything: tuple[PromptInfo, ...] = wait(core.list_prompts(hidden=True))
    found = [one for one in everything if wanted in (one.key.casefold(), one.name.casefold())]
    if not found:
        raise UnknownPrompt(name=name)
    return min(found, key=lambda one: (not one.own, one.language != i18n.language()))
