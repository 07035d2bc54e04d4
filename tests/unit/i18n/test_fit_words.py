"""Verdicts on how a model fits, in words."""

from pathlib import Path

import pytest

from desktop.words import fit as fit_words
from engine.fit import Device, Fit, Wanted, allowed, choose
from engine.gguf_header import inspect
from tests.fakes.engine_shapes import LLAMA_8B, write_shape

GIB = 1 << 30


def fit(folder: Path, *free_gib: float, context: int | None = None) -> Fit:
    """Of Llama 8B on a machine, and a GPU, with so much free of 64 and 24 GiB."""
    header = inspect(write_shape(folder / "llama.gguf", LLAMA_8B))
    kinds = (("CPU", "cpu", 64), ("GPU0", "gpu", 24))
    devices = [
        Device(name, kind, int(free * GIB), total * GIB)  # type: ignore[arg-type]
        for (name, kind, total), free in zip(kinds, free_gib, strict=False)
    ]
    return choose(header, devices, Wanted(context))


@pytest.mark.parametrize(
    ("free_gib", "context", "said", "advice"),
    [
        ((32,), None, "It fits: it needs 6.2 GB of the 34 GB", ""),
        ((32, 5), None, "It fits partly: 23 of 33 layers go to the GPU", "Close other programs"),
        ((8,), 65_536, "It fits with a context of 32,768 tokens, less than the 65,536", "Close other"),
        ((3,), None, "It does not fit: it needs 5.2 GB; 3 GB more", "Close other programs"),
    ],
)
def test_each_verdict_is_one_sentence_with_its_figures(
    tmp_path: Path, free_gib: tuple[float, ...], context: int | None, said: str, advice: str
) -> None:
    found = fit(tmp_path, *free_gib, context=context)
    assert fit_words.sentence(found).startswith(said)
    assert fit_words.hint(found).startswith(advice)
    assert bool(fit_words.hint(found)) == bool(advice)


def test_a_limit_of_the_person_s_own_is_what_the_hint_speaks_of(tmp_path: Path) -> None:
    header = inspect(write_shape(tmp_path / "llama.gguf", LLAMA_8B))
    limited = allowed((Device("CPU", "cpu", 32 * GIB, 64 * GIB),), 3 * GIB)
    found = choose(header, limited)
    assert fit_words.sentence(found).startswith("It does not fit: it needs 5.2 GB, 1.9 GB more than")
    assert fit_words.hint(found).startswith("Allow models more memory")
