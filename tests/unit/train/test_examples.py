"""Rows out of files: what they mean, and what is wrong with the others."""

import json
from pathlib import Path

import pytest

from engine.protocol import Message
from engine.train.errors import NoUsableRows, TextUnreadable
from engine.train.examples import BadRow, Row, check_rows, read_rows, row_of

ASKED = (Message("user", "¿Capital?"), Message("assistant", "Lugo"))


@pytest.mark.parametrize(
    "record",
    [
        {"instruction": "¿Capital?", "input": "", "output": "Lugo"},
        {"prompt": " ¿Capital? ", "completion": "Lugo\n"},
        {"Pregunta": "¿Capital?", "Respuesta": "Lugo"},
        {"messages": [{"role": "user", "content": "¿Capital?"}, {"role": "assistant", "content": "Lugo"}]},
        {"conversations": [{"from": "human", "value": "¿Capital?"}, {"from": "gpt", "value": "Lugo"}]},
    ],
)
def test_a_question_and_its_answer_are_known_by_the_names_that_the_field_uses(record: object) -> None:
    assert row_of(1, record) == Row(1, "conversation", ASKED)


def test_what_stands_beside_an_instruction_follows_it() -> None:
    row = row_of(1, {"instruction": "Corrige.", "input": "Haiga", "output": "Haya"})
    assert isinstance(row, Row)
    assert row.messages[0].content == "Corrige.\n\nHaiga"


@pytest.mark.parametrize("label", ["spam", 1, True])
def test_a_text_and_its_label_are_known(label: object) -> None:
    assert row_of(1, {"text": "Gana dinero", "label": label}) == Row(
        1, "label", text="Gana dinero", label=str(label)
    )


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (7, "not_an_object"),
        (None, "not_an_object"),
        ({"a": "b"}, "no_columns"),
        ({"text": "", "label": "x"}, "empty"),
        ({"text": "x", "label": ""}, "empty"),
        ({"text": ["x"]}, "not_text"),
        ({"instruction": "x", "output": ""}, "empty"),
        ({"instruction": "x", "output": 3}, "not_text"),
        ({"messages": [{"role": "tool", "content": "x"}]}, "unknown_role"),
        ({"messages": [{"role": "user", "content": "x"}]}, "no_answer"),
        ({"messages": [{"role": "user", "content": None}]}, "not_text"),
        ({"messages": "x"}, "not_an_object"),
        ("  ", "empty"),
    ],
)
def test_a_row_that_cannot_be_used_says_why(record: object, reason: str) -> None:
    assert row_of(4, record) == BadRow(4, reason)  # type: ignore[arg-type]


def test_rows_are_counted_with_their_labels_and_repetitions() -> None:
    found = check_rows(
        [
            {"text": "a", "label": "x"}, {"text": "b", "label": "x"}, {"text": "a", "label": "x"},
            {"text": "c", "label": "y"}, 5,
        ]
    )  # fmt: skip
    assert found.labels == {"x": 2, "y": 1}
    assert found.repeated == (3,)
    assert found.bad == (BadRow(5, "not_an_object"),)
    assert [row.number for row in found.rows] == [1, 2, 4]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252", "utf-16"])
def test_a_table_is_read_whatever_separates_it(separator: str, encoding: str, tmp_path: Path) -> None:
    texts = ['"Año, nuevo; vida"', '"Dice ""hola"""', '"dos\nlíneas"']
    lines = [
        ["text", "label"],
        *([text, label] for text, label in zip(texts, ["sí", "no", "sí"], strict=True)),
    ]
    file = tmp_path / "a.csv"
    file.write_bytes("\n".join(separator.join(line) for line in lines).encode(encoding))
    rows = read_rows(file).rows
    assert [row.text for row in rows] == ["Año, nuevo; vida", 'Dice "hola"', "dos\nlíneas"]
    assert [row.label for row in rows] == ["sí", "no", "sí"]


def test_a_line_of_jsonl_that_is_cut_short_costs_that_line_alone(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text('{"text": "uno"}\n{"text": "do\n\n{"text": "tres"}\n')
    found = read_rows(file)
    assert [row.text for row in found.rows] == ["uno", "tres"]
    assert found.bad == (BadRow(2, "not_an_object"),)


def test_a_list_inside_an_object_is_found(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_text(json.dumps({"version": 1, "data": [{"text": "uno"}]}))
    assert [row.text for row in read_rows(file).rows] == ["uno"]


@pytest.mark.parametrize("content", ["", "[]", "{", "[1, 2]", '[{"a": 1}]', "\x00\x01\x02"])
@pytest.mark.parametrize("suffix", [".json", ".jsonl", ".csv"])
def test_a_file_without_one_usable_row_is_refused(suffix: str, content: str, tmp_path: Path) -> None:
    file = tmp_path / f"a{suffix}"
    file.write_text(content)
    with pytest.raises((NoUsableRows, TextUnreadable)):
        read_rows(file)


def test_the_instruction_data_at_hand_is_read_whole() -> None:
    file = Path(__file__).parents[4] / "shared" / "data" / "trainer" / "instruction-data.json"
    if not file.exists():
        pytest.skip("the shared data is not here")
    found = read_rows(file)
    assert len(found.rows) + len(found.repeated) == 1100
    assert found.kinds == {"conversation": len(found.rows)}
