"""Pages of what units owe to the office."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from kuangan.base.clock import beijing_day, now
from kuangan.base.deadlines.ladders import LADDERS
from kuangan.base.deadlines.models import Deadline
from kuangan.base.people.access import require
from kuangan.base.people.models import User
from kuangan.base.people.permissions import may
from kuangan.base.tables.listing import Figure
from kuangan.domains.campaign import submitting
from kuangan.domains.campaign.figures import submission_counts
from kuangan.domains.campaign.forms import NoForm, ReasonForm, SendForm
from kuangan.domains.campaign.lists import SubmissionFilter, SubmissionTable, shown
from kuangan.domains.campaign.models import Submission
from kuangan.domains.campaign.paging import Panel, RoomList, frame, step
from kuangan.domains.campaign.queries import submission_state
from kuangan.domains.campaign.rules import days_late
from kuangan.domains.campaign.scope import runs, submissions_of, works_on
from kuangan.domains.campaign.words import ACTS, CHIPS, DUE_STATES, SHAPES, SUBMISSION_STATES

FORMS: Mapping[str, type[forms.Form]] = {"send": SendForm, "take": NoForm, "back": ReasonForm}
TITLES = {"send": "报送", "take": "接收", "back": "退回"}


class SubmissionList(RoomList):
    title = "各市报送"
    tab = "submissions"
    order = ("due", "kind", "owner_id", "id")
    table_class = SubmissionTable
    filterset_class = SubmissionFilter
    export_name = "各市报送"
    page_size = 40
    template_name = "campaign/submissions.html"

    def queryset(self) -> Any:
        return submissions_of(self.request.user).filter(programme=self.programme)

    def figures(self) -> Sequence[Figure]:
        found = submission_counts(self.queryset(), self.programme, beijing_day(now()))
        return [
            Figure(
                count,
                f"{SHAPES[code]} {DUE_STATES[code]}",
                href=f"?due={code}",
                level="red" if code == "overdue" and count else "",
            )
            for code, count in found.items()
        ]

    def context(self) -> dict[str, Any]:
        return super().context() | {
            "matrix": matrix(list(self.queryset().order_by("due", "kind", "owner__region")), self.programme)
        }

    def note(self) -> str:
        return "逾期未报的按督办阶梯催报：到期前三日提醒、到期告知、其后建议函告、通报、约谈、曝光；建议由办公室决定，不自动发出。阶梯日数为系统默认。"


def matrix(rows: Sequence[Submission], programme: Any) -> dict[str, Any]:
    """Units by what they owe; every cell is one submission."""
    today = beijing_day(now())
    heads = list(dict.fromkeys((row.kind, row.period, row.title, row.due) for row in rows))
    lines: dict[str, dict[tuple[str, str], tuple[Submission, str]]] = {}
    for row in rows:
        lines.setdefault(str(row.owner), {})[row.kind, row.period] = (row, submission_state(row, programme, today))
    return {
        "heads": heads,
        "lines": [
            (
                unit,
                [
                    (*found, SHAPES[found[1]], DUE_STATES[found[1]]) if (found := cells.get(head[:2])) else None
                    for head in heads
                ],
            )
            for unit, cells in lines.items()
        ],
    }


def _row(user: User, pk: int) -> Submission:
    return get_object_or_404(submissions_of(user), pk=pk)


@require_GET
def submission(request: HttpRequest, pk: int) -> HttpResponse:
    user = require(request, "campaign.view")
    return _shown(request, user, _row(user, pk), {})


def _steps(user: User, row: Submission) -> list[str]:
    if not may(user, "campaign.work") or row.programme.handed_at is not None:
        return []
    if row.state in ("owed", "returned"):
        return ["send"] if works_on(user, row.owner_id) or runs(user, row.programme) else []
    return ["take", "back"] if row.state == "sent" and runs(user, row.programme) else []


def chased(row: Submission) -> list[tuple[str, Any]]:
    """The rungs of the ladder that its clock has climbed, with the day of each."""
    clock = Deadline.objects.filter(subject_kind=submitting.SUBJECT, subject_id=str(row.pk)).order_by("-pk").first()
    if clock is None:
        return []
    rungs = LADDERS[clock.ladder].rungs[: clock.rung]
    return [(rung.notice, rung.fires_at(clock.due)) for rung in rungs]


def _shown(request: HttpRequest, user: User, row: Submission, bound: Mapping[str, forms.Form]) -> HttpResponse:
    today = beijing_day(now())
    panels = [
        Panel(
            name,
            TITLES[name],
            bound.get(name) or FORMS[name](initial={"sent_on": today}),
            reverse("campaign:submission_step", args=[row.pk, name]),
            danger=name == "back",
        )
        for name in _steps(user, row)
    ]
    context = {
        "title": str(row),
        "row": row,
        "chip": shown(submission_state(row, row.programme, today)),
        "state": SUBMISSION_STATES[row.state],
        "css": CHIPS.get(row.state, ""),
        "late": days_late(row.due, row.sent_on),
        "chased": chased(row),
        "panels": panels,
        "entries": [(one, ACTS[one.act]) for one in row.entries.select_related("by", "organisation")],
        **frame(request, "submissions", row.programme),
    }
    return render(request, "campaign/submission.html", context)


@require_POST
def submission_step(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    user, at = require(request, "campaign.work"), now()
    row = _row(user, pk)
    if name not in FORMS:
        raise Http404
    form = FORMS[name](request.POST)
    acts: Mapping[str, Callable[[dict[str, Any]], object]] = {
        "send": lambda given: submitting.send(
            row, on=given["sent_on"], text=given["text"], number=given["official_number"], by=user, at=at
        ),
        "take": lambda given: submitting.take(row, by=user, at=at),
        "back": lambda given: submitting.give_back(row, given["reason"], by=user, at=at),
    }
    onward = reverse("campaign:submission", args=[pk])
    return step(request, form, acts[name], onward, lambda: _shown(request, user, _row(user, pk), {name: form}))
