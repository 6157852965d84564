"""What the walk finds of self-checks: rounds of the county's with sheets of mine A, a difference, a proposal, a list, a record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from conftest import Cast
    from kuangan.domains.selfcheck.models import Sheet

VIDEO, FIRE, LEDGER = "SX34-15", "SX34-16", "SX34-25"
DAY = timedelta(days=1)
Arguments = dict[str, Any]


@dataclass(frozen=True)
class SelfChecks:
    """Keys and numbers of what the addresses point to."""

    round: int
    coverage: int
    draft: str
    sheet: str
    evidence: int
    difference: int
    problem: int
    proposal: int
    text: int
    list: int
    visit: int
    record: int


def selfchecks_of(cast: Cast, visit: int) -> SelfChecks:
    """By the wall clock, which the pages read."""
    from django.conf import settings
    from django.core.files.uploadedfile import SimpleUploadedFile

    from kuangan.base.clock import now
    from kuangan.domains.selfcheck import filling, rounds

    at, home, county, manager = now(), Path(settings.HOME), cast.county_officer, cast.mine_a_manager

    def opened(kind: str) -> Any:
        plan = rounds.Plan(kind, f"示例{kind}", at + 30 * DAY, ("underground_coal",))
        return rounds.open_round(plan, by=county, at=at, home=home)

    first, health, coverage = (opened(kind) for kind in ("selfcheck", "health", "coverage"))
    draft, sheet = (_sheet(row) for row in (first, health))
    file = SimpleUploadedFile("示例.pdf", b"%PDF-1.4")
    evidence = filling.attach(draft, VIDEO, file, home=home, by=manager, at=at)
    difference, problem, proposal = _judged(cast, sheet)
    return SelfChecks(
        first.pk,
        coverage.pk,
        draft.case.number,
        sheet.case.number,
        evidence.pk,
        difference,
        problem,
        proposal,
        *_told(cast, visit),
    )


def _sheet(row: Any) -> Sheet:
    sheet: Sheet = row.sheets.select_related("case", "mine", "round", "edition").get()
    return sheet


def _judged(cast: Cast, sheet: Sheet) -> tuple[int, int, int]:
    """The sheet, handed in with two items not met and one that the data speak against."""
    from kuangan.base.clock import beijing_day, now
    from kuangan.domains.selfcheck import differing, signing, solving
    from kuangan.domains.selfcheck.filling import recount
    from kuangan.domains.selfcheck.judging import take
    from kuangan.domains.selfcheck.known import Known
    from kuangan.domains.selfcheck.models import Answer
    from kuangan.domains.selfcheck.proposing import propose

    at, manager, prints = now(), cast.mine_a_manager, sheet.edition.nodes
    for node, _ in sheet.items:
        value = "unmet" if node in (FIRE, LEDGER) else "met"
        Answer.objects.create(sheet=sheet, node=node, fingerprint=prints[node], value=value, by=manager, at=at)
    recount(sheet)
    signing.sign(sheet, "lead", title="矿长", by=manager, at=at)
    signing.sign(sheet, "safety", title="副矿长", by=cast.mine_a_dispatcher, at=at)
    take(sheet, "submit", by=manager, at=at, form={})
    found = Known(VIDEO, "example", "示例", "suspected", "示例")
    difference = differing.compare(sheet, at=at, knowing=lambda *_: {sheet.mine_id: [found]})[0]
    problem = solving.plan(sheet, FIRE, solving.Remedy("整改", "示例", beijing_day(at)), by=manager, at=at)
    proposal = propose(sheet, at=at, reason="示例")
    assert proposal is not None
    return difference.pk, problem.pk, proposal.pk


def _told(cast: Cast, visit: int) -> tuple[int, int, int, int]:
    """A text, a list for the dispatchers of mines, and the record of an earlier inspection of the county's."""
    from kuangan.base.clock import now
    from kuangan.domains.enforcement.acts import enter
    from kuangan.domains.enforcement.rules import Draft
    from kuangan.domains.selfcheck.publicity import acts
    from kuangan.domains.selfcheck.publicity.rules import Question
    from kuangan.domains.selfcheck.publicity.visits import visits_since

    at, county = now(), cast.county_officer
    text = acts.enter_text({"kind": "notice", "name": "示例通知", "version": ""}, by=county, at=at)
    question = Question("示例题", ("甲", "乙"), 0)
    wish = acts.Wish("示例清单", ("示例通知",), ("mine",), ("mine_dispatcher",), (), at + DAY, questions=(question,))
    row = acts.issue(wish, by=county, at=at)
    before = enter(cast.mine_a, Draft("night", "示例员", 2, at - 5 * DAY), by=county, at=at)
    told = next(one for one in visits_since(county, at - 9 * DAY, at) if one.visit == before.pk)
    record = acts.record(told, {"form": "talk", "texts": ["示例通知"], "audience": 3}, by=county, at=at)
    return text.pk, row.pk, visit, record.pk


def _draft(world: Any) -> Arguments:
    return {"number": world.selfchecks.draft}


def _handed_in(world: Any) -> Arguments:
    return {"number": world.selfchecks.sheet}


def _item(world: Any) -> Arguments:
    return _draft(world) | {"node": VIDEO}


def _list(world: Any) -> Arguments:
    return {"pk": world.selfchecks.list}


Told = dict[str, Callable[[Any], Arguments]]
ARGUMENTS: Told = {
    "selfcheck:round": lambda world: {"pk": world.selfchecks.round},
    "selfcheck:round_step": lambda world: {"pk": world.selfchecks.round, "name": "close"},
    "selfcheck:begin": lambda world: {"pk": world.selfchecks.coverage},
    "selfcheck:sheet": _handed_in,
    "selfcheck:print": _handed_in,
    "selfcheck:docx": _handed_in,
    "selfcheck:compare": _handed_in,
    "selfcheck:stage": _handed_in,
    "selfcheck:step": lambda world: _handed_in(world) | {"name": "accept"},
    "selfcheck:fill": _draft,
    "selfcheck:item": _item,
    "selfcheck:history": _item,
    "selfcheck:problem_new": lambda world: _handed_in(world) | {"node": LEDGER},
    "selfcheck:problem_step": lambda world: {"pk": world.selfchecks.problem, "name": "solve"},
    "selfcheck:evidence": lambda world: {"pk": world.selfchecks.evidence},
    "selfcheck:evidence_withdraw": lambda world: {"pk": world.selfchecks.evidence},
    "selfcheck:difference_step": lambda world: {"pk": world.selfchecks.difference, "name": "verify"},
    "selfcheck:proposal_decide": lambda world: {"pk": world.selfchecks.proposal},
    "selfcheck:text_withdraw": lambda world: {"pk": world.selfchecks.text},
    "selfcheck:list": _list,
    "selfcheck:read": _list,
    "selfcheck:test": _list,
    "selfcheck:group": _list,
    "selfcheck:list_end": _list,
    "selfcheck:publicity_new": lambda world: {"visit": world.selfchecks.visit},
    "selfcheck:publicity_void": lambda world: {"pk": world.selfchecks.record},
}
FORMS: Told = {
    "selfcheck:round_new": lambda _: {
        "kind": "selfcheck",
        "title": "示例",
        "mine_kinds": ["tailings_pond"],
        "due": "2099-12-31",
    },
    "selfcheck:round_step": lambda _: {"reason": "办结"},
    "selfcheck:begin": lambda world: {"mine": world.cast.mine_a.code},
    "selfcheck:stage": lambda _: {"stage": "effective", "reached": "yes", "basis": "现场核查"},
    "selfcheck:step": lambda _: {"opinion": "可以"},
    "selfcheck:item": lambda _: {f"value-{VIDEO}": "met"},
    "selfcheck:problem_new": lambda _: {"measures": "整改", "responsible": "示例", "due": "2099-12-31"},
    "selfcheck:problem_step": lambda _: {"text": "已整改"},
    "selfcheck:difference_step": lambda _: {"result": "data", "opinion": "平台故障"},
    "selfcheck:proposal_decide": lambda _: {"decision": "check", "text": "现场核查"},
    "selfcheck:text_new": lambda _: {"kind": "notice", "name": "另一示例通知"},
    "selfcheck:list_new": lambda _: {
        "title": "示例",
        "texts": ["中华人民共和国矿山安全法"],
        "sides": ["mine"],
        "roles": ["mine_manager"],
        "due": "2099-12-31",
        "pass_mark": "80",
    },
    "selfcheck:test": lambda _: {"q0": "0"},
    "selfcheck:group": lambda _: {
        "on": "2026-11-01",
        "group": "综采队",
        "expected": "20",
        "attended": "18",
        "text": "班前会",
    },
    "selfcheck:publicity_new": lambda _: {"form": "talk", "texts": ["示例通知"], "audience": "5"},
    "selfcheck:publicity_void": lambda _: {"reason": "误登"},
}
