"""Named sets of reply values, and the sets that belong to models; those of a chat stand with the chat.

A value counts from the nearest place that has it: chat, model, settings. Kept in one small JSON file;
chooses no words: what the built-in ones are called stands in desktop.words.replies.
"""

import logging
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from desktop.core.errors import BadPresetName, CoreError, UnknownPreset
from desktop.core.private_files import write_private
from desktop.core.replies.settings import REPLY_VALUES, checked_values
from desktop.core.settings import Settings, Value
from desktop.core.types import Preset, ReplyValues, ValueSource

MAX_NAME_CHARACTERS: Final = 60

BUILT_IN: Final = (
    Preset(
        "precise",
        {"temperature": 0.2, "top_k": 40, "top_p": 0.9, "min_p": 0.05, "repeat_penalty": 1.0, "mirostat": 0},
    ),
    Preset(
        "balanced",
        {
            "temperature": 0.7,
            "top_k": 40,
            "top_p": 0.95,
            "min_p": 0.05,
            "repeat_penalty": 1.05,
            "mirostat": 0,
        },
    ),
    Preset(
        "creative",
        {"temperature": 1.1, "top_k": 0, "top_p": 1.0, "min_p": 0.05, "repeat_penalty": 1.05, "mirostat": 0},
    ),
    Preset("greedy", {"temperature": 0.0, "repeat_penalty": 1.0}),
)

log = logging.getLogger(__name__)


class _File(msgspec.Struct):
    """What the file holds. `models` is by a model's path."""

    own: dict[str, dict[str, Value]] = {}
    models: dict[str, dict[str, Value]] = {}


class Presets:
    """May be used from any thread."""

    def __init__(self, path: Path, settings: Settings) -> None:
        """Read `path`. One that cannot be understood is put aside as `*.damaged` at the next change."""
        self._path = path
        self._settings = settings
        self._lock = threading.Lock()
        self._damaged = False
        self._file = self._read()

    def all(self) -> tuple[Preset, ...]:
        """The built-in ones, then the person's own by name."""
        own = sorted(self._file.own.items(), key=lambda pair: pair[0].casefold())
        return (*BUILT_IN, *(Preset(name, _known(values), own=True) for name, values in own))

    def find(self, name: str) -> Preset:
        """By its name, whatever its case. Raises UnknownPreset."""
        for preset in self.all():
            if preset.name.casefold() == name.strip().casefold():
                return preset
        raise UnknownPreset(name=name)

    def save(self, name: str, values: Mapping[str, object]) -> Preset:
        """Keep the person's own, in place of one of that name. Raises BadPresetName, BadSetting, and what
        writing raises."""
        name = " ".join(name.split())
        taken = name.casefold() in {preset.name for preset in BUILT_IN}
        if not name or len(name) > MAX_NAME_CHARACTERS or taken or not name.isprintable():
            raise BadPresetName(name=name, limit=MAX_NAME_CHARACTERS)
        kept = checked_values(values)
        own = {known: old for known, old in self._file.own.items() if known.casefold() != name.casefold()}
        self._write(msgspec.structs.replace(self._file, own={**own, name: kept}))
        return Preset(name, kept, own=True)

    def delete(self, name: str) -> None:
        """Raises UnknownPreset, for the built-in ones too."""
        preset = self.find(name)
        if not preset.own:
            raise UnknownPreset(name=name)
        own = {known: values for known, values in self._file.own.items() if known != preset.name}
        self._write(msgspec.structs.replace(self._file, own=own))

    def checked(self, values: Mapping[str, object]) -> dict[str, Value]:
        """Raises BadSetting, Reported."""
        return checked_values(values)

    def of_model(self, model: str) -> dict[str, Value]:
        return _known(self._file.models.get(model, {}))

    def set_model(self, model: str, values: Mapping[str, object]) -> None:
        """The values that a model's replies have in place of the settings'; none of them: the settings'."""
        models = {path: old for path, old in self._file.models.items() if path != model}
        if values:
            models[model] = checked_values(values)
        self._write(msgspec.structs.replace(self._file, models=models))

    def resolve(self, chat: Mapping[str, Value], model: str) -> ReplyValues:
        """Every value, and where it comes from."""
        values: dict[str, Value] = {}
        sources: dict[str, ValueSource] = {}
        of_model = self.of_model(model) if model else {}
        chat = _known(chat)
        for name in REPLY_VALUES:
            if name in chat:
                values[name], sources[name] = chat[name], "chat"
            elif name in of_model:
                values[name], sources[name] = of_model[name], "model"
            else:
                values[name], sources[name] = self._settings.value(name), "settings"
        return ReplyValues(values, sources)

    def _read(self) -> _File:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=_File)
        except FileNotFoundError:
            return _File()
        except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
            log.warning("the presets in %s cannot be read: %s", self._path, error)
            self._damaged = True
            return _File()

    def _write(self, file: _File) -> None:
        with self._lock:
            if self._damaged and self._path.exists():
                self._path.replace(self._path.with_name(self._path.name + ".damaged"))
                self._damaged = False
            write_private(
                self._path, msgspec.json.format(msgspec.json.encode(file, order="sorted"), indent=2)
            )
            self._file = file


def _known(values: Mapping[str, Value]) -> dict[str, Value]:
    """Without what this version does not know or allow: another version may have written it."""
    found: dict[str, Value] = {}
    for name, value in values.items():
        try:
            found |= checked_values({name: value})
        except CoreError:
            log.info("%s=%r is left out", name, value)
    return found
