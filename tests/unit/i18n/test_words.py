"""Every error has words, and the words come out whole whatever the parameters are."""

import importlib
import pkgutil
import re
import string
from pathlib import Path
from typing import get_args

import pytest

import desktop.core.errors
import engine.errors
import rag.errors
from desktop import words
from desktop.core.errors import CoreError
from desktop.core.settings import SETTINGS
from desktop.core.types import Problem
from desktop.core.types.models import Source
from desktop.words import settings as setting_words
from desktop.words.models import SOURCE_WORDS, source_name
from desktop.words.problems import RICHER, WORDS
from desktop.words.replies import REASONS
from engine.errors import EngineError
from rag.errors import RagError

TREES = (CoreError, EngineError, RagError)
ROOT = Path(__file__).parents[3]
FILE = "/home/ana/Documentos/guía {del} museo 100%.pdf"
PARAMS: dict[str, str | int | float] = {
    "batch": 8,
    "least": 8,
    "architecture": "lemma",
    "names": "reasoning_effort",
    "example": "key and value",
    "file": FILE,
    "path": "/home/ana/modelos/tiny.gguf",
    "folder": "/home/ana/.local/share/sobremesa",
    "kept_as": "/home/ana/chats.sqlite3.damaged-1",
    "days": 30,
    "saved_chats": 60,
    "saved_messages": 360,
    "name": "temperature",
    "value": 9.5,
    "low": 0.0,
    "automatic": 0,
    "high": 2.0,
    "model": "Tiny",
    "missing_bytes": 98_000_000,
    "needed_bytes": 98_000_000,
    "free_bytes": 12_000_000,
    "part": "rope scaling yarn",
    "kind": "Q1_0",
    "parts": 3,
    "missing": "2, 3",
    "needed_tokens": 12_000,
    "limit_tokens": 4096,
    "pages": 9,
    "page": 12,
    "suffix": ".xyz",
    "how": "SIGSEGV",
    "worker": "library",
    "found": 9,
    "known": 1,
    "chat": 3,
    "message": 4,
    "theirs": 2,
    "ours": 1,
    "status": -3,
    "host": "hub.example",
    "port": "8000",
    "address": "https://hub.example/ana/tiny",
    "device": "Vulkan1",
    "runtime": "vulkan",
    "version": "0.3.20",
    "machine": "linux-aarch64",
    "needed": "0.3.36",
    "here": "linux-x86_64",
    "quantization": "Q4_K_M",
    "found_tokens": 12,
    "reason": "endless",
    "line": 2,
    "column": 7,
    "place": "#/properties/age",
    "length": 300,
    "characters": 300_000,
    "number": 7,
    "key": "explain.en",
    "step": 40,
    "kept": 30,
    "columns": "a, b",
    "label": "spam",
    "rows": 9,
    "limit_bytes": 20_000_000,
    "where": "text",
    "limit_mb": 64,
    "limit": 256,
    "count": 40,
    "token": 99_999,
    "vocabulary": 49_152,
    "text": "sobremesa",
    "tokens": 3,
}


def codes() -> list[str]:
    """Those of every error class, wherever in the three trees it is declared."""
    for package in ("engine", "rag", "desktop.core"):
        for module in pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}."):
            if module.name.rsplit(".", 1)[1] in ("errors", "failures"):
                importlib.import_module(module.name)
    found: set[str] = set()
    waiting: list[type] = list(TREES)
    while waiting:
        cls = waiting.pop()
        waiting += cls.__subclasses__()
        # `Reported` speaks with the code of what it reports
        if cls is not desktop.core.errors.Reported:
            found.add(cls.code)  # type: ignore[attr-defined]
    return sorted(found)


def test_no_error_code_is_without_words_and_no_words_without_a_code() -> None:
    assert set(codes()) - set(WORDS) == set()
    assert set(WORDS) - set(codes()) == set()


def test_a_code_means_one_thing_in_all_three_trees() -> None:
    seen: dict[str, str] = {}
    for module in (engine.errors, rag.errors, desktop.core.errors):
        for name, cls in vars(module).items():
            if isinstance(cls, type) and issubclass(cls, TREES) and "code" in vars(cls):
                assert seen.setdefault(cls.code, name) == name


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("code", codes())
def test_every_sentence_and_hint_comes_out_whole(
    code: str, language: str, request: pytest.FixtureRequest
) -> None:
    if language == "es":
        request.getfixturevalue("spanish")
    problem = Problem(code, PARAMS)
    sentence, hint = words.sentence(problem), words.hint(problem)
    assert sentence
    assert sentence.endswith(".")
    assert hint or code == "cancelled"
    for text in (sentence, hint):
        assert "…" not in text
        assert "!" not in text
        assert not re.search(r"\{(?!del\})", text)
        assert code not in text


@pytest.mark.parametrize("code", codes())
def test_a_missing_parameter_never_breaks_the_sentence(code: str) -> None:
    assert words.sentence(Problem(code))
    words.hint(Problem(code))


def test_an_unknown_code_still_says_something() -> None:
    problem = Problem("written_by_a_newer_version", {"x": 1})
    assert words.sentence(problem) == "Something went wrong."
    assert words.hint(problem)


def test_every_field_of_every_text_is_a_parameter_that_some_error_carries() -> None:
    known = set(PARAMS) | {f"{name}_path" for name in ("file", "path", "kept_as")} | {"why"}
    for sentence, hint in [*WORDS.values(), *RICHER.values()]:
        for _, field, _, _ in string.Formatter().parse(sentence + hint):
            assert field is None or field in known


def test_every_reason_that_the_engine_gives_has_words() -> None:
    given: set[str] = set()
    for name in ("grammar", "grammar_parser", "json_schema", "adapters", "runtime"):
        source = (ROOT / "engine" / f"{name}.py").read_text()
        for pattern in (r'_fail\(\s*"(\w+)"', r'reason="(\w+)"', r'refuse\("(\w+)"', r'_blame\(.*"(\w+)"\)'):
            given.update(re.findall(pattern, source))
    assert len(given) > 40
    assert given - set(REASONS) == set()
    sentence = words.sentence(
        Problem("bad_grammar", {"reason": "undefined", "name": "foo", "line": 1, "column": 9})
    )
    assert sentence == "The grammar cannot be followed: the rule foo is not defined (line 1, column 9)."


def test_files_are_named_short_and_found_by_their_whole_path() -> None:
    problem = Problem("document_missing", {"file": FILE})
    assert words.sentence(problem) == "guía {del} museo 100%.pdf is not there."
    assert FILE in words.hint(problem)
    windows = Problem("document_empty", {"file": "C:\\Users\\ana\\notas.txt"})
    assert words.sentence(windows).startswith(("notas.txt", "C:\\"))


def test_sizes_and_numbers_are_written_for_people() -> None:
    assert "98 MB of it" in words.sentence(Problem("model_truncated", PARAMS))
    assert "12,000 tokens" in words.sentence(Problem("context_full", PARAMS))


def test_a_setting_out_of_range_is_named_as_the_window_names_it_with_its_range() -> None:
    problem = Problem("bad_setting", {"name": "temperature", "value": 9.5, "low": 0.0, "high": 2.0})
    assert words.sentence(problem) == "Temperature cannot be 9.5."
    assert words.hint(problem) == "Choose something between 0 and 2."
    assert words.hint(Problem("bad_setting", {"name": "language", "value": "fr"})) == "Choose another value."


def test_a_collection_named_like_a_setting_keeps_its_name() -> None:
    assert "“theme”" in words.sentence(Problem("unknown_collection", {"name": "theme"}))


def test_what_was_kept_of_a_damaged_database_is_named() -> None:
    kept = Problem(
        "database_damaged", {"file": "/a/chats.sqlite3", "kept_as": "/a/chats.sqlite3.damaged-1", "days": 30}
    )
    assert "/a/chats.sqlite3.damaged-1" in words.hint(kept)
    library = Problem("database_damaged", {"file": "/a/library/library.db", "folder": "/a/library"})
    assert "doctor --repair" in words.hint(library)
    assert words.sentence(kept) != words.sentence(Problem("database_damaged", {"file": "/a/chats.sqlite3"}))


def test_every_setting_has_a_label_and_a_help() -> None:
    assert {declared.name for declared in SETTINGS} == set(setting_words.SETTING_WORDS)
    for declared in SETTINGS:
        assert setting_words.setting_label(declared.name) != declared.name
        assert setting_words.setting_help(declared.name).endswith(".")
    assert setting_words.setting_label("unheard_of") == "unheard_of"


def test_every_keeper_of_models_has_a_name() -> None:
    assert set(SOURCE_WORDS) == set(get_args(Source))
    assert [source_name(source) for source in ("own", "ollama")] == ["your models folder", "Ollama"]
