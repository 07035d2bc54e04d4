"""Two conversations that scroll together: where one goes, the other follows by its share of the way."""

from PySide6.QtCore import QObject

from desktop.ui.conversation import ConversationView


class ScrollTogether(QObject):
    """On from the beginning. What streams in moves nothing but its own side."""

    def __init__(self, first: ConversationView, second: ConversationView) -> None:
        super().__init__(first)
        self._on = True
        self._moving = False
        for moved, other in ((first, second), (second, first)):
            moved.verticalScrollBar().valueChanged.connect(
                lambda _value, moved=moved, other=other: self._moved(moved, other)
            )

    def switch(self, on: bool) -> None:
        self._on = on

    def _moved(self, moved: ConversationView, other: ConversationView) -> None:
        if not self._on or self._moving or moved.placing or not other.isVisible():
            return
        here, there = moved.verticalScrollBar(), other.verticalScrollBar()
        share = here.value() / here.maximum() if here.maximum() else 0.0
        self._moving = True
        there.setValue(round(share * there.maximum()))
        self._moving = False
