"""Every source that the replies of the chat in front cite: documents, their pages, the passages there."""

import msgspec
from PySide6.QtCore import QObject, Signal

from desktop.core.types import Citation
from desktop.view_models.conversation import ConversationViewModel


class CitedPage(msgspec.Struct, frozen=True):
    page: int
    passages: tuple[Citation, ...]  # in the order in which they stand on the page


class CitedDocument(msgspec.Struct, frozen=True):
    """`times`: how many replies cite it."""

    file: str
    title: str
    pages: tuple[CitedPage, ...]
    times: int


class ChatSourcesViewModel(QObject):
    """One for the window. Reads the turns only when it is asked for `documents`."""

    changed = Signal()

    def __init__(self, conversation: ConversationViewModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._conversation = conversation
        for signal in (
            conversation.reset,
            conversation.path_changed,
            conversation.turns_replaced,
            conversation.reply_ended,
        ):
            signal.connect(self.changed)

    @property
    def documents(self) -> tuple[CitedDocument, ...]:
        """In the order in which the chat first cites them."""
        found: dict[tuple[int, str], dict[tuple[int, int, int], Citation]] = {}
        times: dict[tuple[int, str], int] = {}
        for turn in self._conversation.turns:
            of_turn = {(one.document, one.file) for one in turn.citations}
            for key in of_turn:
                times[key] = times.get(key, 0) + 1
            for one in turn.citations:
                passages = found.setdefault((one.document, one.file), {})
                passages.setdefault((one.page, one.start, one.end), one)
        return tuple(_document(key[1], passages, times[key]) for key, passages in found.items())

    def show(self, citation: Citation) -> None:
        """Open the page with exactly this passage."""
        self._conversation.citation_activated.emit(citation)


def _document(file: str, passages: dict[tuple[int, int, int], Citation], times: int) -> CitedDocument:
    pages: dict[int, list[Citation]] = {}
    for (page, _start, _end), one in sorted(passages.items()):
        pages.setdefault(page, []).append(one)
    title = next(iter(passages.values())).title
    return CitedDocument(
        file, title, tuple(CitedPage(page, tuple(found)) for page, found in pages.items()), times
    )
