"""Keep a growing reply on disk: often enough to lose less than a second, again when the disk was full.

The text is in memory until the store has it, whatever happens to the disk. Generates nothing.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future

import msgspec

from desktop.core.chats.rows import reply_parts
from desktop.core.chats.store import ChatStore
from desktop.core.chats.thread import StoreThread
from desktop.core.errors import CoreError, UnknownMessage
from desktop.core.events import StorageProblem
from desktop.core.replies.continued import whole_details, whole_stats
from desktop.core.types import Chat, MessageState, Problem, StoredMessage, ThoughtsPart
from engine.protocol import Message, Stats, TokenDetail

# half of the second that may be lost: the save itself takes its time too
SAVE_EVERY_S = 0.5
RETRY_EVERY_S = 2.0

Saving = Callable[[ChatStore], StoredMessage]

log = logging.getLogger(__name__)


class ReplySaver:
    """Hands out drafts, and keeps trying to store finished replies that the disk refused."""

    def __init__(
        self,
        store: StoreThread,
        publish: Callable[[StorageProblem], None],
        save_every_s: float = SAVE_EVERY_S,
        retry_every_s: float = RETRY_EVERY_S,
    ) -> None:
        self.store = store
        self.save_every_s = save_every_s
        self._publish = publish
        self._retry_every_s = retry_every_s
        self._lock = threading.Lock()
        self._unsaved: dict[int, tuple[StoredMessage, Saving]] = {}
        self._troubled = False
        self._closing = threading.Event()

    def draft(self, reply: StoredMessage, details: Sequence[TokenDetail] = ()) -> "Draft":
        """`details`: what the beginning of a reply that goes on was drawn from."""
        return Draft(reply, self, details)

    def with_unsaved(self, chat: Chat) -> Chat:
        """The chat as it would be if the disk had taken everything."""
        return msgspec.structs.replace(chat, messages=self.as_written(chat.messages))

    def as_written(self, messages: Iterable[StoredMessage]) -> tuple[StoredMessage, ...]:
        """Messages as they would be if the disk had taken everything."""
        with self._lock:
            return tuple(
                self._unsaved[message.id][0] if message.id in self._unsaved else message
                for message in messages
            )

    def close(self) -> None:
        """Try once more to store what is left."""
        self._closing.set()
        self._store_unsaved()
        if self._unsaved:
            log.error("%d replies could not be saved", len(self._unsaved))

    def store_or_keep(self, message: StoredMessage, saving: Saving) -> StoredMessage:
        """Store a message; when the disk refuses it, keep it in memory and try again until it is taken."""
        try:
            stored = self.store.call(saving)
        except UnknownMessage:  # its chat was deleted for good meanwhile
            return message
        except CoreError as error:
            self.failed(error)
            with self._lock:
                alone = not self._unsaved
                self._unsaved[message.id] = (message, saving)
            if alone:
                threading.Thread(target=self._retry, name="save-again", daemon=True).start()
            return message
        self.worked()
        return stored

    # ── for drafts ──

    def worked(self) -> None:
        with self._lock:
            over = self._troubled and not self._unsaved
            if over:
                self._troubled = False
        if over:
            self._publish(StorageProblem(None))

    def failed(self, error: CoreError) -> None:
        with self._lock:
            first, self._troubled = not self._troubled, True
        if first:
            self._publish(StorageProblem(error.problem()))

    def _retry(self) -> None:
        while not self._closing.wait(self._retry_every_s):
            self._store_unsaved()
            with self._lock:
                if not self._unsaved:
                    return

    def _store_unsaved(self) -> None:
        with self._lock:
            waiting = list(self._unsaved.items())
        for number, (_message, saving) in waiting:
            try:
                self.store.call(saving)
            except UnknownMessage:
                pass
            except CoreError as error:
                self.failed(error)
                return
            with self._lock:
                self._unsaved.pop(number, None)
        self.worked()


class Draft:
    """A reply while it is written. Used by the one thread that writes it."""

    def __init__(self, reply: StoredMessage, saver: ReplySaver, details: Sequence[TokenDetail] = ()) -> None:
        self._reply = reply
        self._saver = saver
        # a reply that goes on has a beginning
        self._pieces: list[str] = [reply.text] if reply.text else []
        self._thoughts: list[str] = [reply.thoughts.text] if reply.thoughts else []
        self._thinking_since = 0.0  # monotonic
        self._thought_s = reply.thoughts.seconds if reply.thoughts else 0.0
        self._details_before = details
        self._details: list[TokenDetail] = []
        self._changed = False
        self._saved_at = time.monotonic()
        self._saving: Future[None] | None = None

    @property
    def begun(self) -> Message | None:
        """What the reply said before it went on; None for a new one."""
        thoughts = self._reply.thoughts.text if self._reply.thoughts else ""
        return Message("assistant", self._reply.text, thoughts) if self._reply.text else None

    @property
    def text(self) -> str:
        return "".join(self._pieces)

    @property
    def thoughts(self) -> ThoughtsPart | None:
        """What was thought so far, and for how long."""
        if not self._thoughts:
            return None
        going_on = 0.0 if self._pieces else time.monotonic() - self._thinking_since
        return ThoughtsPart("".join(self._thoughts), round(self._thought_s + going_on, 1))

    def think(self, text: str) -> None:
        if not self._thoughts:
            self._thinking_since = time.monotonic()
        self._thoughts.append(text)
        self._changed = True

    def add(self, text: str) -> None:
        if self._thoughts and not self._pieces:
            self._thought_s = time.monotonic() - self._thinking_since
        self._pieces.append(text)
        self._changed = True

    def note(self, details: Sequence[TokenDetail]) -> None:
        """What the next tokens were drawn from; stored with the end of the reply."""
        self._details += details

    def tick(self) -> None:
        """Save when it is time. Does not wait for the disk: a slow one must not hold up the reply."""
        if self._saving is not None:
            if not self._saving.done():
                return
            self._note(self._saving)
            self._saving = None
        now = time.monotonic()
        if self._changed and now - self._saved_at >= self._saver.save_every_s:
            self._changed, self._saved_at = False, now
            number, text, thoughts = self._reply.id, self.text, self.thoughts
            self._saving = self._saver.store.submit(lambda store: store.save_text(number, text, thoughts))

    def finish(
        self, state: MessageState, stats: Stats | None = None, problem: Problem | None = None
    ) -> StoredMessage:
        """Store the end of the reply; kept in memory and tried again when the disk refuses it."""
        thoughts = self.thoughts
        parts = reply_parts(self.text, thoughts)
        if self._reply.text:
            stats = whole_stats(self._reply.stats, stats)
        details = whole_details(self._details_before, self._reply.text, self._details)
        ended = msgspec.structs.replace(self._reply, parts=parts, state=state, stats=stats, problem=problem)
        return self._saver.store_or_keep(
            ended,
            lambda chats: chats.finish(
                ended.id, ended.text, ended.state, ended.stats, ended.problem, thoughts, details
            ),
        )

    def _note(self, saved: "Future[None]") -> None:
        error = saved.exception()
        if error is None:
            self._saver.worked()
        elif isinstance(error, UnknownMessage):
            pass  # its chat was deleted for good meanwhile: nothing to keep
        elif isinstance(error, CoreError):
            self._changed = True
            self._saver.failed(error)
        else:
            raise error
