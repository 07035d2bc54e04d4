"""Ways of searching and how they did, in words. Measures nothing."""

from pathlib import PurePath

from desktop.core.types.scoring import LibraryScore, MakingQuestions, OwnQuestion, ScoringEvent, VariantScore
from desktop.i18n import _, ngettext, number, percent
from desktop.words.settings import setting_label

FEW = 20  # questions: below, one more or less found says little


def variant(score: VariantScore) -> str:
    """What is different in it."""
    changed = score.variant.settings
    if not changed:
        return _("As it is now")
    return ", ".join(_change(name, value) for name, value in changed.items())


def _change(name: str, value: bool | str | float) -> str:
    if name == "reranker_path":
        return _("Without the reranker")
    if isinstance(value, bool):
        told = _("on") if value else _("off")
    else:
        told = percent(float(value) / 100) if name.endswith("_percent") else number(float(value))
    return _("{setting}: {value}").format(setting=setting_label(name), value=told)


def found(score: VariantScore) -> str:
    """How many answers are among the passages it gives: "21 of 24"."""
    k = score.variant.passages
    return _("{count} of {total}").format(count=number(score.found(k)), total=number(len(score.ranks)))


def mrr(score: VariantScore) -> str:
    return number(score.mrr, 3)


def summary(score: LibraryScore) -> str:
    """What the present settings do, in a sentence or two."""
    present = score.present
    said = ngettext(
        "With your settings {found} answers are among the first {count} passage.",
        "With your settings {found} answers are among the first {count} passages.",
        present.variant.passages,
    )
    lines = [said.format(found=found(present), count=number(present.variant.passages))]
    if score.best:
        better = score.scores[score.best]
        k, fewer = better.variant.passages, better.variant.passages < present.variant.passages
        equal = fewer and better.found(k) <= present.found(present.variant.passages)
        told = _("As good with less to read: {what}.") if equal else _("Better: {what}, with {found}.")
        lines.append(told.format(what=variant(better), found=found(better)))
    else:
        lines.append(_("Nothing that was tried is better."))
    if len(score.questions) < FEW:
        lines.append(_("These are few questions: one more or less found says little."))
    return " ".join(lines)


def place(one: OwnQuestion) -> str:
    name = PurePath(one.file.replace("\\", "/")).name
    return _("{file}, p. {page}").format(file=name, page=number(one.page))


def progress(event: ScoringEvent) -> str:
    if isinstance(event, MakingQuestions):
        said = _("Questions from your documents: {done} of {total}…")
        return said.format(done=number(event.made), total=number(event.wanted))
    return _("Asking question {done} of {total}…").format(
        done=number(min(event.done + 1, event.total)), total=number(event.total)
    )
