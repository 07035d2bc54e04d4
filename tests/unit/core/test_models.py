"""The models folder, from headers alone."""

import os
import sys
from pathlib import Path

import pytest

from desktop.core.errors import CoreError
from desktop.core.models import ModelShelf
from tests.fakes.engine_files import fake_model, gguf, pair


def put(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def test_chat_models_are_listed_and_embedding_models_are_not(tmp_path: Path) -> None:
    put(tmp_path, "Bravo.gguf", fake_model())
    put(tmp_path, "maker/alpha.gguf", fake_model())
    put(tmp_path, "embeddings/e5.gguf", fake_model("e5"))
    put(tmp_path, "notes.txt", b"not a model")
    models = ModelShelf(tmp_path).all()
    assert [model.name for model in models] == ["alpha", "Bravo"]
    assert models[1].has_chat_template
    assert models[1].trained_context_tokens == 2048
    assert models[1].size_bytes == (tmp_path / "Bravo.gguf").stat().st_size


def test_a_broken_file_is_listed_with_what_is_wrong(tmp_path: Path) -> None:
    put(tmp_path, "short.gguf", fake_model()[:100])
    put(tmp_path, "empty.gguf", b"")
    put(tmp_path, "foreign.gguf", b"%PDF-1.7 and so on")
    problems = {Path(m.path).name: m.problem for m in ModelShelf(tmp_path).all()}
    codes = {name: problem.code for name, problem in problems.items() if problem is not None}
    assert codes == {
        "short.gguf": "model_truncated",
        "empty.gguf": "model_empty",
        "foreign.gguf": "model_not_gguf",
    }


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere every name is Unicode")
def test_a_file_with_a_name_of_another_encoding_is_listed_and_never_taken(tmp_path: Path) -> None:
    put(tmp_path, os.fsdecode(b"caf\xe9.gguf"), fake_model())
    good = put(tmp_path, "good.gguf", fake_model())
    bad = ModelShelf(tmp_path).all()[0]
    assert bad.name == "caf\ufffd"
    assert bad.problem is not None
    assert bad.problem.code == "model_name"
    assert bad.path.encode()  # as every frame does
    assert ModelShelf(tmp_path).choose("") == str(good)


def test_the_chosen_file_may_lie_anywhere(tmp_path: Path) -> None:
    elsewhere = put(tmp_path, "elsewhere/Mine.gguf", fake_model())
    shelf = ModelShelf(tmp_path / "models")
    assert [model.name for model in shelf.all(str(elsewhere))] == ["Mine"]
    assert shelf.choose(str(elsewhere)) == str(elsewhere)


def test_without_a_choice_the_first_model_that_can_chat_is_taken(tmp_path: Path) -> None:
    put(tmp_path, "a.gguf", b"damaged")
    put(tmp_path, "b.gguf", fake_model("Base", template=None))
    chat = put(tmp_path, "c.gguf", fake_model("Chat"))
    assert ModelShelf(tmp_path).choose("") == str(chat)
    chat.unlink()
    assert ModelShelf(tmp_path).choose("") == str(tmp_path / "b.gguf")


def test_a_folder_with_nothing_but_half_a_download_says_so(tmp_path: Path) -> None:
    put(tmp_path, "a.gguf", fake_model()[:-1])
    with pytest.raises(CoreError) as raised:
        ModelShelf(tmp_path).choose("")
    assert raised.value.problem().code == "model_truncated"


def test_no_model_at_all_names_the_folder(tmp_path: Path) -> None:
    with pytest.raises(CoreError) as none:
        ModelShelf(tmp_path / "models").choose("")
    assert none.value.problem().code == "no_model"
    assert none.value.params["folder"] == str(tmp_path / "models")


def test_inspecting_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(CoreError) as missing:
        ModelShelf(tmp_path).inspect(str(tmp_path / "gone.gguf"))
    assert missing.value.problem().code == "model_missing"


def test_a_file_is_read_again_once_it_has_changed(tmp_path: Path) -> None:
    path = put(tmp_path, "a.gguf", fake_model(context_tokens=2048))
    shelf = ModelShelf(tmp_path)
    assert shelf.all()[0].trained_context_tokens == 2048
    path.write_bytes(fake_model(context_tokens=4096))
    os.utime(path, (1, 1))
    assert shelf.all()[0].trained_context_tokens == 4096


def test_a_file_that_is_looked_into_says_how_it_fits(tmp_path: Path) -> None:
    path = put(tmp_path, "a.gguf", fake_model())
    shelf = ModelShelf(tmp_path)
    fit = shelf.inspect(str(path)).fit
    assert fit is not None
    assert (fit.verdict, fit.wanted_context_tokens) == ("fits", 2048)
    chosen = shelf.inspect(str(path), 512).fit
    assert chosen is not None
    assert chosen.placement.context_tokens == 512
    assert all(model.fit is None for model in shelf.all())


def test_one_part_of_a_split_model_cannot_say_how_the_whole_fits(tmp_path: Path) -> None:
    pairs = [pair("general.architecture", "llama"), pair("split.count", 2)]
    path = put(tmp_path, "a-00001-of-00002.gguf", gguf(pairs, [], 0))
    assert ModelShelf(tmp_path).inspect(str(path)).fit is None
