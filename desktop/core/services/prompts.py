"""System prompts as the core offers them. Each method hands over; decides nothing itself."""

from pathlib import Path

from desktop.core.chats.thread import StoreThread
from desktop.core.operations import Operation, start
from desktop.core.prompts import exchange, library
from desktop.core.prompts.changes import changes
from desktop.core.replies.chat_prompts import ChatPrompts
from desktop.core.types.prompts import (
    ChatPrompt,
    PartChange,
    Prompt,
    PromptContent,
    PromptInfo,
    PromptsImported,
    PromptVersion,
)


class PromptServices:
    """What `Services` inherits; described in `desktop.core.contract.prompts.PromptsCore`."""

    _store: StoreThread
    _prompts: ChatPrompts

    # ── the library ──

    def list_prompts(self, query: str = "", *, hidden: bool = False) -> Operation[tuple[PromptInfo, ...]]:
        return self._store.operation(
            lambda chats: library.listed(chats, query, hidden=hidden), "list prompts"
        )

    def open_prompt(self, key: str) -> Operation[Prompt]:
        return self._store.operation(lambda chats: library.opened(chats, key), "open prompt")

    def prompt_versions(self, key: str) -> Operation[tuple[PromptVersion, ...]]:
        return self._store.operation(lambda chats: library.versions(chats, key), "prompt versions")

    def compare_prompts(
        self, before: PromptContent, after: PromptContent
    ) -> Operation[tuple[PartChange, ...]]:
        return start(lambda _: changes(before, after), "compare prompts")

    def save_prompt(self, key: str, content: PromptContent, folder: str = "") -> Operation[Prompt]:
        return self._store.operation(lambda chats: library.saved(chats, key, content, folder), "save prompt")

    def save_prompt_draft(self, key: str, content: PromptContent | None, folder: str = "") -> Operation[None]:
        return self._store.operation(
            lambda chats: library.draft_saved(chats, key, content, folder), "save prompt draft"
        )

    def restore_prompt_version(self, key: str, number: int) -> Operation[Prompt]:
        return self._store.operation(
            lambda chats: chats.restore_prompt_version(library.own(key), number), "restore prompt version"
        )

    def duplicate_prompt(self, key: str) -> Operation[Prompt]:
        return self._store.operation(lambda chats: library.duplicated(chats, key), "duplicate prompt")

    def move_prompt(self, key: str, folder: str) -> Operation[None]:
        return self._store.operation(
            lambda chats: chats.move_prompt(library.own(key), library.folder_path(folder)), "move prompt"
        )

    def rename_prompt_folder(self, folder: str, name: str) -> Operation[None]:
        return self._store.operation(
            lambda chats: chats.rename_prompt_folder(folder, library.folder_path(name)),
            "rename prompt folder",
        )

    def delete_prompt(self, key: str) -> Operation[None]:
        return self._store.operation(lambda chats: chats.delete_prompt(library.own(key)), "delete prompt")

    def undelete_prompt(self, key: str) -> Operation[Prompt]:
        return self._store.operation(lambda chats: chats.undelete_prompt(key), "undelete prompt")

    def hide_prompt(self, key: str, hidden: bool) -> Operation[None]:
        return self._store.operation(lambda chats: library.hide(chats, key, hidden=hidden), "hide prompt")

    def set_default_prompt(self, key: str, *, model: str = "") -> Operation[None]:
        return self._store.operation(
            lambda chats: library.set_default(chats, key, model), "set default prompt"
        )

    # ── files ──

    def export_prompts(self, path: str, keys: tuple[str, ...] = ()) -> Operation[int]:
        def work(_: Operation[int]) -> int:
            data, count = self._store.call(lambda chats: exchange.exported(chats, Path(path), keys))
            exchange.write(Path(path), data)
            return count

        return start(work, "export prompts")

    def import_prompts(self, path: str) -> Operation[PromptsImported]:
        def work(_: Operation[PromptsImported]) -> PromptsImported:
            found = exchange.read(Path(path))
            added, present = self._store.call(lambda chats: chats.add_prompts(found))
            return PromptsImported(added, present)

        return start(work, "import prompts")

    # ── of chats ──

    def chat_prompt(self, chat: int) -> Operation[ChatPrompt]:
        return self._store.operation(lambda chats: self._prompts.of(chats, chat), "chat prompt")

    def choose_prompt(self, chat: int, key: str) -> Operation[ChatPrompt]:
        return self._store.operation(lambda chats: self._prompts.choose(chats, chat, key), "choose prompt")

    def edit_chat_prompt(self, chat: int, content: PromptContent) -> Operation[ChatPrompt]:
        return self._store.operation(
            lambda chats: self._prompts.edit(chats, chat, content), "edit chat prompt"
        )

    def set_prompt_values(self, chat: int, values: dict[str, str]) -> Operation[ChatPrompt]:
        return self._store.operation(
            lambda chats: self._prompts.set_values(chats, chat, values), "set prompt values"
        )

    def expand_prompt(self, key: str, values: dict[str, str]) -> Operation[ChatPrompt]:
        return self._store.operation(lambda chats: self._prompts.outside(chats, key, values), "expand prompt")
