"""What can be typed after `sobremesa`, and what each of it means. Carries out nothing."""

import argparse
import gettext
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from desktop import i18n
from desktop.cli import hub_arguments
from desktop.cli.asking import add_ask, add_chat, add_index, add_search, settle_ask
from desktop.cli.chats import add_chats
from desktop.cli.doctor import add_doctor
from desktop.cli.files import parted
from desktop.cli.grammar import Parser, WrongUsage, command, common, folder_of, name_of, wrong_usage
from desktop.cli.library import add_library, settled
from desktop.cli.model_arguments import add_models, settle_quantize
from desktop.cli.prompts import add_prompts
from desktop.cli.train import add_train
from desktop.i18n import _


def speak(code: str) -> None:
    """Choose the language, also for what argparse says by itself."""
    os.environ["LANGUAGE"] = i18n.set_language(code)
    gettext.bindtextdomain(i18n.DOMAIN, str(i18n.FOLDER))
    gettext.textdomain(i18n.DOMAIN)


def data_dir_of(arguments: Sequence[str]) -> Path | None:
    """`--data-dir` before anything else is understood: the language of help stands in its settings."""
    early = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    early.add_argument("--data-dir", type=folder_of)
    try:
        return early.parse_known_args(list(arguments))[0].data_dir  # type: ignore[no-any-return]
    except (argparse.ArgumentError, SystemExit):
        return None  # the real parser will say so


class _NotText(Exception):
    """A word that no message can carry, as it holds bytes of another encoding."""


def parser() -> Parser:
    """The whole grammar, in the language in use."""
    top = Parser(
        prog="sobremesa",
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description=_(
            "A private assistant on your own computer. Without a command it opens its window.\n"
            "Nothing you write leaves this machine."
        )
        + "\n\n"
        + _(
            "With files in the place of a command, the window takes them: a model is looked at and can\n"
            "be used, anything else is added to your documents."
        ),
        epilog=_("Exit codes: 0 done, 1 error, 2 wrong usage, 130 stopped with Ctrl+C."),
    )
    top.add_argument(
        "--version",
        action="version",
        version=f"sobremesa {_version()}",
        # argparse does not look this one up by itself
        help=_("show program's version number and exit"),
    )
    common(top, default=True)
    commands = top.add_subparsers(dest="command", metavar=_("COMMAND"), parser_class=Parser)
    top.names = commands.choices
    add_chat(commands)
    add_index(commands)
    add_search(commands)
    add_ask(commands)
    add_library(commands, Parser)
    add_models(commands)
    add_chats(commands, command, Parser, name_of)
    add_prompts(commands, command, Parser, name_of)
    add_train(commands, command, Parser, name_of)
    add_doctor(commands)
    return top


def parsed(arguments: Sequence[str]) -> argparse.Namespace:
    """`files`: what stands in the place of a command. Exits with 2 on wrong usage, with 0 after --help and
    --version."""
    try:
        grammar = parser()
        words, files = parted(arguments, grammar.names)
        _check_text(words)
        found, rest = grammar.parse_known_args(words)
        found.files = files
        if rest and not hub_arguments.takes(found, rest):
            grammar.error(_("unrecognized arguments: %s") % " ".join(rest))
        if found.command == "ask":
            settle_ask(found)
        elif found.command == "models" and found.action == "quantize":
            settle_quantize(found)
        elif found.command == "library" and (missing := settled(found)):
            grammar.error(_("the following arguments are required: %s") % missing)
        elif found.command == "chat" and found.json and not found.prompt and sys.stdin.isatty():
            wrong_usage("sobremesa chat", _("--json needs a PROMPT"), as_json=True)
    except _NotText as wrong:
        hint = _("Rename the file, or write the words in UTF-8.")
        wrong_usage("sobremesa", str(wrong), as_json="--json" in arguments, hint=hint)
    except WrongUsage as wrong:
        as_json = "--json" in arguments
        if not as_json:
            wrong.grammar.print_usage(sys.stderr)
        wrong_usage(wrong.grammar.prog, wrong.message, as_json=as_json)
    return found


def _check_text(arguments: Sequence[str]) -> None:
    for word in arguments:
        if not word.isprintable() and any("\ud800" <= letter <= "\udfff" for letter in word):
            shown = word.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
            raise _NotText(_("“{word}” is not text in UTF-8").format(word=shown))


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("sobremesa")
    except PackageNotFoundError:
        return ""
