"""A growable struct of arrays: named NumPy columns that share one length."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
READY: Final = 1024
"""Rows that are filled with the defaults ahead of their use."""


class Columns:
    """Columns of equal length with spare room. `column(name)` is a writable view of the used part."""

    def __init__(self, defaults: Mapping[str, tuple[str, float | int]]) -> None:
        self.defaults = dict(defaults)
        self.size = 0
        self._room = self._filled = 0
        self._data: dict[str, Array] = {name: np.empty(0, dtype) for name, (dtype, _) in self.defaults.items()}

    def __len__(self) -> int:
        return self.size

    def grow(self, count: int) -> None:
        """Append `count` rows filled with the defaults. Spare room is not written to, so that it takes no memory before it is used."""
        new = self.size + count
        if new > self._room:
            self._room = max(64, new, self._room * 5 // 4)
            for name, (dtype, _) in self.defaults.items():
                wider = np.empty(self._room, dtype)
                wider[: self._filled] = self._data[name][: self._filled]
                self._data[name] = wider
        if new > self._filled:
            ready = min(self._room, new + READY)
            for name, (_, default) in self.defaults.items():
                self._data[name][self._filled : ready] = default
            self._filled = ready
        self.size = new

    def __getitem__(self, name: str) -> Array:
        return self._data[name][: self.size]

    def arrays(self) -> dict[str, Array]:
        return {name: self[name].copy() for name in self.defaults}

    def load(self, arrays: Mapping[str, Array]) -> None:
        """Take the content of saved arrays; columns that the save did not know keep their default."""
        size = len(next(iter(arrays.values()))) if arrays else 0
        self.size = self._room = self._filled = 0
        self._data = {name: np.empty(0, dtype) for name, (dtype, _) in self.defaults.items()}
        self.grow(size)
        for name in self.defaults:
            if name in arrays:
                self[name][:] = arrays[name]
