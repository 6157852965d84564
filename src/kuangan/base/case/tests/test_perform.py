from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from kuangan.base.audit.models import AuditEntry
from kuangan.base.case import perform, possible
from kuangan.base.case.errors import Forbidden, FourEyes, MissingFields, NotVisible, WrongState
from kuangan.base.case.models import Case, Step
from kuangan.base.deadlines.models import Deadline, DeadlineState
from kuangan.base.notices.models import Notice

AT = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)
FORM = {"measures": "撤人", "reason": "爆破"}
Make = Callable[..., Case]


def written() -> tuple[int, int, int, int]:
    return tuple(model.objects.count() for model in (Step, Deadline, AuditEntry, Notice))


def test_a_step_writes_state_timeline_deadline_audit_and_notice(make: Make, county_officer) -> None:
    case = perform(make(), "report", by=county_officer, at=AT, form=FORM, reason="说明")
    assert (case.state, case.due, case.closed) == ("reported", AT + timedelta(hours=4), None)
    taken = case.steps.get()
    assert (taken.name, taken.from_state, taken.to_state, taken.by) == ("report", "raised", "reported", county_officer)
    assert (taken.organisation, taken.form, taken.reason) == (county_officer.organisation, FORM, "说明")
    deadline = Deadline.objects.get()
    assert (deadline.code, deadline.subject_id, deadline.owner) == ("close", str(case.pk), case.owner)
    assert AuditEntry.objects.filter(kind="sample", ident=case.number, action="report", reason="说明").count() == 1
    assert Notice.objects.get().subject == f"请复核 {case.number}"


def test_the_last_step_meets_its_clock_and_closes_the_case(make: Make, county_officer, county_leader) -> None:
    case = perform(make(), "report", by=county_officer, at=AT, form=FORM)
    case = perform(case, "close", by=county_leader, at=AT + timedelta(hours=1), form={})
    assert (case.state, case.due, case.closed) == ("closed", None, AT + timedelta(hours=1))
    assert Deadline.objects.get().state == DeadlineState.MET


@pytest.mark.parametrize("who", ["neighbour_officer", "mine_b_dispatcher", "training_body", "nobody"])
def test_for_a_stranger_the_case_does_not_exist(make: Make, cast, who: str) -> None:
    case, before = make(), written()
    with pytest.raises(NotVisible):
        perform(case, "report", by=cast.people[who], at=AT, form={})
    assert written() == before


def test_the_wrong_role_is_forbidden_even_with_an_empty_form(make: Make, mine_a_manager) -> None:
    case = make(state="reported")
    with pytest.raises(Forbidden):
        perform(case, "close", by=mine_a_manager, at=AT, form={})
    assert possible(case, mine_a_manager) == []


def test_the_flow_may_narrow_who_takes_a_step(make: Make, narrowed, county_officer, city_officer) -> None:
    narrowed(may_perform=lambda case, user, transition: user.organisation_id == case.owner_id)
    case = make()
    with pytest.raises(Forbidden):
        perform(case, "report", by=city_officer, at=AT, form=FORM)
    assert possible(case, city_officer) == []
    assert perform(case, "report", by=county_officer, at=AT, form=FORM).state == "reported"


def test_who_reported_may_not_close(make: Make, county_officer, county_leader) -> None:
    case = perform(make(), "report", by=county_officer, at=AT, form=FORM)
    with pytest.raises(FourEyes):
        perform(case, "close", by=county_officer, at=AT, form={})
    assert possible(case, county_officer) == []
    assert [step.name for step in possible(case, county_leader)] == ["close"]


@pytest.mark.parametrize("empty", [None, "", "  ", [], {}])
def test_every_empty_field_is_named(make: Make, county_officer, empty: object) -> None:
    case, before = make(), written()
    with pytest.raises(MissingFields) as refused:
        perform(case, "report", by=county_officer, at=AT, form={"measures": empty})
    assert set(refused.value.fields) == {"measures", "reason"}
    assert written() == before


@pytest.mark.parametrize("answer", [False, 0])
def test_no_and_zero_are_answers(make: Make, county_officer, answer: object) -> None:
    form = {"measures": answer}
    assert perform(make(), "report", by=county_officer, at=AT, form=form, reason="r").state == "reported"


def test_a_step_from_another_state_or_unknown_is_a_wrong_state(make: Make, county_officer) -> None:
    case, before = make(), written()
    for name in ("close", "dance"):
        with pytest.raises(WrongState):
            perform(case, name, by=county_officer, at=AT, form={})
    assert written() == before


def test_a_stale_copy_of_the_case_does_not_repeat_the_step(make: Make, county_officer, county_leader) -> None:
    stale = make()
    perform(stale, "report", by=county_officer, at=AT, form=FORM)
    with pytest.raises(WrongState):
        perform(stale, "report", by=county_leader, at=AT, form=FORM)
    assert Step.objects.count() == 1


def test_what_fails_at_the_end_leaves_nothing(make: Make, narrowed, county_officer) -> None:
    def fails(case: Case, step: Step) -> None:
        raise RuntimeError

    narrowed(after=fails)
    case, before = make(), written()
    with pytest.raises(RuntimeError):
        perform(case, "report", by=county_officer, at=AT, form=FORM)
    case.refresh_from_db()
    assert case.state == "raised"
    assert written() == before


def test_a_step_costs_a_fixed_number_of_queries(make: Make, county_officer, django_assert_max_num_queries) -> None:
    case = make()
    with django_assert_max_num_queries(40):
        perform(case, "report", by=county_officer, at=AT, form=FORM)
