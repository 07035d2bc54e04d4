"""A piece of a message: a block, where it stands, and what of it is scrolled. Draws nothing."""

from dataclasses import dataclass
from typing import Final

from PySide6.QtGui import QTextDocument

from desktop.ui.conversation.markdown import Block
from desktop.ui.conversation.style import GAP_PX
from desktop.ui.theme import space

BOX_PX: Final = space.m  # padding in a code block
BAR_PX: Final = 16.0  # room for the slim bar below what is too wide
QUOTE_PX: Final = space.l  # indent of a quotation


@dataclass(eq=False)
class Piece:
    """A block and where it stands: `top` from the message's text, both in pixels."""

    block: Block
    height: float
    exact: bool = False
    top: float = 0.0
    document: QTextDocument | None = None
    natural_px: float = 0.0  # the document's own width, where it scrolls inside its block
    scroll_x: float = 0.0
    head_px: float = 0.0  # of a code block's head
    wide: bool = False  # there is a bar below
    dragged: bool = False  # by its bar
    hovered: bool = False  # its button
    copied: bool = False  # a moment ago

    @property
    def extra_px(self) -> float:
        """More room above, where something new begins."""
        if self.block.kind == "heading":
            return float(space.m if self.block.level < 3 else space.s)
        return 0.0

    @property
    def padding(self) -> tuple[float, float, float]:
        """(left and right, above, below) around the document."""
        bar = BAR_PX if self.wide else 0.0
        if self.block.kind == "code":
            return BOX_PX, self.head_px, max(BOX_PX - 2.0, bar)
        return (QUOTE_PX if self.block.kind in ("quote", "thought") else 0.0), 0.0, bar

    def below(self, before: "Piece") -> float:
        """Where it begins when it stands below another one."""
        gap = space.xs if self.block.joined else GAP_PX / 3 if before.block.kind == "note" else GAP_PX
        return before.top + before.height + gap + self.extra_px
