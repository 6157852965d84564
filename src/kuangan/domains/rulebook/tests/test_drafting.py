"""From a draft to the rule in force: the form, four eyes, what is written, and the way back."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from kuangan.base.audit.models import AuditEntry
from kuangan.base.case.errors import Forbidden, FourEyes, MissingFields
from kuangan.base.people.models import User
from kuangan.domains.rulebook import drafting, publishing
from kuangan.domains.rulebook.models import Draft, Version
from kuangan.domains.rulebook.parts import parts, replaced, taken
from kuangan.domains.rulebook.reading import in_force
from kuangan.domains.rulebook.settings_form import form_for
from kuangan.library.warning.rulebook import FLAT, OVER_LIMIT, SENSOR_OFFLINE, RuleBook, shipped

pytestmark = pytest.mark.django_db(transaction=True)
Clients = Callable[[Any], Client]


def book() -> dict[str, Any]:
    return shipped().model_dump(mode="json")


def filled(form: Any) -> dict[str, Any]:
    """What a browser sends of a form as it was shown."""
    return {name: "" if field.initial is None else field.initial for name, field in form.fields.items()}


def drafted(by: User, at: datetime, **changes: Any) -> Draft:
    content = taken(book(), OVER_LIMIT) | (changes or {"merge_gap_min": 20})
    return drafting.save(None, part=OVER_LIMIT, title="合并间隔改为二十分钟", content=content, by=by, at=at)


def proposed(by: User, at: datetime, **changes: Any) -> Version:
    return publishing.propose(drafted(by, at, **changes), by=by, at=at, reason="减少重复告警", in_force_from=at)


@pytest.mark.parametrize("part", parts(book()))
def test_a_form_sent_as_it_was_shown_changes_nothing(part: str) -> None:
    shown = form_for(book(), part)
    form = form_for(book(), part, data=filled(shown))
    assert form.is_valid(), form.errors
    assert form.changed == taken(book(), part)
    RuleBook.model_validate(replaced(book(), part, form.changed))


@pytest.mark.parametrize(
    ("part", "field", "value", "word"),
    [
        (OVER_LIMIT, "frequency__count", "2.5", "须为整数"),
        (OVER_LIMIT, "merge_gap_min", "十", "输入一个数字"),
        (OVER_LIMIT, "merge_gap_min", "", "必填"),
        (FLAT, "factor", "0", "不得小于 1"),
        (FLAT, "gap_min", "0", "须大于 0"),
        ("point.missing", "workings__0__pattern", "(", "不符合要求"),
    ],
)
def test_what_does_not_parse_is_told_beside_its_field(part: str, field: str, value: str, word: str) -> None:
    given = filled(form_for(book(), part)) | {field: value}
    form = form_for(book(), part, data=given)
    assert not form.is_valid()
    assert list(form.errors) == [field]
    assert word in form.errors[field][0]


def test_an_empty_grade_leaves_it_out_and_a_filled_one_brings_it_in() -> None:
    given = filled(form_for(book(), SENSOR_OFFLINE))
    given |= {"minutes__other__blue": "", "minutes__methane__red": "60"}
    form = form_for(book(), SENSOR_OFFLINE, data=given)
    assert form.is_valid(), form.errors
    assert form.changed["minutes"] == {"methane": {"yellow": 5, "orange": 30, "red": 60}, "other": {"yellow": 30}}
    nothing = form_for(
        book(), SENSOR_OFFLINE, data=given | {"minutes__other__yellow": "", "minutes__other__orange": ""}
    )
    assert not nothing.is_valid()


def test_a_draft_that_does_not_parse_is_not_kept(home: Path, cast: Any, moment: datetime) -> None:
    with pytest.raises(MissingFields, match="须为数字"):
        drafted(cast.province_officer, moment, merge_gap_min="x")
    assert not Draft.objects.exists()


def test_a_second_person_of_the_province_approves_and_the_home_has_the_book(
    home: Path, cast: Any, province_leader: User, moment: datetime
) -> None:
    version = proposed(cast.province_officer, moment)
    assert not (home / "config" / "rulebook.json").exists()
    publishing.approve(version, by=province_leader, at=moment, words="同意")
    found = in_force(home).book
    assert (found.version, found.over_limit.merge_gap_min, found.rules[OVER_LIMIT]["version"]) == (1, 20, 2)
    assert [row.number for row in publishing.approved().order_by("number")] == [0, 1]
    told = AuditEntry.objects.filter(kind="rulebook_version").order_by("pk").values_list("action", flat=True)
    assert list(told) == ["rulebook.proposed", "rulebook.approved"]


def test_nobody_approves_alone_nor_from_below(home: Path, cast: Any, province_leader: User, moment: datetime) -> None:
    own = proposed(province_leader, moment)
    with pytest.raises(FourEyes):
        publishing.approve(own, by=province_leader, at=moment)
    for person in (cast.city_leader, cast.county_leader, cast.province_officer):
        with pytest.raises(Forbidden):
            publishing.approve(own, by=person, at=moment)
    with pytest.raises(Forbidden):
        publishing.propose(
            drafted(cast.county_officer, moment), by=cast.county_officer, at=moment, reason="x", in_force_from=moment
        )
    assert not (home / "config" / "rulebook.json").exists()


def test_a_version_of_later_waits_for_its_time(home: Path, cast: Any, province_leader: User, moment: datetime) -> None:
    later = moment + timedelta(days=2)
    draft = drafted(cast.province_officer, moment)
    version = publishing.propose(draft, by=cast.province_officer, at=moment, reason="x", in_force_from=later)
    publishing.approve(version, by=province_leader, at=moment)
    assert in_force(home).book.over_limit.merge_gap_min == 10
    assert publishing.publish(home, later)
    assert in_force(home).book.over_limit.merge_gap_min == 20
    assert not publishing.publish(home, later + timedelta(days=1)), "equal content is not written again"


def test_going_back_is_a_new_version(home: Path, cast: Any, province_leader: User, moment: datetime) -> None:
    publishing.approve(proposed(cast.province_officer, moment), by=province_leader, at=moment)
    first = Version.objects.get(number=0)
    back = publishing.propose_return(
        first, by=cast.province_officer, at=moment, reason="误报增多", in_force_from=moment
    )
    publishing.approve(back, by=province_leader, at=moment)
    found = in_force(home).book
    assert (found.version, found.over_limit.merge_gap_min) == (2, 10)
    assert found.rules == shipped().rules
    with pytest.raises(MissingFields, match="相同"):
        publishing.propose_return(first, by=cast.province_officer, at=moment, reason="x", in_force_from=moment)


def test_of_two_proposals_for_one_rule_the_second_must_be_drafted_again(
    home: Path, cast: Any, province_leader: User, moment: datetime
) -> None:
    one, two = proposed(cast.province_officer, moment), proposed(cast.province_officer, moment, hold_min=3)
    publishing.approve(one, by=province_leader, at=moment)
    with pytest.raises(MissingFields, match="重新起草"):
        publishing.approve(two, by=province_leader, at=moment)
    publishing.refuse(two, by=province_leader, at=moment, words="重新起草")
    assert in_force(home).book.over_limit.hold_min == 5


def test_a_proposal_that_would_not_parse_is_never_written(
    home: Path, cast: Any, province_leader: User, moment: datetime
) -> None:
    version = proposed(cast.province_officer, moment)
    broken = copy.deepcopy(version.content) | {"merge_gap_min": "x"}
    Version.objects.filter(pk=version.pk).update(content=broken)
    with pytest.raises(MissingFields, match="不可用"):
        publishing.approve(version, by=province_leader, at=moment)
    assert not (home / "config" / "rulebook.json").exists()
    assert not Version.objects.exclude(number=None).exists()


def test_a_file_somebody_wrote_stays_until_there_is_a_version(home: Path, moment: datetime) -> None:
    path = home / "config" / "rulebook.json"
    path.write_text(json.dumps(book() | {"title": "自有规则"}))
    assert not publishing.publish(home, moment)
    assert in_force(home).book.title == "自有规则"


def test_the_pages_of_a_draft_until_it_is_in_force(
    home: Path, cast: Any, province_leader: User, client_of: Clients
) -> None:
    author, leader = client_of(cast.province_officer), client_of(province_leader)
    assert "瓦斯超限" in author.get(reverse("rulebook:draft_new")).content.decode()
    address = f"{reverse('rulebook:draft_new')}?part={OVER_LIMIT}"
    given = filled(form_for(book(), OVER_LIMIT)) | {"title": "间隔二十分钟", "merge_gap_min": "20"}
    made = author.post(address, given)
    draft = Draft.objects.get()
    assert made.url == reverse("rulebook:draft", args=[draft.pk])
    assert "合并间隔（分钟）" in author.get(made.url).content.decode()
    wrong = author.post(address, given | {"merge_gap_min": "x"})
    assert "rb-settings" in wrong.content.decode() and Draft.objects.count() == 1
    step = reverse("rulebook:draft_step", args=[draft.pk, "propose"])
    assert author.post(step, {"reason": "", "in_force_from": "2026-11-21T08:00"}).status_code == 422
    asked = author.post(step, {"reason": "减少重复", "in_force_from": "2026-11-21T08:00"})
    version = Version.objects.get()
    assert asked.url == reverse("rulebook:version", args=[version.pk])
    decide = reverse("rulebook:version_step", args=[version.pk, "approve"])
    assert author.post(decide).status_code == 403
    assert leader.post(decide, {"words": "同意"}).status_code == 302
    page = leader.get(asked.url).content.decode()
    assert "第 1 号版本" in page and "现行" in page
    assert "第 1 号" in client_of(cast.mine_a_dispatcher).get(reverse("rulebook:versions")).content.decode()


def test_drafts_are_of_their_own_office_and_the_province(
    home: Path, cast: Any, client_of: Clients, moment: datetime
) -> None:
    page = reverse("rulebook:draft", args=[drafted(cast.county_officer, moment).pk])
    people = ("county_officer", "county_leader", "province_officer", "neighbour_officer", "city_officer")
    assert [client_of(cast.people[name]).get(page).status_code for name in people] == [200, 200, 200, 404, 404]
    assert client_of(cast.mine_a_manager).get(page).status_code == 403
    edit = reverse("rulebook:draft_edit", args=[Draft.objects.get().pk])
    assert client_of(cast.county_leader).get(edit).status_code == 404
