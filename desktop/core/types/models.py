"""Values about models that the core hands out: files, choices, downloads, measures. Frozen; no behaviour."""

from typing import Any, Literal

import msgspec

from desktop.core.types import Problem
from engine.fit import Fit
from engine.protocol import TemplateFacts, TensorShare

# "own": the models folder; "shipped": installed with the program; "folder": one that the person named;
# "file": the chosen one, from elsewhere
Source = Literal["own", "shipped", "folder", "file", "lmstudio", "jan", "ollama", "gpt4all", "huggingface"]


class ModelFile(msgspec.Struct, frozen=True):
    """A model, from its header alone. `problem` set: it cannot be loaded.

    Of a model in several files, `path` is the first of them and `size_bytes` their sum. `label` is what its
    store calls it, where the file's name does not say it. `sha256` has one for each file, in hexadecimal; it
    is empty until somebody asked for it.
    """

    path: str
    name: str
    architecture: str = ""
    parameters: int = 0
    quantization: str = ""
    trained_context_tokens: int = 0
    layers: int = 0
    size_bytes: int = 0
    has_chat_template: bool = False
    licence: str = ""
    problem: Problem | None = None
    source: Source = "own"
    label: str = ""
    parts: int = 1
    sha256: tuple[str, ...] = ()
    fit: Fit | None = None  # of a file that was looked into: on this machine, at that time
    template: TemplateFacts | None = None  # of a file that was looked into


class ModelChoice(msgspec.Struct, frozen=True):
    """How a person wants one model to be spoken to: `engine.protocol.Templating` tells what each means."""

    template: str = ""
    source: str = ""
    arguments: dict[str, Any] = {}


class ImportedModel(msgspec.Struct, frozen=True):
    """`already`: the same bytes were in the models folder, so nothing was copied."""

    model: ModelFile
    already: bool = False


class HubFile(msgspec.Struct, frozen=True):
    """A model in a repository of the Hugging Face hub; of one in several files, `name` is the first of them.

    `fit`: on this machine, read from the file's header alone; None where that could not be read.
    `kept_bytes`: how much of it an earlier, paused download left here.
    """

    name: str
    size_bytes: int
    parts: int = 1
    quantization: str = ""
    fit: Fit | None = None
    kept_bytes: int = 0


class HubRepository(msgspec.Struct, frozen=True):
    """What a repository offers. `revision` is the commit that a download will take."""

    id: str  # "owner/name"
    revision: str
    files: tuple[HubFile, ...]
    licence: str = ""


class PausedDownload(msgspec.Struct, frozen=True):
    """A download that was paused or broke off; asking for the same file again continues it."""

    repository: str
    file: str
    revision: str
    kept_bytes: int
    total_bytes: int
    search: bool = False  # a search model's folder; `file` is its weights


class ImportedSearchModel(msgspec.Struct, frozen=True):
    """A search model's folder. `size_bytes` of all its files; `already`: it was here, to the last byte."""

    path: str
    name: str
    form: str  # as `desktop.core.workers.search_models.SearchModelForm`
    size_bytes: int
    licence: str = ""
    already: bool = False


class Measured(msgspec.Struct, frozen=True):
    """How well a model predicts a text: the exponential of its mean loss over `tokens` tokens, in nats."""

    perplexity: float
    tokens: int


class QuantizedModel(msgspec.Struct, frozen=True):
    """A model and the smaller one made of it; a measure is None where the model could not be run here.

    `unmeasured` says why it could not. `shares`: which types its tensors became, that of most weights first;
    `fell_back` of them got another one than the mix has for them, as their rows are no whole blocks of it.
    `lossy_source`: it was quantized before, so it lost twice.
    """

    model: ModelFile
    before_bytes: int
    after_bytes: int
    before: Measured | None = None
    after: Measured | None = None
    unmeasured: Problem | None = None
    shares: tuple[TensorShare, ...] = ()
    fell_back: int = 0
    lossy_source: bool = False
