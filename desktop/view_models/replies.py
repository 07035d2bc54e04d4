"""A reply on its way: what it has written and what it is busy with. Holds no list of turns."""

import time
from typing import Any, assert_never

from msgspec.structs import replace

from desktop.core.events import (
    ExcerptsFound,
    LoadingModel,
    Planned,
    QuestionRewritten,
    ReadingPrompt,
    Repeated,
    ReplyEvent,
    SearchingDocuments,
    Summarizing,
    TextAdded,
    ThoughtAdded,
    TokensDrawn,
    TurnSaved,
    VisitingDocument,
)
from desktop.core.operations import Operation
from desktop.core.replies.repeats import Repetition
from desktop.core.types import ExcerptsPart, FilePart, StoredMessage, ThoughtsPart
from desktop.view_models.turn_list import TurnList
from desktop.view_models.turns import (
    QUESTION_KEY,
    REPLY_KEY,
    Activity,
    Turn,
    asked_documents,
    cited,
    looked_in,
    turn_of,
)


class RunningReply:
    """Follows one operation of `send` or `regenerate`. `question` is None where it is in place already."""

    def __init__(
        self, chat: int, operation: Operation[Any], question: Turn | None, replaces: Turn | None
    ) -> None:
        self.chat = chat
        self.operation = operation
        self.question = question
        self.replaces = replaces
        self.asked = question.text if question else ""
        self.files = question.files if question else ()
        self.gave_way: int | None = None  # the question that this one stands in place of
        self.saved = False
        self.limit_tokens = 0
        self.dropped = 0
        self.repetition: Repetition | None = None  # what came of a reply that was to be made exactly again
        self._thinking_since = 0.0
        self.reply = Turn(
            key=REPLY_KEY,
            role="assistant",
            text="",
            state="streaming",
            activity=Activity("waiting"),
            searched=replaces.searched if replaces else False,
            excerpts=replaces.excerpts if replaces else (),
            asked=replaces.asked if replaces else question.text if question else "",
            looked=replaces.looked if replaces else ExcerptsPart(()),
        )
        self._keys = {self.reply.key} | ({question.key} if question else set())

    @classmethod
    def asking(
        cls, chat: int, text: str, files: tuple[FilePart, ...], operation: Operation[Any]
    ) -> "RunningReply":
        return cls(chat, operation, Turn(key=QUESTION_KEY, role="user", text=text, files=files), None)

    @classmethod
    def again(cls, chat: int, reply: Turn, operation: Operation[Any]) -> "RunningReply":
        return cls(chat, operation, None, reply)

    @classmethod
    def going_on(cls, chat: int, reply: Turn, operation: Operation[Any]) -> "RunningReply":
        """`reply` with more to come."""
        longer = cls(chat, operation, None, reply)
        longer.reply = replace(reply, state="streaming", problem=None, activity=Activity("waiting"))
        return longer

    @classmethod
    def in_other_words(
        cls,
        chat: int,
        question: Turn,
        text: str,
        files: tuple[FilePart, ...],
        operation: Operation[Any],
    ) -> "RunningReply":
        """`question` asked as `text`: what stood from it on gives way."""
        instead = Turn(key=QUESTION_KEY, role="user", text=text, files=files, edited=True)
        asked = cls(chat, operation, instead, None)
        asked._keys.add(question.key)
        asked.gave_way = question.key
        return asked

    def take(self, event: ReplyEvent) -> None:
        """Follow what the core tells of this reply."""
        match event:
            case TurnSaved(question=question, reply=reply):
                self.saved = True
                if self.question is not None:
                    self.question = turn_of(question)
                excerpts = question.excerpts or self.reply.excerpts
                stored = turn_of(
                    reply,
                    excerpts,
                    searched=asked_documents(question) or self.reply.searched,
                    asked=question.text,
                    looked=looked_in(question.parts) if asked_documents(question) else self.reply.looked,
                )
                self.reply = replace(stored, state="streaming", activity=self.reply.activity)
                self._keys |= {question.id, reply.id} if self.question is not None else {reply.id}
            case SearchingDocuments() | QuestionRewritten() | VisitingDocument() | Summarizing():
                self._busy(_activity(event))
            case ExcerptsFound():
                self._find(event)
                self._busy(Activity("waiting"))
            case Planned(plan=plan):
                self.limit_tokens, self.dropped = plan.limit_tokens, plan.dropped_messages
            case LoadingModel(done=done):
                # all of it is there: what comes next takes a while with large models
                self._busy(Activity("loading", done) if done < 1 else Activity("waiting"))
            case ReadingPrompt(done=done):
                self._busy(Activity("reading", done))
            case Repeated() | TokensDrawn():
                self.repetition = event.repetition if isinstance(event, Repeated) else self.repetition
            case TextAdded(text=text):
                self._write(text)
            case ThoughtAdded(text=text):
                self._think(text)
            case _:
                assert_never(event)

    def ended(self, message: StoredMessage) -> Turn:
        """The reply as it was stored, with what is known of its question."""
        now = self.reply
        return turn_of(message, now.excerpts, searched=now.searched, asked=now.asked, looked=now.looked)

    def _find(self, event: ExcerptsFound) -> None:
        told = ExcerptsPart((), event.way, event.query, event.read, event.documents, event.indexing)
        looked = told if told != ExcerptsPart(()) else self.reply.looked
        self.reply = replace(self.reply, excerpts=event.excerpts, searched=True, looked=looked)

    def _busy(self, activity: Activity) -> None:
        self.reply = replace(self.reply, activity=activity)

    def _think(self, text: str) -> None:
        if self.reply.thoughts is None:
            self._thinking_since = time.monotonic()
        before = self.reply.thoughts.text if self.reply.thoughts else ""
        thoughts = ThoughtsPart(before + text, time.monotonic() - self._thinking_since)
        self.reply = replace(self.reply, thoughts=thoughts, activity=Activity("thinking"))

    def _write(self, text: str) -> None:
        written = self.reply.text + text
        citations = self.reply.citations
        if self.reply.excerpts and any(bracket in text for bracket in "]】"):
            citations = cited(written, self.reply.excerpts, finished=False)
        self.reply = replace(self.reply, text=written, citations=citations, activity=Activity("writing"))

    def lay_over(self, turns: TurnList) -> int:
        """Put this question and reply in their place: at the end, or where the old reply stood. Gives the
        first place where the turns are others now.
        """
        at = self.at(turns)
        return turns.put_from(at, [*([self.question] if self.question else []), self.reply])

    def take_back(self, turns: TurnList) -> int:
        """Take this reply away again, and put the one in place that it was to replace. Gives the place."""
        at = self.at(turns)
        turns.put_from(at, [self.replaces] if self.replaces else [])
        return at

    def at(self, turns: TurnList) -> int:
        """The index at which this question, or the reply, stands or would stand."""
        keys = self._keys | ({self.replaces.key} if self.replaces else set())
        places = (turns.index_of(key) for key in keys)
        return min((place for place in places if place is not None), default=len(turns))


def _activity(event: SearchingDocuments | QuestionRewritten | VisitingDocument | Summarizing) -> Activity:
    match event:
        case VisitingDocument(number=number, documents=documents):
            return Activity("visiting", number / max(1, documents))
        case Summarizing():
            return Activity("summarizing")
        case _:
            return Activity("searching")
