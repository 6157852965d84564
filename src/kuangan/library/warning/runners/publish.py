"""What the engine shows of itself each second: Arrow files in `hot/` that readers map without asking anybody."""

from __future__ import annotations

import json
import os
from collections import deque
from typing import Any

import numpy as np
import polars as pl

from kuangan.library.telemetry.files import put
from kuangan.library.telemetry.frames import UPLOAD
from kuangan.library.telemetry.hot import publish
from kuangan.library.warning.definitions import published
from kuangan.library.warning.never import NEVER
from kuangan.library.warning.runners.pipeline import Numbered, Pipeline
from kuangan.library.warning.state import State

LAST_ROWS = 2000


def _sign(state: State, index: int) -> dict[str, Any]:
    """What the rules of danger see in a point: its kind, the band within which it is sound, the grade of the band it is in."""
    sign = state.signs.get(index)
    if sign is None or not sign.grades:
        return {"sign": sign.kind if sign else "", "low": None, "high": None, "band_grade": ""}
    sound = sign.grades.index("")
    return {
        "sign": sign.kind,
        "low": sign.edges[sound - 1].value if sound > 0 else None,
        "high": sign.edges[sound].value if sound < len(sign.edges) else None,
        "band_grade": sign.grade(int(state.p["band"][index])),
    }


class Publisher:
    """Writes `hot/*.arrow` and `hot/status.json` from the pipeline's state."""

    def __init__(self, pipeline: Pipeline) -> None:
        self.pipeline = pipeline
        self.frames: deque[dict[str, Any]] = deque(maxlen=LAST_ROWS)
        self.rejects: deque[dict[str, Any]] = deque(maxlen=LAST_ROWS)
        self.seen_frames = self.seen_rejects = 0
        self.points = -1
        self.received = 0
        self.readings = 0
        self.before = (0, 0, 0)
        self.wall_of_last = 0
        self.lag = 0

    def note(self, frames: list[Numbered], wall: int) -> None:
        """Take note of a round: how late it was judged."""
        newest = frames[-1][1]
        self.lag = max(0, wall - newest.received_at)
        self.wall_of_last = newest.received_at
        self.received += sum(frame.kind == UPLOAD for _, frame in frames)

    def flushing(self) -> None:
        """The ledger is about to take its rows; only the last ones stay for the pages."""
        self._collect()
        self.seen_frames = self.seen_rejects = 0

    def publish(self, wall: int) -> None:
        home, state = self.pipeline.home, self.pipeline.state
        self._collect()
        if state.points and (len(state.points) != self.points or wall % 15_000 < 1_000):
            publish(home, "points", self._points())
            self.points = len(state.points)
        publish(home, "latest", self._latest())
        publish(home, "mines", self._mines())
        tail = self.pipeline.named(self.pipeline.tail.table())
        publish(home, "tail", tail.with_columns(pl.col("point", "mine").cast(pl.String)))
        if self.frames:
            publish(home, "frames", pl.DataFrame(list(self.frames), infer_schema_length=None))
        if self.rejects:
            publish(home, "rejects", pl.DataFrame(list(self.rejects), infer_schema_length=None))
        if self.pipeline.reported:
            publish(home, "reported", pl.concat(self.pipeline.reported).tail(LAST_ROWS))
        self.pipeline.records.publish()
        self._status(wall)

    def _collect(self) -> None:
        rows = self.pipeline.frame_rows()
        self.frames.extend(rows[self.seen_frames :])
        self.seen_frames = len(rows)
        self.rejects.extend(self.pipeline.rejects[self.seen_rejects :])
        self.seen_rejects = len(self.pipeline.rejects)

    def _points(self) -> pl.DataFrame:
        state = self.pipeline.state
        first = state.p["first"]
        rows = []
        for index, point in enumerate(state.points):
            row = published(state, index, int(first[index]))
            assert point.limit is not None
            row |= {
                "mine_name": state.mine_names[point.mine],
                "step": point.limit.step,
                "first_seen": int(first[index]),
            }
            rows.append(row | _sign(state, index))
        return pl.DataFrame(rows, infer_schema_length=None)

    def _latest(self) -> pl.DataFrame:
        state, p = self.pipeline.state, self.pipeline.state.p
        known = np.flatnonzero(p["time"] != NEVER)
        codes = pl.Series("code", [x.code for x in state.points], pl.String)
        mines = pl.Series("mine", [state.mines[x.mine] for x in state.points], pl.String)
        return pl.DataFrame(
            {
                "code": codes.gather(known),
                "mine": mines.gather(known),
                "time": p["time"][known],
                "value": p["value"][known],
                "status": p["status"][known],
                "arrival": p["arrival"][known],
            }
        )

    def _mines(self) -> pl.DataFrame:
        state, m = self.pipeline.state, self.pipeline.state.m
        newest: np.ndarray[Any, Any] = np.full(len(state.mines), NEVER)
        if len(state.points):
            np.maximum.at(newest, state.p["mine"], state.p["time"])
        never = [None if t == NEVER else int(t) for t in m["last"]]
        return pl.DataFrame(
            {
                "mine": state.mines,
                "mine_name": state.mine_names,
                "first_seen": [None if t == NEVER else int(t) for t in m["first"]],
                "last_arrival": never,
                "last_data_time": [None if t == NEVER else int(t) for t in newest],
                "silent_since": [t if silent else None for t, silent in zip(never, m["silent"], strict=True)],
                "maker": [state.systems.get(n, ["", ""])[0] for n in range(len(state.mines))],
                "system_model": [state.systems.get(n, ["", ""])[1] for n in range(len(state.mines))],
            },
            schema={
                "mine": pl.String,
                "mine_name": pl.String,
                "first_seen": pl.Int64,
                "last_arrival": pl.Int64,
                "last_data_time": pl.Int64,
                "silent_since": pl.Int64,
                "maker": pl.String,
                "system_model": pl.String,
            },
        )

    def _status(self, wall: int) -> None:
        state = self.pipeline.state
        archived = self.pipeline.tally.archived
        seconds = max(1e-3, (wall - self.before[0]) / 1000)
        clock = 0 if state.clock == NEVER else state.clock
        content = {
            "clock": clock,
            "wall": wall,
            "spool_age_ms": max(0, wall - max(clock, self.wall_of_last)),
            "lag_ms": self.lag,
            "frames_per_s": round((self.received - self.before[1]) / seconds, 1),
            "readings_per_s": round((archived - self.before[2]) / seconds, 1),
            "points": len(state.points),
            "mines": len(state.mines),
            "mines_silent": int((state.m["silent"] > 0).sum()),
            "pid": os.getpid(),
        }
        self.before = (wall, self.received, archived)
        put(self.pipeline.home / "hot" / "status.json", json.dumps(content))
