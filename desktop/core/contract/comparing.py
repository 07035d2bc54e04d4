"""What may be asked of the core about one question that two sides answer. Has nothing answered."""

from typing import Protocol

from desktop.core.operations import Operation
from desktop.core.types import Chat, FilePart
from desktop.core.types.comparing import Comparison, Side


class ComparingCore(Protocol):
    """The part of `desktop.core.contract.Core` for two answers side by side.

    Both are branches of one chat: the first question is the same message for both, later ones stand in each
    branch. packaging/decisions/0119 says why.
    """

    def open_comparison(self, chat: int) -> Operation[Comparison]:
        """A chat as it is compared: where it was before, unless it went on in another branch meanwhile."""
        ...

    def compare(
        self, chat: int, text: str, sides: tuple[Side, Side], files: tuple[FilePart, ...] = ()
    ) -> Operation[Comparison]:
        """Ask both sides, each after its own branch. Emits ComparingEvent.

        Two models that both fit into the memory answer at the same time, others one after the other.
        Cancelling stops both and ends in a result. A side that fails is told by its SideEnded and in the
        result, and the other one goes on. Ends in an error only where nothing was asked: EmptyQuestion,
        UnknownChat, ReplyRunning, and what a side's model or prompt cannot be used for.
        """
        ...

    def answer_side_again(self, chat: int, side: int) -> Operation[Comparison]:
        """Answer one side's last question once more, as a version beside what it said. Emits ComparingEvent.

        Ends in UnknownMessage where nothing is compared.
        """
        ...

    def stop_side(self, chat: int, side: int) -> None:
        """Stop one side's reply; what is written stays, and the other side goes on."""
        ...

    def keep_side(self, chat: int, side: int) -> Operation[Chat]:
        """Go on with one side: its branch is shown, and its prompt and values become the chat's.

        The other branch stays, as versions. Which model answers from then on is not touched.
        """
        ...

    def leave_comparison(self) -> Operation[None]:
        """Nobody compares any more: what a second model took of the memory is free as soon as it is done."""
        ...
