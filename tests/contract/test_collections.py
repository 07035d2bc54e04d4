"""Collections, trash, folders and the queue: the real core over a real library, and the fake one."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from desktop.core.contract import Core
from desktop.core.errors import CoreError
from desktop.core.events import CoreEvent, IndexingNow
from desktop.core.operations import Operation
from desktop.core.services import open_core
from desktop.core.settings import Settings
from desktop.core.workers.launches import Launches
from desktop.core.workers.supervisor import Launch
from tests.fakes.core import FakeCore
from tests.fakes.house import PATIENCE_S, FakeLaunches, places_in
from tests.fakes.replies import Script
from tests.fakes.samples import excerpt

pytestmark = pytest.mark.slow


class WithLibrary(FakeLaunches):
    """Its library is the real one; the embedder knows one vector."""

    def library(self) -> Launch:
        return Launches.library(self)


@pytest.fixture(params=["fake", "real"])
def core(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Core]:
    if request.param == "fake":
        opened: Core = FakeCore(script=Script(excerpts=(excerpt(1),)))
    else:
        places = places_in(tmp_path)
        opened = open_core(places, WithLibrary(places, Settings(places.settings_file)), others=())
    yield opened
    opened.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "papers"
    made.mkdir()
    for name in ("one", "two"):
        (made / f"{name}.txt").write_text(f"The text of {name}. " * 20, "utf-8")
    return made


def code_of(operation: "Operation[object]") -> str:
    with pytest.raises(CoreError) as failed:
        operation.result(PATIENCE_S)
    return failed.value.problem().code


def names(core: Core) -> set[str]:
    return {info.name for info in core.list_collections().result(PATIENCE_S)}


def files(core: Core, collection: str) -> list[str]:
    found = core.list_documents(collection).result(PATIENCE_S)
    return sorted(Path(info.file).name for info in found)


def indexed(core: Core, folder: Path, collection: str) -> None:
    paths = tuple(str(path) for path in sorted(folder.iterdir()))
    core.index(paths, collection).result(PATIENCE_S)


def test_a_collection_is_made_renamed_with_its_chats_removed_and_restored(core: Core, folder: Path) -> None:
    core.create_collection("Papers").result(PATIENCE_S)
    indexed(core, folder, "Papers")
    chat = core.create_chat().result(PATIENCE_S).info.id
    core.set_collections(chat, ("Papers", "default")).result(PATIENCE_S)
    core.rename_collection("Papers", " My  papers ").result(PATIENCE_S)
    assert names(core) == {"My papers", "default"}
    assert core.open_chat(chat).result(PATIENCE_S).collections == ("My papers", "default")
    number = core.remove_collection("My papers").result(PATIENCE_S)
    assert names(core) == {"default"}
    (gone,) = core.list_removed().result(PATIENCE_S).collections
    assert (gone.number, gone.name, gone.documents) == (number, "My papers", 2)
    assert core.restore_collection(number).result(PATIENCE_S) == "My papers"
    assert files(core, "My papers") == ["one.txt", "two.txt"]


def test_what_cannot_be_is_refused(core: Core) -> None:
    assert code_of(core.create_collection("  ")) == "bad_collection_name"
    assert code_of(core.create_collection("x" * 61)) == "bad_collection_name"
    core.create_collection("Papers").result(PATIENCE_S)
    assert code_of(core.create_collection("PAPERS")) == "collection_exists"
    assert code_of(core.remove_collection("default")) == "default_collection"
    assert code_of(core.rename_collection("none", "some")) == "unknown_collection"
    assert code_of(core.forget_folder(99)) == "folder_not_watched"


def test_removed_documents_lie_in_the_trash_until_they_are_restored_or_erased(
    core: Core, folder: Path
) -> None:
    indexed(core, folder, "default")
    one, two = core.list_documents("default").result(PATIENCE_S)
    assert core.remove_documents((one.document,)).result(PATIENCE_S) == 1
    assert [info.file for info in core.list_removed().result(PATIENCE_S).documents] == [one.file]
    assert core.restore_documents((one.document,)).result(PATIENCE_S) == 1
    assert len(files(core, "default")) == 2
    core.remove_documents((one.document, two.document)).result(PATIENCE_S)
    assert core.erase_removed().result(PATIENCE_S) == 2
    assert core.list_removed().result(PATIENCE_S).documents == ()


def test_watched_folders_are_told_until_they_are_forgotten(core: Core, folder: Path) -> None:
    number = core.watch_folder(str(folder), "Papers").result(PATIENCE_S)
    (watched,) = core.list_watched().result(PATIENCE_S)
    assert (watched.folder, watched.path, watched.collection) == (number, str(folder), "Papers")
    assert core.watch_folder(str(folder), "Papers", watched=False).result(PATIENCE_S) == number
    assert not core.list_watched().result(PATIENCE_S)[0].watched
    core.forget_folder(number).result(PATIENCE_S)
    assert core.list_watched().result(PATIENCE_S) == ()


def test_a_pause_and_an_order_are_told(core: Core) -> None:
    told = Told(core)
    core.pause_indexing(True).result(PATIENCE_S)
    assert told.becomes(lambda state: state.paused)
    core.order_indexing("small_first").result(PATIENCE_S)
    assert told.becomes(lambda state: state.order == "small_first" and state.paused)
    core.pause_indexing(False).result(PATIENCE_S)
    assert told.becomes(lambda state: not state.paused)


class Told:
    """The last that was told of the queue."""

    def __init__(self, core: Core) -> None:
        self._state: object = None
        self._changed = threading.Condition()
        core.subscribe(self._take)

    def _take(self, event: CoreEvent) -> None:
        if isinstance(event, IndexingNow):
            with self._changed:
                self._state = event.state
                self._changed.notify_all()

    def becomes(self, holds: Callable[..., bool]) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: self._state is not None and holds(self._state), PATIENCE_S)


def test_a_question_may_be_answered_from_other_documents_than_its_chat(core: Core, folder: Path) -> None:
    indexed(core, folder, "Papers")
    chat = core.create_chat().result(PATIENCE_S).info.id
    core.set_collections(chat, ("Papers",)).result(PATIENCE_S)
    core.send(chat, "The text of one?", (), ()).result(PATIENCE_S)
    core.send(chat, "The text of two?").result(PATIENCE_S)
    asked = [m for m in core.open_chat(chat).result(PATIENCE_S).messages if m.role == "user"]
    assert [bool(message.excerpts) for message in asked] == [False, True]
    assert core.open_chat(chat).result(PATIENCE_S).collections == ("Papers",)
