"""The core's methods that answer from documents outside of chats, and what chats need for it."""

from collections.abc import Callable

from desktop.core.answers.grounds import Grounds
from desktop.core.answers.lookup import Lookup
from desktop.core.answers.one_shot import OneShot
from desktop.core.operations import Operation
from desktop.core.replies.answering import Answering
from desktop.core.replies.conversation import Conversations
from desktop.core.replies.titles import Titles
from desktop.core.replies.writer import ReplyWriter
from desktop.core.settings import Settings
from desktop.core.types import Answer, Reading, ReplyOptions
from desktop.core.workers.library import LibraryClient
from engine.protocol import Message, Sampling, Templating


class AnswerServices:
    """What `Services` inherits. Its methods are described in `desktop.core.contract.Core`."""

    _library: LibraryClient
    _answering: Answering
    _conversations: Conversations
    _titles: Titles
    _lookup: Lookup

    def _grounds_for(self, settings: Settings) -> Callable[[ReplyWriter], Grounds]:
        self._lookup = Lookup(
            self._library, settings, lambda operation: self._answering.jobs("", operation, load=False)
        )
        return lambda writer: Grounds(self._lookup, self._answering, settings, writer)

    def answer(
        self,
        history: tuple[Message, ...],
        question: str,
        *,
        collections: tuple[str, ...] = (),
        documents: tuple[int, ...] = (),
        model: str = "",
        sampling: Sampling | None = None,
        max_tokens: int | None = None,
        templating: Templating | None = None,
        options: ReplyOptions = ReplyOptions(),  # noqa: B008  a frozen value
        reading: Reading = "automatic",
    ) -> Operation[Answer]:
        self._titles.stand_aside()
        one_shot = OneShot(self._answering, self._lookup, self._conversations.grounds)
        return one_shot.answer(
            history,
            question,
            collections,
            documents,
            model,
            sampling,
            max_tokens,
            templating,
            options,
            reading,
        )
