"""Where other programs on this machine keep GGUF files, and which ones are there. Writes nothing, anywhere.

The layouts and where each is documented: packaging/decisions/0071.
"""

import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from desktop.core.models.ollama import ollama_models
from desktop.core.models.walking import Cancel, entries, gguf_files
from desktop.core.types.models import Source

# settings of other programs; theirs are a few kilobytes
MOST_SETTINGS_BYTES = 1 << 20


@dataclass(frozen=True)
class Store:
    """A folder in which a program, or a person, keeps models."""

    source: Source
    folder: Path


@dataclass(frozen=True)
class Found:
    """A file of a store. `label`: what the store calls it, where the file's name does not say it."""

    path: Path
    source: Source
    label: str = ""

    @property
    def shown_label(self) -> str:
        """With a mark for each byte of another encoding, which no message could carry."""
        return os.fsencode(self.label).decode("utf-8", "replace")


def stores(
    home: Path | None = None, environment: Mapping[str, str] | None = None, platform: str = sys.platform
) -> tuple[Store, ...]:
    """Every place where a known program would keep models on such a machine, whether it is there or not."""
    home = home or Path.home()
    environment = os.environ if environment is None else environment
    here = _Machine(home, environment, platform)
    return (
        *(Store("lmstudio", folder) for folder in _lmstudio(here)),
        *(Store("jan", folder) for folder in _jan(here)),
        *(Store("ollama", folder) for folder in _ollama(here)),
        *(Store("gpt4all", folder) for folder in _gpt4all(here)),
        *(Store("huggingface", folder) for folder in _hugging_face(here)),
    )


def models_of(store: Store, cancelled: Cancel) -> Iterator[Found]:
    """The model files of a store. Raises Cancelled."""
    match store.source:
        case "ollama":
            for label, blob in ollama_models(store.folder, cancelled):
                yield Found(blob, "ollama", label)
        case "huggingface":
            # models--maker--name/snapshots/revision/, where links lead to blobs/
            for repository in entries(store.folder):
                if repository.name.startswith("models--"):
                    for path in gguf_files(Path(repository.path) / "snapshots", 3, cancelled):
                        yield Found(path, "huggingface")
        case "jan":
            for path in gguf_files(store.folder, 4, cancelled):
                # every model of Jan is called model.gguf, in a folder with its name
                yield Found(path, "jan", path.parent.name if path.stem == "model" else "")
        case _:
            for path in gguf_files(store.folder, 4, cancelled):
                yield Found(path, store.source)


@dataclass(frozen=True)
class _Machine:
    home: Path
    environment: Mapping[str, str]
    platform: str

    def folder(self, variable: str, otherwise: Path) -> Path:
        value = self.environment.get(variable, "")
        if value.startswith("~"):
            return self.home / value[1:].lstrip("/\\")
        return Path(value) if value else otherwise

    @property
    def support(self) -> Path:
        return self.home / "Library" / "Application Support"

    @property
    def roaming(self) -> Path:
        return self.folder("APPDATA", self.home / "AppData" / "Roaming")

    @property
    def local(self) -> Path:
        return self.folder("LOCALAPPDATA", self.home / "AppData" / "Local")

    @property
    def data(self) -> Path:
        return self.folder("XDG_DATA_HOME", self.home / ".local" / "share")

    @property
    def config(self) -> Path:
        return self.folder("XDG_CONFIG_HOME", self.home / ".config")

    @property
    def cache(self) -> Path:
        return self.folder("XDG_CACHE_HOME", self.home / ".cache")


def _lmstudio(here: _Machine) -> Iterator[Path]:
    # versions before 0.3.6 kept everything below .cache; whoever came from there still has it
    roots = [here.home / ".lmstudio", here.home / ".cache" / "lm-studio"]
    moved = _text(here.home / ".lmstudio-home-pointer").strip()
    if moved:
        roots.insert(0, Path(moved))
    for root in roots:
        chosen = _setting(root / "settings.json", "downloadsFolder")
        if chosen:
            yield Path(chosen)
        yield root / "models"


def _jan(here: _Machine) -> Iterator[Path]:
    if here.platform == "win32":
        homes = [here.roaming / "Jan"]
    elif here.platform == "darwin":
        homes = [here.support / "Jan"]
    else:
        homes = [here.config / "Jan", here.data / "Jan"]
    folders = [home / "data" for home in homes] + [here.home / "jan"]
    for home in homes:
        chosen = _setting(home / "settings.json", "data_folder")
        if chosen:
            folders.insert(0, Path(chosen))
    for folder in folders:
        yield folder / "llamacpp" / "models"
        yield folder / "models"


def _ollama(here: _Machine) -> Iterator[Path]:
    yield here.folder("OLLAMA_MODELS", here.home / ".ollama" / "models")
    if here.platform not in ("win32", "darwin"):
        yield Path("/usr/share/ollama/.ollama/models")  # where its service runs as a user of its own


def _gpt4all(here: _Machine) -> Iterator[Path]:
    if here.platform == "win32":
        yield here.local / "nomic.ai" / "GPT4All"
    elif here.platform == "darwin":
        yield here.support / "nomic.ai" / "GPT4All"
    else:
        yield here.data / "nomic.ai" / "GPT4All"
    yield here.home / ".cache" / "gpt4all"  # its Python package


def _hugging_face(here: _Machine) -> Iterator[Path]:
    home = here.folder("HF_HOME", here.cache / "huggingface")
    yield here.folder("HF_HUB_CACHE", here.folder("HUGGINGFACE_HUB_CACHE", home / "hub"))


def _setting(file: Path, name: str) -> str:
    """One text of another program's JSON settings; "" where there is none that can be understood."""
    try:
        value = msgspec.json.decode(_text(file) or "{}", type=dict[str, object]).get(name)
    except (msgspec.DecodeError, UnicodeError):
        return ""
    return value if isinstance(value, str) and "\0" not in value else ""


def _text(file: Path) -> str:
    try:
        if not file.is_file() or file.stat().st_size > MOST_SETTINGS_BYTES:
            return ""
        return file.read_text("utf-8")
    except (OSError, ValueError):
        return ""
