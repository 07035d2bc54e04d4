"""What every command's grammar is built of: the parser, the options all share, and the types of words."""

import argparse
import sys
from collections.abc import Collection
from pathlib import Path
from typing import Any, NoReturn

from desktop import i18n
from desktop.cli.shapes import print_json
from desktop.i18n import N_, _
from engine.template_texts import NAMES

# argparse looks its own words up in the same catalogue, which lists only what stands in our source
ARGPARSE_WORDS = (
    N_("usage: "),
    N_("positional arguments"),
    N_("options"),
    N_("show this help message and exit"),
    N_("expected one argument"),
    N_("expected at least one argument"),
    N_("unrecognized arguments: %s"),
    N_("the following arguments are required: %s"),
    N_("argument %(argument_name)s: %(message)s"),
    N_("invalid choice: %(value)r (choose from %(choices)s)"),
    N_("invalid %(type)s value: %(value)r"),
    N_("ambiguous option: %(option)s could match %(matches)s"),
    N_("not allowed with argument %s"),
)

MOST_PASSAGES = 1000


class WrongUsage(Exception):
    """What argparse would have ended the program with."""

    def __init__(self, grammar: argparse.ArgumentParser, message: str) -> None:
        super().__init__(message)
        self.grammar = grammar
        self.message = message


class Parser(argparse.ArgumentParser):
    """Hands wrong usage to `parsed`, which knows whether JSON is wanted. `names`: its commands."""

    names: Collection[str] = ()

    def error(self, message: str) -> NoReturn:
        raise WrongUsage(self, message)


def wrong_usage(program: str, message: str, *, as_json: bool, hint: str = "") -> NoReturn:
    """Exit code 2, with one JSON object on stdout or two lines on stderr."""
    hint = hint or _("Try: {command}").format(command=f"{program} --help")
    if as_json:
        print_json({"error": {"code": "usage", "message": message, "hint": hint}})
    else:
        sys.stderr.write(f"{program}: {message}\n{hint}\n")
    sys.exit(2)


def common(grammar: argparse.ArgumentParser, *, default: bool = False) -> None:
    """The options that stand before or after the command. Only the first parser may set a default:
    the second would overwrite what was typed before the command."""
    missing = None if default else argparse.SUPPRESS
    grammar.add_argument(
        "--data-dir",
        type=folder_of,
        default=missing,
        metavar=_("DIR"),
        help=_("keep chats, documents and settings in DIR; your models are found all the same"),
    )
    grammar.add_argument(
        "--json",
        action="store_true",
        default=False if default else argparse.SUPPRESS,
        help=_("print one JSON object and nothing else"),
    )
    grammar.add_argument(
        "--passphrase-file",
        type=name_of,
        default=missing,
        metavar=_("FILE"),
        help=_("its first line is the passphrase of encrypted chats; “-” reads it from standard input"),
    )


def command(commands: Any, name: str, short: str, long: str = "") -> argparse.ArgumentParser:
    made: argparse.ArgumentParser = commands.add_parser(
        name,
        help=short,
        description=long or short,
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    common(made)
    return made


def model_option(grammar: argparse.ArgumentParser) -> None:
    grammar.add_argument(
        "--model",
        type=name_of,
        metavar=_("FILE"),
        help=_("answer with this GGUF file instead of the one you chose"),
    )


def templating_options(grammar: argparse.ArgumentParser) -> None:
    grammar.add_argument(
        "--template",
        type=name_of,
        metavar=_("NAME"),
        help=_(
            "speak to the model by this template: {names}, or a file; “completion” continues your text"
        ).format(names=", ".join(NAMES)),
    )
    grammar.add_argument(
        "--template-arguments",
        default="",
        metavar="JSON",
        help=_("what its template reads beside the messages, as a JSON object"),
    )
    grammar.add_argument(
        "--thinking",
        choices=("automatic", "on", "off"),
        default="automatic",
        help=_("whether a model that can think before it answers does so"),
    )


def count(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and 1 <= int(text[:9]) <= MOST_PASSAGES):
        message = _("“{text}” is not a whole number from 1 to {most}")
        raise argparse.ArgumentTypeError(message.format(text=text, most=i18n.number(MOST_PASSAGES)))
    return int(text)


def name_of(text: str) -> str:
    """Of a file or folder. An empty one, as unset variables leave them, would mean the current folder."""
    if not text.strip():
        raise argparse.ArgumentTypeError(_("the name is empty"))
    try:
        Path(text).expanduser().absolute()
    except (RuntimeError, FileNotFoundError) as error:  # "~nobody/x", or the current folder was deleted
        raise argparse.ArgumentTypeError(_("“{text}” leads nowhere").format(text=text)) from error
    return text


def folder_of(text: str) -> Path:
    return Path(name_of(text))
