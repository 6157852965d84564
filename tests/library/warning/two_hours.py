"""Two hours of five synthetic mines: what they send, with every kind of fault, and what was judged, as readable text.

`python -m tests.library.warning.two_hours` prints what golden/two_hours.txt should hold.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from kuangan.library.simulate import (
    Fault,
    SimulatedMine,
    Upload,
    build_mine,
    calibrate,
    file_fault,
    outage,
    ramp,
    spike,
    uploads,
)
from kuangan.library.telemetry.frames import TICK, UPLOAD, Frame, digest_of
from kuangan.library.warning.events import Event
from kuangan.library.warning.runners import chopped
from kuangan.library.warning.runners.pipeline import Numbered
from tests.library.warning.scene import GATEWAY, HOUR, MINUTE, SECOND, START, wire_time

END = START + 2 * HOUR
BACKFILL = (START + 70 * MINUTE, START + 74 * MINUTE)
BACKFILL_LAG = 10 * MINUTE


@dataclass(frozen=True)
class Cast:
    """A mine, its rhythm in seconds and what befalls it."""

    mine: SimulatedMine
    rhythm: int
    faults: tuple[Fault, ...]


def _at(minutes: float) -> int:
    return START + round(minutes * MINUTE)


@cache
def cast() -> tuple[Cast, ...]:
    """Grades of over-limits, one while the clock is wrong (A), a rising sensor that falls silent (B), silences (C), files gone wrong (D), frequent ones (E)."""
    a, b, c, d, e = (
        build_mine(f"{county}{900_001 + n:06d}", f"合成{name}煤矿", seed=7, points=points, gas_grade=grade)
        for n, (county, name, points, grade) in enumerate(
            (
                ("141030", "甲", 20, "low"),
                ("140481", "乙", 20, "high"),
                ("140781", "丙", 26, "outburst"),
                ("140581", "丁", 20, "low"),
                ("141181", "戊", 20, "high"),
            )
        )
    )
    return (
        Cast(
            a,
            10,
            (
                spike(a, a.find("heading"), _at(5), peak=1.2, seconds=40),
                ramp(a, a.find("corner"), _at(5), peak=3.4, rise_s=600, hold_s=300),
                calibrate(a, a.find("heading_return"), _at(40)),
                ramp(a, a.find("main_return"), _at(60), peak=0.9, rise_s=300, hold_s=120),
                file_fault(a, "clock_ahead", _at(90), seconds=900),
                ramp(a, a.find("heading"), _at(92), peak=1.3, rise_s=120, hold_s=180),
            ),
        ),
        Cast(
            b,
            15,
            (
                ramp(b, b.find("face"), _at(3), peak=1.3, rise_s=200, hold_s=2200),
                ramp(b, b.find("heading"), _at(80), peak=0.9, rise_s=900, hold_s=60),
                outage(b, _at(94), minutes=12, subject=b.find("heading").code),
            ),
        ),
        Cast(
            c,
            20,
            (
                outage(c, _at(10), minutes=14, subject=c.find("corner").station),
                outage(c, _at(40), minutes=36, subject=c.find("district_return").code),
                outage(c, _at(85), minutes=12),
                outage(c, _at(110), minutes=3),
            ),
        ),
        Cast(
            d,
            30,
            (
                file_fault(d, "duplicate_upload", _at(2), seconds=240),
                file_fault(d, "gbk_file", _at(10), seconds=240),
                file_fault(d, "truncated_file", _at(20), seconds=90),
                file_fault(d, "wrong_header", _at(25), seconds=90),
                ramp(d, d.find("corner"), _at(33), peak=2.3, rise_s=240, hold_s=240),
                file_fault(d, "out_of_order", _at(30), seconds=1200),
                file_fault(d, "late_delivery", _at(60), seconds=420),
                ramp(d, d.find("face"), _at(61), peak=1.4, rise_s=60, hold_s=120, fall_s=60),
            ),
        ),
        Cast(
            e,
            10,
            (
                ramp(e, e.find("heading"), _at(4), peak=1.2, rise_s=60, hold_s=120, fall_s=60),
                ramp(e, e.find("heading_return", 1), _at(30), peak=1.2, rise_s=60, hold_s=120, fall_s=60),
                ramp(e, e.find("corner"), _at(71), peak=1.3, rise_s=30, hold_s=90, fall_s=30),
            ),
        ),
    )


def files() -> list[Upload]:
    """All uploads in order of arrival. Mine E's link stores four minutes and fills them in ten minutes later."""
    sent: list[Upload] = []
    for one in cast():
        own = uploads(one.mine, START, END, one.rhythm, one.faults, opening=True)
        if one is cast()[4]:
            own = [_held(upload) for upload in own]
        sent += own
    return sorted(sent, key=lambda upload: upload.send_time)


def _held(upload: Upload) -> Upload:
    late = BACKFILL[0] <= upload.send_time < BACKFILL[1]
    return upload._replace(send_time=upload.send_time + BACKFILL_LAG) if late else upload


def spool() -> list[Numbered]:
    """Frames in order of arrival with the ticks between them, and ticks to the end of the two hours."""
    frames: list[Numbered] = []
    ticked = START - SECOND

    def add(kind: str, name: str, payload: bytes, at: int, mine: str = "") -> None:
        frames.append((GATEWAY, Frame(len(frames), mine, kind, name, "test", at, digest_of(payload), payload)))

    for upload in files():
        last = (upload.send_time - 1) // SECOND * SECOND
        if last > ticked:
            add(TICK, "tick", str(ticked + SECOND).encode(), last)
            ticked = last
        add(UPLOAD, upload.name, upload.payload, upload.send_time, upload.mine)
    add(TICK, "tick", str(ticked + SECOND).encode(), END + MINUTE)
    return frames


def judged(cuts: Sequence[int] = (), crash: bool = False) -> list[Event]:
    """Last revisions by onset and subject."""
    with tempfile.TemporaryDirectory() as home:
        events = chopped.run(Path(home), spool(), cuts, crash)
    return sorted(events, key=lambda e: (e.onset, e.rule, e.subject))


def _clock(at: int | None) -> str:
    return "" if at is None else wire_time(at)[11:]


def text(events: Sequence[Event]) -> str:
    """Events as they stand in the golden file."""
    lines = ["# Synthetic: expected events of two simulated hours of five mines, times of 2026-03-10 (Beijing).", ""]
    for event in events:
        inputs = event.inputs
        marks = " late" * event.late + f" merged into {event.merged_into}" * bool(event.merged_into)
        lines.append(f"{_clock(event.onset)} {event.rule} {event.grade} {event.status}{marks}")
        lines.append(
            f"  {event.subject_kind} {event.subject} {inputs.get('location', '')} id {event.id} rev {event.rev}"
        )
        lines.append(f"  end {_clock(event.end)}, raised {_clock(event.raised_at)}, changed {_clock(event.changed_at)}")
        if event.peak is not None and "limit" not in inputs:
            lines.append(f"  peak {event.peak} at {_clock(event.peak_at)}")
        elif event.peak is not None:
            lines.append(
                f"  peak {event.peak} at {_clock(event.peak_at)}, limit {inputs['limit']} ({inputs['limit_source']} "
                f"{inputs['limit_row']}), {inputs['seconds_over']} s over, occurrence {inputs.get('occurrences', '-')}"
            )
        if "grades" in inputs:
            lines.append("  " + ", ".join(f"{grade} {_clock(at)} {row}" for grade, at, row in inputs["grades"]))
        if inputs.get("children"):
            lines.append(f"  children {' '.join(sorted(inputs['children']))}")
        lines.append("")
    return "\n".join(lines)


if __name__ == "__main__":
    print(text(judged()), end="")
