"""Chats as Markdown: headings for turns, footnotes for sources. Writes no file."""

from collections.abc import Iterable, Iterator
from pathlib import PurePath

from desktop.core.exchange.conversations import Conversation
from desktop.core.exchange.readable import Turn, marked, shown, time_text
from desktop.core.exchange.texts import fenced
from desktop.core.types.exchange import ExportWords


def written(chats: Iterable[Conversation], words: ExportWords) -> Iterator[bytes]:
    """The file, piece by piece."""
    for number, chat in enumerate(chats, 1):
        text = chat_text(chat, words, f"c{number}" if number > 1 else "")
        yield ("\n---\n\n" + text if number > 1 else text).encode()


def chat_text(chat: Conversation, words: ExportWords, prefix: str = "") -> str:
    """`prefix` keeps the footnotes of several chats in one file apart."""
    blocks = [f"# {_line(chat.title) or words.untitled}", f"*{time_text(chat.created_at)}*"]
    if chat.system_prompt.strip():
        blocks += [f"## {words.system}", _quoted(chat.system_prompt)]
    for example in chat.prompt.examples:
        blocks += [
            _quoted(f"**{words.you}:** {example.question}"),
            _quoted(f"**{words.assistant}:** {example.reply}"),
        ]
    for number, turn in enumerate(shown(chat), 1):
        blocks += _turn(turn, words, f"{prefix}-{number}" if prefix else str(number))
    return "\n\n".join(block for block in blocks if block) + "\n"


def _turn(turn: Turn, words: ExportWords, place: str) -> list[str]:
    name = {"user": words.you, "system": words.system}.get(turn.role, words.assistant)
    told = ", ".join(fact for fact in (turn.model, time_text(turn.created_at)) if fact)
    blocks = [f"## {name}" + (f" ({told})" if told else "")]
    if turn.thoughts:
        blocks.append(_quoted(f"**{words.thoughts}**\n\n{turn.thoughts}"))
    blocks.append(marked(turn.text.strip("\n"), lambda n: f"[^{place}-{n}]"))
    if turn.stopped:
        blocks.append(f"*{words.stopped}*")
    for file in turn.files:
        blocks += [f"**{words.attached}: {_line(file.name)}**", fenced(file.text)]
    for source in turn.sources:
        page = words.page.format(page=source.page)
        found = f" ({words.found_afterwards})" if source.attributed else ""
        quote = " ".join(source.quote.split())
        blocks.append(f"[^{place}-{source.n}]: {_line(PurePath(source.file).name)}, {page}{found}: “{quote}”")
    return blocks


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.strip("\n").splitlines())


def _line(text: str) -> str:
    return " ".join(text.split())
