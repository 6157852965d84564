"""All installed checks keep the contract: clauses that bind whom they judge, words that hold, an answer for everybody, steady cost."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from kuangan.base.compliance.checks import ANSWERS, NO_ANSWER, Check, State, registry
from kuangan.base.compliance.subjects import POLICY_KINDS, load
from kuangan.base.people.models import Organisation
from kuangan.base.registry.models import Mine, MineKind
from kuangan.library.policy import shipped
from kuangan.site import coverage
from kuangan.site.wiring import CHECKS

LIBRARY, INSTALLED = shipped(), registry()
IDS = sorted(INSTALLED.checks)
ROOMS = {"register": "base/compliance", "drawings": "base/compliance"}
"""Checks whose first word is no room."""
TESTS = {"duty": "tests/duty/test_checks.py", "register": "", "drawings": ""}
ROOT = Path(__file__).resolve().parents[2]
MOST_QUERIES = 12


@pytest.fixture
def home(tmp_path: Path, settings: Any) -> Path:
    settings.HOME = tmp_path
    (tmp_path / "hot").mkdir()
    return tmp_path


def each() -> Iterator[tuple[str, Check]]:
    return ((clause, check) for clause, checks in INSTALLED.clauses.items() for check in checks)


def test_every_room_is_installed() -> None:
    assert {check.id for table in CHECKS for checks in table.values() for check in checks} == set(IDS)


def test_every_clause_is_in_a_document_and_binds_whom_its_check_judges() -> None:
    for clause, check in each():
        assert check.subject in LIBRARY.nodes[clause].binds, (clause, check.id)


def test_every_check_judges_kinds_of_mines_that_its_clause_binds() -> None:
    for clause, check in each():
        bound = LIBRARY.nodes[clause].mine_kinds
        if check.subject == "mine" and check.mine_kinds is not None and bound:
            assert {POLICY_KINDS[MineKind(kind)] for kind in check.mine_kinds} & set(bound), (clause, check.id)


@pytest.mark.parametrize("ident", IDS)
def test_every_check_has_a_name_of_its_room_a_title_and_says_what_it_judges(ident: str) -> None:
    check = INSTALLED.checks[ident]
    assert re.fullmatch(r"[a-z]+\.[a-z0-9_]+", ident)
    assert 2 <= len(check.title) <= 24
    assert check.judge.__doc__ or "<locals>" in check.judge.__qualname__


@pytest.mark.parametrize("ident", IDS)
def test_every_word_is_chinese_and_never_a_determination(ident: str) -> None:
    for why, word in INSTALLED.checks[ident].words.items():
        assert re.fullmatch(r"[a-z_]{2,32}", why)
        assert why != NO_ANSWER
        assert re.search(r"[\u4e00-\u9fff]", word)
        assert not re.search("违法|违规|认定|造假|证实|确认违反", word), word
        assert all(
            name and re.fullmatch("[a-z]+", name) for _, name, _, _ in Formatter().parse(word) if name is not None
        )


@pytest.mark.parametrize("ident", IDS)
def test_every_why_of_every_check_is_tried_in_the_tests_of_its_room(ident: str) -> None:
    room = ident.partition(".")[0]
    if room in ROOMS:
        path = ROOT / "src/kuangan/base/compliance/tests/test_register_checks.py"
    else:
        path = ROOT / TESTS.get(room, f"src/kuangan/domains/{room}/tests/test_checks.py")
    text = "".join(each.read_text(encoding="utf-8") for each in sorted(path.parent.glob(f"{path.stem}*.py")))
    assert f'"{ident}"' in text
    missing = {why for why in INSTALLED.checks[ident].words if f'"{why}"' not in text}
    assert not missing


def mines(first: int, number: int) -> None:
    """More mines of every kind with their organisations, and bodies of the kinds that supervise."""
    kinds = list(MineKind.values)
    rows = [
        Mine(
            code=f"14040480{place:04d}",
            name=f"示例{place}",
            kind=kinds[place % len(kinds)],
            sector="coal",
            county_id="140404",
            city_id="140400",
        )
        for place in range(first, first + number)
    ]
    Mine.objects.bulk_create(rows)
    bodies = [("mine", mine.name, "mine", mine.code) for mine in rows]
    bodies += [(kind, f"示例{kind}{first}", "county", "") for kind in ("emergency", "energy", "mine_safety_bureau")]
    Organisation.objects.bulk_create(
        Organisation(kind=kind, name=name, level=level, region="140404", mine=mine)
        for kind, name, level, mine in bodies
    )


def counted(check: Check, at: datetime) -> int:
    subjects = load(check.subject)
    with CaptureQueriesContext(connection) as queries:
        found = {finding.subject: finding for finding in check.judge(subjects, at)}
    assert set(found) == set(subjects.ids)
    for finding in found.values():
        assert finding.state in ANSWERS
        assert finding.state != State.DETERMINED
        assert finding.why in check.words
        assert check.told(finding.why, finding.inputs)
        for page in finding.evidence:
            assert reverse(page.route, args=page.args)
    return len(queries)


@pytest.mark.django_db
@pytest.mark.parametrize("ident", IDS)
def test_every_subject_gets_an_answer_in_as_many_queries_for_three_as_for_three_hundred(
    cast: Any, home: Path, moment: datetime, ident: str
) -> None:
    check = INSTALLED.checks[ident]
    mines(0, 3)
    few = counted(check, moment)
    mines(3, 297)
    assert counted(check, moment) == few <= MOST_QUERIES


@pytest.mark.django_db
@pytest.mark.parametrize("ident", IDS)
def test_nothing_known_is_never_proof_nor_suspicion(cast: Any, home: Path, moment: datetime, ident: str) -> None:
    """Of mines that never sent and bodies that entered nothing, no check says anything good or bad but of the register itself."""
    check = INSTALLED.checks[ident]
    states = {finding.state for finding in check.judge(load(check.subject), moment)}
    allowed = {State.UNKNOWN, State.NOT_APPLICABLE}
    if ident in ("register.county_supervisors", "register.city_supervisors"):
        allowed.add(State.PAPER)
    assert states <= allowed


@pytest.mark.django_db
@pytest.mark.parametrize("ident", IDS)
def test_an_empty_province_breaks_no_check(home: Path, moment: datetime, ident: str) -> None:
    check = INSTALLED.checks[ident]
    assert list(check.judge(load(check.subject), moment)) == []


@pytest.mark.django_db
@pytest.mark.parametrize("ident", IDS)
def test_an_answer_does_not_change_by_the_clock_alone(cast: Any, home: Path, moment: datetime, ident: str) -> None:
    check = INSTALLED.checks[ident]
    first, later = (
        {finding.subject: finding.mark(1) for finding in check.judge(load(check.subject), at)}
        for at in (moment, moment + timedelta(hours=1))
    )
    assert first == later


def test_checks_stand_in_the_table_of_coverage() -> None:
    rows = {row["node"]: row for row in coverage.covered()["nodes"]}
    for clause, checks in INSTALLED.clauses.items():
        assert rows[clause]["checks"] == [check.id for check in checks]
        assert rows[clause]["state"] in ("covered", "partly")


def test_no_judge_reads_the_clock_or_asks_one_subject_at_a_time() -> None:
    for module in {inspect.getmodule(check.judge) for check in INSTALLED.checks.values()}:
        assert module is not None
        text = inspect.getsource(module)
        assert "now()" not in text
        assert ".get(pk=subject" not in text and "filter(mine=subject" not in text
