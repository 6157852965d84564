"""`kuangan detect`: one detector over the series of a file.

Those of one series are in `spans`; those of two take the other columns as neighbours. What comes out is spans and numbers, no verdict:
what a mine is told of needs several signs and knowledge of the place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from kuangan.library.shipped import read_yaml
from kuangan.library.warning.columns import Array
from kuangan.library.warning.deceit import series, spans
from kuangan.library.warning.deceit.reading import Series, read_series, told
from kuangan.library.warning.deceit.spans import Span
from kuangan.library.warning.settings import MINUTE

Settings = dict[str, Any]
Detector = Callable[[Mapping[str, Array], str, Settings], list[Span]]
PRODUCING = "producing"
FINEST = 1e-6


@cache
def defaults() -> dict[str, Settings]:
    """Rule → settings."""
    text = files("kuangan.library.warning.deceit").joinpath("detect.yaml").read_text("utf-8")
    rules: dict[str, Settings] = read_yaml(text)["rules"]
    return rules


def detect(path: Path, rule: str, changed: Mapping[str, float]) -> dict[str, Any]:
    """Spans of every column of a file. Raises `reading.Unreadable`, KeyError for an unknown rule or setting."""
    settings = {**defaults()[rule]}
    for name, value in changed.items():
        settings[name] = type(settings[name])(value)
    given = read_series(path)
    columns = [name for name in given.columns if name != PRODUCING]
    found = {name: DETECTORS[rule](given.columns, name, settings) for name in columns}
    return {
        "file": str(path),
        "rule": rule,
        "settings": settings,
        "rows": given.rows,
        "columns": [_column(given, name, found[name]) for name in columns],
        "found": sum(map(len, found.values())),
    }


def _column(given: Series, name: str, found: list[Span]) -> dict[str, Any]:
    value = given.columns[name]
    step = series.quantisation(value)
    return {
        "column": name,
        "minutes": int((~np.isnan(value)).sum()),
        "step": None if np.isnan(step) else round(step, 6),
        "found": [
            {
                "start": told(given.start + span.first * MINUTE),
                "end": told(given.start + (span.last + 1) * MINUTE),
                **{key: round(float(number), 4) for key, number in span.numbers.items()},
            }
            for span in found
        ],
    }


def _alone(detector: Callable[..., list[Span]]) -> Detector:
    return lambda columns, name, settings: detector(columns[name], **settings)


def _replayed(columns: Mapping[str, Array], name: str, settings: Settings) -> list[Span]:
    step = series.quantisation(columns[name])
    return spans.replayed(columns[name], step=FINEST if np.isnan(step) else step, **settings)


def _others(columns: Mapping[str, Array], name: str) -> list[tuple[str, Array]]:
    return [(other, value) for other, value in columns.items() if other not in (name, PRODUCING)]


def _correlation(columns: Mapping[str, Array], name: str, settings: Settings) -> list[Span]:
    """Where the rolling correlation with a column that usually goes along falls below `low`."""
    found: list[Span] = []
    for _, value in _others(columns, name):
        course = series.rolling_correlation(columns[name], value, int(settings["width"]))
        seen = course[~np.isnan(course)]
        if not len(seen) or float(np.median(seen)) < settings["usual"]:
            continue
        for first, last in _runs(course < settings["low"]):
            numbers = {"correlation": float(np.nanmin(course[first : last + 1])), "usual": float(np.median(seen))}
            found.append(Span(max(first - int(settings["width"]) + 1, 0), last, numbers))
    return found


def _lag(columns: Mapping[str, Array], name: str, settings: Settings) -> list[Span]:
    """Stretches in which a column no longer comes after another as it does in most."""
    found: list[Span] = []
    width, most = int(settings["width"]), int(settings["most"])
    for _, value in _others(columns, name):
        parts = [
            (at, *series.lag(value[at : at + width], columns[name][at : at + width], most))
            for at in range(0, len(value) - width + 1, width)
        ]
        sure = [(at, lag) for at, lag, height in parts if height > settings["high"]]
        usual = int(np.median([lag for _, lag in sure])) if sure else 0
        if usual >= 1:
            found += [
                Span(at, at + width - 1, {"lag": float(lag), "usual": float(usual)}) for at, lag in sure if lag <= 0
            ]
    return found


def _shift_cycle(columns: Mapping[str, Array], name: str, settings: Settings) -> list[Span]:
    """Days without the difference between work and rest that the days before had; work is the column `producing` (0 or 1)."""
    if PRODUCING not in columns:
        raise KeyError(PRODUCING)
    work = columns[PRODUCING] > 0.5
    days = range(0, len(work) - spans.DAY + 1, spans.DAY)
    ratios = [(at, series.shift_ratio(columns[name][at : at + spans.DAY], work[at : at + spans.DAY])) for at in days]
    found: list[Span] = []
    for number, (at, ratio) in enumerate(ratios):
        before = [r for _, r in ratios[:number] if not np.isnan(r)]
        if before and np.median(before) >= settings["before"] and settings["low"] <= ratio <= settings["high"]:
            found.append(Span(at, at + spans.DAY - 1, {"ratio": ratio, "usual": float(np.median(before))}))
    return found


def _runs(flags: Array) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.r_[False, flags, False].astype(np.int8)))
    return [(int(a), int(b) - 1) for a, b in zip(edges[::2], edges[1::2], strict=True)]


DETECTORS: Mapping[str, Detector] = {
    "flat-line": _alone(spans.flat_line),
    "clipped": _alone(spans.clipped),
    "replayed": _replayed,
    "sudden-drop": _alone(spans.sudden_drop),
    "blown": _alone(spans.blown),
    "spike": _alone(spans.spikes),
    "correlation": _correlation,
    "lag": _lag,
    "shift-cycle": _shift_cycle,
    "quantisation": lambda columns, name, settings: [],
}
"""Rule of `kuangan detect` → how it looks at one column among all."""
