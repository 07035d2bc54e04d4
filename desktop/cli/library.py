"""`sobremesa library`: what can be typed, which command it means, and what is printed."""

import argparse
from collections.abc import Callable
from pathlib import PurePath
from typing import Any, assert_never

import msgspec

from desktop.cli import passwords, scoring
from desktop.cli.grammar import command, count, name_of
from desktop.cli.terminal import Terminal
from desktop.core.commands import Command, Index, Search
from desktop.core.commands.library import (
    ChangeCollection,
    CheckTheLibrary,
    CollectionsListed,
    EmptyLibraryTrash,
    ForgetPasswords,
    ForgetWatched,
    LibraryChanged,
    LibraryChecked,
    LibraryListed,
    LibraryRebuilt,
    LibraryResult,
    LibraryScored,
    ListCollections,
    ListLibrary,
    PauseLibrary,
    QuestionsListed,
    RebuildTheIndex,
    RemoveFromLibrary,
)
from desktop.core.errors import Reported
from desktop.core.types import Problem
from desktop.i18n import _, date_and_time, ngettext, number
from desktop.words import hint, sentence
from desktop.words.library import (
    fault_remedy,
    fault_sentence,
    language_name,
    pages_words,
    passages_words,
)
from rag.protocol import DEFAULT_COLLECTION, DocumentInfo, WatchedFolder

Absolute = Callable[[str], str]


def add_library(commands: Any, parser_class: type[argparse.ArgumentParser]) -> None:
    """The words and options of the command."""
    grammar = command(
        commands,
        "library",
        _("look after your documents: collections, folders, search, trash, checks"),
        _(
            "Your documents and their collections. Without an action it lists the collections.\n"
            "A DOCUMENT is named by its number, its path or its file name; what is removed can come back."
        ),
    )
    actions = grammar.add_subparsers(dest="action", metavar=_("ACTION"), parser_class=parser_class)
    _collections(actions)
    _index(actions)
    listing = command(actions, "list", _("list your documents with their state"))
    listing.add_argument("--removed", action="store_true", help=_("those in the trash"))
    search = command(actions, "search", _("find passages in your documents"))
    search.add_argument("query", nargs="+", metavar="QUERY", help=_("what to look for, in any language"))
    search.add_argument("-k", type=count, default=5, metavar="N", help=_("how many passages; 5 if not given"))
    remove = command(
        actions,
        "remove",
        _("put documents into the trash, or bring them back"),
        _("The files themselves stay where they are."),
    )
    remove.add_argument("documents", nargs="*", metavar="DOCUMENT", help=_("its number, path or file name"))
    remove.add_argument("--undo", action="store_true", help=_("bring them back out of the trash"))
    remove.add_argument("--empty-trash", action="store_true", help=_("delete for good what is in the trash"))
    for action in (listing, remove):
        _one_collection(action)
    search.add_argument(
        "--collection",
        type=str.strip,
        action="append",
        default=[],
        metavar=_("NAME"),
        help=_("look only into this collection; may be repeated"),
    )
    check = command(actions, "check", _("say whether everything that is stored agrees"))
    check.add_argument("--thorough", action="store_true", help=_("every vector and page: takes minutes"))
    command(actions, "rebuild", _("make the search index anew; the old one answers meanwhile"))
    unwatch = command(actions, "unwatch", _("do not follow a folder any more; its documents stay"))
    unwatch.add_argument("folder", type=name_of, metavar=_("FOLDER"), help=_("the folder"))
    forget = command(
        actions, "forget-passwords", _("forget the passwords of your documents, in the keyring too")
    )
    forget.add_argument("file", nargs="?", default="", metavar=_("FILE"), help=_("of this document alone"))
    scoring.add(actions)
    command(actions, "pause", _("stop indexing until you resume it"))
    command(actions, "resume", _("go on with indexing"))


def _collections(actions: Any) -> None:
    grammar = command(actions, "collections", _("list your collections, make, rename or remove one"))
    changes = grammar.add_mutually_exclusive_group()
    changes.add_argument("--create", metavar=_("NAME"), help=_("make a collection of this name"))
    changes.add_argument(
        "--rename", nargs=2, metavar=(_("NAME"), _("NEW")), help=_("give a collection another name")
    )
    changes.add_argument("--remove", metavar=_("NAME"), help=_("put it with its documents into the trash"))
    changes.add_argument("--restore", metavar=_("NAME"), help=_("bring it back, by its name or its number"))


def _index(actions: Any) -> None:
    grammar = command(actions, "index", _("add documents, and follow folders with --watch"))
    grammar.add_argument("paths", type=name_of, nargs="+", metavar="PATH", help=_("file or folder"))
    grammar.add_argument(
        "--watch", action="store_true", help=_("index what changes in these folders, whenever it does")
    )
    _one_collection(grammar)
    passwords.add_option(grammar, name_of)


def _one_collection(grammar: argparse.ArgumentParser) -> None:
    grammar.add_argument(
        "--collection", type=str.strip, metavar=_("NAME"), default="", help=_("only in this collection")
    )


def settled(found: argparse.Namespace) -> str:
    """What is missing of the words of `library remove`; "": nothing."""
    if found.action == "score":
        return scoring.settled(found)
    if found.action == "remove" and not found.documents and not found.empty_trash:
        return "DOCUMENT"
    return ""


def command_of(arguments: argparse.Namespace, absolute: Absolute) -> Command:
    """What was typed. Paths become absolute: another program may carry it out."""
    match arguments.action:
        case None:
            return ListCollections()
        case "collections":
            return _change_of(arguments)
        case "index":
            paths = tuple(absolute(path) for path in arguments.paths)
            password = passwords.from_file(arguments.password_file) if arguments.password_file else ""
            return Index(paths, arguments.collection or DEFAULT_COLLECTION, password, arguments.watch)
        case "list":
            return ListLibrary(arguments.collection, arguments.removed)
        case "search":
            return Search(" ".join(arguments.query), arguments.k, tuple(filter(None, arguments.collection)))
        case "remove":
            return _removal_of(arguments, absolute)
        case "unwatch":
            return ForgetWatched(absolute(arguments.folder))
        case "pause" | "resume":
            return PauseLibrary(arguments.action == "pause")
        case "forget-passwords":
            return ForgetPasswords(absolute(arguments.file) if arguments.file else "")
        case "check":
            return CheckTheLibrary(arguments.thorough)
        case "score":
            return scoring.command_of(arguments, absolute)
        case _:
            return RebuildTheIndex()


def _change_of(arguments: argparse.Namespace) -> Command:
    if arguments.create is not None:
        return ChangeCollection("create", arguments.create)
    if arguments.rename is not None:
        return ChangeCollection("rename", *arguments.rename)
    if arguments.remove is not None:
        return ChangeCollection("remove", arguments.remove)
    if arguments.restore is not None:
        return ChangeCollection("restore", arguments.restore)
    return ListCollections()


def _removal_of(arguments: argparse.Namespace, absolute: Absolute) -> Command:
    if arguments.empty_trash:
        return EmptyLibraryTrash()
    names = tuple(absolute(name) if len(PurePath(name).parts) > 1 else name for name in arguments.documents)
    return RemoveFromLibrary(names, arguments.collection, arguments.undo)


# ── as JSON ──


def shape(result: LibraryResult, problem_shape: Callable[[Problem], dict[str, str]]) -> dict[str, Any]:
    """What `--json` prints."""
    match result:
        case CollectionsListed(collections, folders, removed):
            return {
                "collections": [msgspec.to_builtins(info) for info in collections],
                "folders": [_folder_shape(folder, problem_shape) for folder in folders],
                "removed": [msgspec.to_builtins(info) for info in removed],
            }
        case LibraryListed(documents):
            return {"documents": [_document_shape(info, problem_shape) for info in documents]}
        case LibraryChanged(what, count):
            return {what: True} if what in ("paused", "resumed") else {what: count}
        case LibraryChecked(checked):
            found: dict[str, Any] = msgspec.to_builtins(checked)
            found.pop("type", None)
            for fault, told in zip(checked.faults, found["faults"], strict=True):
                told["message"], told["hint"] = fault_sentence(fault), fault_remedy(fault)
            return {**found, "sound": not checked.faults}
        case LibraryRebuilt(rebuilt):
            return {"passages": rebuilt.passages}
        case QuestionsListed() | LibraryScored():
            return scoring.shape(result, problem_shape)
        case _:
            assert_never(result)


def _document_shape(info: DocumentInfo, problem_shape: Callable[[Problem], dict[str, str]]) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.to_builtins(info)
    found["error"] = problem_shape(Reported.of(info.error).problem()) if info.error else None
    return found


def _folder_shape(
    folder: WatchedFolder, problem_shape: Callable[[Problem], dict[str, str]]
) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.to_builtins(folder)
    found["problem"] = problem_shape(Reported.of(folder.problem).problem()) if folder.problem else None
    return found


# ── for a person ──


def show(result: LibraryResult, terminal: Terminal) -> None:
    match result:
        case CollectionsListed():
            terminal.line(_overview(result))
        case LibraryListed(documents, removed):
            if documents:
                terminal.line("\n".join(_document(info) for info in documents))
            else:
                empty = _("The trash is empty.") if removed else _("There are no documents here yet.")
                terminal.line(empty)
        case LibraryChanged(what, count):
            terminal.line(_changed(what, count))
        case LibraryChecked(checked):
            terminal.line(_checked(result))
            for fault in checked.faults:
                terminal.line(f"- {fault_sentence(fault)} {fault_remedy(fault)}")
        case LibraryRebuilt(rebuilt):
            said = _("The search index was made anew: {passages}.")
            terminal.line(said.format(passages=passages_words(rebuilt.passages)))
        case QuestionsListed() | LibraryScored():
            scoring.show(result, terminal)
        case _:
            assert_never(result)


def _overview(listed: CollectionsListed) -> str:
    lines = []
    for info in listed.collections:
        documents = ngettext("{count} document", "{count} documents", info.documents)
        held = documents.format(count=number(info.documents))
        lines.append(f"{info.name}: {held}, {passages_words(info.passages)}")
        inside = [folder for folder in listed.folders if folder.collection == info.name]
        lines += ["  " + _folder(folder) for folder in inside]
    for gone in listed.removed:
        said = _("In the trash: {name} ({number}), since {when}")
        lines.append(said.format(name=gone.name, number=gone.number, when=date_and_time(gone.removed_at)))
    return "\n".join(lines)


def _folder(folder: WatchedFolder) -> str:
    said = _("watched: {path}") if folder.watched else _("not watched: {path}")
    line = said.format(path=folder.path)
    if folder.problem is not None:
        problem = Reported.of(folder.problem).problem()
        line += f"\n    {sentence(problem)} {hint(problem)}"
    return line


def _document(info: DocumentInfo) -> str:
    name = PurePath(info.file).name
    if info.error is not None:
        problem = Reported.of(info.error).problem()
        return f"{info.document:>5}  {name}: {sentence(problem)} {hint(problem)}".rstrip()
    if info.state == "indexing":
        return f"{info.document:>5}  {name}: " + _("waiting")
    told = [pages_words(info.pages), passages_words(info.passages)]
    if info.language:
        told.append(language_name(info.language))
    if info.recognized:
        scanned = ngettext("{count} scanned page", "{count} scanned pages", info.recognized)
        told.append(scanned.format(count=number(info.recognized)))
    if info.unread:
        unread = ngettext("{count} page not read", "{count} pages not read", info.unread)
        told.append(unread.format(count=number(info.unread)))
    return f"{info.document:>5}  {name}: " + ", ".join(told)


def _changed(what: str, count: int) -> str:
    match what:
        case "removed":
            said = ngettext(
                "{count} document is in the trash; “remove --undo” brings it back.",
                "{count} documents are in the trash; “remove --undo” brings them back.",
                count,
            )
        case "restored":
            said = ngettext("{count} document is back.", "{count} documents are back.", count)
        case "erased":
            said = ngettext(
                "{count} document was deleted for good.", "{count} documents were deleted for good.", count
            )
        case "unwatched" if count:
            said = _("The folder is not watched any more. Its documents stay.")
        case "unwatched":
            said = _("This folder was not watched.")
        case "forgotten":
            said = ngettext("{count} password was forgotten.", "{count} passwords were forgotten.", count)
        case "paused":
            said = _("Indexing is paused until you resume it: sobremesa library resume")
        case _:
            said = _("Indexing goes on.")
    return said.format(count=number(count))


def _checked(result: LibraryChecked) -> str:
    found = result.checked
    documents = ngettext("{count} document", "{count} documents", found.documents)
    held = ", ".join(
        (
            documents.format(count=number(found.documents)),
            pages_words(found.pages),
            passages_words(found.passages),
        )
    )
    return f"{held}. " + (_("This is wrong:") if found.faults else _("Everything agrees."))
