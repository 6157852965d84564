"""Every row of a workbook beside the register: what it would change, what a person must look at, what cannot be taken.

Pure but for what `Standing` brings: each row given comes out once, so accepted + questioned + refused = read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from kuangan.base.people.models import Organisation
from kuangan.base.registry.imports.columns import PLAIN_FACTS, columns, plain
from kuangan.base.registry.imports.positions import STATED, inside, km_between
from kuangan.base.registry.imports.rows import USUAL_LENGTH, Reason, Row, read_row, reason
from kuangan.base.registry.imports.sheets import Line
from kuangan.base.registry.imports.standing import Standing
from kuangan.base.registry.models import SECTOR_OF_KIND, Mine, Verdict
from kuangan.base.registry.words import value_word

LEVELS: Final = ("county", "city", "province")


@dataclass(slots=True)
class Judged:
    """A row with its verdict. `changes`: {field, before, after} in codes; `news`: new, changed or same; "" when refused."""

    line: Line
    row: Row | None
    verdict: str
    news: str = ""
    changes: list[dict[str, Any]] = field(default_factory=list)
    reasons: list[Reason] = field(default_factory=list)
    alias_of: str = ""


@dataclass(frozen=True, slots=True)
class Filed:
    """Where a row puts its mine."""

    county: str | None
    city: str | None
    old_code: bool


def understood(lines: Sequence[Line]) -> list[tuple[Line, Row | None, list[Reason]]]:
    """Every line with its row, or with the reasons why it has none."""
    return [(line, *read_row(line)) for line in lines]


def judge(read: Sequence[tuple[Line, Row | None, list[Reason]]], known: Standing, valid_from: datetime) -> list[Judged]:
    """The verdict on every line given, in order."""
    groups: dict[str, list[Row]] = {}
    for _, row, _ in read:
        if row is not None:
            groups.setdefault(row.code, []).append(row)
    seen: set[str] = set()
    judged = []
    for line, row, faults in read:
        if row is None:
            judged.append(Judged(line, None, Verdict.REFUSED, reasons=faults))
            continue
        found = judge_row(line, row, known, valid_from)
        if found.verdict != Verdict.REFUSED and len(groups[row.code]) > 1:
            _question_duplicate(found, groups[row.code], first=row.code not in seen)
        seen.add(row.code)
        judged.append(found)
    return judged


def _question_duplicate(found: Judged, group: Sequence[Row], *, first: bool) -> None:
    """Rows that say the same count once; of rows that differ a person chooses."""
    alike = all(row == group[0] for row in group)
    if alike and first:
        return
    found.reasons.append(reason("duplicate_row" if alike else "duplicate_differs", "code"))
    named = {tuple(row.supervisor) for row in group if row.supervisor}
    if len(named) > 1:
        found.reasons.append(reason("two_supervisors", "supervisor", "、".join(sorted(sum(named, ())))))
    found.verdict = Verdict.QUESTIONED


def judge_row(line: Line, row: Row, known: Standing, valid_from: datetime) -> Judged:
    """One row by itself."""
    mine, since = known.mines.get(row.code), row.valid_from or valid_from
    filed, questions = file_under(row, known, mine)
    if refusals := _refusals(row, known, mine, filed):
        return Judged(line, row, Verdict.REFUSED, reasons=refusals)
    alias_of, asked = _alias(row, known, mine, filed)
    questions += asked
    changes = changes_of(row, known, mine, filed, since, questions)
    questions += _odd(row, known, mine, since)
    news = "new" if mine is None else "changed" if changes else "same"
    verdict = Verdict.QUESTIONED if questions else Verdict.ACCEPTED
    return Judged(line, row, verdict, news, changes, questions, alias_of)


def file_under(row: Row, known: Standing, mine: Mine | None) -> tuple[Filed, list[Reason]]:
    """County and city of the row: its county column, else where the mine stands, else its code."""
    prefix, city = row.code[:6], f"{row.code[:4]}00"
    current = known.ground.levels.get(prefix) == "county"
    city_known = city if known.ground.levels.get(city) == "city" else None
    questions = []
    if not current and (mine is None or mine.provisional):
        questions.append(reason("old_region_code", "code", prefix))
    if row.county:
        found = known.ground.counties.get(plain(row.county), [])
        near = [code for code in found if code[:4] == row.code[:4]] or found
        if len(near) == 1:
            if current and near[0] != prefix and (mine is None or mine.county_id != near[0]):
                questions.append(reason("county_differs", "county", row.county))
            return Filed(near[0], f"{near[0][:4]}00", not current), questions
        questions.append(reason("county_unknown", "county", row.county))
    if mine is not None and not mine.provisional:
        return Filed(mine.county_id, mine.city_id, mine.old_region_code), questions
    return Filed(prefix if current else None, city_known, not current), questions


def _refusals(row: Row, known: Standing, mine: Mine | None, filed: Filed) -> list[Reason]:
    nobodys = mine is not None and mine.provisional and row.code not in known.direct
    if mine is not None and (row.code in known.within or not nobodys):
        return [] if row.code in known.within else [reason("outside_scope", "code")]
    missing = [reason(f"{name}_missing", name) for name in ("name", "kind") if not getattr(row, name)]
    if missing and mine is None:
        return missing
    sector = SECTOR_OF_KIND[row.kind or (mine.kind if mine else "")]
    return [] if known.covers_new(filed.county, filed.city, sector) else [reason("outside_scope", "code")]


def _alias(row: Row, known: Standing, mine: Mine | None, filed: Filed) -> tuple[str, list[Reason]]:
    """A new code that stands as an alias, or under whose city a mine of the same name is entered already."""
    if mine is not None:
        return "", []
    if target := known.aliases.get(row.code):
        return target, [reason("known_alias", "code", target)]
    target = known.ground.named.get((filed.city or "", plain(row.name or "")), "")
    return (target, [reason("looks_like_alias", "code", target)]) if target and target != row.code else ("", [])


def _odd(row: Row, known: Standing, mine: Mine | None, since: datetime) -> list[Reason]:
    """What is possible but seldom true."""
    odd = []
    if since > known.at:
        odd.append(reason("in_future", "valid_from", f"{since:%Y-%m-%d}"))
    for alias in row.aliases or ():
        if known.aliases.get(alias, row.code) != row.code or (alias in known.mines and alias != row.code):
            odd.append(reason("alias_taken", "aliases", alias))
    if mine is None:
        return odd if len(row.code) == USUAL_LENGTH and row.code.isdecimal() else [reason("code_unusual", "code"), *odd]
    if mine.provisional and not row.kind:
        odd.append(reason("kind_missing", "kind"))
    if row.name and mine.name != mine.code and plain(row.name) != plain(mine.name):
        odd.append(reason("name_differs", "name", mine.name))
    if row.kind and row.kind != mine.kind and not mine.provisional:
        odd.append(reason("kind_differs", "kind", mine.kind))
    before = known.value(row.code, "capacity", since)
    if row.capacity and isinstance(before, int | float) and before > 0:
        ratio = max(row.capacity / before, before / row.capacity)
        if ratio >= columns().thresholds["capacity_jump"]:
            odd.append(reason("capacity_jump", "capacity", f"{before:g} → {row.capacity:g}"))
    return odd


def changes_of(
    row: Row, known: Standing, mine: Mine | None, filed: Filed, since: datetime, questions: list[Reason]
) -> list[dict[str, Any]]:
    """What taking the row would change, with what stands now."""
    parent = mine.parent_company.name if mine and mine.parent_company else None
    pairs: list[tuple[str, Any, Any]] = []
    if mine is None or mine.provisional:
        pairs.append(("entered", "provisional" if mine else None, "entered"))
    if row.name:
        pairs.append(("name", mine.name if mine else None, row.name))
    if row.kind:
        pairs.append(("kind", mine.kind if mine else None, row.kind))
    if row.county or mine is None:
        pairs.append(("county", mine.region_code if mine else None, filed.county or filed.city or "140000"))
    if row.parent_company:
        pairs.append(("parent_company", parent, row.parent_company))
    owner = row.parent_company or parent
    if row.actual_controller and owner and row.actual_controller != owner:
        held = known.controllers.get(owner, set())
        pairs.append(
            (
                "actual_controller",
                row.actual_controller if row.actual_controller in held else None,
                row.actual_controller,
            )
        )
    for name in PLAIN_FACTS:
        value = getattr(row, name)
        if value is not None:
            pairs.append((name, known.value(row.code, name, since), value))
    changes = [{"field": name, "before": before, "after": after} for name, before, after in pairs if before != after]
    if any(change["field"] == "coordinates" for change in changes):
        questions += _doubtful(row, known.value(row.code, "coordinates", since))
    if any(known.next_start(row.code, change["field"], since) for change in changes):
        questions.append(reason("older_than_known", "valid_from", f"{since:%Y-%m-%d}"))
    changes += _supervisor(row, known, mine, filed, since, questions)
    fresh = [alias for alias in row.aliases or () if alias not in known.aliases and alias not in known.mines]
    return changes + [{"field": "aliases", "before": None, "after": alias} for alias in fresh]


def _doubtful(row: Row, before: Any) -> list[Reason]:
    """What is odd about coordinates that would be recorded: the datum, the province, the way from where the mine was."""
    place, found = row.coordinates or {}, []
    shown = value_word("coordinates", place)
    if not row.datum:
        found.append(reason("datum_missing", "datum"))
    elif row.datum not in STATED:
        found.append(reason("datum_other", "datum", value_word("datum", row.datum)))
    if not inside(place):
        found.append(reason("outside_province", "coordinates", shown))
    if isinstance(before, dict) and {"lon", "lat"} <= before.keys():
        far = km_between(place, before)
        if far > columns().thresholds["moved_km"]:
            found.append(reason("coordinates_moved", "coordinates", f"{far:.1f} km"))
    return found


def _supervisor(
    row: Row, known: Standing, mine: Mine | None, filed: Filed, since: datetime, questions: list[Reason]
) -> list[dict[str, Any]]:
    standing = known.direct.get(row.code)
    body: Organisation | None = None
    if not row.supervisor:
        if standing is None and (mine is None or mine.provisional):
            body = _authority(known, filed, "county")
    elif len(row.supervisor) > 1:
        questions.append(reason("two_supervisors", "supervisor", "、".join(row.supervisor)))
    else:
        body = _named_body(known, filed, row.supervisor[0])
        if body is None:
            questions.append(reason("supervisor_unknown", "supervisor", row.supervisor[0]))
    if body is None or (standing is not None and standing.body_id == body.pk):
        return []
    if standing is not None and standing.valid_from >= since:
        questions.append(reason("supervisor_since_today", "supervisor", f"{standing.valid_from:%Y-%m-%d}"))
    before = standing.body.name if standing else None
    return [{"field": "supervisor", "before": before, "after": body.name, "body": body.pk}]


def _named_body(known: Standing, filed: Filed, text: str) -> Organisation | None:
    if level := columns().words["supervisor"].get(plain(text)):
        return _authority(known, filed, level)
    found = known.ground.bodies.get(plain(text), [])
    prefix = (filed.city or "14")[:4]
    near = [body for body in found if body.region.startswith(prefix)] if len(found) > 1 else found
    return near[0] if len(near) == 1 else None


def _authority(known: Standing, filed: Filed, level: str) -> Organisation | None:
    """The emergency-management authority of that level over the place, or the next above it that there is."""
    chain = {"county": filed.county, "city": filed.city, "province": "140000"}
    codes = [chain[name] for name in LEVELS[LEVELS.index(level) :]]
    return next((known.ground.emergency[code] for code in codes if code and code in known.ground.emergency), None)
