"""The first phase: a folder of text becomes a tokenizer and two files of tokens, to learn from and to be
measured by. Trains nothing.

A prepared folder holds tokenizer.json, train.bin and validation.bin (token ids, 2 bytes each, or 4 where
the vocabulary asks for it) and data.json, which is written last: without it nothing is prepared.
"""

import hashlib
import os
import shutil
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final

import msgspec
import numpy as np

from engine.train.errors import DataDamaged, TextTooSmall, TextUnreadable
from engine.train.events import Encoded, PrepareEvent, Read
from engine.train.parts import Ints
from engine.train.results import DataInfo
from engine.train.texts import find_texts, read_text, without_repeats
from engine.train.tokenizer import Tokenizer, learn_characters, learn_pieces

INFO: Final = "data.json"
TOKENIZER: Final = "tokenizer.json"
LEAST_TOKENS: Final = 64  # of the smaller part: with less, nothing can be learnt or measured
PIECE_CHARACTERS: Final = 1 << 16  # encoded at a time
FEW_DOCUMENTS: Final = 20  # up to so many, each gives its end for validation; else some are held out whole


def prepare(
    inputs: Iterable[Path],
    out: Path,
    *,
    vocab: int = 2048,
    characters: bool = False,
    tokens_of: Path | None = None,
    validation_share: float = 0.1,
    tell: Callable[[PrepareEvent], None] = lambda _: None,
) -> DataInfo:
    """Read the texts and write the prepared folder, all or nothing.

    `vocab`: tokens that BPE may learn; `characters`: one token for each character instead; `tokens_of`: the
    folder of a run that is to go on learning, whose tokens these will be.
    Raises NothingToRead, TextTooSmall, TokenizerUnusable, TextUnreadable where no file can be read.
    """
    texts, unreadable, repeated = _read(find_texts(inputs), tell)
    train, validation = _split(texts, validation_share)
    if tokens_of is not None:
        tokenizer = Tokenizer.load(tokens_of / TOKENIZER)
    else:
        tokenizer = learn_characters(texts) if characters else learn_pieces(_pieces(train), vocab)
    parts = {}
    total = sum(map(len, texts))
    done = 0
    for name, some in (("train", train), ("validation", validation)):
        encoded: list[Ints] = []
        for text in some:
            tokens: list[int] = []
            for row in tokenizer.encode_all(list(_pieces([text]))):
                tokens += row
            encoded.append(np.array([*tokens, tokenizer.end], np.int64))
            done += len(text)
            tell(Encoded(done / total))
        parts[name] = np.concatenate(encoded) if encoded else np.empty(0, np.int64)
    smaller = min(len(tokens) for tokens in parts.values())
    if smaller < LEAST_TOKENS:
        raise TextTooSmall(tokens=smaller, needed=LEAST_TOKENS)
    ids, times = np.unique(parts["train"], return_counts=True)
    counts = Counter(dict(zip(ids.tolist(), times.tolist(), strict=True)))
    frequent = counts.most_common(20)
    info = DataInfo(
        fingerprint="",
        tokenizer="characters" if tokenizer.characters else "pieces",
        vocab=tokenizer.size,
        train_tokens=len(parts["train"]),
        validation_tokens=len(parts["validation"]),
        validation_bytes=sum(len(text.encode()) for text in validation),
        documents=len(texts),
        characters=total,
        repeated_characters=repeated,
        unreadable=unreadable,
        frequent=dict(zip(tokenizer.pieces([n for n, _ in frequent]), [n for _, n in frequent], strict=True)),
        used_tokens=len(counts),
    )
    return _write(out, tokenizer, parts, info)


def _read(files: list[Path], tell: Callable[[PrepareEvent], None]) -> tuple[list[str], dict[str, str], int]:
    texts: list[str] = []
    unreadable: dict[str, str] = {}
    sizes = [max(1, file.stat().st_size) for file in files]
    done = 0
    for file, size in zip(files, sizes, strict=True):
        done += size
        try:
            text = read_text(file)
        except TextUnreadable as error:
            unreadable[file.name] = error.detail
            tell(Read(file.name, done / sum(sizes), error.code, error.detail))
            continue
        if text.strip():
            texts.append(text)
        tell(Read(file.name, done / sum(sizes)))
    if not texts:
        if unreadable:
            name, detail = next(iter(unreadable.items()))
            raise TextUnreadable(detail, path=name)
        raise TextTooSmall(tokens=0, needed=LEAST_TOKENS)
    pairs = list(without_repeats(texts))
    return [text for text, _ in pairs if text.strip()], unreadable, sum(lost for _, lost in pairs)


def _split(texts: list[str], share: float) -> tuple[list[str], list[str]]:
    """Few documents: the end of each is for validation. Many: some of them, chosen by their words, so that
    the same text is always on the same side."""
    if len(texts) > FEW_DOCUMENTS:
        held = [zlib.crc32(text.encode()) % 1000 < 1000 * share for text in texts]
        if any(held) and not all(held):
            return (
                [text for text, out in zip(texts, held, strict=True) if not out],
                [text for text, out in zip(texts, held, strict=True) if out],
            )
    borders = [int(len(text) * (1 - share)) for text in texts]
    cut = list(zip(texts, borders, strict=True))
    return [text[:border] for text, border in cut], [text[border:] for text, border in cut]


def _pieces(texts: Iterable[str]) -> Iterator[str]:
    """Texts in pieces that end where a line or word does: no token reaches over such an end."""
    for text in texts:
        start = 0
        while start < len(text):
            end = min(start + PIECE_CHARACTERS, len(text))
            if end < len(text):
                border = max(text.rfind("\n", start + 1, end), text.rfind(" ", start + 1, end))
                end = border if border > start else end
            yield text[start:end]
            start = end


def _write(out: Path, tokenizer: Tokenizer, parts: dict[str, Ints], info: DataInfo) -> DataInfo:
    """Into a folder beside it first: a kill leaves what was prepared before as it was."""
    draft = out.with_name(out.name + ".new")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True, mode=0o700)
    tokenizer.save(draft / TOKENIZER)
    mark = hashlib.sha256((draft / TOKENIZER).read_bytes())
    for name, tokens in parts.items():
        data = tokens.astype(token_type(tokenizer.size)).tobytes()
        mark.update(data)
        with (draft / f"{name}.bin").open("wb") as file:
            file.write(data)
            os.fsync(file.fileno())
    info = msgspec.structs.replace(info, fingerprint=mark.hexdigest())
    (draft / INFO).write_bytes(msgspec.json.format(msgspec.json.encode(info), indent=2))
    old = out.with_name(out.name + ".old")
    shutil.rmtree(old, ignore_errors=True)
    if out.exists():
        out.rename(old)
    draft.rename(out)
    shutil.rmtree(old, ignore_errors=True)
    return info


def token_type(vocab: int) -> np.dtype[np.unsignedinteger]:
    """How a token id is kept: little-endian, 2 bytes where they suffice."""
    return np.dtype("<u2" if vocab <= 1 << 16 else "<u4")


class Prepared:
    """A prepared folder, opened. The tokens stay on the disk and are read as they are needed."""

    def __init__(self, path: Path) -> None:
        """Raises DataDamaged, TokenizerUnusable."""
        self.path = path
        try:
            self.info = msgspec.json.decode((path / INFO).read_bytes(), type=DataInfo)
            self.tokenizer = Tokenizer.load(path / TOKENIZER)
            self.train = self._tokens("train", self.info.train_tokens)
            self.validation = self._tokens("validation", self.info.validation_tokens)
        except (OSError, msgspec.MsgspecError, ValueError) as error:
            raise DataDamaged(str(error), path=str(path)) from error

    def _tokens(self, name: str, count: int) -> Ints:
        tokens = np.memmap(self.path / f"{name}.bin", token_type(self.info.vocab), "r")
        if len(tokens) != count:
            raise ValueError(f"{name}.bin has {len(tokens)} tokens of {count}")
        return tokens
