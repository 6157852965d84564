"""Frames of several gateways are judged in the order of their arrival."""

from __future__ import annotations

import fcntl
import threading
from pathlib import Path

from kuangan.library.telemetry.frames import TICK, UPLOAD
from kuangan.library.telemetry.spool import SpoolWriter
from kuangan.library.warning.runners.embedded import Embedded, lives
from kuangan.library.warning.runners.pipeline import Pipeline
from kuangan.library.warning.runners.sink import Collecting

AT = 1_773_101_700_000
READ_AT_ONCE = 4096


def engine(home: Path) -> Embedded:
    (home / "engine").mkdir(exist_ok=True)
    return Embedded(Pipeline(home, Collecting()), lambda: 0)


def put(writer: SpoolWriter, kind: str, *times: int) -> None:
    for number, time in enumerate(times):
        payload = b"" if kind == TICK else f"{writer.gateway} {time} {number}".encode()
        writer.append(kind=kind, name=f"{number}.txt", source="test", payload=payload, received_at=AT + time)
    writer.commit()


def judged(runner: Embedded) -> list[tuple[str, int]]:
    """Gateway and arrival of the uploads judged so far, in order."""
    accounts = runner.pipeline.open.items()
    return [(gateway, account.frame.received_at - AT) for (gateway, _), account in accounts]


def test_two_living_gateways_wait_for_the_earlier_of_their_last_ticks(tmp_path: Path) -> None:
    runner = engine(tmp_path)
    with SpoolWriter(tmp_path, "a") as a, SpoolWriter(tmp_path, "b") as b:
        put(a, UPLOAD, 100, 900)
        put(a, TICK, 1000)
        put(b, UPLOAD, 50)
        put(b, TICK, 500)
        runner.poll()
        assert judged(runner) == [("b", 50), ("a", 100)]
        put(b, UPLOAD, 800)
        put(b, TICK, 1500)
        runner.poll()
        assert judged(runner) == [("b", 50), ("a", 100), ("b", 800), ("a", 900)]


def test_a_gateway_beside_an_ended_one_is_judged_at_once(tmp_path: Path) -> None:
    runner = engine(tmp_path)
    with SpoolWriter(tmp_path, "replay") as ended:
        put(ended, UPLOAD, 10)
    with SpoolWriter(tmp_path, "g1") as living:
        put(living, UPLOAD, 20)
        runner.poll()
        runner.poll()
        assert judged(runner) == [("replay", 10), ("g1", 20)]
        put(living, UPLOAD, 30)
        runner.poll()
        assert judged(runner)[-1] == ("g1", 30)


def test_what_an_ended_gateway_left_goes_before_what_arrived_later(tmp_path: Path) -> None:
    runner = engine(tmp_path)
    count = READ_AT_ONCE + 50
    with SpoolWriter(tmp_path, "replay") as ended:
        put(ended, UPLOAD, *range(count))
    with SpoolWriter(tmp_path, "g1") as living:
        put(living, UPLOAD, count + 1)
        while runner.poll():
            pass
    assert judged(runner) == [*(("replay", time) for time in range(count)), ("g1", count + 1)]


def test_asking_who_lives_turns_no_gateway_away(tmp_path: Path) -> None:
    SpoolWriter(tmp_path, "a").close()
    with (tmp_path / "run" / "gateway-a.lock").open("r+b") as asking:
        fcntl.flock(asking, fcntl.LOCK_EX)
        release = threading.Timer(0.03, fcntl.flock, (asking, fcntl.LOCK_UN))
        release.start()
        with SpoolWriter(tmp_path, "a") as writer:
            put(writer, UPLOAD, 1)
        release.join()
    assert not lives(tmp_path, "a")
