"""Code with a fence cut into parts of some lines, so that only what is in sight of it is laid out, and only
its end while it grows. Draws nothing.
"""

from dataclasses import replace
from typing import Final

from desktop.ui.conversation.blocks import LINE, PLAIN_CHARACTERS, Block, closes

LINES: Final = 40  # to a part


def code_blocks(source: str, start: int, like: Block) -> list[Block]:
    """The parts of a code block, or of the rest of one that begins with `like`.

    `source`: from its fence on, or from where `like` begins, its own end included where there is one.
    """
    lines = LINE.findall(source)
    ending = ""
    skip = 0 if like.joined and not like.glued else 1
    if len(lines) > skip and closes(like.bare(lines[-1]), like.fence):
        ending = lines.pop()
    cuts = _cuts(lines, fenced=not like.joined, glued=like.glued)
    parts: list[Block] = []
    at = start
    for place, (text, glued) in enumerate(cuts):
        last = place == len(cuts) - 1
        said = text + ending if last else _without_end(text)
        part = replace(like, source=said.rstrip("\r\n") if last else said, start=at, goes_on=not last)
        parts.append(replace(part, joined=like.joined or place > 0, glued=glued))
        at += len(text)
    return parts


def grown(blocks: list[Block], text: str, before: int, end: int) -> tuple[int, list[Block], int] | None:
    """The parts at the end of what there is, `text` taken in up to `end` (`before`: up to there so far).

    Gives (how many blocks stay, the fresh ones, where the code ended: -1 while it goes on); None where no
    code is open.
    """
    if not blocks or not blocks[-1].fence or blocks[-1].inner or blocks[-1].quoted:
        return None
    keep = len(blocks) - (2 if blocks[-1].joined else 1)
    first = blocks[keep]
    if not first.joined and not {"\n", "\r"} & set(text[first.start : before]):
        return None  # the line of its fence is still being written
    stop = first.start
    for place, line in enumerate(LINE.findall(text[first.start : end])):
        stop += len(line)
        whole = first.joined and not first.glued
        if (place or whole) and closes(first.bare(line), first.fence):
            if stop <= before and line.endswith(("\n", "\r")):
                return None  # it was over already
            return keep, code_blocks(text[first.start : stop], first.start, first), stop
    return keep, code_blocks(text[first.start : end], first.start, first), -1


def _without_end(text: str) -> str:
    return text[:-2] if text.endswith("\r\n") else text.removesuffix("\n").removesuffix("\r")


def _cuts(lines: list[str], *, fenced: bool, glued: bool) -> list[tuple[str, bool]]:
    """The text of each part, and whether it begins within a line."""
    cuts: list[tuple[str, bool]] = []
    run, size, count, within = "", 0, 0, glued
    for place, line in enumerate(lines):
        if not place and fenced:
            run = line
            continue
        for cut in range(0, max(1, len(line)), PLAIN_CHARACTERS):
            part = line[cut : cut + PLAIN_CHARACTERS]
            if count and (cut or count >= LINES or size + len(part) > PLAIN_CHARACTERS):
                cuts.append((run, within))
                run, size, count, within = "", 0, 0, cut > 0
            run, size, count = run + part, size + len(part), count + 1
    cuts.append((run, within))
    return cuts
