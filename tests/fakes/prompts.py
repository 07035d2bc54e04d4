"""The prompts part of the fake core: the library's own rules over a store in memory."""

import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from desktop.core.chats.prompts import PromptStore, new_key, storable
from desktop.core.errors import UnknownPrompt, UnknownPromptVersion
from desktop.core.models.names import shown_name
from desktop.core.operations import Operation
from desktop.core.prompts import exchange, library
from desktop.core.prompts.changes import changes
from desktop.core.replies.chat_prompts import ChatPrompts
from desktop.core.types.prompts import (
    SEPARATOR,
    ChatPrompt,
    KeptPrompt,
    PartChange,
    Prompt,
    PromptContent,
    PromptInfo,
    PromptsImported,
    PromptVersion,
)
from tests.fakes.chats import FakeChats


class FakePromptStore(PromptStore):
    """Dicts in the place of tables. Times are those at which something was saved."""

    def __init__(self, chats: FakeChats) -> None:
        self.chats = chats
        self.versions: dict[str, tuple[PromptVersion, ...]] = {}
        self.folders: dict[str, str] = {}
        self.drafts: dict[str, tuple[PromptContent, str]] = {}
        self.deleted: set[str] = set()
        self.hidden: set[str] = set()
        self.defaults: dict[str, str] = {}
        self.kept: dict[int, KeptPrompt] = {}

    def prompts(self) -> tuple[Prompt, ...]:
        keys = [key for key in self.versions if key not in self.deleted]
        return tuple(self._of(key) for key in dict.fromkeys((*keys, *self.drafts)))

    def _of(self, key: str) -> Prompt:
        draft, folder = self.drafts.get(key, (None, self.folders.get(key, "")))
        found = self.versions.get(key, ())
        content = found[-1].content if found else PromptContent(draft.name if draft else "")
        info = PromptInfo(key, content.name, folder, version=len(found), has_draft=draft is not None)
        return Prompt(replace(info, updated_at=found[-1].saved_at if found else 1.0), content, draft)

    def prompt_versions(self, key: str) -> tuple[PromptVersion, ...]:
        return tuple(reversed(self.versions.get(key, ())))

    def prompt(self, key: str) -> Prompt:
        if (key not in self.versions or key in self.deleted) and key not in self.drafts:
            raise UnknownPrompt(key=key)
        return self._of(key)

    def save_prompt(self, key: str, content: PromptContent, folder: str) -> Prompt:
        key = key or new_key()
        found = self.versions.get(key, ())
        if not found or found[-1].content != storable(content):
            version = PromptVersion(len(found) + 1, time.time(), storable(content))
            self.versions[key] = (*found, version)
        self.folders[key] = folder
        self.drafts.pop(key, None)
        self.deleted.discard(key)
        return self._of(key)

    def restore_prompt_version(self, key: str, number: int) -> Prompt:
        prompt = self.prompt(key)
        found = {version.number: version.content for version in self.versions.get(key, ())}
        if number not in found:
            raise UnknownPromptVersion(number=number)
        return self.save_prompt(key, found[number], prompt.info.folder)

    def save_prompt_draft(self, key: str, content: PromptContent | None, folder: str) -> None:
        self.drafts.pop(key, None)
        if content is not None:
            self.drafts[key] = (storable(content), folder)

    def move_prompt(self, key: str, folder: str) -> None:
        self.prompt(key)
        self.folders[key] = folder
        if key in self.drafts:
            self.drafts[key] = (self.drafts[key][0], folder)

    def rename_prompt_folder(self, folder: str, name: str) -> None:
        inside = folder + SEPARATOR
        for key, old in self.folders.items():
            if old == folder or old.startswith(inside):
                self.folders[key] = (name + old[len(folder) :]).lstrip(SEPARATOR)

    def delete_prompt(self, key: str) -> None:
        self.prompt(key)
        self.drafts.pop(key, None)
        self.deleted.add(key)

    def undelete_prompt(self, key: str) -> Prompt:
        self.deleted.discard(key)
        return self.prompt(key)

    def hide_prompt(self, key: str, hidden: bool) -> None:
        self.hidden = self.hidden | {key} if hidden else self.hidden - {key}

    def hidden_prompts(self) -> frozenset[str]:
        return frozenset(self.hidden)

    def default_prompts(self) -> dict[str, str]:
        return dict(self.defaults)

    def set_default_prompt(self, model: str, key: str) -> None:
        self.defaults.pop(model, None)
        self.defaults.update({model: key} if key else {})

    def add_prompts(
        self, prompts: Iterable[tuple[str, str, tuple[PromptVersion, ...]]]
    ) -> tuple[tuple[str, ...], int]:
        added, present = [], 0
        for given, folder, versions in prompts:
            if [v.content for v in self.versions.get(given, ())] == [v.content for v in versions]:
                present += 1
                continue
            key = new_key() if not given or given in self.versions else given
            self.versions[key], self.folders[key] = versions, folder
            added.append(key)
        return tuple(added), present

    def kept_prompt(self, chat: int) -> tuple[str, KeptPrompt]:
        return self.chats.get(chat).system_prompt, self.kept.get(chat, KeptPrompt())

    def keep_prompt(self, chat: int, text: str, kept: KeptPrompt) -> None:
        self.chats.set_system_prompt(chat, text)
        self.kept[chat] = kept

    def keep_text(self, chat: int, text: str) -> None:
        self.keep_prompt(chat, text, replace(self.kept_prompt(chat)[1], own=True))

    def has_turns(self, chat: int) -> bool:
        return bool(self.chats.get(chat).messages)


class FakePrompts:
    """What FakeCore inherits; the rest of it stands there."""

    chats: FakeChats
    prompt_store: FakePromptStore
    chat_prompts: ChatPrompts
    _now: Callable[..., Operation[Any]]

    def _open_prompts(self, text: Callable[[], str], model: Callable[[], str]) -> None:
        """`text`: that of the settings; `model`: the path of the one that answers."""
        self.prompt_store = FakePromptStore(self.chats)
        self.chat_prompts = ChatPrompts(text, lambda: (model(), shown_name(model())))

    def list_prompts(self, query: str = "", *, hidden: bool = False) -> Operation[tuple[PromptInfo, ...]]:
        return self._now(
            "list_prompts", lambda: library.listed(self.prompt_store, query, hidden=hidden), query
        )

    def open_prompt(self, key: str) -> Operation[Prompt]:
        return self._now("open_prompt", lambda: library.opened(self.prompt_store, key), key)

    def prompt_versions(self, key: str) -> Operation[tuple[PromptVersion, ...]]:
        return self._now("prompt_versions", lambda: library.versions(self.prompt_store, key), key)

    def compare_prompts(
        self, before: PromptContent, after: PromptContent
    ) -> Operation[tuple[PartChange, ...]]:
        return self._now("compare_prompts", lambda: changes(before, after), before, after)

    def save_prompt(self, key: str, content: PromptContent, folder: str = "") -> Operation[Prompt]:
        def work() -> Prompt:
            return library.saved(self.prompt_store, key, content, folder)

        return self._now("save_prompt", work, key, content, folder)

    def save_prompt_draft(self, key: str, content: PromptContent | None, folder: str = "") -> Operation[None]:
        def work() -> None:
            library.draft_saved(self.prompt_store, key, content, folder)

        return self._now("save_prompt_draft", work, key, content, folder)

    def restore_prompt_version(self, key: str, number: int) -> Operation[Prompt]:
        def work() -> Prompt:
            return self.prompt_store.restore_prompt_version(library.own(key), number)

        return self._now("restore_prompt_version", work, key, number)

    def duplicate_prompt(self, key: str) -> Operation[Prompt]:
        return self._now("duplicate_prompt", lambda: library.duplicated(self.prompt_store, key), key)

    def move_prompt(self, key: str, folder: str) -> Operation[None]:
        def work() -> None:
            self.prompt_store.move_prompt(library.own(key), library.folder_path(folder))

        return self._now("move_prompt", work, key, folder)

    def rename_prompt_folder(self, folder: str, name: str) -> Operation[None]:
        def work() -> None:
            self.prompt_store.rename_prompt_folder(folder, library.folder_path(name))

        return self._now("rename_prompt_folder", work, folder, name)

    def delete_prompt(self, key: str) -> Operation[None]:
        return self._now("delete_prompt", lambda: self.prompt_store.delete_prompt(library.own(key)), key)

    def undelete_prompt(self, key: str) -> Operation[Prompt]:
        return self._now("undelete_prompt", lambda: self.prompt_store.undelete_prompt(key), key)

    def hide_prompt(self, key: str, hidden: bool) -> Operation[None]:
        def work() -> None:
            library.hide(self.prompt_store, key, hidden=hidden)

        return self._now("hide_prompt", work, key, hidden)

    def set_default_prompt(self, key: str, *, model: str = "") -> Operation[None]:
        def work() -> None:
            library.set_default(self.prompt_store, key, model)

        return self._now("set_default_prompt", work, key, model)

    def export_prompts(self, path: str, keys: tuple[str, ...] = ()) -> Operation[int]:
        def work() -> int:
            data, count = exchange.exported(self.prompt_store, Path(path), keys)
            exchange.write(Path(path), data)
            return count

        return self._now("export_prompts", work, path, keys)

    def import_prompts(self, path: str) -> Operation[PromptsImported]:
        def work() -> PromptsImported:
            return PromptsImported(*self.prompt_store.add_prompts(exchange.read(Path(path))))

        return self._now("import_prompts", work, path)

    def chat_prompt(self, chat: int) -> Operation[ChatPrompt]:
        return self._now("chat_prompt", lambda: self.chat_prompts.of(self.prompt_store, chat), chat)

    def choose_prompt(self, chat: int, key: str) -> Operation[ChatPrompt]:
        def work() -> ChatPrompt:
            return self.chat_prompts.choose(self.prompt_store, chat, key)

        return self._now("choose_prompt", work, chat, key)

    def edit_chat_prompt(self, chat: int, content: PromptContent) -> Operation[ChatPrompt]:
        def work() -> ChatPrompt:
            return self.chat_prompts.edit(self.prompt_store, chat, content)

        return self._now("edit_chat_prompt", work, chat, content)

    def set_prompt_values(self, chat: int, values: dict[str, str]) -> Operation[ChatPrompt]:
        def work() -> ChatPrompt:
            return self.chat_prompts.set_values(self.prompt_store, chat, values)

        return self._now("set_prompt_values", work, chat, values)

    def expand_prompt(self, key: str, values: dict[str, str]) -> Operation[ChatPrompt]:
        def work() -> ChatPrompt:
            return self.chat_prompts.outside(self.prompt_store, key, values)

        return self._now("expand_prompt", work, key, values)
