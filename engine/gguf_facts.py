"""The metadata of a GGUF file, taken by key with the type it must have. Reads no file."""

from collections.abc import Callable, Mapping
from typing import NoReturn

Scalar = int | float | bool | str
Value = Scalar | tuple[Scalar, ...]


class Facts:
    """Values by key; whatever has the wrong type goes to `damaged`, which raises."""

    def __init__(
        self, values: Mapping[str, Value], lengths: Mapping[str, int], damaged: Callable[[str], NoReturn]
    ) -> None:
        self._values = values
        self._lengths = lengths
        self._damaged = damaged

    def has(self, key: str) -> bool:
        return key in self._values

    def text(self, key: str) -> str:
        value = self._values.get(key, "")
        if not isinstance(value, str):
            self._damaged(f"{key} is no text")
        return value

    def number(self, key: str, default: int = 0) -> int:
        """A whole number; of one number per layer, the largest."""
        value = self._values.get(key, default)
        if isinstance(value, tuple):
            value = max((item for item in value if isinstance(item, int)), default=default)
        return self._whole(key, value)

    def per_layer(self, key: str, layers: int, default: int = 0) -> tuple[int, ...]:
        """A whole number for each layer: from an array of that length, else the same for all."""
        value = self._values.get(key, default)
        if not isinstance(value, tuple):
            return (self._whole(key, value),) * layers
        if len(value) < layers:
            return (self.number(key, default),) * layers
        return tuple(self._whole(key, item) for item in value[:layers])

    def flags(self, key: str, layers: int) -> tuple[bool, ...] | None:
        """True or false for each layer, or None when the file has no such array."""
        value = self._values.get(key)
        if not isinstance(value, tuple) or len(value) < layers:
            return None
        return tuple(bool(item) for item in value[:layers])

    def flag(self, key: str, default: bool) -> bool:
        value = self._values.get(key, default)
        if not isinstance(value, bool):
            self._damaged(f"{key} is neither true nor false")
        return value

    def length(self, key: str) -> int:
        """How many items an array has, also one that was too long to keep."""
        return self._lengths.get(key, 0)

    def _whole(self, key: str, value: Value) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            self._damaged(f"{key} is no whole number")
        return value
