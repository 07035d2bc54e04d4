"""Two answers side by side as the core offers them. Each method hands over; decides nothing itself."""

from desktop.core.operations import Operation, start
from desktop.core.replies.comparing import Comparisons
from desktop.core.replies.side_answers import Sides
from desktop.core.replies.titles import Titles
from desktop.core.types import Chat, FilePart
from desktop.core.types.comparing import Comparison, Side


class ComparingServices:
    """What `Services` inherits; described in `desktop.core.contract.comparing.ComparingCore`."""

    _comparisons: Comparisons
    _sides: Sides
    _titles: Titles

    @property
    def second_engine_pid(self) -> int | None:
        """The process of the engine that answers beside the first, while there is one."""
        return self._sides.second_pid

    def open_comparison(self, chat: int) -> Operation[Comparison]:
        return self._comparisons.open(chat)

    def compare(
        self, chat: int, text: str, sides: tuple[Side, Side], files: tuple[FilePart, ...] = ()
    ) -> Operation[Comparison]:
        self._titles.stand_aside()
        asked = self._comparisons.compare(chat, text, sides, files)
        asked.when_done(self._title_compared)
        return asked

    def answer_side_again(self, chat: int, side: int) -> Operation[Comparison]:
        self._titles.stand_aside()
        return self._comparisons.again(chat, side)

    def _title_compared(self, asked: Operation[Comparison]) -> None:
        if asked.error() is None:
            replies = [side.messages[-1] for side in asked.result().sides]
            done = next((reply for reply in replies if reply.state == "complete"), None)
            if done is not None:
                self._titles.after(done)

    def stop_side(self, chat: int, side: int) -> None:
        self._comparisons.stop(chat, side)

    def keep_side(self, chat: int, side: int) -> Operation[Chat]:
        return self._comparisons.keep(chat, side)

    def leave_comparison(self) -> Operation[None]:
        return start(lambda _: self._sides.leave(), "leave comparison")
