"""How a person wants each model to be spoken to, kept in one file by the model's path. Renders nothing."""

import contextlib
import threading
from pathlib import Path
from typing import Any

import msgspec

from desktop.core.errors import BadTemplateJson, TemplateUnreadable
from desktop.core.private_files import write_private
from desktop.core.types.models import ModelChoice

MOST_FILE_BYTES = 1 << 24
MOST_TEMPLATE_BYTES = 1 << 20
EXAMPLE = '{"enable_thinking": false}'


class ModelChoices:
    """The choices, in memory and in one JSON file. May be used from any thread.

    A file that cannot be understood is kept beside it as `*.damaged`, and everything is as it was at first.
    """

    def __init__(self, file: Path | None = None) -> None:
        """`file` None: keep nothing beyond this run."""
        self._file = file
        self._lock = threading.Lock()
        self._choices = self._read()

    def of(self, path: str) -> ModelChoice:
        return self._choices.get(path, ModelChoice())

    def set(self, path: str, choice: ModelChoice) -> None:
        """Keep and save. On StorageFull or DataUnwritable the old choice stays."""
        with self._lock:
            choices = {**self._choices, path: choice}
            if choice == ModelChoice():
                del choices[path]
            self._write(choices)
            self._choices = choices

    def _read(self) -> dict[str, ModelChoice]:
        if self._file is None:
            return {}
        try:
            if self._file.stat().st_size <= MOST_FILE_BYTES:
                return msgspec.json.decode(self._file.read_bytes(), type=dict[str, ModelChoice])
        except OSError:  # there is none yet, or it may not be read: writing will say so
            return {}
        except (msgspec.DecodeError, UnicodeDecodeError):
            pass
        with contextlib.suppress(OSError):
            self._file.replace(self._file.with_name(self._file.name + ".damaged"))
        return {}

    def _write(self, choices: dict[str, ModelChoice]) -> None:
        if self._file is None:
            return
        write_private(self._file, msgspec.json.format(msgspec.json.encode(choices, order="sorted"), indent=2))


def arguments_of(text: str) -> dict[str, Any]:
    """A template's arguments from what a person typed: a JSON object, or nothing. Raises BadTemplateJson."""
    if not text.strip():
        return {}
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError) as error:
        raise BadTemplateJson(str(error), example=EXAMPLE) from error


def template_file(path: str) -> str:
    """The text of a template that a person keeps in a file. Raises TemplateUnreadable."""
    try:
        file = Path(path)
        if not file.is_file() or file.stat().st_size > MOST_TEMPLATE_BYTES:
            raise TemplateUnreadable(path=path)
        return file.read_text("utf-8")
    except (OSError, ValueError) as error:  # ValueError: no UTF-8, or a zero byte in the name
        raise TemplateUnreadable(str(error), path=path) from error
