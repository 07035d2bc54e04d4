"""Every finding has words, in both languages, whatever it carries."""

import ast
from pathlib import Path

import pytest

from desktop.core.types import Problem
from desktop.core.types.health import AREAS, Finding, Health
from desktop.words.health import HEALTH_WORDS, area_label, finding_remedy, finding_sentence, verdict
from rag.protocol import Fault

ROOM = Path(__file__).parents[3] / "desktop" / "core" / "health"
COUNTED = {
    "models_sound",
    "chats_sound",
    "library_sound",
    "library_rescued",
    "settings_read",
    "open_files",
    "foreign_files",
}
BY_THEMSELVES = {"failed", "library_fault"}
PARAMS: dict[str, str | int | float] = {
    "count": 2,
    "chats": 3,
    "messages": 40,
    "size_bytes": 9_000_000,
    "documents": 4,
    "pages": 50,
    "passages": 600,
    "names": "spa",
    "name": "CPU",
    "free_bytes": 10_000_000,
    "total_bytes": 90_000_000,
    "path": "/home/ana/x.gguf",
    "version": "1.0",
    "python": "3.11.7",
    "system": "Linux",
}


def kinds() -> set[str]:
    """Every kind that stands in the doctor's source as a word of its own."""
    found: set[str] = set()
    for file in ROOM.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Finding":
                found |= {
                    word.value
                    for word in ast.walk(node.args[1])
                    if isinstance(word, ast.Constant) and isinstance(word.value, str)
                }
    return {kind for kind in found if kind != "network_"} | {"network_downloads", "network_chroma_server"}


def test_every_kind_that_the_doctor_finds_has_words_and_no_other_has() -> None:
    assert kinds() - COUNTED - BY_THEMSELVES == set(HEALTH_WORDS)
    assert kinds() >= COUNTED


@pytest.mark.parametrize("kind", sorted(set(HEALTH_WORDS) | COUNTED))
def test_a_finding_becomes_a_whole_sentence(kind: str) -> None:
    said = finding_sentence(Finding("models", kind, "trouble", PARAMS))
    assert said.endswith((".", ")."))
    assert "…" not in said
    assert "{" not in said + finding_remedy(Finding("models", kind, "trouble", PARAMS))


def test_what_carries_an_error_or_a_fault_says_it_in_their_words() -> None:
    broken = Finding("chats", "failed", "trouble", problem=Problem("disk_full", {"folder": "/x"}))
    assert finding_sentence(broken)
    assert finding_remedy(broken)
    fault = Finding("library", "library_fault", "trouble", fault=Fault("words_wrong", 3))
    assert "3" in finding_sentence(fault)
    assert verdict(Health((broken, fault))).startswith("2 ")
    assert all(area_label(area) for area in AREAS)
