"""From the bytes of tokens to what is shown: whole characters, thoughts apart, nothing of a stop string."""

from collections.abc import Sequence

from engine.protocol import Thought, Token
from engine.text_stream import TextStream
from engine.thoughts import Part, Splitter

Said = Thought | Token


class ReplyStream:
    """Takes one token after another and gives the events that tell of them.

    Stop strings end an answer; what a model thinks may hold them.
    """

    def __init__(self, splitter: Splitter, stop: Sequence[str] = ()) -> None:
        self.thought_tokens = 0
        self._splitter = splitter
        self._characters = TextStream()
        self._answer = TextStream(stop)

    @property
    def stopped(self) -> bool:
        """At a stop string: the reply ends here."""
        return self._answer.stopped

    def push(self, piece: bytes, control: str = "") -> list[Said]:
        """What a token's bytes complete. `control`: the name of a control token, which has no bytes."""
        thinking = self._splitter.thinking
        if control:
            parts = self._splitter.push(self._characters.finish())
            parts += self._splitter.push(control, control=True)
        else:
            parts = self._splitter.push(self._characters.push(piece))
        self.thought_tokens += thinking or self._splitter.thinking
        return self._said(parts)

    def finish(self) -> list[Said]:
        """What was held back and belongs to the reply after all."""
        said = self._said([*self._splitter.push(self._characters.finish()), *self._splitter.finish()])
        rest = "" if self.stopped else self._answer.finish()
        return [*said, Token(rest)] if rest else said

    def _said(self, parts: list[Part]) -> list[Said]:
        said: list[Said] = []
        for thought, text in parts:
            shown = text if thought else self._answer.push_text(text)
            if shown:
                said.append(Thought(shown) if thought else Token(shown))
        return said
