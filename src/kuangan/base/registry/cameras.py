"""The register of cameras: what a mine's sheet says, taken over with dates; and how the engine reads it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import QuerySet

from kuangan.base import audit
from kuangan.base.people.models import User
from kuangan.base.registry.models import Camera, CameraDuty, Mine
from kuangan.base.registry.supervision import in_force
from kuangan.library.telemetry.fields import CODE_LENGTH

HEADS: Final = ("摄像机编码", "国标编码", "地点", "覆盖要求", "电子封条")
MAX_ROWS: Final = 1000
DUTIES: Final = {label: value for value, label in CameraDuty.choices} | {"": ""}
YES: Final = {"是": True, "√": True, "1": True, "否": False, "0": False, "": False}


class BadSheet(ValueError):
    """A sheet that cannot be taken; names the line and the reason."""


@dataclass(frozen=True, slots=True)
class Line:
    """One camera of a sheet."""

    code: str
    other_code: str
    place: str
    duty: str
    seal: bool


def standing(mine: Mine | str, at: datetime) -> QuerySet[Camera]:
    """The cameras registered at `at`, by code."""
    return Camera.objects.filter(in_force(at), mine=mine).order_by("code")


def read(text: str) -> list[Line]:
    """The cameras of a pasted table: a line each, cells by tab, comma or semicolon, in the order of HEADS; a head line is left out.

    Raises BadSheet.
    """
    lines = [[cell.strip() for cell in _cells(line)] for line in text.splitlines()]
    filled = [(number, cells) for number, cells in enumerate(lines, 1) if any(cells)]
    if filled and filled[0][1][0] == HEADS[0]:
        filled = filled[1:]
    if not filled:
        raise BadSheet("表格是空的")
    if len(filled) > MAX_ROWS:
        raise BadSheet(f"一次最多 {MAX_ROWS} 行")
    found: dict[str, Line] = {}
    for number, cells in filled:
        line = _line(number, cells)
        for code in {line.code, line.other_code} - {""}:
            if any(code in (known.code, known.other_code) for known in found.values()):
                raise BadSheet(f"第 {number} 行：编码 {code} 重复")
        found[line.code] = line
    return list(found.values())


def _cells(line: str) -> list[str]:
    mark = max("\t,;，；", key=line.count)
    return line.split(mark)


def _line(number: int, cells: Sequence[str]) -> Line:
    code, other, place, duty, seal = (*cells, "", "", "", "", "")[:5]
    if not code.isascii() or not code.isalnum() or len(code) > CODE_LENGTH:
        raise BadSheet(f"第 {number} 行：摄像机编码须为字母和数字")
    if other and (not other.isascii() or not other.isalnum() or len(other) > CODE_LENGTH):
        raise BadSheet(f"第 {number} 行：国标编码须为字母和数字")
    if not place or len(place) > 120:
        raise BadSheet(f"第 {number} 行：缺少地点，或地点超过 120 字")
    if duty not in DUTIES:
        raise BadSheet(f"第 {number} 行：覆盖要求须为{'、'.join(word for word in DUTIES if word)}")
    if seal not in YES:
        raise BadSheet(f"第 {number} 行：电子封条须填是或否")
    return Line(code, "" if other == code else other, place, DUTIES[duty], YES[seal])


@dataclass(frozen=True, slots=True)
class Taken:
    """What a sheet changed."""

    added: int
    changed: int
    ended: int


@transaction.atomic
def take(mine: Mine, lines: Iterable[Line], *, by: User, at: datetime, basis: str) -> Taken:
    """Make these the cameras of a mine from `at` on; what the sheet does not name ends. Equal rows stay as they are."""
    Mine.objects.select_for_update().get(pk=mine.pk)
    known = {row.code: row for row in standing(mine, at)}
    wanted = {line.code: line for line in lines}
    same = {code for code, line in wanted.items() if code in known and _line_of(known[code]) == line}
    closed = [row.pk for code, row in known.items() if code not in same]
    Camera.objects.filter(pk__in=closed).update(valid_to=at)
    Camera.objects.bulk_create(
        Camera(mine=mine, valid_from=at, basis=basis, recorded_at=at, recorded_by=by, **asdict(line))
        for code, line in wanted.items()
        if code not in same
    )
    taken = Taken(
        sum(code not in known for code in wanted),
        sum(code in known and code not in same for code in wanted),
        sum(code not in wanted for code in known),
    )
    content: dict[str, Any] = {**asdict(taken), "rows": [asdict(line) for line in wanted.values()]}
    audit.record(
        actor=by, action="cameras.registered", kind="mine", ident=mine.code, content=content, at=at, reason=basis
    )
    return taken


def _line_of(row: Camera) -> Line:
    return Line(row.code, row.other_code, row.place, row.duty, row.seal)


def exported(rows: Iterable[Camera]) -> list[list[str]]:
    """The rows as they are read back, in the order of HEADS."""
    return [[row.code, row.other_code, row.place, row.get_duty_display(), "是" if row.seal else "否"] for row in rows]


def published(at: datetime) -> dict[str, dict[str, dict[str, Any]]]:
    """The cameras in force by mine and code, as the engine reads them. One query."""
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for mine, code, other, place, duty, seal in (
        Camera.objects.filter(in_force(at))
        .order_by("mine_id", "code")
        .values_list("mine_id", "code", "other_code", "place", "duty", "seal")
    ):
        found.setdefault(mine, {})[code] = {"place": place, "duty": duty, "seal": seal, "other_code": other}
    return found
