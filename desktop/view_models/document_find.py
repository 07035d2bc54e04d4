"""Words looked for in the document that the viewer shows, page by page, each hit marked on its page.

Asks the core for one page's text at a time, so that a long document is never held whole.
"""

import re
from typing import Literal

from msgspec.structs import replace
from PySide6.QtCore import QObject, Signal

from desktop.core.contract import Core
from desktop.core.types import Problem
from desktop.view_models.bridge import follow
from desktop.view_models.viewer import Target, ViewerViewModel
from rag.protocol import Located

State = Literal["", "looking", "found", "none"]


class DocumentFind(QObject):
    """Of one viewer. What was shown before the first hit comes back with `leave`."""

    changed = Signal()

    def __init__(self, core: Core, viewer: ViewerViewModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._core = core
        self._viewer = viewer
        self._before: Target | None = None  # shown before the first hit
        self._hit: Target | None = None
        self._turn = 0  # answers for earlier words are dropped
        self.state: State = ""

    def look(self, words: str, by: int = 1) -> None:
        """Show the next hit behind what is shown, or with `by` -1 the one before it; round at the end."""
        target = self._viewer.target
        self._turn += 1
        pattern = r"\s+".join(re.escape(word) for word in words.split())
        if target is None or not pattern:
            self._tell("")
            return
        if target is not self._hit:
            self._before = target
        page = self._viewer.page
        at = None
        if target is self._hit and target.page == page:
            at = target.end if by > 0 else target.start
        self._tell("looking")
        self._scan(re.compile(pattern, re.IGNORECASE), target, page, by, at, max(1, self._viewer.pages) + 1)

    def leave(self) -> None:
        """Back to what was shown before."""
        self._turn += 1
        before, self._before = self._before, None
        if before is not None and self._viewer.target is self._hit:
            self._viewer.show(before)
        self._hit = None
        self._tell("")

    def _scan(
        self, words: re.Pattern[str], target: Target, page: int, by: int, at: int | None, left: int
    ) -> None:
        """`at`: the character from which on (before which, backwards) hits count; None: all of the page.
        `left`: pages that may still be looked through."""
        turn = self._turn

        def looked(text: str) -> None:
            if turn != self._turn:
                return
            spans = [match.span() for match in words.finditer(text)]
            if at is not None:
                spans = [one for one in spans if (one[0] >= at if by > 0 else one[1] <= at)]
            if spans:
                self._show(target, page, spans[0] if by > 0 else spans[-1])
            elif left <= 1:
                self._tell("none")
            else:
                pages = max(1, self._viewer.pages)
                self._scan(words, target, (page - 1 + by) % pages + 1, by, None, left - 1)

        def failed(_: Problem) -> None:
            looked("")

        if target.texts:
            looked(target.texts[page - 1] if page <= len(target.texts) else "")
            return

        def came(located: Located) -> None:
            looked(located.page_text)

        follow(self._core.locate(target.document, page, 0, 0), self, on_result=came, on_error=failed)

    def _show(self, target: Target, page: int, span: tuple[int, int]) -> None:
        self._hit = replace(target, page=page, start=span[0], end=span[1], quote="")
        self._viewer.show(self._hit)
        self._tell("found")

    def _tell(self, state: State) -> None:
        self.state = state
        self.changed.emit()
