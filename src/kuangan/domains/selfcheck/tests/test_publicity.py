"""Laws with their dates, lists that people read and are tested on, one record of what was told of the law for each inspection."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kuangan.base.case.errors import Forbidden, MissingFields
from kuangan.base.notices.models import Notice
from kuangan.domains.enforcement.acts import enter, void
from kuangan.domains.enforcement.rules import Draft
from kuangan.domains.selfcheck.publicity import acts
from kuangan.domains.selfcheck.publicity.library import kind_of, split, texts
from kuangan.domains.selfcheck.publicity.models import Publicity
from kuangan.domains.selfcheck.publicity.owed import lists_for, owes, people_of, standings
from kuangan.domains.selfcheck.publicity.rules import Question, questions_of, score, state_of, stored
from kuangan.domains.selfcheck.publicity.visits import visits_since
from kuangan.domains.selfcheck.tests.conftest import DAY, HOUR, Make
from kuangan.library.policy import shipped

TODAY = date(2026, 11, 21)
QUIZ = (Question("多少须停止作业", ("1%", "2%"), 1), Question("多久上报", ("一小时", "一天"), 0))


@pytest.fixture
def issued(cast: Any, moment: datetime) -> Make:
    """A list of the county's for managers and dispatchers of mines."""

    def make(by: Any = None, **changes: Any) -> Any:
        said = {
            "title": "示例清单",
            "texts": ("示例规程",),
            "sides": ("mine",),
            "roles": ("mine_manager", "mine_dispatcher"),
            "mine_kinds": (),
            "due": moment + 10 * DAY,
            "questions": QUIZ,
        } | changes
        return acts.issue(acts.Wish(**said), by=by or cast.county_officer, at=moment)

    return make


def test_every_text_that_a_clause_names_is_in_the_library_with_its_dates(db: None) -> None:
    names = {text.name: text for text in texts()}
    library = shipped()
    assert {library.statutes[act.id].name for node in library.nodes.values() for act in node.statutes} <= set(names)
    old = next(text for text in texts() if text.family == "煤矿安全规程" and text.until)
    new = next(text for text in texts() if text.family == "煤矿安全规程" and not text.until)
    assert (old.force(TODAY), new.force(TODAY)) == ("已失效", "现行")
    assert new.force(date(2026, 1, 31)) == "尚未施行"


@pytest.mark.parametrize(
    ("name", "family", "kind"),
    [
        ("煤矿安全规程（2025年版，应急管理部令第17号）", "煤矿安全规程", "standard"),
        ("中华人民共和国矿山安全法", "中华人民共和国矿山安全法", "law"),
        ("煤矿安全生产条例（国务院令第774号）", "煤矿安全生产条例", "regulation"),
        ("预判防控煤矿重大安全风险办法（试行）", "预判防控煤矿重大安全风险办法（试行）", "rule"),
        ("煤矿重大事故隐患判定标准", "煤矿重大事故隐患判定标准", "criteria"),
    ],
)
def test_a_title_falls_into_text_and_version(name: str, family: str, kind: str) -> None:
    assert (split(name)[0], kind_of(name)) == (family, kind)


def test_own_texts_stand_beside_the_shipped_ones_until_they_are_withdrawn(cast: Any, moment: datetime) -> None:
    said = {"kind": "notice", "name": "示例通知", "version": "2026年", "first": TODAY}
    with pytest.raises(Forbidden):
        acts.enter_text(said, by=cast.mine_a_manager, at=moment)
    row = acts.enter_text(said, by=cast.county_officer, at=moment)
    with pytest.raises(MissingFields, match="已登记"):
        acts.enter_text(said, by=cast.city_officer, at=moment)
    assert "示例通知（2026年）" in {text.name for text in texts()}
    with pytest.raises(Forbidden):
        acts.withdraw_text(row, by=cast.city_officer, at=moment)
    acts.withdraw_text(row, by=cast.county_officer, at=moment)
    assert "示例通知（2026年）" not in {text.name for text in texts()}


def test_questions_are_typed_with_a_star_before_the_right_option() -> None:
    found = questions_of("第一题\n1%\n*2%\n\n第二题\n* 一小时\n一天\n")
    assert [(one.text, one.right) for one in found] == [("第一题", 1), ("第二题", 0)]
    for text, said in (("一题\n*甲", "选项"), ("一题\n甲\n乙", r"\*"), ("一题\n*甲\n*乙", r"\*")):
        with pytest.raises(ValueError, match=said):
            questions_of(text)


@given(
    st.lists(st.integers(0, 2), min_size=1, max_size=9), st.lists(st.one_of(st.none(), st.integers(0, 2)), max_size=9)
)
def test_a_score_is_between_nothing_and_all_and_missing_answers_are_wrong(
    right: list[int], said: list[int | None]
) -> None:
    questions = stored([Question("q", ("a", "b", "c"), place) for place in right])
    points = score(questions, said)
    assert 0 <= points <= 100
    assert (points == 100) == (list(said[: len(right)]) == right)
    assert score(questions, []) == 0


def test_who_must_read_are_people_of_the_roles_within_reach(issued: Make, cast: Any, moment: datetime) -> None:
    row = issued()
    assert {user.username for user in people_of(row, moment)} == {"mine_a_manager", "mine_a_dispatcher"}
    assert owes(row, cast.mine_a_manager, moment)
    assert not owes(row, cast.mine_b_dispatcher, moment)
    of_city = issued(by=cast.city_officer, sides=("mine", "authority"), roles=("mine_dispatcher", "inspector"))
    wanted = {"mine_a_dispatcher", "mine_b_dispatcher", "county_officer", "neighbour_officer", "city_officer"}
    assert {user.username for user in people_of(of_city, moment)} == wanted
    assert [one.pk for one in lists_for(cast.mine_a_dispatcher, moment)] == [row.pk, of_city.pk]
    assert Notice.objects.filter(subject_kind="reading_list", subject_id=str(row.pk)).count() == 1


def test_a_list_is_read_once_then_tested_as_often_as_needed(issued: Make, cast: Any, moment: datetime) -> None:
    row, reader = issued(), cast.mine_a_manager
    with pytest.raises(MissingFields, match="签收"):
        acts.attempt(row, [1, 0], by=reader, at=moment)
    first = acts.read(row, by=reader, at=moment)
    assert acts.read(row, by=reader, at=moment + HOUR).pk == first.pk
    assert [acts.attempt(row, said, by=reader, at=moment).score for said in ([0, 0], [1, 0], [1, None])] == [
        50,
        100,
        50,
    ]
    own = {one.user.username: one for one in standings(row, people_of(row, moment), moment)}
    assert (own["mine_a_manager"].state, own["mine_a_manager"].score) == ("done", 100)
    assert own["mine_a_dispatcher"].state == "unread"
    late = {one.user.username: one.state for one in standings(row, people_of(row, moment), moment + 11 * DAY)}
    assert late == {"mine_a_manager": "done", "mine_a_dispatcher": "late"}
    with pytest.raises(Forbidden):
        acts.read(row, by=cast.county_officer, at=moment)


@pytest.mark.parametrize(
    ("read", "passed", "tested", "overdue", "state"),
    [
        (False, None, True, False, "unread"),
        (False, None, True, True, "late"),
        (True, None, True, True, "read"),
        (True, False, True, False, "failed"),
        (True, True, True, True, "done"),
        (True, None, False, False, "done"),
    ],
)
def test_how_far_a_reader_has_come(read: bool, passed: bool | None, tested: bool, overdue: bool, state: str) -> None:
    assert state_of(read, passed, tested, overdue) == state


def test_a_mine_enters_what_it_told_its_shifts(issued: Make, cast: Any, moment: datetime) -> None:
    row = issued()
    said = {"on": TODAY, "group": "综采队", "expected": 20, "attended": 18, "text": "班前会"}
    assert acts.tell_group(row, cast.mine_a, said, by=cast.mine_a_dispatcher, at=moment).attended == 18
    for change in ({"attended": 21}, {"on": date(2026, 11, 22)}):
        with pytest.raises(MissingFields):
            acts.tell_group(row, cast.mine_a, said | change, by=cast.mine_a_dispatcher, at=moment)
    with pytest.raises(Forbidden):
        acts.tell_group(row, cast.mine_a, said, by=cast.mine_b_dispatcher, at=moment)


def test_each_inspection_leaves_one_record_of_the_body_that_inspected(cast: Any, moment: datetime) -> None:
    visit = enter(cast.mine_a, Draft("on_site", "示例员", 3, moment - HOUR), by=cast.county_officer, at=moment)
    told = visits_since(cast.county_officer, moment - DAY, moment)
    assert [(one.visit, one.mine, one.enters) for one in told] == [(visit.pk, cast.mine_a.pk, True)]
    assert visits_since(cast.neighbour_officer, moment - DAY, moment) == []
    said = {"form": "talk", "texts": ["示例条例"], "audience": 20}
    with pytest.raises(Forbidden):
        acts.record(told[0], said, by=cast.city_officer, at=moment)
    row = acts.record(told[0], said, by=cast.county_officer, at=moment)
    with pytest.raises(MissingFields, match="已登记"):
        acts.record(told[0], said, by=cast.county_officer, at=moment)
    acts.void_record(row, reason="误登", by=cast.county_officer, at=moment)
    acts.record(told[0], said, by=cast.county_officer, at=moment)
    assert Publicity.objects.count() == 2
    void(visit, by=cast.county_officer, at=moment, reason="误登")
    assert visits_since(cast.county_officer, moment - DAY, moment) == []
