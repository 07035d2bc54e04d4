"""The same question to the starter model twice, and to it and another model beside it, over the real core."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.core.events import TextAdded
from desktop.core.places import Places
from desktop.core.services import Services, open_core
from desktop.core.types.comparing import ComparisonPlanned, Side, SideEnded, SideEvent
from tests.fakes.engine_models import write_tiny_model
from tests.fakes.house import Heard

pytestmark = pytest.mark.models

PATIENCE_S = 280.0


@pytest.fixture(scope="module")
def core(tmp_path_factory: pytest.TempPathFactory, chat_model: Path) -> Iterator[Services]:
    core = open_core(Places.of(tmp_path_factory.mktemp("data"), chat_model.parent), others=())
    try:
        core.load_model(str(chat_model)).result(PATIENCE_S)
        core.set_setting("max_reply_tokens", 40).result(PATIENCE_S)
        core.set_setting("temperature", 0.0).result(PATIENCE_S)
        core.set_setting("model_titles", False).result(PATIENCE_S)
        yield core
    finally:
        core.close()


def new_chat(core: Services) -> int:
    return core.create_chat().result(PATIENCE_S).info.id


def test_two_prompts_make_one_model_answer_differently_and_what_is_kept_goes_on(core: Services) -> None:
    chat = new_chat(core)
    sides = (
        Side(prompt="You are a pirate. Talk like a pirate."),
        Side(prompt="You are a librarian. Answer in one short sentence."),
    )
    heard = Heard()
    operation = core.compare(chat, "What do you do on a Sunday?", sides)
    operation.subscribe(heard)
    compared = operation.result(PATIENCE_S)
    assert heard.of(ComparisonPlanned) == [ComparisonPlanned("one_model")]
    first, second = (side.messages[-1] for side in compared.sides)
    assert first.text
    assert second.text
    assert first.text != second.text
    assert first.stats is not None
    assert first.stats.generated_tokens > 0

    # a later question follows what its own side said
    after = core.compare(chat, "Tell me more about that.", sides).result(PATIENCE_S)
    texts = [side.messages[-1].text for side in after.sides]
    assert texts[0] != texts[1]
    kept = core.keep_side(chat, 1).result(PATIENCE_S)
    assert [message.text for message in kept.messages[1::2]] == [second.text, texts[1]]
    more = core.send(chat, "Thank you.").result(PATIENCE_S)
    assert more.state == "complete"
    assert core.chat_prompt(chat).result(PATIENCE_S).text.startswith("You are a librarian.")


def test_two_models_are_in_the_memory_at_once_and_answer_at_the_same_time(
    core: Services, tmp_path: Path
) -> None:
    other = write_tiny_model(tmp_path / "tiny.gguf")
    heard = Heard()
    operation = core.compare(new_chat(core), "Say hello.", (Side(), Side(model=str(other))))
    operation.subscribe(heard)
    compared = operation.result(PATIENCE_S)
    assert heard.of(ComparisonPlanned) == [ComparisonPlanned("")]
    assert compared.problems == (None, None)
    assert all(side.messages[-1].text for side in compared.sides)
    assert [side.messages[-1].state for side in compared.sides] == ["complete", "complete"]
    assert compared.sides[0].messages[-1].model != compared.sides[1].messages[-1].model
    told = [event.side for event in heard.of(SideEvent) if isinstance(event.event, TextAdded)]
    assert set(told) == {0, 1}
    assert {ended.side for ended in heard.of(SideEnded)} == {0, 1}
    assert core.engine_pid != core.second_engine_pid
    core.leave_comparison().result(PATIENCE_S)
    assert core.second_engine_pid is None
