"""From the bytes of tokens to text that may be shown: whole characters, nothing of a stop string.

Knows no model.
"""

import codecs
from collections.abc import Sequence


class TextStream:
    """Takes the bytes of one token after another and gives the text that is safe to show.

    A character's bytes may come in several tokens, and a stop string may begin in one and end in another,
    so both are held back until they are decided. Text that was given out is never taken back.
    """

    def __init__(self, stop: Sequence[str] = ()) -> None:
        self.stopped = False
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._stop = tuple(text for text in stop if text)
        self._held = ""

    def push(self, piece: bytes) -> str:
        """The text that `piece` completes, "" when it must wait. Sets `stopped` at a stop string."""
        return self.push_text(self._decoder.decode(piece))

    def push_text(self, text: str) -> str:
        """The same for text that has whole characters already."""
        if not self._stop:
            return text
        return self._pass(self._held + text)

    def finish(self) -> str:
        """What was held back and belongs to the reply after all; an unfinished character becomes U+FFFD."""
        text = self._pass(self._held + self._decoder.decode(b"", final=True))
        text, self._held = text + self._held, ""
        return text

    def _pass(self, text: str) -> str:
        if self.stopped:
            return ""
        found = [at for at in (text.find(stop) for stop in self._stop) if at >= 0]
        if found:
            self.stopped = True
            self._held = ""
            return text[: min(found)]
        keep = max((_begun(text, stop) for stop in self._stop), default=0)
        self._held = text[len(text) - keep :]
        return text[: len(text) - keep]


def _begun(text: str, stop: str) -> int:
    """How many of the last characters of `text` could be the beginning of `stop`."""
    for length in range(min(len(stop) - 1, len(text)), 0, -1):
        if text.endswith(stop[:length]):
            return length
    return 0
