"""What the vector index has to hear of: changes of what can be seen, one by one or held back for a moment."""

from typing import Protocol

from rag.store.values import Change


class Changes(Protocol):
    """Who brings changes into the vector index. Belongs to the indexing thread."""

    def follow(self, change: Change) -> None:
        """Bring it in now, with what was held."""

    def hold(self, change: Change) -> None:
        """It may wait for `settle`, or for the next change: the model has nothing to do meanwhile."""

    def settle(self) -> None:
        """Bring in what was held. Never raises."""


def together(first: Change, then: Change) -> Change:
    """Two changes as one: what comes back is taken out before, what goes again does not come in."""
    gone = set(then.hidden)
    return Change(
        [*first.hidden, *then.hidden],
        [*(passage for passage in first.shown if passage not in gone), *then.shown],
    )
