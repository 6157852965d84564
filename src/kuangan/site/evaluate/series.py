"""Series of points read from wire bytes: what baselines and other programs are given, nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from kuangan.library.simulate.writer import Upload
from kuangan.library.telemetry.decode import decode
from kuangan.library.telemetry.frames import UPLOAD, Frame, digest_of

CHUNK = 4096
METHANE, CARBON_MONOXIDE, OTHER = "methane", "carbon_monoxide", "other"
_QUANTITY = {"MN0043": METHANE, "MN0001": METHANE, "MN0004": CARBON_MONOXIDE}


class Series(NamedTuple):
    """One point: times ms increasing, values with NaN where bad, `calibrating` where the status says so."""

    mine: str
    point: str
    quantity: str
    times: npt.NDArray[np.int64]
    values: npt.NDArray[np.float64]
    calibrating: npt.NDArray[np.bool_]


def of_uploads(uploads: Sequence[Upload]) -> list[Series]:
    """All analogue points of real-time files; of a time sent twice the first stands."""
    files = [upload for upload in uploads if "_CDSS_" in upload.name]
    tables = []
    for at in range(0, len(files), CHUNK):
        part = files[at : at + CHUNK]
        frames = [
            Frame(n, "", UPLOAD, u.name, "", u.send_time, digest_of(u.payload), u.payload) for n, u in enumerate(part)
        ]
        decoded = decode(frames)
        tables.append(decoded.readings.select(pl.col("code").cast(pl.String), "time", "value", "status"))
    if not tables:
        return []
    table = pl.concat(tables).unique(["code", "time"], keep="first", maintain_order=True).sort("code", "time")
    found = []
    for (code,), rows in table.group_by("code", maintain_order=True):
        text = str(code)
        if "MN" in text[12:18]:
            quantity = _QUANTITY.get(text[14:20], OTHER)
            values, status = rows["value"].to_numpy(), rows["status"].to_numpy()
            found.append(Series(text[:12], text, quantity, rows["time"].to_numpy(), values, (status & 4) > 0))
    return found


def save(path: str, found: Sequence[Series]) -> None:
    """Methane series as one npz: `codes`, `starts` (one more than codes), `times` ms, `values` without what was calibrated."""
    gas = [one for one in found if one.quantity == METHANE]
    kept = [(one, ~one.calibrating & ~np.isnan(one.values)) for one in gas]
    starts = np.cumsum([0, *(int(good.sum()) for _, good in kept)])
    np.savez(
        Path(path),
        codes=np.array([one.point for one in gas]),
        starts=starts,
        times=np.concatenate([one.times[good] for one, good in kept]),
        values=np.concatenate([one.values[good] for one, good in kept]),
    )
