"""Files of prompts: exact on the way out and in; whole or not at all, whatever they hold."""

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desktop import words
from desktop.core.chats.store import ChatStore
from desktop.core.errors import PromptsUnreadable
from desktop.core.prompts import exchange, library
from desktop.core.types.prompts import Example, PromptContent

PATH = Path("prompts.json")
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
names = st.text("abcñ 🙂", min_size=1, max_size=20).filter(lambda name: bool(name.strip()))
contents = st.builds(
    PromptContent,
    names,
    texts,
    st.lists(st.builds(Example, names, texts), max_size=3).map(tuple),
    st.dictionaries(names, texts, max_size=3),
    texts,
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ChatStore]:
    opened = ChatStore(tmp_path / "chats.sqlite3")
    yield opened
    opened.close()


def filled(store: ChatStore) -> bytes:
    example = Example("¿Qué?", 'Nada "así".\n')
    first = PromptContent("Uno", "Hola {{ti}}", (example,), {"ti": "tú"})
    key = library.saved(store, "", first, "Casa").info.key
    library.saved(store, key, PromptContent("Uno", "Adiós"), "Casa")
    library.saved(store, "", PromptContent("Dos", "", (), {}, '{"type": "object"}'), "")
    return exchange.encoded(exchange.document_of(store))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(given=st.lists(st.tuples(names, st.lists(contents, min_size=1, max_size=3)), max_size=3))
def test_every_library_comes_back_exactly(given: list[Any], tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("prompts")
    one, other = ChatStore(folder / "one.sqlite3"), ChatStore(folder / "other.sqlite3")
    try:
        for place, versions in given:
            key = ""
            for content in versions:
                key = library.saved(one, key, content, place).info.key
        data = exchange.encoded(exchange.document_of(one))
        other.add_prompts(exchange.decoded(data.decode(), PATH))
        assert exchange.encoded(exchange.document_of(other)) == data
        assert other.add_prompts(exchange.decoded(data.decode(), PATH)) == ((), len(given))
    finally:
        one.close()
        other.close()


def test_a_file_cut_short_anywhere_adds_nothing(store: ChatStore, tmp_path: Path) -> None:
    data = filled(store)
    file = tmp_path / "cut.json"
    for length in random.Random(7).sample(range(len(data) - 2), 60):
        file.write_bytes(data[:length])
        with pytest.raises(PromptsUnreadable) as refused:
            exchange.read(file)
        assert refused.value.params["reason"] in ("file_cut_short", "file_empty", "file_not_text")


def _changed(data: bytes, change: Any) -> str:
    document = json.loads(data)
    change(document)
    return json.dumps(document)


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (lambda d: d.pop("prompts"), "prompts"),
        (lambda d: d.update(format="other"), "format"),
        (lambda d: d.update(prompts=7), "prompts"),
        (lambda d: d["prompts"][0].update(versions=[]), "prompts[0].versions"),
        (lambda d: d["prompts"][0].update(key="explain.en"), "prompts[0].key"),
        (lambda d: d["prompts"][0].update(key="k" * 99), "prompts[0].key"),
        (lambda d: d["prompts"][1]["versions"][0]["content"].update(text=None), "text"),
        (lambda d: d["prompts"][1]["versions"][0]["content"].update(name=" "), "name"),
        (lambda d: d["prompts"][1]["versions"][0]["content"].update(text="x" * 200_001), "text"),
        (lambda d: d["prompts"][1]["versions"][0].pop("content"), "prompts[1].versions[0]"),
        (lambda d: d["prompts"][0]["versions"][0]["content"].update(examples=[1]), "examples"),
    ],
)
def test_a_file_of_another_shape_adds_nothing_and_says_where(
    store: ChatStore, change: Any, where: str
) -> None:
    text = _changed(filled(store), change)
    with pytest.raises(PromptsUnreadable) as refused:
        exchange.decoded(text, PATH)
    assert refused.value.params["reason"] == "file_other_shape"
    assert where in str(refused.value.params["where"])
    sentence = words.sentence(refused.value.problem())
    assert "…" not in sentence
    assert where in sentence


@pytest.mark.parametrize("text", ["[]", "7", '"prompts"', "null", "{}", '{"prompts": []}', "[" * 100_000])
def test_json_that_is_no_file_of_prompts_is_refused(text: str) -> None:
    with pytest.raises(PromptsUnreadable):
        exchange.decoded(text, PATH)


def test_a_file_of_a_newer_version_is_not_guessed_at(store: ChatStore) -> None:
    text = _changed(filled(store), lambda document: document.update(version=2, prompts={"all": "new"}))
    with pytest.raises(PromptsUnreadable) as refused:
        exchange.decoded(text, PATH)
    assert refused.value.params["reason"] == "file_newer"


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.json", b"", "file_empty"),
        ("a.txt", b" \n", "file_empty"),
        ("a.json", b"\xff\xfe\x00x", "file_not_text"),
        ("a.md", b"Hola \xed\xa0\x80", "file_not_text"),
        ("a.md", b"x" * 200_001, "file_too_large"),
        ("a.json", b" " * (exchange.LIMIT_BYTES + 1), "file_too_large"),
    ],
)
def test_files_that_are_none_are_refused_in_plain_words(
    tmp_path: Path, name: str, data: bytes, reason: str
) -> None:
    file = tmp_path / name
    file.write_bytes(data)
    with pytest.raises(PromptsUnreadable) as refused:
        exchange.read(file)
    assert refused.value.params["reason"] == reason
    assert "…" not in words.sentence(refused.value.problem())


def test_a_folder_and_a_file_that_is_gone_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "gone.json", Path("a\0b")):
        with pytest.raises(PromptsUnreadable) as refused:
            exchange.read(path)
        assert refused.value.params["reason"] == "file_not_opened"


def test_half_of_a_character_pair_in_json_adds_nothing(store: ChatStore) -> None:
    text = filled(store).decode().replace("Adi", "\\ud83d")
    with pytest.raises(PromptsUnreadable):
        exchange.decoded(text, PATH)


def test_a_text_file_becomes_a_prompt_of_its_name_with_its_line_ends_as_ours(tmp_path: Path) -> None:
    file = tmp_path / "Mi tutor.txt"
    file.write_bytes("\ufeffUna\r\ndos\r\n".encode())
    ((key, folder, (version,)),) = exchange.read(file)
    assert (key, folder, version.content) == ("", "", PromptContent("Mi tutor", "Una\ndos"))


def test_what_came_with_the_program_is_ones_own_where_it_is_read(store: ChatStore) -> None:
    data = exchange.encoded(exchange.document_of(store, ("extract.en",)))
    (added,), _present = store.add_prompts(exchange.decoded(data.decode(), PATH))
    copy = library.opened(store, added)
    assert copy.info.own
    assert copy.content == library.opened(store, "extract.en").content
    assert msgspec.json.decode(data)["prompts"][0]["key"] == ""
