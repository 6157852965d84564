"""Opening a round, giving every mine its sheet, taking over a new edition of the documents, ending a round."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db import transaction
from django.db.models import QuerySet

from kuangan.base import audit, deadlines
from kuangan.base.case.errors import Forbidden, MissingFields
from kuangan.base.case.models import Case, Step
from kuangan.base.case.opening import open_row
from kuangan.base.case.performing import SUBJECT
from kuangan.base.people.models import User
from kuangan.base.people.permissions import may
from kuangan.base.people.roles import PUBLIC_KINDS
from kuangan.base.registry.facts import facts_as_of
from kuangan.base.registry.models import Mine
from kuangan.base.registry.scope import visible_mines
from kuangan.base.registry.supervision import direct_supervisor, mine_organisation
from kuangan.domains.selfcheck import editions
from kuangan.domains.selfcheck.carrying import carry
from kuangan.domains.selfcheck.filling import recount
from kuangan.domains.selfcheck.flow import LADDER, SHEET
from kuangan.domains.selfcheck.form import FACTS, items_for, of_round
from kuangan.domains.selfcheck.kinds import FILE, ROUND_KINDS
from kuangan.domains.selfcheck.models import Edition, Round, Sheet, Target
from kuangan.domains.selfcheck.signing import void
from kuangan.library.policy import shipped

BITE = 20
"""Sheets that one transaction makes: the engine waits no longer than for such a bite."""
AT_ONCE = 5
"""Bites that the request of whoever opens a round makes; the worker makes the rest."""
GONE = frozenset({"closed"})


@dataclass(frozen=True)
class Plan:
    """A round as it is filled in."""

    kind: str
    title: str
    due: datetime
    mine_kinds: tuple[str, ...]
    basis: str = ""


def may_order(user: User, kind: str) -> bool:
    """Whether the person's body may order such a round; a committee orders no inspections."""
    body = user.organisation
    if not may(user, "selfcheck.order") or body is None or not body.active or body.kind not in PUBLIC_KINDS:
        return False
    return ROUND_KINDS[kind].by_mine or body.kind in FILE.bodies


def problems(plan: Plan, at: datetime) -> dict[str, str]:
    found: dict[str, str] = {}
    if plan.kind not in ROUND_KINDS:
        found["kind"] = "没有这类批次"
    if not plan.title.strip():
        found["title"] = "必填"
    if not plan.mine_kinds:
        found["mine_kinds"] = "至少选一种"
    if plan.due <= at:
        found["due"] = "截止时间须晚于当前时间"
    return found


def open_round(plan: Plan, *, by: User, at: datetime, home: Path) -> Round:
    """A round with its mines; sheets follow in bites (`open_sheets`). Raises Forbidden or MissingFields."""
    if wrong := problems(plan, at):
        raise MissingFields(wrong)
    if not may_order(by, plan.kind):
        raise Forbidden("本单位不能组织此类检查")
    assert by.organisation is not None
    with transaction.atomic():
        edition = editions.current(of_round(shipped(), ROUND_KINDS[plan.kind]), home, at)
        row = Round.objects.create(
            kind=plan.kind,
            title=plan.title.strip(),
            body=by.organisation,
            edition=edition,
            mine_kinds=list(plan.mine_kinds),
            opens=at,
            due=plan.due,
            basis=plan.basis,
            made_by=by,
            made_at=at,
        )
        mines = list(_bound(by, plan.mine_kinds, at))
        Target.objects.bulk_create(
            [Target(round=row, mine=mine, city_id=mine.city_id, county_id=mine.county_id) for mine in mines],
            batch_size=500,
        )
        if not row.rules.by_mine or not mines:
            Round.objects.filter(pk=row.pk).update(opened_at=at)
        content = {
            "kind": plan.kind,
            "title": row.title,
            "due": plan.due,
            "mines": len(mines),
            "edition": edition.digest,
        }
        audit.record(actor=by, action="round.opened", kind="selfcheck_round", ident=str(row.pk), content=content, at=at)
    for _ in range(AT_ONCE):
        if not open_sheets(at, row):
            break
    row.refresh_from_db()
    return row


def _bound(by: User, kinds: Collection[str], at: datetime) -> QuerySet[Mine]:
    """The mines a body may ask: those it sees, of these kinds, that are registered and not closed."""
    mines = visible_mines(by, at).filter(kind__in=kinds, provisional=False)
    states = facts_as_of(mines.values("pk"), ["state"], at)
    closed = [code for code, facts in states.items() if facts.get("state") in GONE]
    return mines.exclude(pk__in=closed).order_by("pk")


def open_sheets(at: datetime, only: Round | None = None, bite: int = BITE) -> int:
    """One bite of sheets of rounds that are not handed out completely; 0 when none is left. A transaction of its own."""
    with transaction.atomic():
        rows = Round.objects.filter(opened_at=None, closed_at=None)
        row = (rows.filter(pk=only.pk) if only else rows).order_by("pk").select_for_update().first()
        if row is None:
            return 0
        wanted = list(row.targets.filter(sheet=None).select_related("mine").order_by("mine_id")[:bite])
        make_sheets(row, wanted, at)
        if len(wanted) < bite:
            Round.objects.filter(pk=row.pk).update(opened_at=at)
        return len(wanted)


def make_sheets(row: Round, targets: Sequence[Target], at: datetime, by: User | None = None) -> list[Sheet]:
    """Sheets for these mines, with what still holds of their last answers. In the caller's transaction."""
    codes = [target.mine_id for target in targets]
    facts = facts_as_of(codes, FACTS, at)
    bodies, owners = direct_supervisor(codes, at), mine_organisation(codes, at)
    nodes = [node for node in of_round(shipped(), row.rules) if node.id in row.edition.nodes]
    made = []
    for target in targets:
        mine, supervisor = target.mine, bodies.get(target.mine_id)
        filler = owners.get(target.mine_id) if row.rules.by_mine else by.organisation if by else None
        items = items_for(nodes, mine.kind, facts.get(mine.pk, {}))
        case = open_row(
            SHEET, f"{mine.name} {row.title}", at=at, owner_id=filler.pk if filler else None, origin="round", mine=mine
        )
        sheet = Sheet.objects.create(
            case=case,
            round=row,
            edition=row.edition,
            mine=mine,
            filler=filler,
            supervisor=supervisor,
            items=[[item.node, item.why] for item in items],
            asked=len(items),
            opened_at=at,
        )
        Target.objects.filter(pk=target.pk).update(sheet=sheet)
        _begun(sheet, case, row, at, by)
        made.append(sheet)
    carry(made, at)
    return made


def _begun(sheet: Sheet, case: Case, row: Round, at: datetime, by: User | None) -> None:
    name = "open" if row.rules.by_mine else "begin"
    Step.objects.create(
        case=case,
        name=name,
        to_state=case.state,
        by=by,
        organisation_id=by.organisation_id if by else row.body_id,
        at=at,
    )
    due = max(row.due, at)
    deadlines.set_deadline(
        subject_kind=SUBJECT,
        subject_id=str(case.pk),
        code="submit",
        due=due,
        ladder=LADDER,
        at=at,
        owner_id=case.owner_id,
        by=by,
    )
    Case.objects.filter(pk=case.pk).update(due=due)
    audit.record(actor=by, action=name, kind=case.kind, ident=case.number, content={"round": row.pk}, at=at)


@transaction.atomic
def begin(target: Target, *, by: User, at: datetime) -> Sheet:
    """Inspectors have come to the mine and begin its sheet. Raises Forbidden or MissingFields."""
    held = Target.objects.select_for_update().select_related("round__edition", "mine").get(pk=target.pk)
    row = held.round
    body = by.organisation
    if row.rules.by_mine or body is None or body.kind not in FILE.bodies or not may(by, "selfcheck.judge"):
        raise Forbidden("只有监管监察机关的执法人员可以检查")
    direct = direct_supervisor([held.mine_id], at).get(held.mine_id)
    if direct is not None and direct.pk != body.pk:
        raise Forbidden("由直接监管单位检查")
    if held.sheet_id is not None:
        raise MissingFields({"mine": "本批次已检查该矿"})
    if row.closed_at is not None:
        raise MissingFields({"round": "本批次已结束"})
    return make_sheets(row, [held], at, by)[0]


@transaction.atomic
def close_round(row: Round, *, by: User, at: datetime, reason: str) -> Round:
    """End a round; sheets that are under way go on. Raises Forbidden or MissingFields."""
    held = _own(row, by)
    if not reason.strip():
        raise MissingFields({"reason": "必填"})
    held.closed_at, held.closed_by, held.close_reason = at, by, reason.strip()[:200]
    held.save(update_fields=["closed_at", "closed_by", "close_reason"])
    audit.record(
        actor=by, action="round.closed", kind="selfcheck_round", ident=str(held.pk), content={}, at=at, reason=reason
    )
    return held


@dataclass(frozen=True)
class Renewal:
    added: list[str]
    changed: list[str]
    gone: list[str]
    sheets: int


def renewal(row: Round, home: Path) -> tuple[list[str], list[str], list[str]]:
    """What differs between the edition of a round and the documents of now; nothing is written."""
    found = editions.fingerprints(of_round(shipped(), row.rules), home)
    return editions.changed(row.edition.nodes, found)


def renew(row: Round, *, by: User, at: datetime, home: Path) -> Renewal:
    """Take over the present edition: answers to clauses that read as before stay, the others are asked again.

    Sheets that were handed in keep the edition they were signed for. Raises Forbidden, MissingFields when nothing changed.
    """
    with transaction.atomic():
        held = _own(row, by)
        edition = editions.current(of_round(shipped(), held.rules), home, at)
        added, changed, gone = editions.changed(held.edition.nodes, edition.nodes)
        if not (added or changed or gone):
            raise MissingFields({"edition": "文件没有变化"})
        Round.objects.filter(pk=held.pk).update(edition=edition)
        content = {"added": added, "changed": changed, "gone": gone, "edition": edition.digest}
        audit.record(
            actor=by, action="round.renewed", kind="selfcheck_round", ident=str(row.pk), content=content, at=at
        )
        held.edition = edition
    sheets = list(_open_sheets(held))
    for start in range(0, len(sheets), BITE):
        with transaction.atomic():
            _renew(held, edition, sheets[start : start + BITE], at, by)
    return Renewal(added, changed, gone, len(sheets))


def _open_sheets(row: Round) -> QuerySet[Sheet, int]:
    found = row.sheets.filter(case__state__in=("drafting", "returned", "signed")).order_by("pk")
    return found.values_list("pk", flat=True)


def _renew(row: Round, edition: Edition, sheets: Sequence[int], at: datetime, by: User) -> None:
    held = list(Sheet.objects.select_for_update(of=("self",)).filter(pk__in=sheets).select_related("mine", "case"))
    facts = facts_as_of([sheet.mine_id for sheet in held], FACTS, at)
    nodes = [node for node in of_round(shipped(), row.rules) if node.id in edition.nodes]
    for sheet in held:
        sheet.edition = edition
        sheet.items = [[i.node, i.why] for i in items_for(nodes, sheet.mine.kind, facts.get(sheet.mine_id, {}))]
        sheet.save(update_fields=["edition", "items"])
        void(sheet, by=by, at=at, reason="文件有更新")
        case = sheet.case
        Step.objects.create(case=case, name="renew", from_state=case.state, to_state=case.state, by=by, at=at)
        recount(sheet)


def adopt(sheet: Sheet, *, by: User, at: datetime) -> None:
    """A sheet that goes back to be filled in takes over the edition of its round. In the caller's transaction."""
    if sheet.edition_id != sheet.round.edition_id:
        _renew(sheet.round, sheet.round.edition, [sheet.pk], at, by)


def _own(row: Round, by: User) -> Round:
    """The round, locked, for the body that ordered it while it runs."""
    held = Round.objects.select_for_update().select_related("edition").get(pk=row.pk)
    if not may(by, "selfcheck.order") or by.organisation_id != held.body_id:
        raise Forbidden("只有组织单位可以办理")
    if held.closed_at is not None:
        raise MissingFields({"round": "本批次已结束"})
    return held
