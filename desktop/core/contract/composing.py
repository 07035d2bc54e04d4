"""What may be asked of the core about what is being written: files, drafts, edits, the map of a chat."""

from typing import Protocol

from desktop.core.operations import Operation
from desktop.core.types import FilePart
from desktop.core.types.composing import ChatTree, Draft, EditDraft, FilesSize


class ComposingCore(Protocol):
    """The part of `desktop.core.contract.Core` for the composer and for messages that are being edited."""

    def read_file(self, path: str) -> Operation[FilePart]:
        """The text of a PDF or of any text file, to be attached to a question. Emits ReadingFile.

        Files are read one after the other. Cancelling ends in Cancelled.
        """
        ...

    def measure_files(self, chat: int, text: str, files: tuple[FilePart, ...]) -> Operation[FilesSize]:
        """What files weigh in the model's own tokens, and whether they can be sent with `text`.

        Chat 0: one that is not stored yet. Works for a model that is not loaded. Raises NoModel.
        """
        ...

    def save_draft(self, chat: int, text: str) -> Operation[None]:
        """Keep what was written and not sent; chat 0: for a chat that is not stored yet; "": nothing."""
        ...

    def save_draft_files(self, chat: int, files: tuple[FilePart, ...]) -> Operation[None]:
        """Keep the files that are to go with what was written."""
        ...

    def list_drafts(self) -> Operation[dict[int, Draft]]:
        """Every draft by its chat."""
        ...

    def save_edit(self, message: int, text: str | None, files: tuple[FilePart, ...] = ()) -> Operation[None]:
        """Keep what a message is to say once its edit is done; None: it is no longer edited."""
        ...

    def list_edits(self) -> Operation[tuple[EditDraft, ...]]:
        """Every message that is being edited, the one begun last at the end."""
        ...

    def chat_tree(self, chat: int) -> Operation[ChatTree]:
        """Every message of a chat with its first words, without what was deleted."""
        ...
