"""Pages of trials and shadows: what a draft would have changed, and what it cost to know."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from kuangan.base.case.words import GRADE_WORDS
from kuangan.base.clock import from_ms, now
from kuangan.base.people.access import Permitted, require
from kuangan.base.people.models import User
from kuangan.base.registry.models import Mine
from kuangan.base.registry.scope import visible_mines
from kuangan.base.tables.listing import Figure, ListView
from kuangan.domains.rulebook import drafting
from kuangan.domains.rulebook.guard import differing, taken
from kuangan.domains.rulebook.lists import FindingFilter, FindingTable
from kuangan.domains.rulebook.models import Finding, Shadow, Trial
from kuangan.domains.rulebook.parts import part_word
from kuangan.domains.rulebook.parts import taken as part_taken
from kuangan.domains.rulebook.shadows import daily
from kuangan.domains.rulebook.words import RULES
from kuangan.library.warning.runners.past import FROM_READINGS

LEVELS = {"lost": "red", "lowered": "orange", "new": "", "raised": ""}
PAIRS_SHOWN = 50


class TrialPage(Permitted, ListView):
    """One trial: its figures, and the alerts that differ, those that would be lost first."""

    permission = "rulebook.author"
    title = "试算结果"
    order = ("order", "-rank", "id")
    table_class = FindingTable
    filterset_class = FindingFilter
    template_name = "rulebook/trial.html"
    export_name = "规则试算差异"

    def trial(self) -> Trial:
        if not hasattr(self, "_trial"):
            self._trial = trial_or_404(self.request, self.kwargs["pk"])[1]
        return self._trial

    def queryset(self) -> QuerySet[Finding]:
        seen = visible_mines(self.request.user, now()).values("pk")
        return Finding.objects.filter(trial=self.trial(), mine__in=seen).select_related("mine")

    def figures(self) -> Sequence[Figure]:
        row = self.trial()
        if row.state != Trial.State.DONE:
            return ()
        every = row.summary["all"]
        counted = dict.fromkeys(Finding.Kind.values, 0)
        for kind in self.queryset().order_by().values_list("kind", flat=True):
            counted[kind] += 1
        return (
            Figure(every.get("before", 0), "现行规则告警"),
            Figure(every.get("after", 0), "草拟规则告警"),
            *(
                Figure(counted[kind], label, href=f"?kind={kind}", level=LEVELS[kind] if counted[kind] else "")
                for kind, label in Finding.Kind.choices
            ),
        )

    def context(self) -> dict[str, Any]:
        row = self.trial()
        return {
            "row": row,
            "draft": row.draft,
            "part": part_word(row.part),
            "here": "drafts",
            "live": row.state in Trial.LIVE,
            "changes": differing(part_taken(row.book, row.part), row.content),
            "mines": named(row.mines),
            "by_rule": [(RULES.get(rule, rule), counts) for rule, counts in row.summary.get("rules", {}).items()],
            "archived": [day for day, source in row.sources.items() if source == "archive"],
            "unjudged": [word for rule, word in RULES.items() if rule not in FROM_READINGS],
            "state_word": Trial.State(row.state).label,
        }


def trial_or_404(request: HttpRequest, pk: int) -> tuple[User, Trial]:
    user = require(request, "rulebook.author")
    rows = Trial.objects.filter(draft__in=drafting.visible_drafts(user)).select_related("draft", "asked_by")
    return user, get_object_or_404(rows, pk=pk)


def named(codes: Sequence[str]) -> list[str]:
    """Names of mines."""
    return list(Mine.objects.filter(pk__in=codes).order_by("name").values_list("name", flat=True))


def trial_state(request: HttpRequest, pk: int) -> HttpResponse:
    """How far a trial is; once it has ended the whole page is asked for again."""
    _, row = trial_or_404(request, pk)
    live = row.state in Trial.LIVE
    context = {"row": row, "live": live, "state_word": Trial.State(row.state).label}
    answer = render(request, "rulebook/parts/progress.html", context)
    if not live:
        answer["HX-Refresh"] = "true"
    return answer


@require_POST
def trial_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    user, row = trial_or_404(request, pk)
    taken(request, lambda: drafting.cancel(row, by=user, at=now()), "已取消。")
    return redirect("rulebook:trial", pk=pk)


def shadow(request: HttpRequest, pk: int) -> HttpResponse:
    """A shadow with its days: what the draft raised there and the rule in force did not, and the other way round."""
    user, row = shadow_or_404(request, pk)
    at = now()
    seen = list(visible_mines(user, at).filter(pk__in=row.mines).values_list("pk", flat=True))
    names = dict(Mine.objects.filter(pk__in=seen).values_list("pk", "name"))
    days = []
    for day, pairs in daily(row, seen):
        counts = dict.fromkeys(("same", "lost", "lowered", "new", "raised"), 0)
        for pair in pairs:
            counts[pair.kind] += 1
        differ = [pair for pair in pairs if pair.kind != "same"]
        differ.sort(key=lambda pair: (Finding.ORDER[Finding.Kind(pair.kind)], pair.either.onset))
        lines = [
            {
                "kind": pair.kind,
                "word": Finding.Kind(pair.kind).label,
                "mine": names[pair.either.mine],
                "rule": RULES.get(pair.either.rule, pair.either.rule),
                "subject": pair.either.subject,
                "before": pair.before.grade if pair.before else "",
                "before_word": GRADE_WORDS[pair.before.grade] if pair.before else "",
                "after": pair.after.grade if pair.after else "",
                "after_word": GRADE_WORDS[pair.after.grade] if pair.after else "",
                "onset": from_ms(pair.either.onset),
            }
            for pair in differ[:PAIRS_SHOWN]
        ]
        days.append({"day": day, "counts": counts, "lines": lines, "more": len(differ) - PAIRS_SHOWN})
    context = {
        "title": "影子运行",
        "row": row,
        "draft": row.draft,
        "part": part_word(row.part),
        "days": days,
        "mines": sorted(names.values()),
        "live": row.stopped_at is None and row.until > at,
        "here": "drafts",
    }
    return render(request, "rulebook/shadow.html", context)


@require_POST
def shadow_stop(request: HttpRequest, pk: int) -> HttpResponse:
    user, row = shadow_or_404(request, pk)
    taken(request, lambda: drafting.stop_shadow(row, by=user, at=now()), "已停止。")
    return redirect("rulebook:shadow", pk=pk)


def shadow_or_404(request: HttpRequest, pk: int) -> tuple[User, Shadow]:
    user = require(request, "rulebook.author")
    rows = Shadow.objects.filter(draft__in=drafting.visible_drafts(user)).select_related("draft", "by")
    return user, get_object_or_404(rows, pk=pk)
