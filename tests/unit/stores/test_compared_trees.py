"""Comparisons among all that is done to trees of messages: what survives reads back identical."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule, run_state_machine_as_test

from desktop.core.errors import UnknownMessage
from desktop.core.types import TextPart
from desktop.core.types.comparing import Side
from tests.unit.stores.test_chat_trees import Chats, texts

SIDES = (Side(prompt="Be brief."), Side(model="/models/other.gguf", values={"temperature": 0.5}))


class ComparedChats(Chats):
    """The same, with two branches that are asked at once."""

    def shown(self, chat: int) -> None:
        path = self.store.chat(chat).messages
        self.leaf[chat] = path[-1].id if path else None

    @precondition(lambda self: self.living)
    @rule(data=st.data(), question=texts, answers=st.tuples(texts, texts))
    def compare(self, data: st.DataObject, question: str, answers: tuple[str, str]) -> None:
        chat = self.pick(data, self.living)
        before = self.store.comparison(chat)
        turns = self.store.add_compared_turns(chat, [TextPart(question)], SIDES, ("one", "other"))
        for (asked, reply), answer, side in zip(turns, answers, before.sides, strict=True):
            assert asked.parent == (side.messages[-1].id if side.messages else None)
            self.messages[chat][asked.id] = asked
            self.end(chat, reply.id, answer, data)
        self.leaf[chat] = turns[0][1].id
        after = self.store.comparison(chat)
        assert after.kept
        assert tuple(side.side for side in after.sides) == SIDES
        for old, new, (asked, reply) in zip(before.sides, after.sides, turns, strict=True):
            ids = [message.id for message in new.messages]
            assert ids == [*(message.id for message in old.messages), asked.id, reply.id]

    @precondition(lambda self: self.living)
    @rule(data=st.data(), side=st.sampled_from([0, 1]), answer=texts)
    def answer_a_side_again(self, data: st.DataObject, side: int, answer: str) -> None:
        chat = self.pick(data, self.living)
        before = self.store.comparison(chat)
        if not before.kept:
            with pytest.raises(UnknownMessage):
                self.store.add_compared_reply(chat, side, "one")
            return
        asked, reply = self.store.add_compared_reply(chat, side, "one")
        assert asked.id == before.sides[side].messages[-2].id
        self.end(chat, reply.id, answer, data)
        self.shown(chat)
        other = self.store.comparison(chat).sides[1 - side]
        assert [message.id for message in other.messages] == [
            message.id for message in before.sides[1 - side].messages
        ]

    @precondition(lambda self: self.living)
    @rule(data=st.data(), side=st.sampled_from([0, 1]))
    def keep(self, data: st.DataObject, side: int) -> None:
        chat = self.pick(data, self.living)
        before = self.store.comparison(chat)
        if not before.kept:
            with pytest.raises(UnknownMessage):
                self.store.end_comparison(chat, side)
            return
        assert self.store.end_comparison(chat, side) == before.sides[side].side
        self.leaf[chat] = before.sides[side].messages[-1].id
        assert not self.store.comparison(chat).kept


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_whatever_is_compared_among_other_changes_no_message_is_lost() -> None:
    run_state_machine_as_test(
        ComparedChats, settings=settings(max_examples=25, stateful_step_count=30, deadline=None)
    )
