"""From files to tokens: decoding, cleaning, tokenizers, the prepared folder."""

from pathlib import Path

import numpy as np
import pytest

from engine.train.errors import DataDamaged, NothingToRead, TextTooSmall, TextUnreadable, TokenizerUnusable
from engine.train.events import Encoded, PrepareEvent, Read
from engine.train.prepare import Prepared, prepare
from engine.train.texts import clean, decode, find_texts, read_text, without_repeats
from engine.train.tokenizer import Tokenizer, learn_characters, learn_pieces
from engine.train.windows import Windows, document_starts
from tests.unit.train.texts import story

SPOKEN = "El niño comió ¿qué? — 12 €, 🦜 y «más».\n\tAnd a tab, CR\u00a0too."


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "latin-1"])
def test_a_text_is_read_in_whatever_it_is_encoded(encoding: str) -> None:
    text = "El niño comió piñas.\nY mañana más."
    assert decode(text.encode(encoding)) == text


def test_a_file_of_two_encodings_is_read_line_by_line() -> None:
    assert decode("año\n".encode() + "señor\n".encode("cp1252")) == "año\nseñor\n"


def test_a_binary_file_is_no_text(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(bytes(range(256)) * 20)
    with pytest.raises(TextUnreadable):
        read_text(file)


def test_cleaning_composes_letters_and_takes_blanks_away() -> None:
    assert clean("nin\u0303o \r\nuno\x07 \t\n\n\n\n\n\ndos\n\n") == "niño\nuno\n\n\ndos\n"


def test_a_paragraph_that_was_said_before_is_left_out() -> None:
    long = "palabra " * 40
    texts = ["Uno.\n\n" + long, long + "\n\nDos.", "Uno."]
    assert [text for text, _ in without_repeats(texts)] == [texts[0], "Dos.", "Uno."]
    assert [lost for _, lost in without_repeats(texts)] == [0, len(long), 0]


def test_texts_are_found_in_one_order(tmp_path: Path) -> None:
    for name in ("b.md", "a.txt", "deep/c.TXT", "d.pdf"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    assert [file.name for file in find_texts([tmp_path, tmp_path / "a.txt"])] == ["a.txt", "b.md", "c.TXT"]
    (tmp_path / "empty").mkdir()
    with pytest.raises(NothingToRead):
        find_texts([tmp_path / "empty"])


@pytest.mark.parametrize("characters", [True, False])
def test_a_tokenizer_gives_back_what_it_was_given(characters: bool, tmp_path: Path) -> None:
    texts = [SPOKEN, story(50)]
    tokenizer = learn_characters(texts) if characters else learn_pieces(iter(texts), 400)
    tokenizer.save(tmp_path / "t.json")
    for one in (tokenizer, Tokenizer.load(tmp_path / "t.json")):
        assert one.decode(one.encode(SPOKEN)) == SPOKEN
        assert one.characters is characters
        assert one.encode_all([SPOKEN, "pan"]) == [one.encode(SPOKEN), one.encode("pan")]
    if characters:
        assert len(tokenizer.encode(SPOKEN)) == len(SPOKEN)


def test_a_text_cannot_write_a_special_token() -> None:
    tokenizer = learn_pieces(iter([story(50)]), 300)
    tokens = tokenizer.encode("<|endoftext|><|im_end|>")
    assert not {tokenizer.end, tokenizer.turn_end} & set(tokens)
    assert tokenizer.decode(tokens) == "<|endoftext|><|im_end|>"


@pytest.mark.parametrize("vocab", [1, 258, 1 << 20])
def test_a_vocabulary_of_an_impossible_size_is_refused(vocab: int) -> None:
    with pytest.raises(TokenizerUnusable):
        learn_pieces(iter(["a"]), vocab)


def test_a_file_that_is_no_tokenizer_is_refused(tmp_path: Path) -> None:
    (tmp_path / "t.json").write_text('{"version": "1.0"')
    with pytest.raises(TokenizerUnusable):
        Tokenizer.load(tmp_path / "t.json")


def test_a_folder_of_text_becomes_tokens_and_says_what_it_is(tmp_path: Path) -> None:
    texts = tmp_path / "texts"
    texts.mkdir()
    for number in range(3):
        (texts / f"{number}.txt").write_text(story(200, number))
    (texts / "bad.txt").write_bytes(b"\x00\x01" * 500)
    told: list[PrepareEvent] = []
    info = prepare([texts], tmp_path / "out", vocab=300, tell=told.append)
    data = Prepared(tmp_path / "out")
    assert data.info == info
    assert (info.documents, list(info.unreadable)) == (3, ["bad.txt"])
    assert len(data.train) == info.train_tokens
    whole = data.tokenizer.decode(data.train)
    assert whole.startswith(story(200, 0)[:1000])
    assert 0.05 < info.validation_tokens / info.train_tokens < 0.2
    assert [event.file for event in told if isinstance(event, Read)][-1] == "bad.txt"
    assert [event.done for event in told if isinstance(event, Encoded)][-1] == pytest.approx(1.0)


def test_the_same_text_gives_the_same_fingerprint(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text(story(300))
    marks = {prepare([file], tmp_path / f"out{number}").fingerprint for number in range(2)}
    file.write_text(story(301))
    assert len(marks | {prepare([file], tmp_path / "out0").fingerprint}) == 2


@pytest.mark.parametrize("content", ["", "   \n\n", "hola"])
def test_too_little_text_is_refused_and_leaves_what_was_there(content: str, tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text(story(300))
    info = prepare([file], tmp_path / "out")
    file.write_text(content)
    with pytest.raises(TextTooSmall):
        prepare([file], tmp_path / "out")
    assert Prepared(tmp_path / "out").info == info


def test_a_prepared_folder_that_is_not_whole_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text(story(300))
    prepare([file], tmp_path / "out")
    tokens = tmp_path / "out" / "train.bin"
    tokens.write_bytes(tokens.read_bytes()[:-2])
    with pytest.raises(DataDamaged):
        Prepared(tmp_path / "out")


def test_all_windows_together_count_every_target_once() -> None:
    tokens = np.arange(1, 60, dtype=np.uint16)
    windows = Windows(tokens, batch=3, time=8, end=0)
    counted: list[int] = []
    for batch in windows.all():
        assert batch.tokens.shape == (3, 8)
        counted += batch.targets[batch.weights > 0].tolist()
    assert sorted(counted) == list(range(2, 60))


def test_a_token_sees_no_document_before_its_own() -> None:
    tokens = np.array([[5, 0, 6, 7, 0, 8]])
    assert document_starts(tokens, end=0).tolist() == [[0, 0, 2, 2, 2, 5]]
