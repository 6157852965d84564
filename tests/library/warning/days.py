"""Days of synthetic mines at a rhythm of a minute, judged from their files: what the slow rules need to learn and to find."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from kuangan.library.simulate import Fault, SimulatedMine, Truth, Upload, build_mine, truths, uploads
from kuangan.library.telemetry.frames import CONFIG, TICK, UPLOAD, Frame, digest_of
from kuangan.library.warning.events import Event
from kuangan.library.warning.runners import chopped
from kuangan.library.warning.runners.pipeline import Numbered
from tests.library.warning.scene import GATEWAY, HOUR, MINUTE, SECOND, START

RHYTHM = 60
DAY = 24 * HOUR
BEGIN = START - 8 * HOUR  # midnight in Beijing


def mine(number: int, points: int = 60, grade: str = "low") -> SimulatedMine:
    return build_mine(f"14103090{number:04d}", f"合成{number}煤矿", seed=number, points=points, gas_grade=grade)


def files(mines: Iterable[SimulatedMine], days: float, faults: Sequence[Fault] = ()) -> list[Upload]:
    """What the mines send, in order of arrival."""
    end = BEGIN + round(days * DAY)
    sent = [u for one in mines for u in uploads(one, BEGIN, end, RHYTHM, faults, opening=True)]
    return sorted(sent, key=lambda u: (u.send_time, u.mine, u.name))


def spool(
    sent: Sequence[Upload], until: int, register: bytes | None = None, pauses: Sequence[tuple[int, int]] = ()
) -> list[Numbered]:
    """Frames with the ticks between them; no ticks of our own within `pauses`, whose files come when they are over."""
    frames: list[Numbered] = []
    ticked = BEGIN - SECOND

    def add(kind: str, name: str, payload: bytes, at: int) -> None:
        frames.append((GATEWAY, Frame(len(frames), "", kind, name, "test", at, digest_of(payload), payload)))

    def tick(upto: int) -> None:
        nonlocal ticked
        for begin, end in pauses:
            if ticked < begin <= upto:
                tick_run(begin)
                ticked = max(ticked, min(end, upto // SECOND * SECOND) - SECOND)
        tick_run(upto)

    def tick_run(upto: int) -> None:
        nonlocal ticked
        last = upto // SECOND * SECOND
        if last > ticked:
            add(TICK, "tick", str(ticked + SECOND).encode(), last)
            ticked = last

    if register is not None:
        add(CONFIG, "register", register, BEGIN)
    for upload in sent:
        arrival = next((end for begin, end in pauses if begin <= upload.send_time < end), upload.send_time)
        tick(arrival - 1)
        add(UPLOAD, upload.name, upload.payload, arrival)
    tick(until)
    return frames


def judged(frames: Sequence[Numbered], cuts: Sequence[int] = (), crash: bool = False) -> list[Event]:
    with tempfile.TemporaryDirectory() as home:
        events = chopped.run(Path(home), frames, cuts, crash)
    return sorted(events, key=lambda e: (e.onset, e.rule, e.subject))


def of(events: Iterable[Event], *rules: str) -> list[Event]:
    return [event for event in events if event.rule in rules]


def planted(mines: Iterable[SimulatedMine], faults: Sequence[Fault], rule: str) -> list[Truth]:
    found = [t for one in mines for t in truths(one, faults, RHYTHM) if t.rule == rule]
    return sorted(found, key=lambda t: (t.onset, t.subject))


def thinned(sent: Sequence[Upload], keep: Callable[[int], bool]) -> list[Upload]:
    """Some of the real-time files; definitions all."""
    return [u for number, u in enumerate(sent) if "_CDSS_" not in u.name or keep(number)]


__all__ = ["BEGIN", "DAY", "HOUR", "MINUTE", "RHYTHM", "files", "judged", "mine", "of", "planted", "spool", "thinned"]
