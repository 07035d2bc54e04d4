"""Titles that the model makes, through the whole core, over a fake engine in a process of its own."""

import threading
from collections.abc import Callable
from pathlib import Path

from desktop.core.events import ChatsChanged, CoreEvent
from desktop.core.services import Services
from tests.fakes.house import PATIENCE_S, house, open_house, places_in


class Titles:
    """The titles that were told last."""

    def __init__(self, core: Services) -> None:
        self._titles: dict[int, str] = {}
        self._changed = threading.Condition()
        core.subscribe(self._take)

    def _take(self, event: CoreEvent) -> None:
        if isinstance(event, ChatsChanged):
            with self._changed:
                self._titles = {chat.id: chat.title for chat in event.chats}
                self._changed.notify_all()

    def become(self, holds: Callable[[dict[int, str]], bool]) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: holds(self._titles), PATIENCE_S)


def new_chat(core: Services, *, temporary: bool = False) -> int:
    core.set_setting("model_titles", True).result(PATIENCE_S)
    return core.create_chat(temporary=temporary).result(PATIENCE_S).info.id


def idle(core: Services) -> None:
    """Wait until nothing is being titled."""
    for operation in list(core._titles._working):
        operation.error()


def test_the_first_answer_is_followed_by_a_title_and_the_cache_stays_the_chat_s(tmp_path: Path) -> None:
    with house(tmp_path) as core:
        titles, chat = Titles(core), new_chat(core)
        first = core.send(chat, "So tell me !title Museum prices").result(PATIENCE_S)
        assert titles.become(lambda told: told[chat] == "Museum prices")
        second = core.send(chat, "And then !title Something else").result(PATIENCE_S)
        idle(core)
        assert core.open_chat(chat).result(PATIENCE_S).info.title == "Museum prices", "it is made once"
        assert first.stats is not None
        assert second.stats is not None
        assert second.stats.reused_tokens > 0


def test_the_question_stays_where_the_model_has_no_title(tmp_path: Path) -> None:
    with house(tmp_path) as core:
        titles, chat = Titles(core), new_chat(core)
        core.send(chat, "How much is it").result(PATIENCE_S)  # which the fake engine repeats
        assert titles.become(lambda told: told[chat] == "How much is it")
        idle(core)
        assert core.open_chat(chat).result(PATIENCE_S).info.title == "How much is it"


def test_a_person_s_title_is_never_replaced(tmp_path: Path) -> None:
    with house(tmp_path) as core:
        chat = new_chat(core)
        core.rename_chat(chat, "Mine").result(PATIENCE_S)
        core.send(chat, "So tell me !title Museum prices").result(PATIENCE_S)
        idle(core)
        assert core.open_chat(chat).result(PATIENCE_S).info.title == "Mine"


def test_without_the_setting_none_is_made(tmp_path: Path) -> None:
    with house(tmp_path) as core:
        chat = core.create_chat().result(PATIENCE_S).info.id
        core.send(chat, "Tell me !title Museum prices").result(PATIENCE_S)
        assert not core._titles._working
        assert core.open_chat(chat).result(PATIENCE_S).info.title == "Tell me !title Museum prices"


def test_a_question_goes_before_a_title_that_is_on_its_way(
    tmp_path: Path,
) -> None:
    with house(tmp_path) as core:
        titles, chat = Titles(core), new_chat(core)
        core.send(chat, "So tell me !title " + "Museum " * 7).result(PATIENCE_S)
        core.send(chat, "And in winter?").result(PATIENCE_S)
        assert titles.become(lambda told: told[chat].startswith("Museum Museum"))


def test_a_temporary_chat_gets_its_title_in_memory(tmp_path: Path) -> None:
    with house(tmp_path) as core:
        titles, chat = Titles(core), new_chat(core, temporary=True)
        core.send(chat, "So tell me !title Wombat prices").result(PATIENCE_S)
        assert titles.become(lambda told: told[chat] == "Wombat prices")
    written = b"".join(file.read_bytes() for file in (tmp_path / "data").rglob("*") if file.is_file())
    assert b"ombat" not in written


def test_closing_waits_for_no_title(tmp_path: Path) -> None:
    core = open_house(places_in(tmp_path))
    chat = new_chat(core)
    core.send(chat, "So tell me !title " + "Museum " * 7).result(PATIENCE_S)
    core.close()
    with_title = open_house(places_in(tmp_path))
    assert with_title.open_chat(chat).result(PATIENCE_S).info.title.startswith(("So tell me", "Museum"))
    with_title.close()
