"""DocumentsViewModel over the fake core: lists, batches, switches, removal."""

import pytest
from pytestqt.qtbot import QtBot

from desktop.core.events import DocumentsChanged, LibraryStatus
from desktop.core.types import Problem
from desktop.view_models.document_rows import DocumentRow, Indexing, Outcome
from desktop.view_models.documents import DocumentsViewModel
from rag.errors import ErrorInfo
from rag.protocol import IndexDone, IndexedDocument
from tests.fakes.core import FakeCore
from tests.fakes.samples import documents


@pytest.fixture
def core() -> FakeCore:
    return FakeCore(automatic=False, documents=documents())


@pytest.fixture
def model(qtbot: QtBot, core: FakeCore) -> DocumentsViewModel:
    model = DocumentsViewModel(core)
    qtbot.waitUntil(lambda: bool(model.rows))
    return model


def a_chat(core: FakeCore, model: DocumentsViewModel) -> int:
    chat = core.create_chat().result().info.id
    model.set_chat(chat)
    return chat


def row_named(model: DocumentsViewModel, name: str) -> DocumentRow:
    return next(row for row in model.rows if row.name == name)


def test_documents_stand_by_name_with_what_is_wrong_with_them(model: DocumentsViewModel) -> None:
    names = [row.name for row in model.rows]
    assert names == sorted(names, key=str.casefold)
    assert row_named(model, "museum.pdf").passages == 48
    locked = row_named(model, "locked.pdf")
    assert locked.state == "failed"
    assert locked.problem is not None
    assert locked.problem.code == "document_encrypted"


def test_the_default_collection_is_there_before_any_document(qtbot: QtBot) -> None:
    model = DocumentsViewModel(FakeCore())
    assert [info.name for info in model.collections] == ["default"]
    assert not model.loaded
    qtbot.waitUntil(lambda: model.loaded)


def test_a_batch_is_followed_file_by_file(qtbot: QtBot, core: FakeCore, model: DocumentsViewModel) -> None:
    model.add(("/d/a.pdf", "/d/b.pdf"))
    assert model.progress == Indexing("default")
    core.indexings[0].progress("/d/b.pdf", "reading", 3, 12)
    qtbot.waitUntil(lambda: model.progress is not None and model.progress.number == 2)
    assert model.progress is not None
    assert (model.progress.files, model.progress.stage, model.progress.done) == (2, "reading", 3)
    assert 0.5 < model.progress.fraction < 0.6
    core.indexings[0].end_file("/d/b.pdf")
    core.indexings[0].finish()
    qtbot.waitUntil(lambda: model.progress is None)
    assert model.outcome == Outcome("default", added=1)
    qtbot.waitUntil(lambda: any(row.name == "b.pdf" for row in model.rows))


def test_progress_never_runs_backwards_from_stage_to_stage() -> None:
    steps = [
        Indexing("c", "f", number, 2, stage, done, 10)
        for number in (1, 2)
        for stage in ("reading", "embedding", "storing")
        for done in (0, 5, 10)
    ]
    fractions = [step.fraction for step in steps]
    assert fractions == sorted(fractions)
    assert (fractions[0], fractions[-1]) == (0.0, 1.0)


def test_a_second_batch_waits_for_the_first(qtbot: QtBot, core: FakeCore, model: DocumentsViewModel) -> None:
    model.add(("/d/a.pdf",))
    model.add(("/d/b.pdf",))
    assert len(core.indexings) == 1
    core.indexings[0].finish()
    qtbot.waitUntil(lambda: len(core.indexings) == 2)
    assert core.indexings[1].paths == ("/d/b.pdf",)


def test_cancelling_stops_the_batch_and_all_that_wait(
    qtbot: QtBot, core: FakeCore, model: DocumentsViewModel
) -> None:
    model.add(("/d/a.pdf",))
    model.add(("/d/b.pdf",))
    model.cancel()
    qtbot.waitUntil(lambda: model.progress is None)
    assert len(core.indexings) == 1
    assert model.outcome is not None
    assert model.outcome.cancelled


def test_a_file_that_cannot_be_added_is_a_row_until_dismissed(
    qtbot: QtBot, core: FakeCore, model: DocumentsViewModel
) -> None:
    core.automatic = True
    core.documents.clear()
    core.tell(DocumentsChanged())
    model.add(("/d/notes.docx",))
    qtbot.waitUntil(lambda: model.outcome is not None and model.outcome.failed == 1)
    qtbot.waitUntil(lambda: len(model.rows) == 1)
    assert model.rows[0].problem is not None
    assert model.rows[0].problem.code == "document_unknown_format"


def test_a_file_outside_the_library_stays_listed_with_its_reason(
    qtbot: QtBot, core: FakeCore, model: DocumentsViewModel
) -> None:
    """A missing file never becomes a document: only the batch knows of it."""
    model.add(("/d/scan.pdf",))
    indexing = core.indexings[0]
    gone = IndexedDocument("/d/scan.pdf", "failed", error=ErrorInfo("document_missing"))
    indexing.operation.emit(gone)
    indexing.operation.finish(IndexDone((gone,)))
    qtbot.waitUntil(lambda: model.progress is None)
    row = model.rows[0]
    assert (row.name, row.state, row.document) == ("scan.pdf", "failed", None)
    model.dismiss(row)
    assert row not in model.rows


def test_trying_again_indexes_the_same_file(qtbot: QtBot, core: FakeCore, model: DocumentsViewModel) -> None:
    model.retry(row_named(model, "broken.pdf"))
    assert core.called("index") == [(("/home/ana/Documents/broken.pdf",), "default")]


def test_what_stops_a_whole_batch_is_told(qtbot: QtBot, core: FakeCore, model: DocumentsViewModel) -> None:
    model.add(("/d/a.pdf",))
    core.indexings[0].fail(Problem("disk_full", {"folder": "/data"}))
    qtbot.waitUntil(lambda: model.problem is not None)
    assert model.problem == Problem("disk_full", {"folder": "/data"})
    assert model.progress is None


# ── the switch for the chat ──


def test_the_switch_is_stored_with_the_chat(core: FakeCore, model: DocumentsViewModel) -> None:
    chat = a_chat(core, model)
    model.set_used("default", True)
    assert model.used == ("default",)
    assert core.chats.get(chat).collections == ("default",)
    model.set_used("default", False)
    assert core.chats.get(chat).collections == ()


def test_a_switch_that_could_not_be_stored_goes_back(
    qtbot: QtBot, core: FakeCore, model: DocumentsViewModel
) -> None:
    a_chat(core, model)
    core.fail("set_collections", Problem("storage_full", {"folder": "/data"}))
    model.set_used("default", True)
    qtbot.waitUntil(lambda: model.used == ())
    assert model.problem is not None


def test_each_chat_has_its_own_switches(core: FakeCore, model: DocumentsViewModel) -> None:
    first = a_chat(core, model)
    model.set_used("default", True)
    a_chat(core, model)
    assert model.used == ()
    model.set_chat(first, core.chats.get(first).collections)
    assert model.used == ("default",)


def test_a_switch_set_before_the_chat_is_stored_is_kept_for_it(
    core: FakeCore, model: DocumentsViewModel
) -> None:
    model.set_used("default", True)
    assert model.used == ("default",)
    chat = a_chat(core, model)
    assert core.chats.get(chat).collections == ("default",)


def add_one(qtbot: QtBot, core: FakeCore, model: DocumentsViewModel, during: int | None = None) -> None:
    model.add(("/d/a.pdf",))
    if during is not None:
        model.set_chat(during)
    core.indexings[-1].end_file("/d/a.pdf")
    core.indexings[-1].finish()
    qtbot.waitUntil(lambda: model.progress is None)


def test_documents_added_beside_a_chat_are_used_in_it(
    qtbot: QtBot, core: FakeCore, model: DocumentsViewModel
) -> None:
    chat = a_chat(core, model)
    add_one(qtbot, core, model)
    assert core.chats.get(chat).collections == ("default",)


def test_documents_added_are_used_in_the_chat_they_were_added_in(
    qtbot: QtBot, core: FakeCore, model: DocumentsViewModel
) -> None:
    first = a_chat(core, model)
    other = core.create_chat().result().info.id
    add_one(qtbot, core, model, during=other)
    assert core.chats.get(first).collections == ("default",)
    assert core.chats.get(other).collections == ()


def test_a_collection_switched_off_by_hand_stays_off(
    qtbot: QtBot, core: FakeCore, model: DocumentsViewModel
) -> None:
    chat = a_chat(core, model)
    model.set_used("default", True)
    model.set_used("default", False)
    add_one(qtbot, core, model)
    assert core.chats.get(chat).collections == ()


# ── removing ──


def test_a_removal_is_undone_without_indexing_again(
    qtbot: QtBot, core: FakeCore, model: DocumentsViewModel
) -> None:
    museum = row_named(model, "museum.pdf")
    model.remove((museum,))
    qtbot.waitUntil(lambda: model.removal is not None)
    qtbot.waitUntil(lambda: all(row.name != "museum.pdf" for row in model.rows))
    model.undo_removal()
    assert model.removal is None
    assert core.called("restore_documents") == [((museum.document,),)]
    assert core.called("index") == []
    qtbot.waitUntil(lambda: museum in model.rows)


def test_a_whole_collection_is_renamed_removed_and_put_back(
    qtbot: QtBot, core: FakeCore, model: DocumentsViewModel
) -> None:
    chat = a_chat(core, model)
    model.create_collection("Papers")
    model.set_used("Papers", True)
    model.rename_collection("Papers", "Texts")
    qtbot.waitUntil(lambda: model.current == "Texts")
    assert model.used == ("Texts",) == core.chats.get(chat).collections
    model.remove_collection("Texts")
    qtbot.waitUntil(lambda: model.removal is not None)
    assert model.current == "default"
    model.undo_removal()
    qtbot.waitUntil(lambda: model.current == "Texts")


# ── one question, and the queue ──


def test_one_question_may_draw_from_other_collections_than_its_chat(
    core: FakeCore, model: DocumentsViewModel
) -> None:
    a_chat(core, model)
    model.set_used("default", True)
    model.set_once(("Papers",))
    assert (model.once, model.used) == (("Papers",), ("default",))
    assert model.take_once() == (("Papers",), "automatic")
    assert model.once is None
    model.set_once(("default",))
    assert model.once is None, "that is what the chat draws from anyway"


def test_what_a_watched_folder_brings_is_shown_and_can_be_paused(
    qtbot: QtBot, core: FakeCore, model: DocumentsViewModel
) -> None:
    core.tell_indexing(waiting=3, file="/d/a.txt", collection="default", stage="embedding", done=4, total=8)
    qtbot.waitUntil(lambda: model.work is not None)
    assert model.work is not None
    assert (model.work.file, model.work.number, model.work.files) == ("/d/a.txt", 1, 3)
    assert not model.work.ours
    core.tell_indexing(waiting=2)
    qtbot.waitUntil(lambda: model.work is not None and (model.work.number, model.work.files) == (2, 3))
    model.pause(True)
    qtbot.waitUntil(lambda: model.queue.paused)
    core.tell_indexing(waiting=0, file="", paused=False)
    qtbot.waitUntil(lambda: model.work is None)


def test_removing_several_is_one_request(qtbot: QtBot, core: FakeCore, model: DocumentsViewModel) -> None:
    model.remove(model.rows[:2])
    qtbot.waitUntil(lambda: model.removal is not None)
    assert len(core.called("remove_documents")) == 1
    assert model.removal is not None
    assert len(model.removal.files) == 2


# ── collections ──


def test_a_new_collection_is_chosen_and_takes_the_next_files(
    core: FakeCore, model: DocumentsViewModel
) -> None:
    assert model.create_collection("  Papers   of mine ")
    assert model.current == "Papers of mine"
    assert [info.name for info in model.collections] == ["default", "Papers of mine"]
    model.add(("/d/a.pdf",))
    assert core.called("index") == [(("/d/a.pdf",), "Papers of mine")]


def test_the_same_name_in_other_letters_is_the_same_collection(model: DocumentsViewModel) -> None:
    model.create_collection("Papers")
    model.choose("default")
    model.create_collection("papers")
    assert model.current == "Papers"
    assert not model.create_collection("   ")


def test_a_collection_chosen_meanwhile_never_shows_the_others_documents(
    qtbot: QtBot, core: FakeCore, model: DocumentsViewModel
) -> None:
    model.refresh()
    model.choose("Papers")  # the answer for "default" is still on its way
    seen: list[tuple[DocumentRow, ...]] = []
    model.documents_changed.connect(lambda: seen.append(model.rows))
    qtbot.waitUntil(lambda: model.loaded)
    qtbot.wait(20)
    assert set(seen) == {()}


def test_many_changes_become_few_questions(qtbot: QtBot, core: FakeCore, model: DocumentsViewModel) -> None:
    before = len(core.called("list_documents"))
    for _ in range(50):
        core.tell(DocumentsChanged())
    qtbot.wait(50)
    assert 1 <= len(core.called("list_documents")) - before <= 10


def test_the_library_that_comes_back_is_asked_again(
    qtbot: QtBot, core: FakeCore, model: DocumentsViewModel
) -> None:
    core.tell(LibraryStatus("unavailable", Problem("worker_died", {"worker": "library"})))
    qtbot.waitUntil(lambda: model.status.state == "unavailable")
    before = len(core.called("list_documents"))
    core.tell(LibraryStatus("ready"))
    qtbot.waitUntil(lambda: len(core.called("list_documents")) > before)
