"""What the models page says. Chooses words; holds no widgets and no state."""

from collections.abc import Mapping, Sequence

from desktop.core.types import Problem
from desktop.core.types.models import HubFile, ModelFile, Source
from desktop.i18n import _, ngettext, number, seconds, size
from desktop.view_models.downloads import Download
from desktop.view_models.model_imports import Candidate
from desktop.view_models.model_rows import SortBy
from desktop.view_models.quantizing import Stage
from desktop.words import hint, sentence
from desktop.words.models import source_name
from engine.devices import Device
from engine.fit import Fit
from engine.protocol import LoadedModel, TemplateFacts

MINUTE_S, HOUR_S = 60, 3600
CPU = "CPU"  # the device that everything lies on


def said(problem: Problem) -> str:
    """A problem in words, with what can be done about it."""
    return " ".join(part for part in (sentence(problem), hint(problem)) if part)


# ── models ──


def count_of(parameters: int) -> str:
    """Parameters as people count them: "135M", "4B"; "" where nobody knows."""
    if parameters <= 0:
        return ""
    if parameters < 1_000_000_000:
        return f"{number(max(1, round(parameters / 1_000_000)))}M"
    return f"{number(round(parameters / 1_000_000_000, 1))}B"


def details(model: ModelFile) -> str:
    """What tells one file from another: "135M · Q4_1 · 98 MB"."""
    return joined(count_of(model.parameters), model.quantization, size(model.size_bytes))


def facts(model: ModelFile) -> str:
    """Everything that the header says of a model besides its quantization, in one line."""
    tokens = number(model.trained_context_tokens)
    parameters = count_of(model.parameters)
    return joined(
        model.architecture,
        _("{count} parameters").format(count=parameters) if parameters else "",
        size(model.size_bytes),
        ngettext("{count} file", "{count} files", model.parts).format(count=number(model.parts))
        if model.parts > 1
        else "",
        _("trained for {tokens} tokens").format(tokens=tokens) if model.trained_context_tokens else "",
        _("chat template") if model.has_chat_template else "",
        _("licence {name}").format(name=model.licence) if model.licence else "",
    )


def template_words(model: ModelFile, facts: TemplateFacts | None) -> str:
    """What is the matter with a model's chat template; "" when nothing is. `facts`: once it was tried."""
    if facts is not None and facts.state == "broken":
        return _("Its chat template does not work. One of ours may do.")
    if not model.has_chat_template:
        return _("Has no chat template: it was not made for conversations.")
    if facts is not None and facts.folds_system:
        return _(
            "Its chat template has no place for a system prompt: that goes in front of the first question."
        )
    return ""


def joined(*parts: str) -> str:
    return "\u00a0· ".join(part for part in parts if part)  # no line begins with the sign between them


def group_title(source: Source | None) -> str:
    return _("Your models") if source is None else source_name(source)


def group_note(source: Source | None) -> str:
    """What goes for every model of a group."""
    if source is None:
        return ""
    return _("Found on this computer. They stay where {program} keeps them.").format(
        program=source_name(source)
    )


def sort_label(sort: SortBy) -> str:
    match sort:
        case "name":
            return _("By name")
        case "size":
            return _("Smallest file first")
        case "parameters":
            return _("Fewest parameters first")


# ── placement and fit ──


def placement(model: LoadedModel, names: Mapping[str, str] | None = None) -> str:
    """Where the model's layers are: "31/31 layers on GPU", or "CPU"; the cache where it is not the finest.

    `names`: what devices are called by their makers. As llama.cpp counts, the output is one more layer.
    """
    if model.gpu_layers <= 0:
        where = _("CPU")
    else:
        devices = gpu_name([(names or {}).get(name, name) for name in model.devices if name != CPU])
        where = _("{placed}/{all} layers on {device}").format(
            placed=number(model.gpu_layers), all=number(model.layers + 1), device=devices
        )
    return joined(where, "" if model.kv_type == "f16" else cache(model.kv_type))


def gpu_name(devices: Sequence[str]) -> str:
    """The devices a model lies on, without the one that everything lies on."""
    names = [name for name in devices if name != CPU]
    return ", ".join(names) if names else _("GPU")


def cache(kv_type: str) -> str:
    return _("{type} cache").format(type=kv_type)


def settings_of(fit: Fit) -> str:
    """With what settings a model would be loaded; "" where `fit_words.sentence` says it all."""
    place = fit.placement
    if fit.verdict == "does_not_fit":
        return ""
    layers = ""
    if any(device.kind != "cpu" for device in fit.devices):
        layers = _("{placed}/{all} layers on {device}").format(
            placed=number(place.gpu_layers), all=number(fit.layers), device=_gpus(fit)
        )
    if not layers and place.kv_type == "f16":
        return ""
    tokens = number(place.context_tokens)
    what = joined(
        _("context of {tokens} tokens").format(tokens=tokens),
        layers,
        cache(place.kv_type) if place.kv_type != "f16" else "",
    )
    return _("It would be loaded with: {settings}.").format(settings=what)


def _gpus(fit: Fit) -> str:
    return gpu_name([device_name(device) for device in fit.devices if device.kind != "cpu"])


def device_name(device: Device) -> str:
    return _("Memory") if device.kind == "cpu" else device.description or device.name


def verdict(fit: Fit) -> str:
    """A fit in two or three words."""
    match fit.verdict:
        case "fits":
            return _("Fits")
        case "fits_partly":
            return _("Fits partly on the GPU")
        case "needs_less_context":
            return _("Fits with less context")
        case "does_not_fit":
            return _("Does not fit")


def usage(fit: Fit) -> str:
    """What takes the memory, in figures: the words of the bar's colours."""
    weights = sum(one.weights_bytes for one in fit.usage)
    kv = sum(one.kv_bytes for one in fit.usage)
    rest = sum(one.compute_bytes + one.other_bytes for one in fit.usage)
    return joined(
        _("weights {size}").format(size=size(weights)),
        _("KV cache {size}").format(size=size(kv)),
        _("compute {size}").format(size=size(rest)),
        _("{size} free").format(size=size(fit.free_bytes)),
    )


# ── imports and downloads ──


def imported(candidate: Candidate) -> str:
    if candidate.already:
        return _("It lies in your models folder already.")
    return _("It lies in your models folder now.")


def bytes_of(done_bytes: int, total_bytes: int) -> str:
    if total_bytes <= 0:
        return size(done_bytes)
    return _("{done} of {all}").format(done=size(done_bytes), all=size(total_bytes))


def download_state(download: Download) -> str:
    """How far a download is, at which rate, and how long it will still take."""
    far = bytes_of(download.done_bytes, download.total_bytes)
    match download.state:
        case "running" if download.checking:
            return joined(far, _("comparing the checksum"))
        case "running":
            rate = download.bytes_per_s
            left = download.left_s
            return joined(
                far,
                _("{size} a second").format(size=size(rate)) if rate > 0 else "",
                _("about {time} left").format(time=duration(left)) if left is not None else "",
            )
        case "pausing":
            return joined(far, _("pausing"))
        case "paused":
            return joined(far, _("paused"))
        case "failed":
            return joined(far, _("broke off"))
        case "done":
            return _("It lies in your models folder now, and its checksum is right.")


def duration(duration_s: float) -> str:
    """A time as one would say it: "12 s", "3 min", "1 h 20 min"."""
    if duration_s < MINUTE_S:
        return seconds(max(1, round(duration_s)))
    minutes = round(duration_s / MINUTE_S)
    if minutes < MINUTE_S:
        return _("{minutes} min").format(minutes=number(minutes))
    return _("{hours} h {minutes} min").format(hours=number(minutes // 60), minutes=number(minutes % 60))


def hub_file(file: HubFile) -> str:
    """What a file of a repository is, in one line."""
    parts = ngettext("{count} file", "{count} files", file.parts).format(count=number(file.parts))
    kept = _("{size} of it are here").format(size=size(file.kept_bytes)) if file.kept_bytes else ""
    return joined(file.quantization, size(file.size_bytes), parts if file.parts > 1 else "", kept)


# ── quantizing ──


def stage(what: Stage) -> str:
    match what:
        case "":
            return _("Waiting for the model")
        case "measuring_before":
            return _("Measuring the model as it is")
        case "quantizing":
            return _("Writing the smaller file")
        case "measuring_after":
            return _("Measuring the smaller file")
