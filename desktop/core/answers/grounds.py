"""What a turn's documents gave, kept with its question, and replies that no model of a chat writes.

Stands between a turn and `Lookup`: what was found once counts for every later version of the reply.
"""

from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

from desktop.core.answers import said, standalone
from desktop.core.answers.every_document import EveryDocument
from desktop.core.answers.lookup import Asked, Lookup
from desktop.core.answers.standalone import Said
from desktop.core.events import ExcerptsFound, TextAdded, VisitingDocument
from desktop.core.operations import Operation
from desktop.core.replies.answering import Answering
from desktop.core.replies.following import Sink
from desktop.core.replies.writer import ReplyWriter
from desktop.core.settings import Settings
from desktop.core.types import Chat, Excerpt, ExcerptsPart, Reading, StoredMessage

PROMPT_SHARE = 0.75  # of a context window, for what a model reads beside a chat


class Grounds:
    """Blocks its thread, which is the operation's own."""

    def __init__(self, lookup: Lookup, answering: Answering, settings: Settings, writer: ReplyWriter) -> None:
        self._lookup = lookup
        self._answering = answering
        self._settings = settings
        self._writer = writer

    def of_turn(
        self,
        chat: Chat,
        before: Iterable[StoredMessage],
        question: StoredMessage,
        collections: tuple[str, ...] | None,
        reading: Reading,
        fits: Callable[[tuple[Excerpt, ...]], bool],
        operation: Operation[Any],
    ) -> ExcerptsPart | None:
        """What is frozen into the turn; found and frozen now, where it was never asked. None: no documents
        are asked. `before`: the chat's messages before it. `collections`: what this question is answered
        from; None: what its chat draws from."""
        frozen = next((part for part in question.parts if isinstance(part, ExcerptsPart)), None)
        if frozen is not None:
            operation.emit(ExcerptsFound.of(frozen))
            return frozen
        drawn_from = chat.collections if collections is None else collections
        if not question.text or not drawn_from:
            return None
        asked = Asked(question.text, drawn_from, (), said_last(before), reading, fits)
        found = self._lookup.find(asked, operation)
        self._writer.freeze(question, found)
        return found

    def passages(
        self,
        chat: Chat,
        before: Iterable[StoredMessage],
        question: StoredMessage,
        operation: Operation[Any],
    ) -> ExcerptsPart:
        """The nearest ones, whatever the question asks for; frozen by whoever asks."""
        asked = Asked(question.text, chat.collections, (), said_last(before), "passages")
        return self._lookup.find(asked, operation)

    def answer(
        self, found: ExcerptsPart, question: str, sink: Sink, operation: Operation[Any], model: str = ""
    ) -> bool:
        """Write the reply into `sink` where none of a chat is wanted; False: the model is to be asked.

        Raises Cancelled, and what keeps the model from writing; what was written by then stands.
        """
        language = said.language_of(question, self._settings.text("language"))

        def add(text: str) -> None:
            sink.add(text)
            operation.emit(TextAdded(text))
            sink.tick()

        if found.way == "every" and found.documents:
            self._visit(found, question, language, add, operation, model)
            return True
        if not found.excerpts:
            add(said.nothing_found(language))
            return True
        if found.way == "page":
            add(said.on_pages(found.excerpts, language))
            return True
        return False

    def _visit(
        self,
        found: ExcerptsPart,
        question: str,
        language: str,
        add: Callable[[str], None],
        operation: Operation[Any],
        model: str,
    ) -> None:
        def visiting(title: str, number: int, documents: int) -> None:
            operation.emit(VisitingDocument(title, number, documents))

        with self._answering.jobs(model, operation) as jobs:
            most = int(jobs.context_tokens * PROMPT_SHARE)
            EveryDocument(jobs, add, visiting).write(
                question, found.excerpts, (found.read or found.documents, found.documents), language, most
            )


def said_last(before: Iterable[StoredMessage]) -> tuple[Said, ...]:
    """The last of these turns that got an answer, as many as anybody looks at."""
    last: deque[Said] = deque(maxlen=standalone.TURNS)
    asked: StoredMessage | None = None
    for message in before:
        if message.role == "user":
            asked = message
        elif message.role == "assistant" and asked is not None and message.text:
            last.append(Said(asked.text, message.text, _searched_for(asked)))
            asked = None
    return tuple(last)


def _searched_for(question: StoredMessage) -> str:
    return next((part.query for part in question.parts if isinstance(part, ExcerptsPart)), "")
