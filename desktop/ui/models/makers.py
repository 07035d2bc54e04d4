"""Cards put together with what their buttons do. Each shows what the view model holds at that time."""

from desktop.core.types.models import HubFile, HubRepository
from desktop.ui.models.download_panel import HubCard
from desktop.ui.models.job_cards import DownloadCard, ImportCard, QuantizeCard
from desktop.view_models.downloads import DownloadsViewModel, Key
from desktop.view_models.model_imports import ModelImportsViewModel
from desktop.view_models.models import ModelsViewModel
from desktop.view_models.quantizing import QuantizingViewModel


def make_import(imports: ModelImportsViewModel, path: str) -> ImportCard:
    """The card of a file that was brought. Raises LookupError when it is gone."""
    candidate = imports.candidate(path)
    if candidate is None:
        raise LookupError(path)
    card = ImportCard(candidate)
    actions = {
        "copy": imports.copy,
        "use": imports.use,
        "use_copy": imports.use,
        "cancel": imports.cancel,
        "dismiss": imports.dismiss,
    }
    card.pressed.connect(lambda what: actions[what](path))
    return card


def make_download(downloads: DownloadsViewModel, models: ModelsViewModel, key: Key) -> DownloadCard:
    """The card of a download. Raises LookupError when it is gone."""
    download = downloads.download_of(*key)
    if download is None:
        raise LookupError(key)
    card = DownloadCard(download)

    def use(key: Key) -> None:
        done = downloads.download_of(*key)
        if done is not None and done.model is not None:
            models.load(done.model.path)
            downloads.dismiss(key)

    actions = {
        "pause": downloads.pause,
        "resume": downloads.resume,
        "again": downloads.resume,
        "discard": downloads.discard,
        "dismiss": downloads.dismiss,
        "use": use,
    }
    card.pressed.connect(lambda what: actions[what](key))
    return card


def make_job(quantizing: QuantizingViewModel, models: ModelsViewModel) -> QuantizeCard:
    """The card of the model that is made smaller. Raises LookupError when there is none."""
    if quantizing.job is None:
        raise LookupError
    card = QuantizeCard(quantizing.job)

    def use() -> None:
        job = quantizing.job
        if job is not None and job.result is not None:
            models.load(job.result.model.path)
            quantizing.dismiss()

    actions = {
        "cancel": quantizing.cancel,
        "again": quantizing.again,
        "dismiss": quantizing.dismiss,
        "use": use,
    }
    card.pressed.connect(lambda what: actions[what]())
    return card


def make_offer(downloads: DownloadsViewModel, found: HubRepository, file: HubFile, *, best: bool) -> HubCard:
    """The card of a file that a repository offers."""
    card = HubCard(file, recommended=best, download=downloads.download_of(found.id, file.name))
    card.wanted.connect(lambda: downloads.start(found.id, file.name, found.revision, file.size_bytes))
    return card
