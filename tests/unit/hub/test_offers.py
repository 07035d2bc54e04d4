"""The models in a repository's list of files, and how a person names one of them."""

from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.core.hub.advice import recommended
from desktop.core.hub.errors import FileNotOffered
from desktop.core.hub.fits import by_model, header_for
from desktop.core.hub.offers import chosen, is_safe, local_name, offers
from desktop.core.hub.protocol import Listed, RemotePart
from desktop.core.types.models import HubFile
from engine import gguf_header
from engine.devices import host
from engine.fit import Fit, Placement, choose
from tests.fakes.engine_files import write_fake_model


def listed(*names: str) -> Listed:
    files = tuple(RemotePart(name, 1000 + number, "ab" * 32) for number, name in enumerate(names))
    return Listed("ana/tiny", "c0ffee", files)


@pytest.mark.parametrize(
    ("name", "quantization"),
    [
        ("tiny-Q4_K_M.gguf", "Q4_K_M"),
        ("tiny.Q8_0.gguf", "Q8_0"),
        ("tiny-q4_0.gguf", "Q4_0"),
        ("tiny-IQ2_XXS.gguf", "IQ2_XXS"),
        ("tiny-UD-Q4_K_XL.gguf", "UD-Q4_K_XL"),
        ("tiny-f16.gguf", "F16"),
        ("tiny-BF16.gguf", "BF16"),
        ("gpt-oss-20b-MXFP4.gguf", "MXFP4"),
        ("Q6_K/tiny-Q6_K-00001-of-00002.gguf", "Q6_K"),
        ("tiny-135M-Instruct.gguf", ""),
    ],
)
def test_a_quantization_is_read_from_the_name(name: str, quantization: str) -> None:
    others = [name.replace("00001-of", "00002-of")] if "-of-" in name else []
    assert [offer.quantization for offer in offers(listed(name, *others).files)] == [quantization]


def test_quantizations_of_one_model_are_told_from_other_models() -> None:
    found = offers(listed("tiny-Q4_K_M.gguf", "tiny-Q8_0.gguf", "big-Q4_K_M.gguf").files)
    assert {model: len(every) for model, every in by_model(found).items()} == {"tiny": 2, "big": 1}


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ("a/tiny-Q4_K_M.gguf", "a/tiny-Q4_K_M.gguf"),
        ("tiny-q4_k_m.gguf", "a/tiny-Q4_K_M.gguf"),
        ("tiny-Q4_K_M", "a/tiny-Q4_K_M.gguf"),
        ("q4_k_m", "a/tiny-Q4_K_M.gguf"),
        ("F16", "b/tiny-F16-00001-of-00002.gguf"),
        ("tiny-F16-00002-of-00002.gguf", "b/tiny-F16-00001-of-00002.gguf"),
    ],
)
def test_a_model_is_named_by_its_path_its_name_or_its_quantization(wanted: str, expected: str) -> None:
    found = listed(
        "a/tiny-Q4_K_M.gguf",
        "a/tiny-Q8_0.gguf",
        "a/other-Q8_0.gguf",
        "b/tiny-F16-00001-of-00002.gguf",
        "b/tiny-F16-00002-of-00002.gguf",
    )
    assert chosen(found, wanted, "hub.example").name == expected
    for vague in ("Q8_0", "tiny", "", "gguf", "../tiny-Q8_0.gguf"):
        with pytest.raises(FileNotOffered):
            chosen(found, vague, "hub.example")


@given(st.text(max_size=40))
def test_a_name_that_is_taken_can_only_lie_in_its_own_folder(text: str) -> None:
    for name in (text, f"{text}.gguf", f"a/{text}.gguf"):
        if is_safe(name):
            kept = local_name(RemotePart(name, 1))
            assert kept == PurePosixPath(kept).name
            assert kept not in ("", ".", "..")
            assert not set(kept) & set('/\\\x00:*?"<>|')


def fitting(name: str, quantization: str, size_bytes: int, verdict: str = "fits") -> HubFile:
    fit = Fit(verdict, Placement(4096), 4096, 1, (), (), 0, "nothing")  # type: ignore[arg-type]
    return HubFile(name, size_bytes, quantization=quantization, fit=fit)


def test_the_usual_quantization_is_recommended_where_it_fits() -> None:
    files = [
        fitting("q8", "Q8_0", 8_000_000_000),
        fitting("q4", "Q4_K_M", 4_700_000_000),
        fitting("q2", "Q2_K", 3_000_000_000),
    ]
    assert recommended(files) == files[1]
    assert recommended([files[0], files[2]]) == files[0]


def test_a_small_model_is_recommended_with_more_bits() -> None:
    files = [fitting("q4", "Q4_K_M", 100_000_000), fitting("q8", "Q8_0", 150_000_000)]
    assert recommended(files) == files[1]


def test_what_fits_goes_before_what_fits_partly_and_nothing_else_is_recommended() -> None:
    partly = fitting("q4", "Q4_K_M", 9_000_000_000, "fits_partly")
    whole = fitting("q2", "Q2_K", 5_000_000_000)
    assert recommended([partly, whole]) == whole
    assert recommended([partly]) == partly
    assert recommended([fitting("q4", "Q4_K_M", 9_000_000_000, "does_not_fit")]) is None
    assert recommended([HubFile("unknown.gguf", 5)]) is None


def test_a_header_tells_of_another_quantization_by_its_size(tmp_path: Path) -> None:
    write_fake_model(tmp_path / "tiny-Q4_0.gguf")
    header = gguf_header.inspect(tmp_path / "tiny-Q4_0.gguf")
    (offer,) = offers([RemotePart("tiny-F16.gguf", 50_000_000, "ab" * 32)])
    scaled = header_for(offer, header)
    weights = scaled.shape.input_bytes + scaled.shape.output_bytes
    assert weights + sum(layer.weights_bytes for layer in scaled.shape.layers) == pytest.approx(
        50_000_000, rel=0.01
    )
    assert choose(scaled, (host(),)).usage[0].kv_bytes == choose(header, (host(),)).usage[0].kv_bytes
