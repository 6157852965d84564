"""The ledger: what has happened is entered by who may inspect, corrected by who entered it, and never deleted."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from kuangan.base.audit.models import AuditEntry
from kuangan.base.case.errors import Forbidden, MissingFields, NotVisible
from kuangan.base.clock import BEIJING, to_ms
from kuangan.base.people.roles import OrganisationKind
from kuangan.domains.enforcement.acts import leave, may_enter, published, void
from kuangan.domains.enforcement.kinds import FILE, load
from kuangan.domains.enforcement.lists import in_state, state_now
from kuangan.domains.enforcement.models import Visit
from kuangan.domains.enforcement.rules import STATES, presence, problems
from kuangan.domains.enforcement.tests.conftest import DAY, HOUR, Make, draft_at

MINUTE = timedelta(minutes=1)


def wrong(moment: datetime, **changes: Any) -> set[str]:
    arrived = changes.pop("arrived", moment)
    return set(problems(draft_at(arrived, **changes), FILE.kinds, moment, FILE.back))


def test_an_arrival_is_entered_when_it_has_happened_and_for_a_week(moment: datetime) -> None:
    assert wrong(moment) == set()
    assert wrong(moment, arrived=moment - 7 * DAY) == set()
    assert wrong(moment, arrived=moment - 7 * DAY - MINUTE) == {"arrived_at"}
    assert wrong(moment, arrived=moment + MINUTE) == {"arrived_at"}


def test_what_is_empty_or_impossible_is_named(moment: datetime) -> None:
    assert wrong(moment, lead=" ", team=0, kind="planned") == {"lead", "team", "kind"}
    assert wrong(moment, team=201) == {"team"}
    assert wrong(moment, left_at=moment) == {"left_at"}
    assert wrong(moment, arrived=moment - HOUR, left_at=moment + MINUTE) == {"left_at"}
    assert wrong(moment, arrived=moment - HOUR, left_at=moment) == set()


def test_committees_and_enterprises_are_no_bodies_that_inspect() -> None:
    outside = {OrganisationKind.SAFETY_COMMITTEE, OrganisationKind.GOVERNMENT, OrganisationKind.EXPERT_GROUP}
    outside |= {OrganisationKind.SERVICE_BODY, OrganisationKind.TRAINING_BODY, OrganisationKind.MINE}
    assert not outside & FILE.bodies
    with pytest.raises(ValueError, match="bodies"):
        load("version: 1")


def test_the_entry_names_body_and_person_and_is_audited(entered: Make, cast: Any, moment: datetime) -> None:
    row = entered()
    assert (row.body, row.entered_by, row.recorded_at) == (cast.organisations["county"], cast.county_officer, moment)
    entry = AuditEntry.objects.get(action="visit.entered")
    assert (entry.ident, entry.actor_id) == (str(row.pk), cast.county_officer.pk)
    assert cast.mine_a.code in str(entry.content)


def test_only_bodies_that_inspect_enter_and_only_within_their_scope(entered: Make, cast: Any, moment: datetime) -> None:
    for person in (cast.mine_a_manager, cast.parent_dispatcher, cast.training_body, cast.system_admin, cast.nobody):
        with pytest.raises(Forbidden):
            entered(by=person)
    with pytest.raises(NotVisible):
        entered(by=cast.neighbour_officer)
    for number, person in enumerate((cast.province_officer, cast.city_leader, cast.bureau_officer)):
        assert entered(by=person, arrived=moment - number * HOUR).body == person.organisation
    body = cast.organisations["county"]
    body.kind = OrganisationKind.SAFETY_COMMITTEE
    body.save(update_fields=["kind"])
    cast.county_officer.refresh_from_db()
    assert not may_enter(cast.county_officer)


def test_one_arrival_is_entered_once_by_a_body(entered: Make, cast: Any, moment: datetime) -> None:
    first = entered()
    with pytest.raises(MissingFields, match="已登记过"):
        entered()
    assert entered(by=cast.bureau_officer).pk != first.pk
    void(first, by=cast.county_leader, at=moment, reason="矿名选错")
    assert entered().pk != first.pk


def test_the_leaving_is_entered_once_by_the_same_body(entered: Make, cast: Any, moment: datetime) -> None:
    row, later = entered(), moment + 3 * HOUR
    with pytest.raises(Forbidden):
        leave(row, later, by=cast.city_officer, at=later)
    for left in (moment, later + MINUTE):
        with pytest.raises(MissingFields):
            leave(row, left, by=cast.county_leader, at=later)
    assert leave(row, later, by=cast.county_leader, at=later).left_at == later
    with pytest.raises(MissingFields, match="已登记离矿"):
        leave(row, later, by=cast.county_leader, at=later)
    assert AuditEntry.objects.filter(action="visit.left").count() == 1


def test_a_wrong_entry_is_voided_with_a_reason_and_stays(entered: Make, cast: Any, moment: datetime) -> None:
    row = entered()
    with pytest.raises(MissingFields):
        void(row, by=cast.county_officer, at=moment, reason=" ")
    with pytest.raises(Forbidden):
        void(row, by=cast.bureau_officer, at=moment, reason="误登")
    void(row, by=cast.county_officer, at=moment, reason="矿名选错")
    with pytest.raises(MissingFields, match="已作废"):
        leave(row, moment + HOUR, by=cast.county_officer, at=moment + HOUR)
    with pytest.raises(TypeError):
        row.delete()
    assert Visit.objects.get().void_reason == "矿名选错"
    assert AuditEntry.objects.get(action="visit.voided").reason == "矿名选错"


def test_each_entry_is_in_one_state_and_the_filter_finds_the_same(entered: Make, cast: Any, moment: datetime) -> None:
    rows = [entered(arrived=moment - hours * HOUR) for hours in (0, 11, 12, 30, 40)]
    leave(rows[3], moment, by=cast.county_officer, at=moment)
    void(rows[4], by=cast.county_officer, at=moment, reason="误登")
    said = {row.pk: state_now(row, moment) for row in Visit.objects.all()}
    assert [said[row.pk] for row in rows] == ["here", "here", "unended", "left", "void"]
    for state in STATES:
        found = set(Visit.objects.filter(in_state(state, moment)).values_list("pk", flat=True))
        assert found == {pk for pk, each in said.items() if each == state}


def test_a_visit_without_a_leaving_lasts_twelve_hours_whenever_it_is_asked(moment: datetime) -> None:
    assert presence(moment, None, FILE.open_span) == (moment, moment + 12 * HOUR)
    assert presence(moment, moment + HOUR, FILE.open_span) == (moment, moment + HOUR)


def test_the_engine_is_told_arrivals_of_the_last_days_and_no_names(entered: Make, cast: Any, moment: datetime) -> None:
    assert published(moment) == []
    row, voided = entered(), entered(arrived=moment - DAY)
    void(voided, by=cast.county_officer, at=moment, reason="误登")
    told = {"mine": cast.mine_a.code, "from": to_ms(moment), "to": to_ms(moment + 12 * HOUR)}
    assert published(moment) == published(moment + 5 * HOUR) == [told]
    leave(row, moment + HOUR, by=cast.county_officer, at=moment + HOUR)
    assert published(moment + HOUR) == [told | {"to": to_ms(moment + HOUR)}]


def test_what_grows_old_drops_out_at_the_end_of_a_day(entered: Make, moment: datetime) -> None:
    entered()
    last = (moment + 35 * DAY).astimezone(BEIJING).replace(hour=23, minute=59)
    assert published(last)
    assert published(last + MINUTE) == []
