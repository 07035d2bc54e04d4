"""A turn from question to stored reply, over fake workers in processes of their own."""

import threading
from pathlib import Path

import pytest

from desktop.core.errors import CoreError
from desktop.core.events import (
    ChatsChanged,
    EngineStatus,
    ExcerptsFound,
    LoadingModel,
    Planned,
    SearchingDocuments,
    TextAdded,
    TurnSaved,
)
from desktop.core.services import Services
from engine.protocol import Message
from tests.fakes.house import PATIENCE_S, Heard, house, open_house, places_in
from tests.fakes.rag_workers import PASSAGE


def reply_to(core: Services, chat: int, text: str) -> tuple[str, Heard]:
    heard = Heard()
    operation = core.send(chat, text)
    operation.subscribe(heard)
    return operation.result(PATIENCE_S).text, heard


def new_chat(core: Services) -> int:
    return core.create_chat().result(PATIENCE_S).info.id


def code_of(error: pytest.ExceptionInfo[CoreError]) -> str:
    return error.value.problem().code


def test_a_turn_is_saved_first_then_answered_and_stays_after_a_restart(tmp_path: Path) -> None:
    places = places_in(tmp_path)
    core = open_house(places)
    try:
        chat = new_chat(core)
        text, heard = reply_to(core, chat, "Good morning")
        assert text.startswith("You said: Good morning")
        assert isinstance(heard.events[0], TurnSaved)
        assert heard.of(LoadingModel)
        assert heard.of(Planned)[0].plan.prompt_tokens > 0
        assert "".join(event.text for event in heard.of(TextAdded)) == text
    finally:
        core.close()
    core = open_house(places)
    try:
        kept = core.open_chat(chat).result(PATIENCE_S)
        assert [message.text for message in kept.messages] == ["Good morning", text]
        assert kept.messages[1].state == "complete"
        assert kept.messages[1].stats is not None
        assert kept.info.title == "Good morning"
    finally:
        core.close()


def test_a_second_turn_reuses_the_prefix_of_the_first(tmp_path: Path) -> None:
    with house(tmp_path) as core:
        chat = new_chat(core)
        core.set_collections(chat, ("default",)).result(PATIENCE_S)
        core.send(chat, "How much does a ticket cost?").result(PATIENCE_S)
        second = core.send(chat, "And for children?").result(PATIENCE_S)
        assert second.stats is not None
        first = core.open_chat(chat).result(PATIENCE_S).messages[1]
        assert first.stats is not None
        assert second.stats.reused_tokens >= first.stats.prompt_tokens


def test_documents_are_searched_and_frozen_into_the_turn(tmp_path: Path) -> None:
    with house(tmp_path) as core:
        chat = new_chat(core)
        core.set_collections(chat, ("default",)).result(PATIENCE_S)
        text, heard = reply_to(core, chat, "How much does a ticket cost?")
        assert heard.of(SearchingDocuments)
        (found,) = heard.of(ExcerptsFound)
        assert found.excerpts[0].text == PASSAGE
        assert PASSAGE in text  # the fake engine repeats its prompt
        question = core.open_chat(chat).result(PATIENCE_S).messages[0]
        assert question.text == "How much does a ticket cost?"
        assert question.excerpts == found.excerpts


def test_an_empty_or_vanished_collection_gives_the_reply_that_nothing_was_found(tmp_path: Path) -> None:
    with house(tmp_path) as core:
        for name in ("empty", "gone"):
            chat = new_chat(core)
            core.set_collections(chat, (name,)).result(PATIENCE_S)
            text, heard = reply_to(core, chat, "Anything there?")
            assert heard.of(ExcerptsFound) == [ExcerptsFound(())]
            assert text == "I found nothing about this in these documents."


def test_a_second_try_is_a_sibling_from_the_same_excerpts(tmp_path: Path) -> None:
    with house(tmp_path) as core:
        chat = new_chat(core)
        core.set_collections(chat, ("default",)).result(PATIENCE_S)
        first = core.send(chat, "How much?").result(PATIENCE_S)
        core.set_collections(chat, ()).result(PATIENCE_S)
        operation = core.regenerate(first.id)
        heard = Heard()
        operation.subscribe(heard)
        second = operation.result(PATIENCE_S)
        assert second.id != first.id
        assert second.parent == first.parent
        assert PASSAGE in second.text
        assert not heard.of(SearchingDocuments)
        assert core.open_chat(chat).result(PATIENCE_S).messages[-1] == second


def test_one_chat_has_one_reply_at_a_time(tmp_path: Path) -> None:
    with house(tmp_path) as core:
        chat = new_chat(core)
        core.set_setting("temperature", 0.0).result(PATIENCE_S)
        first = core.send(chat, "!slow one two three")
        begun = threading.Event()
        first.subscribe(lambda event: begun.set() if isinstance(event, TextAdded) else None)
        assert begun.wait(PATIENCE_S)
        with pytest.raises(CoreError) as refused:
            core.send(chat, "and now?").result(PATIENCE_S)
        assert code_of(refused) == "reply_running"
        assert first.result(PATIENCE_S).state == "complete"
        assert len(core.open_chat(chat).result(PATIENCE_S).messages) == 2


def test_another_chat_waits_for_the_engine_and_is_answered(tmp_path: Path) -> None:
    with house(tmp_path) as core:
        core.set_setting("temperature", 0.0).result(PATIENCE_S)  # the fake engine is then brief
        operations = [core.send(new_chat(core), f"!slow number {n}") for n in range(3)]
        texts = [operation.result(PATIENCE_S).text for operation in operations]
        assert all(f"number {n}" in text for n, text in enumerate(texts))


def test_a_waiting_reply_can_be_stopped(tmp_path: Path) -> None:
    with house(tmp_path) as core:
        first = core.send(new_chat(core), "!long")
        begun = threading.Event()
        first.subscribe(lambda event: begun.set() if isinstance(event, TextAdded) else None)
        assert begun.wait(PATIENCE_S)
        second = core.send(new_chat(core), "hello")
        second.cancel()
        stopped = second.result(PATIENCE_S)
        assert (stopped.state, stopped.text) == ("stopped", "")
        first.cancel()
        assert first.result(PATIENCE_S).state == "stopped"


def test_a_stopped_reply_keeps_its_text(tmp_path: Path) -> None:
    with house(tmp_path) as core:
        chat = new_chat(core)
        operation = core.send(chat, "!long")
        begun = threading.Event()
        operation.subscribe(lambda event: begun.set() if isinstance(event, TextAdded) else None)
        assert begun.wait(PATIENCE_S)
        operation.cancel()
        reply = operation.result(PATIENCE_S)
        assert reply.state == "stopped"
        assert reply.text.split()[0] == "1"
        assert reply.stats is not None
        assert reply.stats.stop_reason == "cancelled"
        assert core.open_chat(chat).result(PATIENCE_S).messages[-1] == reply


def test_text_is_told_in_pieces_larger_than_tokens(tmp_path: Path) -> None:
    with house(tmp_path) as core:
        heard, enough = Heard(), threading.Event()
        operation = core.send(new_chat(core), "!long")  # some 500 tokens a second
        operation.subscribe(heard)
        operation.subscribe(lambda event: enough.set() if len(heard.of(TextAdded)) >= 10 else None)
        assert enough.wait(PATIENCE_S)
        operation.cancel()
        reply = operation.result(PATIENCE_S)
        assert reply.stats is not None
        assert reply.stats.generated_tokens > 5 * len(heard.of(TextAdded))
        assert "".join(event.text for event in heard.of(TextAdded)) == reply.text


def test_closing_in_the_middle_of_a_reply_keeps_it_as_interrupted(tmp_path: Path) -> None:
    places = places_in(tmp_path)
    core = open_house(places)
    chat = new_chat(core)
    operation = core.send(chat, "!long")
    begun = threading.Event()
    operation.subscribe(lambda event: begun.set() if isinstance(event, TextAdded) else None)
    assert begun.wait(PATIENCE_S)
    core.close()
    assert operation.done
    with house(tmp_path) as core:
        reply = core.open_chat(chat).result(PATIENCE_S).messages[-1]
        assert reply.state == "interrupted"
        assert reply.text.split()[0] == "1"


def test_after_closing_nothing_is_done_any_more_and_nobody_waits(tmp_path: Path) -> None:
    with house(tmp_path) as core:
        chat = new_chat(core)
        core.close()
        chats = (core.open_chat(chat), core.send(chat, "Hello"), core.rename_chat(chat, "x"))
        for operation in (*chats, core.search("x"), core.answer((), "Hello")):
            with pytest.raises(CoreError) as closed:
                operation.result(PATIENCE_S)
            assert code_of(closed) == "cancelled"


def test_a_model_that_refuses_to_load_leaves_question_and_problem(tmp_path: Path) -> None:
    with house(tmp_path, "refuse") as core:
        chat = new_chat(core)
        with pytest.raises(CoreError) as failed:
            core.send(chat, "Hello?").result(PATIENCE_S)
        assert code_of(failed) == "model_load_failed"
        question, reply = core.open_chat(chat).result(PATIENCE_S).messages
        assert question.text == "Hello?"
        assert reply.state == "failed"
        assert reply.problem is not None
        assert reply.problem.code == "model_load_failed"


def test_without_any_model_the_question_is_kept(tmp_path: Path) -> None:
    places = places_in(tmp_path)
    (places.models / "model.gguf").unlink()
    core = open_house(places)
    try:
        chat = new_chat(core)
        with pytest.raises(CoreError) as failed:
            core.send(chat, "Hello?").result(PATIENCE_S)
        assert code_of(failed) == "no_model"
        assert failed.value.params["folder"] == str(places.models)
        assert core.open_chat(chat).result(PATIENCE_S).messages[0].text == "Hello?"
    finally:
        core.close()


def test_a_question_longer_than_the_window_fails_with_the_numbers(tmp_path: Path) -> None:
    with house(tmp_path, "small") as core:
        chat = new_chat(core)
        with pytest.raises(CoreError) as failed:
            core.send(chat, "word " * 400).result(PATIENCE_S)
        problem = failed.value.problem()
        assert problem.code == "context_full"
        assert int(problem.params["needed_tokens"]) > int(problem.params["limit_tokens"])


def test_excerpts_give_way_to_a_question_that_fills_the_window(tmp_path: Path) -> None:
    with house(tmp_path, "small") as core:
        chat = new_chat(core)
        core.set_collections(chat, ("default",)).result(PATIENCE_S)
        text, heard = reply_to(core, chat, "word " * 85)
        assert [len(event.excerpts) for event in heard.of(ExcerptsFound)] == [1, 0]
        assert text.startswith("You said: word word")
        question = core.open_chat(chat).result(PATIENCE_S).messages[0]
        assert question.excerpts == ()  # what the model was given, so that citations stay true


def test_a_long_chat_goes_on_and_says_what_left(tmp_path: Path) -> None:
    with house(tmp_path, "small") as core:
        chat = new_chat(core)
        dropped = []
        for turn in range(12):
            _text, heard = reply_to(core, chat, f"this is turn number {turn} of a chat")
            dropped.append(heard.of(Planned)[-1].plan.dropped_messages)
        assert dropped[0] == 0
        assert dropped[-1] > 0
        assert sorted(dropped) == dropped


def test_an_answer_outside_the_store_leaves_no_chat(tmp_path: Path) -> None:
    with house(tmp_path) as core:
        history = (Message("system", "Be brief."),)
        answer = core.answer(history, "How much?", collections=("default",)).result(PATIENCE_S)
        assert PASSAGE in answer.text
        assert answer.citations[0].page == 3
        assert core.search_chats("").result(PATIENCE_S) == ()


def test_subscribers_get_the_present_state_first_and_follow_the_model(tmp_path: Path) -> None:
    with house(tmp_path) as core:
        new_chat(core)
        heard = Heard()
        unsubscribe = core.subscribe(heard)
        assert heard.of(EngineStatus)[0].state == "no_model"
        assert len(heard.of(ChatsChanged)[0].chats) == 1
        path = core.list_models().result(PATIENCE_S)[0].path
        assert core.load_model(path).result(PATIENCE_S).path == path
        assert core.setting("model_path") == path
        core.unload_model().result(PATIENCE_S)
        states = [status.state for status in heard.of(EngineStatus)]
        assert states[0] == "no_model"
        assert states[-2:] == ["ready", "no_model"]
        unsubscribe()
        new_chat(core)
        assert len(heard.of(ChatsChanged)) == 1
