"""Replies of the fake core that are made from replies: branches at a token, and repetitions."""

from collections.abc import Callable
from typing import Any

from desktop.core.errors import CoreError, NoRecord
from desktop.core.operations import Operation
from desktop.core.replies.other_replies import chosen
from desktop.core.types import StoredMessage
from engine.protocol import TokenDetail
from tests.fakes.chats import FakeChats
from tests.fakes.details import details_of


class FakeOtherReplies:
    """What `FakeCore` inherits."""

    chats: FakeChats
    settings: dict[str, object]
    _now: Callable[..., Operation[Any]]
    _reply: Callable[..., Operation[StoredMessage]]

    def token_details(self, reply: int) -> Operation[tuple[TokenDetail, ...]]:
        return self._now("token_details", lambda: self._details(reply), reply)

    def _details(self, reply: int) -> tuple[TokenDetail, ...]:
        count = int(str(self.settings["alternatives"]))
        text = self.chats.message(reply).text
        return details_of(text, count) if count else ()

    def branch_reply(self, reply: int, token: int, instead: int) -> Operation[StoredMessage]:
        arguments = (reply, token, instead)
        try:
            details = self._details(reply)
            kept = (*details[:token], chosen(details, token, instead))
            chat = self.chats._chat_of(reply).info.id
        except CoreError as error:
            return self._refused("branch_reply", error, *arguments)
        text = "".join(detail.text for detail in kept)
        return self._reply("branch_reply", chat, lambda: self.chats.cut_before(reply), *arguments, text=text)

    def repeat_reply(self, reply: int) -> Operation[StoredMessage]:
        try:
            old = self.chats.message(reply)
            if old.stats is None or old.stats.record is None:
                raise NoRecord
        except CoreError as error:
            return self._refused("repeat_reply", error, reply)
        return self._reply("repeat_reply", old.chat, lambda: self.chats.cut_before(reply), reply, repeats=old)

    def _refused(self, name: str, error: CoreError, *arguments: object) -> Operation[Any]:
        def refuse() -> None:
            raise error

        return self._now(name, refuse, *arguments)
