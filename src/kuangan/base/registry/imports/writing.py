"""Rows that may enter the register, in chunks of one short transaction each.

A chunk judges its rows again under the lock: what has changed since the preview goes back to a person. Rows carry when they
were written, so that a run that was cut off goes on where it stopped and nothing is written twice. Between two chunks others
may write: the engine never waits longer than for one of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from kuangan.base.audit.writing import Note, record_many
from kuangan.base.people.models import User
from kuangan.base.registry.facts import NewFact, record_facts
from kuangan.base.registry.imports.columns import PLAIN_FACTS
from kuangan.base.registry.imports.judging import Judged, file_under, judge_row
from kuangan.base.registry.imports.rows import Row, reason
from kuangan.base.registry.imports.sheets import Line
from kuangan.base.registry.imports.standing import Ground, Standing, ground, standing
from kuangan.base.registry.load import MINE_COLUMNS, company_code, enter_companies, enter_organisations
from kuangan.base.registry.models import (
    SECTOR_OF_KIND,
    Company,
    Decision,
    ImportRow,
    ImportState,
    Mine,
    MineAlias,
    RegisterImport,
    Verdict,
)
from kuangan.base.registry.pauses import Pace
from kuangan.base.registry.pinyin import initials, spell
from kuangan.base.registry.supervising import supervise

BEFORE_DATES = "变更前登记，起始日期不详"
Taken = tuple[ImportRow, Row, Judged]


def writable(made: RegisterImport) -> QuerySet[ImportRow]:
    """Rows that are to be written and are not yet."""
    chosen = Q(verdict=Verdict.ACCEPTED) | Q(verdict=Verdict.QUESTIONED, decision__in=(Decision.TAKE, Decision.ALIAS))
    return made.rows.filter(chosen, written_at__isnull=True).order_by("number")


def undecided(made: RegisterImport) -> QuerySet[ImportRow]:
    return made.rows.filter(verdict=Verdict.QUESTIONED, decision="", written_at__isnull=True)


def write(made: RegisterImport, *, by: User, at: datetime, pace: Pace) -> int:
    """Write every row that may be written, in chunks at the given pace. Returns how many.

    What takes time at its first use is loaded before the first lock is taken.
    """
    spell()
    written, on = 0, ground()
    while count := pace.timed(lambda size: write_chunk(made, by=by, at=at, size=size, on=on)):
        written += count
    return written


def write_chunk(made: RegisterImport, *, by: User, at: datetime, size: int, on: Ground | None = None) -> int:
    """One transaction with at most `size` rows; 0 when none is left, and the import is closed when none can follow."""
    on = on or ground()
    with transaction.atomic():
        locked = RegisterImport.objects.select_for_update().get(pk=made.pk)
        if locked.state not in (ImportState.PREVIEW, ImportState.WRITING):
            return 0
        rows = list(writable(locked)[: size + 1])
        left, rows = len(rows) > size, rows[:size]
        if rows:
            _write_rows(locked, rows, by, at, on)
        state = (
            ImportState.WRITING if left else ImportState.PREVIEW if undecided(locked).exists() else ImportState.WRITTEN
        )
        if locked.state != state:
            locked.state, locked.written_at = state, at if state == ImportState.WRITTEN else None
            locked.save(update_fields=["state", "written_at"])
    return len(rows)


def _write_rows(made: RegisterImport, rows: Sequence[ImportRow], by: User, at: datetime, on: Ground) -> None:
    read = [(row, Row.model_validate(row.values)) for row in rows]
    known = standing((row for _, row in read), by, made.at, on)
    taken: list[Taken] = []
    aliases: list[ImportRow] = []
    back: list[ImportRow] = []
    for kept, row in read:
        judged = judge_row(Line(kept.sheet, kept.row, {}, []), row, known, made.valid_from)
        if kept.decision == Decision.ALIAS:
            aliases.append(kept)
        elif judged.verdict == Verdict.REFUSED or any(change not in kept.changes for change in judged.changes):
            _ask_again(kept, judged)
            back.append(kept)
        else:
            taken.append((kept, row, judged))
    _apply(made, [each for each in taken if each[2].changes], known, by, at)
    MineAlias.objects.bulk_create(
        [MineAlias(alias=kept.code, mine_id=kept.alias_of) for kept in aliases], ignore_conflicts=True
    )
    done = [*(kept.pk for kept, _, _ in taken), *(kept.pk for kept in aliases)]
    ImportRow.objects.filter(pk__in=done).update(written_at=at)
    ImportRow.objects.bulk_update(back, ["verdict", "decision", "changes", "reasons", "news"])
    _count_again(made, back)
    notes = [(kept, judged.changes, row.basis) for kept, row, judged in taken if judged.changes]
    notes += [(kept, [], None) for kept in aliases]
    record_many(
        Note(
            by, "mine.imported", "mine", kept.alias_of or kept.code, at, _told(made, kept, changes), basis or made.basis
        )
        for kept, changes, basis in notes
    )


def _ask_again(kept: ImportRow, judged: Judged) -> None:
    """The register changed under the row: whatever was decided, a person looks again."""
    kept.verdict, kept.decision = Verdict.QUESTIONED, ""
    kept.changes, kept.news = judged.changes, judged.news
    kept.reasons = [reason("changed_meanwhile"), *judged.reasons]


def _count_again(made: RegisterImport, back: Sequence[ImportRow]) -> None:
    if back:
        counts = {verdict: made.rows.filter(verdict=verdict).count() for verdict in Verdict.values}
        RegisterImport.objects.filter(pk=made.pk).update(**counts)


def _told(made: RegisterImport, kept: ImportRow, changes: list[dict[str, Any]]) -> dict[str, object]:
    alias = {"alias": kept.code} if kept.decision == Decision.ALIAS else {}
    return {
        "import": made.pk,
        "sheet": kept.sheet,
        "row": kept.row,
        "decision": kept.decision,
        "changes": changes,
    } | alias


def _apply(made: RegisterImport, rows: Sequence[Taken], known: Standing, by: User, at: datetime) -> None:
    if not rows:
        return
    companies = enter_companies([_owners(row, judged, known) for _, row, judged in rows], made.valid_from)
    mines = [_mine(row, judged, known, companies) for _, row, judged in rows]
    Mine.objects.bulk_create(mines, update_conflicts=True, unique_fields=["code"], update_fields=MINE_COLUMNS)
    enter_organisations(mines)
    aliases = [
        (row.code, change) for _, row, judged in rows for change in judged.changes if change["field"] == "aliases"
    ]
    MineAlias.objects.bulk_create(
        [MineAlias(alias=change["after"], mine_id=code) for code, change in aliases], ignore_conflicts=True
    )
    _record(made, rows, known, by, at)
    chosen = {row.code: change["body"] for _, row, judged in rows if (change := _change(judged, "supervisor"))}
    began = {row.code: row.valid_from or made.valid_from for _, row, _ in rows}
    bases = {row.code: row.basis or made.basis for _, row, _ in rows}
    supervise(
        [mine for mine in mines if mine.code in chosen], chosen, began, bases, known.ground.authorities, by=by, at=at
    )


def _owners(row: Row, judged: Judged, known: Standing) -> dict[str, Any]:
    """The companies that a row names, as `enter_companies` wants them."""
    controller = _after(judged, "actual_controller")
    parent = _after(judged, "parent_company")
    return {"parent_company": parent or (_parent(known, row) if controller else None), "actual_controller": controller}


def _change(judged: Judged, name: str) -> dict[str, Any] | None:
    return next((change for change in judged.changes if change["field"] == name), None)


def _after(judged: Judged, name: str) -> Any:
    change = _change(judged, name)
    return change["after"] if change else None


def _parent(known: Standing, row: Row) -> str | None:
    mine = known.mines.get(row.code)
    return mine.parent_company.name if mine and mine.parent_company else None


def _mine(row: Row, judged: Judged, known: Standing, companies: dict[str, Company]) -> Mine:
    """The mine as it shall be now; what held before stands in its facts."""
    standing_mine = known.mines.get(row.code)
    filed, _ = file_under(row, known, standing_mine)
    mine = standing_mine or Mine(code=row.code, kind=row.kind or "")
    mine.name = row.name or mine.name
    mine.pinyin = initials(mine.name)
    mine.kind = row.kind or mine.kind
    mine.sector = SECTOR_OF_KIND[mine.kind]
    mine.county_id, mine.city_id, mine.old_region_code = filed.county, filed.city, filed.old_code
    mine.provisional = False
    if company := companies.get(str(_after(judged, "parent_company"))):
        mine.parent_company = company
    return mine


def _record(made: RegisterImport, rows: Sequence[Taken], known: Standing, by: User, at: datetime) -> None:
    """Every change as a dated fact; one that begins before what is known stands beside it and the later record wins."""
    plain: list[NewFact] = []
    beside: list[NewFact] = []
    for _, row, judged in rows:
        since, basis = row.valid_from or made.valid_from, row.basis or made.basis
        for name, before, value in _facts(judged):
            first = _before(known, row.code, since)
            if before is not None and first < since and not known.facts.get((row.code, name)):
                beside.append(NewFact(row.code, name, before, first, since, BEFORE_DATES))
            batch = beside if known.begun(row.code, name, since) else plain
            batch.append(NewFact(row.code, name, value, since, known.next_start(row.code, name, since), basis))
    record_facts(beside, at=at, basis=made.basis, by=by, correcting=True)
    record_facts(plain, at=at, basis=made.basis, by=by)


def _before(known: Standing, mine: str, since: datetime) -> datetime:
    """The first day on which anything is known of the mine."""
    begun = [span[0] for (code, _), spans in known.facts.items() if code == mine for span in spans]
    first_seen = known.mines[mine].first_seen if mine in known.mines else None
    return min([*begun, first_seen or since, since])


def _facts(judged: Judged) -> list[tuple[str, Any, Any]]:
    """(attribute, value that was registered without dates, value) of every change that is a fact of the mine."""
    facts: list[tuple[str, Any, Any]] = []
    for change in judged.changes:
        name, before, after = change["field"], change["before"], change["after"]
        if name in PLAIN_FACTS:
            facts.append((name, None, after))
        elif name in ("name", "kind", "county"):
            facts.append((name, before, after))
        elif name == "parent_company":
            facts.append((name, company_code(before) if before else None, company_code(after)))
    return facts
