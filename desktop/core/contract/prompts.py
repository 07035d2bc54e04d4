"""What may be asked of the core about system prompts: the library, files of prompts, those of chats."""

from typing import Protocol

from desktop.core.operations import Operation
from desktop.core.types.prompts import (
    ChatPrompt,
    PartChange,
    Prompt,
    PromptContent,
    PromptInfo,
    PromptsImported,
    PromptVersion,
)


class PromptsCore(Protocol):
    """The part of `desktop.core.contract.Core` that keeps what models are told first."""

    # ── the library ──

    def list_prompts(self, query: str = "", *, hidden: bool = False) -> Operation[tuple[PromptInfo, ...]]:
        """The person's own by name, then those that came with the program, in both languages.

        With a query, those that hold all its words. `hidden`: with those that the person hid.
        """
        ...

    def open_prompt(self, key: str) -> Operation[Prompt]: ...

    def prompt_versions(self, key: str) -> Operation[tuple[PromptVersion, ...]]:
        """The newest first."""
        ...

    def compare_prompts(
        self, before: PromptContent, after: PromptContent
    ) -> Operation[tuple[PartChange, ...]]:
        """How one differs from the other, word by word; () when it does not."""
        ...

    def save_prompt(self, key: str, content: PromptContent, folder: str = "") -> Operation[Prompt]:
        """Keep as a new version, where something is different; key "": as a new prompt.

        Ends in ReadyMadePrompt for what came with the program, in PromptNotNamed or PromptTooLong.
        """
        ...

    def save_prompt_draft(self, key: str, content: PromptContent | None, folder: str = "") -> Operation[None]:
        """Keep what was written and is not saved yet; None: nothing. An unknown key begins a prompt."""
        ...

    def restore_prompt_version(self, key: str, number: int) -> Operation[Prompt]:
        """Make what a version said the newest one."""
        ...

    def duplicate_prompt(self, key: str) -> Operation[Prompt]:
        """A copy of one's own, of any prompt."""
        ...

    def move_prompt(self, key: str, folder: str) -> Operation[None]: ...

    def rename_prompt_folder(self, folder: str, name: str) -> Operation[None]:
        """With all that is in it; "" takes the prompts out of it."""
        ...

    def delete_prompt(self, key: str) -> Operation[None]:
        """Chats that use it keep what it says."""
        ...

    def undelete_prompt(self, key: str) -> Operation[Prompt]:
        """Undo a deletion of this run of the program."""
        ...

    def hide_prompt(self, key: str, hidden: bool) -> Operation[None]:
        """Of those that came with the program: out of the list, or into it again."""
        ...

    def set_default_prompt(self, key: str, *, model: str = "") -> Operation[None]:
        """What new chats with a model begin with, by its path; model "": with all that have none of their
        own; key "": no prompt of the library."""
        ...

    # ── files ──

    def export_prompts(self, path: str, keys: tuple[str, ...] = ()) -> Operation[int]:
        """Write one's own prompts, or these, with folders, versions and examples. Gives their number.

        The file's name decides: .md and .txt take the text of one prompt, all others are JSON.
        """
        ...

    def import_prompts(self, path: str) -> Operation[PromptsImported]:
        """Add the prompts of a file, all or none. Ends in PromptsUnreadable."""
        ...

    # ── of chats ──

    def chat_prompt(self, chat: int) -> Operation[ChatPrompt]:
        """What the next turn of a chat would be told first."""
        ...

    def choose_prompt(self, chat: int, key: str) -> Operation[ChatPrompt]:
        """Give a chat what a prompt of the library says now; key "": what new chats begin with."""
        ...

    def edit_chat_prompt(self, chat: int, content: PromptContent) -> Operation[ChatPrompt]:
        """Change the prompt for this chat alone."""
        ...

    def set_prompt_values(self, chat: int, values: dict[str, str]) -> Operation[ChatPrompt]:
        """What a chat's prompt asks for, by the variables' names. An empty value: the prompt's default."""
        ...

    def expand_prompt(self, key: str, values: dict[str, str]) -> Operation[ChatPrompt]:
        """What a prompt of the library says outside of a chat; key "": what new chats begin with."""
        ...
