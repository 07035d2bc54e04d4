"""How one file fits this machine, from its header and the memory that is free."""

from pathlib import Path

import pytest

from desktop.core.errors import ModelPartsMissing, Reported
from desktop.core.models import ModelShelf, fitted
from engine.devices import Device, host
from engine.fit import Wanted
from tests.fakes.engine_shapes import SMALL, write_shape, write_split_shape
from tests.unit.models.places import put


def test_a_file_that_is_looked_into_says_how_it_fits(tmp_path: Path) -> None:
    path = put(tmp_path / "a.gguf")
    model = ModelShelf(tmp_path).inspect(str(path))
    fit = fitted(model, Wanted(), (host(),)).fit
    assert fit is not None
    assert (fit.verdict, fit.wanted_context_tokens) == ("fits", 2048)
    chosen = fitted(model, Wanted(512), (host(),)).fit
    assert chosen is not None
    assert chosen.placement.context_tokens == 512


def test_a_list_asks_for_no_fit(tmp_path: Path) -> None:
    put(tmp_path / "a.gguf")
    assert [model.fit for model in ModelShelf(tmp_path).all()] == [None]


def test_a_split_model_is_fitted_with_the_weights_of_all_its_files(tmp_path: Path) -> None:
    whole = ModelShelf(tmp_path).inspect(str(write_shape(tmp_path / "whole.gguf", SMALL)))
    _first, second, _third = write_split_shape(tmp_path, SMALL, 3)
    model = ModelShelf(tmp_path).inspect(str(second))
    assert model.parts == 3
    memory = (Device("CPU", "cpu", 1 << 34, 1 << 34),)
    assert fitted(model, Wanted(), memory).fit == fitted(whole, Wanted(), memory).fit is not None


def test_a_split_model_that_loses_a_file_while_it_is_looked_into_says_so(tmp_path: Path) -> None:
    first, second, _third = write_split_shape(tmp_path, SMALL, 3)
    model = ModelShelf(tmp_path).inspect(str(first))
    second.unlink()
    with pytest.raises(Reported) as error:
        fitted(model, Wanted(), (host(),))
    assert error.value.problem().code == "model_missing"
    with pytest.raises(ModelPartsMissing):
        ModelShelf(tmp_path).first_part(str(first))
