"""Pages of alarm health: the figures, the same for paper, and the note as a Word file."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import quote, urlencode

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from kuangan.base import audit
from kuangan.base.case.words import GRADE_WORDS
from kuangan.base.clock import BEIJING, now
from kuangan.base.documents.word import CONTENT_TYPE
from kuangan.base.people.access import require
from kuangan.base.people.models import User
from kuangan.base.people.scope import scope_of
from kuangan.base.registry.models import Region
from kuangan.domains.alerts.health.answers import Answer, level_word, minutes
from kuangan.domains.alerts.health.measuring import Health, measure
from kuangan.domains.alerts.health.measuring import shown as figure
from kuangan.domains.alerts.health.note import as_docx, excluded_words, percent, words_of
from kuangan.domains.alerts.health.periods import offered, parse
from kuangan.domains.alerts.health.targets import TARGETS
from kuangan.domains.alerts.tuning import TUNING

OF_MINES: Final = ("mine", "parent")


def measured(request: HttpRequest) -> tuple[User, Health]:
    """The health that the address asks for; a region outside the person's territory is not there."""
    user, at = require(request, "alert.view"), now()
    region = request.GET.get("region", "")
    if region and region not in {code for code, _ in regions(user)}:
        raise Http404
    return user, measure(user, parse(request.GET.get("period", ""), at), region, at)


def regions(user: User) -> list[tuple[str, str]]:
    """Regions below the person's own territory: cities and counties for the province, counties for a city."""
    prefix = scope_of(user).region_prefix
    if prefix is None or len(prefix) > 4:
        return []
    below = Region.objects.filter(code__startswith=prefix, level__in=("city", "county")).exclude(
        code=prefix.ljust(6, "0")
    )
    return [
        (code, name if level == "city" else f"　{name}")
        for code, name, level in below.values_list("code", "name", "level")
    ]


def health(request: HttpRequest) -> HttpResponse:
    user, found = measured(request)
    region = request.GET.get("region", "")
    context = shown(found) | {
        "title": "告警健康",
        "periods": offered(now()),
        "regions": regions(user),
        "region": region,
        "query": urlencode({"period": found.period.name} | ({"region": region} if region else {})),
    }
    return render(request, "alerts/health.html", context)


def health_print(request: HttpRequest) -> HttpResponse:
    user, found = measured(request)
    context = {"title": "告警运行情况通报", "w": _words(user, found)}
    return render(request, "alerts/health_print.html", context)


def health_docx(request: HttpRequest) -> HttpResponse:
    """The note, audited like every export."""
    user, found = measured(request)
    with transaction.atomic():
        audit.record(
            actor=user,
            action="list.exported",
            kind="list",
            ident="alarm_health",
            content={"period": found.period.name, "place": found.place},
            at=now(),
        )
    answer = HttpResponse(as_docx(_words(user, found)), content_type=CONTENT_TYPE)
    name = quote(f"告警运行情况通报-{found.period.name}.docx")
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    return answer


def _words(user: User, found: Health) -> dict[str, Any]:
    at = now()
    return words_of(found, str(user.organisation or ""), f"{at.astimezone(BEIJING):%Y-%m-%d %H:%M} {user}")


def shown(found: Health) -> dict[str, Any]:
    """The figures in the words of the page."""
    heard = found.heard
    return {
        "h": found,
        "law": TUNING,
        "targets": TARGETS,
        "answers": _timed(row for row in found.answers if row.level not in OF_MINES),
        "answers_of_mines": _timed(row for row in found.answers if row.level in OF_MINES),
        "by_grade": [
            {"row": row, "grade": GRADE_WORDS[row.grade], "half": minutes(row.half), "most": minutes(row.most)}
            for row in found.by_grade
        ],
        "causes": [{"row": row, "share": f"{row.share:.0%}"} for row in found.causes],
        "mine_rate": percent(heard.mine_rate),
        "point_rate": percent(heard.point_rate),
        "excluded": excluded_words(found),
        "places": [
            {"row": row, "mines": percent(row.heard.mine_rate), "points": percent(row.heard.point_rate)}
            for row in found.places
        ],
        "per_hour": figure("per_officer_hour", found.per_hour.rate),
    }


def _timed(rows: Iterable[Answer]) -> list[dict[str, Any]]:
    return [
        {"row": row, "level": level_word(row.level), "half": minutes(row.half), "most": minutes(row.most)}
        for row in rows
    ]
