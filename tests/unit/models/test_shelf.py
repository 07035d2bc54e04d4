"""Models of all places on one shelf: order, splits, the kept headers and checksums."""

import hashlib
import os
from pathlib import Path

import pytest

from desktop.core.errors import Cancelled, CoreError, Reported
from desktop.core.models import Facts, ModelShelf, Store, checksums, with_checksums
from engine import gguf_header
from engine.gguf_reader import KnownTexts
from tests.fakes.engine_files import fake_model, gguf, pair
from tests.unit.models.places import put, put_ollama, put_split


class Headers:
    """Counts the headers that are read."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.read: list[str] = []
        inspect = gguf_header.inspect

        def counted(path: Path, known: KnownTexts | None = None) -> gguf_header.ModelHeader:
            self.read.append(Path(path).name)
            return inspect(path, known)

        monkeypatch.setattr(gguf_header, "inspect", counted)

    def since(self) -> list[str]:
        read, self.read = self.read, []
        return sorted(read)


@pytest.fixture
def headers(monkeypatch: pytest.MonkeyPatch) -> Headers:
    return Headers(monkeypatch)


def store(tmp_path: Path, *names: str) -> Store:
    for name in names:
        put(tmp_path / "theirs" / name)
    return Store("gpt4all", tmp_path / "theirs")


# ── order and places ──


def test_a_persons_own_models_come_before_those_of_other_programs(tmp_path: Path) -> None:
    put(tmp_path / "models/z.gguf")
    put(tmp_path / "folder/maker/series/model/m.gguf")
    put(tmp_path / "chosen/c.gguf")
    shelf = ModelShelf(
        tmp_path / "models",
        None,
        (store(tmp_path, "a.gguf"),),
        lambda: f"\n {tmp_path / 'folder'} \nrelative\n",
    )
    listed = shelf.all(str(tmp_path / "chosen/c.gguf"))
    assert [(model.name, model.source) for model in listed] == [
        ("z", "own"),
        ("c", "file"),
        ("m", "folder"),
        ("a", "gpt4all"),
    ]
    assert [shelf.inspect(model.path).source for model in listed] == ["own", "file", "folder", "gpt4all"]


def test_without_a_choice_another_programs_model_answers_only_where_ours_cannot(tmp_path: Path) -> None:
    theirs = store(tmp_path, "a.gguf")
    shelf = ModelShelf(tmp_path / "models", None, (theirs,))
    assert shelf.choose("") == str(theirs.folder / "a.gguf")
    base = put(tmp_path / "models/base.gguf", fake_model("base", template=None))
    assert shelf.choose("") == str(theirs.folder / "a.gguf")
    ours = put(tmp_path / "models/chat.gguf")
    assert shelf.choose("") == str(ours)
    ours.unlink()
    (theirs.folder / "a.gguf").unlink()
    assert shelf.choose("") == str(base)


def test_a_file_that_lies_in_two_places_is_listed_once_as_ours(tmp_path: Path) -> None:
    put(tmp_path / "models/maker/a.gguf")
    shelf = ModelShelf(
        tmp_path / "models", None, (Store("lmstudio", tmp_path / "models"),), lambda: str(tmp_path)
    )
    assert [model.source for model in shelf.all(str(tmp_path / "models/maker/a.gguf"))] == ["own"]


def test_a_model_of_ollama_is_inspected_by_its_blob_under_its_name(tmp_path: Path) -> None:
    blob = put_ollama(tmp_path / "ollama")
    model = ModelShelf(tmp_path / "models", None, (Store("ollama", tmp_path / "ollama"),)).inspect(str(blob))
    assert (model.name, model.label, model.source) == ("qwen2.5:7b", "qwen2.5:7b", "ollama")


# ── splits ──


def test_a_split_model_is_one_with_all_its_bytes_and_parameters(tmp_path: Path) -> None:
    parts = put_split(tmp_path)
    put(tmp_path / "whole.gguf")
    split, whole = ModelShelf(tmp_path).all()
    assert (split.name, split.path, split.parts, split.problem) == ("big", str(parts[0]), 3, None)
    assert split.size_bytes == sum(part.stat().st_size for part in parts)
    assert split.parameters == 3 * whole.parameters
    assert ModelShelf(tmp_path).inspect(str(parts[2])) == split


@pytest.mark.parametrize(("without", "named"), [((2,), "2"), ((1, 3), "1, 3")])
def test_missing_parts_are_a_problem_that_names_them(
    tmp_path: Path, without: tuple[int, ...], named: str
) -> None:
    put_split(tmp_path, without=without)
    (model,) = ModelShelf(tmp_path).all()
    assert model.problem is not None
    assert model.problem.code == "model_parts_missing"
    assert (model.problem.params["missing"], model.problem.params["parts"]) == (named, 3)
    with pytest.raises(CoreError) as raised:
        ModelShelf(tmp_path).first_part(model.path)
    assert raised.value.problem() == model.problem


def test_a_damaged_part_is_the_models_problem(tmp_path: Path) -> None:
    put_split(tmp_path)[1].write_bytes(b"GGUF")
    (model,) = ModelShelf(tmp_path).all()
    assert model.problem is not None
    assert model.problem.code == "model_truncated"


@pytest.mark.parametrize("name", ["a-00000-of-00002.gguf", "a-00003-of-00002.gguf", "a-00001-of-99999.gguf"])
def test_a_name_that_only_looks_like_a_part_is_a_whole_model(tmp_path: Path, name: str) -> None:
    put(tmp_path / name)
    (model,) = ModelShelf(tmp_path).all()
    assert (model.parts, model.problem) == (1, None)


# ── kept headers and checksums ──


def test_headers_are_kept_from_one_start_to_the_next(tmp_path: Path, headers: Headers) -> None:
    for name in ("a", "b"):
        put(tmp_path / f"models/{name}.gguf")
    put(tmp_path / "models/broken.gguf", b"GGUF")
    kept = tmp_path / "facts.json"
    first = ModelShelf(tmp_path / "models", Facts(kept)).all()
    assert headers.since() == ["a.gguf", "b.gguf", "broken.gguf"]
    assert ModelShelf(tmp_path / "models", Facts(kept)).all() == first
    assert headers.since() == []
    os.utime(tmp_path / "models/a.gguf", (1, 1))
    ModelShelf(tmp_path / "models", Facts(kept)).all()
    assert headers.since() == ["a.gguf"]
    if os.name == "posix":
        assert kept.stat().st_mode & 0o777 == 0o600


def test_five_hundred_models_are_listed_without_reading_one_again(tmp_path: Path, headers: Headers) -> None:
    for number in range(500):
        put(tmp_path / f"models/{number}.gguf")
    shelf = ModelShelf(tmp_path / "models", Facts(tmp_path / "facts.json"))
    assert len(shelf.all()) == 500
    headers.since()
    assert len(ModelShelf(tmp_path / "models", Facts(tmp_path / "facts.json")).all()) == 500
    assert headers.since() == []


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"version": 99, "facts": {}}', b"\xff"])
def test_damaged_facts_are_read_anew(tmp_path: Path, content: bytes) -> None:
    put(tmp_path / "models/a.gguf")
    kept = put(tmp_path / "facts.json", content)
    assert len(ModelShelf(tmp_path / "models", Facts(kept)).all()) == 1
    assert b"a.gguf" in kept.read_bytes()


def test_facts_that_cannot_be_written_cost_time_and_nothing_else(tmp_path: Path) -> None:
    put(tmp_path / "models/a.gguf")
    assert len(ModelShelf(tmp_path / "models", Facts(tmp_path / "no folder/facts.json")).all()) == 1


def test_facts_of_files_that_are_gone_are_forgotten(tmp_path: Path) -> None:
    gone = put(tmp_path / "models/gone.gguf")
    kept = tmp_path / "facts.json"
    ModelShelf(tmp_path / "models", Facts(kept)).all()
    gone.unlink()
    put(tmp_path / "models/new.gguf")
    ModelShelf(tmp_path / "models", Facts(kept)).all()
    assert b"gone.gguf" not in kept.read_bytes()


def test_a_stopped_listing_keeps_the_headers_it_has_read(tmp_path: Path, headers: Headers) -> None:
    for number in range(4):
        put(tmp_path / f"models/{number}.gguf")
    shelf = ModelShelf(tmp_path / "models", Facts(tmp_path / "facts.json"))
    with pytest.raises(Cancelled):
        shelf.all(cancelled=lambda: len(headers.read) == 2)
    assert len(headers.since()) == 2
    assert len(ModelShelf(tmp_path / "models", Facts(tmp_path / "facts.json")).all()) == 4
    assert len(headers.since()) == 2


def test_a_checksum_is_computed_once_and_again_after_a_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(tmp_path / "models/a.gguf")
    kept = tmp_path / "facts.json"
    expected = (hashlib.sha256(path.read_bytes()).hexdigest(),)
    shelf = ModelShelf(tmp_path / "models", Facts(kept))
    assert shelf.inspect(str(path)).sha256 == ()
    assert with_checksums(str(path), shelf, lambda: False).sha256 == expected
    with monkeypatch.context() as patch:
        patch.setattr(checksums, "hashlib", None)  # computing it again would fail
        again = ModelShelf(tmp_path / "models", Facts(kept))
        assert with_checksums(str(path), again, lambda: False).sha256 == expected
        assert again.all()[0].sha256 == expected
    path.write_bytes(fake_model("changed"))
    os.utime(path, (2, 2))
    changed = (hashlib.sha256(path.read_bytes()).hexdigest(),)
    assert with_checksums(str(path), shelf, lambda: False).sha256 == changed != expected


def test_a_checksum_can_be_stopped(tmp_path: Path) -> None:
    path = put(tmp_path / "a.gguf")
    with pytest.raises(Cancelled):
        with_checksums(str(path), ModelShelf(tmp_path), lambda: True)


def test_a_file_that_goes_with_a_model_is_listed_with_what_it_is(tmp_path: Path) -> None:
    put(tmp_path / "vision.gguf", gguf([pair("general.architecture", "clip")], [], 0))
    (found,) = ModelShelf(tmp_path).all()
    assert found.problem is not None
    assert found.problem.code == "model_is_projector"
    with pytest.raises(Reported):
        ModelShelf(tmp_path).choose("")


def test_of_one_model_in_two_sizes_the_larger_answers(tmp_path: Path) -> None:
    put(tmp_path / "models" / "Same.Q2_K.gguf", fake_model("Same", file_type=10))
    put(tmp_path / "models" / "Same.Q4_1.gguf", fake_model("Same", file_type=3) + bytes(4096))
    shelf = ModelShelf(tmp_path / "models")
    assert Path(shelf.choose("")).name == "Same.Q4_1.gguf"
