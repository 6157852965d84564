"""From decoded columns to what `step` is fed with."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from kuangan.library.telemetry.frames import Frame
from kuangan.library.telemetry.results import Decoded
from kuangan.library.warning.batch import Batch, Description
from kuangan.library.warning.register import Register
from kuangan.library.warning.rulebook import parse


def valid(frame: Frame) -> bool:
    """A configuration that cannot be read is left out; the one in force stays. Its writer validated it before."""
    try:
        if frame.name == "rulebook":
            parse(frame.payload)
        elif frame.name == "register":
            Register.model_validate(json.loads(frame.payload))
    except ValueError:
        return False
    return True


def batch_of(decoded: Decoded) -> Batch:
    """The columns of all readings, without marks."""
    table = decoded.readings

    def describe(rows: npt.NDArray[np.int64]) -> list[Description]:
        return list(decoded.describe(rows).cast(pl.String).iter_rows())

    size = len(table)
    return Batch(
        [],
        table["code"].to_physical().to_numpy().astype(np.int64),
        table["record"].to_numpy(),
        table["time"].to_numpy(),
        table["value"].to_numpy(),
        table["status"].to_numpy(),
        np.full(size, -1, np.int32),
        np.zeros(size, np.bool_),
        describe,
        decoded.kept,
    )


def by_frame(points: pl.DataFrame) -> dict[int, list[dict[str, Any]]]:
    """Definitions by the frame they came in."""
    found: dict[int, list[dict[str, Any]]] = {}
    for row in points.iter_rows(named=True):
        found.setdefault(row["frame"], []).append(row)
    return found
