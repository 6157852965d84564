"""One clause of one subject: the answers of its checks with evidence, what people decided of it, and their acts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, cast

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_GET, require_POST

from kuangan.base.case.errors import FourEyes, MissingFields, NotYet, WrongState
from kuangan.base.case.flow import flow_of
from kuangan.base.case.models import Case, Step
from kuangan.base.case.performing import perform, possible
from kuangan.base.clock import now
from kuangan.base.compliance import acts, attached, judging
from kuangan.base.compliance import subjects as binding
from kuangan.base.compliance.acts import About
from kuangan.base.compliance.board import reach
from kuangan.base.compliance.checks import State, Subject, SubjectKind, registry
from kuangan.base.compliance.flow import ANSWER_DAYS
from kuangan.base.compliance.forms import STEP_FORMS, DetermineForm, ObjectForm, ProposeForm
from kuangan.base.compliance.models import STATE_WORDS, Cell, Determination, Objection, OfFinding, Proposal, Spell
from kuangan.base.compliance.reading import Told, told
from kuangan.base.compliance.serving import NOTHING, served
from kuangan.base.compliance.subjects import KIND_WORDS, POLICY_KINDS
from kuangan.base.compliance.words import DEFAULT_MARK, ROOMS
from kuangan.base.documents.files import CONTENT_TYPES, intact
from kuangan.base.people.access import require
from kuangan.base.people.models import User
from kuangan.base.people.permissions import may
from kuangan.base.people.scope import scope_of
from kuangan.base.registry.scope import visible_mines
from kuangan.library.policy import Node, shipped

SEALED_PAGES: Final = "suspicions:"
"""Pages of a sealed room: that it exists is said to everybody alike, what is in it to nobody here."""
HISTORY: Final = 12
TABLES: Final[tuple[type[OfFinding], ...]] = (Determination, Proposal, Objection)
Bound = Mapping[str, forms.Form]


@dataclass(frozen=True, slots=True)
class Link:
    label: str
    href: str


@dataclass(frozen=True, slots=True)
class Answer:
    """A check with its open answer, the pages that show what it rests on, and the answers before it."""

    told: Told
    links: tuple[Link, ...]
    before: tuple[Told, ...]

    @property
    def spell(self) -> Spell:
        return self.told.spell


@dataclass(frozen=True, slots=True)
class Held:
    """A case about this clause and subject, with its own row and the steps the person may take."""

    case: Case
    row: OfFinding
    state: str
    steps: list[tuple[Any, forms.Form]]
    timeline: list[dict[str, Any]]


@require_GET
def cell(request: HttpRequest, kind: str, subject: str, clause: str) -> HttpResponse:
    """The page; as a fragment for the drawer of the board where it is asked with `?part=1`."""
    user, at = require(request, "finding.view"), now()
    return _shown(request, user, _about(user, kind, subject, clause, at), at, {})


@require_POST
def act(request: HttpRequest, kind: str, subject: str, clause: str, name: str) -> HttpResponse:
    """Judge again, determine, propose a measure, object."""
    user, at = require(request, "finding.view"), now()
    what = _about(user, kind, subject, clause, at)
    if name == "recheck":
        return _recheck(request, user, what, at)
    form = _form_of(name, what, request)
    if form is None:
        raise Http404
    if form.is_valid():
        try:
            _taken(name, what, form, user, at, request.POST.get("check", ""))
        except MissingFields as missing:
            for field, message in missing.fields.items():
                form.add_error(field if field in form.fields else None, message)
        else:
            messages.success(request, "已提交。")
            return redirect(_address(what))
    return _shown(request, user, what, at, {name: form}, 422)


def _recheck(request: HttpRequest, user: User, what: About, at: datetime) -> HttpResponse:
    if not may(user, "finding.recheck"):
        raise PermissionDenied
    known = registry()
    chosen = [check.id for check in known.clauses.get(what.clause, ()) if check.subject == what.kind]
    done = judging.run(at, by=user, checks=chosen, only={what.kind: [what.subject.id]})
    if done.failed:
        messages.error(request, "部分检查未能完成，原结论保留。")
    else:
        messages.success(request, f"已重新核对 {done.checks} 项，变化 {done.changed} 项。")
    return redirect(_address(what))


def _form_of(name: str, what: About, request: HttpRequest) -> forms.Form | None:
    if name == "determine":
        return DetermineForm(request.POST)
    if name == "propose":
        return ProposeForm(_offered(what), request.POST)
    return ObjectForm(request.POST, request.FILES) if name == "object" else None


def _taken(name: str, what: About, form: forms.Form, user: User, at: datetime, check: str) -> None:
    given = form.cleaned_data
    about = About(what.clause, what.kind, what.subject, _spell_of(what, check))
    takes: dict[str, Callable[[], object]] = {
        "determine": lambda: acts.determine(about, cast("DetermineForm", form).act(), by=user, at=at),
        "propose": lambda: acts.propose(about, given["measure"], given["grounds"], by=user, at=at),
        "object": lambda: acts.object_to(
            about, given["text"], given["evidence"], by=user, at=at, file=_attached(given.get("file"))
        ),
    }
    with transaction.atomic():
        takes[name]()


def _attached(file: Any) -> attached.Attached | None:
    return attached.take(file, Path(settings.HOME)) if file else None


def _spell_of(what: About, check: str) -> Spell | None:
    """The open answer of the check that the person had before him; else the gravest of the clause."""
    spells = list(_open_spells(what))
    named = next((spell for spell in spells if spell.check_id == check), None)
    order = [State.SUSPECTED, State.UNKNOWN, State.PAPER, State.PROVED, State.NOT_APPLICABLE]
    return named or min(spells, key=lambda spell: order.index(State(spell.state)), default=None)


def _open_spells(what: About) -> QuerySet[Spell]:
    checks = [check.id for check in registry().clauses.get(what.clause, ())]
    rows = Spell.objects.filter(subject_kind=what.kind, subject=what.subject.id, check_id__in=checks, ended_at=None)
    return rows.order_by("check_id")


def _about(user: User, kind: str, subject: str, clause: str, at: datetime) -> About:
    """What the address names, for whom it exists: 404 for everyone else."""
    node = shipped().nodes.get(clause)
    if kind not in KIND_WORDS or node is None or kind not in node.binds:
        raise Http404
    of_kind = cast("SubjectKind", kind)
    found = _mine(user, subject, at) if kind == "mine" else binding.load(of_kind).rows.get(subject)
    if found is None or (kind != "mine" and not _within(user, found)) or not _bound(node, found):
        raise Http404
    return About(clause, of_kind, found)


def _mine(user: User, code: str, at: datetime) -> Subject | None:
    row = visible_mines(user, at).filter(pk=code, provisional=False).first()
    return binding.mine_subject(row) if row else None


def _within(user: User, subject: Subject) -> bool:
    scope = scope_of(user)
    if subject.organisation is not None and subject.organisation == scope.organisation_id:
        return True
    return scope.region_prefix is not None and subject.region.startswith(scope.region_prefix)


def _bound(node: Node, subject: Subject) -> bool:
    return not subject.sector or not node.mine_kinds or POLICY_KINDS[subject.kind] in node.mine_kinds


def _address(what: About) -> str:
    return reverse("compliance:cell", args=[what.kind, what.subject.id, what.clause])


def _offered(what: About) -> dict[str, str]:
    measures = shipped().measures
    return {ident: f"{measures[ident].title}（{said}）" for ident, said in acts.consequences(what).items()}


def _shown(
    request: HttpRequest, user: User, what: About, at: datetime, bound: Bound, status: int = 200
) -> HttpResponse:
    node = shipped().nodes[what.clause]
    row = Cell.objects.filter(clause=what.clause, subject_kind=what.kind, subject=what.subject.id).first()
    state = State(row.state) if row else State.UNKNOWN
    service = served().get(node.id, NOTHING)
    own = what.subject.organisation is not None and what.subject.organisation == user.organisation_id
    offered = _offered(what)
    proposes = bool(offered) and acts.may_determine(user) and may(user, "measure.propose")
    context = {
        "title": f"{what.clause} {what.subject.name}",
        "what": what,
        "node": node,
        "row": row,
        "state": state.value,
        "state_word": STATE_WORDS[state],
        "part_word": STATE_WORDS[State(row.part)] if row and row.part and state == State.UNKNOWN else "",
        "subject_page": reverse("portal:mine", args=[what.subject.id]) if what.kind == "mine" else "",
        "kind_word": KIND_WORDS[what.kind],
        "answers": _answers(what),
        "sealed": any(page.url.startswith(SEALED_PAGES) for page in service.pages),
        "waits_for": ROOMS.get(service.waits_for, ""),
        "held": _held(user, what, at, bound),
        "measures": [acts.frame_of(ident, what) | {"ground": said} for ident, said in acts.consequences(what).items()],
        "rechecks": may(user, "finding.recheck") and bool(registry().clauses.get(what.clause)),
        "determine": (bound.get("determine") or DetermineForm()) if acts.may_determine(user) else None,
        "propose": (bound.get("propose") or ProposeForm(offered)) if proposes else None,
        "object": (bound.get("object") or ObjectForm()) if own and may(user, "objection.raise") else None,
        "answer_days": ANSWER_DAYS,
        "mark": DEFAULT_MARK,
        "address": _address(what),
    }
    template = "compliance/parts/cell.html" if request.GET.get("part") else "compliance/cell.html"
    return render(request, template, context, status=status)


def _answers(what: About) -> list[Answer]:
    """Every check of the clause with its history: two queries."""
    current = list(_open_spells(what))
    checks = [spell.check_id for spell in current]
    past = Spell.objects.filter(
        subject_kind=what.kind, subject=what.subject.id, check_id__in=checks, ended_at__isnull=False
    )
    before: dict[str, list[Told]] = {}
    for spell in past.order_by("-began_at")[: HISTORY * max(1, len(checks))]:
        before.setdefault(spell.check_id, []).append(told(spell))
    return [Answer(told(spell), _links(spell), tuple(before.get(spell.check_id, [])[:HISTORY])) for spell in current]


def _links(spell: Spell) -> tuple[Link, ...]:
    return tuple(link for one in spell.evidence if (link := _link(one)) is not None)


def _link(evidence: Mapping[str, Any]) -> Link | None:
    try:
        return Link(evidence["label"], reverse(evidence["route"], args=evidence["args"]) + evidence["query"])
    except NoReverseMatch:
        return None


def _held(user: User, what: About, at: datetime, bound: Bound) -> list[Held]:
    """Cases about this clause and subject that exist for the person, the newest first."""
    found: dict[int, OfFinding] = {}
    for table in TABLES:
        rows = table._default_manager.filter(clause=what.clause, subject_kind=what.kind, subject=what.subject.id)
        found |= {row.pk: row for row in rows.filter(reach(scope_of(user), user, at))}
    cases = Case.objects.filter(pk__in=_shown_cases(user, found, at)).order_by("-opened", "-pk")
    steps: dict[int, list[Step]] = {}
    for step in Step.objects.filter(case__in=cases).select_related("by", "organisation").order_by("-id"):
        steps.setdefault(step.case_id, []).append(step)
    return [_of_case(user, case, found[case.pk], steps.get(case.pk, []), bound) for case in cases]


def _shown_cases(user: User, found: Mapping[int, OfFinding], at: datetime) -> list[int]:
    """Those of the person's cases; and, for the subject itself, determinations that stand: they were served on it."""
    visible = set(Case.objects.visible_to(user, at).filter(pk__in=found).values_list("pk", flat=True))
    served_ones = [pk for pk, row in found.items() if isinstance(row, Determination)]
    standing = Case.objects.filter(pk__in=served_ones, state__in=("standing", "lifted"))
    return sorted(visible | set(standing.values_list("pk", flat=True)))


def _of_case(user: User, case: Case, row: OfFinding, steps: list[Step], bound: Bound) -> Held:
    flow = flow_of(case.kind)
    open_to = [
        (step, bound.get(f"{case.number}/{step.name}") or STEP_FORMS[case.kind, step.name]())
        for step in possible(case, user)
    ]
    timeline = [
        {
            "at": step.at,
            "text": f"{step.organisation or ''} {step.by or ''} {_label(case.kind, step.name)}".strip(),
            "detail": "；".join(str(value) for value in step.form.values() if value),
        }
        for step in steps
    ]
    return Held(case, row, flow.states[case.state], open_to, timeline)


def _label(kind: str, step: str) -> str:
    firsts = {"draft": "登记认定", "propose": "提出建议", "raise": "提出异议"}
    return firsts.get(step) or flow_of(kind).transition(step).label


@require_GET
def case(request: HttpRequest, number: str) -> HttpResponse:
    """The page of a case is that of its clause and subject."""
    user, at = require(request, "finding.view"), now()
    held = get_object_or_404(Case.objects.visible_to(user, at), number=number, kind__in=_kinds())
    row = _row_of(held)
    return redirect(reverse("compliance:cell", args=[row.subject_kind, row.subject, row.clause]) + f"#{number}")


@require_GET
def case_file(request: HttpRequest, number: str) -> HttpResponseBase:
    """The file of an objection, always as a download; 404 when its bytes are gone or no longer those that were handed in."""
    user, at = require(request, "finding.view"), now()
    held = get_object_or_404(Case.objects.visible_to(user, at), number=number, kind="objection")
    row = get_object_or_404(Objection, case=held)
    path = attached.path(row, Path(settings.HOME))
    if path is None or row.file is None or not intact(path, row.file["sha256"]):
        raise Http404
    attached.note_taken(row, by=user, at=at)
    kind = CONTENT_TYPES[row.file["format"]]
    answer = FileResponse(path.open("rb"), as_attachment=True, filename=row.file["name"], content_type=kind)
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer


def _kinds() -> tuple[str, ...]:
    return ("determination", "measure", "objection")


def _row_of(held: Case) -> OfFinding:
    return next(row for table in TABLES for row in table._default_manager.filter(case=held))


@require_POST
def step(request: HttpRequest, number: str, name: str) -> HttpResponse:
    user, at = require(request, "finding.view"), now()
    held = get_object_or_404(Case.objects.visible_to(user, at), number=number, kind__in=_kinds())
    if (held.kind, name) not in STEP_FORMS:
        raise Http404
    row = _row_of(held)
    what = _about(user, row.subject_kind, row.subject, row.clause, at)
    form = STEP_FORMS[held.kind, name](request.POST)
    bound = {f"{number}/{name}": form}
    if not form.is_valid():
        return _shown(request, user, what, at, bound, 422)
    try:
        perform(held, name, by=user, at=at, form=_json(form.cleaned_data))
    except (MissingFields, FourEyes, NotYet) as fault:
        form.add_error(None, str(fault))
        return _shown(request, user, what, at, bound, 422)
    except WrongState as late:
        messages.error(request, str(late))
        return _shown(request, user, what, at, {}, 409)
    messages.success(request, "已提交。")
    return redirect(_address(what) + f"#{number}")


def _json(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in given.items()}
