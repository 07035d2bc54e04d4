"""`chats` for people and for scripts, over the core in memory; with a real one, through another program."""

import json
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from desktop.core.commands.chats import ChatsImported, ImportChats
from desktop.core.exchange.errors import BackupDamaged
from desktop.core.local_socket import connect, serve
from desktop.core.places import Places
from desktop.core.services import open_core
from tests.fakes.exchange import REPORT
from tests.unit.cli.conftest import Typed
from tests.unit.cli.talking_core import TalkingCore
from tests.unit.exchange.shapes import CLAUDE

TypeIn = Callable[..., Typed]


@pytest.fixture
def two(core: TalkingCore) -> tuple[int, int]:
    first = core.chats.create(title="Olive oil", updated_at=1_000.0).info.id
    second = core.chats.create(title="Tea", updated_at=2_000.0).info.id
    core.chats.add_message(first, "user", "How is olive oil made?")
    core.chats.add_message(first, "assistant", "By pressing.")
    return first, second


def test_chats_are_listed_found_and_shown(type_in: TypeIn, two: tuple[int, int]) -> None:
    done = type_in("chats")
    assert done.code == 0
    assert [line.split()[0] for line in done.out.splitlines()] == [str(two[0]), str(two[1])]
    assert type_in("chats", "list", "--archived").out.strip() == "There is no chat here yet."
    assert "Olive oil" in type_in("chats", "search", "pressing").out
    assert type_in("chats", "search", "pressing", "--json").json["chats"][0]["hits"] == 1
    assert "> How is olive oil made?\n\nBy pressing." in type_in("chats", "show", "olive", "oil").out
    shown = type_in("chats", "show", str(two[0]), "--json").json
    assert [message["text"] for message in shown["messages"]] == ["How is olive oil made?", "By pressing."]


def test_a_chat_that_is_not_there_is_told(type_in: TypeIn, two: tuple[int, int]) -> None:
    assert type_in("chats", "show", "nothing").code == 1
    assert "no such chat" in type_in("chats", "show", "nothing").err
    assert (
        type_in("chats", "export", "x.md", "--chat", "nothing", "--json").json["error"]["code"]
        == "unknown_chat"
    )


def test_what_is_exported_follows_the_name_of_the_file_or_the_option(
    type_in: TypeIn, core: TalkingCore, two: tuple[int, int], tmp_path: Path
) -> None:
    named = ("--chat", "Tea", "--chat", str(two[1]))
    assert type_in("chats", "export", str(tmp_path / "a.pdf"), *named).code == 0
    assert type_in("chats", "export", str(tmp_path / "a"), "--format", "json", "--json").json["chats"] == 2
    wanted = [((two[1],), str(tmp_path / "a.pdf"), "pdf"), ((), str(tmp_path / "a"), "json")]
    assert core.called("export_chats") == wanted
    assert type_in("chats", "export", "a", "--format", "docx").code == 2


def test_an_ending_that_is_no_format_is_wrong_usage_and_writes_nothing(
    type_in: TypeIn, core: TalkingCore, two: tuple[int, int], tmp_path: Path
) -> None:
    done = type_in("chats", "export", str(tmp_path / "a.docx"))
    assert (done.code, done.out) == (2, "")
    assert ".docx" in done.err
    assert ".pdf" in done.err
    told = type_in("chats", "export", str(tmp_path / "a.docx"), "--json")
    assert (told.code, told.json["error"]["code"]) == (2, "usage")
    assert core.called("export_chats") == []
    assert type_in("chats", "export", str(tmp_path / "a.docx"), "--format", "html").code == 0
    (tmp_path / "Jan. 2026").mkdir()
    assert type_in("chats", "export", str(tmp_path / "Jan. 2026")).code == 0


def test_an_import_tells_what_came_and_what_did_not(type_in: TypeIn) -> None:
    done = type_in("chats", "import", "export.zip")
    assert done.code == 0
    assert done.out.startswith("4 chats found. New: 2, here already: 1, left out: 1.")
    assert "Un viaje a Sevilla: 2 images stayed behind; 1 file stayed behind (itinerario.pdf)" in done.out
    assert "conversations.json ends in the middle" in done.out
    told = type_in("chats", "import", "export.zip", "--json").json
    assert [chat["outcome"] for chat in told["chats"]] == [chat.outcome for chat in REPORT.chats]
    assert told["chats"][3]["error"]["code"] == "chat_empty"
    assert told["problems"][0]["error"]["code"] == "import_cut"


def test_a_backup_is_made_looked_into_and_restored(
    type_in: TypeIn, core: TalkingCore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert type_in("chats", "backup").code == 0
    assert core.called("back_up")[0][0].startswith(str(tmp_path / "sobremesa-"))  # type: ignore[attr-defined]
    assert type_in("chats", "restore", "b.zip", "--check", "--json").json["backup"]["chats"] == 128
    assert core.called("restore_backup") == []
    assert "before-restore" in type_in("chats", "restore", "b.zip", "--replace").out
    assert core.called("restore_backup") == [(str(tmp_path / "b.zip"), True)]
    core.fail("restore_backup", BackupDamaged(path="b.zip", part="chats.sqlite3").problem())
    done = type_in("chats", "restore", "b.zip")
    assert done.code == 1
    assert "nothing was restored" in done.err


def test_a_command_beside_an_open_window_has_it_import(tmp_path: Path) -> None:
    places = Places(data=tmp_path / "data", models=tmp_path / "models")
    file = tmp_path / "conversations.json"
    file.write_text(json.dumps(CLAUDE))
    core = open_core(places, others=())
    server = serve(core, places)
    try:
        remote = connect(places)
        assert remote is not None
        result = remote.run(ImportChats(str(file)), lambda _event: None, threading.Event())
        assert isinstance(result, ChatsImported)
        assert result.report.count("added") == 1
        assert [info.title for info in core.search_chats("").result(10)] == ["Poems"]
    finally:
        server.close()
        core.close()
