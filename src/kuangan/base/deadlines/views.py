"""The calendar of working days: what each notice shifts, and a count for whoever wants to check one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from kuangan.base.clock import beijing_day, now
from kuangan.base.deadlines.workdays import BASIS, CALENDAR, GUESSED
from kuangan.base.people.access import require

MOST = 1000
MONTHS = 12
WEEK = ("一", "二", "三", "四", "五", "六", "日")


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the sheet; `css` says whether it is off, worked, shifted to either, and whether it is today."""

    day: date
    css: str
    title: str


class CountForm(forms.Form):
    """A count that somebody wants to check."""

    start = forms.DateField(label="起算事件日", widget=forms.DateInput(attrs={"type": "date"}))
    count = forms.IntegerField(label="期间长度", min_value=1, max_value=MOST)
    unit = forms.ChoiceField(label="单位", choices=(("working_days", "工作日"), ("days", "自然日")))


@require_GET
def calendar(request: HttpRequest) -> HttpResponse:
    require(request, "calendar.view")
    today = beijing_day(now())
    year = _year(request.GET.get("year", ""), today.year)
    form = CountForm(request.GET if "start" in request.GET else None, initial={"start": today, "count": 5})
    context = {
        "title": "工作日历",
        "year": year,
        "years": sorted({*CALENDAR.years, today.year, today.year + 1}),
        "notice": CALENDAR.years.get(year),
        "months": [(month, _sheet(year, month, today)) for month in range(1, MONTHS + 1)],
        "week": WEEK,
        "working": CALENDAR.working_days_between(date(year - 1, 12, 31), date(year, 12, 31)),
        "guessed": GUESSED,
        "basis": BASIS,
        "form": form,
        "answer": _answer(form) if form.is_bound and form.is_valid() else None,
    }
    return render(request, "deadlines/calendar.html", context)


def _year(asked: str, this: int) -> int:
    if not asked:
        return this
    if not asked.isascii() or not asked.isdigit() or int(asked) not in {*CALENDAR.years, this, this + 1}:
        raise Http404
    return int(asked)


def _sheet(year: int, month: int, today: date) -> list[list[Day | None]]:
    """The weeks of a month, Monday first, with nothing where a day belongs to another month."""
    first = date(year, month, 1)
    monday = first - timedelta(days=first.weekday())
    days = [monday + timedelta(days=n) for n in range(42)]
    cells = [_day(day, today) if day.month == month else None for day in days]
    return [week for n in range(0, len(cells), 7) if any(week := cells[n : n + 7])]


def _day(day: date, today: date) -> Day:
    css = "off" if not CALENDAR.is_working_day(day) else "on"
    title = "休息日" if css == "off" else "工作日"
    if day in CALENDAR.off:
        css, title = "off dl-holiday", f"{CALENDAR.off[day]}放假"
    elif day in CALENDAR.worked:
        css, title = "on dl-shifted", f"{CALENDAR.worked[day]}调休上班"
    return Day(day, css + (" dl-today" if day == today else ""), title)


@dataclass(frozen=True, slots=True)
class Answer:
    """The last day of a period, and whether a year without notice was met."""

    day: date
    guessed: bool
    skipped: Sequence[tuple[date, str]]


def _answer(form: CountForm) -> Answer:
    start, count = form.cleaned_data["start"], form.cleaned_data["count"]
    working = form.cleaned_data["unit"] == "working_days"
    day = CALENDAR.add_working_days(start, count) if working else CALENDAR.end_of_days(start, count)
    named = {**CALENDAR.off, **{shifted: f"{name}（调休上班）" for shifted, name in CALENDAR.worked.items()}}
    met = [(one, named[one]) for one in sorted(named) if start < one <= day]
    return Answer(day, CALENDAR.guessed(start, day), met)
