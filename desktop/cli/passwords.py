"""Passwords of documents on the command line: from a file, or asked for where a person sits. Prints none."""

import argparse
import getpass
import sys
from collections.abc import Callable
from pathlib import Path, PurePath

from desktop.core.commands import Index, Indexed, Result
from desktop.core.errors import FileUnreadable
from desktop.i18n import _
from rag.protocol import IndexedDocument

MOST_CHARACTERS = 10_000
TRIES = 3
_ASKS = frozenset({"document_encrypted", "document_wrong_password"})


def add_option(grammar: argparse.ArgumentParser, name: Callable[[str], str]) -> None:
    """`--password-file`; `name` reads a path."""
    grammar.add_argument(
        "--password-file",
        type=name,
        metavar=_("FILE"),
        help=_("its first line is the password of those that ask for one; “-” reads it from standard input"),
    )


def from_file(path: str) -> str:
    """The first line of a file, or of standard input for "-". Raises FileUnreadable."""
    try:
        if path == "-":
            return sys.stdin.readline(MOST_CHARACTERS).rstrip("\r\n")
        with Path(path).expanduser().open(encoding="utf-8-sig") as file:
            return file.readline(MOST_CHARACTERS).rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise FileUnreadable(str(error), path=path) from error


def a_person_sits_there() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty()


def asked_for(command: Index, result: Indexed, run: Callable[[Index], Result]) -> Indexed:
    """Ask for the password of each document that wants one, and index it anew.

    Where no person sits, and where a password was given, the result stays as it is. An empty answer leaves
    that document out.
    """
    if command.password or not a_person_sits_there():
        return result
    return Indexed(tuple(_opened(command, one, run) for one in result.documents), result.cancelled)


def _opened(command: Index, one: IndexedDocument, run: Callable[[Index], Result]) -> IndexedDocument:
    for _number in range(TRIES):
        if one.error is None or one.error.code not in _ASKS:
            break
        name = PurePath(one.file).name
        password = getpass.getpass(_("Password of {file}: ").format(file=name))
        if not password:
            break
        again = run(Index((one.file,), command.collection, password))
        if isinstance(again, Indexed) and again.documents:
            one = again.documents[0]
    return one
