"""What a prompt is made of before it is planned: system prompt, examples, turns, the question.

Each piece knows where it comes from, so that a plan can be counted by parts. Counts nothing, decides nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from desktop.core.replies.prompt import SUMMARY_HEADING, question_cuts, turn_text
from desktop.core.types import Excerpt, FilePart, Origin, StoredMessage
from desktop.core.types.prompts import Example
from engine.protocol import Message

Conversation = tuple[Message, ...]


@dataclass(frozen=True)
class Piece:
    """One message. `cuts` divide its text as `Render` does; `origins` has one for each segment."""

    message: Message
    origins: tuple[Origin, ...]
    cuts: tuple[int, ...] = ()
    stored: int = 0  # its number in the chats; 0: it stands in none


@dataclass(frozen=True)
class Turn:
    """A question with what was answered. A pinned one never leaves."""

    pieces: tuple[Piece, ...]
    pinned: bool = False


@dataclass(frozen=True)
class Layout:
    """A prompt in its order. `summary` stands for the turns that left.

    Before it is planned, `turns` may be read as they are gone through: a long chat is held nowhere whole.
    """

    question: Piece
    system: str = ""
    examples: tuple[Piece, ...] = ()
    turns: Iterable[Turn] = ()
    summary: str = ""

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """Every message in the order in which the model reads them."""
        inner = tuple(piece for turn in self.turns for piece in turn.pieces)
        return (*self._head(), *self.examples, *inner, self.question)

    @property
    def messages(self) -> Conversation:
        return tuple(piece.message for piece in self.pieces)

    def keeping(self, turns: Iterable[Turn]) -> "Layout":
        return replace(self, turns=tuple(turns))

    def _head(self) -> tuple[Piece, ...]:
        if not self.summary:
            return (Piece(Message("system", self.system), ("system",)),) if self.system else ()
        # beside the system prompt, where it is out of nobody's mouth and before everything that changes
        before = f"{self.system}\n\n" if self.system else ""
        text = f"{before}{SUMMARY_HEADING}\n{self.summary}"
        return (Piece(Message("system", text), ("system", "summary"), (len(before),)),)


def question_piece(
    text: str,
    excerpts: Sequence[Excerpt] = (),
    files: Sequence[FilePart] = (),
    *,
    stored: int = 0,
    origin: Origin = "question",
) -> Piece:
    """A person's turn. `origin`: what their own words count as."""
    whole = turn_text(text, excerpts, files)
    return Piece(
        Message("user", whole), ("files", "excerpts", origin), question_cuts(whole, text, files), stored
    )


def stored_piece(stored: StoredMessage, origin: Origin = "history") -> Piece:
    """A message of the chats as the model reads it in a later prompt."""
    if stored.role != "user":
        thoughts = stored.thoughts
        message = Message(stored.role, stored.text, thoughts.text if thoughts else "")
        return Piece(message, (origin,), (), stored.id)
    files = tuple(part for part in stored.parts if isinstance(part, FilePart))
    return question_piece(stored.text, stored.excerpts, files, stored=stored.id, origin=origin)


def example_pieces(examples: Iterable[Example]) -> tuple[Piece, ...]:
    """Turns that nobody had, in front of those of the chat."""
    return tuple(
        Piece(message, ("examples",))
        for one in examples
        for message in (Message("user", one.question), Message("assistant", one.reply))
    )


def layout_of(messages: Conversation, question: Piece) -> Layout:
    """A history without stored turns: an optional system message, then questions with their replies."""
    system = messages[0].content if messages and messages[0].role == "system" else ""
    turns: list[Turn] = []
    for message in messages:
        if message.role == "system":
            continue
        piece = Piece(message, ("history",))
        if message.role == "assistant" and turns:
            turns[-1] = replace(turns[-1], pieces=(*turns[-1].pieces, piece))
        else:
            turns.append(Turn((piece,)))
    return Layout(question, system, (), tuple(turns))
