"""How sample models fit sample machines: one value for each verdict, and what a hub offers. No behaviour."""

from collections.abc import Mapping

from desktop.core.types.models import HubFile, HubRepository, ModelFile
from engine.devices import Device
from engine.fit import Fit, Placement, Usage

MB = 1_000_000
GPU = Device("Vulkan0", "gpu", 4_100 * MB, 4_294 * MB, "GeForce GTX 1650")


def memory(free_bytes: int, total_bytes: int = 8_000 * MB) -> Device:
    return Device("CPU", "cpu", free_bytes, total_bytes)


def _fit(
    verdict: str,
    usage: Usage,
    free_bytes: int,
    *,
    context: int = 8192,
    wanted: int = 8192,
    missing: int = 0,
    layers: int = 31,
    change: str = "nothing",
) -> Fit:
    return Fit(
        verdict=verdict,  # type: ignore[arg-type]  # one of the four, written out below
        placement=Placement(context),
        wanted_context_tokens=wanted,
        layers=layers,
        usage=(usage,),
        devices=(memory(free_bytes),),
        missing_bytes=missing,
        change=change,  # type: ignore[arg-type]
    )


FITS = _fit("fits", Usage(98 * MB, 189 * MB, 110 * MB, 15 * MB), 5_200 * MB)
LESS_CONTEXT = _fit(
    "needs_less_context",
    Usage(2_497 * MB, 604 * MB, 312 * MB, 54 * MB),
    4_020 * MB,
    context=4096,
    missing=610 * MB,
    layers=37,
    change="free_memory",
)
TOO_LARGE = _fit(
    "does_not_fit",
    Usage(19_850 * MB, 268 * MB, 520 * MB, 54 * MB),
    5_200 * MB,
    context=1024,
    missing=16_000 * MB,
    layers=65,
    change="smaller_model",
)
PARTLY = Fit(
    verdict="fits_partly",
    placement=Placement(8192, "q8_0", gpu_layers=22),
    wanted_context_tokens=8192,
    layers=29,
    usage=(Usage(1_540 * MB, 120 * MB, 60 * MB, 50 * MB), Usage(3_140 * MB, 380 * MB, 310 * MB)),
    devices=(
        memory(11_300 * MB, 16_000 * MB),
        Device("Vulkan0", "gpu", 4_100 * MB, 4_294 * MB, "GeForce GTX 1650"),
    ),
    missing_bytes=1_200 * MB,
    change="free_memory",
)

REPOSITORY = "bartowski/Qwen3-4B-Instruct-GGUF"
REVISION = "6b0c1f2f1c5f5e0f6a2a7d0b9c6b3f1d2e4a5b6c"


def _hub(name: str, megabytes: int, quantization: str, fit: Fit | None, parts: int = 1) -> HubFile:
    return HubFile(f"Qwen3-4B-Instruct-{name}.gguf", megabytes * MB, parts, quantization, fit)


def _of(weights_mb: int, free_mb: int = 5_200) -> Fit:
    needed = Usage(weights_mb * MB, 604 * MB, 312 * MB, 54 * MB)
    missing = needed.bytes - (free_mb - 500) * MB
    if missing <= 0:
        return _fit("fits", needed, free_mb * MB)
    return _fit("does_not_fit", needed, free_mb * MB, context=1024, missing=missing, change="smaller_model")


HUB = HubRepository(
    id=REPOSITORY,
    revision=REVISION,
    files=(
        _hub("Q2_K", 1_669, "Q2_K", _of(1_669)),
        _hub("Q3_K_M", 2_076, "Q3_K_M", _of(2_076)),
        _hub("Q4_K_M", 2_497, "Q4_K_M", _of(2_497)),
        _hub("Q5_K_M", 2_890, "Q5_K_M", _of(2_890)),
        _hub("Q6_K", 3_306, "Q6_K", _of(3_306)),
        _hub("Q8_0", 4_280, "Q8_0", _of(4_280)),
        _hub("f16-00001-of-00002", 8_050, "F16", _of(8_050), 2),
    ),
    licence="apache-2.0",
)


def fits_of(models: tuple[ModelFile, ...]) -> Mapping[str, Fit]:
    """A fit for each model that can be loaded, by its size."""
    found = {}
    for model in models:
        if model.problem is None:
            large, middle = model.size_bytes > 6_000 * MB, model.size_bytes > 2_000 * MB
            found[model.path] = TOO_LARGE if large else LESS_CONTEXT if middle else FITS
    return found
