"""Pages of readings and baselines: all, one with its texts side by side and what was decided, and the acts of two persons."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from kuangan.base.case.errors import MissingFields
from kuangan.base.clock import beijing_day, now
from kuangan.base.compliance import readings_acts as acts
from kuangan.base.compliance.choices import BaselineAnswer, Choice, ChoiceState, ReadingChoice
from kuangan.base.compliance.readings_forms import AnswerForm, DecideForm, ReadingForm
from kuangan.base.compliance.readings_standing import Answered, Standing, standing_baselines, standing_readings
from kuangan.base.compliance.readings_words import KINDS, called, shown
from kuangan.base.compliance.serving import official
from kuangan.base.compliance.words import DEFAULT_MARK
from kuangan.base.people.access import require
from kuangan.base.people.models import User
from kuangan.base.tables.listing import Figure
from kuangan.library.policy import shipped

TABLES: Final[Mapping[str, type[Choice]]] = {"reading": ReadingChoice, "baseline": BaselineAnswer}
DECISIONS: Final = ("approve", "refuse", "withdraw")


@dataclass(frozen=True, slots=True)
class Line:
    """A reading or a baseline in the list."""

    row: Standing | Answered
    waiting: Choice | None

    @property
    def ours(self) -> bool:
        """Whether we met the gap ourselves."""
        return isinstance(self.row, Standing) and self.row.reading.ours

    @property
    def state(self) -> str:
        if self.waiting:
            return "待批准"
        if isinstance(self.row, Answered):
            return "已答复" if self.row.answer else "待答复"
        return "已变更" if self.row.choice else DEFAULT_MARK if self.row.default else "系统口径"

    @property
    def chip(self) -> str:
        return {"待批准": "ka-chip-warn", "已变更": "ka-chip-ok", "已答复": "ka-chip-ok", "待答复": "ka-chip-bad"}.get(
            self.state, ""
        )


def _waiting(table: type[Choice]) -> dict[str, Choice]:
    return {row.key: row for row in table._default_manager.filter(state=ChoiceState.PROPOSED)}


@require_GET
def readings(request: HttpRequest) -> HttpResponse:
    require(request, "clause.view")
    waiting, today = _waiting(ReadingChoice), beijing_day(now())
    rows = [Line(row, waiting.get(name)) for name, row in standing_readings(today).items()]
    shown_rows = _asked(request, rows)
    context = {
        "title": "口径",
        "tab": "readings",
        "disputed": [row for row in shown_rows if not row.ours],
        "gaps": [row for row in shown_rows if row.ours],
        "figures": _figures(rows, "口径", ("已变更", "待批准", DEFAULT_MARK)),
    }
    return render(request, "compliance/readings.html", context)


@require_GET
def baselines(request: HttpRequest) -> HttpResponse:
    require(request, "clause.view")
    waiting, today = _waiting(BaselineAnswer), beijing_day(now())
    rows = [Line(row, waiting.get(name)) for name, row in standing_baselines(today).items()]
    context = {
        "title": "待答复的基准",
        "tab": "baselines",
        "rows": _asked(request, rows),
        "figures": _figures(rows, "全部", ("待答复", "待批准", "已答复")),
        "kinds": KINDS,
    }
    return render(request, "compliance/baselines.html", context)


def _asked(request: HttpRequest, rows: Sequence[Line]) -> list[Line]:
    state = request.GET.get("state", "")
    return [row for row in rows if not state or row.state == state]


def _figures(rows: Sequence[Line], all_label: str, states: Sequence[str]) -> list[Figure]:
    counts = {state: sum(row.state == state for row in rows) for state in states}
    return [
        Figure(len(rows), all_label, href="?"),
        *(
            Figure(count, state, href=f"?state={state}", level="orange" if count and state.startswith("待") else "")
            for state, count in counts.items()
        ),
    ]


def _standing(name: str, at: datetime) -> Standing:
    try:
        return standing_readings(beijing_day(at))[name]
    except KeyError:
        raise Http404 from None


def _answered(name: str, at: datetime) -> Answered:
    try:
        return standing_baselines(beijing_day(at))[name]
    except KeyError:
        raise Http404 from None


@require_GET
def reading(request: HttpRequest, name: str) -> HttpResponse:
    user, at = require(request, "clause.view"), now()
    return _reading(request, user, _standing(name, at), at)


def _reading(
    request: HttpRequest, user: User, row: Standing, at: datetime, form: forms.Form | None = None, status: int = 200
) -> HttpResponse:
    what, home = row.reading, Path(settings.HOME)
    nodes = [shipped().nodes[name] for name in what.texts]
    choices = list(
        ReadingChoice.objects.filter(key=what.id).select_related("proposed_by", "decided_by").order_by("-pk")
    )
    context = {
        "title": what.title,
        "row": row,
        "texts": [(node, what.texts[node.id], official(home, node)) for node in nodes],
        "settings": _values(what.settings, row.settings),
        **_both(user, what, choices, "reading"),
        "form": form or ReadingForm(row, beijing_day(at)),
        "past": [(choice, [(called(k), shown(v)) for k, v in choice.settings.items()]) for choice in choices],
    }
    return render(request, "compliance/reading.html", context, status=status)


def _values(default: Mapping[str, Any], standing: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """(word, value in force, shipped value where that is another)."""
    return [
        (called(key), shown(standing.get(key)), shown(value) if value != standing.get(key) else "")
        for key, value in default.items()
    ]


def _both(user: User, what: Any, choices: Sequence[Choice], kind: str) -> dict[str, Any]:
    """What the page of a reading and that of a baseline have in common."""
    changer = acts.changer_of(what)
    waiting = next((row for row in choices if row.state == ChoiceState.PROPOSED), None)
    own = waiting is not None and waiting.proposed_by_id == user.pk
    return {
        "kind": kind,
        "changer": changer,
        "mark": DEFAULT_MARK,
        "waiting": waiting,
        "own": own,
        "proposes": waiting is None and acts.may_propose(user, changer),
        "decides": waiting is not None and not own and acts.may_decide(user, changer),
        "decision": DecideForm(),
    }


@require_GET
def baseline(request: HttpRequest, name: str) -> HttpResponse:
    user, at = require(request, "clause.view"), now()
    return _baseline(request, user, _answered(name, at), at)


def _baseline(
    request: HttpRequest, user: User, row: Answered, at: datetime, form: forms.Form | None = None, status: int = 200
) -> HttpResponse:
    what = row.baseline
    choices = list(
        BaselineAnswer.objects.filter(key=what.id).select_related("proposed_by", "decided_by").order_by("-pk")
    )
    context = {
        "title": what.question,
        "row": row,
        "kinds": KINDS[what.kind],
        **_both(user, what, choices, "baseline"),
        "form": form or AnswerForm(what, beijing_day(at)),
        "past": choices,
        "related": shipped().readings[what.reading] if what.reading else None,
    }
    return render(request, "compliance/baseline.html", context, status=status)


@require_POST
def reading_propose(request: HttpRequest, name: str) -> HttpResponse:
    user, at = require(request, "reading.propose"), now()
    row = _standing(name, at)
    if not acts.may_propose(user, acts.changer_of(row.reading)):
        raise PermissionDenied
    form = ReadingForm(row, beijing_day(at), request.POST)
    if form.is_valid():
        with faults_into(form):
            acts.propose_reading(row.reading, text=form.text, **_said(form, "settings"), by=user, at=at)
            messages.success(request, "已提出，待另一人批准。")
            return redirect("compliance:reading", name=name)
    return _reading(request, user, row, at, form, 422)


@require_POST
def baseline_propose(request: HttpRequest, name: str) -> HttpResponse:
    user, at = require(request, "reading.propose"), now()
    row = _answered(name, at)
    if not acts.may_propose(user, acts.changer_of(row.baseline)):
        raise PermissionDenied
    form = AnswerForm(row.baseline, beijing_day(at), request.POST)
    if form.is_valid():
        with faults_into(form):
            acts.propose_answer(row.baseline, **_said(form, "value", "source", "source_date"), by=user, at=at)
            messages.success(request, "已提出，待另一人批准。")
            return redirect("compliance:baseline", name=name)
    return _baseline(request, user, row, at, form, 422)


def _said(form: forms.Form, *names: str) -> dict[str, Any]:
    return {name: form.cleaned_data[name] for name in (*names, "valid_from", "reason")}


@require_POST
def choice_step(request: HttpRequest, kind: str, pk: int, name: str) -> HttpResponse:
    """Approve, refuse or take back what was proposed."""
    user, at = require(request, "reading.propose"), now()
    if kind not in TABLES or name not in DECISIONS:
        raise Http404
    row = get_object_or_404(TABLES[kind]._default_manager.all(), pk=pk)
    form = DecideForm(request.POST)
    if not form.is_valid():
        raise Http404
    opinion = form.cleaned_data["opinion"]
    steps: Mapping[str, Callable[[], Choice]] = {
        "approve": lambda: acts.decide(row, approve=True, opinion=opinion, by=user, at=at),
        "refuse": lambda: acts.decide(row, approve=False, opinion=opinion, by=user, at=at),
        "withdraw": lambda: acts.withdraw(row, by=user, at=at),
    }
    try:
        steps[name]()
    except MissingFields as missing:
        for message in missing.fields.values():
            messages.error(
                request, "不批准的须写明意见。" if name == "refuse" and message == acts.REQUIRED else message
            )
    else:
        messages.success(request, "已提交。")
    return redirect(f"compliance:{kind}", name=row.key)


@contextmanager
def faults_into(form: forms.Form) -> Iterator[None]:
    """What an act refuses becomes errors of the form."""
    try:
        yield
    except MissingFields as missing:
        for name, message in missing.fields.items():
            form.add_error(name if name in form.fields else None, message)
