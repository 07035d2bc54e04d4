"""Files of KV states: what is refused, what is deleted for room, and a disk that is full."""

import ctypes
import errno
import logging
import os
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from engine.kv_states import LEAST_TOKENS, ChatStates, Refused, State, make_room, read, write

TOKENS = list(range(LEAST_TOKENS + 10))
KEY = "('llama.cpp 1', 'model.gguf', 8192)"
LIMIT = 1_000_000


def state_of(data: bytes) -> State:
    return ctypes.create_string_buffer(data, len(data))


class Cache:
    """Conforms to `engine.kv_states.Cache`: its state are its tokens as bytes."""

    def __init__(self) -> None:
        self.held: list[int] = []
        self.takes = True
        self.states = 0

    def state(self) -> State | None:
        self.states += 1
        return state_of(bytes(self.held)) if self.held else None

    def restore(self, tokens: Sequence[int], state: State) -> bool:
        self.held = list(tokens) if self.takes else []
        return self.takes and state.raw == bytes(tokens)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "1.kv"


def test_what_was_written_is_read_back(file: Path) -> None:
    write(file, KEY, TOKENS, state_of(b"state" * 1000))
    tokens, state = read(file, KEY)
    assert tokens == TOKENS
    assert state.raw == b"state" * 1000
    assert file.stat().st_mode & 0o77 == 0
    assert list(file.parent.iterdir()) == [file]


def test_every_changed_byte_is_found_out(file: Path) -> None:
    write(file, KEY, TOKENS, state_of(b"state" * 10))
    data = file.read_bytes()
    for place in range(len(data)):
        changed = bytearray(data)
        changed[place] ^= 1
        file.write_bytes(changed)
        with pytest.raises(Refused):
            read(file, KEY)


def test_every_shorter_file_is_found_out(file: Path) -> None:
    write(file, KEY, TOKENS, state_of(b"state" * 10))
    data = file.read_bytes()
    for size in range(len(data)):
        file.write_bytes(data[:size])
        with pytest.raises(Refused):
            read(file, KEY)
    file.write_bytes(data + b"x")
    with pytest.raises(Refused):
        read(file, KEY)


def test_sizes_that_no_memory_holds_are_refused_before_any_is_taken(file: Path) -> None:
    write(file, KEY, TOKENS, state_of(b"state"))
    data = bytearray(file.read_bytes())
    data[48:56] = (1 << 62).to_bytes(8, "little")
    file.write_bytes(data)
    with pytest.raises(Refused):
        read(file, KEY)


def test_a_state_for_another_key_is_refused_and_deleted(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    write(file, KEY, TOKENS, state_of(bytes(TOKENS)))
    cache = Cache()
    with caplog.at_level(logging.WARNING):
        ChatStates(cache, lambda: "another").switch(str(file), LIMIT)
    assert cache.held == []
    assert not file.exists()
    assert "another model" in caplog.text


def test_a_state_that_the_cache_does_not_take_is_deleted(file: Path) -> None:
    write(file, KEY, TOKENS, state_of(bytes(TOKENS)))
    cache = Cache()
    cache.takes = False
    ChatStates(cache, lambda: KEY).switch(str(file), LIMIT)
    assert not file.exists()


def test_a_chat_that_was_only_looked_at_is_not_written_again(file: Path) -> None:
    cache = Cache()
    states = ChatStates(cache, lambda: KEY)
    states.switch(str(file), LIMIT)
    cache.held = TOKENS
    states.written()
    states.leave()
    states.wait()
    before = file.stat().st_mtime_ns
    states.switch(str(file), LIMIT)
    states.leave()
    assert cache.states == 1
    assert file.exists()
    assert file.stat().st_mtime_ns >= before


def test_a_few_tokens_are_not_worth_a_file(file: Path) -> None:
    cache = Cache()
    states = ChatStates(cache, lambda: KEY)
    states.switch(str(file), LIMIT)
    cache.held = TOKENS[: LEAST_TOKENS - 1]
    states.written()
    states.leave()
    states.wait()
    assert not file.exists()


def test_the_least_recently_used_states_make_room(tmp_path: Path) -> None:
    for age, name in enumerate(("new.kv", "older.kv", "oldest.kv", "draft.kv.new")):
        (tmp_path / name).write_bytes(bytes(100))
        os.utime(tmp_path / name, (1000 - age, 1000 - age))
    (tmp_path / "notes").write_bytes(bytes(100))
    assert make_room(tmp_path / "mine.kv", 150, 300)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["new.kv", "notes"]
    assert not make_room(tmp_path / "mine.kv", 301, 300)


def test_a_limit_holds_for_all_files_together(tmp_path: Path) -> None:
    cache = Cache()
    states = ChatStates(cache, lambda: KEY)
    cache.held = TOKENS
    for number in range(6):
        states.switch(str(tmp_path / f"{number}.kv"), 200_000)
        cache.held = TOKENS
        states.written()
    states.leave()
    states.wait()
    # what a file's key may take at most is reserved for the one that is written
    kept = sorted(file.name for file in tmp_path.iterdir())
    assert kept[-1] == "5.kv"
    assert sum(file.stat().st_size for file in tmp_path.iterdir()) <= 200_000


def test_with_no_room_at_all_nothing_is_kept_or_used(file: Path) -> None:
    write(file, KEY, TOKENS, state_of(bytes(TOKENS)))
    cache = Cache()
    states = ChatStates(cache, lambda: KEY)
    states.switch(str(file), 0)
    cache.held = TOKENS
    states.written()
    states.leave()
    assert cache.states == 0


def test_a_full_disk_leaves_no_half_file_and_is_told_to_the_log(
    file: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    cache = Cache()
    states = ChatStates(cache, lambda: KEY)
    states.switch(str(file), LIMIT)
    cache.held = TOKENS
    states.written()
    with caplog.at_level(logging.WARNING):
        states.leave()
        states.wait()
    assert list(file.parent.iterdir()) == []
    assert "not saved" in caplog.text


def test_a_folder_that_is_gone_is_told_to_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    cache = Cache()
    states = ChatStates(cache, lambda: KEY)
    states.switch(str(tmp_path / "gone" / "1.kv"), LIMIT)
    cache.held = TOKENS
    states.written()
    with caplog.at_level(logging.WARNING):
        states.leave()
        states.wait()
    assert "not saved" in caplog.text


@pytest.mark.skipif(sys.platform == "win32", reason="no named pipes in folders")
def test_a_pipe_in_a_states_place_keeps_nobody_waiting(file: Path) -> None:
    os.mkfifo(file)
    cache = Cache()
    entering = threading.Thread(
        target=lambda: ChatStates(cache, lambda: KEY).switch(str(file), 1 << 20), daemon=True
    )
    entering.start()
    entering.join(10)
    assert not entering.is_alive()
    assert cache.held == []
