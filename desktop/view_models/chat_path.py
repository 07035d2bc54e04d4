"""What a read chat becomes before the window shows it. No Qt: it is made where the chat is read."""

from typing import NamedTuple

from msgspec.structs import replace

from desktop.core.types import Chat
from desktop.core.types.comparing import Comparison
from desktop.view_models.turn_list import TurnList
from desktop.view_models.turns import alone, turns_of


class ChatPath(NamedTuple):
    """The path of a chat that is shown: the chat without its messages, and the turns that they make."""

    chat: Chat
    turns: TurnList


def path_of(chat: Chat) -> ChatPath:
    """A chat as the window shows it. Of 2,000 messages this takes some 20 ms: give it to `follow`."""
    return ChatPath(
        replace(chat, messages=(), citations={}), TurnList(turns_of(chat.messages, chat.citations))
    )


class ComparedPaths(NamedTuple):
    """Both sides of a comparison as the window shows them: it without its messages, and their turns."""

    comparison: Comparison
    turns: tuple[TurnList, ...]


def paths_of(comparison: Comparison) -> ComparedPaths:
    """As `path_of`, for both sides."""
    turns = tuple(TurnList(alone(turn) for turn in turns_of(side.messages)) for side in comparison.sides)
    first, second = (replace(side, messages=()) for side in comparison.sides)
    return ComparedPaths(replace(comparison, sides=(first, second)), turns)
