"""`sobremesa library`: what it asks of the core, and what it prints for people and for scripts."""

from collections.abc import Callable
from pathlib import Path

from rag.errors import FolderGone
from rag.protocol import WatchedFolder
from tests.unit.cli.conftest import Typed
from tests.unit.cli.talking_core import TalkingCore

TypeIn = Callable[..., Typed]


def filled(type_in: TypeIn, tmp_path: Path) -> Path:
    folder = tmp_path / "papers"
    folder.mkdir()
    assert type_in("library", "index", "/x/one.txt", "/x/two.txt", "--collection", "Papers").code == 0
    return folder


def test_collections_are_listed_made_renamed_removed_and_restored(type_in: TypeIn, tmp_path: Path) -> None:
    filled(type_in, tmp_path)
    assert type_in("library").out.splitlines()[0].startswith("Papers: 2 documents, ")
    type_in("library", "collections", "--create", "Empty")
    renamed = type_in("library", "collections", "--rename", "Papers", "Texts", "--json").json
    assert [info["name"] for info in renamed["collections"]] == ["Empty", "Texts", "default"]
    removed = type_in("library", "collections", "--remove", "Texts", "--json").json
    assert [info["name"] for info in removed["removed"]] == ["Texts"]
    assert "Texts" in type_in("library", "collections").out
    type_in("library", "collections", "--restore", "Texts")
    assert type_in("library", "list", "--json").json["documents"][0]["collection"] == "Texts"
    refused = type_in("library", "collections", "--create", "texts", "--json")
    assert (refused.code, refused.json["error"]["code"]) == (1, "collection_exists")
    assert type_in("library", "collections", "--restore", "gone").code == 1


def test_documents_are_named_by_number_path_or_name_and_come_back(type_in: TypeIn, tmp_path: Path) -> None:
    filled(type_in, tmp_path)
    number = type_in("library", "list", "--json").json["documents"][0]["document"]
    assert type_in("library", "remove", str(number), "two.txt", "--json").json == {"removed": 2}
    assert type_in("library", "list").out == "There are no documents here yet.\n"
    assert len(type_in("library", "list", "--removed", "--json").json["documents"]) == 2
    assert type_in("library", "remove", "/x/two.txt", "--undo").out == "1 document is back.\n"
    assert type_in("library", "remove", "--empty-trash", "--json").json == {"erased": 1}
    assert type_in("library", "remove", "none.txt", "--json").json["error"]["code"] == "unknown_document"
    assert type_in("library", "remove").code == 2


def test_a_name_that_two_documents_have_removes_neither(type_in: TypeIn, tmp_path: Path) -> None:
    filled(type_in, tmp_path)
    type_in("library", "index", "/y/one.txt")
    refused = type_in("library", "remove", "one.txt", "--json")
    assert (refused.code, refused.json["error"]["code"]) == (1, "ambiguous_document")
    assert len(type_in("library", "list", "--json").json["documents"]) == 3


def test_folders_are_watched_and_their_trouble_is_told(
    type_in: TypeIn, core: TalkingCore, tmp_path: Path
) -> None:
    folder = filled(type_in, tmp_path)
    type_in("library", "index", str(folder), "/x/one.txt", "--watch", "--collection", "Papers")
    assert core.called("watch_folder") == [(str(folder), "Papers", True)]
    (number,) = core.watched
    problem = FolderGone(folder=str(folder)).info()
    core.watched[number] = WatchedFolder(number, "Papers", str(folder), True, 0, 1.0, problem)
    listed = type_in("library").out
    assert f"watched: {folder}" in listed
    assert "cannot be found" in listed
    assert type_in("library", "--json").json["folders"][0]["problem"]["code"] == "folder_gone"
    assert type_in("library", "unwatch", str(folder), "--json").json == {"unwatched": 1}
    assert type_in("library", "unwatch", str(folder)).out == "This folder was not watched.\n"


def test_pause_resume_check_rebuild_and_search_are_asked_for(type_in: TypeIn, core: TalkingCore) -> None:
    assert type_in("library", "pause", "--json").json == {"paused": True}
    assert core.indexing_state.paused
    assert type_in("library", "resume", "--json").json == {"resumed": True}
    assert not core.indexing_state.paused
    assert type_in("library", "check", "--json").json["sound"] is True
    assert "Everything agrees." in type_in("library", "check", "--thorough").out
    assert type_in("library", "rebuild").code == 0
    assert type_in("library", "forget-passwords", "--json").json == {"forgotten": 0}
    type_in("library", "forget-passwords", "/a.pdf")
    assert core.called("forget_passwords")[-1] == (("/a.pdf",),)
    core.create_collection("a")
    found = type_in("library", "search", "how", "much", "--collection", "a", "--json")
    assert len(found.json["results"]) == 2
    assert core.called("search")[-1][:3] == ("how much", 5, ("a",))
