"""What a person may write for a repository."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.core.hub.addresses import Wanted, is_repository, wanted_of
from desktop.core.hub.errors import BadRepository

HUB = "https://huggingface.co"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ana/tiny-GGUF", Wanted("ana/tiny-GGUF")),
        ("  ana/tiny-GGUF ", Wanted("ana/tiny-GGUF")),
        ("https://huggingface.co/ana/tiny-GGUF", Wanted("ana/tiny-GGUF")),
        ("https://huggingface.co/ana/tiny-GGUF/", Wanted("ana/tiny-GGUF")),
        ("huggingface.co/ana/tiny-GGUF", Wanted("ana/tiny-GGUF")),
        ("https://hf.co/ana/tiny-GGUF?library=llama-cpp", Wanted("ana/tiny-GGUF")),
        ("https://huggingface.co/ana/tiny-GGUF/tree/main", Wanted("ana/tiny-GGUF")),
        ("https://huggingface.co/ana/t/blob/main/t.gguf", Wanted("ana/t", "t.gguf")),
        (
            "https://huggingface.co/ana/t/resolve/c0ffee/a/b.gguf?download=true",
            Wanted("ana/t", "a/b.gguf", "c0ffee"),
        ),
        ("https://huggingface.co/ana/t/blob/main/one%20two.gguf", Wanted("ana/t", "one two.gguf")),
    ],
)
def test_names_and_addresses_are_understood(text: str, expected: Wanted) -> None:
    assert wanted_of(text, HUB) == expected


def test_a_mirror_has_its_own_addresses() -> None:
    mirror = "https://mirror.example/hub/"
    assert wanted_of("https://mirror.example/hub/ana/t", mirror) == Wanted("ana/t")
    assert wanted_of("https://huggingface.co/ana/t", mirror) == Wanted("ana/t")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "tiny",
        "ana/",
        "/tiny",
        "ana/tiny/more",
        "../tiny",
        "ana/..",
        "ana/ti--ny",
        "-ana/tiny",
        "ana/tiny.",
        "ana/t\nny",
        "ana/t\x00",
        "https://elsewhere.example/ana/tiny",
        "https://huggingface.co.elsewhere.example/ana/tiny",
        "file:///ana/tiny",
        "ftp://huggingface.co/ana/tiny",
        "https://huggingface.co/ana",
        "https://huggingface.co/ana/tiny/discussions/3",
        "https://[::1/ana/tiny",
        "ana/" + "x" * 5000,
    ],
)
def test_what_is_neither_is_refused(text: str) -> None:
    with pytest.raises(BadRepository):
        wanted_of(text, HUB)


@given(st.text(max_size=60))
def test_whatever_is_written_gives_a_safe_name_or_a_refusal(text: str) -> None:
    for written in (text, f"{HUB}/{text}", f"ana/{text}"):
        try:
            assert is_repository(wanted_of(written, HUB).repository)
        except BadRepository:
            continue
