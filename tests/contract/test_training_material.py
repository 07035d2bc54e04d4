"""What every core gathers to learn from: the real one, over fake workers, writes it; the fake one counts."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.core.contract import Core
from desktop.core.errors import CoreError
from desktop.core.operations import Operation
from desktop.core.types import StoredMessage
from desktop.core.types.training import GatheringMaterial
from engine.train.examples import read_rows
from tests.fakes.core import FakeCore
from tests.fakes.house import PATIENCE_S, Heard, house


@pytest.fixture(params=["fake", "real"])
def core(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Core]:
    if request.param == "fake":
        fake = FakeCore()
        yield fake
        fake.close()
    else:
        with house(tmp_path) as real:
            yield real


@pytest.fixture
def real(tmp_path: Path) -> Iterator[Core]:
    with house(tmp_path) as core:
        yield core


def code_of(operation: Operation[object]) -> str:
    with pytest.raises(CoreError) as failed:
        operation.result(PATIENCE_S)
    return failed.value.problem().code


def asked(core: Core, *questions: str) -> tuple[int, list[StoredMessage]]:
    chat = core.create_chat().result(PATIENCE_S).info.id
    for question in questions:
        core.send(chat, question).result(PATIENCE_S)
    return chat, list(core.open_chat(chat).result(PATIENCE_S).messages)


def test_chats_without_a_reply_that_was_approved_of_give_nothing(core: Core, tmp_path: Path) -> None:
    _, (_, reply) = asked(core, "How much?")
    core.rate_message(reply.id, -1).result(PATIENCE_S)
    assert code_of(core.write_examples(str(tmp_path / "rows.jsonl"))) == "nothing_rated"
    assert not (tmp_path / "rows.jsonl").exists()


def test_replies_that_were_rated_good_or_edited_are_counted(core: Core, tmp_path: Path) -> None:
    _, (_, good) = asked(core, "How much?")
    core.rate_message(good.id, 1).result(PATIENCE_S)
    chat, (_, wrong) = asked(core, "And for children?")
    core.edit_message(wrong.id, "Nothing.").result(PATIENCE_S)
    asked(core, "Thanks")
    written = core.write_examples(str(tmp_path / "rows.jsonl")).result(PATIENCE_S)
    assert (written.examples, written.replies, written.chats) == (2, 2, 2)
    assert core.write_examples(str(tmp_path / "one.jsonl"), (chat,)).result(PATIENCE_S).chats == 1


def test_a_row_leads_down_to_the_reply_and_learns_only_what_was_approved_of(
    real: Core, tmp_path: Path
) -> None:
    chat, (_, first, _, second, _, third) = asked(real, "One?", "Two?", "Three?")
    real.set_system_prompt(chat, "Be brief.").result(PATIENCE_S)
    real.rate_message(second.id, 1).result(PATIENCE_S)
    other = real.regenerate(third.id).result(PATIENCE_S)
    for reply in (third, other):
        real.rate_message(reply.id, 1).result(PATIENCE_S)
    heard = Heard()
    operation = real.write_examples(str(tmp_path / "rows.jsonl"))
    operation.subscribe(heard)
    written = operation.result(PATIENCE_S)
    assert heard.of(GatheringMaterial)[-1] == GatheringMaterial(1, 1)
    assert (written.examples, written.replies) == (2, 3)
    rows = [json.loads(line) for line in (tmp_path / "rows.jsonl").read_text("utf-8").splitlines()]
    assert [[one["role"] for one in row["messages"]] for row in rows] == [
        ["system", "user", "assistant", "user", "assistant", "user", "assistant"]
    ] * 2
    assert rows[0]["messages"][2] == {"role": "assistant", "content": first.text, "weight": 0}
    # every one of them is learnt once, wherever it stands
    learnt = [
        [
            place
            for place, one in enumerate(row["messages"])
            if one["role"] == "assistant" and "weight" not in one
        ]
        for row in rows
    ]
    assert learnt == [[4, 6], [6]]
    found = read_rows(tmp_path / "rows.jsonl")
    assert [row.given for row in found.rows] == [(2,), (2, 4)]


def test_documents_become_files_of_text(real: Core, tmp_path: Path) -> None:
    written = real.write_texts(str(tmp_path / "texts"), ("default",)).result(PATIENCE_S)
    assert written.documents == 1
    (file,) = (tmp_path / "texts").iterdir()
    assert "A ticket costs seven euros." in file.read_text("utf-8")
    assert len(file.read_text("utf-8")) == written.characters


def test_a_collection_that_is_not_there_is_named(real: Core, tmp_path: Path) -> None:
    assert code_of(real.write_texts(str(tmp_path / "texts"), ("gone",))) == "unknown_collection"
