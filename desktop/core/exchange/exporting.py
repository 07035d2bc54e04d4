"""An export from the store to the file, all of it or nothing. Knows no window."""

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final, TypeVar

from desktop.core.errors import Cancelled
from desktop.core.exchange import markdown, own
from desktop.core.exchange.conversations import Conversation
from desktop.core.exchange.errors import NothingToExport
from desktop.core.exchange.whole_files import WholeFiles
from desktop.core.operations import Operation
from desktop.core.types.exchange import Exported, ExportFormat, ExportingChats, ExportWords

R = TypeVar("R")
ENDINGS: Final[dict[ExportFormat, str]] = {
    "markdown": ".md",
    "json": ".json",
    "html": ".html",
    "pdf": ".pdf",
}
_MOST_NAME: Final = 80
_NOT_IN_NAMES = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]+')
# names that Windows keeps for itself
_KEPT_NAMES = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?$", re.IGNORECASE)


class Export:
    """One export. `run` blocks its thread. `print_pdf` makes a PDF of a page's pieces at a path."""

    def __init__(
        self,
        read: Callable[[int], Conversation],
        print_pdf: Callable[[Iterable[bytes], Path], None],
        words: ExportWords,
        files: WholeFiles,
        operation: Operation[Exported],
    ) -> None:
        self._read = read
        self._print_pdf = print_pdf
        self._words = words
        self._files = files
        self._operation = operation
        self._done = 0
        self._total = 0

    def run(self, chats: tuple[int, ...], path: str, form: ExportFormat) -> Exported:
        """Raises NothingToExport, ExportNotWritten, PdfNotMade, Cancelled, and what reading raises."""
        if not chats:
            raise NothingToExport
        self._total = len(chats)
        target = Path(path).expanduser()
        if not target.is_dir():
            return Exported(str(target), len(chats), self._one_file(chats, target, form))
        size, taken = 0, set[str]()
        for chat in chats:
            conversation = self._read(chat)
            name = free_name(conversation.title or self._words.untitled, ENDINGS[form], taken, target)
            size += self._write(target / name, [conversation], form, (conversation.title,))
        return Exported(str(target), len(chats), size)

    def _one_file(self, chats: tuple[int, ...], target: Path, form: ExportFormat) -> int:
        titles = tuple(self._read(chat).title for chat in chats) if form in ("html", "pdf") else ()
        return self._write(target, map(self._read, chats), form, titles)

    def _write(
        self, file: Path, chats: Iterable[Conversation], form: ExportFormat, titles: tuple[str, ...]
    ) -> int:
        told = self._telling(chats)
        if form == "json":
            return self._files.write(file, own.written(told))
        if form == "markdown":
            return self._files.write(file, markdown.written(told, self._words))
        # its parsers and lexers take 40 ms to come in, which every command would pay
        from desktop.core.exchange.html_page import HtmlPage

        page = HtmlPage(self._words, "print" if form == "pdf" else "page")
        try:
            pieces = page.written(told, titles)
            if form == "html":
                return self._files.write(file, pieces)
            return self._files.put(file, lambda draft: self._print_pdf(pieces, draft))
        finally:
            page.close()

    def _telling(self, chats: Iterable[Conversation]) -> Iterator[Conversation]:
        for chat in chats:
            if self._operation.cancelled:
                raise Cancelled
            yield chat
            self._done += 1
            self._operation.emit(ExportingChats(self._done, self._total))


def free_name(title: str, ending: str, taken: set[str], folder: Path) -> str:
    """A file's name from a chat's title, fit for every system, that no file there and none of `taken` has."""
    stem = _NOT_IN_NAMES.sub(" ", title)
    stem = " ".join(stem.split())[:_MOST_NAME].strip(" .") or "chat"
    if _KEPT_NAMES.match(stem):
        stem = f"_{stem}"
    name, number = f"{stem}{ending}", 2
    while name.casefold() in taken or (folder / name).exists():
        name, number = f"{stem} ({number}){ending}", number + 1
    taken.add(name.casefold())
    return name
