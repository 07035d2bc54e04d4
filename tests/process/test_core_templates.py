"""How a model is spoken to, from choice and setting to the engine and back, over the fake engine."""

from pathlib import Path

import msgspec
import pytest

from desktop.core.errors import CoreError
from desktop.core.events import TextAdded, ThoughtAdded
from desktop.core.services import Services
from desktop.core.types import TextPart, ThoughtsPart
from desktop.core.types.models import ModelChoice
from engine.protocol import Message, Sampling, TemplateFacts, Templating
from tests.fakes.house import PATIENCE_S, Heard, house, open_house, places_in

GREEDY = Sampling(temperature=0.0)


def used(core: Services, said: Templating | None = None) -> Templating:
    """How the engine was spoken to."""
    text = core.answer((), "!how", sampling=GREEDY, templating=said).result(PATIENCE_S).text
    return msgspec.json.decode(text, type=Templating)


def model_of(core: Services) -> str:
    return core.list_models().result(PATIENCE_S)[0].path


def code_of(core: Services, said: Templating | None = None) -> str:
    with pytest.raises(CoreError) as failed:
        core.answer((), "Hello", templating=said).result(PATIENCE_S)
    return failed.value.problem().code


def test_the_choice_for_a_model_and_the_setting_reach_the_engine_and_what_is_said_goes_first(
    tmp_path: Path,
) -> None:
    places = places_in(tmp_path)
    core = open_house(places)
    try:
        assert used(core) == Templating()
        choice = ModelChoice("chatml", arguments={"enable_thinking": True, "effort": 1})
        core.set_model_choice(model_of(core), choice).result(PATIENCE_S)
        core.set_setting("thinking", "off").result(PATIENCE_S)
        assert used(core) == Templating("chatml", "", "off", {"enable_thinking": True, "effort": 1})
        said = Templating("completion", thinking="on", arguments={"effort": 2})
        assert used(core, said) == Templating("completion", "", "on", {"enable_thinking": True, "effort": 2})
    finally:
        core.close()
    core = open_house(places)
    try:
        assert core.model_choice(model_of(core)) == choice
        assert used(core).template == "chatml"
    finally:
        core.close()


def test_arguments_that_break_a_template_are_told_and_the_next_question_is_answered(tmp_path: Path) -> None:
    with house(tmp_path) as core:
        assert code_of(core, Templating(arguments={"explode": 1})) == "bad_template_arguments"
        assert code_of(core, Templating("chatmll")) == "unknown_template"
        assert core.answer((), "Hello").result(PATIENCE_S).text


def test_a_choice_that_names_no_template_is_refused(tmp_path: Path) -> None:
    with house(tmp_path) as core:
        operation = core.set_model_choice("/m.gguf", ModelChoice("chatmll"))
        with pytest.raises(CoreError) as failed:
            operation.result(PATIENCE_S)
        assert failed.value.problem().code == "unknown_template"
        assert core.model_choice("/m.gguf") == ModelChoice()


def test_a_model_without_a_template_says_so_and_completes_once_that_is_chosen(tmp_path: Path) -> None:
    with house(tmp_path, "no-template") as core:
        assert code_of(core) == "no_chat_template"
        core.set_model_choice(model_of(core), ModelChoice("completion")).result(PATIENCE_S)
        assert core.answer((), "Hello").result(PATIENCE_S).text.startswith("You said: Hello")


def test_thoughts_are_stored_beside_the_reply_and_read_again(tmp_path: Path) -> None:
    places = places_in(tmp_path)
    core = open_house(places)
    try:
        chat = core.create_chat().result(PATIENCE_S).info.id
        heard = Heard()
        operation = core.send(chat, "!think seven")
        operation.subscribe(heard)
        reply = operation.result(PATIENCE_S)
        thoughts = reply.thoughts
        assert thoughts is not None
        assert thoughts.text == "They say !think seven."
        assert "".join(event.text for event in heard.of(ThoughtAdded)) == thoughts.text
        assert reply.text == "".join(event.text for event in heard.of(TextAdded))
        assert reply.text.startswith("You said: ")
        assert [type(part) for part in reply.parts] == [ThoughtsPart, TextPart]
        assert reply.stats is not None
        assert reply.stats.thought_tokens > 0
        assert core.search_chats("They").result(PATIENCE_S) == ()
    finally:
        core.close()
    core = open_house(places)
    try:
        assert core.open_chat(chat).result(PATIENCE_S).messages[1] == reply
    finally:
        core.close()


def test_a_reply_that_is_stopped_while_it_thinks_keeps_its_thoughts(tmp_path: Path) -> None:
    with house(tmp_path) as core:
        chat = core.create_chat().result(PATIENCE_S).info.id
        operation = core.send(chat, "!ponder")
        operation.subscribe(lambda event: operation.cancel() if isinstance(event, ThoughtAdded) else None)
        reply = operation.result(PATIENCE_S)
        assert (reply.state, reply.text) == ("stopped", "")
        assert reply.thoughts is not None
        assert core.send(chat, "Hello").result(PATIENCE_S).text


def test_an_answer_outside_the_store_carries_its_thoughts(tmp_path: Path) -> None:
    with house(tmp_path) as core:
        answer = core.answer((Message("system", "x"),), "!think a", sampling=GREEDY).result(PATIENCE_S)
        assert (answer.thoughts, answer.text) == ("They say !think a.", "You said: !think a")
        quiet = core.answer((), "!think a", sampling=GREEDY, templating=Templating(thinking="off"))
        assert quiet.result(PATIENCE_S).thoughts == ""


def test_looking_into_a_file_tells_what_its_template_is_like(tmp_path: Path) -> None:
    with house(tmp_path) as core:
        path = model_of(core)
        assert core.inspect_model(path).result(PATIENCE_S).template == TemplateFacts("fine")
