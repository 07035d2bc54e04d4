"""How documents answered, in words: how they were asked, and what to look at twice."""

from collections.abc import Sequence
from typing import Final

from desktop.core.types import Doubt, ExcerptsPart
from desktop.i18n import _, ngettext, number

MOST_NAMED: Final = 6  # doubts in a line


def looked(how: ExcerptsPart) -> list[str]:
    """How the documents were asked, a line for each thing that is worth one."""
    lines = []
    if how.query:
        lines.append(_("Searched for: {query}").format(query=" ".join(how.query.split())))
    if how.way == "whole":
        lines.append(_("The documents were read whole."))
    elif how.way == "page":
        lines.append(_("Found in the index, without the model."))
    if how.indexing and how.documents > how.read:
        said = ngettext(
            "From {read} of {documents} documents: {count} was still being indexed.",
            "From {read} of {documents} documents: {count} were still being indexed.",
            how.indexing,
        )
        counts = {"read": number(how.read), "documents": number(how.documents)}
        lines.append(said.format(count=number(how.indexing), **counts))
    elif how.indexing:  # of a turn from before documents were counted
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


def _names(doubts: Sequence[Doubt], kind: str) -> list[str]:
    return list(dict.fromkeys(one.what for one in doubts if one.kind == kind))


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:MOST_NAMED])
    more = len(names) - MOST_NAMED
    return shown if more <= 0 else _("{names} and {count} more").format(names=shown, count=number(more))
