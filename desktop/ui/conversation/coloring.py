"""The colours of code that is cut into parts: each goes on where the one before ended. Draws nothing."""

from typing import Final

from pygments.lexer import Lexer

from desktop.ui.conversation.blocks import Block
from desktop.ui.conversation.highlight import Runs, State, colored_part
from desktop.ui.conversation.piece import Piece
from desktop.ui.conversation.style import Style

_AHEAD: Final = 4_000  # characters that are read for a part far behind the last one that was drawn


def begin(block: Block, known: dict[int, State]) -> None:
    """A code block begins here: `known` is for the states at the places where its parts begin."""
    known[block.start + block.source.find("\n") + 1] = State()


def runs_of(piece: Piece, text: str, style: Style) -> Runs | None:
    """The runs of a piece of code that has a fence; None for other pieces. `text`: of the whole message."""
    block, known = piece.block, piece.frame.colours
    if not block.fence:
        return None
    code = block.code if block.goes_on else block.code.rstrip("\n")
    lexer = style.lexer(block.language)
    if lexer is None:
        return [(code, "text")]
    end = block.start + len(block.source)
    feed = text[end : end + 2] if text.startswith("\r\n", end) else text[end : end + 1].strip(" \t")
    feed = feed if block.goes_on and not feed.strip() else ""
    runs, after = colored_part(code + "\n" * bool(feed), lexer, _state(block, known, text, lexer))
    if block.goes_on:
        known[end + len(feed)] = after
    if feed and runs:  # the end of the last line is where the part ends
        runs[-1] = (runs[-1][0].removesuffix("\n"), runs[-1][1])
    return runs


def _state(block: Block, known: dict[int, State], text: str, lexer: Lexer) -> State:
    """Where the part before ended. One far from any that was drawn begins as if it stood alone."""
    if not block.joined:
        return State()
    state = known.get(block.start)
    if state is not None:
        return state
    near = max((at for at in known if at < block.start), default=0)
    if not near or block.start - near > _AHEAD:
        return State()
    before = block.bare(text[near : block.start]).replace("\r\n", "\n")
    return colored_part(before, lexer, known[near])[1]
