"""What stands under a reply from documents, in words: how they were asked, and what to look at twice."""

from collections.abc import Sequence
from html import escape
from pathlib import PurePath
from typing import Final

from desktop.core.types import Doubt, Excerpt
from desktop.i18n import _, number
from desktop.view_models.turns import Sources, Turn
from desktop.words.answers import look_again, looked

TIP_CHARACTERS: Final = 420  # of a passage


def remark(sources: Sources) -> str:
    """What is to be known before the sources of a reply are read; "" where they speak for themselves."""
    if sources.kind == "nearest":
        return _("The reply names no source. These pages were closest to your question:")
    if sources.kind == "nothing":
        return _("Nothing in your documents was close to this question. The reply is the model's own.")
    return ""


def doubt(one: Doubt) -> str:
    """A tip at the words themselves."""
    if one.kind == "no_such_source":
        return _("There is no source {what}.").format(what=one.what)
    return _("“{what}” is not in the sources given for it.").format(what=one.what)


def place(excerpt: Excerpt) -> str:
    """Where a passage stands: "museum.pdf, p. 3"."""
    name = PurePath(excerpt.file.replace("\\", "/")).name
    return _("{file}, p. {page}").format(file=name, page=number(excerpt.page))


def passage(turn: Turn, n: int) -> Excerpt | None:
    return next((excerpt for excerpt in turn.excerpts if excerpt.n == n), None)


def passage_tip(turn: Turn, n: int) -> str:
    """The passage behind [n], as rich text for a tool tip; "" where there is none."""
    excerpt = passage(turn, n)
    if excerpt is None:
        return ""
    return f"<qt><b>{escape(place(excerpt))}</b><br>{escape(shortened(excerpt.text))}</qt>"


def passage_spoken(turn: Turn, n: int) -> str:
    """The same for a screen reader."""
    excerpt = passage(turn, n)
    return f"{place(excerpt)}. {shortened(excerpt.text)}" if excerpt is not None else ""


def spoken(turn: Turn, doubts: Sequence[Doubt]) -> str:
    """What stands under a reply, for a screen reader that reads the message."""
    sources = turn.sources
    return " ".join([*looked(sources.looked), *look_again(doubts)]) if sources is not None else ""


def shortened(text: str, most: int = TIP_CHARACTERS) -> str:
    """In one line, cut at a word."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[:most].rsplit(" ", 1)[0] + " …"
