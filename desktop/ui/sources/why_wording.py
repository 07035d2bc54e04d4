"""Why a search kept or cut a passage, in words."""

from pathlib import PurePath

from desktop.core.types import Problem
from desktop.i18n import _, ngettext, number, percent
from desktop.words import sentence
from rag.protocol import SearchTrace
from rag.search_values import Candidate, Evidence, Fate


def groups() -> dict[Fate, str]:
    """What became of candidates, in the order in which they are told."""
    return {
        "kept": _("Given to the model"),
        "joined": _("Joined to another one"),
        "duplicate": _("Repeat another one"),
        "budget": _("After the last place"),
        "floor": _("Below the floor"),
        "far": _("Not near the question"),
        "outside": _("Outside of what was searched"),
        "gone": _("In no document any more"),
    }


def summary(trace: SearchTrace) -> str:
    """How much was searched, and what a passage must reach."""
    among = ngettext("Searched {count} passage.", "Searched {count} passages.", trace.passages)
    floor = _("Below {percent} confidence a passage is cut.").format(percent=percent(trace.floor, 1))
    said = [among.format(count=number(trace.passages)), floor]
    if trace.reranker:
        said.append(_("{name} read the first ones again.").format(name=trace.reranker))
    elif trace.reranker_problem is not None:
        problem = trace.reranker_problem
        said.append(sentence(Problem(problem.code, dict(problem.params), problem.detail)))
    return " ".join(said)


def place(one: Candidate) -> str:
    name = PurePath(one.file.replace("\\", "/")).name
    return _("{file}, p. {page}").format(file=name, page=number(one.page))


def place_and_confidence(one: Candidate) -> str:
    """Where it stands, and how sure the search is of it."""
    said = _("{place} · {percent}")
    return said.format(place=place(one), percent=percent(one.evidence.confidence))


def ranks(found: Evidence) -> str:
    """The ranks in short; a dash for a ranking that does not hold the passage."""
    meaning, words, both = (
        number(rank) if rank else "–" for rank in (found.meaning_rank, found.words_rank, found.fused_rank)
    )
    said = _("meaning {meaning} · words {words} · both {both}")
    return said.format(meaning=meaning, words=words, both=both)


def reason(one: Candidate, trace: SearchTrace) -> str:
    """Why this passage came, or did not."""
    match one.fate:
        case "kept":
            why = _("It was given to the model.")
        case "floor":
            said = _("It was cut: its confidence of {percent} is below the floor of {floor}.")
            why = said.format(percent=percent(one.evidence.confidence), floor=percent(trace.floor, 1))
        case "duplicate":
            why = _("It was cut: it repeats another passage that is there.")
        case "joined":
            why = _("Its text is part of a passage beside it that was given.")
        case "budget":
            why = _(
                "It was cut: it comes after the last place. The setting for excerpts says how many there are."
            )
        case "far":
            why = _("It is not among the nearest by meaning, and has too few of the question's words.")
        case "outside":
            why = _("It is in no collection that this chat draws from.")
        case "gone":
            return _("It is in no document any more: it was removed or read anew.")
    return f"{why} {evidence(one.evidence)}"


def evidence(found: Evidence) -> str:
    """Its ranks, in a sentence each."""
    parts = []
    if found.meaning_rank:
        parts.append(_("By meaning it is number {rank}.").format(rank=number(found.meaning_rank)))
    elif found.cosine is None:
        parts.append(_("Its meaning is not indexed yet."))
    if found.words_rank:
        said = _("By words it is number {rank}, with {percent} of what the question's words weigh.")
        parts.append(said.format(rank=number(found.words_rank), percent=percent(found.words_share)))
    if found.fused_rank:
        parts.append(_("Together it is number {rank}.").format(rank=number(found.fused_rank)))
    if found.reranked is not None:
        parts.append(_("The reranker gives it {score}.").format(score=number(found.reranked, 2)))
    return " ".join(parts)
