"""One search box: mines by name, code or pinyin initials, cases by number or title. Never outside the user's scope."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import F, Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from kuangan.base.case.models import Case
from kuangan.base.clock import now
from kuangan.base.people.permissions import may
from kuangan.base.registry.models import Mine
from kuangan.base.registry.scope import visible_mines
from kuangan.domains.alerts.sought import sees_few_mines, side_by_side

SHOWN = 30
RECENT = timedelta(days=30)
LONGEST = 60


def search(request: HttpRequest) -> HttpResponse:
    """What matches `q`; a single match opens at once."""
    words = request.GET.get("q", "").strip()[:LONGEST]
    mines = find_mines(request, words) if words else []
    cases = find_cases(request, words) if words else []
    if len(mines) + len(cases) == 1:
        return HttpResponseRedirect(mine_address(mines[0]) if mines else cases[0].address)
    context = {"search_words": words, "mines": mines, "cases": cases, "shown": SHOWN, "recent_days": RECENT.days}
    return render(request, "portal/search.html", context)


def find_mines(request: HttpRequest, words: str) -> list[Mine]:
    """Mines of the user's scope whose name, code or initials contain the words."""
    if not may(request.user, "mine.view"):
        return []
    match = Q(name__icontains=words) | Q(code__startswith=words) | Q(pinyin__icontains=words)
    mines = visible_mines(request.user, now()).filter(match | Q(aliases__alias__startswith=words)).distinct()
    return list(mines.select_related("county", "city").order_by("name")[:SHOWN])


def find_cases(request: HttpRequest, words: str) -> list[Case]:
    """Cases of the user's scope by the beginning of their number; of those that are open or of late also by title or by
    the end of the number, which may be typed without its zeros in front. Each way is found by an index.
    """
    if not may(request.user, "case.view"):
        return []
    at, number = now(), words.upper()
    seen = Case.objects.visible_to(request.user).select_related("mine").order_by("-opened")
    told = Q(number__iendswith=words) | Q(title__icontains=words)
    begins = Q(number__prefix=number)
    if sees_few_mines(request.user, at):
        numbered = seen.filter(begins).order_by((F("pk") * 1).desc())
    else:
        numbered = seen.filter(begins & side_by_side(number)).order_by("-number")
    ways = [numbered, seen.filter(told & Q(opened__gt=at - RECENT)), seen.filter(told & Q(closed__isnull=True))]
    found = {row.pk: row for way in ways for row in way[:SHOWN]}
    return sorted(found.values(), key=lambda row: row.opened, reverse=True)[:SHOWN]


def mine_address(mine: Mine) -> str:
    return reverse("portal:mine", args=[mine.pk])
