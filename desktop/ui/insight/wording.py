"""What is said about the tokens of a reply and about its cost, in words. Computes nothing."""

from typing import Final

from desktop.i18n import _, number, percent
from desktop.ui.prompt_view import glyphs
from desktop.view_models.chances import Chance, Chances, Cut
from engine.protocol import TokenDetail

_TINY: Final = 0.001


def share(p: float) -> str:
    """A probability as a person reads it: "37 %", "0.4 %", "< 0.1 %"."""
    if 0 < p < _TINY:
        return f"< {percent(_TINY, 1)}"
    return percent(p, 1) if 0 < p < 0.1 else percent(p)


def token_text(text: str, number_of_it: int) -> str:
    """A token by its text; one without any, by what it does."""
    return (
        glyphs.quoted(text)
        if text
        else _("end of the reply, or a mark (number {id})").format(id=number_of_it)
    )


def token(detail: TokenDetail, at: int, count: int) -> str:
    """A token of a reply for a tool tip and for a screen reader."""
    place = _("token {at} of {count}").format(at=number(at + 1), count=number(count))
    likely = _("likely by {before}, after the samplers by {after}").format(
        before=share(detail.p_before), after=share(detail.p_after)
    )
    return f"{token_text(detail.text, detail.id)} · {place} · {likely}"


def rank(detail: TokenDetail) -> str:
    """Where among the likeliest the token stood that was drawn."""
    at = next((n for n, one in enumerate(detail.before, start=1) if one.id == detail.id), None)
    if at is None:
        return _("not among the {count} likeliest").format(count=number(len(detail.before)))
    return _("the likeliest") if at == 1 else _("number {rank} of the likeliest").format(rank=number(at))


def cut_by(cut: Cut) -> str:
    names: dict[str, str] = {"top_k": "top-k", "top_p": "top-p", "min_p": "min-p", "": ""}
    return names[cut]


def row(one: Chance, *, chosen: bool, cut: str) -> str:
    """A line of the list for a screen reader."""
    parts = [
        token_text(one.text, one.id),
        _("by the model {p}").format(p=share(one.before)),
        _("after the samplers {p}").format(p=share(one.after)),
    ]
    if cut:
        parts.append(_("cut by {sampler}").format(sampler=cut))
    if chosen:
        parts.append(_("this one was drawn"))
    return ", ".join(parts)


def rest(made: Chances) -> str:
    """What is known of all the other tokens."""
    count = number(len(made.known))
    if not made.rest_before:
        return ""
    if not made.rest:
        return _("All tokens but these {count}: cut.").format(count=count)
    said = {
        "exact": _("All tokens but these {count}: {p}."),
        "least": _("All tokens but these {count}: {p} at least; only these are known."),
        "most": _("All tokens but these {count}: {p} at most; only these are known."),
    }
    return said[made.sure].format(count=count, p=share(made.rest))
