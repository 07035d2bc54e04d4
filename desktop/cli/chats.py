"""`sobremesa chats`: what can be typed, which command it means, and what is printed."""

import argparse
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, assert_never

import msgspec

from desktop import words
from desktop.cli.grammar import wrong_usage
from desktop.cli.terminal import Terminal
from desktop.core.commands.chats import (
    BackedUp,
    BackUp,
    BackupRestored,
    ChatsCommand,
    ChatsExported,
    ChatsFound,
    ChatShown,
    ChatsImported,
    ChatsListed,
    ChatsResult,
    ExportChats,
    ImportChats,
    ListChats,
    RestoreBackup,
    SearchChats,
    ShowChat,
)
from desktop.core.exchange.conversations import Note
from desktop.core.types import ChatInfo, Problem, StoredMessage
from desktop.core.types.exchange import ExportFormat, ImportedChat, ImportReport
from desktop.i18n import _, date_and_time, ngettext, number, size
from desktop.words import exchange as exchange_words

Begin = Callable[..., argparse.ArgumentParser]
ProblemShape = Callable[[Problem], dict[str, str]]

WIDTH = 88
# by the ending of a file's name
FORMATS: dict[str, ExportFormat] = {
    ".md": "markdown",
    ".markdown": "markdown",
    ".json": "json",
    ".html": "html",
    ".htm": "html",
    ".pdf": "pdf",
}


def add_chats(commands: Any, begin: Begin, parser_class: type[argparse.ArgumentParser], name: Any) -> None:
    """The words and options of the command. `name`: the type of a file's name."""
    grammar = begin(
        commands,
        "chats",
        _("list your chats, search, show, export or import them; back up and restore"),
        _("Your chats. A CHAT is named by its number, which the list shows, or by its title."),
    )
    actions = grammar.add_subparsers(dest="action", metavar=_("ACTION"), parser_class=parser_class)
    listing = begin(actions, "list", _("list your chats, as without an action"))
    listing.add_argument("--archived", action="store_true", help=_("those of the archive instead"))
    search = begin(actions, "search", _("find words in all your chats"))
    search.add_argument("query", nargs="+", metavar="QUERY", help=_("the words; their beginnings are enough"))
    show = begin(actions, "show", _("show a chat"))
    show.add_argument("chat", nargs="+", metavar="CHAT", help=_("its number or its title"))
    _export(begin(actions, "export", _("write chats into a file"), _export_words()), name)
    incoming = begin(actions, "import", _("bring in chats of other programs"), _import_words())
    incoming.add_argument("path", type=name, metavar="PATH", help=_("file, folder or zip"))
    backup = begin(actions, "backup", _("write everything into one file"), _backup_words())
    backup.add_argument("file", type=name, nargs="?", metavar=_("FILE"), help=_("the file to write"))
    restore = begin(actions, "restore", _("bring back what a backup holds"), _restore_words())
    restore.add_argument("file", type=name, metavar=_("FILE"), help=_("the backup"))
    restore.add_argument(
        "--replace", action="store_true", help=_("put it in place of what is here, which is backed up first")
    )
    restore.add_argument("--check", action="store_true", help=_("only look whether it is whole"))


def _export(grammar: argparse.ArgumentParser, name: Any) -> None:
    grammar.add_argument("file", type=name, metavar=_("FILE"), help=_("the file, or a folder that is there"))
    grammar.add_argument(
        "--chat", action="append", default=[], metavar="CHAT", help=_("this one; may be repeated")
    )
    grammar.add_argument(
        "--format",
        choices=("markdown", "json", "html", "pdf"),
        help=_("if the name of FILE does not say it"),
    )


def _export_words() -> str:
    return _(
        "Write all your chats into FILE, or those that --chat names: as Markdown (.md), HTML or PDF to\n"
        "read, or as JSON with everything in it. In a folder, each chat gets a file of its own."
    )


def _import_words() -> str:
    return _(
        "Exports of ChatGPT, Claude, Open WebUI, LM Studio, Jan and Sobremesa, as they are or in a folder\n"
        "or a zip. What is here already does not come twice."
    )


def _backup_words() -> str:
    return _(
        "Chats, prompts, settings and presets in one file; not the models and not the documents. Without\n"
        "FILE it is written into the current folder."
    )


def _restore_words() -> str:
    return _("What is missing here comes back, and what is here stays. A damaged backup changes nothing.")


def command_of(arguments: argparse.Namespace, absolute: Callable[[str], str]) -> ChatsCommand:
    """What was typed. Paths become absolute: another program may carry it out."""
    match arguments.action:
        case "search":
            return SearchChats(" ".join(arguments.query))
        case "show":
            return ShowChat(" ".join(arguments.chat))
        case "export":
            chats = tuple(arguments.chat)
            return ExportChats(
                absolute(arguments.file), _format_of(arguments), chats, exchange_words.export_words()
            )
        case "import":
            return ImportChats(absolute(arguments.path))
        case "backup":
            return BackUp(absolute(arguments.file or time.strftime("sobremesa-%Y-%m-%d.zip")))
        case "restore":
            return RestoreBackup(absolute(arguments.file), arguments.replace, arguments.check)
        case "list":
            return ListChats(arguments.archived)
        case _:
            return ListChats()


def _format_of(arguments: argparse.Namespace) -> ExportFormat:
    """What --format says, else the file's ending; Markdown where it has none, and in a folder."""
    file = Path(arguments.file).expanduser()
    ending = file.suffix.lower()
    if not arguments.format and ending and ending not in FORMATS and not file.is_dir():
        message = _("files that end in “{ending}” cannot be written; .md, .html, .pdf or .json can")
        wrong_usage("sobremesa chats export", message.format(ending=ending), as_json=arguments.json)
    return arguments.format or FORMATS.get(ending, "markdown")


def shape(result: ChatsResult, problem_shape: ProblemShape) -> dict[str, Any]:
    """What `--json` prints."""
    match result:
        case ChatsListed(chats):
            return {"chats": [_info_shape(chat) for chat in chats]}
        case ChatsFound(found):
            return {
                "chats": [
                    {**_info_shape(one.info), "hits": one.hits, "messages": msgspec.to_builtins(one.messages)}
                    for one in found.chats
                ],
                "more": found.more,
            }
        case ChatShown(chat):
            return {
                "chat": _info_shape(chat.info),
                "system_prompt": chat.system_prompt,
                "messages": [_message_shape(message) for message in chat.messages],
            }
        case ChatsExported(exported):
            return {"file": exported.path, "chats": exported.chats, "size_bytes": exported.size_bytes}
        case ChatsImported(report):
            return _report_shape(report, problem_shape)
        case BackedUp(backup):
            return {"backup": msgspec.to_builtins(backup)}
        case BackupRestored(restored):
            shown: dict[str, Any] = msgspec.to_builtins(restored)
            return shown
        case _:
            assert_never(result)


def show(result: ChatsResult, terminal: Terminal) -> None:
    """What a person reads."""
    match result:
        case ChatsListed(chats):
            terminal.line("\n".join(_line(chat) for chat in chats) or _("There is no chat here yet."))
        case ChatsFound(found):
            lines = []
            for one in found.chats:
                lines.append(_line(one.info))
                lines += [textwrap.indent(_wrapped(hit.snippet), "      ") for hit in one.messages]
            terminal.line("\n".join(lines) or _("No chat has these words."))
        case ChatShown(chat):
            terminal.line("\n\n".join([_line(chat.info), *map(_message, chat.messages)]))
        case ChatsExported(exported):
            text = ngettext(
                "{count} chat is in {path} now.",
                "{count} chats are in {path} now.",
                exported.chats,
            )
            terminal.line(text.format(count=number(exported.chats), path=exported.path))
        case ChatsImported(report):
            terminal.line("\n".join(report_lines(report)))
        case BackedUp(backup):
            terminal.line(exchange_words.backup_line(backup))
            terminal.line(f"  {backup.path} ({size(backup.size_bytes)})")
        case BackupRestored(restored):
            terminal.line("\n".join(exchange_words.restored_lines(restored)))
        case _:
            assert_never(result)


def report_lines(report: ImportReport) -> list[str]:
    """An import, and each chat of which there is something to tell."""
    lines = [exchange_words.summary(report)]
    untitled = _("Chat without a title")
    lines += [f"  {chat.title or untitled}: {told}" for chat in report.chats if (told := _told(chat))]
    lines += [f"  {words.sentence(found.problem)} {words.hint(found.problem)}" for found in report.problems]
    return lines


def _told(chat: ImportedChat) -> str:
    notes = "; ".join(exchange_words.note(one) for one in chat.notes)
    if chat.problem is not None:
        return " ".join(text for text in (words.sentence(chat.problem), notes) if text)
    return notes


def _report_shape(report: ImportReport, problem_shape: ProblemShape) -> dict[str, Any]:
    return {
        "path": report.path,
        "cancelled": report.cancelled,
        "chats": [
            {
                "title": chat.title,
                "origin": chat.origin,
                "file": chat.file,
                "outcome": chat.outcome,
                "chat": chat.chat or None,
                "messages": chat.messages,
                "notes": [_note_shape(one) for one in chat.notes],
                "error": None if chat.problem is None else problem_shape(chat.problem),
            }
            for chat in report.chats
        ],
        "problems": [{"file": one.file, "error": problem_shape(one.problem)} for one in report.problems],
    }


def _note_shape(one: Note) -> dict[str, Any]:
    return {**msgspec.to_builtins(one), "message": exchange_words.note(one)}


def _info_shape(chat: ChatInfo) -> dict[str, Any]:
    return {
        "id": chat.id,
        "title": chat.title,
        "created_at": chat.created_at,
        "updated_at": chat.updated_at,
        "pinned": chat.pinned,
        "archived": chat.archived,
    }


def _message_shape(message: StoredMessage) -> dict[str, Any]:
    thoughts = message.thoughts
    return {
        "id": message.id,
        "role": message.role,
        "text": message.text,
        "thoughts": thoughts.text if thoughts is not None else "",
        "files": [file.name for file in message.files],
        "state": message.state,
        "model": message.model,
        "created_at": message.created_at,
    }


def _line(chat: ChatInfo) -> str:
    marks = [date_and_time(chat.updated_at)] + ([_("pinned")] if chat.pinned else [])
    return f"{chat.id:5}  {chat.title or _('Chat without a title')} ({', '.join(marks)})"


def _message(message: StoredMessage) -> str:
    text = message.text.strip()
    if message.role == "user":
        return textwrap.indent(text, "> ", lambda _line: True)
    return text


def _wrapped(text: str) -> str:
    return textwrap.fill(" ".join(text.split()), WIDTH - 6)
