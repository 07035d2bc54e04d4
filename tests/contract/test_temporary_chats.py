"""What every core does with a temporary chat: it works like any other, and is listed and found nowhere."""

from desktop.core.contract import Core
from desktop.core.events import ChatsChanged
from desktop.core.types import Chat
from tests.contract.conftest import code_of
from tests.fakes.house import PATIENCE_S, Heard


def temporary(core: Core, *questions: str) -> Chat:
    chat = core.create_chat(temporary=True).result(PATIENCE_S).info.id
    for question in questions:
        core.send(chat, question).result(PATIENCE_S)
    return core.open_chat(chat).result(PATIENCE_S)


def texts(chat: Chat) -> list[str]:
    return [message.text for message in chat.messages]


def test_every_call_about_a_temporary_chat_works_as_on_any_other(core: Core) -> None:
    chat = temporary(core, "How much?", "And on Sundays?")
    number, (asked, first, _, last) = chat.info.id, chat.messages
    assert (chat.info.temporary, chat.info.title) == (True, "How much?")
    assert number < 0
    assert all(message.id < 0 and message.chat == number for message in chat.messages)

    other = core.regenerate(last.id).result(PATIENCE_S)
    assert other.versions == (last.id, other.id)
    assert texts(core.activate(last.id).result(PATIENCE_S))[-1] == last.text
    assert texts(core.edit_message(asked.id, "How many?").result(PATIENCE_S))[0] == "How many?"
    core.activate(asked.id).result(PATIENCE_S)
    assert core.send_edited(asked.id, "How far?").result(PATIENCE_S).state == "complete"
    core.rate_message(first.id, 1).result(PATIENCE_S)
    core.pin_message(asked.id, True).result(PATIENCE_S)
    core.rename_chat(number, "Prices").result(PATIENCE_S)
    core.set_system_prompt(number, "Be brief.").result(PATIENCE_S)
    core.set_reply_values({"temperature": 0.2}, chat=number).result(PATIENCE_S)
    core.save_draft(number, "And for").result(PATIENCE_S)
    assert core.plan_prompt(number, "And for children?").result(PATIENCE_S).plan.prompt_tokens > 0
    assert core.token_details(first.id).result(PATIENCE_S) == ()
    assert len(core.delete_message(asked.id).result(PATIENCE_S).messages) < 4
    back = core.restore_message(asked.id).result(PATIENCE_S)
    assert (back.info.title, back.system_prompt) == ("Prices", "Be brief.")
    assert (back.messages[0].pinned, back.messages[1].rating) == (True, 1)


def test_a_temporary_chat_is_told_while_it_is_there_and_is_never_found(core: Core) -> None:
    stored = core.create_chat().result(PATIENCE_S).info.id
    core.send(stored, "How much?").result(PATIENCE_S)
    chat = temporary(core, "How much?").info.id
    heard = Heard()
    core.subscribe(heard)
    told = heard.of(ChatsChanged)[0].chats
    assert [(info.id, info.temporary) for info in told] == [(chat, True), (stored, False)]
    for query in ("", "how much"):
        assert [info.id for info in core.search_chats(query).result(PATIENCE_S)] == [stored]
    core.delete_chat(chat).result(PATIENCE_S)
    assert [info.id for info in heard.of(ChatsChanged)[-1].chats] == [stored]
    assert code_of(core.open_chat(chat)) == "unknown_chat"


def test_a_branch_of_a_temporary_chat_is_one_too(core: Core) -> None:
    chat = temporary(core, "How much?")
    assert core.branch_chat(chat.messages[1].id).result(PATIENCE_S).info.temporary


def test_a_temporary_chat_that_is_kept_is_stored_with_its_whole_tree(core: Core) -> None:
    chat = temporary(core, "How much?", "And on Sundays?")
    again = core.regenerate(chat.messages[1].id).result(PATIENCE_S)
    core.rate_message(again.id, -1).result(PATIENCE_S)
    shown = core.activate(chat.messages[3].id).result(PATIENCE_S)

    kept = core.keep_chat(chat.info.id).result(PATIENCE_S)

    assert not kept.info.temporary
    assert kept.info.id > 0
    assert (kept.info.title, texts(kept)) == (shown.info.title, texts(shown))
    assert [message.stats for message in kept.messages] == [message.stats for message in shown.messages]
    first = kept.messages[1]
    assert all(number > 0 for number in first.versions)
    other = core.activate(first.versions[1]).result(PATIENCE_S)
    assert (other.messages[-1].rating, len(other.messages)) == (-1, 2)
    assert code_of(core.open_chat(chat.info.id)) == "unknown_chat"
    assert [info.id for info in core.search_chats("sundays").result(PATIENCE_S)] == [kept.info.id]
    assert core.send(kept.info.id, "And at night?").result(PATIENCE_S).state == "complete"


def test_a_chat_that_is_stored_already_cannot_be_kept(core: Core) -> None:
    stored = core.create_chat().result(PATIENCE_S).info.id
    assert code_of(core.keep_chat(stored)) == "unknown_chat"
    assert code_of(core.keep_chat(-5)) == "unknown_chat"
