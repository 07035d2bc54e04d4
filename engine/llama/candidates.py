"""The tokens that a sampler chooses from, as llama.cpp's array of them and as NumPy's. Chooses nothing."""

import ctypes
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from engine.llama.api import api

Floats = npt.NDArray[np.float32]
Ids = npt.NDArray[np.int32]

ROWS: Final = 64
PART: Final = 8192

_ROW = np.dtype([("id", "<i4"), ("logit", "<f4"), ("p", "<f4")])  # llama_token_data


class Candidates:
    """One array for a whole reply: a new one for every token would cost more than the drawing."""

    def __init__(self, tokens: int) -> None:
        self._rows = np.zeros(tokens, dtype=_ROW)
        self._ids = np.arange(tokens, dtype=np.int32)
        self._data = ctypes.cast(self._rows.ctypes.data, api.llama_token_data_p)
        self._array = api.llama_token_data_array()
        self._one = np.zeros(1, dtype=_ROW)
        self._one_data = ctypes.cast(self._one.ctypes.data, api.llama_token_data_p)
        self._one_array = api.llama_token_data_array()

    def fill_with(self, ids: Ids, logits: Floats) -> None:
        """These tokens alone. logits: (vocabulary,)"""
        rows = self._rows[: len(ids)]
        rows["id"] = ids
        rows["logit"] = logits[ids]
        _reset(self._array, self._data, len(ids))

    def fill(self, logits: Floats) -> None:
        """Every token anew. logits: (vocabulary,)"""
        self._rows["id"] = self._ids  # samplers have sorted them
        self._rows["logit"] = logits
        _reset(self._array, self._data, len(self._rows))

    def apply(self, sampler: Any) -> None:
        api.llama_sampler_apply(sampler, ctypes.byref(self._array))

    @property
    def chosen(self) -> tuple[int, float]:
        """The token that the last sampler selected, and its logit; (-1, -inf) when it selected none."""
        array = self._array
        if not 0 <= array.selected < array.size:
            return -1, -np.inf
        row = array.data[array.selected]
        return int(row.id), float(row.logit)

    def left(self) -> tuple[Ids, Floats]:
        """The tokens that the samplers left, and their probabilities: (left,) each, in no order."""
        size = int(self._array.size)
        rows_there: Any = self._array.data  # samplers may have put another array there
        address = ctypes.addressof(rows_there.contents)
        data: Any = (ctypes.c_char * (size * _ROW.itemsize)).from_address(address)
        rows = np.frombuffer(data, dtype=_ROW)
        return rows["id"].copy(), rows["p"].copy()

    def passes(self, sampler: Any, token: int) -> bool:
        """Whether `sampler`, a grammar, takes this token next."""
        self._one[0] = (token, 1.0, 0.0)
        _reset(self._one_array, self._one_data, 1)
        api.llama_sampler_apply(sampler, ctypes.byref(self._one_array))
        return bool(np.isfinite(self._one["logit"][0]))


def _reset(array: Any, data: Any, size: int) -> None:
    array.data, array.size, array.selected, array.sorted = data, size, -1, False


class Outputs:
    """What llama.cpp evaluated, as arrays over its own memory."""

    def __init__(self, tokens: int) -> None:
        self._kind = ctypes.c_float * tokens
        self._arrays: dict[int, Floats] = {}  # by address: there are a few of them, and each comes again

    def at(self, context: Any, index: int) -> Floats:
        """The logits of output `index`, not copied: (vocabulary,). -1: the last one."""
        pointer: Any = api.llama_get_logits_ith(context, index)
        address = ctypes.cast(pointer, ctypes.c_void_p).value or 0
        array = self._arrays.get(address)
        if array is None:
            data: Any = self._kind.from_address(address)
            array = np.frombuffer(data, dtype=np.float32)
            self._arrays[address] = array
        return array


class Likeliest:
    """Finds the likeliest tokens of a whole vocabulary; keeps its memory, as new pages cost time."""

    def __init__(self, tokens: int) -> None:
        self._shares = np.empty(min(PART, tokens), dtype=np.float32)
        self._columns = tokens // ROWS

    def few(self, count: int) -> int:
        """`count` where looking for so many pays, else 0."""
        return count if count < self._columns else 0

    def of(self, logits: Floats, near: Ids, count: int, token: int) -> tuple[Ids, Floats, float]:
        """The `count` likeliest tokens and their probabilities, from the likeliest down; `token`'s.

        `near` is what `near` gave for at least so many. logits: (vocabulary,)
        """
        found = near[np.argsort(-logits[near])[:count]]
        most = logits[found[0]]
        total = self._total(logits, most)
        p: Floats = np.exp(logits[found] - most) / total
        return found, p, float(np.exp(logits[token] - most) / total)

    def near(self, logits: Floats, count: int) -> Ids:
        """Some of the tokens, by their numbers, with the `count` likeliest among them.

        The tokens stand in columns of ROWS, each with a maximum: `count` columns whose maxima are the largest
        have as many tokens no less likely than the least of these, so that no other need be looked at.
        logits: (vocabulary,)
        """
        columns = self._columns
        if count >= columns:
            return np.arange(len(logits), dtype=np.int32)
        tops = np.maximum.reduce(logits[: columns * ROWS].reshape(ROWS, columns))
        # sorting so few values is quicker than finding a place among them
        least = np.sort(tops)[-count]
        near = np.flatnonzero(logits >= least).astype(np.int32)
        # fewer: values that are no numbers
        return near if len(near) >= count else np.arange(len(logits), dtype=np.int32)

    def _total(self, logits: Floats, most: np.float32) -> np.float32:
        """The sum of exp(logits - most), in parts that stay in the processor's nearest cache."""
        total = np.float32(0.0)
        for start in range(0, len(logits), PART):
            part = logits[start : start + PART]
            shares = self._shares[: len(part)]
            np.subtract(part, most, out=shares)
            np.exp(shares, out=shares)
            total += shares.sum()
        return total


def best(ids: Ids, p: Floats, count: int) -> tuple[Ids, Floats]:
    """The `count` entries with the largest `p`, from the largest down."""
    order = np.argpartition(p, -count)[-count:] if count < len(p) else np.arange(len(p))
    order = order[np.argsort(-p[order], kind="stable")]
    return ids[order], p[order]
