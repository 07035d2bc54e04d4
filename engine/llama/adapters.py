"""LoRA adapters of a loaded model: kept loaded, switched and weighed without touching the model itself.

Checks no file: `engine.adapters` has done so.
"""

import os
from collections.abc import Callable, Sequence
from typing import Any, Final

from engine.errors import BadAdapter
from engine.llama.api import api
from engine.llama.context import Context
from engine.llama.library import Library
from engine.llama.model import Model
from engine.protocol import Adapter

KEPT: Final = 8  # loaded adapters that are not in use may be wanted again

Identity = tuple[str, int, int]  # path, size, time of the last change


class Adapters:
    """Those that a model has had. Close it before the model."""

    def __init__(self, library: Library, model: Model, context: Context, name: str) -> None:
        """`name` is the model's, for errors."""
        self._library, self._model, self._context, self._name = library, model, context, name
        self._loaded: dict[Identity, Any] = {}
        self.key: tuple[tuple[Identity, float], ...] = ()  # what the context computes with

    def use(self, adapters: Sequence[Adapter], check: Callable[[str], None]) -> None:
        """Have these and no others from now on; the cache is empty where that changes anything.

        `check` is called for a file that is not loaded yet. Raises what it raises, and BadAdapter.
        """
        wanted = {_identity(one.path): one.scale for one in adapters}
        for identity in wanted:
            if identity not in self._loaded:
                check(identity[0])
                self._loaded[identity] = self._load(identity[0])
        key = tuple((identity, scale) for identity, scale in sorted(wanted.items()) if scale != 0.0)
        if key == self.key:
            return
        self._context.clear()
        self._context.set_adapters([(self._loaded[identity], scale) for identity, scale in key])
        self.key = key
        self._forget({identity for identity, _ in key})

    def _load(self, path: str) -> Any:
        self._library.forget_log()
        pointer = api.llama_adapter_lora_init(self._model.pointer, os.fsencode(path))
        if not pointer:
            raise BadAdapter(
                self._library.last_words(), reason="not_loaded", name="", path=path, model=self._name
            )
        return pointer

    def _forget(self, used: set[Identity]) -> None:
        for identity in [known for known in self._loaded if known not in used]:
            if len(self._loaded) > KEPT:
                api.llama_adapter_lora_free(self._loaded.pop(identity))


def _identity(path: str) -> Identity:
    try:
        found = os.stat(path)  # noqa: PTH116
    except (OSError, ValueError):
        return path, 0, 0  # its check says what is wrong
    return path, found.st_size, found.st_mtime_ns
