"""What may be asked of the core about chats and documents that a model is to learn from."""

from typing import Protocol

from desktop.core.operations import Operation
from desktop.core.types.training import ExamplesWritten, TextsWritten


class TrainingMaterialCore(Protocol):
    """The part of `desktop.core.contract.Core` that gathers what is learnt from."""

    def write_examples(self, path: str, chats: tuple[int, ...] = ()) -> Operation[ExamplesWritten]:
        """Write the replies that the person rated good or edited, with what led to them, into a file of rows
        (JSONL) that fine-tuning reads; (): of all chats.

        All of it or nothing. Emits GatheringMaterial. Ends in nothing_rated, export_not_written.
        """
        ...

    def write_texts(self, folder: str, collections: tuple[str, ...] = ()) -> Operation[TextsWritten]:
        """Write the text of the library's documents into a folder that is new or empty, a file for each; ():
        of all collections.

        Emits GatheringMaterial. Ends in unknown_collection, no_text_there, export_not_written.
        """
        ...
