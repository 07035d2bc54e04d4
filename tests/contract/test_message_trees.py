"""What every core does with the tree of a chat's messages, the real one and the one of the window's tests."""

from desktop.core.contract import Core
from desktop.core.events import TextAdded, TurnSaved
from desktop.core.types import Chat, StoredMessage
from desktop.core.types.composing import Draft
from tests.contract.conftest import code_of
from tests.fakes.house import PATIENCE_S, Heard


def asked(core: Core, *questions: str) -> tuple[int, list[StoredMessage]]:
    """A chat in which these were asked: its number and its messages."""
    chat = core.create_chat().result(PATIENCE_S).info.id
    for question in questions:
        core.send(chat, question).result(PATIENCE_S)
    return chat, shown(core, chat)


def shown(core: Core, chat: int) -> list[StoredMessage]:
    return list(core.open_chat(chat).result(PATIENCE_S).messages)


def texts(chat: Chat) -> list[str]:
    return [message.text for message in chat.messages]


def test_a_message_alone_at_its_place_names_no_versions_and_two_name_both(core: Core) -> None:
    chat, (question, first) = asked(core, "How much?")
    assert (question.versions, first.versions) == ((), ())
    heard = Heard()
    operation = core.regenerate(first.id)
    operation.subscribe(heard)
    second = operation.result(PATIENCE_S)
    assert second.versions == (first.id, second.id)
    (saved,) = heard.of(TurnSaved)
    assert saved.reply.versions == (first.id, second.id)
    assert [message.versions for message in shown(core, chat)] == [(), (first.id, second.id)]


def test_a_branch_that_is_switched_away_from_comes_back_down_to_its_end(core: Core) -> None:
    chat, messages = asked(core, "How much?", "And for children?")
    second = core.regenerate(messages[1].id).result(PATIENCE_S)
    assert [message.id for message in shown(core, chat)] == [messages[0].id, second.id]
    back = core.activate(messages[1].id).result(PATIENCE_S)
    assert [message.id for message in back.messages] == [message.id for message in messages]
    assert shown(core, chat) == list(back.messages)


def test_a_question_in_other_words_is_a_version_that_is_answered(core: Core) -> None:
    chat, messages = asked(core, "How much?", "And for children?")
    reply = core.send_edited(messages[0].id, "How much in winter?").result(PATIENCE_S)
    question, answer = shown(core, chat)
    assert (question.text, question.edited) == ("How much in winter?", True)
    assert question.versions == (messages[0].id, question.id)
    assert (answer.id, answer.state) == (reply.id, "complete")
    old = core.activate(messages[0].id).result(PATIENCE_S)
    assert texts(old) == [message.text for message in messages]


def test_an_edit_that_is_only_saved_keeps_what_follows_and_what_stood_there(core: Core) -> None:
    _chat, messages = asked(core, "How much?", "And for children?")
    changed = core.edit_message(messages[1].id, "Nine euros.").result(PATIENCE_S)
    said = [message.text for message in messages]
    assert texts(changed) == [said[0], "Nine euros.", *said[2:]]
    new = changed.messages[1]
    assert (new.edited, new.role, new.versions) == (True, "assistant", (messages[1].id, new.id))
    assert texts(core.activate(messages[1].id).result(PATIENCE_S)) == said


def test_a_deleted_message_takes_what_follows_and_comes_back_with_it(core: Core) -> None:
    _chat, messages = asked(core, "How much?", "And for children?")
    left = core.delete_message(messages[2].id).result(PATIENCE_S)
    assert [message.id for message in left.messages] == [messages[0].id, messages[1].id]
    assert core.search_chats("children").result(PATIENCE_S) == ()
    back = core.restore_message(messages[2].id).result(PATIENCE_S)
    assert list(back.messages) == messages
    assert len(core.search_chats("children").result(PATIENCE_S)) == 1


def test_any_deletion_of_this_run_can_be_undone_in_any_order(core: Core) -> None:
    chat, messages = asked(core, "One", "Two", "Three")
    for message in (messages[4], messages[2], messages[0]):
        core.delete_message(message.id).result(PATIENCE_S)
    assert shown(core, chat) == []
    # what it stood under comes back with it, and what was deleted before it stays away
    assert texts(core.restore_message(messages[2].id).result(PATIENCE_S))[::2] == ["One", "Two"]
    assert texts(core.restore_message(messages[4].id).result(PATIENCE_S))[::2] == ["One", "Two", "Three"]
    assert code_of(core.restore_message(messages[0].id)) == "unknown_message"
    assert shown(core, chat) == messages


def test_a_deleted_version_leaves_the_place_to_the_others(core: Core) -> None:
    _chat, messages = asked(core, "How much?")
    second = core.regenerate(messages[1].id).result(PATIENCE_S)
    left = core.delete_message(second.id).result(PATIENCE_S)
    assert list(left.messages) == messages
    assert core.delete_message(messages[0].id).result(PATIENCE_S).messages == ()


def test_a_new_chat_branches_off_with_everything_up_to_a_message(core: Core) -> None:
    chat, messages = asked(core, "How much?", "And for children?")
    core.set_system_prompt(chat, "Be brief.").result(PATIENCE_S)
    made = core.branch_chat(messages[1].id).result(PATIENCE_S)
    assert made.info.id != chat
    assert (made.info.title, made.system_prompt) == ("How much? (2)", "Be brief.")
    assert texts(made) == [message.text for message in messages[:2]]
    assert shown(core, chat) == messages


def test_a_reply_is_rated_and_a_question_is_not(core: Core) -> None:
    chat, (question, reply) = asked(core, "How much?")
    core.rate_message(reply.id, -1).result(PATIENCE_S)
    assert shown(core, chat)[1].rating == -1
    core.rate_message(reply.id, 0).result(PATIENCE_S)
    assert shown(core, chat)[1].rating == 0
    assert code_of(core.rate_message(question.id, 1)) == "unknown_message"


def test_a_reply_goes_on_where_it_ended_and_keeps_what_it_said(core: Core) -> None:
    chat, (question, reply) = asked(core, "How much?")
    heard = Heard()
    operation = core.continue_reply(reply.id)
    operation.subscribe(heard)
    longer = operation.result(PATIENCE_S)
    added = "".join(event.text for event in heard.of(TextAdded))
    assert added
    assert (longer.id, longer.text, longer.state) == (reply.id, reply.text + added, "complete")
    assert [message.id for message in shown(core, chat)] == [question.id, reply.id]
    (saved,) = heard.of(TurnSaved)
    assert (saved.reply.text, saved.reply.state) == (reply.text, "streaming")


def test_a_reply_that_something_follows_goes_on_as_a_version_beside_it(core: Core) -> None:
    _chat, messages = asked(core, "How much?", "And for children?")
    longer = core.continue_reply(messages[1].id).result(PATIENCE_S)
    assert longer.versions == (messages[1].id, longer.id)
    assert longer.text.startswith(messages[1].text)
    back = core.activate(messages[1].id).result(PATIENCE_S)
    assert texts(back) == [message.text for message in messages]


def test_messages_that_are_not_there_are_said(core: Core) -> None:
    for call in (core.activate, core.delete_message, core.restore_message, core.branch_chat):
        assert code_of(call(999_999)) == "unknown_message"
    assert code_of(core.edit_message(999_999, "Hello")) == "unknown_message"
    assert code_of(core.send_edited(999_999, "Hello")) == "unknown_message"
    assert code_of(core.continue_reply(999_999)) == "unknown_message"


def test_an_edited_question_must_ask_something(core: Core) -> None:
    chat, (question, reply) = asked(core, "How much?")
    assert code_of(core.send_edited(question.id, "  ")) == "empty_question"
    assert code_of(core.send_edited(reply.id, "Hello")) == "unknown_message"
    assert shown(core, chat) == [question, reply]


def test_drafts_are_kept_by_chat_and_an_empty_one_is_none(core: Core) -> None:
    chat = core.create_chat().result(PATIENCE_S).info.id
    core.save_draft(chat, "How mu").result(PATIENCE_S)
    core.save_draft(0, "Hello").result(PATIENCE_S)
    core.save_draft(0, "Hello there").result(PATIENCE_S)
    assert core.list_drafts().result(PATIENCE_S) == {chat: Draft("How mu"), 0: Draft("Hello there")}
    core.save_draft(chat, "").result(PATIENCE_S)
    assert core.list_drafts().result(PATIENCE_S) == {0: Draft("Hello there")}
    assert code_of(core.save_draft(999_999, "Hello")) == "unknown_chat"
