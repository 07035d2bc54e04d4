"""A reply from its first word to its end in the store, whatever happens to it. Asks no engine itself."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from desktop.core.errors import Cancelled, CoreError, Unexpected
from desktop.core.events import TextAdded
from desktop.core.operations import Operation
from desktop.core.replies.saver import Draft, ReplySaver
from desktop.core.types import ExcerptsPart, MessageState, StoredMessage
from engine.protocol import Stats, TokenDetail


class ReplyWriter:
    """For one reply at a time on each thread that uses it."""

    def __init__(
        self, saver: ReplySaver, chats_changed: Callable[[], None], closing: Callable[[], bool]
    ) -> None:
        self._saver = saver
        self._chats_changed = chats_changed
        self._closing = closing

    def fill(
        self,
        reply: StoredMessage,
        operation: Operation[Any],
        write: Callable[[Draft], Stats | None],
        details: Sequence[TokenDetail] = (),
        before: str = "",
    ) -> StoredMessage:
        """Have `write` write the reply, and say what it cost; None: no model wrote it. However it ends, it
        ends in the store.

        `details`: of the tokens that it is given to begin with. `before`: what it says before those. Raises
        what `write` does, unless a person stopped it.
        """
        draft = self._saver.draft(reply, details or self._kept_details(reply))
        if before:
            draft.add(before)
            operation.emit(TextAdded(before))
        try:
            self._chats_changed()
            stats = write(draft)
        except Cancelled:
            return draft.finish(self._cut_short())
        except CoreError as error:
            if operation.cancelled:  # an engine that did not hear it was ended
                return draft.finish(self._cut_short(), problem=error.problem())
            draft.finish("failed", problem=error.problem())
            raise
        except Exception as error:  # a defect: the reply must not stay "streaming" for good
            draft.finish("failed", problem=Unexpected(repr(error)).problem())
            raise
        cancelled = stats is not None and stats.stop_reason == "cancelled"
        return draft.finish(self._cut_short() if cancelled else "complete", stats)

    def freeze(self, question: StoredMessage, part: ExcerptsPart) -> StoredMessage:
        """Keep what was found with the question that asked for it."""
        others = tuple(p for p in question.parts if not isinstance(p, ExcerptsPart))
        frozen = msgspec.structs.replace(question, parts=(*others, part))
        self._saver.store_or_keep(frozen, lambda chats: chats.set_excerpts(question.id, part))
        return frozen

    def _kept_details(self, reply: StoredMessage) -> tuple[TokenDetail, ...]:
        """What the beginning of a reply that goes on was drawn from."""
        return self._saver.store.call(lambda chats: chats.token_details(reply.id)) if reply.text else ()

    def _cut_short(self) -> MessageState:
        return "interrupted" if self._closing() else "stopped"
