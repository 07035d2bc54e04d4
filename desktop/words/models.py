"""What the places are called in which models lie, and what there is to say of a model that was loaded."""

from collections.abc import Mapping

from desktop import words
from desktop.core.events import EngineStatus
from desktop.core.types.models import Source
from desktop.i18n import N_, _, ngettext, number
from engine.protocol import LoadedModel

# programs are called what they call themselves
SOURCE_WORDS: Mapping[Source, str] = {
    "own": N_("your models folder"),
    "shipped": "Sobremesa",
    "folder": N_("your own folder"),
    "file": N_("a file of yours"),
    "lmstudio": "LM Studio",
    "jan": "Jan",
    "ollama": "Ollama",
    "gpt4all": "GPT4All",
    "huggingface": "Hugging Face",
}


def source_name(source: Source) -> str:
    """Who keeps a model."""
    return _(SOURCE_WORDS[source])


def status_notes(status: EngineStatus) -> tuple[str, ...]:
    """Sentences about the model in use that are worth showing beside its name; mostly none."""
    if status.state == "resting":
        return (_("It rests: it left the memory, and the next question loads it again."),)
    notice = (words.sentence(status.notice),) if status.notice is not None else ()
    return (*notice, *(loaded_notes(status.model) if status.model is not None else ()))


def loaded_notes(model: LoadedModel) -> tuple[str, ...]:
    """In what a loaded model falls short of what was wanted, in sentences."""
    notes = []
    if model.context_tokens < model.wanted_context_tokens:
        notes.append(
            _(
                "It was loaded with a context of {context} instead of {wanted}: there was no memory for more."
            ).format(context=_tokens(model.context_tokens), wanted=number(model.wanted_context_tokens))
        )
    if "gpu_layers" in model.stepped_down:
        layers = ngettext("{count} layer", "{count} layers", model.gpu_layers)
        notes.append(
            _("Only {layers} went onto the graphics card: its memory had run out.").format(
                layers=layers.format(count=number(model.gpu_layers))
            )
        )
    if model.kv_type != "f16":
        notes.append(
            _("What it reads is kept as {kv_type}, which saves memory and costs a little precision.").format(
                kv_type=model.kv_type
            )
        )
    return tuple(notes)


def _tokens(count: int) -> str:
    return ngettext("{count} token", "{count} tokens", count).format(count=number(count))
