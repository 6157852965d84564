"""A search through the whole past finds what people type by indexes, and says so where it looks less far."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import F, Q

from kuangan.base.case.models import Case
from kuangan.base.registry.models import Mine
from kuangan.base.tables.lookups import Among
from kuangan.domains.alerts.models import Alert
from kuangan.domains.alerts.queries import Query, matching, page, past_count, past_page
from kuangan.domains.alerts.sought import FEW_MINES, sought

Make = Callable[..., Any]


@pytest.fixture
def numbers(apply: Make, event: Make, cast: Any, moment: datetime) -> dict[str, str]:
    """Alerts of mine A, of late and long ago, and one of mine B; {name: number}."""
    alerts = apply(
        event("g1.1.0"),
        event(
            "g1.2.0",
            rule="gas.trend",
            inputs={"threshold": 0.4, "mean_before": 0.2, "points": []},
            subject="14040490000101MN000102",
        ),
        event("g1.3.0", mine=cast.mine_b.code, subject=cast.mine_b.code, inputs={"location": "主井架"}),
    )
    names = dict(zip(("new", "old", "other"), alerts, strict=True))
    past = moment - timedelta(days=90)
    Alert.objects.filter(pk=names["old"].pk).update(raised_at=past)
    Case.objects.filter(pk=names["old"].pk).update(opened=past)
    Mine.objects.filter(pk=cast.mine_a.pk).update(pinyin="slyfmy")
    return {name: alert.case.number for name, alert in names.items()}


@pytest.mark.parametrize(
    ("text", "found", "few"),
    [
        ("{new}", {"new"}, True),
        ("gj-2026", {"new", "old", "other"}, True),
        ("GJ-1999", set(), True),
        ("远峰", {"new", "old"}, True),
        ("SLYF", {"new", "old"}, True),
        ("140404900001", {"new", "old"}, True),
        ("140404900001" + "01MN", {"new", "old"}, True),
        ("140404900001" + "99", set(), True),
        ("1404", {"new", "old", "other"}, True),
        ("上隅角", {"new"}, True),
        ("主井架", {"other"}, True),
        ("没有", set(), True),
    ],
)
def test_words_are_read_as_what_people_type(
    numbers: dict[str, str], cast: Any, moment: datetime, text: str, found: set[str], few: bool
) -> None:
    query = Query(state="all", text=text.format(**numbers))
    cases, known = matching(cast.province_officer, query, moment)
    assert set(cases.values_list("number", flat=True)) == {numbers[name] for name in found}
    assert known.few is few
    assert {alert.case.number for alert in page(cases, known).alerts} == {numbers[name] for name in found}
    assert past_count(cases, known) == (len(found), False)
    assert bool(known.said) == (text in ("上隅角", "主井架", "没有"))


def test_open_work_is_searched_by_every_word_of_its_title(numbers: dict[str, str], cast: Any, moment: datetime) -> None:
    cases, known = matching(cast.province_officer, Query(text="上隅角"), moment)
    assert (cases.count(), known.said) == (2, "")


def test_the_words_of_others_find_nothing(numbers: dict[str, str], cast: Any, moment: datetime) -> None:
    for user, text in ((cast.mine_b_dispatcher, "远峰"), (cast.neighbour_officer, numbers["new"])):
        assert matching(user, Query(state="all", text=text), moment)[0].count() == 0


def test_alerts_of_many_mines_are_walked(numbers: dict[str, str], cast: Any, moment: datetime) -> None:
    pattern = cast.mine_a
    fields = {f.attname: getattr(pattern, f.attname) for f in Mine._meta.concrete_fields}
    Mine.objects.bulk_create(
        Mine(**fields | {"code": f"1404049001{n:02d}", "name": f"示例远峰{n}矿"}) for n in range(FEW_MINES + 1)
    )
    cases, known = matching(cast.province_officer, Query(state="all", text="远峰"), moment)
    assert (known.narrow, len(page(cases, known).alerts), past_count(cases, known)) == (False, 2, (2, False))


def test_numbers_that_are_many_are_not_counted_to_the_end(
    numbers: dict[str, str], cast: Any, moment: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kuangan.domains.alerts.sought.FEW_CASES", 2)
    assert not sought(cast.province_officer, "GJ-", moment).few
    assert sought(cast.province_officer, numbers["new"], moment).few


def test_numbers_that_are_many_are_listed_by_number(
    numbers: dict[str, str], cast: Any, moment: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kuangan.domains.alerts.sought.FEW_CASES", 2)
    cases, known = matching(cast.province_officer, Query(state="all", text="gj-"), moment)
    first = page(cases, known, size=2)
    rest = page(cases, replace(known, after=first.next), size=2)
    listed = [alert.case.number for alert in (*first.alerts, *rest.alerts)]
    assert (listed, rest.next) == (sorted(numbers.values(), reverse=True), "")
    assert past_count(cases, known) == (3, False)
    assert "按案号" in known.said


def test_a_narrow_list_of_the_past_is_counted_and_paged_at_once(
    numbers: dict[str, str], cast: Any, moment: datetime, django_assert_num_queries: Any
) -> None:
    cases, known = matching(cast.province_officer, Query(state="all", text="远峰"), moment)
    with django_assert_num_queries(2):
        found, total, capped = past_page(cases, known, size=1)
    following, same, _ = past_page(cases, replace(known, after=found.next), size=1)
    listed = {alert.case.number for alert in (*found.alerts, *following.alerts)}
    assert (listed, total, same, capped) == ({numbers["new"], numbers["old"]}, 2, 2, False)


def test_who_sees_few_mines_has_them_found_by_their_index(numbers: dict[str, str], cast: Any, moment: datetime) -> None:
    known = {
        name: matching(cast.people[name], Query(state="all"), moment)[1].few
        for name in ("mine_a_dispatcher", "county_officer", "city_officer", "province_officer")
    }
    assert known == {
        "mine_a_dispatcher": True,
        "county_officer": True,
        "city_officer": False,
        "province_officer": False,
    }


def test_a_beginning_is_found_exactly_and_by_the_index(numbers: dict[str, str], moment: datetime) -> None:
    pattern = Case.objects.all()[0]
    for number in ("A%_1", "A%_", "A%", "a%_1", "A\U0001f6a7", "B"):
        Case.objects.create(
            kind="alert", number=number, title="", state="closed", region="140000", sector="coal", opened=moment,
            severity=pattern.severity,
        )  # fmt: skip
    found = Case.objects.filter(number__prefix="A%_")
    assert set(found.values_list("number", flat=True)) == {"A%_1", "A%_"}
    assert set(Case.objects.filter(number__prefix="A").values_list("number", flat=True)) >= {"A%", "A\U0001f6a7"}
    if connection.vendor == "sqlite":
        assert "USING" in found.explain() and "INDEX" in found.explain()


def test_among_is_in_on_both_databases(numbers: dict[str, str], cast: Any) -> None:
    mines = Mine.objects.filter(pk=cast.mine_a.pk).values("pk")
    wanted = Case.objects.filter(mine_id__in=mines) | Case.objects.filter(mine__isnull=True)
    found = Case.objects.filter(Q(Among(F("mine_id"), mines.query)) | Q(mine__isnull=True))
    assert set(found) == set(wanted) != set()
    assert found.exclude(pk__in=wanted).count() == 0
    assert Case.objects.filter(Q(Among(F("mine_id"), mines.none().query))).count() == 0


def test_a_span_of_months_is_walked_and_one_of_days_is_found(cast: Any) -> None:
    query = Query(state="all")
    assert [replace(query, hours=hours).narrow for hours in (0, 1, 168, 169)] == [False, True, True, False]
