"""Whether and how a model fits this machine, from its header alone: no native code, nothing loaded."""

from engine.devices import Device, allowed, host
from engine.fit.choice import DEFAULT_CONTEXT_TOKENS, SMALLEST_CONTEXT_TOKENS, Fit, Verdict, Wanted, choose
from engine.fit.memory import BATCH_TOKENS, Placement, Usage, predict

__all__ = [
    "BATCH_TOKENS",
    "DEFAULT_CONTEXT_TOKENS",
    "SMALLEST_CONTEXT_TOKENS",
    "Device",
    "Fit",
    "Placement",
    "Usage",
    "Verdict",
    "Wanted",
    "allowed",
    "choose",
    "host",
    "predict",
]
