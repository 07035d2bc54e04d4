"""What a person reads of quantizing: a sentence for each type, how it goes, what came of it."""

from collections.abc import Mapping
from typing import Literal

from desktop import words
from desktop.core.types.models import Measured, QuantizedModel
from desktop.i18n import N_, _, ngettext, number, percent

# each type of engine.quantization.TYPES, from the finest to the smallest
TYPE_WORDS: Mapping[str, str] = {
    "F16": N_(
        "Half precision: hardly anything is lost, and hardly anything is saved. The best source for others."
    ),
    "BF16": N_("As large as F16, with the range of F32. For models that were trained in BF16."),
    "Q8_0": N_("Practically as good as the original, at half its size."),
    "Q6_K": N_("Very close to the original."),
    "Q5_1": N_("Good; for models whose shape the K types do not suit."),
    "Q5_K_M": N_("Good, a little larger than Q4_K_M. Take it where it fits."),
    "Q5_K_S": N_("Good, a little smaller than Q5_K_M."),
    "Q5_0": N_("Good; for models whose shape the K types do not suit."),
    "Q4_1": N_("An older type; Q4_K_M is usually better."),
    "Q4_K_M": N_("The usual choice: a quarter of the size, and little is lost."),
    "IQ4_NL": N_("As small as Q4_0 and a little better; slower on some processors."),
    "Q4_K_S": N_("A little smaller than Q4_K_M, and a little worse."),
    "Q4_0": N_("An older type, fast on many processors; for models whose shape the K types do not suit."),
    "IQ4_XS": N_("The smallest of four bits; slower on some processors."),
    "Q3_K_L": N_("Small; what is lost begins to show."),
    "Q3_K_M": N_("Small; what is lost shows."),
    "Q3_K_S": N_("Very small; what is lost shows clearly."),
    "Q2_K": N_("The smallest: much is lost. Only where nothing else fits."),
}


def type_sentence(name: str) -> str:
    """What a type is good for; "" for one that is not offered."""
    return _(TYPE_WORDS[name]) if name in TYPE_WORDS else ""


def bits(value: float) -> str:
    return _("{bits} bits per weight").format(bits=number(round(value, 2)))


def stage(name: Literal["measuring_before", "quantizing", "measuring_after"], done: float) -> str:
    """How far it has come."""
    stages = {
        "measuring_before": _("Measuring the original… {share}"),
        "quantizing": _("Quantizing… {share}"),
        "measuring_after": _("Measuring the new one… {share}"),
    }
    return stages[name].format(share=percent(done))


def perplexities(made: QuantizedModel) -> str:
    """How well each predicts the text; "" where neither was measured."""
    if made.before is not None and made.after is not None:
        change = made.after.perplexity / made.before.perplexity - 1
        sign = "+" if change >= 0 else "−"
        return _("{before} before, {after} now ({sign}{percent} %); lower is better").format(
            before=_figure(made.before),
            after=_figure(made.after),
            sign=sign,
            percent=number(round(abs(change) * 100, 1)),
        )
    if made.after is not None:
        return _("{after} now; lower is better").format(after=_figure(made.after))
    if made.before is not None:
        return _("{before} before; lower is better").format(before=_figure(made.before))
    return ""


def notes(made: QuantizedModel) -> list[str]:
    """What a person should know besides, a sentence or two each."""
    tensors = sum(share.tensors for share in made.shares)
    found = []
    if made.after_bytes > made.before_bytes:
        found.append(_("The new file is larger: what its original had lost does not come back."))
    elif made.lossy_source:
        found.append(
            _(
                "The original was quantized already, so this one has lost twice."
                " Made of the same model in F16 or BF16, it would be better."
            )
        )
    if made.fell_back:
        found.append(
            ngettext(
                "{count} of {all} tensors got a finer or simpler type, as the shape of this model does not"
                " suit {type}: the file is larger than usual.",
                "{count} of {all} tensors got a finer or simpler type, as the shape of this model does not"
                " suit {type}: the file is larger than usual.",
                made.fell_back,
            ).format(count=number(made.fell_back), all=number(tensors), type=made.model.quantization)
        )
    if made.unmeasured is not None:
        found.append(_("Not everything could be measured.") + " " + words.sentence(made.unmeasured))
    return found


def types_inside(made: QuantizedModel) -> str:
    """Which types its weights have, with their share: "Q5_0 54 %, Q8_0 45 %"."""
    total = sum(share.weights for share in made.shares)
    shown = [share for share in made.shares if share.weights * 200 >= total]  # half a percent and more
    return ", ".join(f"{share.type} {percent(share.weights / total)}" for share in shown)


def _figure(measured: Measured) -> str:
    return number(measured.perplexity, 2)
