"""Scenes of the models page: every state of it."""

from msgspec.structs import replace

from desktop.core.events import EngineStatus, QuantizingModel
from desktop.core.types import Problem
from desktop.core.types.models import ModelFile, PausedDownload
from desktop.ui.models.model_card import ModelCard
from desktop.ui.models.page import ModelsPage
from engine.fit import Fit
from tests.fakes.fits import FITS, HUB, LESS_CONTEXT, PARTLY, REPOSITORY, REVISION, TOO_LARGE, fits_of
from tests.fakes.samples import BASE, HUGE, MODELS, QWEN, SMOLLM, THEIRS, loaded
from tests.gui.scene_register import scene
from tests.gui.stage import Stage, settle

DROPPED = "/home/ana/Downloads/gemma-3-4b-it-Q4_K_M.gguf"
HALF = "/home/ana/Downloads/half.gguf"
CUT = Problem("model_truncated", {"path": HALF, "missing_bytes": 96_800_000})
GEMMA = replace(
    MODELS[1],
    path=DROPPED,
    name="Gemma 3 4B",
    architecture="gemma3",
    parameters=3_880_099_328,
    licence="gemma",
    source="file",
    trained_context_tokens=131_072,
)


def page(stage: Stage, models: tuple[ModelFile, ...], engine: EngineStatus | None = None) -> ModelsPage:
    """The models page with these models; nothing is loaded unless `engine` says so."""
    stage.core.models = models
    stage.core.fits = fits_of(models)
    stage.core.engine = engine or EngineStatus("no_model")
    stage.open(chat=2)
    stage.workspace.show_models()
    settle(150)
    shown = stage.workspace.middle.models_page
    assert shown is not None
    return shown


def many(count: int) -> tuple[ModelFile, ...]:
    """As many models as that, two thirds of them the person's own."""
    return tuple(
        replace(
            MODELS[number % 2],
            path=f"/home/ana/models/family-{number // 20}-{number:03}.Q4_K_M.gguf",
            size_bytes=400_000_000 + number * 9_000_000,
            source="own" if number % 3 else "lmstudio",
        )
        for number in range(count)
    )


# ── what there is ──


@scene
def scene_models_empty(stage: Stage) -> None:
    page(stage, ())


@scene
def scene_models(stage: Stage) -> None:
    page(stage, (*MODELS[:2], BASE, THEIRS, HUGE), EngineStatus("ready", loaded(gpu_layers=31)))


@scene
def scene_models_verdicts(stage: Stage) -> None:
    models = (MODELS[0], replace(THEIRS, source="own"), MODELS[1], replace(HUGE, source="own"))
    fits = (FITS, PARTLY, LESS_CONTEXT, TOO_LARGE)
    page(stage, models, EngineStatus("ready", loaded()))
    stage.core.fits = {model.path: fit for model, fit in zip(models, fits, strict=True)}
    stage.core.tell(EngineStatus("no_model"))
    settle(150)


@scene
def scene_models_broken(stage: Stage) -> None:
    page(stage, (MODELS[2], BASE, MODELS[0]))


@scene
def scene_models_loading(stage: Stage) -> None:
    page(stage, (*MODELS[:2], BASE))
    stage.session.models.load(QWEN)
    stage.core.loadings[-1].progress(0.42)


@scene
def scene_models_stepped_down(stage: Stage) -> None:
    less = ("gpu_layers", "context_tokens")
    model = replace(loaded(MODELS[1], gpu_layers=22), kv_type="q8_0", stepped_down=less)
    model = replace(model, wanted_context_tokens=32_768, devices=("CPU", "Vulkan0"))
    page(stage, MODELS[:2], EngineStatus("ready", model))


@scene
def scene_models_many(stage: Stage) -> None:
    page(stage, many(500))


@scene
def scene_models_filtered(stage: Stage) -> None:
    page(stage, many(500)).filter.setText("family-7")
    settle(150)


@scene
def scene_models_deleting(stage: Stage) -> None:
    page(stage, MODELS[:2])
    stage.session.model_cards.ask(SMOLLM, "remove")


@scene
def scene_models_checksum(stage: Stage) -> None:
    page(stage, MODELS[:2])
    stage.session.model_cards.checksum(SMOLLM)


@scene
def scene_models_menu(stage: Stage) -> None:
    card = page(stage, MODELS[:2]).stack.widget_of(f"model:{SMOLLM}")
    assert isinstance(card, ModelCard)
    stage.pop_up(card.menu(), card.more.mapToGlobal(card.more.rect().bottomLeft()))


# ── coming in ──


def brought(stage: Stage, fit: Fit) -> None:
    page(stage, MODELS[:2])
    stage.core.elsewhere = (GEMMA, replace(MODELS[2], path=HALF, problem=CUT))
    stage.core.fits = {**stage.core.fits, DROPPED: fit}
    stage.session.model_imports.add([DROPPED])
    settle(100)


@scene
def scene_models_brought(stage: Stage) -> None:
    brought(stage, LESS_CONTEXT)


@scene
def scene_models_brought_too_large(stage: Stage) -> None:
    brought(stage, TOO_LARGE)


@scene
def scene_models_brought_broken(stage: Stage) -> None:
    brought(stage, FITS)
    stage.session.model_imports.add([HALF])


@scene
def scene_models_copying(stage: Stage) -> None:
    brought(stage, PARTLY)
    stage.session.model_imports.copy(DROPPED)
    stage.core.copies[-1].progress(0.37)


# ── from the hub ──


def hub(stage: Stage, *, offline: bool = False) -> ModelsPage:
    stage.core.settings["offline"] = offline
    stage.core.hub = {REPOSITORY: HUB}
    shown = page(stage, MODELS[:2])
    shown.open_download()
    return shown


@scene
def scene_models_offline(stage: Stage) -> None:
    hub(stage, offline=True)


@scene
def scene_models_hub(stage: Stage) -> None:
    hub(stage)
    stage.session.downloads.look_up(REPOSITORY)
    settle(100)


@scene
def scene_models_hub_failed(stage: Stage) -> None:
    hub(stage)
    stage.session.downloads.look_up("nobody/nothing")


@scene
def scene_models_downloading(stage: Stage) -> None:
    shown = hub(stage)
    file = HUB.files[2]
    stage.session.downloads.start(REPOSITORY, file.name, REVISION, file.size_bytes)
    stage.core.downloads[-1].progress(0.4)
    shown.close_download()


@scene
def scene_models_downloads(stage: Stage) -> None:
    """One that waits since yesterday, one that broke off, one that came."""
    waits, breaks, comes = HUB.files[3], HUB.files[1], HUB.files[2]
    stage.core.paused = (PausedDownload(REPOSITORY, waits.name, REVISION, 1_200_000_000, waits.size_bytes),)
    shown = hub(stage)
    for file in (breaks, comes):
        stage.session.downloads.start(REPOSITORY, file.name, REVISION, file.size_bytes)
        settle(20)
    stage.core.downloads[0].progress(0.7)
    folder = "/home/ana/.local/share/sobremesa/models"
    stage.core.downloads[0].fail(Problem("storage_full", {"folder": folder}))
    stage.core.downloads[1].finish()
    shown.close_download()


# ── quantizing ──


@scene
def scene_models_quantize(stage: Stage) -> None:
    path = QWEN.replace("Q4_K_M", "F16")
    page(stage, (replace(MODELS[1], path=path, quantization="F16", size_bytes=8_050_000_000), MODELS[0]))
    stage.session.model_cards.ask(path, "quantize")
    settle(150)


@scene
def scene_models_quantizing(stage: Stage) -> None:
    page(stage, MODELS[:2])
    stage.session.quantizing.start(MODELS[1], "Q3_K_M", measure=True)
    stage.core.quantizings[-1].progress(QuantizingModel("quantizing", 0.63))


@scene
def scene_models_quantized(stage: Stage) -> None:
    scene_models_quantizing(stage)
    stage.core.quantizings[-1].finish()


# ── small windows ──


@scene
def scene_narrow_models(stage: Stage) -> None:
    scene_models_verdicts(stage)


@scene
def scene_narrow_models_empty(stage: Stage) -> None:
    scene_models_empty(stage)


@scene
def scene_narrow_models_hub(stage: Stage) -> None:
    scene_models_hub(stage)


@scene
def scene_narrow_models_quantize(stage: Stage) -> None:
    scene_models_quantize(stage)


@scene
def scene_narrow_models_brought(stage: Stage) -> None:
    brought(stage, PARTLY)
