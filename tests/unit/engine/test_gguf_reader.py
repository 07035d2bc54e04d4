"""Reading headers from the disk: what is read, what is passed over, and thousands of damaged files."""

import io
import os
import struct
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.errors import ModelDamaged, ModelFileError, ModelTruncated
from engine.gguf_header import ModelHeader, inspect
from engine.gguf_reader import BLOCK_BYTES, KNOWN_BY_BYTES, LARGE_BLOCK_BYTES, MAX_STRING_BYTES, KnownTexts
from engine.gguf_table import KEPT_ITEMS, MAX_PAIRS
from tests.fakes import engine_files as files

GIB = 1 << 30
SMALL = files.fake_model()
WORDS = [f"word{number}" * (number % 12) for number in range(KEPT_ITEMS + 1000)]
HUGE = (0, 1, 255, MAX_PAIRS + 1, MAX_STRING_BYTES, MAX_STRING_BYTES + 1, 2**31, 2**32 - 1, 2**63, 2**64 - 1)


def with_words(words: list[str], name: str = "after", data_bytes: int = 0) -> bytes:
    """A model with a vocabulary, and with facts and a tensor after it."""
    pairs = [
        files.pair("general.architecture", "llama"),
        files.pair("tokenizer.ggml.tokens", words),
        files.pair("tokenizer.ggml.token_type", [1] * len(words)),
        files.pair("general.name", name),
    ]
    tensors = [files.tensor("token_embd.weight", (data_bytes // 2,), 1, 0)] if data_bytes else []
    return files.gguf(pairs, tensors, 0)


LARGE = with_words(WORDS)


class Reads:
    """Counts the bytes that are read of files."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.bytes = 0
        reads = self

        class Counted(io.FileIO):
            def read(self, size: int | None = -1, /) -> bytes:
                data = super().read(size)
                reads.bytes += len(data)
                return data

        monkeypatch.setattr(Path, "open", lambda path, *_, **__: Counted(path))

    def of(self, path: Path, known: KnownTexts | None = None) -> tuple[ModelHeader, int]:
        self.bytes = 0
        return inspect(path, known), self.bytes


def write(folder: Path, data: bytes, name: str = "model.gguf") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def test_only_the_header_of_a_large_file_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = with_words(WORDS, data_bytes=10 * GIB)
    path = write(tmp_path, data)
    os.truncate(path, len(data) + 10 * GIB)  # a hole
    header, read_bytes = Reads(monkeypatch).of(path)
    assert (header.parameters, header.size_bytes) == (5 * GIB, len(data) + 10 * GIB)
    assert read_bytes <= len(data) + LARGE_BLOCK_BYTES
    os.truncate(path, len(data) + 10 * GIB - 1)
    with pytest.raises(ModelTruncated) as error:
        inspect(path)
    assert error.value.params["missing_bytes"] == 1


def test_a_vocabulary_that_another_file_had_is_not_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = [f"{number:064}" for number in range(50_000)]
    known = KnownTexts()
    inspect(write(tmp_path, with_words(words, "first")), known)
    data = with_words(words, "second")
    path = write(tmp_path, data)
    header, read_bytes = Reads(monkeypatch).of(path, known)
    assert (header.name, header.vocabulary) == ("second", 50_000)
    assert read_bytes < 3 * BLOCK_BYTES < len(data) // 8


def test_a_vocabulary_that_only_begins_like_another_is_read_to_its_end(tmp_path: Path) -> None:
    known = KnownTexts()
    inspect(write(tmp_path, LARGE), known)
    longer = [*WORDS[:-1], "another end of another length"]
    assert inspect(write(tmp_path, with_words(longer, "other")), known).name == "other"
    # both are known now
    for words, name in ((WORDS, "one"), (longer, "two")):
        assert inspect(write(tmp_path, with_words(words, name)), known).name == name


def test_what_only_looks_like_a_known_vocabulary_is_read_word_by_word(tmp_path: Path) -> None:
    middle = len(WORDS) // 2
    known = KnownTexts()
    inspect(write(tmp_path, LARGE), known)
    # as many words, the same beginning, and the known end where it stood, but as text within the last word
    shared = b"".join(map(files.text, WORDS))
    end = shared[-KNOWN_BY_BYTES:].decode()
    head = WORDS[:middle]
    left_bytes = len(shared) - len(b"".join(map(files.text, head))) - 8 * (len(WORDS) - middle)
    tail = ["x"] * (len(WORDS) - middle - 1)
    last = "y" * (left_bytes - len(tail) - len(end)) + end + "and more"
    header = inspect(write(tmp_path, with_words([*head, *tail, last], "honest")), known)
    assert (header.name, header.vocabulary) == ("honest", len(WORDS))


@pytest.mark.parametrize("length", [MAX_STRING_BYTES + 1, 2**63 - 1, 2**64 - 1])
def test_a_word_of_impossible_length_is_damage_wherever_it_stands(tmp_path: Path, length: int) -> None:
    at = LARGE.index(files.text(WORDS[-1]))
    data = bytearray(LARGE)
    data[at : at + 8] = struct.pack("<Q", length)
    with pytest.raises(ModelDamaged, match="a text of"):
        inspect(write(tmp_path, bytes(data)))


@pytest.mark.parametrize("left", range(1, 20))
def test_a_file_cut_within_its_vocabulary_ends_early(tmp_path: Path, left: int) -> None:
    end = LARGE.index(b"tokenizer.ggml.token_type") - 8
    with pytest.raises(ModelTruncated):
        inspect(write(tmp_path, LARGE[: end - left]))


edits = st.lists(
    st.tuples(
        st.floats(0, 1, exclude_max=True),
        st.one_of(
            st.binary(min_size=1, max_size=9),
            st.sampled_from([struct.pack("<Q", number) for number in HUGE]),
            st.sampled_from([struct.pack("<I", number & (2**32 - 1)) for number in HUGE]),
        ),
        st.sampled_from(("over", "into", "without")),
    ),
    min_size=1,
    max_size=4,
)


def mutated(data: bytes, header_bytes: int, changes: list[tuple[float, bytes, str]], keep: float) -> bytes:
    """`data` with bytes of its header written over, put in or taken out, and cut to a part of it."""
    changed = bytearray(data)
    for place, content, how in changes:
        at = int(place * min(header_bytes, len(changed)))
        changed[at : at + (0 if how == "into" else len(content))] = b"" if how == "without" else content
    return bytes(changed[: max(1, int(keep * len(changed)))])


def survives(path: Path, known: KnownTexts | None = None) -> ModelHeader | None:
    try:
        return inspect(path, known)
    except ModelFileError:
        return None


cuts = st.one_of(st.just(1.0), st.floats(0, 1))
of_a_folder = (HealthCheck.function_scoped_fixture, HealthCheck.too_slow)


@settings(max_examples=300, deadline=None, suppress_health_check=of_a_folder)
@given(changes=edits, keep=cuts)
def test_no_mutation_raises_anything_but_its_own_error(
    changes: list[tuple[float, bytes, str]], keep: float, tmp_path: Path
) -> None:
    survives(write(tmp_path, mutated(SMALL, 1200, changes, keep)))


@pytest.mark.slow
@settings(max_examples=4000, deadline=None, suppress_health_check=of_a_folder)
@given(changes=edits, keep=cuts)
def test_thousands_of_mutations_raise_nothing_but_their_own_error(
    changes: list[tuple[float, bytes, str]], keep: float, tmp_path: Path
) -> None:
    survives(write(tmp_path, mutated(SMALL, 1200, changes, keep)))


@pytest.mark.slow
@settings(max_examples=1500, deadline=None, suppress_health_check=of_a_folder)
@given(changes=edits, keep=cuts)
def test_mutations_around_a_vocabulary_read_the_same_with_known_ones_and_without(
    changes: list[tuple[float, bytes, str]], keep: float, tmp_path: Path
) -> None:
    known = KnownTexts()
    inspect(write(tmp_path, LARGE), known)
    path = write(tmp_path, mutated(LARGE, len(LARGE), changes, keep))
    strict, quick = survives(path), survives(path, known)
    # a list may take a vocabulary damaged in its middle for a whole one; it never refuses what can be read
    assert strict is None or quick == strict


def test_a_file_that_shrinks_while_it_is_read_ends_early(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, LARGE)

    class Shrinking(io.FileIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(size)[:1000] if self.tell() < 1000 else b""

    monkeypatch.setattr(Path, "open", lambda path, *_, **__: Shrinking(path))
    with pytest.raises(ModelTruncated):
        inspect(path)
