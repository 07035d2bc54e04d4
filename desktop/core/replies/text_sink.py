"""Where the text of a reply goes that nobody stores. Conforms to `desktop.core.replies.answering.Sink`."""

import io
from collections.abc import Sequence

from engine.protocol import TokenDetail


class TextSink(io.StringIO):
    """The text of a reply that nobody stores."""

    def __init__(self) -> None:
        super().__init__()
        self.thoughts = ""
        self.details: list[TokenDetail] = []

    def think(self, text: str) -> None:
        self.thoughts += text

    def note(self, details: Sequence[TokenDetail]) -> None:
        self.details += details

    def add(self, text: str) -> None:
        self.write(text)

    def tick(self) -> None:
        pass
