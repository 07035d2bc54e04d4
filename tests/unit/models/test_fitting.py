"""How one file fits this machine, from its header and the memory that is free."""

from pathlib import Path

from desktop.core.models import ModelShelf, fitted
from engine.fit import Wanted, host
from tests.unit.models.places import put, put_split


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


def test_one_part_of_a_split_model_cannot_say_how_the_whole_fits(tmp_path: Path) -> None:
    first = put_split(tmp_path)[0]
    model = ModelShelf(tmp_path).inspect(str(first))
    assert model.parts > 1
    assert fitted(model, Wanted(), (host(),)).fit is None
