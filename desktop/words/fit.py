"""What a person reads of how a model fits the machine: one sentence, and what could be changed.

The only place where a verdict becomes words. Reckons nothing.
"""

from typing import assert_never

from desktop.i18n import _, ngettext, number, size
from engine.fit import Fit


def sentence(fit: Fit) -> str:
    """How the model fits, with the figures that matter."""
    needed, missing = size(fit.bytes), size(fit.missing_bytes)
    match fit.verdict:
        case "fits":
            return _(
                "It fits: it needs {needed} of the {free} that are free, with a context of {context}."
            ).format(needed=needed, free=size(fit.free_bytes), context=_tokens(fit.placement.context_tokens))
        case "fits_partly":
            return _(
                "It fits partly: {layers} of {all} layers go to the GPU, the others stay slower."
            ).format(layers=number(fit.placement.gpu_layers), all=number(fit.layers))
        case "needs_less_context":
            return _(
                "It fits with a context of {context}, less than the {wanted} it could have:"
                " for those, {missing} more would have to be free."
            ).format(
                context=_tokens(fit.placement.context_tokens),
                wanted=number(fit.wanted_context_tokens),
                missing=missing,
            )
        case "does_not_fit" if fit.change == "raise_limit":
            return _("It does not fit: it needs {needed}, {missing} more than models may take.").format(
                needed=needed, missing=missing
            )
        case "does_not_fit":
            return _("It does not fit: it needs {needed}; {missing} more would have to be free.").format(
                needed=needed, missing=missing
            )
        case _:
            assert_never(fit.verdict)


def hint(fit: Fit) -> str:
    """What a person can change; "" when nothing needs to be."""
    match fit.change:
        case "nothing":
            return ""
        case "free_memory":
            return _("Close other programs, or choose a smaller file of the same model.")
        case "smaller_model":
            return _("Choose a smaller file of the same model, or a smaller model.")
        case "raise_limit":
            return _("Allow models more memory in the settings, or choose a smaller file of the same model.")
        case _:
            assert_never(fit.change)


def _tokens(count: int) -> str:
    return ngettext("{count} token", "{count} tokens", count).format(count=number(count))
