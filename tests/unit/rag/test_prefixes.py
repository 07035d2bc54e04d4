"""Which words stand in front of questions and passages, by the names of models."""

import pytest

from rag.embedding.fingerprint import fingerprint_of
from rag.embedding.prefixes import prefixes_of


@pytest.mark.parametrize(
    ("name", "query", "passage"),
    [
        ("multilingual-e5-small.Q4_0", "query: ", "passage: "),
        ("Multilingual E5 Small", "query: ", "passage: "),
        ("nomic-embed-text-v1.5.Q8_0", "search_query: ", "search_document: "),
        ("snowflake-arctic-embed-l-v2.0", "query: ", ""),
        ("bge-m3", "", ""),
        ("all-MiniLM-L6-v2", "", ""),
        ("size5-e55", "", ""),
    ],
)
def test_a_family_is_told_by_its_name(name: str, query: str, passage: str) -> None:
    assert prefixes_of(name) == {"query": query, "passage": passage}


def test_an_instruct_model_is_not_taken_for_its_plain_kin() -> None:
    found = prefixes_of("multilingual-e5-large-instruct")
    assert (found["query"].startswith("Instruct: "), found["passage"]) == (True, "")


def test_the_first_name_that_tells_a_family_counts() -> None:
    assert prefixes_of("model", "Multilingual E5 small")["query"] == "query: "


def test_everything_that_changes_a_vector_changes_the_fingerprint() -> None:
    prefixes = prefixes_of("e5")
    base = fingerprint_of("gguf", "d", "mean", prefixes, 384)
    others = {
        fingerprint_of("onnx", "d", "mean", prefixes, 384),
        fingerprint_of("gguf", "c", "mean", prefixes, 384),
        fingerprint_of("gguf", "d", "cls", prefixes, 384),
        fingerprint_of("gguf", "d", "mean", prefixes_of("bge-m3"), 384),
        fingerprint_of("gguf", "d", "mean", prefixes, 512),
    }
    assert len(others | {base}) == 6
