"""The split law: it does not matter where the spool is cut, nor whether the state was saved in between."""

from __future__ import annotations

import io
import json
import tempfile
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from kuangan.library.telemetry.archive import Archive
from kuangan.library.telemetry.ledger import FRAMES, REJECTS, balance, verify
from kuangan.library.telemetry.spool import SpoolWriter
from kuangan.library.warning import checkpoint, packed
from kuangan.library.warning import step as judging
from kuangan.library.warning.batch import Batch, Lookup
from kuangan.library.warning.events import Event
from kuangan.library.warning.runners import chopped
from kuangan.library.warning.runners.embedded import Embedded
from kuangan.library.warning.runners.pipeline import Numbered, Pipeline
from kuangan.library.warning.runners.sink import Collecting
from kuangan.library.warning.state import State
from kuangan.library.warning.step import step
from tests.library.warning.scene import GATEWAY, HOUR, START
from tests.library.warning.schedules import POINTS, Sent, lives, spool, told

FEW = settings(
    max_examples=18,
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.explicit, Phase.generate),  # an example costs a dozen table commits: shrinking would take minutes
    suppress_health_check=list(HealthCheck),
)
FEWER = settings(FEW, max_examples=7)
OUTAGES = st.none() | st.tuples(st.integers(1, 30), st.integers(31, 80))


def picture(state: State) -> dict[str, Any]:
    """Everything a state holds, comparable (NaN equal to itself)."""
    arrays = {f"p.{k}": v for k, v in state.p.arrays().items()} | {f"m.{k}": v for k, v in state.m.arrays().items()}
    return state._tables() | {name: array.tobytes() for name, array in arrays.items()}


def batch_of(home: Path, frames: list[Numbered]) -> Batch:
    """The decoded stretch, as a pipeline makes it."""
    return Pipeline(home, Collecting())._batch(frames)


def part(batch: Batch, marks: list[Any]) -> Batch:
    copied = Batch(marks, batch.code, batch.record, batch.time, batch.value, batch.status, describe=batch.describe)
    copied.kept = batch.kept
    copied.point, copied.late = batch.point.copy(), batch.late.copy()
    return copied


@FEWER
@given(lives(), OUTAGES, st.sampled_from([(1, 1), (3, 7), (8, 8)]))
def test_a_block_judged_in_waves_of_any_size_gives_the_same(
    sent: list[Sent], own_outage: tuple[int, int] | None, sizes: tuple[int, int]
) -> None:
    with tempfile.TemporaryDirectory() as name:
        batch = batch_of(Path(name) / "b", spool(Path(name) / "a", sent, own_outage))
        whole, events = step(State(), part(batch, batch.marks), Lookup())
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(judging, "LEAST_ROWS", sizes[0])
            patch.setattr(judging, "MOST_ROWS", sizes[1])
            cut, same = step(State(), part(batch, batch.marks), Lookup())
        assert (same, picture(cut)) == (events, picture(whole))


@FEW
@given(lives(), OUTAGES, st.data())
def test_a_batch_cut_anywhere_gives_the_same_state_and_events(
    sent: list[Sent], own_outage: tuple[int, int] | None, data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as name:
        batch = batch_of(Path(name) / "b", spool(Path(name) / "a", sent, own_outage))
        whole, lookup = State(), Lookup()
        whole, events = step(whole, part(batch, batch.marks), lookup)
        cuts = data.draw(st.lists(st.integers(0, len(batch.marks)), max_size=6), label="cuts")
        edges = [0, *sorted(cuts), len(batch.marks)]
        pieces: list[Event] = []
        state, lookup = State(), Lookup()
        for lo, hi in pairwise(edges):
            state, more = step(state, part(batch, batch.marks[lo:hi]), lookup)
            pieces += more
            if data.draw(st.booleans(), label="copy"):
                state, lookup = state.copied(), Lookup()
        assert pieces == events
        assert picture(state) == picture(whole)


@FEWER
@given(lives())
def test_a_state_cut_at_every_single_mark_is_the_same(sent: list[Sent]) -> None:
    with tempfile.TemporaryDirectory() as name:
        batch = batch_of(Path(name) / "b", spool(Path(name) / "a", sent))
        whole, events = step(State(), part(batch, batch.marks), Lookup())
        state, lookup, pieces = State(), Lookup(), []
        for mark in batch.marks:
            state, more = step(state, part(batch, [mark]), lookup)
            pieces += more
        assert pieces == events
        assert picture(state) == picture(whole)


@FEWER
@given(lives())
def test_a_copied_and_a_saved_state_are_the_state(sent: list[Sent]) -> None:
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        batch = batch_of(home / "b", spool(home / "a", sent))
        state, _ = step(State(), batch, Lookup())
        assert picture(state.copied()) == picture(state)
        checkpoint.save(home, 3, state, {"arrival": 7})
        loaded = checkpoint.load(home)
        assert loaded is not None
        number, again, extras = loaded
        assert (number, extras) == (3, {"arrival": 7})
        assert picture(again) == picture(state)
        again.p["time"][:] = 0
        assert picture(again) != picture(state)


def uncut(home: Path, frames: list[Numbered]) -> list[Event]:
    return chopped.run(home, frames, [])


def homes(name: str, frames: list[Numbered], *labels: str) -> list[Path]:
    """Homes that all hold the frames as their spool."""
    made = []
    for label in labels:
        home = Path(name) / label
        with SpoolWriter(home, GATEWAY) as writer:
            for _, f in frames:
                writer.append(kind=f.kind, name=f.name, source=f.source, payload=f.payload, received_at=f.received_at)
            writer.commit()
        made.append(home)
    return made


def keys(home: Path) -> list[tuple[str, int, int, float | None]]:
    read = Archive(home).read(list(POINTS), START - HOUR, START + 48 * HOUR)
    return sorted(read.select("point", "time", "rev", "value").fill_nan(None).iter_rows())


@FEWER
@given(lives(), OUTAGES, st.data())
def test_chopped_runs_with_flush_or_crash_give_the_events_of_one_run(
    sent: list[Sent], own_outage: tuple[int, int] | None, data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as name:
        frames = spool(Path(name) / "stage", sent, own_outage)
        whole, flushed, crashed = homes(name, frames, "whole", "flushed", "crashed")
        expected = uncut(whole, frames)
        cuts = data.draw(st.lists(st.integers(1, len(frames)), max_size=5), label="cuts")
        assert chopped.run(flushed, frames, cuts) == expected
        assert chopped.run(crashed, frames, cuts, crash=True) == expected


def crash_after(home: Path, pipeline: Pipeline, stage: int) -> None:
    """The first `stage` parts of a flush, and then nothing more."""
    pipeline.archive.append(pipeline.named(pipeline.tail.table()), pipeline.positions)
    if stage > 1:
        rows = pl.DataFrame(pipeline.frame_rows(), schema=FRAMES)
        pipeline.ledger.append(rows, pl.DataFrame(pipeline.rejects, schema=REJECTS), pipeline.positions)
    if stage > 2:
        pipeline.digests.flush()


@FEWER
@given(lives(), st.data())
def test_a_crash_within_a_flush_loses_and_doubles_nothing(sent: list[Sent], data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as name:
        frames = spool(Path(name) / "stage", sent)
        whole, broken = homes(name, frames, "whole", "broken")
        one = Pipeline(whole, Collecting())
        expected = one.advance(frames) + one.settle_last()
        one.flush()
        sink = Collecting()
        start = 0
        for cut in sorted(data.draw(st.lists(st.integers(1, len(frames)), max_size=4, unique=True), label="cuts")):
            pipeline = Pipeline(broken, sink)
            start = pipeline.positions.get(GATEWAY, -1) + 1
            pipeline.advance(frames[start:cut])
            if not pipeline.state.late:
                crash_after(broken, pipeline, data.draw(st.integers(1, 3), label="stage"))
        last = Pipeline(broken, sink)
        last.advance(frames[last.positions.get(GATEWAY, -1) + 1 :])
        last.settle_last()
        last.flush()
        assert told(list(sink.events.values())) == told(list({e.id: e for e in expected}.values()))
        assert keys(broken) == keys(whole)
        assert balance(broken) == balance(whole)
        assert balance(broken).waiting_records == 0
        assert verify(broken) == []


@FEWER
@given(lives(), st.data())
def test_the_embedded_runner_gives_the_events_of_the_chopped_one_and_a_balanced_ledger(
    sent: list[Sent], data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as name:
        frames = spool(Path(name) / "stage", sent)
        (whole,) = homes(name, frames, "whole")
        expected = uncut(whole, frames)
        home, sink, wall = Path(name) / "live", Collecting(), [START]
        engine = Embedded(Pipeline(home, sink), lambda: wall[0])
        with SpoolWriter(home, GATEWAY) as writer:
            for _, f in frames:
                writer.append(kind=f.kind, name=f.name, source=f.source, payload=f.payload, received_at=f.received_at)
                if data.draw(st.integers(0, 3)) == 0:
                    writer.commit()
                    wall[0] += data.draw(st.sampled_from((100, 1_000, 20_000)))
                    engine.poll()
            writer.commit()
        while engine.poll():
            wall[0] += 1_000
        engine.pipeline.settle_last()
        engine.pipeline.flush()
        assert told(list(sink.events.values())) == expected
        stored = keys(home)
        assert len({(point, time) for point, time, _, _ in stored}) == len(stored)
        counted = balance(home)
        assert counted.waiting_records == counted.waiting == 0
        assert (
            counted.read == counted.archived + counted.repeated + counted.superseded + counted.rejected + counted.kept
        )
        assert verify(home) == []


def test_a_checkpoint_holds_what_was_defined_since_the_one_before(tmp_path: Path) -> None:
    state = State()
    mine = state.mine_of("141030900001", "", START)
    first = state.enter_point(mine, "14103090000101MN004300010A01", "", "1102综采工作面T1", "")
    checkpoint.save(tmp_path, 1, state, {})
    state.enter_point(mine, "14103090000101MN004300020A01", "", "1103掘进工作面T1", "")
    state.name_type(first, "激光甲烷")
    checkpoint.save(tmp_path, 2, state, {})
    loaded = checkpoint.load(tmp_path)
    assert loaded is not None and picture(loaded[1]) == picture(state)


@pytest.mark.parametrize("count", [0, 1, 2, 3, 7])
def test_a_packed_list_is_its_json(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed, "ROWS", 3)
    monkeypatch.setattr(packed, "BYTES", 5)
    rows = [[number, "测点", None] for number in range(count)]
    out = io.BytesIO()
    packed.write(out, packed.pack(iter(rows)))
    assert json.loads(out.getvalue()) == rows
