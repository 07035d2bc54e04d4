"""Chats that go on from what the engine kept of them, through core and worker."""

from pathlib import Path

from desktop.core.services import Services
from desktop.core.types.comparing import Side
from engine.protocol import Stats
from tests.fakes.house import PATIENCE_S, house, open_house, places_in

LONG = "Tell me about the harbour and its boats. " * 20


def new_chat(core: Services) -> int:
    return core.create_chat().result(PATIENCE_S).info.id


def ask(core: Services, chat: int, text: str) -> Stats:
    stats = core.send(chat, text).result(PATIENCE_S).stats
    assert stats is not None
    return stats


def kept(tmp_path: Path) -> list[str]:
    return sorted(file.name for file in places_in(tmp_path).kv_dir.iterdir())


def test_a_chat_goes_on_at_once_after_another_chat_and_after_a_restart(tmp_path: Path) -> None:
    places = places_in(tmp_path)
    core = open_house(places)
    try:
        first, second = new_chat(core), new_chat(core)
        before = ask(core, first, LONG)
        assert ask(core, second, "And " + LONG).reused_tokens < before.prompt_tokens // 4
        again = ask(core, first, "Go on.")
        assert again.reused_tokens >= before.prompt_tokens
    finally:
        core.close()
    assert kept(tmp_path) == [f"{first}.kv", f"{second}.kv"]
    core = open_house(places)
    try:
        assert ask(core, first, "Go on.").reused_tokens >= again.prompt_tokens
    finally:
        core.close()


def compared(core: Services, chat: int, text: str) -> list[Stats]:
    """What each side's reply cost: one model, two prompts."""
    sides = (Side(prompt="Be brief."), Side(prompt="Tell everything that you know."))
    result = core.compare(chat, text, sides).result(PATIENCE_S)
    return [side.messages[-1].stats for side in result.sides if side.messages[-1].stats is not None]


def test_two_prompts_for_one_model_are_compared_without_reading_either_anew(tmp_path: Path) -> None:
    with house(tmp_path) as core:
        chat = new_chat(core)
        first = compared(core, chat, LONG)
        again = compared(core, chat, "Go on.")
        assert [new.reused_tokens >= old.prompt_tokens for new, old in zip(again, first, strict=True)] == [
            True,
            True,
        ]
        core.unload_model().result(PATIENCE_S)
        assert kept(tmp_path) == [f"{chat}-1.kv", f"{chat}.kv"]
        core.delete_chat(chat).result(PATIENCE_S)
        assert kept(tmp_path) == []


def test_a_temporary_comparison_is_kept_nowhere(tmp_path: Path) -> None:
    with house(tmp_path) as core:
        compared(core, core.create_chat(temporary=True).result(PATIENCE_S).info.id, LONG)
        core.unload_model().result(PATIENCE_S)
        assert kept(tmp_path) == []


def test_a_deleted_chat_leaves_no_state_whether_the_engine_runs_or_not(tmp_path: Path) -> None:
    places = places_in(tmp_path)
    core = open_house(places)
    try:
        first, second, third = (new_chat(core) for _ in range(3))
        for chat in (first, second, third):
            ask(core, chat, f"{chat} {LONG}")
        core.delete_chat(first).result(PATIENCE_S)  # one that was left
        core.delete_chat(third).result(PATIENCE_S)  # the one that the engine holds
        core.unload_model().result(PATIENCE_S)
        assert kept(tmp_path) == [f"{second}.kv"]
    finally:
        core.close()
    core = open_house(places)
    try:
        core.delete_chat(second).result(PATIENCE_S)
    finally:
        core.close()
    assert kept(tmp_path) == []


def test_an_answer_of_no_chat_is_kept_nowhere(tmp_path: Path) -> None:
    with house(tmp_path) as core:
        chat = new_chat(core)
        ask(core, chat, LONG)
        core.answer((), "Something else. " * 40).result(PATIENCE_S)
        core.unload_model().result(PATIENCE_S)
        assert kept(tmp_path) == [f"{chat}.kv"]


def test_with_no_space_given_nothing_is_kept(tmp_path: Path) -> None:
    with house(tmp_path) as core:
        core.set_setting("kept_chats_mib", 0).result(PATIENCE_S)
        ask(core, new_chat(core), LONG)
        core.unload_model().result(PATIENCE_S)
        assert kept(tmp_path) == []


def test_a_reply_with_a_seed_of_its_own_is_not_guessed(tmp_path: Path) -> None:
    with house(tmp_path) as core:
        free = ask(core, new_chat(core), "Hello")
        core.set_setting("seed", 7).result(PATIENCE_S)
        seeded = ask(core, new_chat(core), "Hello")
        assert free.record is not None
        assert seeded.record is not None
        assert (free.record.speculate, seeded.record.speculate) == (True, False)


def test_a_file_in_the_place_of_the_states_costs_the_states_alone(tmp_path: Path) -> None:
    places = places_in(tmp_path)
    places.data.mkdir()
    places.kv_dir.write_text("a file in its place")
    core = open_house(places)
    try:
        chat = core.create_chat().result(PATIENCE_S).info.id
        assert core.send(chat, "Hello " * 80).result(PATIENCE_S).text
        core.unload_model().result(PATIENCE_S)
        assert core.send(chat, "And then?").result(PATIENCE_S).text
        core.delete_chat(chat).result(PATIENCE_S)
    finally:
        core.close()
    assert places.kv_dir.read_text() == "a file in its place"
