"""Another embedding model takes over: the old one answers meanwhile, and a kill repeats one call at most."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rag.embedding.embedder import Embedder
from rag.protocol import EmbedTexts, Found, IndexDone, IndexPaths, ModelsInUse, Search, UseModel
from rag.sqlite import sqlite3
from tests.fakes.embedder import FakeEmbedder
from tests.fakes.library import Library, RequestFailed
from tests.process.test_library_worker import texts, wait_until

pytestmark = pytest.mark.slow

FILES = 6
PER_FILE = 24  # passages


def models() -> dict[str, Embedder]:
    return {"/old": FakeEmbedder(64, "old"), "/new": FakeEmbedder(48, "new")}


def opened(folder: Path, chosen: str = "/old") -> Library:
    library = Library(folder)
    library.models = models()
    library.chosen = chosen
    return library


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """Indexed by the old model."""
    with opened(tmp_path / "data") as made:
        folder = tmp_path / "docs"
        folder.mkdir()
        for n in range(FILES):
            paragraphs = (f"Part{p} of file{n} is about subject{n}x{p}. " * 20 for p in range(PER_FILE))
            (folder / f"{n}.txt").write_text("\n\n".join(paragraphs), "utf-8")
        made.ask(IndexPaths((str(folder),)), IndexDone)
        yield made


def calls(library: Library, source: str) -> int:
    embedder = library.models[source]
    assert isinstance(embedder, FakeEmbedder)
    return embedder.calls


def hold(library: Library, after: int, source: str = "/new") -> threading.Event:
    """Leaves calls to a model unanswered from the one after `after` on. Gives when it was reached."""
    reached, heard = threading.Event(), [0]

    def answered(body: EmbedTexts) -> bool:
        if body.source == source and body.kind == "passage":
            heard[0] += 1
            if heard[0] > after:
                reached.set()
                return False
        return True

    library.before_embedding = answered
    return reached


def models_in(folder: Path) -> list[tuple[str, int]]:
    """Fingerprints and numbers of vectors."""
    with sqlite3.connect(f"file:{folder}/library/library.db?mode=ro", uri=True) as db:
        return db.execute(
            "SELECT m.fingerprint, count(*) FROM models m JOIN vectors v ON v.model = m.id GROUP BY m.id"
        ).fetchall()


def choose(library: Library, source: str) -> ModelsInUse:
    library.chosen = source
    return library.ask(UseModel(source), ModelsInUse)


def found(library: Library, words: str) -> str:
    return library.ask(Search(words, 1), Found).hits[0].text


def taken_over(library: Library, source: str) -> Callable[[], bool]:
    return lambda: bool(library.pushed) and library.pushed[-1] == ModelsInUse(source)


def test_the_old_model_answers_until_the_new_one_has_embedded_everything(
    library: Library, tmp_path: Path
) -> None:
    reached = hold(library, after=3)
    state = choose(library, "/new")
    assert (state.answering, state.coming, state.done) == ("/old", "/new", 0)
    assert reached.wait(60)
    found(library, "subject4x7")  # the first question of a model also measures it
    old, new = calls(library, "/old"), calls(library, "/new")
    assert "subject4x7." in found(library, "subject4x7")
    assert (calls(library, "/old"), calls(library, "/new")) == (old + 1, new), "the old model was asked"
    assert 0 < library.pushed[-1].done < library.pushed[-1].total == state.total


def test_when_everything_is_embedded_the_new_model_answers_and_the_old_leaves_nothing(
    library: Library, tmp_path: Path
) -> None:
    state = choose(library, "/new")
    wait_until(taken_over(library, "/new"), "the new model takes over")
    shares = [(told.done, told.total) for told in library.pushed if told.coming]
    assert shares[-1] == (state.total, state.total)
    assert shares == sorted(shares)
    old = calls(library, "/old")
    assert "subject4x7." in found(library, "subject4x7")
    assert calls(library, "/old") == old
    wait_until(
        lambda: models_in(tmp_path / "data") == [("new/hashing/48", state.total)], "old vectors are dropped"
    )
    chroma = tmp_path / "data" / "library" / "chroma"
    wait_until(lambda: len(list(chroma.iterdir())) == 1, "and so is the old index")
    assert "subject4x7." in found(library, "subject4x7")


def test_a_kill_repeats_one_call_at_most(library: Library, tmp_path: Path) -> None:
    reached = hold(library, after=4)
    total = choose(library, "/new").total
    assert reached.wait(60)
    library.kill()
    stored = dict(models_in(tmp_path / "data"))["new/hashing/48"]
    assert stored == calls(library, "/new") - 1, "each answer was stored; the first one only tried the model"
    with opened(tmp_path / "data", chosen="/new") as again:
        wait_until(taken_over(again, "/new"), "it goes on without being asked")
        assert calls(again, "/new") == total - stored
        assert calls(again, "/old") == 0


def test_the_old_model_chosen_again_ends_it(library: Library, tmp_path: Path) -> None:
    reached = hold(library, after=3)
    choose(library, "/new")
    assert reached.wait(60)
    assert choose(library, "/old") == ModelsInUse("/old"), "the call under way is not waited for"
    assert [name for name, _ in models_in(tmp_path / "data")] == ["old/hashing/64"]
    assert "subject1x1." in found(library, "subject1x1")


def test_a_model_that_does_not_work_changes_nothing(library: Library) -> None:
    with pytest.raises(RequestFailed) as refused:
        choose(library, "/nowhere")
    assert refused.value.error.code == "embedder_missing"
    library.chosen = "/old"
    assert choose(library, "/old") == ModelsInUse("/old")
    assert "subject1x1." in found(library, "subject1x1")


def test_where_the_old_model_is_gone_the_next_one_answers_with_what_it_has(library: Library) -> None:
    del library.models["/old"]
    reached = hold(library, after=3)
    choose(library, "/new")
    assert reached.wait(60)
    hits = library.ask(Search("subject5x20", 10), Found).hits
    assert any("subject5x20." in hit.text for hit in hits), "words find what has no vector yet"


def test_a_model_that_was_chosen_while_nobody_was_here_is_taken_with_the_first_question(
    library: Library, tmp_path: Path
) -> None:
    library.close()
    with opened(tmp_path / "data", chosen="/new") as again:
        assert "subject1x1." in found(again, "subject1x1")
        wait_until(taken_over(again, "/new"), "the chosen model takes over")


def test_what_is_added_meanwhile_is_found_at_once_and_kept(library: Library, tmp_path: Path) -> None:
    reached = hold(library, after=3)
    choose(library, "/new")
    assert reached.wait(60)
    library.before_embedding = lambda _: True
    library.ask(IndexPaths((str(texts(tmp_path / "more", 1)),)), IndexDone)  # takes the turn of the switch
    assert "subject0." in found(library, "subject0")
    wait_until(taken_over(library, "/new"), "the new model takes over")
    assert "subject0." in found(library, "subject0")
