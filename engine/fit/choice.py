"""Choose how a model is to be loaded on a machine, and say as data how well it fits.

Asks nobody and loads nothing: a header and devices in, a `Fit` out. Words are chosen elsewhere.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Final, Literal

import msgspec

from engine.devices import Device, allowed
from engine.errors import ModelTooLarge
from engine.fit.memory import KV_BLOCK, Placement, Usage, cells, has_windows, predict
from engine.gguf_header import ModelHeader
from engine.protocol import KvType

Verdict = Literal["fits", "fits_partly", "needs_less_context", "does_not_fit"]
Change = Literal["nothing", "free_memory", "smaller_model", "raise_limit"]

DEFAULT_CONTEXT_TOKENS: Final = 8192
SMALLEST_CONTEXT_TOKENS: Final = 1024  # below it, hardly a conversation


class Wanted(msgspec.Struct, frozen=True):
    """What a person chose. None: what fits best."""

    context_tokens: int | None = None
    kv_type: KvType | None = None
    gpu_layers: int | None = None


class Fit(msgspec.Struct, frozen=True):
    """How a model is to be loaded, and how that compares with what was wanted.

    "fits": wholly, as wanted. "fits_partly": some layers stay off the GPU. "needs_less_context": only with
    a shorter window. "does_not_fit": not even with the shortest; the placement is that one.
    """

    verdict: Verdict
    placement: Placement
    wanted_context_tokens: int
    layers: int  # how many `gpu_layers` could be
    usage: tuple[Usage, ...]
    devices: tuple[Device, ...]
    missing_bytes: int  # 0 when it fits: what would have to be free besides
    change: Change

    @property
    def bytes(self) -> int:
        return sum(usage.bytes for usage in self.usage)

    def check_room(self, path: str) -> None:
        """Raise ModelTooLarge where the machine's own memory would run out with what is free now.

        Linux hands out more than there is, and ends some process later. A GPU refuses by itself.
        """
        host = next(device for device in self.devices if device.kind == "cpu")
        shares = [
            usage.bytes
            for usage, device in zip(self.usage, self.devices, strict=True)
            if device.kind != "gpu"
        ]
        room = min(host.free_bytes, host.most_bytes) if host.most_bytes else host.free_bytes
        if sum(shares) > room:
            raise ModelTooLarge(path=path, needed_bytes=sum(shares), free_bytes=room)

    @property
    def free_bytes(self) -> int:
        """Of all devices together; memory that a GPU shares with the machine is counted once."""
        return sum(device.free_bytes for device in self.devices if device.kind != "igpu")


def choose(
    header: ModelHeader,
    devices: Sequence[Device],
    wanted: Wanted = Wanted(),  # noqa: B008 (a frozen value)
    *,
    keep_context: bool = False,
) -> Fit:
    """The best placement of a model: the longest context, then all on the GPU, then the finest cache.

    `devices` holds exactly one "cpu". `keep_context`: with no shorter context than the wanted one. Gives the
    most frugal placement where none fits.
    """
    machine = _Machine(header, devices, wanted)
    context = wanted.context_tokens or min(
        header.trained_context_tokens or DEFAULT_CONTEXT_TOKENS, DEFAULT_CONTEXT_TOKENS
    )
    tried = Placement(context)
    for tokens in (context,) if keep_context else _shorter(context):
        found = machine.best(tokens)
        if found is not None:
            return machine.fit(found, context)
        tried = machine.frugal(tokens)
    return machine.fit(tried, context)


def _shorter(context: int) -> Iterator[int]:
    yield context
    while context > SMALLEST_CONTEXT_TOKENS:
        context = max(SMALLEST_CONTEXT_TOKENS, cells(context // 2))
        yield context


class _Machine:
    """One model on one machine: which placements go in."""

    def __init__(self, header: ModelHeader, devices: Sequence[Device], wanted: Wanted) -> None:
        self._header = header
        self._devices = tuple(devices)
        self._wanted = wanted
        self._has_gpu = any(device.kind != "cpu" for device in devices)
        self._layers = len(header.shape.layers) + 1

    def best(self, context: int) -> Placement | None:
        """The best placement with this context, or None."""
        caches = [Placement(context, kind, whole) for kind, whole in self._caches(context)]
        everything = [self._on_gpu(cache, self._most()) for cache in caches]
        parts = [self._on_gpu(cache, self._fitting_layers(cache)) for cache in caches]
        return next((one for one in (*everything, *parts) if not any(self._short(one))), None)

    def frugal(self, context: int) -> Placement:
        """The placement with this context that takes least."""
        *_, (kind, whole) = self._caches(context)
        cache = Placement(context, kind, whole)
        return self._on_gpu(cache, self._fitting_layers(cache))

    def fit(self, placement: Placement, context: int) -> Fit:
        verdict, ideal = self._judge(placement, context)
        short = self._short(ideal)
        # what other programs hold could be freed; beyond that, only a smaller model helps
        held = [max(0, device.total_bytes - device.free_bytes) for device in self._devices]
        freeable = all(missing <= most for missing, most in zip(short, held, strict=True))
        change: Change = "free_memory" if freeable else "smaller_model"
        if not any(self._short(ideal, allowed(self._devices, 0))):
            change = "raise_limit"  # the person's own is all that is in the way
        return Fit(
            verdict=verdict,
            placement=placement,
            wanted_context_tokens=context,
            layers=self._layers,
            usage=predict(self._header, placement, self._devices),
            devices=self._devices,
            missing_bytes=sum(short),
            change="nothing" if verdict == "fits" else change,
        )

    def _judge(self, placement: Placement, context: int) -> tuple[Verdict, Placement]:
        """The verdict, and the placement that would have been better."""
        if any(self._short(placement)):
            return "does_not_fit", placement
        if placement.context_tokens < context:
            return "needs_less_context", self.frugal(context)
        if placement.gpu_layers < self._most():
            return "fits_partly", self._on_gpu(placement, self._most())
        return "fits", placement

    def _caches(self, context: int) -> Iterator[tuple[KvType, bool]]:
        """Kinds of cache from the finest to the smallest: the type, and whether windows are kept whole."""
        windows = has_windows(self._header) and self._header.sliding_window_tokens < context
        if self._wanted.kv_type not in (None, "f16"):
            yield self._wanted.kv_type, True
            if windows:
                yield self._wanted.kv_type, False
            return
        yield "f16", True
        if windows:
            yield "f16", False
        # llama.cpp refuses a quantized cache whose heads are no whole blocks
        whole_blocks = all(length % KV_BLOCK == 0 for length in self._header.shape.head_lengths)
        if self._wanted.kv_type is None and whole_blocks:
            yield "q8_0", not windows

    def _most(self) -> int:
        """GPU layers when everything goes as wanted."""
        if not self._has_gpu:
            return 0
        chosen = self._wanted.gpu_layers
        return self._layers if chosen is None else min(chosen, self._layers)

    def _fitting_layers(self, cache: Placement) -> int:
        """As many layers as the GPUs hold: the host then has the least to hold."""
        if self._wanted.gpu_layers is not None or not self._has_gpu:
            return self._most()

        def too_many(count: int) -> bool:
            shortages = self._short(self._on_gpu(cache, count))
            gpus = zip(self._devices, shortages, strict=True)
            return any(short for device, short in gpus if device.kind != "cpu")

        return bisect_left(range(1, self._layers), True, key=too_many)

    def _on_gpu(self, cache: Placement, layers: int) -> Placement:
        return msgspec.structs.replace(cache, gpu_layers=layers)

    def _short(self, placement: Placement, devices: tuple[Device, ...] | None = None) -> list[int]:
        """What each device lacks for a placement, bytes."""
        devices = devices or self._devices
        usages = predict(self._header, placement, devices)
        needed = [usage.bytes for usage in usages]
        shared = sum(size for size, device in zip(needed, devices, strict=True) if device.kind == "igpu")
        return [
            max(0, size + (shared if device.kind == "cpu" else 0) - device.budget_bytes)
            for size, device in zip(needed, devices, strict=True)
        ]
