"""The tree of a chat as rows, one below the other: side branches stand indented before the way goes on.

Works on any tree without going deep into the stack: a chat may be thousands of messages long.
"""

from collections import defaultdict
from collections.abc import Collection
from typing import Final

import msgspec

from desktop.core.types.composing import ChatTree, TreeNode

MANY: Final = 6  # of more side branches at one place, the rest is told by its number until it is asked for
KEPT: Final = 4  # so many of them are shown all the same, the newest


Lanes = tuple[tuple[int, bool], ...]


class BranchRow(msgspec.Struct, frozen=True):
    """A message, or (`more` above 0) so many side branches of `parent` that are folded away.

    `depth`: how far to the right its line runs. `lanes`: the depths left of it at which a line passes by,
    each with whether that line is of the way that is shown.
    `above`: its own line comes from the row above in the same column; else it leaves the line one to the
    left, if there is one. `below`: its line goes on.
    """

    depth: int
    lanes: Lanes
    above: bool
    below: bool
    node: TreeNode | None = None
    more: int = 0
    parent: int = 0
    shown: bool = False
    branches: int = 0  # of this place, where there are several


def rows_of(tree: ChatTree, unfolded: Collection[int] = ()) -> tuple[BranchRow, ...]:
    """`unfolded`: the parents (0: none) whose side branches are all shown."""
    known = {node.id for node in tree.nodes}
    children: dict[int, list[TreeNode]] = defaultdict(list)
    for node in tree.nodes:
        parent = node.parent if node.parent in known else None
        children[parent or 0].append(node)
    shown = set(tree.shown)
    rows: list[BranchRow] = []
    # what is still to be shown, the next one last: (node, depth, lanes, comes from the same column)
    waiting: list[tuple[TreeNode | BranchRow, int, Lanes, bool]] = []

    def put(parent: int, depth: int, lanes: Lanes, *, above: bool) -> None:
        """What follows a message: side branches, then the way that is shown, or else the newest."""
        found = children.get(parent, [])
        if not found:
            return
        main = next((node for node in found if node.id in shown), found[-1])
        sides = [node for node in found if node is not main]
        hidden = 0
        if len(sides) > MANY and parent not in unfolded:
            hidden = len(sides) - KEPT
            sides = sides[-KEPT:]
        beside = (*lanes, (depth, main.id in shown)) if above else lanes
        waiting.append((main, depth, lanes, above))
        waiting.extend((side, depth + 1, beside, False) for side in reversed(sides))
        if hidden:
            fold = BranchRow(depth + 1, beside, False, False, more=hidden, parent=parent)
            waiting.append((fold, depth + 1, beside, False))

    put(0, 0, (), above=False)
    while waiting:
        what, depth, lanes, above = waiting.pop()
        if isinstance(what, BranchRow):
            rows.append(what)
            continue
        below = bool(children.get(what.id))
        siblings = len(children[what.parent if what.parent in known and what.parent else 0])
        rows.append(
            BranchRow(
                depth,
                lanes,
                above,
                below,
                what,
                shown=what.id in shown,
                branches=siblings if siblings > 1 else 0,
            )
        )
        put(what.id, depth, lanes, above=True)
    return tuple(rows)
