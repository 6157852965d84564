"""The video board: of each mine of a scope its cameras, what must be seen and is, seals and open alerts; and one mine's cameras."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from kuangan.base.clock import now
from kuangan.base.people.access import require
from kuangan.base.people.models import User
from kuangan.base.people.permissions import may
from kuangan.base.registry.cameras import published
from kuangan.base.registry.facts import facts_as_of
from kuangan.base.registry.models import CameraDuty, Mine
from kuangan.base.registry.scope import visible_mines
from kuangan.base.registry.words import VIEW_WORDS
from kuangan.domains.alerts.flow import FLOW
from kuangan.domains.alerts.models import Alert
from kuangan.domains.alerts.queries import visible
from kuangan.domains.alerts.rules import DEFAULT_MARK, GRADE_WORDS, RULE_WORDS
from kuangan.domains.alerts.why_video import CASE_WORDS, FAMILY, PASSAGE_WORDS
from kuangan.domains.datalink.cameras import Seen, messages, seen
from kuangan.domains.datalink.underground import codes_of
from kuangan.domains.rulebook.reading import in_force
from kuangan.library.warning.register import STOPPED
from kuangan.library.warning.video.settings import (
    NO_COVERAGE,
    OFFLINE,
    SEALED_SHAFT,
    SYSTEM_SILENT,
    UNSEEN,
    CoverageRule,
)

RULES: Final = tuple(rule for rule in RULE_WORDS if rule.startswith(FAMILY))
COUNTED: Final = (NO_COVERAGE, SEALED_SHAFT, SYSTEM_SILENT)
SHOWN: Final = 30
PAGE: Final = 50
COVERED, LACKING, UNKNOWN = "covered", "lacking", "unknown"
CELL_WORDS: Final = {COVERED: "已覆盖", LACKING: "无在线视频", UNKNOWN: "未知"}
MESSAGE_WORDS: Final = {"video_anomaly": CASE_WORDS, "video_counting": {**PASSAGE_WORDS, "08": "乘车"}}


@dataclass(frozen=True, slots=True)
class Camera:
    """One camera of a mine: where it looks, what is asked of it, whether it is live (None: unknown), and its open alerts."""

    code: str
    place: str
    kind: str
    name: str
    duty: str
    seal: bool
    live: bool | None
    since: datetime | None
    alerts: Sequence[Alert]
    hidden: bool

    @property
    def duty_word(self) -> str:
        return str(CameraDuty(self.duty).label)

    @property
    def kind_word(self) -> str:
        word = VIEW_WORDS.get(self.kind, "")
        return "" if word == self.place else word

    @property
    def told(self) -> list[tuple[Alert, str]]:
        return [(alert, RULE_WORDS[alert.rule]) for alert in self.alerts]


@dataclass(frozen=True, slots=True)
class Cell:
    """A place that must be seen and whether it is."""

    place: str
    kind: str
    state: str
    cameras: Sequence[Camera]
    basis: str

    @property
    def word(self) -> str:
        return CELL_WORDS[self.state]


@dataclass(frozen=True, slots=True)
class Line:
    """One mine with its cameras, the places that must be seen, and its open alerts about video, the gravest first."""

    mine: Mine
    stopped: bool
    cameras: Sequence[Camera]
    cells: Sequence[Cell]
    alerts: Sequence[Alert]

    @property
    def live(self) -> int:
        return sum(camera.live is True for camera in self.cameras)

    @property
    def offline(self) -> int:
        return sum(camera.live is False for camera in self.cameras)

    @property
    def unknown(self) -> int:
        return sum(camera.live is None for camera in self.cameras)

    @property
    def seals(self) -> list[Camera]:
        return [camera for camera in self.cameras if camera.seal] if self.stopped else []

    @property
    def seals_live(self) -> int:
        return sum(camera.live is True and not camera.hidden for camera in self.seals)

    @property
    def covered(self) -> int:
        return sum(cell.state == COVERED for cell in self.cells)

    @property
    def lacking(self) -> int:
        return sum(cell.state == LACKING for cell in self.cells)

    @property
    def told(self) -> list[tuple[Alert, str]]:
        return [(alert, f"{RULE_WORDS[alert.rule]} {alert.location}".strip()) for alert in self.alerts]

    @property
    def severity(self) -> str:
        return self.alerts[0].grade if self.alerts else ""

    @property
    def rank(self) -> tuple[int, int, bool, str]:
        """The gravest first, mines that tell of no camera last."""
        return -(self.alerts[0].rank if self.alerts else -1), -self.lacking, not self.cameras, self.mine.code


def open_alerts(user: User) -> dict[str, list[Alert]]:
    """Open alerts about video by mine, the gravest first; one query. Void and merged ones are left out."""
    cases = visible(user).exclude(state__in=FLOW.final)
    found = Alert.objects.filter(case__in=cases, rule__startswith=FAMILY, void=False, merged_into="")
    by_mine: dict[str, list[Alert]] = {}
    for alert in found.select_related("case").order_by("-rank", "-case_id"):
        by_mine.setdefault(alert.case.mine_id or "", []).append(alert)
    return by_mine


def lines_of(user: User, mines: QuerySet[Mine], at: datetime) -> list[Line]:
    """The mines with all that is shown of them. The number of queries does not depend on how many they are."""
    home = Path(settings.HOME)
    rule = in_force(home).book.settings(NO_COVERAGE, CoverageRule)
    told, registered, alerts = seen(home, at), published(at), open_alerts(user)
    known = list(mines.select_related("county", "city").order_by("code"))
    states = facts_as_of(mines.order_by().values("pk"), ["state"], at)
    return [
        _line(
            mine,
            states.get(mine.code, {}).get("state", "") in STOPPED,
            told.get(mine.code, {}),
            registered.get(mine.code, {}),
            alerts.get(mine.code, []),
            rule,
        )
        for mine in known
    ]


def _line(
    mine: Mine,
    stopped: bool,
    told: Mapping[str, Seen],
    registered: Mapping[str, Mapping[str, Any]],
    alerts: list[Alert],
    rule: CoverageRule,
) -> Line:
    others = {row["other_code"]: code for code, row in registered.items() if row["other_code"]}
    by_code = {others.get(code, code): camera for code, camera in told.items()}
    sealing = {row.place for row in rule.places if row.seal and mine.kind in row.mine_kinds}
    live_again = [alert for alert in alerts if alert.event_status == "open"]
    silent = any(alert.rule == SYSTEM_SILENT for alert in live_again)
    cameras = [
        _camera(code, by_code.get(code), registered.get(code), live_again, silent, sealing, rule)
        for code in sorted({*by_code, *registered})
    ]
    return Line(mine, stopped, cameras, _cells(mine, stopped, cameras, bool(registered), live_again, rule), alerts)


def _camera(
    code: str,
    told: Seen | None,
    row: Mapping[str, Any] | None,
    alerts: list[Alert],
    silent: bool,
    sealing: set[str],
    rule: CoverageRule,
) -> Camera:
    place = (row["place"] if row else "") or (told.place if told else "")
    found = rule.place_of(place)
    kind, name = found if found else ("", place)
    own = [alert for alert in alerts if alert.subject == code]
    children = any(alert.rule == NO_COVERAGE and code in alert.inputs.get("children", ()) for alert in alerts)
    online = told.online if told is not None else None
    out = any(a.rule == OFFLINE or "offline" in a.inputs.get("signs", ()) for a in own)
    live = None if silent or online is None else online and not out
    hidden = any(a.rule in UNSEEN or a.rule == SEALED_SHAFT for a in own) or (children and live is True)
    seal = kind in sealing or bool(row and row["seal"])
    since = told.since if told is not None else None
    return Camera(code, place, kind, name, row["duty"] if row else "", seal, live, since, own, hidden)


def _cells(
    mine: Mine, stopped: bool, cameras: Sequence[Camera], listed: bool, alerts: list[Alert], rule: CoverageRule
) -> list[Cell]:
    """What must be seen: the standing places of its kind, what the register asks for, and the workings that are known."""
    if not cameras:
        return []
    rows = [row for row in rule.places if mine.kind in row.mine_kinds]
    cells: dict[str, Cell] = {}
    for row in rows:
        if row.when == "standing":
            at = [camera for camera in cameras if camera.kind == row.place]
            state = _state(at) if at else LACKING if listed else UNKNOWN
            cells[row.place] = Cell(VIEW_WORDS[row.place], row.place, state, at, f"{row.source}（{row.row}）")
    working = {row.place: row for row in rows if row.when == "working"}
    names = {camera.name: camera.kind for camera in cameras if camera.kind in working}
    names |= {a.subject: str(a.inputs.get("place_kind", "")) for a in alerts if a.rule == NO_COVERAGE and a.location}
    names |= {camera.name: camera.kind for camera in cameras if camera.duty == CameraDuty.ALWAYS}
    for name, kind in sorted(names.items()):
        if name not in cells and not (stopped and kind in working):
            at = [camera for camera in cameras if camera.name == name]
            source = working[kind].source if kind in working else "登记要求"
            cells[name] = Cell(name, kind, _state(at) if at else LACKING, at, source)
    return list(cells.values())


def _state(cameras: Sequence[Camera]) -> str:
    if any(camera.live and not camera.hidden for camera in cameras):
        return COVERED
    return UNKNOWN if any(camera.live is None for camera in cameras) else LACKING


@require_GET
def board(request: HttpRequest) -> HttpResponse:
    """The mines of the scope; with `rule` those that have an open alert of it."""
    user, at = require(request, "mine.view"), now()
    asked = request.GET.get("rule", "")
    rule = asked if asked in RULES else ""
    lines = lines_of(user, visible_mines(user, at), at)
    shown = [line for line in lines if not rule or any(alert.rule == rule for alert in line.alerts)]
    address = reverse("portal:video")
    page = Paginator(sorted(shown, key=lambda line: line.rank), PAGE).get_page(request.GET.get("page"))
    counts = [
        (
            sum(any(a.rule == name for a in line.alerts) for line in lines),
            RULE_WORDS[name],
            f"{address}?rule={name}",
            name,
        )
        for name in COUNTED
    ]
    context = {
        "lines": page.object_list,
        "page": page,
        "counts": counts,
        "cameras": sum(len(line.cameras) for line in lines),
        "live": sum(line.live for line in lines),
        "offline": sum(line.offline for line in lines),
        "unknown": sum(line.unknown for line in lines),
        "mines": len(lines),
        "telling": sum(bool(line.cameras) for line in lines),
        "rules": [(name, RULE_WORDS[name]) for name in RULES],
        "rule": rule,
        "mark": DEFAULT_MARK,
    }
    return render(request, "portal/video.html", context)


@require_GET
def mine_video(request: HttpRequest, code: str) -> HttpResponse:
    """The cameras of a mine, what must be seen, seals, alerts and the last messages."""
    user, at = require(request, "mine.view"), now()
    mine = get_object_or_404(visible_mines(user, at), pk=code)
    (line,) = lines_of(user, visible_mines(user, at).filter(pk=mine.pk), at)
    last = messages(Path(settings.HOME), list(codes_of(mine)), at, SHOWN)
    context = {
        "line": line,
        "alerts": [(alert, words, GRADE_WORDS[alert.grade]) for alert, words in line.told],
        "happened": [(m, MESSAGE_WORDS[m.kind].get(m.case, f"代码 {m.case}")) for m in last],
        "may_frames": may(user, "link.view"),
        "may_edit": may(user, "mine.edit"),
        "mark": DEFAULT_MARK,
    }
    return render(request, "portal/mine_video.html", context)
