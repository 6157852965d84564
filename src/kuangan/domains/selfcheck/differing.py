"""Answers beside what the system knows: found once, explained by the mine, verified by its supervisor. Never called false."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial

from django.db import transaction

from kuangan.base import audit, deadlines, notices
from kuangan.base.case.errors import Forbidden, MissingFields, NotYet
from kuangan.base.case.models import Case
from kuangan.base.case.performing import SUBJECT
from kuangan.base.notices.models import Channel
from kuangan.base.notices.outbox import to_organisation
from kuangan.base.people.models import User
from kuangan.base.people.permissions import may
from kuangan.base.people.roles import Level
from kuangan.base.registry.supervision import supervisors
from kuangan.domains.selfcheck import hooks
from kuangan.domains.selfcheck.kinds import FILE
from kuangan.domains.selfcheck.known import Knowing, Known, known_of
from kuangan.domains.selfcheck.models import Difference, Sheet
from kuangan.domains.selfcheck.proposing import propose
from kuangan.domains.selfcheck.rules import INCONSISTENT, RESULT_WORDS, differs
from kuangan.domains.selfcheck.signing import locked

BITE = 100
HANDED_IN = frozenset({"submitted", "accepted"})


@transaction.atomic
def compare(sheet: Sheet, *, at: datetime, by: User | None = None, knowing: Knowing = known_of) -> list[Difference]:
    """Differences that were not known before, between the answers of a sheet that is handed in and what is known at `at`."""
    held = locked(sheet)
    if held.case.state not in HANDED_IN:
        return []
    answers = {row.node: row for row in held.answers.filter(replaced_at=None)}
    wanted = []
    for found in knowing([held.mine_id], at).get(held.mine_id, ()):
        row = answers.get(found.node)
        if row is None or not differs(row.value, found.state):
            continue
        key = f"{row.pk}:{found.check}:{found.state}"
        wanted.append(Difference(sheet=held, node=found.node, answer=row, known=found.stored(), key=key, found_at=at))
    keys = [row.key for row in wanted]
    standing = set(Difference.objects.filter(key__in=keys).values_list("key", flat=True))
    fresh = Difference.objects.bulk_create([row for row in wanted if row.key not in standing])
    if fresh:
        _tell(held, fresh, at, by)
    _count(held)
    return fresh


def compare_all(at: datetime) -> int:
    """Hold every sheet that is handed in against what is known now; returns how many differences are new."""
    rows = Sheet.objects.filter(case__state__in=HANDED_IN, round__closed_at=None).order_by("pk")
    sheets = list(rows.values_list("pk", "mine_id"))
    found = 0
    for start in range(0, len(sheets), BITE):
        bite = dict(sheets[start : start + BITE])
        known = known_of(set(bite.values()), at)
        against = {mine for mine, rows in known.items() if any(differs("met", one.state) for one in rows)}
        chosen = rows.filter(pk__in=[pk for pk, mine in bite.items() if mine in against])
        found += sum(len(compare(sheet, at=at, knowing=partial(_as_read, known))) for sheet in chosen)
    return found


def _as_read(
    known: Mapping[str, Sequence[Known]], mines: Collection[str], at: datetime
) -> Mapping[str, Sequence[Known]]:
    """What was read for many mines at once."""
    return {mine: known[mine] for mine in mines}


def _count(sheet: Sheet) -> None:
    sheet.differing = sheet.differences.filter(verified_at=None).count()
    Sheet.objects.filter(pk=sheet.pk).update(differing=sheet.differing)


def _tell(sheet: Sheet, rows: Iterable[Difference], at: datetime, by: User | None) -> None:
    """The direct supervisor and the county learn of it, and a clock runs for whoever verifies."""
    nodes = [row.node for row in rows]
    case = sheet.case
    deadlines.set_deadline(
        subject_kind=SUBJECT,
        subject_id=str(case.pk),
        code="verify",
        due=at + FILE.verify,
        ladder="supervision",
        at=at,
        owner_id=sheet.supervisor_id,
        by=by,
    )
    Case.objects.filter(pk=case.pk).update(due=deadlines.next_due(SUBJECT, str(case.pk)))
    for body in sorted(told(sheet, at)):
        notices.send(
            channel=Channel.INBOX,
            to=to_organisation(body),
            subject=f"{INCONSISTENT}待核实：{sheet.mine.name}",
            body=f"{sheet.round.title} {case.number}：{'、'.join(nodes)} 的填报与监测数据不一致，请核实。不一致不等于不属实。",
            subject_kind=SUBJECT,
            subject_id=str(case.pk),
            key=f"selfcheck:{case.pk}:differences:{at:%Y%m%d%H%M%S%f}:{body}",
            at=at,
        )
    content = {"nodes": nodes, "keys": [row.key for row in rows]}
    audit.record(actor=by, action="differences.found", kind=case.kind, ident=case.number, content=content, at=at)


def told(sheet: Sheet, at: datetime) -> set[int]:
    """The direct supervisor, and bodies of the county that supervise the mine in another role."""
    rows = supervisors([sheet.mine_id], at, ("direct", "upper")).get(sheet.mine_id, {})
    county = {body.pk for bodies in rows.values() for body in bodies if body.level == Level.COUNTY}
    return county | ({sheet.supervisor_id} if sheet.supervisor_id else set())


@transaction.atomic
def explain(row: Difference, *, text: str, by: User, at: datetime) -> Difference:
    """What the mine says to it. Raises Forbidden, MissingFields, NotYet once it was verified."""
    held = _locked(row)
    if not may(by, "selfcheck.fill") or by.organisation is None or by.organisation.mine != held.sheet.mine_id:
        raise Forbidden("只有本矿人员可以说明")
    if held.verified_at is not None:
        raise NotYet("verified", "explain", "已核实，不再接收说明")
    if not text.strip():
        raise MissingFields({"explanation": "必填"})
    held.explanation, held.explained_by, held.explained_at = text.strip(), by, at
    held.save(update_fields=["explanation", "explained_by", "explained_at"])
    _note(held, "difference.explained", {"text": text.strip()}, by, at)
    return held


@transaction.atomic
def verify(row: Difference, *, result: str, opinion: str, by: User, at: datetime) -> Difference:
    """What a person of the supervising body found. Raises Forbidden, MissingFields, NotYet when it is verified already."""
    held = _locked(row)
    if not may(by, "selfcheck.judge") or not hooks.judges(held.sheet, by):
        raise Forbidden("由直接监管单位核实")
    if held.verified_at is not None:
        raise NotYet("verified", "verify", "已核实")
    wrong = {} if result in RESULT_WORDS else {"result": "请选择核实结果"}
    if not opinion.strip():
        wrong["opinion"] = "必填"
    if wrong:
        raise MissingFields(wrong)
    held.result, held.opinion, held.verified_by, held.verified_at = result, opinion.strip(), by, at
    held.save(update_fields=["result", "opinion", "verified_by", "verified_at"])
    _count(held.sheet)
    hooks.met_when_verified(held.sheet, by, at)
    case = held.sheet.case
    Case.objects.filter(pk=case.pk).update(due=deadlines.next_due(SUBJECT, str(case.pk)))
    _note(held, "difference.verified", {"result": result, "opinion": opinion.strip()}, by, at)
    if result == "real":
        propose(held.sheet, at=at, reason="核实后属实不一致")
    return held


def _locked(row: Difference) -> Difference:
    rows = Difference.objects.select_for_update(of=("self",)).select_related(
        "sheet__case", "sheet__round", "sheet__mine"
    )
    return rows.get(pk=row.pk)


def _note(row: Difference, action: str, content: dict[str, str], by: User, at: datetime) -> None:
    case = row.sheet.case
    said = {"difference": row.pk, "node": row.node, **content}
    audit.record(actor=by, action=action, kind=case.kind, ident=case.number, content=said, at=at)
