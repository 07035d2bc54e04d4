"""Data of every released schema, kept as files, opened by the whole program; later ones refused in words."""

import json
from contextlib import closing
from pathlib import Path

import pytest

from desktop.core.chats.schema import MIGRATIONS as CHATS
from desktop.core.errors import CoreError
from desktop.core.places import Places
from desktop.core.services import open_core
from desktop.core.settings import Settings
from desktop.words import hint, sentence
from rag.sqlite import sqlite3
from rag.store.schema import MIGRATIONS as LIBRARY
from tests.data.make_schemas import chats_file, library_file, unpack
from tests.fakes.house import PATIENCE_S


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places.of(tmp_path / "data", tmp_path / "models")


def version_of(file: Path) -> int:
    with closing(sqlite3.connect(file)) as db:
        return int(db.execute("PRAGMA user_version").fetchone()[0])


def test_a_file_of_every_schema_is_kept_and_says_which_it_is(tmp_path: Path) -> None:
    """Missing: python -m tests.data.make_schemas."""
    for number in range(1, len(CHATS) + 1):
        unpack(chats_file(number), tmp_path / f"chats-{number}")
        assert version_of(tmp_path / f"chats-{number}") == number
    for number in range(1, len(LIBRARY) + 1):
        unpack(library_file(number), tmp_path / f"library-{number}")
        assert version_of(tmp_path / f"library-{number}") == number


@pytest.mark.slow
@pytest.mark.parametrize("chats", range(1, len(CHATS) + 1))
def test_the_whole_program_opens_data_of_every_schema_with_everything_in_it(
    places: Places, chats: int
) -> None:
    library = min(chats, len(LIBRARY))
    unpack(chats_file(chats), places.chats_file)
    unpack(library_file(library), places.library_dir / "library.db")
    core = open_core(places, others=())
    try:
        (found,) = core.search_chats("zepp").result(PATIENCE_S)[:1]
        chat = core.open_chat(found.id).result(PATIENCE_S)
        assert [message.text for message in chat.messages] == ["How much is the zeppelin?", "Nine crowns."]
        (document,) = core.list_documents().result(PATIENCE_S)
        assert (document.title, document.state) == ("Birds", "indexed")
        assert len(core.list_pages(document.document).result(PATIENCE_S)) == 1
    finally:
        core.close()
    assert version_of(places.chats_file) == len(CHATS)
    assert version_of(places.library_dir / "library.db") == len(LIBRARY)


def newer(file: Path, kept: Path) -> bytes:
    unpack(kept, file)
    with closing(sqlite3.connect(file)) as db:
        db.execute("PRAGMA user_version = 999")
        db.commit()
    return file.read_bytes()


def test_chats_of_a_later_version_are_refused_in_words_and_left_as_they_are(places: Places) -> None:
    before = newer(places.chats_file, chats_file(len(CHATS)))
    with pytest.raises(CoreError) as refused:
        open_core(places, others=())
    problem = refused.value.problem()
    assert problem.code == "database_too_new"
    assert "newer" in sentence(problem)
    assert hint(problem)
    assert places.chats_file.read_bytes() == before


@pytest.mark.slow
def test_a_library_of_a_later_version_is_refused_in_words_while_chats_go_on(places: Places) -> None:
    file = places.library_dir / "library.db"
    before = newer(file, library_file(len(LIBRARY)))
    core = open_core(places, others=())
    try:
        with pytest.raises(CoreError) as refused:
            core.list_documents().result(PATIENCE_S)
        assert refused.value.problem().code == "database_too_new"
        assert core.create_chat().result(PATIENCE_S).info.id
        troubles = core.check_health().result(PATIENCE_S).troubles
        codes = [one.problem.code for one in troubles if one.area == "library" and one.problem is not None]
        assert codes == ["database_too_new"]
    finally:
        core.close()
    assert file.read_bytes() == before


def test_settings_of_a_later_version_are_kept_for_it_and_the_rest_counts(tmp_path: Path) -> None:
    file = tmp_path / "settings.json"
    later = {"theme": "dark", "language": "fr", "telepathy": True, "excerpts": 9}
    file.write_text(json.dumps(later))
    settings = Settings(file)
    assert settings.problem is None
    # what this version cannot be set to counts as not set
    assert (settings.text("theme"), settings.text("language")) == ("dark", "system")
    assert settings.whole("excerpts") == 9
    assert settings.unknown() == ("telepathy",)
    settings.set("theme", "light")
    assert json.loads(file.read_text()) == {**later, "theme": "light"}
