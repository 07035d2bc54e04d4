"""Why a question found these passages and no others: the search told in full, and any passage explained.

Asks the core; chooses no words. The search is made anew in the library as it is now.
"""

from typing import Any, Literal

from PySide6.QtCore import QObject, Signal

from desktop.core.contract import Core
from desktop.core.types import Problem
from desktop.view_models.bridge import follow
from desktop.view_models.conversation import ConversationViewModel
from desktop.view_models.documents import DocumentsViewModel
from desktop.view_models.turn_list import SEARCHED
from desktop.view_models.turns import Turn
from rag.protocol import Hit, SearchTrace
from rag.search_values import Candidate

State = Literal["no_reply", "asking", "known", "failed"]

FOUND = 8  # passages that are offered for a person's words


class WhyViewModel(QObject):
    """One for the window. `explained` is the passage that was asked about last."""

    changed = Signal()

    def __init__(
        self,
        core: Core,
        conversation: ConversationViewModel,
        documents: DocumentsViewModel,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._core = core
        self._conversation = conversation
        self._documents = documents
        self._turn = 0  # answers to an earlier question are dropped
        self.question = ""
        self._forget("no_reply")
        conversation.reset.connect(self._another_chat)

    def _forget(self, state: State) -> None:
        self.state: State = state
        self.problem: Problem | None = None
        self.trace: SearchTrace | None = None
        self.hits: tuple[Hit, ...] = ()
        self.explained: Candidate | None = None

    def _another_chat(self) -> None:
        self._turn += 1
        self.question = ""
        self._forget("no_reply")
        self.changed.emit()

    def show(self, reply: int) -> None:
        """Tell the search of the question that this reply answers."""
        turn = self._conversation.turn(reply)
        question = _searched(turn) if turn is not None else ""
        self._turn += 1
        self.question = question
        self._forget("asking" if question else "no_reply")
        if question:
            self._ask(0)
        self.changed.emit()

    def show_last(self) -> None:
        """The last reply that asked documents."""
        keys = self._conversation.turns.keys_with(SEARCHED)
        self.show(keys[-1] if keys else 0)

    def explain(self, passage: int) -> None:
        """Why this passage came, or did not."""
        known = self.trace.candidates if self.trace is not None else ()
        found = next((one for one in known if one.passage == passage), None)
        if found is not None:
            self.explained = found
            self.changed.emit()
        elif self.question:
            self._ask(passage)

    def look_for(self, words: str) -> None:
        """Offer passages that have to do with these words, to be asked about."""
        turn = self._turn
        if not words.strip():
            self.hits = ()
            self.changed.emit()
            return

        def found(hits: tuple[Hit, ...]) -> None:
            if turn == self._turn:
                self.hits = hits
                self.changed.emit()

        self._follow(self._core.search(words.strip(), FOUND), turn, found)

    def _ask(self, about: int) -> None:
        turn = self._turn

        def told(trace: SearchTrace) -> None:
            if turn == self._turn:
                self.state, self.trace = "known", trace
                self.explained = trace.about if about else self.explained
                self.changed.emit()

        k = int(str(self._core.setting("excerpts")))
        operation = self._core.trace_search(self.question, k, self._documents.used, about=about)
        self._follow(operation, turn, told)

    def _follow(self, operation: Any, turn: int, on_result: Any) -> None:
        def failed(problem: Problem) -> None:
            if turn == self._turn:
                self.state, self.problem = "failed", problem
                self.changed.emit()

        follow(operation, self, on_result=on_result, on_error=failed)


def _searched(turn: Turn) -> str:
    return (turn.looked.query or turn.asked) if turn.searched else ""
