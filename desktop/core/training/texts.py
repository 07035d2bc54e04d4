"""The library's documents as text files, for a model to learn from: the text that is stored of them."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from desktop.core.errors import Cancelled, CoreError, Reported
from desktop.core.exchange.errors import ExportNotWritten
from desktop.core.exchange.exporting import free_name
from desktop.core.exchange.whole_files import WholeFiles
from desktop.core.operations import Operation
from desktop.core.training.errors import NoTextThere
from desktop.core.types.training import GatheringMaterial, TextsWritten
from rag.errors import UnknownDocument
from rag.protocol import DocumentInfo, Located, LocatePassage

PAGE_END: Final = "\n"
_OF_SENTENCE: Final = re.compile(r"[^\s.!?:;]\s*$")  # a page that ends like this goes on with the next


class Texts:
    """Writes documents into a folder. `locate` gives a page, as the library keeps it."""

    def __init__(
        self, locate: Callable[[LocatePassage], Located], files: WholeFiles, operation: Operation[Any]
    ) -> None:
        self._locate, self._files, self._operation = locate, files, operation

    def write(self, documents: tuple[DocumentInfo, ...], folder: Path, collection: str) -> TextsWritten:
        """Raises NoTextThere, ExportNotWritten, Cancelled."""
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise ExportNotWritten(str(error), path=str(folder)) from error
        taken: set[str] = set()
        empty: list[str] = []
        characters = 0
        for number, document in enumerate(documents, 1):
            text = self._text(document)
            if text.strip():
                characters += len(text)
                name = free_name(Path(document.file).stem, ".txt", taken, folder)
                data = text.encode("utf-8", "replace")
                self._files.write(folder / name, (data,))
            else:
                empty.append(document.file)
            self._operation.emit(GatheringMaterial(number, len(documents)))
        if not taken:
            raise NoTextThere(name=collection)
        return TextsWritten(str(folder), len(taken), characters, tuple(empty))

    def _text(self, document: DocumentInfo) -> str:
        """Page after page; a sentence that a page's end cuts in two is one again."""
        text = ""
        for page in range(1, document.pages + 1):
            if self._operation.cancelled:
                raise Cancelled
            try:
                found = self._locate(LocatePassage(document.document, page, 0, 0)).page_text.strip()
            except CoreError as error:
                # it was never read whole, or was taken out meanwhile
                if isinstance(error, Reported) and error.problem().code == UnknownDocument.code:
                    continue
                raise
            if not found:
                continue
            between = " " if _OF_SENTENCE.search(text) and found[:1].islower() else "\n\n"
            text += (between if text else "") + found
        return text + PAGE_END
