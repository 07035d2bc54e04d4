"""What the places are called in which models lie. Knows no model."""

from collections.abc import Mapping

from desktop.core.types import Source
from desktop.i18n import N_, _

# programs are called what they call themselves
SOURCE_WORDS: Mapping[Source, str] = {
    "own": N_("your models folder"),
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
