"""Which snapshot answers, for how long, and what is said where a snapshot says too little."""

from __future__ import annotations

import polars as pl

from kuangan.library.telemetry import underground
from kuangan.library.telemetry.ledger import balance
from kuangan.library.telemetry.records import read_records
from tests.library.warning.scene import MINE, OTHER, SECOND, Scene, moment, stamp, wire_time

AREA, ELSEWHERE = f"{MINE}0004", f"{MINE}0005"


def card(number: int) -> str:
    return f"{MINE}{number:05d}"


def position(number: int, flag: str = "1", area: str = AREA, name: str = "合成甲") -> str:
    since = wire_time(moment(-3600))
    out = since if flag == "2" else ""
    return f"{card(number)};{name};{flag};{since};{out};{area};{since};{area}000010;{since};三八制;0;正常;0;0;"


def snapshot(scene: Scene, at: float, *records: str, arrival: float | None = None, clock: float | None = None) -> None:
    header = f"{MINE};合成煤矿;{wire_time(moment(at if clock is None else clock))}"
    scene.upload("RYSS", records, at if arrival is None else arrival, header=header)


def asked(scene: Scene, at: float, **given: int) -> underground.Below:
    scene.judge()
    scene.pipeline.records.publish()
    found = underground.below(scene.home, [MINE], moment(at), **given)
    if not given:
        agrees(scene, found, moment(at))
    return found


def agrees(scene: Scene, found: underground.Below, at: int, aliases: dict[str, str] | None = None) -> None:
    """What is said of all mines at once is what is said of this one."""
    rows = underground.totals(scene.home, at, aliases).filter(pl.col("mine") == MINE).to_dicts()
    if not found.known:
        assert rows == []
        return
    [row] = rows
    assert (row["persons"], row["snapshot"]) == (found.count, found.snapshot)
    assert (row["unclear"], row["rejected"]) == (found.unclear, found.rejected)


def test_without_any_snapshot_nothing_is_known(scene: Scene) -> None:
    found = asked(scene, 0)
    assert (found.known, found.count, found.people, found.unclear, found.rejected) == (False, None, None, None, None)


def test_a_snapshot_answers_for_the_stated_time_and_no_longer(scene: Scene) -> None:
    snapshot(scene, 0, position(1))
    edge = underground.GOOD_FOR / SECOND
    assert [asked(scene, at).count for at in (-1, 0, edge, edge + 1)] == [None, 1, 1, None]
    assert asked(scene, 60, within=30 * SECOND).count is None
    assert asked(scene, 60).age == 60 * SECOND


def test_a_snapshot_that_names_nobody_is_nobody_below_ground(scene: Scene) -> None:
    snapshot(scene, 0, position(1))
    snapshot(scene, 300)
    assert [asked(scene, at).count for at in (299, 300)] == [1, 0]
    counts = underground.head_counts(scene.home, [MINE], moment(0), moment(300))
    assert counts.rows() == [(moment(0), None, 1), (moment(0), AREA, 1), (moment(300), None, 0)]


def test_a_card_without_an_area_counts_for_the_mine_once_and_for_no_area(scene: Scene) -> None:
    snapshot(scene, 0, position(1), position(2, area=""), position(3, area=""))
    snapshot(scene, 300, position(2, area=""))
    assert [asked(scene, at).count for at in (0, 300)] == [3, 1]
    counts = underground.head_counts(scene.home, [MINE], moment(0), moment(300))
    assert counts.rows() == [(moment(0), None, 3), (moment(0), AREA, 1), (moment(300), None, 1)]


def test_who_went_out_is_not_below_and_who_is_neither_in_nor_out_is_told_apart(scene: Scene) -> None:
    snapshot(scene, 0, position(1), position(2, flag="2"), position(3, flag="0"))
    found = asked(scene, 0)
    assert found.people is not None
    assert (found.people["card"].to_list(), found.unclear) == ([card(1)], 1)


def test_files_of_one_moment_are_one_snapshot_and_the_last_record_of_a_card_stands(scene: Scene) -> None:
    snapshot(scene, 0, position(1), position(2), position(1, area=ELSEWHERE))
    snapshot(scene, 0, position(3), position(2, flag="2"), arrival=2)
    found = asked(scene, 5)
    assert found.people is not None
    assert found.people.select("card", "area").rows() == [(card(3), AREA), (card(1), ELSEWHERE)]
    assert asked(scene, 1).count == 2  # the second file had not come


def test_what_came_later_counts_only_for_those_who_ask_what_is_known_later(scene: Scene) -> None:
    snapshot(scene, 0, position(1))
    snapshot(scene, 300, position(1), position(2), arrival=1200)
    assert asked(scene, 310).count == 1
    assert asked(scene, 310, known_at=moment(1200)).count == 2
    assert asked(scene, 310, known_at=moment(1199)).count == 1


def test_records_that_cannot_be_read_are_told_and_a_file_of_them_alone_says_nothing(scene: Scene) -> None:
    snapshot(scene, 0, position(1), "too;few")
    snapshot(scene, 300, "too;few")
    assert (asked(scene, 0).count, asked(scene, 0).rejected) == (1, 1)
    assert (asked(scene, 310).count, asked(scene, 310).snapshot) == (1, moment(0))
    assert asked(scene, 0 + 16 * 60).count is None


def test_a_header_that_runs_ahead_counts_as_its_arrival(scene: Scene) -> None:
    snapshot(scene, 0, position(1), clock=20 * 60)
    found = asked(scene, 30)
    assert (found.snapshot, found.count) == (moment(0), 1)


def test_a_mine_may_send_under_another_code(scene: Scene) -> None:
    old = "150622B0012000200092"
    text = f"{wire_time(moment(0))};1;0001/合成乙;~{';'.join(position(1).split(';')[:9])};~||"
    scene.put("upload", f"{old}_RYSS_{stamp(moment(0))}.txt", text.encode(), 0)
    assert asked(scene, 0).count is None
    found = underground.below(scene.home, [MINE, old], moment(0))
    assert found.count == 1
    agrees(scene, found, moment(0), {old: MINE})
    assert scene.pipeline.state.mines == [old]


def test_a_mine_that_sends_people_alone_is_entered_with_its_name(scene: Scene) -> None:
    snapshot(scene, 0, position(1))
    scene.judge()
    assert (scene.pipeline.state.mines, scene.pipeline.state.mine_names) == ([MINE], ["合成煤矿"])


def test_another_mine_never_counts(scene: Scene) -> None:
    snapshot(scene, 0, position(1))
    scene.upload("RYSS", [position(2)], 1, mine=OTHER)
    assert asked(scene, 5).count == 1


def test_names_come_from_the_list_of_persons_or_else_from_the_snapshot_by_the_time_asked_for(scene: Scene) -> None:
    snapshot(scene, 0, position(1, name="合成乙"), position(2, name="合成丙"))
    header = f"{MINE};合成煤矿;400;KJ;系统;厂家;2028-12-31;{wire_time(moment(60))}"
    scene.upload("RYXX", [f"{card(1)};合成甲;司机;班长;一队;;;0;1"], 60, header=header)
    scene.judge()
    scene.pipeline.records.publish()

    def names(at: float) -> list[str]:
        return underground.persons(scene.home, [MINE], [card(1), card(2)], moment(at))["name"].to_list()

    assert (names(-1), names(30), names(60)) == ([], ["合成乙", "合成丙"], ["合成甲", "合成丙"])


def test_the_same_again_is_written_once_a_day_and_a_change_at_once(scene: Scene) -> None:
    day = 24 * 3600
    for at, approved in ((0, 26), (60, 26), (120, 18), (180, 18), (day, 18), (day + 60, 18)):
        scene.upload("RYQY", [f"重点区域;{AREA};{approved};面"], at)
    scene.judge()
    scene.pipeline.records.publish()
    rows = read_records(scene.home, "areas").sort("seq").collect()
    assert rows.select("moment", "approved").rows() == [(moment(0), 26), (moment(120), 18), (moment(day), 18)]
    asked_at = [underground.areas(scene.home, [MINE], moment(at))["approved"].to_list() for at in (-1, 119, 120, day)]
    assert asked_at == [[], [26], [18], [18]]


def test_of_statistics_sent_again_the_last_stand(scene: Scene) -> None:
    point = f"{MINE}01MN0043000001"

    def record(start: float, high: str) -> str:
        begin, end = wire_time(moment(start)), wire_time(moment(start + 300))
        return f"{point};激光甲烷;T1;%CH4;{begin};{end};{high};{begin};0.1;{begin};0.2;{end}"

    scene.upload("TJSJ", [record(0, "0.4"), record(300, "0.5")], 600)
    scene.upload("TJSJ", [record(300, "0.6")], 900)
    scene.judge()
    scene.pipeline.records.publish()
    found = underground.statistics(scene.home, [MINE], [point], moment(0), moment(600))
    assert found.select("start", "max").rows() == [(moment(0), 0.4), (moment(300), 0.6)]


def test_the_last_state_of_every_station_is_known(scene: Scene) -> None:
    scene.upload("FZSS", [f"{MINE}00001;0;1;{wire_time(moment(0))}"], 0)
    scene.upload("FZSS", [f"{MINE}00001;1;0;{wire_time(moment(300))}"], 300)
    scene.upload("JZSS", [f"{AREA}000010;2;2;{wire_time(moment(300))}"], 301)
    scene.judge()
    scene.pipeline.records.publish()
    last = underground.station_states(scene.home, [MINE], moment(400))
    assert last.select("type", "run", "power").rows() == [("FZSS", 1, 0), ("JZSS", 2, 2)]
    assert underground.station_states(scene.home, [MINE], moment(200))["run"].to_list() == [0]


def test_files_of_minutes_neither_start_nor_stop_the_clocks_of_the_link(scene: Scene) -> None:
    snapshot(scene, 0, position(1))
    assert {e.rule for e in scene.judge(3600)} == {"people.system_silent"}
    scene.send(3600, 0.3)
    for at in range(3700, 5000, 300):
        snapshot(scene, at, position(1))
    outages = [(e.rule, e.onset) for e in scene.judge(5000) if e.rule.startswith("link.")]
    assert outages == [("link.network_outage", moment(3600))]


def test_good_records_of_every_type_stand_in_the_ledger_as_kept(scene: Scene) -> None:
    snapshot(scene, 0, position(1), position(2), "bad")
    scene.upload("RYQY", [f"重点区域;{AREA};26;面"], 1)
    scene.judge(60)
    scene.pipeline.flush()
    rows = scene.pipeline.ledger.frames().select("type", "good", "rejected", "archived", "outcome").collect()
    assert sorted(rows.rows()) == [("RYQY", 1, 0, 0, "accepted"), ("RYSS", 2, 1, 0, "partial")]
    sums = balance(scene.home)
    assert (sums.kept, sums.rejected, sums.read) == (3, 1, 4)
    assert read_records(scene.home, "positions").filter(pl.col("record") > 0).collect().height == 2
