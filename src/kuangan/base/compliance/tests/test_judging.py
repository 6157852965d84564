"""A pass: what it stores, what it leaves, what happens when a check fails, what it costs."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kuangan.base.compliance.checks import Check, Registry, State
from kuangan.base.compliance.models import Cell, Pass, Spell
from kuangan.base.compliance.reading import findings_of
from kuangan.base.compliance.tests.conftest import CLAUSE, OTHER, Make, Said
from kuangan.base.registry.models import Mine

MINUTE = timedelta(minutes=1)


def spells(check: str = "test.first", subject: str | None = None) -> list[tuple[str, str, datetime, datetime | None]]:
    rows = Spell.objects.filter(check_id=check).order_by("began_at", "subject")
    rows = rows.filter(subject=subject) if subject else rows
    return list(rows.values_list("subject", "state", "began_at", "ended_at"))


def test_a_pass_stores_answers_once_and_writes_only_what_changed(
    cast: Any, said: Said, judge: Make, moment: datetime
) -> None:
    a = cast.mine_a.pk
    said.first.say(a, State.PAPER, n=1)
    assert judge().changed > 0
    before = Spell.objects.count()
    assert judge(moment + MINUTE).changed == 0
    assert Spell.objects.count() == before
    said.first.say(a, State.SUSPECTED, n=1)
    assert judge(moment + 2 * MINUTE).changed == 1
    assert spells(subject=a) == [
        (a, "paper", moment, moment + 2 * MINUTE),
        (a, "suspected", moment + 2 * MINUTE, None),
    ]


def test_an_input_that_changes_begins_a_new_spell_and_keeps_the_old_answer(
    cast: Any, said: Said, judge: Make, moment: datetime
) -> None:
    a = cast.mine_a.pk
    said.first.say(a, State.PROVED, n=1)
    judge()
    said.first.say(a, State.PROVED, n=2)
    judge(moment + MINUTE)
    assert [one.sentence for one in findings_of([a], moment)[a] if one.spell.check_id == "test.first"] == ["说明 1"]
    assert [one.sentence for one in findings_of([a])[a] if one.spell.check_id == "test.first"] == ["说明 2"]


def test_a_subject_without_an_answer_is_unknown_never_kept(cast: Any, said: Said, judge: Make) -> None:
    judge()
    assert {state for _, state, _, _ in spells()} == {"unknown"}
    assert set(Cell.objects.filter(clause=OTHER).values_list("state", flat=True)) == {"unknown"}
    assert findings_of([cast.mine_a.pk])[cast.mine_a.pk][0].sentence == "检查没有给出结果"


def test_a_check_that_fails_keeps_its_answers_and_is_named(
    cast: Any, said: Said, judge: Make, moment: datetime
) -> None:
    a = cast.mine_a.pk
    said.first.say(a, State.PAPER, n=1)
    judge()
    said.first.broken = True
    said.other.say(a, State.PROVED, n=1)
    done = judge(moment + MINUTE)
    assert done.failed == {"test.first": "RuntimeError: no such table"}
    assert spells(subject=a) == [(a, "paper", moment, None)]
    assert Cell.objects.get(clause=OTHER, subject=a).state == "proved"


def test_a_check_cannot_determine(cast: Any, said: Said, judge: Make) -> None:
    said.first.say(cast.mine_a.pk, State.DETERMINED, n=1)
    assert "only a signed act" in judge().failed["test.first"]
    assert spells() == []


def test_cells_join_the_checks_of_a_clause_and_say_which_part_was_judged(
    cast: Any, said: Said, judge: Make, moment: datetime
) -> None:
    a = cast.mine_a.pk
    said.first.say(a, State.PROVED, n=1)
    said.second.say(a, State.PROVED, n=1)
    said.other.say(a, State.PROVED, n=1)
    judge()
    cell = Cell.objects.get(clause=CLAUSE, subject=a)
    assert (cell.state, cell.part, cell.region, cell.city) == ("unknown", "proved", "140404", "140400")
    assert Cell.objects.get(clause=OTHER, subject=a).state == "proved"
    said.second.say(a, State.SUSPECTED, n=2)
    judge(moment + MINUTE)
    cell.refresh_from_db()
    assert (cell.state, cell.part, cell.since) == ("suspected", "", moment + MINUTE)


def test_the_spells_and_cells_of_a_mine_that_is_gone_end(cast: Any, said: Said, judge: Make, moment: datetime) -> None:
    judge()
    Mine.objects.filter(pk=cast.mine_b.pk).update(provisional=True)
    judge(moment + MINUTE)
    assert all(end == moment + MINUTE for _, _, _, end in spells(subject=cast.mine_b.pk))
    assert not Cell.objects.filter(subject=cast.mine_b.pk).exists()


def test_a_pass_over_one_subject_leaves_all_others(cast: Any, said: Said, judge: Make, moment: datetime) -> None:
    judge()
    said.first.say(cast.mine_a.pk, State.PAPER, n=1)
    said.first.say(cast.mine_b.pk, State.PAPER, n=1)
    done = judge(moment + MINUTE, checks=["test.first"], only={"mine": [cast.mine_a.pk]})
    assert (done.changed, done.checks) == (1, 1)
    assert spells(subject=cast.mine_b.pk) == [(cast.mine_b.pk, "unknown", moment, None)]
    assert Cell.objects.filter(subject=cast.mine_b.pk, clause=CLAUSE).exists()


def test_every_pass_is_kept_with_what_it_did(cast: Any, said: Said, judge: Make, moment: datetime) -> None:
    judge()
    row = Pass.objects.get()
    counties = 117
    assert (row.at, row.checks, row.findings, row.failed) == (moment, 4, 3 * 2 + counties, {})


@pytest.mark.parametrize("more", [0, 40])
def test_a_pass_costs_the_same_queries_for_many_mines(
    cast: Any, said: Said, judge: Make, moment: datetime, more: int
) -> None:
    rows = [
        Mine(
            code=f"14040499{n:04d}",
            name=f"示例矿{n}",
            kind="underground_coal",
            sector="coal",
            county_id="140404",
            city_id="140400",
        )
        for n in range(more)
    ]
    Mine.objects.bulk_create(rows)
    judge()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        judge(moment + MINUTE)
    reads = [query for query in queries if query["sql"].startswith("SELECT")]
    assert len(reads) == 11


def test_two_checks_of_one_name_are_refused(said: Said) -> None:
    def check() -> Check:
        return Check(id="twice", title="x", subject="mine", judge=said.first, words={})

    with pytest.raises(ValueError, match="two checks are called twice"):
        Registry([{CLAUSE: (check(),)}, {OTHER: (check(),)}])
