"""From the warning to the lifted order: who may do what, clocks that climb, people counted out of real files, spot checks."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kuangan.base import deadlines
from kuangan.base.audit.models import AuditEntry
from kuangan.base.case.errors import Forbidden, MissingFields, NotVisible, NotYet, WrongState
from kuangan.base.case.models import Case
from kuangan.base.clock import from_ms
from kuangan.base.deadlines.models import Deadline
from kuangan.base.notices.answers import answer, token
from kuangan.base.notices.models import Notice
from kuangan.base.registry.models import Mine, MineAlias
from kuangan.domains.alerts.work import waiting
from kuangan.domains.duty.calling import mark
from kuangan.domains.duty.contacts import Line, enter_contact
from kuangan.domains.duty.models import Call, CallOut
from kuangan.domains.duty.weather import acts, checks
from kuangan.domains.duty.weather.intake import take
from kuangan.domains.duty.weather.models import SpotCheck, Warning, Withdrawal
from kuangan.domains.duty.weather.people import below_of, by_minute, draw, total_of
from kuangan.library.simulate import below, build_mine, outage, snapshot_times
from kuangan.library.telemetry import underground
from kuangan.site.wiring import HANDLERS
from tests.duty.weather_wire import COUNTY, NEIGHBOUR, cap, refer
from tests.library.replaying import replay_into

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
ORDER = {"basis": "示例依据", "scope": "井下全部作业人员"}


@pytest.fixture
def row(cast: Any, moment: datetime, tmp_path: Path) -> Withdrawal:
    """Mine A under a red rainstorm warning."""
    take(tmp_path, "a.xml", cap(moment, codes=(COUNTY,)), "http", at=moment)
    return Withdrawal.objects.select_related("case", "mine", "warning").get()


def step(row: Withdrawal, name: str, by: Any, at: datetime, /, **form: Any) -> Case:
    case = acts.take(row.case, name, by=by, at=at, form=form, reason=form.get("reason", ""))
    row.refresh_from_db()
    return case


def open_codes(row: Withdrawal) -> dict[str, Any]:
    rows = Deadline.objects.filter(subject_kind="case", subject_id=str(row.pk), state__in=("running", "lapsed"))
    return {one.code: one.owner for one in rows.select_related("owner")}


def asked(user: Any, at: datetime) -> list[str]:
    """What the list of open work says to somebody."""
    items, total = waiting(user, at)
    assert total == len(items)
    return [item.asked for item in items]


def test_the_whole_life_of_an_order(cast: Any, row: Withdrawal, moment: datetime) -> None:
    at = moment + 2 * MINUTE
    assert asked(cast.county_officer, at) == ["叫应并登记接通", "决定是否停产撤人"]
    assert step(row, "answer", cast.mine_a_dispatcher, at, name="示例员").state == "called"
    assert (row.answered_by, set(open_codes(row))) == ("示例员", {"decide"})
    at += MINUTE
    assert step(row, "order", cast.county_leader, at, **ORDER).state == "ordered"
    assert (row.ordered_at, row.order_body) == (at, cast.organisations["county"])
    assert open_codes(row) == dict.fromkeys(("begin", "report_out"), cast.organisations["mine_a"])
    assert asked(cast.county_officer, at) == []
    assert asked(cast.mine_a_dispatcher, at) == ["响应停产撤人指令", "报告人员撤出"]
    told = Notice.objects.filter(subject_id=str(row.pk), key__contains=":step:")
    assert {(one.channel, one.to) for one in told} == {("inbox", f"organisation:{cast.organisations['mine_a'].pk}")}
    assert step(row, "begin", cast.mine_a_dispatcher, at + 5 * MINUTE, below=42).state == "withdrawing"
    said = {"out": 40, "remaining": 2, "out_at": at + 50 * MINUTE, "stay_reason": "中央水泵房看护"}
    assert step(row, "report_out", cast.mine_a_manager, at + 55 * MINUTE, **said).state == "out"
    assert (row.out, row.remaining, row.out_at, row.reported_at) == (40, 2, at + 50 * MINUTE, at + 55 * MINUTE)
    assert not open_codes(row)
    with pytest.raises(NotYet, match="预警尚未解除"):
        step(row, "lift", cast.county_leader, at + HOUR, conditions="已核实")
    deadlines.tick(moment + 6 * HOUR, HANDLERS)
    row.case.refresh_from_db()
    assert row.case.state == "out" and open_codes(row) == {"lift": cast.organisations["county"]}
    assert asked(cast.county_leader, moment + 6 * HOUR) == ["解除停产撤人指令"]
    assert step(row, "lift", cast.county_leader, moment + 7 * HOUR, conditions="雨停，水位正常").state == "lifted"
    assert not open_codes(row)
    actions = list(AuditEntry.objects.filter(ident=row.case.number).order_by("pk").values_list("action", flat=True))
    assert actions == ["weather.opened", "answer", "order", "begin", "report_out", "lift"]


WRONG = [
    ("answer", "county_officer", {"name": "x"}, Forbidden),
    ("answer", "mine_b_dispatcher", {"name": "x"}, NotVisible),
    ("answer", "nobody", {"name": "x"}, NotVisible),
    ("order", "county_officer", ORDER, Forbidden),
    ("order", "mine_a_dispatcher", ORDER, Forbidden),
    ("order", "parent_dispatcher", ORDER, Forbidden),
    ("order", "bureau_officer", ORDER, Forbidden),
    ("order", "neighbour_officer", ORDER, NotVisible),
    ("order", "county_leader", {"basis": "", "scope": "全矿"}, MissingFields),
    ("decline", "county_leader", {"reason": " "}, MissingFields),
    ("call", "county_officer", {}, NotYet),
    ("call", "mine_a_dispatcher", {}, Forbidden),
    ("close", "county_officer", {"outcome": "x"}, WrongState),
    ("key_pressed", "county_leader", {}, Forbidden),
    ("end", "county_leader", {}, Forbidden),
    ("begin", "mine_a_manager", {"below": 3}, WrongState),
    ("begin", "mine_a_manager", {"below": -1}, MissingFields),
    ("no_such_step", "county_leader", {}, WrongState),
]


@pytest.mark.parametrize(("name", "who", "form", "refusal"), WRONG, ids=[f"{n}-{w}" for n, w, _, _ in WRONG])
def test_wrong_persons_and_wrong_moments_are_refused(
    cast: Any, row: Withdrawal, moment: datetime, name: str, who: str, form: dict[str, Any], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        step(row, name, cast.people[who], moment + MINUTE, **form)
    row.case.refresh_from_db()
    assert row.case.state == "received"


def test_a_mine_may_order_itself_but_not_take_back_what_an_authority_ordered(
    cast: Any, row: Withdrawal, moment: datetime
) -> None:
    step(row, "order", cast.mine_a_manager, moment, **ORDER)
    step(row, "revoke", cast.mine_a_manager, moment + MINUTE, reason="误下")
    assert (row.ordered_at, row.order_basis, set(open_codes(row))) == (None, "", {"decide"})
    step(row, "order", cast.city_leader, moment + 2 * MINUTE, **ORDER)
    with pytest.raises(Forbidden):
        step(row, "revoke", cast.mine_a_manager, moment + 3 * MINUTE, reason="误下")


def test_a_proposal_is_decided_by_somebody_with_authority(cast: Any, row: Withdrawal, moment: datetime) -> None:
    step(row, "answer", cast.mine_a_dispatcher, moment, name="示例员")
    with pytest.raises(NotYet, match="建议停产撤人"):
        step(row, "close", cast.county_officer, moment, outcome="已告知")
    assert step(row, "decline", cast.county_leader, moment, reason="矿井已停产，井下无人").state == "closed"
    assert not open_codes(row)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"remaining": 3}, "stay_reason"),
        ({"out_at": timedelta(hours=2)}, "out_at"),
        ({"out_at": timedelta(hours=-1)}, "out_at"),
        ({"out": "many"}, "out"),
    ],
)
def test_a_report_of_people_out_must_be_possible(
    cast: Any, row: Withdrawal, moment: datetime, changes: dict[str, Any], field: str
) -> None:
    step(row, "order", cast.county_leader, moment, **ORDER)
    said = {"out": 40, "remaining": 0, "out_at": moment + MINUTE} | changes
    if isinstance(said["out_at"], timedelta):
        said["out_at"] = moment + said["out_at"]
    with pytest.raises(MissingFields) as missing:
        step(row, "report_out", cast.mine_a_manager, moment + HOUR, **said)
    assert set(missing.value.fields) == {field}


def test_a_missing_answer_climbs_to_city_and_province(
    cast: Any, row: Withdrawal, moment: datetime, staffed: dict[str, Any]
) -> None:
    def told() -> set[str]:
        rows = Notice.objects.filter(subject_kind="case", subject_id=str(row.pk), body__contains="尚未叫应")
        return set(rows.values_list("to", flat=True))

    deadlines.tick(moment + 9 * MINUTE, HANDLERS)
    assert not told()
    deadlines.tick(moment + 10 * MINUTE, HANDLERS)
    county, city = cast.organisations["county"], cast.organisations["city"]
    assert told() == {f"organisation:{county.pk}", staffed["county"].officer_phone}
    deadlines.tick(moment + 20 * MINUTE, HANDLERS)
    assert {f"organisation:{city.pk}", staffed["city"].officer_phone} <= told()
    deadlines.tick(moment + 30 * MINUTE, HANDLERS)
    assert f"organisation:{cast.organisations['province'].pk}" in told()
    assert f"organisation:{cast.organisations['neighbour'].pk}" not in told()


def test_a_mine_that_does_not_answer_its_order_is_told_with_its_supervisor(
    cast: Any, row: Withdrawal, moment: datetime
) -> None:
    step(row, "order", cast.county_leader, moment, **ORDER)
    deadlines.tick(moment + 10 * MINUTE, HANDLERS)
    rows = Notice.objects.filter(subject_id=str(row.pk), body__contains="指令尚未响应", channel="inbox")
    wanted = {f"organisation:{cast.organisations[key].pk}" for key in ("mine_a", "county")}
    assert set(rows.values_list("to", flat=True)) == wanted


def test_mines_are_called_out_together_and_a_pressed_key_answers(cast: Any, row: Withdrawal, moment: datetime) -> None:
    body = cast.organisations["mine_a"]
    for post, phone in (("dispatch", "0000-1"), ("manager", "0000-2"), ("rescue_team", "0000-3")):
        enter_contact(body, Line(post, phone, "示例员"), by=None, at=moment, reason="登记")
    with pytest.raises(Forbidden):
        acts.call_out([row], "voice", by=cast.bureau_officer, at=moment)
    assert acts.call_out([row], "voice", by=cast.county_officer, at=moment) == (2, [])
    assert acts.call_out([row], "voice", by=cast.county_officer, at=moment) == (2, [])
    assert CallOut.objects.get().about == row.case
    call = Call.objects.select_related("notice").order_by("pk").first()
    assert call is not None and call.phone == "0000-1"
    with pytest.raises(NotYet):
        step(row, "call", cast.county_officer, moment)
    assert answer(token(call.notice), "1", moment + MINUTE)
    row.case.refresh_from_db()
    assert row.case.state == "called" and "call" not in open_codes(row)
    [made] = row.case.steps.all()
    assert (made.name, made.by, made.form["name"]) == ("key_pressed", None, "示例员")


def test_a_call_by_hand_that_was_answered_may_be_recorded(cast: Any, row: Withdrawal, moment: datetime) -> None:
    cast.organisations["mine_a"].phone = "0000-9"
    cast.organisations["mine_a"].save()
    acts.call_out([row], "sms", by=cast.county_officer, at=moment)
    mark(Call.objects.get(), "answered_at", by=cast.county_officer, at=moment)
    assert step(row, "call", cast.county_officer, moment).state == "called"


def test_a_mine_without_a_number_is_named(cast: Any, row: Withdrawal, moment: datetime) -> None:
    assert acts.call_out([row], "voice", by=cast.county_officer, at=moment) == (0, [cast.mine_a.name])
    assert not CallOut.objects.exists()


def test_an_order_outlives_the_warning_until_somebody_lifts_it(
    cast: Any, row: Withdrawal, moment: datetime, tmp_path: Path
) -> None:
    step(row, "order", cast.county_leader, moment, **ORDER)
    cancel = cap(moment + HOUR, "QX-2", kind="Cancel", references=refer(moment))
    take(tmp_path, "b.xml", cancel, "http", at=moment + HOUR)
    row.refresh_from_db()
    assert (row.case.state, row.left_at) == ("ordered", moment + HOUR)
    assert {"begin", "report_out", "lift"} == set(open_codes(row))
    assert Notice.objects.filter(subject_id=str(row.pk), body__contains="指令仍然有效").exists()
    assert step(row, "lift", cast.county_leader, moment + 2 * HOUR, conditions="已核实").state == "lifted"


def test_a_drill_is_marked_everywhere(cast: Any, moment: datetime, tmp_path: Path) -> None:
    take(tmp_path, "a.xml", cap(moment, status="Exercise"), "http", at=moment)
    case = Case.objects.get(kind="weather")
    assert case.drill and Warning.objects.get().drill
    assert all(one.subject.startswith("【演练】") for one in Notice.objects.filter(subject_id=str(case.pk)))


# ── people out, from files of the simulator ──────────────────────────────────────────────────────────────────────────────

START = 1_773_100_800_000 - 45 * 60_000
END = START + 2 * 3_600_000
CREWS = (("140404900001", 30), ("140403900002", 18))
SIMULATED = [build_mine(code, "示例煤业", seed=7, points=20, crew=crew) for code, crew in CREWS]
CUT = outage(SIMULATED[1], START + 50 * 60_000, minutes=31)


@pytest.fixture(scope="module")
def replayed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two mines over a change of shift; the second is cut off for half an hour."""
    home = tmp_path_factory.mktemp("withdrawn")
    replay_into(home, SIMULATED, START, END, CUT)
    return home


def truth(number: int, at: int) -> int | None:
    """What the simulator's mine had told by a moment; None when its last word is older than a quarter of an hour."""
    mine = SIMULATED[number]
    told = [s for s in snapshot_times(mine, START, at + 1) if not (number == 1 and CUT.start <= s * 1000 < CUT.end)]
    return len(below(mine, told[-1])) if told and at - told[-1] * 1000 <= underground.GOOD_FOR else None


@pytest.fixture
def ordered(cast: Any, tmp_path: Path) -> list[Withdrawal]:
    at = from_ms(START)
    take(tmp_path, "a.xml", cap(at, codes=(COUNTY, NEIGHBOUR)), "http", at=at)
    rows = list(Withdrawal.objects.select_related("case__owner", "mine", "warning").order_by("-mine"))
    step(rows[0], "order", cast.city_leader, at + 20 * MINUTE, **ORDER)
    step(rows[1], "order", cast.city_leader, at + 30 * MINUTE, **ORDER)
    return rows


@pytest.mark.parametrize("minute", [35, 60, 70, 119])
def test_the_curve_is_the_simulators_truth_minute_by_minute(
    ordered: list[Withdrawal], replayed: Path, minute: int
) -> None:
    end = START + minute * 60_000
    found = below_of(replayed, ordered, from_ms(end))
    for number, row in enumerate(ordered):
        one = found[row.mine_id]
        assert (one.now, one.at_order) == (truth(number, end), truth(number, int(row.ordered_at.timestamp() * 1000)))
        first = int(one.start.timestamp() * 1000)
        grid = [*range(first, end, 60_000), end]
        expected = [truth(number, at) for at in grid]
        assert [None if np.isnan(value) else int(value) for value in one.minutes] == expected
    total = total_of(found)
    known = [truth(number, end) for number in (0, 1)]
    assert (total.persons, total.unknown) == (sum(n for n in known if n is not None), known.count(None))


def test_where_nothing_was_sent_the_number_is_unknown_and_not_zero(ordered: list[Withdrawal], tmp_path: Path) -> None:
    found = below_of(tmp_path, ordered, from_ms(END))
    for one in found.values():
        assert one.now is None and np.isnan(one.minutes).all() and not draw(one.minutes, one.start, []).lines
    assert (total_of(found).persons, total_of(found).unknown) == (0, 2)


def test_the_line_breaks_where_the_mine_was_cut_off(ordered: list[Withdrawal], replayed: Path) -> None:
    one = below_of(replayed, ordered, from_ms(END))[CREWS[1][0]]
    shown = draw(one.minutes, one.start, [(ordered[1].ordered_at, "下令", "wx-order")])
    assert len(shown.lines) == 2 and shown.highest == max(int(v) for v in one.minutes if not np.isnan(v))
    assert [mark.word for mark in shown.marks] == ["下令"]


def test_a_mine_that_sends_under_another_code_is_counted(cast: Any, moment: datetime, replayed: Path) -> None:
    mine = Mine.objects.create(code="140404900777", name="示例别名煤业", kind="underground_coal")
    MineAlias.objects.create(alias=CREWS[0][0], mine=mine)
    at = START + 60 * 60_000
    row = Withdrawal(mine=mine, case=Case(opened=from_ms(START)), ordered_at=from_ms(START))
    assert below_of(replayed, [row], from_ms(at))[mine.code].now == truth(0, at)


def test_zero_is_where_it_stayed_zero() -> None:
    grid = np.array([0, 5, 16, 21, 40], dtype=np.int64) * 60_000
    moments = np.array([0, 5, 10, 20], dtype=np.int64) * 60_000
    counted = by_minute(moments, np.array([4, 0, 2, 0]), grid)
    assert counted[:4].tolist() == [4, 0, 2, 0] and np.isnan(counted[4])


def test_what_the_mine_said_is_held_against_positions_and_never_called_false(
    cast: Any, ordered: list[Withdrawal], replayed: Path
) -> None:
    row, at = ordered[0], from_ms(START + 60 * 60_000)
    assert below_of(replayed, [row], at)[row.mine_id].agreement == ""
    said = {"out": 30, "remaining": 0, "out_at": from_ms(START + 40 * 60_000)}
    step(row, "report_out", cast.mine_a_manager, at, **said)
    early = below_of(replayed, [row], from_ms(START + 48 * 60_000))[row.mine_id]
    late = below_of(replayed, [row], at)[row.mine_id]
    assert early.agreement == "early" and late.agreement == "differs" and late.word == "与监测数据不一致"
    Withdrawal.objects.filter(pk=row.pk).update(remaining=late.now)
    row.refresh_from_db()
    assert below_of(replayed, [row], at)[row.mine_id].agreement == "agrees"
    assert below_of(Path("/nonexistent"), [row], at)[row.mine_id].agreement == "unknown"


def test_spot_checks_are_drawn_by_a_seed_that_nobody_chose(cast: Any, ordered: list[Withdrawal]) -> None:
    at = from_ms(END)
    warning = ordered[0].warning
    made = checks.draw(warning, 1, by=cast.city_officer, at=at)
    assert checks.repeats(made) and made.population == sorted(row.pk for row in ordered)
    entry = AuditEntry.objects.get(action="weather.drawn")
    assert entry.digest.startswith(made.seed)
    own = checks.draw(warning, 5, by=cast.county_officer, at=at)
    assert own.population == [ordered[0].pk]
    for who in (cast.mine_a_manager, cast.parent_dispatcher, cast.nobody):
        with pytest.raises(Forbidden):
            checks.draw(warning, 1, by=who, at=at)
    with pytest.raises(MissingFields):
        checks.draw(warning, 0, by=cast.city_officer, at=at)


@pytest.fixture
def drawn(cast: Any, ordered: list[Withdrawal]) -> tuple[SpotCheck, Withdrawal]:
    row = ordered[0]
    at = from_ms(START + 60 * 60_000)
    step(row, "report_out", cast.mine_a_manager, at, out=30, remaining=0, out_at=at - 20 * MINUTE)
    check = checks.draw(row.warning, 1, by=cast.county_officer, at=at).checks.get()
    return check, row


def test_a_check_that_finds_people_sends_the_report_back(
    cast: Any, drawn: tuple[SpotCheck, Withdrawal], replayed: Path
) -> None:
    check, row = drawn
    at = from_ms(START + 60 * 60_000)
    how = {"means": "camera", "verdict": "staying", "by": cast.county_officer, "at": at, "home": replayed}
    with pytest.raises(MissingFields):
        checks.judge(check, note="", **how)
    held = checks.judge(check, note="副井口仍有人上下", **how)
    assert (held.seen, held.agreement) == (truth(0, START + 60 * 60_000), "differs")
    row.refresh_from_db()
    assert (row.case.state, row.out_at) == ("withdrawing", None) and "report_out" in open_codes(row)
    with pytest.raises(WrongState):
        checks.judge(check, note="再次", **how)


def test_a_check_that_finds_everybody_out_confirms(
    cast: Any, drawn: tuple[SpotCheck, Withdrawal], tmp_path: Path
) -> None:
    check, row = drawn
    how = {"means": "on_site", "verdict": "out", "note": "", "at": from_ms(END), "home": tmp_path}
    for who in (cast.city_officer, cast.mine_a_manager):
        with pytest.raises(Forbidden):
            checks.judge(check, by=who, **how)
    held = checks.judge(check, by=cast.county_officer, **how)
    row.refresh_from_db()
    assert (row.case.state, held.seen, held.agreement) == ("checked", None, "unknown")


def test_a_hundred_mines_are_counted_in_one_reading(cast: Any, moment: datetime, tmp_path: Path) -> None:
    rows = [
        Withdrawal(mine=Mine(code=f"1404049{number:05d}"), case=Case(opened=moment), ordered_at=moment)
        for number in range(120)
    ]
    with CaptureQueriesContext(connection) as seen:
        found = below_of(tmp_path, rows, moment + HOUR)
    assert len(found) == 120 and len(seen) == 1
