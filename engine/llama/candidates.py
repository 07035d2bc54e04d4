"""The tokens that a sampler chooses from, as llama.cpp's array of them and as NumPy's. Chooses nothing."""

import ctypes
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from engine.llama.api import api

Floats = npt.NDArray[np.float32]
Ids = npt.NDArray[np.int32]

ROWS: Final = 64

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


def logits_at(context: Any, index: int, tokens: int) -> Floats:
    """What llama.cpp evaluated at output `index`, not copied: (vocabulary,). -1: the last one."""
    pointer = api.llama_get_logits_ith(context, index)
    address = ctypes.addressof(pointer.contents)
    data: Any = (ctypes.c_float * tokens).from_address(address)
    return np.frombuffer(data, dtype=np.float32)


class Likeliest:
    """Finds the likeliest tokens of a whole vocabulary; keeps its memory, as new pages cost time."""

    def __init__(self, tokens: int) -> None:
        self._shares = np.empty(tokens, dtype=np.float32)
        self._columns = tokens // ROWS
        self._tail = np.arange(self._columns * ROWS, tokens)
        self._rows = np.arange(ROWS)[:, None] * self._columns

    def of(self, logits: Floats, count: int, token: int) -> tuple[Ids, Floats, float]:
        """The `count` likeliest tokens and their probabilities, from the likeliest down; `token`'s.

        The tokens stand in columns of ROWS: those with the largest logits lie in the columns with the
        largest maxima, so that a small part of them is sorted. logits: (vocabulary,)
        """
        tops = logits[: self._columns * ROWS].reshape(ROWS, self._columns).max(axis=0, initial=-np.inf)
        columns = (
            np.argpartition(tops, -count)[-count:] if count < self._columns else np.arange(self._columns)
        )
        near = np.concatenate([(self._rows + columns).ravel(), self._tail])
        found = near[np.argsort(-logits[near], kind="stable")[:count]]
        shares = self._shares
        np.subtract(logits, logits[found[0]], out=shares)
        np.exp(shares, out=shares)
        total = shares.sum()
        p: Floats = shares[found] / total
        return found.astype(np.int32), p, float(shares[token] / total)


def best(ids: Ids, p: Floats, count: int) -> tuple[Ids, Floats]:
    """The `count` entries with the largest `p`, from the largest down."""
    order = np.argpartition(p, -count)[-count:] if count < len(p) else np.arange(len(p))
    order = order[np.argsort(-p[order], kind="stable")]
    return ids[order], p[order]
