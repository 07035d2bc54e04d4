"""Turns of stored chats: save the question, have it answered, save the reply. Draws nothing.

The question is in the store before anything else is tried, and a reply ends in the store whatever
happened to it: complete, stopped by the person, interrupted by closing, or failed with its problem.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from desktop.core.answers.grounds import Grounds
from desktop.core.chats.store import ChatStore
from desktop.core.chats.thread import R, StoreThread
from desktop.core.errors import (
    Cancelled,
    EmptyQuestion,
    ReplyRunning,
    UnknownMessage,
)
from desktop.core.events import ExcerptsFound, TurnSaved
from desktop.core.operations import Operation, start
from desktop.core.replies.answering import Answering, Question
from desktop.core.replies.chat_prompts import ChatPrompts
from desktop.core.replies.citations import with_citations
from desktop.core.replies.previews import Previews
from desktop.core.replies.saver import Draft, ReplySaver
from desktop.core.replies.turns_before import ChatSummaries, MessagesBefore, TurnsBefore
from desktop.core.replies.writer import ReplyWriter
from desktop.core.types import (
    Chat,
    ChatInfo,
    Excerpt,
    ExcerptsPart,
    FilePart,
    PlannedPrompt,
    Reading,
    ReplyOptions,
    StoredMessage,
    TextPart,
)
from desktop.core.types.composing import FilesSize
from engine.protocol import Stats, TokenDetail

CLOSING_S = 2.0

How = Callable[[Question], Question]  # how a question is asked once more


def _as_asked(question: Question) -> Question:
    return question


class Conversations:
    """Replies to chats, one at a time per chat."""

    def __init__(
        self,
        store: StoreThread,
        saver: ReplySaver,
        answering: Answering,
        grounds: Callable[[ReplyWriter], Grounds],
        previews: Previews,
        prompts: ChatPrompts,
        model_name: Callable[[], str],
        chats_changed: Callable[[], None],
    ) -> None:
        self._store = store
        self._saver = saver
        self._answering = answering
        self._previews = previews
        self._prompts = prompts
        self._model_name = model_name  # of what answers, as the store notes it
        self._chats_changed = chats_changed
        self.writer = ReplyWriter(saver, chats_changed, lambda: self._closing)
        self.grounds = grounds(self.writer)
        self._lock = threading.Condition()
        self._running: dict[int, Operation[Any]] = {}
        self._closing = False

    def send(
        self,
        chat: int,
        text: str,
        files: tuple[FilePart, ...] = (),
        collections: tuple[str, ...] | None = None,
        reading: Reading = "automatic",
    ) -> Operation[StoredMessage]:
        """`collections`: what this question is answered from; None: what its chat draws from."""

        def work(operation: Operation[StoredMessage]) -> StoredMessage:
            return self._send(chat, text, files, collections, reading, operation)

        return start(work, f"reply-{chat}")

    def regenerate(self, reply: int) -> Operation[StoredMessage]:
        return start(lambda operation: self._regenerate(reply, operation), f"again-{reply}")

    def send_edited(
        self, question: int, text: str, files: tuple[FilePart, ...] | None = None
    ) -> Operation[StoredMessage]:
        return start(
            lambda operation: self._send_edited(question, text, files, operation), f"edited-{question}"
        )

    def continue_reply(self, reply: int) -> Operation[StoredMessage]:
        return start(lambda operation: self._continue(reply, operation), f"continue-{reply}")

    def change(self, message: int, work: Callable[[ChatStore], Chat]) -> Operation[Chat]:
        """Change the tree that `message` is of, while no reply is on its way in it."""

        def alone(operation: Operation[Chat]) -> Chat:
            chat = self._store.call(lambda chats: chats.chat_of(message))
            changed = self.alone(chat, operation, lambda: self._store.call(work))
            return with_citations(self._saver.with_unsaved(changed))

        return start(alone, f"change-{message}")

    def change_chat(self, chat: int, work: Callable[[ChatStore], Chat]) -> Operation[Chat]:
        """Change a chat as a whole, while no reply is on its way in it."""

        def alone(operation: Operation[Chat]) -> Chat:
            return self.alone(chat, operation, lambda: self._store.call(work))

        return start(alone, f"change-chat-{chat}")

    def plan(
        self, chat: int, draft: str, *, tokens: bool, files: tuple[FilePart, ...] = ()
    ) -> Operation[PlannedPrompt]:
        def work(_: Operation[PlannedPrompt]) -> PlannedPrompt:
            return self._previews.plan(self._drafted(chat, draft, files), tokens=tokens)

        return start(work, f"plan-{chat}")

    def measure(self, chat: int, text: str, files: tuple[FilePart, ...]) -> Operation[FilesSize]:
        def work(_: Operation[FilesSize]) -> FilesSize:
            return self._previews.measure(self._drafted(chat, text, files))

        return start(work, f"measure-{chat}")

    def _drafted(self, chat: int, draft: str, files: tuple[FilePart, ...]) -> Question:
        """Chat 0: one before its first question."""
        opened, before = Chat(ChatInfo(0, "", 0.0, 0.0), "", (), ()), None
        if chat:
            opened, before = self._before(chat, 0)
        return self._question(opened, before, draft.strip(), files=files)

    def _before(self, chat: int, question: int) -> tuple[Chat, MessagesBefore]:
        """A chat without its messages, and those before a question; 0: all."""
        head, path = self._store.call(lambda chats: chats.head(chat))
        return head, MessagesBefore(self._store, self._saver, chat, path, question)

    def stop(self, chat: int) -> None:
        """Stop the reply of a chat that is about to go."""
        with self._lock:
            operation = self._running.get(chat)
        if operation is not None:
            operation.cancel()

    def close(self) -> None:
        """Stop every reply and wait a moment until each is stored with what it says so far."""
        with self._lock:
            self._closing = True
            running = list(self._running.values())
        for operation in running:
            operation.cancel()
        self.wait(CLOSING_S)

    def wait(self, timeout_s: float) -> None:
        """Until no reply runs any more."""
        with self._lock:
            self._lock.wait_for(lambda: not self._running, timeout_s)

    # ── a turn ──

    def _send(
        self,
        chat: int,
        text: str,
        files: tuple[FilePart, ...],
        collections: tuple[str, ...] | None,
        reading: Reading,
        operation: Operation[StoredMessage],
    ) -> StoredMessage:
        if not text.strip() and not files:
            raise EmptyQuestion

        def work() -> StoredMessage:
            return self._answer_turn(chat, text.strip(), files, collections, reading, operation)

        return self._ask(chat, operation, work)

    def _regenerate(self, reply: int, operation: Operation[StoredMessage]) -> StoredMessage:
        return self.another(self._store.call(lambda chats: chats.message(reply)), operation)

    def another(
        self,
        old: StoredMessage,
        operation: Operation[StoredMessage],
        how: How = _as_asked,
        details: Sequence[TokenDetail] = (),
        before: str = "",
    ) -> StoredMessage:
        """Answer the question of `old` once more, as a sibling, in the way that `how` makes of it.

        `details`: of the tokens that the reply is given to begin with. `before`: what it says before those.
        """
        if old.role != "assistant" or old.parent is None:
            raise UnknownMessage(message=old.id)
        return self._ask(
            old.chat, operation, lambda: self._answer_again(old, operation, how, details, before)
        )

    def _send_edited(
        self,
        number: int,
        text: str,
        files: tuple[FilePart, ...] | None,
        operation: Operation[StoredMessage],
    ) -> StoredMessage:
        old = self._store.call(lambda chats: chats.message(number))
        if not text.strip() and not (old.files if files is None else files):
            raise EmptyQuestion

        def work() -> StoredMessage:
            question, reply = self._store.call(
                lambda chats: chats.add_edited_turn(number, text.strip(), self._model_name(), files)
            )
            operation.emit(TurnSaved(question, reply))
            return self._fill(question, reply, operation)

        return self._ask(old.chat, operation, work)

    def _continue(self, number: int, operation: Operation[StoredMessage]) -> StoredMessage:
        chat = self._store.call(lambda chats: chats.message(number)).chat

        def work() -> StoredMessage:
            question, reply = self._store.call(lambda chats: chats.reopen(number))
            operation.emit(TurnSaved(question, reply))
            return self._fill(question, reply, operation)

        return self._ask(chat, operation, work)

    def _ask(self, chat: int, operation: Operation[Any], work: Callable[[], R]) -> R:
        """Alone, with a system prompt in which nothing is missing."""

        def prepared() -> R:
            self._store.call(lambda chats: self._prompts.for_turn(chats, chat))
            return work()

        return self.alone(chat, operation, prepared)

    def alone(self, chat: int, operation: Operation[Any], work: Callable[[], R]) -> R:
        """Do `work` while nothing else is on its way in the chat. Raises ReplyRunning, Cancelled."""
        with self._lock:
            if chat in self._running:
                raise ReplyRunning(chat=chat)
            if self._closing:
                raise Cancelled
            self._running[chat] = operation
        try:
            return work()
        finally:
            self._chats_changed()
            with self._lock:
                del self._running[chat]
                self._lock.notify_all()

    def _answer_turn(
        self,
        chat: int,
        text: str,
        files: tuple[FilePart, ...],
        collections: tuple[str, ...] | None,
        reading: Reading,
        operation: Operation[StoredMessage],
    ) -> StoredMessage:
        written = (TextPart(text),) if text else ()
        question, reply = self._store.call(
            lambda chats: chats.add_turn(chat, (*written, *files), self._model_name())
        )
        operation.emit(TurnSaved(question, reply))
        return self._fill(question, reply, operation, collections=collections, reading=reading)

    def _answer_again(
        self,
        old: StoredMessage,
        operation: Operation[StoredMessage],
        how: How,
        details: Sequence[TokenDetail],
        before: str,
    ) -> StoredMessage:
        asked = old.parent or 0
        question = self._store.call(lambda chats: chats.message(asked))
        model = self._model_name() if how is _as_asked else old.model
        reply = self._store.call(lambda chats: chats.add_reply(old.id, model))
        operation.emit(TurnSaved(question, reply))
        return self._fill(question, reply, operation, how, details, before)

    def _fill(
        self,
        question: StoredMessage,
        reply: StoredMessage,
        operation: Operation[StoredMessage],
        how: How = _as_asked,
        details: Sequence[TokenDetail] = (),
        before: str = "",
        collections: tuple[str, ...] | None = None,
        reading: Reading = "automatic",
    ) -> StoredMessage:
        def write(draft: Draft) -> Stats | None:
            return self._write(question, draft, operation, how, collections, reading)

        return self.writer.fill(reply, operation, write, details, before)

    def _write(
        self,
        question: StoredMessage,
        draft: Draft,
        operation: Operation[Any],
        how: How,
        collections: tuple[str, ...] | None,
        reading: Reading,
    ) -> Stats | None:
        chat, before = self._before(question.chat, question.id)

        def fits(excerpts: tuple[Excerpt, ...]) -> bool:
            return self._previews.leaves_half(self._question(chat, before, question.text, excerpts))

        found = self.grounds.of_turn(chat, before, question, collections, reading, fits, operation)
        excerpts = found.excerpts if found is not None else ()
        fresh = draft.begun is None and how is _as_asked and not question.files
        if found is not None and fresh and self.grounds.answer(found, question.text, draft, operation):
            return None

        def fewer(fitting: tuple[Excerpt, ...]) -> None:
            self.writer.freeze(question, ExcerptsPart(fitting))
            operation.emit(ExcerptsFound(fitting))

        asked = self._question(chat, before, question.text, excerpts, question.files)
        asked = how(replace(asked, begun=draft.begun))
        if asked.begun is not None or asked.begins:
            asked = replace(asked, options=ReplyOptions())  # a schema holds from the first word on
        stats, _plan = self._answering.reply(asked, operation, draft, fewer)
        return stats

    def _question(
        self,
        chat: Chat,
        before: MessagesBefore | None,
        text: str,
        excerpts: tuple[Excerpt, ...] = (),
        files: tuple[FilePart, ...] = (),
    ) -> Question:
        number = chat.info.id
        prompt = self._store.call(lambda chats: self._prompts.of(chats, number))
        return Question(
            text,
            prompt.text,
            TurnsBefore(before) if before is not None else (),
            excerpts,
            files,
            values=self._store.call(lambda chats: chats.reply_values(number)) if number else {},
            options=ReplyOptions(json_schema=prompt.content.json_schema),
            summaries=ChatSummaries(self._store),
            chat=None if chat.info.temporary else number,
            examples=prompt.examples,
        )
