"""Every source that the replies of the chat in front cite: documents, their pages, the passages there."""

import msgspec
from PySide6.QtCore import QObject, Signal

from desktop.core.types import Citation
from desktop.view_models.conversation import ConversationViewModel
from desktop.view_models.turn_list import CITES


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
        self._at: Citation | None = None  # the one that was opened last
        conversation.citation_activated.connect(self._opened)
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
        turns = self._conversation.turns
        for at in turns.with_mark(CITES):
            turn = turns[at]
            of_turn = {(one.document, one.file) for one in turn.citations}
            for key in of_turn:
                times[key] = times.get(key, 0) + 1
            for one in turn.citations:
                passages = found.setdefault((one.document, one.file), {})
                passages.setdefault((one.page, one.start, one.end), one)
        return tuple(_document(key[1], passages, times[key]) for key, passages in found.items())

    def step(self, by: int) -> None:
        """Open the passage that comes so many behind the one that was opened last; round at the end."""
        every = [one for document in self.documents for page in document.pages for one in page.passages]
        if not every:
            return
        places = [_place(one) for one in every]
        here = _place(self._at) if self._at is not None else None
        start = places.index(here) if here in places else -1 if by > 0 else 0
        self.show(every[(start + by) % len(every)])

    def _opened(self, citation: Citation) -> None:
        self._at = citation

    def show(self, citation: Citation) -> None:
        """Open the page with exactly this passage."""
        self._conversation.citation_activated.emit(citation)


def _place(one: Citation) -> tuple[str, int, int, int]:
    return one.file, one.page, one.start, one.end


def _document(file: str, passages: dict[tuple[int, int, int], Citation], times: int) -> CitedDocument:
    pages: dict[int, list[Citation]] = {}
    for (page, _start, _end), one in sorted(passages.items()):
        pages.setdefault(page, []).append(one)
    title = next(iter(passages.values())).title
    return CitedDocument(
        file, title, tuple(CitedPage(page, tuple(found)) for page, found in pages.items()), times
    )
