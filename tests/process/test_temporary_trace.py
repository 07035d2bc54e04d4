"""A temporary chat leaves none of its words in any file: messages, files, drafts, edits, deletions."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.core.services import Services
from desktop.core.types import FilePart
from desktop.core.types.comparing import Side
from tests.fakes.house import PATIENCE_S, open_house, places_in

WORD = "wombat"  # in every text of the chat


@pytest.fixture
def data(tmp_path: Path) -> Iterator[tuple[Services, Path]]:
    core = open_house(places_in(tmp_path))
    yield core, tmp_path / "data"
    core.close()


def traces(folder: Path) -> list[str]:
    """Files below a folder that hold the word, in any encoding that we write."""
    needles = (WORD.encode(), WORD.encode("utf-16-le"))
    return [
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and any(needle in path.read_bytes() for needle in needles)
    ]


def talk(core: Services, *, temporary: bool) -> int:
    """All that a person does in a chat, with the word everywhere."""
    chat = core.create_chat(temporary=temporary).result(PATIENCE_S).info.id
    file = FilePart(f"{WORD}.txt", f"The {WORD} digs.", f"/home/ana/{WORD}.txt")
    core.save_draft(chat, f"Where does the {WORD}").result(PATIENCE_S)
    core.save_draft_files(chat, (file,)).result(PATIENCE_S)
    reply = core.send(chat, f"Where does the {WORD} live?", (file,)).result(PATIENCE_S)
    core.save_edit(reply.id, f"The {WORD} lives").result(PATIENCE_S)
    sides = (Side(prompt=f"You are a {WORD}."), Side(prompt=f"You fear the {WORD}."))
    core.compare(chat, f"What does the {WORD} eat?", sides).result(PATIENCE_S)
    core.rename_chat(chat, f"The {WORD}").result(PATIENCE_S)
    core.regenerate(reply.id).result(PATIENCE_S)
    core.edit_message(reply.id, f"The {WORD} lives below.").result(PATIENCE_S)
    core.delete_message(reply.id).result(PATIENCE_S)
    core.continue_reply(core.open_chat(chat).result(PATIENCE_S).messages[-1].id).result(PATIENCE_S)
    return chat


def test_a_temporary_chat_is_in_no_file_while_it_is_there_nor_after_the_end(
    data: tuple[Services, Path],
) -> None:
    core, folder = data
    talk(core, temporary=True)
    assert traces(folder) == []
    core.close()
    assert traces(folder) == []


def test_the_search_for_traces_finds_those_of_a_stored_chat(data: tuple[Services, Path]) -> None:
    core, folder = data
    talk(core, temporary=False)
    assert any(name.startswith("chats.sqlite3") for name in traces(folder))


def test_a_temporary_chat_that_is_kept_brings_its_draft_and_its_unfinished_edit(
    data: tuple[Services, Path],
) -> None:
    core, _folder = data
    file = FilePart("notes.txt", "one two three")
    chat = core.create_chat(temporary=True).result(PATIENCE_S).info.id
    reply = core.send(chat, "How much?").result(PATIENCE_S)
    core.save_draft_files(chat, (file,)).result(PATIENCE_S)
    core.save_edit(reply.id, "Eight").result(PATIENCE_S)
    kept = core.keep_chat(chat).result(PATIENCE_S)
    assert core.list_drafts().result(PATIENCE_S)[kept.info.id].files == (file,)
    (edit,) = core.list_edits().result(PATIENCE_S)
    assert (edit.chat, edit.message, edit.text) == (kept.info.id, kept.messages[-1].id, "Eight")
