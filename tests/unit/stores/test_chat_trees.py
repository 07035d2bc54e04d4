"""Whatever a person does to their chats, every surviving message is reachable and reads back identical."""

import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from msgspec.structs import replace

from desktop.core.chats.store import ChatStore
from desktop.core.errors import UnknownChat, UnknownMessage
from desktop.core.types import Chat, StoredMessage, TextPart

texts = st.text(max_size=40)


class Chats(RuleBasedStateMachine):
    """The store beside a plain model of it: messages in a dict, the active leaf of each chat."""

    @initialize()
    def start(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "chats.sqlite3"
        self.store = ChatStore(self.path)
        self.messages: dict[int, dict[int, StoredMessage]] = {}
        self.leaf: dict[int, int | None] = {}
        self.deleted: set[int] = set()
        self.trash: dict[int, dict[int, StoredMessage]] = {}  # by the message that was deleted

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.store.close()
            self.folder.cleanup()

    @property
    def living(self) -> list[int]:
        return [chat for chat in self.messages if chat not in self.deleted]

    def pick(self, data: st.DataObject, chats: list[int]) -> int:
        return data.draw(st.sampled_from(chats))

    def reply_in(self, data: st.DataObject) -> tuple[int, StoredMessage] | None:
        chat = self.pick(data, self.living)
        replies = [m for m in self.messages[chat].values() if m.role == "assistant"]
        return (chat, data.draw(st.sampled_from(replies))) if replies else None

    def end(self, chat: int, reply: int, text: str, data: st.DataObject) -> None:
        state: Any = data.draw(st.sampled_from(["complete", "stopped", "failed"]))
        self.messages[chat][reply] = self.store.finish(reply, text, state)
        self.leaf[chat] = reply

    def message_in(self, data: st.DataObject) -> tuple[int, StoredMessage] | None:
        chat = self.pick(data, self.living)
        messages = list(self.messages[chat].values())
        return (chat, data.draw(st.sampled_from(messages))) if messages else None

    def take_in(self, chat: int, shown: Chat) -> None:
        """What the store says is shown now: messages that are new, and the leaf."""
        for message in shown.messages:
            self.messages[chat].setdefault(message.id, message)
        self.leaf[chat] = shown.messages[-1].id if shown.messages else None

    def under(self, chat: int, message: int) -> set[int]:
        found = {message}
        for number, kept in sorted(self.messages[chat].items()):
            if kept.parent in found:
                found.add(number)
        return found

    @rule(prompt=texts)
    def create(self, prompt: str) -> None:
        chat = self.store.create_chat(prompt).info.id
        self.store.pin(chat, True)  # used: a restart does not drop it
        assert chat not in self.messages
        self.messages[chat], self.leaf[chat] = {}, None

    @precondition(lambda self: self.living)
    @rule(data=st.data(), question=texts, answer=texts)
    def turn(self, data: st.DataObject, question: str, answer: str) -> None:
        chat = self.pick(data, self.living)
        asked, reply = self.store.add_turn(chat, [TextPart(question)])
        assert asked.parent == self.leaf[chat]
        self.messages[chat][asked.id] = asked
        self.end(chat, reply.id, answer, data)

    @precondition(lambda self: self.living)
    @rule(data=st.data(), answer=texts)
    def try_again(self, data: st.DataObject, answer: str) -> None:
        found = self.reply_in(data)
        if found:
            chat, old = found
            reply = self.store.add_reply(old.id)
            assert reply.parent == old.parent
            self.end(chat, reply.id, answer, data)

    @precondition(lambda self: self.living)
    @rule(data=st.data())
    def switch(self, data: st.DataObject) -> None:
        found = self.reply_in(data)
        if found:
            chat, reply = found
            path = [message.id for message in self.store.activate(reply.id).messages]
            assert reply.id in path
            self.leaf[chat] = path[-1]

    @precondition(lambda self: self.living)
    @rule(data=st.data(), text=texts)
    def edit(self, data: st.DataObject, text: str) -> None:
        found = self.message_in(data)
        if found:
            chat, old = found
            before = dict(self.messages[chat])
            shown = self.store.edit(old.id, text)
            new = next(message for message in shown.messages if message.id not in before)
            assert (new.parent, new.role, new.edited) == (old.parent, old.role, True)
            self.take_in(chat, shown)

    @precondition(lambda self: self.living)
    @rule(data=st.data(), text=texts, answer=texts)
    def ask_in_other_words(self, data: st.DataObject, text: str, answer: str) -> None:
        found = self.message_in(data)
        if found and found[1].role == "user":
            chat, old = found
            asked, reply = self.store.add_edited_turn(old.id, text)
            assert (asked.parent, reply.parent) == (old.parent, asked.id)
            self.messages[chat][asked.id] = asked
            self.end(chat, reply.id, answer, data)

    @precondition(lambda self: self.living)
    @rule(data=st.data())
    def branch(self, data: st.DataObject) -> None:
        found = self.message_in(data)
        if found:
            chat, last = found
            made = self.store.branch(last.id)
            said, up = [], last.id
            while up is not None:
                said.insert(0, self.messages[chat][up].parts)
                up = self.messages[chat][up].parent
            assert [message.parts for message in made.messages] == said
            self.messages[made.info.id] = {}
            self.take_in(made.info.id, made)

    @precondition(lambda self: self.living)
    @rule(data=st.data())
    def delete_message(self, data: st.DataObject) -> None:
        found = self.message_in(data)
        if found:
            chat, message = found
            gone = self.under(chat, message.id)
            self.trash[message.id] = {number: self.messages[chat].pop(number) for number in gone}
            self.take_in(chat, self.store.delete_message(message.id))

    @precondition(lambda self: self.trash)
    @rule(data=st.data())
    def restore_message(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(sorted(self.trash)))
        message = self.trash[number][number]
        if message.chat in self.deleted:
            with pytest.raises((UnknownMessage, UnknownChat)):
                self.store.restore_message(number)
            return
        up: int | None = number
        while up is not None and up not in self.messages[message.chat]:  # what it stood under comes along
            by = next(by for by, taken in self.trash.items() if up in taken)
            self.messages[message.chat] |= self.trash.pop(by)
            up = self.messages[message.chat][by].parent
        shown = self.store.restore_message(number)
        assert number in [kept.id for kept in shown.messages]
        self.take_in(message.chat, shown)

    @precondition(lambda self: self.living)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        chat = self.pick(data, self.living)
        self.store.delete(chat)
        self.deleted.add(chat)

    @precondition(lambda self: self.deleted)
    @rule(data=st.data())
    def restore(self, data: st.DataObject) -> None:
        chat = self.pick(data, sorted(self.deleted))
        self.store.restore(chat)
        self.deleted.discard(chat)

    @precondition(lambda self: self.messages)
    @rule(data=st.data())
    def erase(self, data: st.DataObject) -> None:
        chat = self.pick(data, sorted(self.messages))
        self.store.erase([chat])
        del self.messages[chat], self.leaf[chat]
        self.deleted.discard(chat)
        self.trash = {
            by: taken
            for by, taken in self.trash.items()
            if all(message.chat != chat for message in taken.values())
        }

    @precondition(lambda self: self.living)
    @rule(data=st.data())
    def duplicate(self, data: st.DataObject) -> None:
        chat = self.pick(data, self.living)
        made = self.store.duplicate(chat)
        tree = self.store.tree(made.info.id)
        old = [self.messages[chat][number] for number in sorted(self.messages[chat])]
        numbers = {message.id: copy.id for message, copy in zip(old, tree, strict=True)}
        for message, copy in zip(old, tree, strict=True):
            same = replace(
                message,
                id=copy.id,
                chat=made.info.id,
                parent=None if message.parent is None else numbers[message.parent],
                versions=copy.versions,
            )
            assert same == copy
        self.messages[made.info.id] = {message.id: message for message in tree}
        leaf = self.leaf[chat]
        self.leaf[made.info.id] = None if leaf is None else numbers[leaf]

    @precondition(lambda self: self.living)
    @rule(data=st.data(), name=st.text("ab", min_size=1, max_size=2), archived=st.booleans())
    def put_in_order(self, data: st.DataObject, name: str, archived: bool) -> None:
        """Folders and the archive say where a chat is found, and nothing about its messages."""
        chat = self.pick(data, self.living)
        folders = [folder.id for folder in self.store.folders()]
        folder = data.draw(st.sampled_from([0, *folders]))
        self.store.move(chat, folder)
        self.store.archive(chat, archived)
        if data.draw(st.booleans()):
            self.store.create_folder(name, folder)
        elif folder:
            self.store.delete_folder(folder)

    @rule(data=st.data(), questions=st.lists(texts, min_size=1, max_size=3), kept=st.booleans())
    def have_a_temporary_chat(self, data: st.DataObject, questions: list[str], kept: bool) -> None:
        chat = self.store.create_chat(temporary=True).info.id
        for question in questions:
            _, reply = self.store.add_turn(chat, [TextPart(question)])
            self.store.finish(reply.id, "Yes.", "complete")
        other = self.store.add_reply(reply.id)
        self.store.finish(other.id, "No.", "complete")
        if data.draw(st.booleans()):
            self.store.activate(reply.id)
        if not kept:
            return
        before = self.store.tree(chat)
        shown = [message.text for message in self.store.chat(chat).messages]
        made = self.store.keep(chat)
        self.store.pin(made.info.id, True)  # used
        tree = self.store.tree(made.info.id)
        places = {message.id: place for place, message in enumerate(before)}
        for old, new in zip(before, tree, strict=True):
            parent = None if old.parent is None else tree[places[old.parent]].id
            assert replace(old, id=new.id, chat=new.chat, parent=parent, versions=new.versions) == new
        assert [message.text for message in made.messages] == shown
        self.messages[made.info.id] = {message.id: message for message in tree}
        self.leaf[made.info.id] = made.messages[-1].id

    @precondition(lambda self: self.living)
    @rule(data=st.data())
    def go_out_and_come_in_again(self, data: st.DataObject) -> None:
        """As an export and its import: what is here is known again, what was erased comes back as it was."""
        chat = self.pick(data, self.living)
        out = self.store.outgoing(chat)
        (absorbed,) = self.store.absorb([out])
        assert (absorbed.outcome, absorbed.chat, absorbed.messages) == ("unchanged", chat, 0)
        before = self.store.tree(chat)
        leaf = self.leaf.pop(chat)
        self.store.erase([chat])
        del self.messages[chat]
        self.trash = {
            by: taken for by, taken in self.trash.items() if all(m.chat != chat for m in taken.values())
        }
        (absorbed,) = self.store.absorb([out])
        self.store.pin(absorbed.chat, True)  # used
        tree = self.store.tree(absorbed.chat)
        places = {message.id: place for place, message in enumerate(before)}
        for old, new in zip(before, tree, strict=True):
            parent = None if old.parent is None else tree[places[old.parent]].id
            assert replace(old, id=new.id, chat=new.chat, parent=parent, versions=new.versions) == new
        self.messages[absorbed.chat] = {message.id: message for message in tree}
        self.leaf[absorbed.chat] = None if leaf is None else tree[places[leaf]].id

    @rule(how=st.sampled_from(["closed", "killed", "damaged"]))
    def restart(self, how: str) -> None:
        """A file that is damaged after it was closed comes back from its good copy."""
        if how == "killed":
            self.store._db.close()
        else:
            self.store.close()
        if how == "damaged":
            self.path.write_bytes(b"damaged " * 1000)
        self.store = ChatStore(self.path)
        assert (self.store.problem is not None) == (how == "damaged")
        self.trash.clear()

    @invariant()
    def every_surviving_message_is_reachable_and_reads_back_identical(self) -> None:
        if not hasattr(self, "store"):
            return
        assert {info.id for info in self.store.list_chats()} == set(self.living)
        for chat in self.living:
            kept = self.messages[chat]
            beside: dict[int | None, tuple[int, ...]] = {}
            for number in sorted(kept):
                beside[kept[number].parent] = (*beside.get(kept[number].parent, ()), number)
            beside = {parent: ids if len(ids) > 1 else () for parent, ids in beside.items()}
            kept = {
                number: replace(message, versions=beside[message.parent]) for number, message in kept.items()
            }
            assert {m.id: m for m in self.store.tree(chat)} == kept
            path = self.store.chat(chat).messages
            assert (path[-1].id if path else None) == self.leaf[chat]
            expected: list[StoredMessage] = []
            up = self.leaf[chat]
            while up is not None:
                expected.insert(0, kept[up])
                up = kept[up].parent
            assert list(path) == expected
        for chat in self.deleted:
            with pytest.raises(UnknownChat):
                self.store.chat(chat)


Chats.TestCase.settings = settings(
    max_examples=25,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
TestChats = Chats.TestCase

WRITER = """
import sys
from pathlib import Path
from desktop.core.chats.store import ChatStore
from desktop.core.types import TextPart
store = ChatStore(Path(sys.argv[1]))
chat = store.create_chat().info.id
for number in range(100_000):
    question, reply = store.add_turn(chat, [TextPart(f"question {number}")])
    for length in range(1, 6):
        store.save_text(reply.id, f"answer {number} " * length)
    store.finish(reply.id, f"answer {number}", "complete")
    print(chat, reply.id, number, flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_a_kill_at_any_moment_of_writing_loses_no_finished_turn(tmp_path: Path) -> None:
    path = tmp_path / "chats.sqlite3"
    chance = random.Random(20)
    finished: dict[int, str] = {}
    for _ in range(4):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True
        ) as writer:
            assert writer.stdout is not None
            first = writer.stdout.readline()
            time.sleep(chance.uniform(0.0, 0.15))
            writer.send_signal(signal.SIGKILL)
            told = [first, *writer.stdout.readlines()]
        for line in told:
            if line.endswith("\n"):
                _, reply, number = line.split()
                finished[int(reply)] = f"answer {number}"

        store = ChatStore(path)
        assert store.problem is None
        assert store._db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        for reply, text in finished.items():
            message = store.message(reply)
            assert (message.state, message.text) == ("complete", text)
        store.close()
    assert len(finished) > 4
