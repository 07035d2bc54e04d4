"""Files in GGUF that are no model, told by what their header says, before anybody tries to load them."""

from pathlib import Path

import pytest

from engine.errors import (
    ModelCannotChat,
    ModelFileError,
    ModelIsAdapter,
    ModelIsMatrix,
    ModelIsProjector,
)
from engine.gguf_header import inspect
from engine.gguf_kinds import check_writes
from tests.fakes import engine_files as files
from tests.fakes.engine_files import pair


def written(folder: Path, *pairs: bytes) -> Path:
    path = folder / "file.gguf"
    path.write_bytes(files.gguf(list(pairs), [], 0))
    return path


@pytest.mark.parametrize(
    ("architecture", "kind", "refusal"),
    [
        ("llama", "adapter", ModelIsAdapter),
        ("controlvector", "", ModelIsAdapter),
        ("clip", "mmproj", ModelIsProjector),
        ("clip", "", ModelIsProjector),
        ("imatrix", "imatrix", ModelIsMatrix),
        ("nomic-bert", "model", ModelCannotChat),
        ("t5encoder", "model", ModelCannotChat),
    ],
)
def test_a_file_that_writes_no_text_says_what_it_is(
    architecture: str, kind: str, refusal: type[ModelFileError], tmp_path: Path
) -> None:
    kinds = [pair("general.type", kind)] if kind else []
    path = written(tmp_path, pair("general.architecture", architecture), *kinds)
    with pytest.raises(refusal) as error:
        check_writes(inspect(path))
    assert error.value.params == {"path": str(path)}


@pytest.mark.parametrize("kind", ["", "model", "something new"])
def test_a_model_that_writes_passes_whatever_it_calls_itself(kind: str, tmp_path: Path) -> None:
    path = written(tmp_path, pair("general.architecture", "llama"), pair("general.type", kind))
    check_writes(inspect(path))


def test_a_template_of_spaces_is_none(tmp_path: Path) -> None:
    path = written(tmp_path, pair("general.architecture", "llama"), pair("tokenizer.chat_template", " \n"))
    assert inspect(path).chat_template is None
