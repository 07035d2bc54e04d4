"""Replies made from replies: one goes another way from a token on, one is made exactly again."""

from dataclasses import replace

import msgspec

from desktop.core.chats.thread import StoreThread
from desktop.core.errors import NoAlternatives, NoRecord
from desktop.core.events import Repeated
from desktop.core.operations import Operation, start
from desktop.core.replies.conversation import Conversations
from desktop.core.replies.repeats import record_of, repetition
from desktop.core.replies.token_spans import spans
from desktop.core.types import StoredMessage
from engine.protocol import Message, TokenDetail


class OtherReplies:
    """What `Services` inherits. Described in `desktop.core.contract.Core`."""

    _store: StoreThread
    _conversations: Conversations

    def branch_reply(self, reply: int, token: int, instead: int) -> Operation[StoredMessage]:
        def work(operation: Operation[StoredMessage]) -> StoredMessage:
            old = self._store.call(lambda chats: chats.message(reply))
            details = self._store.call(lambda chats: chats.token_details(reply))
            kept = (*details[:token], chosen(details, token, instead))
            begins = tuple(detail.id for detail in kept)
            begun = _before(old, details)
            model = _model_of(old)
            return self._conversations.another(
                old,
                operation,
                lambda asked: replace(asked, begins=begins, begun=begun, model=model),
                kept,
                begun.content if begun else "",
            )

        return start(work, f"branch-{reply}")

    def repeat_reply(self, reply: int) -> Operation[StoredMessage]:
        def work(operation: Operation[StoredMessage]) -> StoredMessage:
            old = self._store.call(lambda chats: chats.message(reply))
            record = record_of(old.stats)
            if record is None:
                raise NoRecord
            again = self._conversations.another(
                old, operation, lambda asked: replace(asked, record=record, model=record.model)
            )
            operation.emit(Repeated(repetition(old, again)))
            return again

        return start(work, f"repeat-{reply}")


def chosen(details: tuple[TokenDetail, ...], token: int, instead: int) -> TokenDetail:
    """What is known of `instead` at the place of a token. Raises NoAlternatives."""
    if not 0 <= token < len(details):
        raise NoAlternatives
    here = details[token]
    before = next((other for other in here.before if other.id == instead), None)
    after = next((other for other in here.after if other.id == instead), None)
    found = before or after
    if instead == here.id:
        return here
    if found is None:
        raise NoAlternatives
    return msgspec.structs.replace(
        here,
        id=instead,
        text=found.text,
        p_before=before.p if before else 0.0,
        p_after=after.p if after else 0.0,
    )


def _before(reply: StoredMessage, details: tuple[TokenDetail, ...]) -> Message | None:
    """What the reply says before the first token that is known; None where that is its beginning."""
    first = next((span for span in spans(details, reply.text) if span is not None), None)
    if first is None or not first[0] or reply.thoughts is not None:
        return None
    return Message("assistant", reply.text[: first[0]])


def _model_of(reply: StoredMessage) -> str:
    """Whose tokens its numbers are. Raises NoRecord."""
    record = record_of(reply.stats)
    if record is None:
        raise NoRecord
    return record.model
