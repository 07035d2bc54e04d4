"""Settings, presets and choices for models out of a backup.

What cannot be understood or is not allowed stays out.
"""

import logging
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from desktop.core.errors import CoreError
from desktop.core.models import ModelChoices
from desktop.core.replies.presets import Presets
from desktop.core.settings import SETTINGS, Settings
from desktop.core.types.models import ModelChoice

log = logging.getLogger(__name__)


class SmallFiles:
    """Where they go. `set_setting` keeps a value and has it count, and raises CoreError."""

    def __init__(
        self,
        settings: Settings,
        presets: Presets,
        choices: ModelChoices,
        set_setting: Callable[[str, object], None],
    ) -> None:
        self._settings = settings
        self._presets = presets
        self._choices = choices
        self._set_setting = set_setting

    def take(self, files: Mapping[str, Path], *, replace: bool) -> None:
        """Without `replace`, what the person has set here stays."""
        self._take_settings(_read(files.get("settings.json")), replace=replace)
        self._take_presets(_read(files.get("presets.json")), replace=replace)
        self._take_choices(_read(files.get("model_choices.json")), replace=replace)

    def _take_settings(self, come: dict[str, Any], *, replace: bool) -> None:
        for declared in SETTINGS:
            name = declared.name
            here = self._settings.value(name)
            wanted = come.get(name, declared.default if replace else here)
            if wanted != here and (replace or here == declared.default):
                _tried(partial(self._set_setting, name, wanted))

    def _take_presets(self, come: dict[str, Any], *, replace: bool) -> None:
        own = {preset.name for preset in self._presets.all() if preset.own}
        given = come.get("own")
        coming = given if isinstance(given, dict) else {}
        if replace:
            for name in own - set(coming):
                _tried(partial(self._presets.delete, name))
        for name, values in coming.items():
            if (replace or name not in own) and isinstance(values, dict):
                _tried(partial(self._presets.save, name, values))
        models = come.get("models")
        for model, values in (models if isinstance(models, dict) else {}).items():
            if (replace or not self._presets.of_model(model)) and isinstance(values, dict):
                _tried(partial(self._presets.set_model, model, values))

    def _take_choices(self, come: dict[str, Any], *, replace: bool) -> None:
        for path, raw in come.items():
            if replace or self._choices.of(path) == ModelChoice():
                _tried(partial(self._take_choice, path, raw))

    def _take_choice(self, path: str, raw: Any) -> None:
        self._choices.set(path, msgspec.convert(raw, ModelChoice))


def _tried(work: Callable[[], object]) -> None:
    try:
        work()
    except (CoreError, msgspec.ValidationError) as error:
        log.warning("left out of the restore: %s", error)


def _read(file: Path | None) -> dict[str, Any]:
    if file is None:
        return {}
    try:
        return msgspec.json.decode(file.read_bytes(), type=dict[str, Any])
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        log.warning("left out of the restore: %s", error)
        return {}
