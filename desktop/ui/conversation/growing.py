"""The blocks of a text that grows at its end, parsed again only there. Draws nothing."""

import re
from dataclasses import replace
from typing import Final

from desktop.ui.conversation.blocks import Block, plain_blocks
from desktop.ui.conversation.code_parts import grown
from desktop.ui.conversation.markdown import parse

_REPARSED: Final = 2  # "2" after a list is a paragraph until ". " makes it an item of that list
_BLANK: Final = re.compile(r"\n[ \t\r]*\n")
SLICE_CHARACTERS: Final = 4_000
SLICE_LINES: Final = 100


class GrowingMarkdown:
    """The blocks of a text that grows at its end. Takes in a slice at a time, so that none costs much."""

    def __init__(self, text: str = "") -> None:
        self.text = ""
        self.taken = 0  # characters
        self.blocks: list[Block] = []
        self._blank = 0  # characters at the end of what was taken in, in whole slices
        self.append(text)

    @classmethod
    def begun(cls, text: str) -> "GrowingMarkdown":
        """With everything still to be taken in by `step`."""
        growing = cls()
        growing.text = text
        return growing

    @property
    def behind(self) -> bool:
        """There is text that was not taken in yet."""
        return self.taken < len(self.text)

    def append(self, text: str) -> int:
        """Add text and take in everything; gives the index of the first block that may be another now."""
        self.text += text
        first = len(self.blocks)
        while self.behind:
            first = min(first, self.step())
        return first

    def step(self) -> int:
        """Take in the next slice; gives the index of the first block that may be another now."""
        begin, end = self.taken, _slice_end(self.text, self.taken)
        self.taken = end
        blank, self._blank = self._blank, 0
        if blank + end - begin > SLICE_CHARACTERS and not self.text[begin:end].strip() and not self._in_code:
            self._blank = blank + end - begin  # nothing goes on behind so much of nothing
            return len(self.blocks)
        if blank > SLICE_CHARACTERS:
            self.blocks += parse(self.text[begin:end], begin)
            return max(0, len(self.blocks) - 1)
        if not self.text[begin:end].strip():
            self._blank = blank + end - begin
        code = grown(self.blocks, self.text, begin, end)
        if code is not None:
            return self._code_on(*code, end)
        typed = self._type_on(end)
        if typed is not None:
            return typed
        keep = self._kept()
        before = self.blocks[keep] if keep < len(self.blocks) else None
        start = before.start if before else self._after()
        fresh = parse(self.text[start:end], start, before)
        while keep < len(self.blocks) and fresh and self.blocks[keep] == fresh[0]:
            keep += 1
            fresh.pop(0)
        self.blocks[keep:] = fresh
        return keep

    def _kept(self) -> int:
        """How many blocks stay what they are, whatever comes behind them."""
        keep = max(0, len(self.blocks) - _REPARSED)
        while keep < len(self.blocks) and any(_is_done(block) for block in self.blocks[keep:]):
            keep += 1
        while 0 < keep < len(self.blocks) and self.blocks[keep].inner:
            keep -= 1  # what stands in an item or a quotation is parsed with all of it
        return keep

    def _code_on(self, keep: int, fresh: list[Block], stop: int, end: int) -> int:
        """Code grows a few lines at a time until its fence."""
        while keep < len(self.blocks) and fresh and self.blocks[keep] == fresh[0]:
            keep += 1
            fresh.pop(0)
        self.blocks[keep:] = fresh
        if stop >= 0:
            self.blocks += parse(self.text[stop:end], stop)
        return keep

    @property
    def _in_code(self) -> bool:
        return bool(self.blocks) and self.blocks[-1].kind == "code"

    def _after(self) -> int:
        """Where the last block ended."""
        return self.blocks[-1].start + len(self.blocks[-1].source) if self.blocks else 0

    def _type_on(self, end: int) -> int | None:
        """What is too long for Markdown grows as typed until it ends; None where nothing does."""
        last = self.blocks[-1] if self.blocks else None
        if last is None or not last.typed:
            return None
        more = self.text[last.start : end]
        over = _BLANK.search(more, max(0, len(last.source) - 8))
        at = len(self.blocks) - 1
        if over is not None and over.start() <= len(last.source):
            return None  # it ended where it is
        typed = (more[: over.start()] if over is not None else more).rstrip("\r\n")
        fresh = plain_blocks(typed, offset=last.start, typed=True)
        self.blocks[at:] = [replace(fresh[0], glued=last.glued), *fresh[1:]]
        if over is not None:
            after = last.start + over.end()
            self.blocks += parse(self.text[after:end], after)
        return at


def _is_done(block: Block) -> bool:
    """What is shown as typed stays so, however it ended; and code with a fence ended with that."""
    begun = block.joined or "\n" in block.source or "\r" in block.source  # its first line is whole
    return block.typed or (bool(block.fence) and not block.inner and not block.quoted and begun)


def _slice_end(text: str, start: int) -> int:
    """Behind the last whole line of a slice; within a line that is longer than one."""
    longest = min(len(text), start + SLICE_CHARACTERS)
    end = start
    for _line in range(SLICE_LINES):
        found = text.find("\n", end, longest)
        if found < 0:
            break
        end = found + 1
    else:
        return end
    if longest == len(text) or end == start:
        end = longest
    return end + (text[end - 1 : end + 1] == "\r\n")
