"""Files, folders and archives of every kind of wrongness: what can be read comes, and the rest is told."""

import io
import json
import os
import random
import zipfile
from pathlib import Path
from typing import Any

import pytest

from desktop.core.chats.exchange import Absorbed
from desktop.core.chats.store import ChatStore
from desktop.core.errors import CoreError
from desktop.core.exchange import own
from desktop.core.exchange.backup_form import FORMAT
from desktop.core.exchange.errors import (
    ImportCut,
    ImportProtected,
    ImportTooNew,
    ImportUnreadable,
    IsBackup,
    NoChatsFound,
)
from desktop.core.exchange.importing import BATCH_MESSAGES, Import
from desktop.core.exchange.jsonstream import Broken, Entry, Head, Whole, pieces
from desktop.core.operations import Operation
from desktop.core.types.exchange import ImportReport
from tests.unit.exchange.shapes import (
    CLAUDE,
    CLAUDE_IN_A_ROW,
    JAN_MESSAGES,
    JAN_THREAD,
    LM_STUDIO,
    chatgpt,
    chatgpt_node,
)


@pytest.fixture
def store(tmp_path: Path) -> ChatStore:
    return ChatStore(tmp_path / "chats.sqlite3")


def took(store: ChatStore, path: Path) -> ImportReport:
    operation: Operation[ImportReport] = Operation()
    return Import(str(path), store.absorb, operation).run()


def many(count: int, messages: int = 2) -> list[dict[str, Any]]:
    made = []
    for chat in range(count):
        nodes = [chatgpt_node("0", None, "user", f"Question {chat}")]
        nodes += [
            chatgpt_node(str(n), str(n - 1), "assistant" if n % 2 else "user", f"Message {n}")
            for n in range(1, messages)
        ]
        made.append(chatgpt(*nodes, key=f"conv-{chat}", title=f"Chat {chat}"))
    return made


def written(tmp_path: Path, value: object, name: str = "conversations.json") -> Path:
    file = tmp_path / name
    file.write_text(value if isinstance(value, str) else json.dumps(value), "utf-8")
    return file


def outcomes(report: ImportReport) -> list[str]:
    return [chat.outcome for chat in report.chats]


def test_the_same_file_twice_adds_nothing(store: ChatStore, tmp_path: Path) -> None:
    file = written(tmp_path, [*many(3), *CLAUDE, LM_STUDIO])
    assert outcomes(took(store, file)) == ["added"] * 5
    before = [store.outgoing(chat) for chat in store.all_chats()]
    assert outcomes(took(store, file)) == ["unchanged"] * 5
    assert [store.outgoing(chat) for chat in store.all_chats()] == before


def test_a_chat_that_grew_grows_here_and_what_the_person_did_meanwhile_stays(
    store: ChatStore, tmp_path: Path
) -> None:
    took(store, written(tmp_path, many(1, 2)))
    chat = store.all_chats()[0]
    mine = store.edit(store.chat(chat).messages[0].id, "My own words")
    store.rename(chat, "My own title")
    report = took(store, written(tmp_path, many(1, 4)))
    assert (outcomes(report), report.chats[0].messages) == (["updated"], 2)
    kept = store.chat(chat)
    assert kept.info.title == "My own title"
    assert [message.text for message in kept.messages] == [message.text for message in mine.messages]
    assert [node.key for node in store.outgoing(chat).nodes] == ["1", "2", "3", "4", "5", "6"]


def test_a_chat_that_grew_shows_its_new_end_where_the_old_one_was_shown(
    store: ChatStore, tmp_path: Path
) -> None:
    took(store, written(tmp_path, many(1, 2)))
    took(store, written(tmp_path, many(1, 4)))
    assert len(store.chat(store.all_chats()[0]).messages) == 4


def test_what_was_deleted_here_does_not_come_back_with_the_same_file(
    store: ChatStore, tmp_path: Path
) -> None:
    file = written(tmp_path, many(1, 4))
    took(store, file)
    last = store.chat(store.all_chats()[0]).messages[-1].id
    store.delete_message(last)
    assert outcomes(took(store, file)) == ["unchanged"]
    assert len(store.chat(store.all_chats()[0]).messages) == 3


def test_what_came_can_be_found_and_has_its_folder_and_archive(store: ChatStore, tmp_path: Path) -> None:
    took(store, written(tmp_path, [{**many(1)[0], "is_archived": True}, many(2)[1]]))
    assert store.outgoing(store.all_chats()[0]).archived or store.outgoing(store.all_chats()[1]).archived
    assert len(store.list_chats("message")) == 2


def test_an_export_cut_short_gives_every_whole_chat_before_the_cut(store: ChatStore, tmp_path: Path) -> None:
    text = json.dumps(many(20))
    for cut in random.Random(4).sample(range(len(text) // 2, len(text) - 2), 8):
        report = took(ChatStore(tmp_path / f"{cut}.sqlite3"), written(tmp_path, text[:cut]))
        whole = text[:cut].count('"default_end"') or sum(
            1 for n in range(20) if text[:cut].find(f'"conversation_id": "conv-{n}"') >= 0
        )
        assert abs(len(report.chats) - whole) <= 1
        assert [found.problem.code for found in report.problems] == [ImportCut.code]


def test_one_entry_that_is_no_json_costs_one_chat(store: ChatStore, tmp_path: Path) -> None:
    texts = [json.dumps(chat) for chat in many(5)]
    texts[2] = texts[2].replace('"role": "user"', '"role": user', 1)
    report = took(store, written(tmp_path, "[" + ", ".join(texts) + "]"))
    assert sorted(chat.title for chat in report.chats) == ["Chat 0", "Chat 1", "Chat 3", "Chat 4"]
    assert [found.problem.code for found in report.problems] == ["import_broken"]


def test_a_conversation_that_cannot_be_understood_or_is_empty_is_told_and_the_others_come(
    store: ChatStore, tmp_path: Path
) -> None:
    broken = {"id": "x", "title": 7, "messages": [{"parts": []}]}
    report = took(
        store, written(tmp_path, [many(1)[0], broken, chatgpt(chatgpt_node("r", None, "user", None))])
    )
    assert sorted(outcomes(report)) == ["added", "skipped", "skipped"]
    assert {chat.problem.code for chat in report.chats if chat.problem} == {"chat_unreadable", "chat_empty"}


def test_an_entry_beside_chats_that_is_none_is_told(store: ChatStore, tmp_path: Path) -> None:
    report = took(store, written(tmp_path, [*many(2), "junk", None, {"title": "x"}]))
    assert outcomes(report) == ["added", "added"]
    assert [found.problem.code for found in report.problems] == ["import_broken"]


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ("", NoChatsFound),
        ("[]", NoChatsFound),
        ("hello", NoChatsFound),
        ("\x00\x00", NoChatsFound),
        ('{"a": 1}', NoChatsFound),
        ("[" * 100_000, NoChatsFound),
        (json.dumps({"format": FORMAT, "version": 1}), IsBackup),
        (json.dumps({"format": own.FORMAT, "version": 99, "chats": []}), ImportTooNew),
    ],
)
def test_a_file_without_chats_is_refused_in_words(
    store: ChatStore, tmp_path: Path, content: str, error: type[CoreError]
) -> None:
    with pytest.raises(CoreError) as refused:
        took(store, written(tmp_path, content))
    assert refused.value.problem().code in (error.code, "import_broken", "import_cut")
    assert store.all_chats() == ()


def test_a_place_that_cannot_be_read_is_refused(store: ChatStore, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path in (tmp_path / "nothing", pipe, Path("a\0b")):
        with pytest.raises(ImportUnreadable):
            took(store, path)


def test_texts_in_other_encodings_and_with_bad_bytes_are_read(store: ChatStore, tmp_path: Path) -> None:
    text = json.dumps(many(1), ensure_ascii=False)
    for number, raw in enumerate(
        (
            text.encode("utf-8-sig"),
            text.encode("utf-16"),
            text.replace("Chat 0", "Ch\udcff").encode("utf-8", "surrogateescape"),
        )
    ):
        file = tmp_path / f"{number}.json"
        file.write_bytes(raw)
        assert len(took(ChatStore(tmp_path / f"{number}.sqlite3"), file).chats) == 1


def test_a_folder_and_a_zip_of_everything_come_whatever_the_files_are_called(tmp_path: Path) -> None:
    folder = tmp_path / "all"
    (folder / "jan" / "threads" / "t").mkdir(parents=True)
    (folder / "jan" / "threads" / "t" / "one").write_text(json.dumps(JAN_THREAD))
    lines = "\n".join(json.dumps(message) for message in JAN_MESSAGES)
    (folder / "jan" / "threads" / "t" / "two").write_text(lines + "\n{cut")
    (folder / "a.bin").write_text(json.dumps(many(2)))
    (folder / "b.conversation.json").write_text(json.dumps(LM_STUDIO))
    (folder / "c.txt").write_text(json.dumps([CLAUDE_IN_A_ROW]))
    (folder / "photo.png").write_bytes(b"\x89PNG" * 1000)
    (folder / "link").symlink_to("/etc/passwd")
    packed = tmp_path / "all.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.rglob("*")):
            if file.is_file() and not file.is_symlink():
                archive.write(file, file.relative_to(folder))
    for number, path in enumerate((folder, packed)):
        report = took(ChatStore(tmp_path / f"{number}.sqlite3"), path)
        assert sorted(chat.origin for chat in report.chats) == [
            "chatgpt",
            "chatgpt",
            "claude",
            "jan",
            "lmstudio",
        ]
        assert next(chat for chat in report.chats if chat.origin == "jan").messages == 2


def test_names_that_lead_out_of_an_archive_lead_nowhere(store: ChatStore, tmp_path: Path) -> None:
    packed = tmp_path / "bad.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("../../evil.json", json.dumps(many(1)))
        archive.writestr("/etc/evil.json", json.dumps(CLAUDE))
    before = set(tmp_path.rglob("*"))
    assert outcomes(took(store, packed)) == ["added", "added"]
    assert {path for path in tmp_path.rglob("*") if not path.name.startswith("chats.sqlite3")} <= before


def test_a_zip_made_to_fill_a_disk_is_left_out(store: ChatStore, tmp_path: Path) -> None:
    packed = tmp_path / "bomb.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("bomb.json", "w") as entry:
            entry.write(b'["')
            for _ in range(80):
                entry.write(b"a" * (1 << 20))
        archive.writestr("good.json", json.dumps(many(1)))
    report = took(store, packed)
    assert outcomes(report) == ["added"]
    assert [found.problem.code for found in report.problems] == ["import_too_large"]


class OneWay(io.BytesIO):
    """As a server writes it: nobody goes back to put a size into a head."""

    def seekable(self) -> bool:
        return False

    def seek(self, *_: object) -> int:
        raise io.UnsupportedOperation

    def tell(self) -> int:
        raise io.UnsupportedOperation


# where a stored entry ends that was written one way stands behind it alone: nobody can follow those
@pytest.mark.parametrize(
    ("sink", "method"),
    [
        (io.BytesIO, zipfile.ZIP_DEFLATED),
        (io.BytesIO, zipfile.ZIP_STORED),
        (OneWay, zipfile.ZIP_DEFLATED),
    ],
)
def test_an_archive_whose_download_broke_off_gives_what_stood_before(
    store: ChatStore, tmp_path: Path, sink: type[io.BytesIO], method: int
) -> None:
    packed, written = tmp_path / "cut.zip", sink()
    with zipfile.ZipFile(written, "w", method) as archive:
        archive.writestr("user.json", "{}")
        archive.writestr("chat.html", "<html></html>" * 99)
        archive.writestr("conversations-000.json", json.dumps(many(4)))
        archive.writestr("photos/", "")
        archive.writestr("conversations-001.json", json.dumps([CLAUDE_IN_A_ROW, *CLAUDE]))
    whole = written.getvalue()
    packed.write_bytes(whole[: whole.index(b"conversations-001.json") + 200])
    report = took(store, packed)
    assert outcomes(report)[:4] == ["added"] * 4
    assert report.problems[-1].problem.code == "import_cut"
    packed.write_bytes(whole[: whole.rindex(b"PK\x01\x02")])  # it lacks its directory alone
    assert len(took(store, packed).chats) == 6
    packed.write_bytes(whole[:20])
    with pytest.raises(ImportUnreadable):
        took(store, packed)


def test_a_damaged_archive_gives_what_can_be_read(store: ChatStore, tmp_path: Path) -> None:
    packed = tmp_path / "a.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("a.json", json.dumps(many(30)))
        archive.writestr("b.json", json.dumps(CLAUDE))
    raw = bytearray(packed.read_bytes())
    raw[3000:3010] = b"\xff" * 10
    packed.write_bytes(raw)
    report = took(store, packed)
    assert "claude" in {chat.origin for chat in report.chats}
    packed.write_bytes(raw[:20])
    with pytest.raises(CoreError):
        took(store, packed)


def test_an_encrypted_archive_is_named_as_that(store: ChatStore, tmp_path: Path) -> None:
    packed = tmp_path / "a.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.json", "{}")
    raw = packed.read_bytes()
    packed.write_bytes(
        raw.replace(b"PK\x03\x04\x14\x00\x00\x00", b"PK\x03\x04\x14\x00\x01\x00").replace(
            b"PK\x01\x02\x14\x03\x14\x00\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01\x00"
        )
    )
    with pytest.raises(ImportProtected):
        took(store, packed)


def test_work_for_the_store_comes_in_small_batches_and_stops_when_it_is_cancelled(
    store: ChatStore, tmp_path: Path
) -> None:
    file = written(tmp_path, many(400, 4))
    sizes: list[int] = []
    operation: Operation[ImportReport] = Operation()

    def take(batch: Any) -> tuple[Absorbed, ...]:
        sizes.append(sum(len(one.nodes) for one in batch))
        if len(sizes) == 3:
            operation.cancel()
        return store.absorb(batch)

    report = Import(str(file), take, operation).run()
    assert report.cancelled
    assert max(sizes) <= BATCH_MESSAGES + 4
    assert len(report.chats) == len(store.all_chats()) < 400


def test_a_chat_that_the_store_cannot_take_does_not_cost_its_batch(store: ChatStore, tmp_path: Path) -> None:
    def take(batch: Any) -> tuple[Absorbed, ...]:
        if any(one.title == "Chat 1" for one in batch):
            raise ValueError
        return store.absorb(batch)

    operation: Operation[ImportReport] = Operation()
    report = Import(str(written(tmp_path, many(4))), take, operation).run()
    assert sorted(outcomes(report)) == ["added", "added", "added", "skipped"]


def test_a_number_that_no_store_takes_costs_its_chat(store: ChatStore, tmp_path: Path) -> None:
    message = {
        "id": 1,
        "parent": None,
        "role": "user",
        "parts": [{"type": "text", "text": "Hi"}],
        "created_at": 1.0,
    }
    chats = [{"id": k, "title": k, "created_at": 1.0, "updated_at": 1.0, "messages": [message]} for k in "ab"]
    chats[0]["reply_values"] = {"seed": 10**30}
    file = written(tmp_path, {"format": own.FORMAT, "version": 1, "chats": chats})
    assert sorted(outcomes(took(store, file))) == ["added", "skipped"]


def test_the_stream_gives_lists_objects_and_lines_alike() -> None:
    def read(text: str) -> list[Any]:
        return list(pieces(io.BytesIO(text.encode()), lambda value: isinstance(value, dict)))

    assert read("[1, 2,\n 3]") == [Entry(1), Entry(2), Entry(3)]
    assert read('{"a": [1]}') == [Whole({"a": [1]})]
    assert read('{"a": 1, "chats": [{}, 4]}') == [Head({"a": 1}), Entry({}), Entry(4)]
    assert read('{"a": 1}\n{"b": 2}\n') == [Whole({"a": 1}), Entry({"b": 2})]
    assert read("") == [Broken("empty")]
    assert read("[1, 2") == [Entry(1), Entry(2), Broken("cut")]
    assert read('[1, {"a"') == [Entry(1), Broken("cut")]
    big = "x" * 3_000_000
    assert read(json.dumps([big, {"k": big}, 123456789])) == [Entry(big), Entry({"k": big}), Entry(123456789)]
