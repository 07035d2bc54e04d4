"""Collections, trash, watched folders, pause and order in a real library process."""

import os
import random
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from rag.embedding.embedder import Floats
from rag.indexing.embedding import TEXTS_PER_CALL
from rag.keeping_frames import (
    Changed,
    CreateCollection,
    EraseRemoved,
    Folders,
    ForgetFolder,
    IndexingNow,
    ListFolders,
    ListPages,
    ListRemoved,
    LookThrough,
    OrderQueue,
    PagesOf,
    PauseIndexing,
    RemoveCollection,
    RemovedThings,
    RenameCollection,
    RestoreCollection,
    RestoreDocuments,
    WatchFolder,
)
from rag.protocol import (
    CollectionInfo,
    Collections,
    DocumentIndexed,
    DocumentInfo,
    Documents,
    EmbedTexts,
    Found,
    IndexDone,
    IndexPaths,
    ListCollections,
    ListDocuments,
    Removed,
    RemoveDocuments,
    Search,
    TextKind,
)
from tests.conftest import TEST_DATA
from tests.fakes.embedder import FakeEmbedder
from tests.fakes.library import Library, RequestFailed, files_of
from tests.process.test_library_worker import states, texts, wait_until

MUSEUM = str(TEST_DATA / "museum.pdf")


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library(tmp_path / "data", Counting()) as opened:
        yield opened


class Counting(FakeEmbedder):
    """Knows how many passages it has embedded; questions come in any number."""

    passages = 0

    def embed(
        self, texts: Sequence[str], kind: TextKind, between: Callable[[], None] | None = None
    ) -> Floats:
        if kind == "passage":
            self.passages += len(texts)
        return super().embed(texts, kind, between)


def calls(library: Library) -> int:
    assert isinstance(library.embedder, Counting)
    return library.embedder.passages


def listed(library: Library) -> dict[str, DocumentInfo]:
    return {Path(d.file).name: d for d in library.ask(ListDocuments(), Documents).documents}


def names(library: Library) -> list[str]:
    return [info.name for info in library.ask(ListCollections(), Collections).collections]


def found(library: Library, query: str) -> str:
    hits = library.ask(Search(query, 1), Found).hits
    return Path(hits[0].file).name if hits else ""


def refused(library: Library, request: object) -> str:
    with pytest.raises(RequestFailed) as failed:
        library.ask(request, Changed)  # type: ignore[arg-type]
    return failed.value.error.code


@pytest.mark.slow
def test_collections_are_made_renamed_removed_and_come_back_without_being_embedded_again(
    library: Library,
) -> None:
    library.ask(CreateCollection("  Guides "), Changed)
    assert names(library) == ["Guides", "default"]
    assert refused(library, CreateCollection("guides")) == "collection_exists"
    assert refused(library, CreateCollection(" ")) == "bad_collection_name"
    assert refused(library, RenameCollection("default", "x")) == "default_collection"
    assert refused(library, RemoveCollection("none")) == "unknown_collection"
    library.ask(IndexPaths((MUSEUM,), "Guides"), IndexDone)
    embedded = calls(library)
    library.ask(RenameCollection("Guides", "Travel"), Changed)
    assert library.ask(Search("ticket cost", 1, ("Travel",)), Found).hits
    number = library.ask(RemoveCollection("Travel"), Changed).number
    assert (names(library), listed(library), found(library, "ticket cost")) == (["default"], {}, "")
    (removed,) = library.ask(ListRemoved(), RemovedThings).collections
    assert (removed.number, removed.name, removed.documents) == (number, "Travel", 1)
    library.ask(CreateCollection("Travel"), Changed)
    assert library.ask(RestoreCollection(number), Changed).name == "Travel (2)"
    assert found(library, "ticket cost") == "museum.pdf"
    assert calls(library) == embedded


@pytest.mark.slow
def test_a_removed_document_comes_back_as_it_was_and_goes_for_good_when_it_is_erased(
    library: Library, tmp_path: Path
) -> None:
    folder = texts(tmp_path / "docs", 3)
    library.ask(IndexPaths((str(folder),)), IndexDone)
    first = listed(library)["000.txt"].document
    embedded = calls(library)
    assert library.ask(RemoveDocuments((first,)), Removed).count == 1
    assert set(listed(library)) == {"001.txt", "002.txt"}
    assert [d.document for d in library.ask(ListRemoved(), RemovedThings).documents] == [first]
    assert library.ask(RestoreDocuments((first,)), Changed).count == 1
    assert found(library, "subject0") == "000.txt"
    library.ask(RemoveDocuments((first,)), Removed)
    # indexing its file is another way to bring it back
    assert files_of(library.ask(IndexPaths((str(folder / "000.txt"),)), IndexDone)) == {
        "000.txt": "unchanged"
    }
    assert found(library, "subject0") == "000.txt"
    assert calls(library) == embedded
    library.ask(RemoveDocuments((first,)), Removed)
    assert library.ask(EraseRemoved(3600.0), Changed).count == 0
    assert library.ask(EraseRemoved(), Changed).count == 1
    assert library.ask(ListRemoved(), RemovedThings).documents == ()
    assert library.ask(RestoreDocuments((first,)), Changed).count == 0


@pytest.mark.slow
def test_a_document_tells_its_language_and_each_of_its_pages(library: Library, tmp_path: Path) -> None:
    spanish = tmp_path / "es.txt"
    spanish.write_text("La entrada del museo cuesta siete euros y los niños no pagan. " * 5, "utf-8")
    library.ask(IndexPaths((MUSEUM, str(spanish))), IndexDone)
    there = listed(library)
    assert (there["museum.pdf"].language, there["es.txt"].language) == ("en", "es")
    pages = library.ask(ListPages(there["museum.pdf"].document), PagesOf).pages
    assert [page.page for page in pages] == [1, 2, 3, 4]
    assert all(page.source in ("pdfium", "pypdf") and page.passages for page in pages)


@pytest.mark.slow
def test_a_watched_folder_is_followed_and_only_what_changed_is_embedded(
    library: Library, tmp_path: Path
) -> None:
    folder = texts(tmp_path / "docs", 4)
    number = library.ask(WatchFolder(str(folder), "default"), Changed).number
    wait_until(lambda: list(states(library).values()) == ["indexed"] * 4, "the folder is indexed")
    embedded = calls(library)
    path = folder / "001.txt"
    path.write_text(path.read_text("utf-8") + "\n\nA wholly new ending about pelicans.", "utf-8")
    wait_until(lambda: calls(library) > embedded, "the change is seen")
    wait_until(lambda: found(library, "pelicans") == "001.txt", "and indexed")
    asked = calls(library)
    (folder / "002.txt").rename(folder / "moved.txt")
    (folder / "sub").mkdir()
    (folder / "003.txt").rename(folder / "sub" / "003.txt")
    wait_until(lambda: set(states(library)) == {"000.txt", "001.txt", "moved.txt", "003.txt"}, "moves")
    assert calls(library) == asked, "what has moved keeps its vectors"
    (folder / "000.txt").unlink()
    wait_until(lambda: "000.txt" not in states(library), "a deleted file's document goes")
    (info,) = library.ask(ListFolders(), Folders).folders
    assert (info.folder, info.path, info.watched, info.documents) == (number, str(folder), True, 3)


@pytest.mark.slow
def test_a_folder_that_disappears_keeps_its_documents_and_says_so_and_is_met_again(
    library: Library, tmp_path: Path
) -> None:
    folder = texts(tmp_path / "docs", 5)
    library.ask(WatchFolder(str(folder), "default"), Changed)
    wait_until(lambda: list(states(library).values()) == ["indexed"] * 5, "the folder is indexed")
    away = tmp_path / "away"

    def problem() -> str:
        library.ask(LookThrough(), Changed)
        (info,) = library.ask(ListFolders(), Folders).folders
        return info.problem.code if info.problem else ""

    folder.rename(away)
    wait_until(lambda: problem() == "folder_gone", "it is missed")
    folder.mkdir()
    wait_until(lambda: problem() == "folder_emptied", "an empty mount point is no emptied folder")
    assert len(states(library)) == 5
    assert found(library, "subject3") == "003.txt"
    folder.rmdir()
    embedded = calls(library)
    away.rename(folder)
    wait_until(lambda: problem() == "", "it is back")
    assert len(states(library)) == 5
    assert calls(library) == embedded


@pytest.mark.slow
def test_what_a_person_removed_from_a_watched_folder_does_not_come_back_by_itself(
    library: Library, tmp_path: Path
) -> None:
    folder = texts(tmp_path / "docs", 2)
    number = library.ask(WatchFolder(str(folder), "default"), Changed).number
    wait_until(lambda: list(states(library).values()) == ["indexed"] * 2, "the folder is indexed")
    library.ask(RemoveDocuments((listed(library)["000.txt"].document,)), Removed)
    library.ask(EraseRemoved(), Changed)
    library.ask(LookThrough(), Changed)
    (folder / "late.txt").write_text("The latecomer.", "utf-8")
    wait_until(lambda: "late.txt" in states(library), "the folder was looked through")
    assert set(states(library)) == {"001.txt", "late.txt"}
    assert library.ask(ForgetFolder(number, remove=True), Changed).count == 2
    assert states(library) == {}
    assert library.ask(ListFolders(), Folders).folders == ()


@pytest.mark.slow
def test_a_pause_holds_everything_but_questions_and_outlives_a_kill(tmp_path: Path) -> None:
    library = Library(tmp_path / "data")
    library.ask(IndexPaths((MUSEUM,)), IndexDone)
    library.ask(PauseIndexing(True), Changed)
    request = library.send(IndexPaths((str(texts(tmp_path / "docs", 3)),)))
    wait_until(lambda: "000.txt" in states(library), "it is queued")
    assert found(library, "ticket cost") == "museum.pdf"
    assert not any(isinstance(event, DocumentIndexed) for event in library.events(request))
    library.kill()
    with Library(tmp_path / "data") as again:
        assert found(again, "ticket cost") == "museum.pdf"
        assert set(states(again).values()) == {"indexed", "indexing"}
        again.ask(PauseIndexing(False), Changed)
        wait_until(lambda: set(states(again).values()) == {"indexed"}, "it goes on")


@pytest.mark.slow
def test_a_batch_can_be_taken_back_while_it_is_paused(library: Library, tmp_path: Path) -> None:
    held = threading.Event()
    library.before_embedding = lambda _: held.set() is None
    request = library.send(IndexPaths((str(texts(tmp_path / "docs", 50)),)))
    assert held.wait(60)
    library.ask(PauseIndexing(True), Changed)
    library.cancel(request)
    assert library.result(request, IndexDone).cancelled
    library.ask(PauseIndexing(False), Changed)
    assert set(states(library).values()) <= {"indexed"}


@pytest.mark.slow
def test_small_files_and_those_put_first_overtake_the_others(library: Library, tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    for name, words in (("a", 400), ("b", 3), ("c", 200), ("d", 100)):
        (folder / f"{name}.txt").write_text(f"{name}word. " * words, "utf-8")
    library.ask(PauseIndexing(True), Changed)
    request = library.send(IndexPaths((str(folder),)))
    wait_until(lambda: len(states(library)) == 4, "they wait")
    library.ask(OrderQueue("small_first"), Changed)
    library.ask(OrderQueue(None, (str(folder / "c.txt"),)), Changed)
    library.ask(PauseIndexing(False), Changed)
    done = library.result(request, IndexDone)
    assert [Path(document.file).stem for document in done.documents] == ["c", "b", "d", "a"]


@pytest.mark.slow
def test_one_document_put_first_overtakes_a_long_batch_and_two_batches_share_the_line(
    library: Library, tmp_path: Path
) -> None:
    embedding, go_on = threading.Event(), threading.Event()

    def hold(body: EmbedTexts) -> bool:
        embedding.set()
        return go_on.wait(60)

    library.before_embedding = hold
    long = library.send(IndexPaths((str(texts(tmp_path / "long", 30)),)))
    assert embedding.wait(60)
    urgent = tmp_path / "urgent.txt"
    urgent.write_text("The urgent one.", "utf-8")
    library.send(OrderQueue(None, (str(urgent),)))
    short = library.send(IndexPaths((str(urgent),)))
    go_on.set()
    assert files_of(library.result(short, IndexDone)) == {"urgent.txt": "indexed"}
    assert not any(isinstance(event, IndexDone) for event in library.events(long))
    assert len(files_of(library.result(long, IndexDone))) == 30
    told = lambda: [e.state for e in library.events(0) if isinstance(e, IndexingNow)]  # noqa: E731
    assert any(state.waiting > 20 and state.file for state in told())
    wait_until(lambda: told()[-1].waiting == 0, "the end is told")


@pytest.mark.slow
def test_kills_at_random_moments_cost_at_most_one_call_each(tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    for n in range(20):
        paragraphs = (f"File{n} paragraph{m} about thing{n}x{m}. " * 25 for m in range(20))
        (folder / f"{n:02}.txt").write_text("\n\n".join(paragraphs), "utf-8")
    dice = random.Random(7)
    embedder = Counting()
    kills = 0
    while kills < 6:
        library = Library(tmp_path / "data", embedder)
        if kills == 0:
            library.send(IndexPaths((str(folder),)))
        before, wanted = embedder.passages, dice.randrange(30, 120)
        wait_until(lambda: embedder.passages >= before + wanted or _finished(library), "it works")  # noqa: B023
        time.sleep(dice.random() / 20)
        library.kill()
        kills += 1
    with Library(tmp_path / "data", embedder) as again:
        wait_until(lambda: _finished(again), "it ends by itself")
        passages = sum(info.passages for info in listed(again).values())
        # with each kill at most the call under way and the one behind it are made again
        assert passages <= embedder.passages <= passages + 2 * TEXTS_PER_CALL * kills
        assert len(listed(again)) == 20
        assert found(again, "thing19x7") == "19.txt"


def _finished(library: Library) -> bool:
    there = states(library)
    return len(there) == 20 and set(there.values()) == {"indexed"}


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="the superuser may read everything")
def test_a_folder_that_may_not_be_entered_keeps_what_was_indexed_of_it(
    library: Library, tmp_path: Path
) -> None:
    folder = texts(tmp_path / "docs" / "sub", 2).parent
    library.ask(WatchFolder(str(folder), "default"), Changed)
    wait_until(lambda: list(states(library).values()) == ["indexed"] * 2, "the folder is indexed")
    (folder / "sub").chmod(0)
    (folder / "new.txt").write_text("New.", "utf-8")
    wait_until(lambda: "new.txt" in states(library), "the folder was looked through")
    (folder / "sub").chmod(0o700)
    assert len(states(library)) == 3
    shutil.rmtree(folder)


def test_a_collection_is_told_with_what_it_holds(library: Library) -> None:
    library.ask(CreateCollection("Empty"), Changed)
    there = library.ask(ListCollections(), Collections).collections
    assert there == (CollectionInfo("Empty", 0, 0), CollectionInfo("default", 0, 0))
