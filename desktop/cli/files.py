"""Files in the place of a command: what a double-click hands over, and the window takes. Opens none."""

import os
from collections.abc import Collection, Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

VALUED = ("--data-dir",)  # options whose next word is theirs
URL = "file:"


def parted(words: Sequence[str], commands: Collection[str]) -> tuple[list[str], tuple[str, ...]]:
    """Options alone, and the files as absolute paths; `words` as they are and no files where there is a
    command, or a word that is neither: a command that was mistyped is no file."""
    options: list[str] = []
    named: list[str] = []
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if word == "--":
            named += rest
            break
        if word.startswith("-") and word != "-":
            options.append(word)
            if word in VALUED and rest:
                options.append(rest.pop(0))
        else:
            named.append(word)
    if not named or named[0] in commands or not all(map(_names_a_file, named)):
        return list(words), ()
    return options, tuple(map(_absolute, named))


def _names_a_file(word: str) -> bool:
    """It has a folder or an ending in it, or stands on the disk."""
    if word.startswith(URL) or os.path.dirname(word) or os.path.splitext(word)[1]:  # noqa: PTH120, PTH122 - of a word
        return True
    return os.path.exists(word)  # noqa: PTH110 - Path.exists() raises where a name is too long


def _absolute(word: str) -> str:
    if word.startswith(URL):
        word = _path_of(urlsplit(word).path)
    # bytes of another encoding cannot cross to the core; what is shown then says which file was meant
    text = os.fsencode(word).decode("utf-8", "replace")
    try:
        return str(Path(text).expanduser().absolute())
    except (RuntimeError, FileNotFoundError):  # "~nobody/x", or the current folder was deleted
        return text


def _path_of(address: str) -> str:
    if os.name != "nt":
        return unquote(address)
    from urllib.request import url2pathname  # there alone: it brings the network's modules

    return url2pathname(unquote(address))
