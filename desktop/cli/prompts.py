"""`sobremesa prompts`: what can be typed, which command it means, and what is printed."""

import argparse
import textwrap
from collections.abc import Callable
from typing import Any, assert_never

import msgspec

from desktop.cli.terminal import Terminal
from desktop.core.commands.prompts import (
    ExportPrompts,
    ImportPrompts,
    ListPrompts,
    PromptsAdded,
    PromptsCommand,
    PromptsExported,
    PromptShown,
    PromptsListed,
    PromptsResult,
    ShowPrompt,
)
from desktop.core.types.prompts import PromptContent, PromptInfo
from desktop.i18n import _, date_and_time, ngettext, number

MOST = 1_000_000_000

# how a command of the grammar is begun: (commands, name, short, long)
Begin = Callable[..., argparse.ArgumentParser]


def add_prompts(commands: Any, begin: Begin, parser_class: type[argparse.ArgumentParser], name: Any) -> None:
    """The words and options of the command. `name`: the type of a file's name."""
    grammar = begin(
        commands,
        "prompts",
        _("list your system prompts, show one, export or import them"),
        _(
            "Your library of system prompts, and those that came with Sobremesa. A PROMPT is named by its\n"
            "name or by its key, which --json prints."
        ),
    )
    actions = grammar.add_subparsers(dest="action", metavar=_("ACTION"), parser_class=parser_class)
    listing = begin(actions, "list", _("list your prompts, as without an action"))
    listing.add_argument("query", nargs="*", metavar="QUERY", help=_("words that it holds"))
    listing.add_argument("--all", action="store_true", help=_("also those that are hidden"))
    show = begin(actions, "show", _("show a prompt with its examples"))
    show.add_argument("prompt", nargs="+", metavar="PROMPT", help=_("its name or its key"))
    show.add_argument("--version", type=_version, default=0, metavar="N", help=_("an older version of it"))
    export = begin(
        actions,
        "export",
        _("write prompts into a file"),
        _(
            "Write all your prompts with folders, versions and examples into one JSON file, or those that\n"
            "--prompt names. A FILE that ends in .md or .txt takes the text of one."
        ),
    )
    incoming = begin(actions, "import", _("add the prompts of a file, or a text as one"))
    for action in (export, incoming):
        action.add_argument("file", type=name, metavar=_("FILE"), help=_("the file"))
    export.add_argument(
        "--prompt", action="append", default=[], metavar="PROMPT", help=_("this one; may be repeated")
    )


def command_of(arguments: argparse.Namespace, absolute: Callable[[str], str]) -> PromptsCommand:
    """What was typed. Paths become absolute: another program may carry it out."""
    match arguments.action:
        case "show":
            return ShowPrompt(" ".join(arguments.prompt), arguments.version)
        case "export":
            return ExportPrompts(absolute(arguments.file), tuple(arguments.prompt))
        case "import":
            return ImportPrompts(absolute(arguments.file))
        case "list":
            return ListPrompts(" ".join(arguments.query), arguments.all)
        case _:
            return ListPrompts()


def shape(result: PromptsResult) -> dict[str, Any]:
    """What `--json` prints."""
    match result:
        case PromptsListed(prompts):
            return {"prompts": [_info(one) for one in prompts]}
        case PromptShown(prompt, shown, versions):
            content = shown.content if shown is not None else prompt.draft or prompt.content
            return {
                "prompt": _info(prompt.info),
                "version": shown.number if shown is not None else 0,
                "content": msgspec.to_builtins(content),
                "versions": [{"number": one.number, "saved_at": one.saved_at} for one in versions],
            }
        case PromptsExported(path, count):
            return {"file": path, "prompts": count}
        case PromptsAdded(imported, prompts):
            return {"added": [_info(one) for one in prompts], "present": imported.present}
        case _:
            assert_never(result)


def show(result: PromptsResult, terminal: Terminal) -> None:
    """What a person reads."""
    match result:
        case PromptsListed(prompts):
            terminal.line(_listed(prompts))
        case PromptShown(prompt, shown, versions):
            content = shown.content if shown is not None else prompt.draft or prompt.content
            saved = shown.saved_at if shown is not None else 0.0
            number_ = shown.number if shown is not None else 0
            terminal.line(_whole(prompt.info, content, number_, len(versions), saved))
        case PromptsExported(path, count):
            words = ngettext("{count} prompt is in {path} now.", "{count} prompts are in {path} now.", count)
            terminal.line(words.format(count=number(count), path=path))
        case PromptsAdded(imported, prompts):
            terminal.line(_added(prompts, imported.present))
        case _:
            assert_never(result)


def _listed(prompts: tuple[PromptInfo, ...]) -> str:
    if not prompts:
        return _("No prompt has these words.")
    lines: list[str] = []
    heading = ""
    for one in sorted(prompts, key=lambda one: (not one.own, one.language, one.folder.casefold())):
        above = one.folder or _("Your prompts") if one.own else _came_along(one.language)
        if above != heading:
            lines.append(above)
            heading = above
        lines.append(f"  {one.name}" + _marks(one))
    return "\n".join(lines)


def _came_along(language: str) -> str:
    if language == "es":
        return _("Came with Sobremesa, in Spanish")
    return _("Came with Sobremesa, in English")


def _marks(one: PromptInfo) -> str:
    marks = []
    if one.hidden:
        marks.append(_("hidden"))
    if one.has_draft:
        marks.append(_("with changes that are not saved"))
    if one.default_for:
        marks.append(_("new chats begin with it"))
    return f" ({', '.join(marks)})" if marks else ""


def _whole(info: PromptInfo, content: PromptContent, version: int, versions: int, saved_at: float) -> str:
    lines = [content.name + _marks(info)]
    if info.folder:
        lines.append(_("Folder: {folder}").format(folder=info.folder))
    if versions > 1:
        words = _("Version {version} of {versions}, saved {when}")
        lines.append(
            words.format(version=number(version), versions=number(versions), when=date_and_time(saved_at))
        )
    lines += ["", content.text]
    for example in content.examples:
        lines += ["", f"> {_hanging(example.question)}", _hanging(example.reply)]
    if content.defaults:
        lines += ["", *(f"{{{{{name}}}}} = {value}" for name, value in content.defaults.items())]
    if content.json_schema:
        lines += ["", _("Replies follow this JSON schema: {schema}").format(schema=content.json_schema)]
    return "\n".join(lines)


def _hanging(text: str) -> str:
    return textwrap.indent(text, "  ").lstrip()


def _added(prompts: tuple[PromptInfo, ...], present: int) -> str:
    lines = [f"  {one.name}" for one in prompts]
    if prompts:
        words = ngettext("{count} prompt was added:", "{count} prompts were added:", len(prompts))
        lines.insert(0, words.format(count=number(len(prompts))))
    if present:
        words = ngettext("{count} prompt was there already.", "{count} prompts were there already.", present)
        lines.append(words.format(count=number(present)))
    return "\n".join(lines)


def _info(one: PromptInfo) -> dict[str, Any]:
    return {
        "key": one.key,
        "name": one.name,
        "folder": one.folder,
        "own": one.own,
        "language": one.language,
        "hidden": one.hidden,
        "version": one.version,
        "has_draft": one.has_draft,
        "updated_at": one.updated_at,
    }


def _version(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and 1 <= int(text[:12]) < MOST):
        raise argparse.ArgumentTypeError(
            _("“{text}” is no version: they are numbered from 1").format(text=text)
        )
    return int(text)
