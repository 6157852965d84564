"""One trial from a mine, deeds and a condition."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from kuangan.library.shipped import read_yaml
from kuangan.library.simulate.conditions import Condition
from kuangan.library.simulate.dangers import battery_labels, fan_labels
from kuangan.library.simulate.faults import file_fault
from kuangan.library.simulate.labels import HOUR_MS, Label, Plant, Trial, may, repeated
from kuangan.library.simulate.mine import SimulatedMine, build_mine
from kuangan.library.simulate.noise import key_of
from kuangan.library.simulate.readings import measure, routine_calibrations, sample_times
from kuangan.library.simulate.truths_sent import SILENT_MS, day_labels, silence_labels, value_labels
from kuangan.library.simulate.writer import uploads

STREAMS = ("report", "tuning")
DAY_MS = 24 * HOUR_MS
BEGIN = 1_772_380_800_000
"""2026-03-02 00:00 in Beijing."""


@cache
def words() -> dict[str, Any]:
    """Kinds of mines and their names."""
    text = files("kuangan.library.simulate").joinpath("data/proof.yaml").read_text("utf-8")
    loaded: dict[str, Any] = read_yaml(text)
    return loaded


def mine_of(seed: int, stream: str, number: int, character: str, **more: Any) -> SimulatedMine:
    """The mine of a number: of another stream or seed it is another mine, with another code per stream.

    Raises KeyError for an unknown character, ValueError for an unknown stream.
    """
    serial = 900_000 + 2 * number + STREAMS.index(stream)
    traits = words()["characters"][character] | more
    name = words()["name"].format(number=serial - 900_000)
    return build_mine(f"{words()['county']}{serial:06d}", name, seed=key_of("proof", stream, seed), **traits)


def registered(mines: Iterable[SimulatedMine], **more: Any) -> dict[str, Any]:
    """Content of the register frame."""
    entries = {m.code: {"name": m.name, "kind": "underground_coal", "gas_grade": m.gas_grade} for m in mines}
    return {"mines": entries, **more}


def compose(
    key: str,
    mine: SimulatedMine,
    character: str,
    condition: Condition,
    span: tuple[int, int],
    rhythm: int,
    plants: Sequence[Plant],
    register: Mapping[str, Any] | None = None,
) -> Trial:
    """Write what the mine sends in `span` with all plants in it, and label it.

    Labels about values and silence are read off what is sent; the others come with the plants.
    """
    begin, end = span
    faults = [fault for plant in plants for fault in plant.faults]
    held: list[Label] = []
    if condition.held_hours:
        start = end - round(condition.held_hours * HOUR_MS) - 2 * HOUR_MS
        late = file_fault(mine, "late_delivery", start, seconds=condition.held_hours * 3600)
        faults.append(late)
        held = _held(mine, late.start, late.end)
    window = measure(mine, sample_times(mine, begin, end, rhythm), faults)
    window = condition.through(mine, window)
    labels = [
        *value_labels(mine, window),
        *silence_labels(mine, faults, window, condition, rhythm),
        *day_labels(mine, faults, rhythm),
        *(label for plant in plants for label in plant.labels),
        *held,
        *_routine(mine, begin, end),
        *battery_labels(mine, begin, end),
        *fan_labels(mine, faults),
    ]
    labels += repeated(labels, end)
    sent = condition.sent(uploads(mine, begin, end, rhythm, faults, opening=True, through=condition.through))
    sent += [upload for plant in plants for upload in plant.uploads]
    content = {**registered([mine]), **(register or {})}
    if condition.on_change:
        content["upload_mode"] = {point.code: "on_change" for point in mine.points}
    sent.sort(key=lambda upload: (upload.send_time, upload.name))
    frame = json.dumps(content, ensure_ascii=False).encode()
    return Trial(key, {mine.code: character}, condition.name, begin, end, frame, sent, labels)


def _held(mine: SimulatedMine, start: int, end: int) -> list[Label]:
    """A link that holds its files back is silent meanwhile, whatever comes later."""
    must = Label("link.network_outage", "held_back", mine.code, (mine.code,), start, end, slack=SILENT_MS)
    return [must, *may(mine.code, start, end, "data.edited", "point.missing", slack=HOUR_MS)]


def _routine(mine: SimulatedMine, begin: int, end: int) -> list[Label]:
    """Nothing may be said of routine calibrations; they stand here so that a reader finds them among the labels."""
    return [
        Label("", "routine_calibration", mine.code, (f.subject,), f.start, f.end, must=False)
        for f in routine_calibrations(mine, begin, end)
    ]
