"""Boards of one kind of danger: the points of that kind in the scope with what they show, their limits, and what is open.

Points come from the engine's hot tables, the worst first; alerts are those of the rules of the kind.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from math import isnan
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import polars as pl
from django.conf import settings
from django.core.paginator import Page, Paginator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from kuangan.base.case.words import GRADE_WORDS
from kuangan.base.clock import from_ms, now, to_ms
from kuangan.base.people.access import require
from kuangan.base.people.models import User
from kuangan.base.people.permissions import may
from kuangan.base.registry.scope import visible_mines
from kuangan.domains.alerts.curves import Window, sparklines
from kuangan.domains.alerts.models import Alert
from kuangan.domains.alerts.present import Row, rows
from kuangan.domains.alerts.queries import Query, filtered
from kuangan.domains.alerts.rules import GRADES, number_words
from kuangan.library.telemetry.hot import read_hot
from kuangan.library.warning.masks import CALIBRATION, FAULTS
from kuangan.portal.switches import state_word

POINTS_SHOWN: Final = 40
ALERTS_SHOWN: Final = 50
CURVES_SHOWN: Final = 6
HOURS: Final = 24
DAY_MS: Final = HOURS * 3_600_000


@dataclass(frozen=True, slots=True)
class Board:
    """`types` are sensor types, `families` the families of which every type belongs to the board; `rules` those of its alerts, of early
    warnings of mines those of which `reported` (a look-up and its value) holds."""

    title: str
    rules: tuple[str, ...]
    types: frozenset[str] = frozenset()
    families: tuple[str, ...] = ()
    signs: frozenset[str] = frozenset()
    empty: str = ""
    files: str = ""
    reported: tuple[str, str] = ("", "")


REPORTED: Final = "danger.reported"
BOARDS: Final = {
    "air": Board(
        "通风",
        ("danger.fan_stopped", "danger.doors_open", "danger.air_speed", "danger.oxygen_low", "danger.gas_level"),
        frozenset({"0002", "0012", "1001", "1002", "1010", "noncoal:0002", "noncoal:0010"})
        | {"noncoal:1001", "noncoal:1002", "noncoal:1006"},
        empty="范围内的矿没有上传风速、氧气、风门或通风机测点。",
        files="CDSS、NCDSS",
    ),
    "water": Board(
        "水害",
        ("danger.water_level", "danger.inflow", "danger.pump", REPORTED),
        frozenset({"0007", "0029", "0049", "0053", "noncoal:0007", "noncoal:0022", "noncoal:0023"}),
        ("water",),
        frozenset({"pump"}),
        "范围内的矿没有上传水位、涌水量、排水量或水泵测点。",
        "CGKCDSS、YSLCDSS、PSLCDSS、SBCDSS、DBSCDSS、JSLCDSS",
        ("inputs__sensor_type__startswith", "water:"),
    ),
    "fire": Board(
        "火灾",
        ("danger.fire",),
        frozenset({"0003", "0004", "1008", "noncoal:0003", "noncoal:0004", "noncoal:1005"}),
        empty="范围内的矿没有上传一氧化碳、温度或烟雾测点。",
        files="CDSS、NCDSS",
    ),
    "pressure": Board(
        "矿压",
        ("danger.pressure", "danger.roof_separation", "danger.ground_sound", REPORTED),
        frozenset({"0020", "0032", "0033", "0034", "0035", "noncoal:0014", "noncoal:0016"}),
        ("pressure",),
        empty="范围内的矿没有上传支架阻力、钻孔应力、锚杆应力或顶板离层测点。",
        files="ZJSS、ZKSS、MGSS、LCSS、WYSS、DYSS",
        reported=("inputs__sensor_type__startswith", "pressure:"),
    ),
    "slope": Board(
        "边坡",
        ("danger.slope", REPORTED),
        frozenset({"own:displacement"}),
        ("slope",),
        empty="范围内的露天矿没有上传边坡位移、速度或加速度。",
        files="gnssrealtime、gnssalarm",
        reported=("inputs__category", "slope_alarm"),
    ),
    "tailings": Board(
        "尾矿库",
        ("danger.tailings",),
        families=("tailings",),
        empty="范围内的尾矿库没有上传干滩、库水位、浸润线、位移或降雨量。",
        files="GTXSS、KSWSS、QRXSS、JYLSS",
    ),
}


@dataclass(frozen=True, slots=True)
class PointLine:
    """A point of a board in words; `grade` of the band its value is in, "" when it is sound or not judged."""

    mine: str
    mine_name: str
    code: str
    what: str
    location: str
    value: str
    limit: str
    low: float | None
    high: float | None
    grade: str
    word: str
    at: datetime | None
    curve: str


@dataclass(frozen=True)
class Shown:
    """A page of points; `drawn` are those of it that have a large curve, `count`, `mines` and `graded` are of all points."""

    lines: list[PointLine] = field(default_factory=list)
    page: Page[Any] | None = None
    count: int = 0
    mines: int = 0
    graded: int = 0
    one_mine: bool = False

    @property
    def drawn(self) -> list[PointLine]:
        """Of one mine its first points, of many those in a graded band."""
        return [line for line in self.lines if self.one_mine or line.grade][:CURVES_SHOWN]


@require_GET
def board(request: HttpRequest, kind: str) -> HttpResponse:
    """One board; the query `mine` narrows it to a mine of the scope, `q` to mines of that name, `graded` to what is out of its band."""
    user, at, found = require(request, "mine.view"), now(), BOARDS[kind]
    mines = dict(visible_mines(user, at).values_list("code", "name"))
    chosen, words = request.GET.get("mine", "").strip(), request.GET.get("q", "").strip()[:60]
    if chosen and chosen not in mines:
        raise Http404
    wanted = {code: name for code, name in mines.items() if words in name and chosen in ("", code)}
    graded = request.GET.get("graded", "") == "1"
    alerts, alarmed = alerts_of(user, found, chosen, at)
    context = {
        "board": found,
        "kind": kind,
        "boards": [(name, each.title) for name, each in BOARDS.items()],
        "shown": points_of(Path(settings.HOME), found, wanted, alarmed, graded, request.GET.get("page", "")),
        "alerts": alerts,
        "mine": chosen,
        "mine_name": mines.get(chosen, ""),
        "words": words,
        "graded": graded,
    }
    return render(request, "portal/danger_board.html", context)


@require_GET
def lines(request: HttpRequest) -> JsonResponse:
    """The last day of the points of a page (`point`, repeated) as short lines: code → [[second of the day, value], …]."""
    user, at = require(request, "mine.view"), now()
    asked, home = list(dict.fromkeys(request.GET.getlist("point")))[:POINTS_SHOWN], Path(settings.HOME)
    points = read_hot(home, "points")
    if points is None or not asked:
        return JsonResponse({"seconds": DAY_MS // 1000, "lines": {}})
    mine_of = dict(points.filter(pl.col("code").is_in(asked)).select("code", "mine").iter_rows())
    seen = set(visible_mines(user, at).filter(code__in=set(mine_of.values())).values_list("code", flat=True))
    end = to_ms(at)
    window = Window(end - DAY_MS, end)
    wanted = [(code, code, window) for code in asked if mine_of.get(code) in seen]
    return JsonResponse({"seconds": DAY_MS // 1000, "lines": sparklines(home, wanted)})


def alerts_of(user: User, found: Board, mine: str, at: datetime) -> tuple[list[Row] | None, dict[str, str]]:
    """Open alerts of the rules of a board, the gravest first, and of those that still last the grade by point.

    None and nothing for whoever may not see alerts.
    """
    if not may(user, "alert.view"):
        return None, {}
    cases = filtered(user, Query(mine=mine), at).filter(alert__rule__in=found.rules).order_by()
    listed = Alert.objects.filter(pk__in=cases.values("pk"))
    if REPORTED in found.rules:
        listed = listed.filter(~Q(rule=REPORTED) | Q(found.reported))
    lasting = listed.filter(event_status="open").exclude(point="").order_by("rank")
    alarmed = dict(lasting.values_list("point", "grade"))
    shown = listed.select_related("case__mine__city", "case__mine__county").order_by("-rank", "-pk")[:ALERTS_SHOWN]
    return rows(list(shown), at), alarmed


def points_of(
    home: Path, found: Board, mines: dict[str, str], alarmed: Mapping[str, str], graded: bool, page: str
) -> Shown:
    """A page of the points of a board in some mines, the worst first; `graded`: those alone that are not sound.

    A point is not sound in a graded band, or while an alert about it lasts (`alarmed`: its grade by point).
    """
    points = read_hot(home, "points")
    if points is None or points.is_empty():
        return Shown()
    table = _joined(_chosen(points, found, mines), read_hot(home, "latest"), alarmed)
    listed = table.filter(pl.col("graded") >= 0) if graded else table
    shown = Paginator(range(listed.height), POINTS_SHOWN).get_page(page)
    rows = listed.slice(max(shown.start_index() - 1, 0), POINTS_SHOWN)
    lines = [_line(row, mines) for row in rows.iter_rows(named=True)]
    out = int((table["graded"] >= 0).sum())
    return Shown(lines, shown, table.height, table["mine"].n_unique(), out, len(mines) == 1)


def _chosen(points: pl.DataFrame, found: Board, mines: Collection[str]) -> pl.DataFrame:
    for name, kind in (("sign", pl.String), ("low", pl.Float64), ("high", pl.Float64), ("band_grade", pl.String)):
        if name not in points.columns:
            points = points.with_columns(pl.lit(None, kind).alias(name))
    wanted = pl.col("sensor_type").is_in(list(found.types)) | pl.col("sign").is_in(list(found.signs))
    for family in found.families:
        wanted |= pl.col("sensor_type").str.starts_with(f"{family}:")
    return points.filter(pl.col("mine").is_in(list(mines)) & wanted.fill_null(False))


def _joined(points: pl.DataFrame, latest: pl.DataFrame | None, alarmed: Mapping[str, str]) -> pl.DataFrame:
    """Points with what they showed last, the worst first, then by mine and place."""
    if latest is None or latest.is_empty():
        latest = pl.DataFrame(schema={"code": pl.String, "time": pl.Int64, "value": pl.Float64})
    if "status" not in latest.columns:
        latest = latest.with_columns(status=pl.lit(0, pl.Int32))
    order = {grade: at for at, grade in enumerate(GRADES)}
    told = pl.DataFrame(
        {"code": list(alarmed), "told": list(alarmed.values())}, schema={"code": pl.String, "told": pl.String}
    )
    shown = latest.select("code", "time", "value", "status")
    joined = points.join(shown, on="code", how="left").join(told, on="code", how="left")
    ranks = [pl.col(name).replace_strict(order, default=-1, return_dtype=pl.Int8) for name in ("band_grade", "told")]
    worst = pl.max_horizontal(*ranks)
    words = worst.replace_strict(dict(enumerate(GRADES)), default="", return_dtype=pl.String)
    return joined.with_columns(worst.alias("graded"), words.alias("band_grade")).sort(
        ["graded", "mine", "location", "code"], descending=[True, False, False, False], nulls_last=True
    )


def _line(row: dict[str, Any], mines: dict[str, str]) -> PointLine:
    unit = row["unit"] or ""
    grade = row["band_grade"] or ""
    query = urlencode({"mine": row["mine"], "point": row["code"], "hours": HOURS})
    return PointLine(
        row["mine"],
        mines[row["mine"]],
        row["code"],
        row["type_name"] or row["sensor_type"],
        row["location"] or "",
        value_word(row["value"], row["status"] or 0, row["sensor_type"], unit),
        limits_word(row["low"], row["high"], row.get("limit"), unit),
        row["low"],
        upper(row["high"], row.get("limit")),
        grade,
        GRADE_WORDS.get(grade, ""),
        None if row["time"] is None else from_ms(row["time"]),
        f"/curves/?{query}",
    )


def value_word(value: float | None, status: int, sensor_type: str, unit: str) -> str:
    """What a point showed last. What it says of itself to be faulty is no value: zero beside a fault is not fresh air."""
    if value is None:
        return "无数据"
    if isnan(value) or status & FAULTS:
        return "无有效数据"
    word = state_word(sensor_type, value) or number_words(value, unit)
    return f"{word}（标校）" if status & CALIBRATION else word


def limits_word(low: float | None, high: float | None, limit: float | None, unit: str) -> str:
    """The band within which a point is sound: 低于 … 或不低于 … is not."""
    bound = upper(high, limit)
    said = [f"＜ {number_words(low, unit)}"] if low is not None else []
    said += [f"≥ {number_words(bound, unit)}"] if bound is not None else []
    return " 或 ".join(said) or "—"


def upper(high: float | None, limit: float | None) -> float | None:
    """From where on a point is not sound: the edge of its band, else its limit."""
    bound = high if high is not None else limit
    return None if bound is None or isnan(bound) else bound
