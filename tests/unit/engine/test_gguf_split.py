"""The files of one model read together: what they are as one, and what is wrong with them."""

from pathlib import Path

import pytest

from engine.errors import ModelDamaged, ModelMissing, ModelTruncated
from engine.fit import Placement, host, predict
from engine.gguf_header import inspect, inspect_whole
from tests.fakes import engine_files as files
from tests.fakes.engine_shapes import QWEN_4B, SMALL, Shape, write_shape, write_split_shape


@pytest.mark.parametrize("shape", [SMALL, QWEN_4B])
def test_a_split_model_is_the_same_model(tmp_path: Path, shape: Shape) -> None:
    whole = inspect(write_shape(tmp_path / "whole.gguf", shape))
    first, *others = write_split_shape(tmp_path / "split", shape, 3)
    header = inspect_whole(first)
    assert header.shape == whole.shape
    assert (header.parameters, header.tensors) == (whole.parameters, whole.tensors)
    assert header.size_bytes == sum(path.stat().st_size for path in (first, *others))
    placement = Placement(4096)
    assert predict(header, placement, (host(),)) == predict(whole, placement, (host(),))
    # its first file alone says less
    assert inspect(first).parameters < whole.parameters


def test_a_model_in_one_file_is_read_as_ever(tmp_path: Path) -> None:
    path = write_shape(tmp_path / "whole.gguf", SMALL)
    assert inspect_whole(path) == inspect(path)


def test_a_missing_part_is_named(tmp_path: Path) -> None:
    first, second, _ = write_split_shape(tmp_path, SMALL, 3)
    second.unlink()
    with pytest.raises(ModelMissing) as error:
        inspect_whole(first)
    assert error.value.params["path"] == str(second)


def test_a_part_that_is_cut_short_is_named(tmp_path: Path) -> None:
    first, _, third = write_split_shape(tmp_path, SMALL, 3)
    with third.open("r+b") as file:
        file.truncate(third.stat().st_size - 1)
    with pytest.raises(ModelTruncated) as error:
        inspect_whole(first)
    assert error.value.params["path"] == str(third)


def test_parts_of_different_models_or_places_are_damage(tmp_path: Path) -> None:
    first, second, third = write_split_shape(tmp_path, SMALL, 3)
    content = second.read_bytes()
    second.write_bytes(third.read_bytes())
    with pytest.raises(ModelDamaged, match="another part"):
        inspect_whole(first)
    second.write_bytes(content)
    again = content.replace(files.pair("split.no", 1), files.pair("split.no", 2))
    third.write_bytes(again)
    with pytest.raises(ModelDamaged, match="two files"):
        inspect_whole(first)


def test_the_first_of_several_under_another_name_is_damage(tmp_path: Path) -> None:
    first, *_ = write_split_shape(tmp_path, SMALL, 3)
    for name in ("model.gguf", "model-00001-of-00002.gguf"):
        renamed = first.rename(tmp_path / name)
        with pytest.raises(ModelDamaged, match="under another name"):
            inspect_whole(renamed)
        first = renamed
