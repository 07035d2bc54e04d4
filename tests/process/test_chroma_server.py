"""Two libraries and a real Chroma server: shared, attached, searched; what a bad server does to neither."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.protocol import (
    Collections,
    Documents,
    Found,
    IndexDone,
    IndexPaths,
    ListCollections,
    ListDocuments,
    Located,
    LocatePassage,
    Removed,
    RemoveDocuments,
    Search,
    UseServer,
)
from tests.fakes.chroma_server import HOST, TOKEN, ChromaServer, Gate, Mood
from tests.fakes.embedder import FakeEmbedder
from tests.fakes.library import Library, RequestFailed
from tests.process.test_library_worker import MUSEUM, texts

pytestmark = [pytest.mark.slow, pytest.mark.loopback]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ChromaServer]:
    with ChromaServer(tmp_path / "server") as running:
        yield running


@pytest.fixture
def giver(tmp_path: Path) -> Iterator[Library]:
    """A library with a guide and notes."""
    with Library(tmp_path / "giver") as library:
        library.ask(IndexPaths((MUSEUM,), "guides"), IndexDone)
        library.ask(IndexPaths((str(texts(tmp_path / "notes", 4)),), "notes"), IndexDone)
        yield library


@pytest.fixture
def taker(tmp_path: Path) -> Iterator[Library]:
    """Another installation, with one file of its own."""
    with Library(tmp_path / "taker") as library:
        (tmp_path / "own.txt").write_text("My own recipe for potato soup.", "utf-8")
        library.ask(IndexPaths((str(tmp_path / "own.txt"),)), IndexDone)
        yield library


def shared(library: Library, port: int, token: str = "") -> None:
    library.use_server(UseServer(HOST, port, token=token, share=True))
    library.server_is(lambda now: now.state == "ready" and now.done == now.total > 0)


def attached(library: Library, port: int, token: str = "") -> tuple[str, ...]:
    library.use_server(UseServer(HOST, port, token=token))
    now = library.server_is(lambda now: now.state == "ready" and bool(now.collections))
    return tuple(collection.name for collection in now.collections)


def asked(library: Library, question: str, *collections: str, k: int = 5) -> list[str]:
    return [hit.text for hit in library.ask(Search(question, k, collections), Found).hits]


def test_a_second_installation_attaches_to_what_the_first_one_shares(
    giver: Library, taker: Library, server: ChromaServer
) -> None:
    shared(giver, server.port)
    names = attached(taker, server.port)
    assert names == (f"guides @ {HOST}", f"notes @ {HOST}")
    listed = taker.ask(ListCollections(), Collections).collections
    assert [(c.name, c.server, c.passages > 0) for c in listed][1:] == [(name, HOST, True) for name in names]
    hit, *_ = taker.ask(Search("How much does a ticket cost?", 3, (names[0],)), Found).hits
    assert ("seven euros" in hit.text, hit.page, hit.heading) == (True, 3, "Tickets")
    assert (hit.document < 0, hit.file) == (True, f"museum.pdf @ {HOST}")
    located = taker.ask(LocatePassage(hit.document, hit.page, hit.start, hit.end), Located)
    assert located.page_text[hit.start : hit.end] == hit.text
    everywhere = asked(taker, "potato soup ticket", k=20)
    assert any("potato soup" in text for text in everywhere)
    assert any("seven euros" in text for text in everywhere)
    assert asked(taker, "potato soup", "default") == ["My own recipe for potato soup."]
    assert b"potato soup" not in server.text(), "nothing of the one that only attaches goes there"


def test_what_is_shared_follows_the_library_and_is_taken_back(
    giver: Library, taker: Library, server: ChromaServer, tmp_path: Path
) -> None:
    shared(giver, server.port)
    (tmp_path / "notes" / "late.txt").write_text("Pelicans came late.", "utf-8")
    giver.ask(IndexPaths((str(tmp_path / "notes"),), "notes"), IndexDone)
    guide = giver.ask(ListDocuments("guides"), Documents).documents[0].document
    giver.ask(RemoveDocuments((guide,)), Removed)
    (name,) = _wait_for_names(taker, server.port, (f"notes @ {HOST}",))
    taker.server_is(lambda now: now.state == "ready" and now.collections[0].passages >= 5)
    assert "Pelicans came late." in asked(taker, "pelicans", name)
    giver.use_server(UseServer(HOST, server.port))
    giver.server_is(lambda now: now.state == "ready")
    _wait_for_names(taker, server.port, ())


def _wait_for_names(library: Library, port: int, names: tuple[str, ...]) -> tuple[str, ...]:
    for number in range(100):
        # another setting of the same server: it is looked at anew
        library.use_server(UseServer(HOST, port, token=f"look {number}"))
        now = library.server_is(lambda now: now.state == "ready")
        if tuple(collection.name for collection in now.collections) == names:
            return names
    raise AssertionError(now)


def test_a_token_is_asked_for_sent_in_a_header_and_kept_nowhere(
    giver: Library, taker: Library, server: ChromaServer, tmp_path: Path
) -> None:
    gate = Gate(server, TOKEN)
    giver.use_server(UseServer(HOST, gate.port, share=True))
    refused = giver.server_is(lambda now: now.state == "failed")
    assert refused.problem is not None
    assert (refused.problem.code, refused.problem.params) == (
        "server_refused",
        {"host": HOST, "port": str(gate.port)},
    )
    giver.use_server(UseServer(HOST, gate.port, token="wrong", share=True))
    giver.server_is(lambda now: now.problem is not None and now.problem.code == "server_refused")
    assert asked(giver, "subject1"), "the library goes on"
    shared(giver, gate.port, TOKEN)
    (guides, _) = attached(taker, gate.port, TOKEN)
    assert "seven euros" in asked(taker, "ticket cost", guides)[0]
    taker.close()
    giver.close()
    for folder in (tmp_path / "giver", tmp_path / "taker"):
        kept = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
        assert TOKEN.encode() not in kept
    assert not any(TOKEN in path for path in gate.seen)
    gate.close()


def test_a_server_that_is_not_what_it_should_be_is_told_and_the_library_goes_on(
    giver: Library, server: ChromaServer
) -> None:
    gate = Gate(server)
    moods: tuple[tuple[Mood, str], ...] = (
        ("old", "server_strange"),
        ("html", "server_strange"),
        ("failing", "server_failed"),
    )
    for mood, code in moods:
        gate.mood = mood
        giver.use_server(UseServer(HOST, gate.port, token=mood, share=True))
        now = giver.server_is(lambda now: now.state == "failed")
        assert now.problem is not None
        assert now.problem.code == code
        assert asked(giver, "subject1 pelican")
    gate.mood = "kind"
    giver.server_is(lambda now: now.state == "ready" and now.done == now.total > 0)
    gate.close()


def test_a_server_that_drops_in_the_middle_gets_the_rest_when_it_is_back(
    giver: Library, taker: Library, server: ChromaServer, tmp_path: Path
) -> None:
    giver.ask(IndexPaths((str(texts(tmp_path / "many", 120)),), "many"), IndexDone)
    gate = Gate(server)
    gate.mood, gate.after = "dropping", 2
    giver.use_server(UseServer(HOST, gate.port, share=True))
    now = giver.server_is(lambda now: now.state == "failed")
    assert now.problem is not None
    assert now.problem.code == "server_failed"
    assert asked(giver, "subject77")
    gate.mood = "kind"
    total = giver.server_is(lambda now: now.state == "ready" and now.done == now.total > 0).total
    attached(taker, gate.port)
    now = taker.server_is(lambda now: now.state == "ready")
    assert sum(collection.passages for collection in now.collections) == total
    gate.close()


def test_a_server_that_is_down_is_told_tried_again_and_caught_up(
    giver: Library, taker: Library, server: ChromaServer
) -> None:
    shared(giver, server.port)
    guides, _ = attached(taker, server.port)
    server.stop()
    with pytest.raises(RequestFailed) as refusal:
        asked(taker, "ticket", guides)
    assert refusal.value.error.code in ("server_down", "server_failed")
    assert asked(taker, "potato soup") == ["My own recipe for potato soup."], "the library itself goes on"
    now = taker.server_is(lambda now: now.state == "failed")
    assert now.problem is not None
    assert (now.problem.code, now.problem.params) == ("server_down", {"host": HOST, "port": str(server.port)})
    server.start()
    taker.server_is(lambda now: now.state == "ready" and len(now.collections) == 2)
    assert "seven euros" in asked(taker, "ticket cost", guides)[0]


def test_what_the_server_lost_is_there_again_and_a_kill_of_ours_costs_nothing(
    giver: Library, taker: Library, server: ChromaServer, tmp_path: Path
) -> None:
    shared(giver, server.port)
    giver.kill()
    server.stop()
    shutil.rmtree(tmp_path / "server")
    server.start()
    with Library(tmp_path / "giver") as again:
        shared(again, server.port)
        guides, _ = attached(taker, server.port)
        assert "seven euros" in asked(taker, "ticket cost", guides)[0]


def test_a_collection_of_another_search_model_is_named_and_not_compared(
    giver: Library, taker: Library, server: ChromaServer
) -> None:
    shared(giver, server.port)
    guides, _ = attached(taker, server.port)
    taker.embedder = FakeEmbedder(32, "another")
    with pytest.raises(RequestFailed) as refusal:
        asked(taker, "ticket", guides)
    assert refusal.value.error.code == "server_model"
    assert asked(taker, "potato soup") == ["My own recipe for potato soup."]


def test_without_a_server_nothing_is_asked_and_chromas_own_files_hold_no_text(
    giver: Library, server: ChromaServer, tmp_path: Path
) -> None:
    asked(giver, "ticket")
    giver.close()
    assert {state.state for state in giver.server_states} <= {"off"}
    files = [path for path in (tmp_path / "giver" / "library" / "chroma").rglob("*") if path.is_file()]
    kept = b"".join(path.read_bytes() for path in files)
    assert len(files) > 3
    for text in ("seven euros", "subject1", "museum", "Tickets", "guides", str(tmp_path)):
        assert text.encode() not in kept, text
        assert text.encode("utf-16-le") not in kept, text
    database = b"".join(path.read_bytes() for path in (tmp_path / "giver" / "library").glob("library.db*"))
    assert b"seven euros" in database, "it is looked for in the right way"
    assert b"seven euros" not in server.text()
