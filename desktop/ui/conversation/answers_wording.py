"""What stands under a reply from documents, in words: how they were asked, and what to look at twice."""

from collections.abc import Sequence
from html import escape
from pathlib import PurePath
from typing import Final

from desktop.core.answers.grounding import Doubt
from desktop.core.types import Excerpt, ExcerptsPart
from desktop.i18n import _, ngettext, number
from desktop.view_models.turns import Sources, Turn

MOST_NAMED: Final = 6  # doubts in a line
TIP_CHARACTERS: Final = 420  # of a passage


def remark(sources: Sources) -> str:
    """What is to be known before the sources of a reply are read; "" where they speak for themselves."""
    if sources.kind == "nearest":
        return _("The reply names no source. These pages were closest to your question:")
    if sources.kind == "nothing":
        return _("Nothing in your documents was close to this question. The reply is the model's own.")
    return ""


def looked(how: ExcerptsPart) -> list[str]:
    """How the documents were asked, a line for each thing that is worth one."""
    lines = []
    if how.query:
        lines.append(_("Searched for: {query}").format(query=" ".join(how.query.split())))
    if how.way == "whole":
        lines.append(_("The documents were read whole."))
    elif how.way == "page":
        lines.append(_("Found in the index, without the model."))
    elif how.way == "every" and how.read and how.read < how.documents:
        said = _("From {read} of {documents} documents.")
        lines.append(said.format(read=number(how.read), documents=number(how.documents)))
    if how.indexing:
        said = ngettext(
            "{count} file was still being indexed: what it says is missing here.",
            "{count} files were still being indexed: what they say is missing here.",
            how.indexing,
        )
        lines.append(said.format(count=number(how.indexing)))
    return lines


def look_again(doubts: Sequence[Doubt]) -> list[str]:
    """Up to two lines, for what stands in no source and for what leads to none."""
    lines = []
    nowhere = _names(doubts, "not_in_source")
    if nowhere:
        said = ngettext(
            "Look again: {what} is not in the sources given for it.",
            "Look again: {what} are not in the sources given for them.",
            len(nowhere),
        )
        lines.append(said.format(what=_listed(nowhere)))
    lost = _names(doubts, "no_such_source")
    if lost:
        said = ngettext(
            "Look again: {what} leads to no source.", "Look again: {what} lead to no source.", len(lost)
        )
        lines.append(said.format(what=_listed(lost)))
    return lines


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


def _names(doubts: Sequence[Doubt], kind: str) -> list[str]:
    return list(dict.fromkeys(one.what for one in doubts if one.kind == kind))


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:MOST_NAMED])
    more = len(names) - MOST_NAMED
    return shown if more <= 0 else _("{names} and {count} more").format(names=shown, count=number(more))
