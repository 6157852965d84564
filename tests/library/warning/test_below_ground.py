"""From the files of simulated people to who is below ground: exactly the simulator's truth, wherever the engine was cut."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from kuangan.library.simulate import SimulatedMine, below, build_mine, outage, positions, snapshot_times, uploads
from kuangan.library.simulate.crew import areas as simulated_areas
from kuangan.library.simulate.crew import crew
from kuangan.library.telemetry import underground
from kuangan.library.telemetry.frames import TICK, UPLOAD
from kuangan.library.telemetry.ledger import balance, verify
from kuangan.library.telemetry.records import SHAPES, Records, RecordTable, read_records
from kuangan.library.telemetry.spool import SpoolWriter
from kuangan.library.warning.runners.chopped import frames_of
from kuangan.library.warning.runners.embedded import Embedded
from kuangan.library.warning.runners.pipeline import Numbered, Pipeline
from kuangan.library.warning.runners.sink import Collecting
from tests.library.replaying import replay_into

MINUTE, HOUR = 60_000, 3_600_000
START = 1_773_100_800_000 - 45 * MINUTE  # 07:15 in Beijing: the change of shift falls into it
END = START + 2 * HOUR
MINES = [build_mine(f"14010590000{n}", "砚岫煤业", seed=7, points=20, crew=crew) for n, crew in ((1, 40), (2, 24))]
CUT = outage(MINES[1], START + 50 * MINUTE, minutes=31)


def sent(mine: SimulatedMine, moment: int) -> int:
    """The second of the last snapshot that the mine had sent by a moment."""
    before = snapshot_times(mine, moment - 24 * HOUR, moment + 1)
    silent = CUT.mine == mine.code
    return max(s for s in before if s >= START // 1000 and not (silent and CUT.start <= s * 1000 < CUT.end))


@pytest.fixture(scope="module")
def replayed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("replayed")
    replay_into(home, MINES, START, END, CUT)
    return home


@pytest.mark.parametrize("minute", [5, 20, 41, 46, 52, 60, 84, 100, 119])
@pytest.mark.parametrize("mine", MINES, ids=["all", "cut"])
def test_who_is_below_is_the_truth_of_the_last_snapshot(replayed: Path, mine: SimulatedMine, minute: int) -> None:
    moment = START + minute * MINUTE + 17_000
    found = underground.below(replayed, [mine.code], moment)
    second = sent(mine, moment)
    if moment - second * 1000 > underground.GOOD_FOR:
        assert (found.known, found.count, found.snapshot, found.age) == (False, None, None, None)
        return
    truth = [
        {
            "card": p.person.card,
            "area": p.area,
            "area_since": p.area_since * 1000,
            "station": p.station,
            "station_since": p.station_since * 1000,
            "in_time": p.entered * 1000,
            "distance": p.distance,
            "leader": int(p.person.leader),
            "special": int(p.person.special),
        }
        for p in below(mine, second)
    ]
    assert found.people is not None and truth
    assert found.people.drop("work_state").sort("card").to_dicts() == truth
    assert (found.snapshot, found.age, found.rejected, found.unclear) == (second * 1000, moment - second * 1000, 0, 0)


@pytest.mark.parametrize("minute", [5, 41, 60, 119])
def test_all_mines_at_once_are_what_each_is_alone(replayed: Path, minute: int) -> None:
    moment = START + minute * MINUTE + 17_000
    alone = {mine.code: underground.below(replayed, [mine.code], moment) for mine in MINES}
    rows = underground.totals(replayed, moment).select("mine", "persons", "snapshot").rows()
    assert rows == [(code, found.count, found.snapshot) for code, found in sorted(alone.items()) if found.known]


def test_a_gap_of_the_link_makes_the_number_unknown_and_not_zero(replayed: Path) -> None:
    asked = [underground.below(replayed, [MINES[1].code], CUT.start + n * MINUTE) for n in range(0, 32)]
    assert {each.count is None for each in asked[16:31]} == {True}
    assert all(each.count for each in asked[:10])


def test_the_curve_is_the_truth_of_every_snapshot_and_silent_where_none_came(replayed: Path) -> None:
    mine = MINES[1]
    counts = underground.head_counts(replayed, [mine.code], START, END)
    seconds = [s for s in snapshot_times(mine, START, END) if not CUT.start <= s * 1000 < CUT.end]
    whole = counts.filter(pl.col("area").is_null())
    assert whole.select("moment", "persons").rows() == [(s * 1000, len(below(mine, s))) for s in seconds]
    for second in seconds:
        at = counts.filter(pl.col("area").is_not_null() & (pl.col("moment") == second * 1000))
        places = [p.area for p in below(mine, second)]
        assert dict(at.select("area", "persons").rows()) == {code: places.count(code) for code in set(places)}


def test_definitions_and_names_are_kept_apart_from_positions(replayed: Path) -> None:
    mine = MINES[0]
    defined = underground.areas(replayed, [mine.code], END)
    assert defined.filter(pl.col("area") != "").select("area", "name", "approved").rows() == [
        (area.code, area.name, area.approved) for area in simulated_areas(mine)
    ]
    assert defined.filter(area="")["approved"].to_list() == [mine.crew]
    stations = {code for area in simulated_areas(mine) for code, _ in area.stations}
    assert set(underground.base_stations(replayed, [mine.code], END)["code"]) == stations
    people = crew(mine)
    named = underground.persons(replayed, [mine.code], [p.card for p in people[:5]], END)
    assert named.rows() == [(p.card, p.name, p.trade, p.post, p.team) for p in people[:5]]
    assert "name" not in SHAPES["positions"].columns
    stored = read_records(replayed, "positions").collect()
    texts = {text for column in stored.get_columns() if column.dtype == pl.String for text in column if text}
    assert not texts & {p.name for p in people}


def test_the_sums_hold_with_every_type(replayed: Path) -> None:
    sums = balance(replayed)
    assert sums.balanced and sums.waiting_records == 0 and verify(replayed) == []
    kept = read_records(replayed, "positions").filter(pl.col("record") > 0).collect().height
    assert kept == sum(len(positions(m, s)) for m in MINES for s in snapshot_times(m, START, END) if taken(m, s))


def taken(mine: SimulatedMine, second: int) -> bool:
    return mine.code != CUT.mine or not CUT.start <= second * 1000 < CUT.end


# --- cuts ---------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def spool(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty minutes of one mine around midnight in Beijing, with states that change and files sent late."""
    home = tmp_path_factory.mktemp("spooled")
    before_midnight = 1_773_100_800_000 + 16 * HOUR - 10 * MINUTE
    files = uploads(MINES[1], before_midnight - 20 * MINUTE, before_midnight + 20 * MINUTE, 300, [], opening=True)
    offers = [(file.send_time, file.name, file.payload) for file in files]
    for number, state in enumerate((0, 0, 1, 1, 0, 2)):
        at = before_midnight + (number * 3 - 8) * MINUTE
        stamp = pl.Series([at]).cast(pl.Datetime("ms")).dt.offset_by("8h").dt.strftime("%Y-%m-%d %H:%M:%S")[0]
        payload = f"{MINES[1].code};合成;{stamp}~{MINES[1].code}00001;{state};1;{stamp}~||".encode()
        arrival = at + (7 * MINUTE if number == 3 else 0)
        offers.append((arrival, f"{MINES[1].code}_FZSS_{number}.txt", payload))
    with SpoolWriter(home, "g1") as writer:
        for at, name, payload in sorted(offers):
            writer.append(kind=UPLOAD, name=name, source="s", payload=payload, received_at=at, mine=MINES[1].code)
            writer.append(kind=TICK, name="tick", source="clock", payload=b"", received_at=at + 1000)
        writer.commit()
    return home / "spool"


@pytest.fixture(scope="module")
def spooled(spool: Path) -> list[Numbered]:
    return frames_of(spool.parent, "g1")


def tables(home: Path) -> dict[str, pl.DataFrame]:
    return {name: read_records(home, name).collect().sort("gateway", "seq", "record") for name in SHAPES}


@pytest.fixture(scope="module")
def uncut(spool: Path, spooled: list[Numbered], tmp_path_factory: pytest.TempPathFactory) -> dict[str, pl.DataFrame]:
    home = tmp_path_factory.mktemp("uncut")
    shutil.copytree(spool, home / "spool")
    pipeline = Pipeline(home, Collecting())
    pipeline.advance(spooled)
    pipeline.flush()
    found = tables(home)
    assert all(found[name].height for name in ("positions", "persons", "areas", "base_stations"))
    assert found["station_states"]["run"].to_list() == [0, 1, 0, 2, 1]  # the last came late
    return found


def same(home: Path, uncut: dict[str, pl.DataFrame]) -> None:
    for name, table in tables(home).items():
        assert_frame_equal(table, uncut[name])


def finish(home: Path, spooled: list[Numbered], batch: int = 7) -> None:
    pipeline = Pipeline(home, Collecting())
    rest = [each for each in spooled if each[1].seq > pipeline.positions.get("g1", -1)]
    for at in range(0, len(rest), batch):
        pipeline.advance(rest[at : at + batch])
    pipeline.flush()


def test_an_engine_cut_behind_any_frame_keeps_every_row_once(
    spool: Path, spooled: list[Numbered], uncut: dict[str, pl.DataFrame], tmp_path: Path
) -> None:
    """One engine after another: each takes some frames, is flushed or not, and is gone."""
    shutil.copytree(spool, tmp_path / "spool")
    for cut in range(1, len(spooled)):
        pipeline = Pipeline(tmp_path, Collecting())
        before = pipeline.positions.get("g1", -1)
        pipeline.advance([each for each in spooled[:cut] if each[1].seq > before])
        if cut % 2 and pipeline.may_flush:
            pipeline.flush()
    finish(tmp_path, spooled)
    same(tmp_path, uncut)


class Killed(Exception):
    """Stands for the moment of a kill."""


@pytest.mark.parametrize("behind", [False, True], ids=["before", "behind"])
@pytest.mark.parametrize("number", range(len(SHAPES)), ids=list(SHAPES))
def test_a_kill_between_the_tables_of_a_flush_keeps_every_row_once(
    number: int,
    behind: bool,
    spool: Path,
    spooled: list[Numbered],
    uncut: dict[str, pl.DataFrame],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shutil.copytree(spool, tmp_path / "spool")
    real, calls = RecordTable.append, 0

    def killed(self: RecordTable, *arguments: Any) -> None:
        nonlocal calls
        calls += 1
        if calls - 2 == number and not behind:  # the first call is that of the reported alarms
            raise Killed
        real(self, *arguments)
        if calls - 2 == number:
            raise Killed

    pipeline = Pipeline(tmp_path, Collecting())
    half = len(spooled) // 2
    pipeline.advance(spooled[:half])
    with monkeypatch.context() as patched:
        patched.setattr(RecordTable, "append", killed)
        with pytest.raises(Killed):
            pipeline.flush()
    finish(tmp_path, spooled)
    same(tmp_path, uncut)


def test_readers_see_what_waits_and_what_is_written_once(
    spool: Path, spooled: list[Numbered], uncut: dict[str, pl.DataFrame], tmp_path: Path
) -> None:
    shutil.copytree(spool, tmp_path / "spool")
    walls: Iterator[int] = iter(range(10**12, 10**13, 1_000))
    running = Embedded(Pipeline(tmp_path, Collecting()), lambda: next(walls))
    while running.poll():
        pass
    running.publisher.publish(next(walls))
    same(tmp_path, uncut)
    running.pipeline.records.append(running.pipeline.positions)  # written, and still shown as waiting
    same(tmp_path, uncut)
    running.publisher.publish(next(walls))
    same(tmp_path, uncut)
    assert not any(Records(tmp_path).waiting.values())
    running.upkeep.close()
