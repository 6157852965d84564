"""Pages of rosters and phone books, and what one needs at the start of a shift."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from kuangan.base.case.models import Case
from kuangan.base.clock import now
from kuangan.base.people.access import Permitted, require
from kuangan.base.people.forms import ReasonForm
from kuangan.base.people.models import Organisation, User
from kuangan.base.people.permissions import may
from kuangan.base.registry.supervision import in_force
from kuangan.base.tables.listing import Figure, ListView
from kuangan.domains.duty.calling import callouts
from kuangan.domains.duty.contacts import book, end_contact, enter_contact, in_order, replace_contact
from kuangan.domains.duty.figures import closed_states
from kuangan.domains.duty.forms import ContactForm, CorrectShiftForm, ImportForm, ShiftForm, local
from kuangan.domains.duty.lists import ContactFilter, ContactTable, ShiftFilter, ShiftTable
from kuangan.domains.duty.models import Contact, Handover, Instruction, Shift, current_shifts, standing
from kuangan.domains.duty.rosters import (
    correct_shift,
    enter_shifts,
    entry_of,
    ladder_of,
    on_duty,
    people_of,
    spans_of,
    withdraw_shift,
)
from kuangan.domains.duty.rules import (
    DEFAULT_MARK,
    MEANS,
    POST_WORDS,
    SHOWN_AHEAD,
    Span,
    gaps,
    overlaps,
    posts_of,
    telling_order,
)
from kuangan.domains.duty.scope import keeps, organisations
from kuangan.domains.duty.sheets import HEADS, Sheet, Unreadable, read_sheet, rows_of_file, rows_of_text

SHOWN = 50


def today(request: HttpRequest) -> HttpResponse:
    """Who is on, what is open, my handover."""
    user, at = require(request, "duty.view"), now()
    seen = organisations(user, at)
    own = user.organisation
    shifts = on_duty([own.pk], at).get(own.pk, []) if own else []
    seen_cases = Case.objects.visible_to(user, at)
    open_calls = callouts(seen_cases).exclude(case__state__in=closed_states("callout"))
    waiting = Instruction.objects.filter(organisation=own, done_at__isnull=True)
    handovers = Handover.objects.filter(organisation=own).select_related("case", "outgoing", "incoming")
    ahead = Span(at, at + SHOWN_AHEAD)
    spans = spans_of(own, ahead.start, ahead.end, at) if own else []
    now_on = current_shifts(at).filter(organisation__in=seen, start__lte=at, end__gt=at)
    context = {
        "title": "值班",
        "here": "today",
        "figures": [
            Figure(now_on.count(), "此刻在班", "本单位及下级", href=reverse("duty:rosters") + "?when=now"),
            Figure(open_calls.count(), "未办结叫应", href=reverse("duty:callouts") + "?state=open"),
            Figure(waiting.count(), "待落实批示", "本单位", href=reverse("duty:instructions") + "?done=no"),
        ],
        "organisation": own,
        "shifts": [(shift, people_of(shift)) for shift in shifts],
        "gaps": gaps(spans, ahead.start, ahead.end),
        "overlaps": overlaps(spans),
        "callouts": open_calls.order_by("-pk")[:10],
        "handovers": handovers.filter(accepted_at__isnull=True)[:5],
        "last": handovers.filter(accepted_at__isnull=False).order_by("-accepted_at").first(),
        "below": now_on.exclude(organisation=own)
        .select_related("organisation")
        .order_by("organisation__region", "pk")[:20],
        "edits": own is not None and keeps(user, own.pk),
        "calls": may(user, "duty.call"),
        "hands": may(user, "duty.handover"),
        "drills": may(user, "duty.drill"),
        "mark": DEFAULT_MARK,
        "ladder": telling_order(),
    }
    return render(request, "duty/today.html", context)


class ShiftList(Permitted, ListView):
    permission = "duty.view"
    title = "值班表"
    order = ("start", "id")
    table_class = ShiftTable
    filterset_class = ShiftFilter
    template_name = "duty/rosters.html"
    export_name = "值班表"
    defaults = {"when": "coming"}

    def queryset(self) -> QuerySet[Shift]:
        at = now()
        return (
            current_shifts(at)
            .filter(organisation__in=organisations(self.request.user, at))
            .select_related("organisation")
        )

    def figures(self) -> Sequence[Figure]:
        at = now()
        here = self.queryset().filter(start__lte=at, end__gt=at)
        return (Figure(here.count(), "此刻在班", href="?when=now"),)

    def context(self) -> dict[str, Any]:
        user: Any = self.request.user
        return {"here": "rosters", "own": user.organisation_id, "edits": may(user, "duty.edit")}


class ContactList(Permitted, ListView):
    permission = "duty.view"
    title = "电话簿"
    order = ("-id",)
    table_class = ContactTable
    filterset_class = ContactFilter
    template_name = "duty/contacts.html"
    export_name = "电话簿"

    def queryset(self) -> QuerySet[Contact]:
        at = now()
        return book(organisations(self.request.user, at), at)

    def context(self) -> dict[str, Any]:
        return {"here": "contacts", "edits": may(self.request.user, "duty.edit")}


def roster(request: HttpRequest, pk: int) -> HttpResponse:
    """One organisation: who is on now, the coming week with gaps and overlaps, the phone book."""
    user, at = require(request, "duty.view"), now()
    organisation = get_object_or_404(organisations(user, at), pk=pk)
    ahead = Span(at, at + SHOWN_AHEAD)
    spans = spans_of(organisation, ahead.start, ahead.end, at)
    coming = current_shifts(at).filter(organisation=organisation, end__gt=at).order_by("start", "id")
    replaced = Shift.objects.filter(organisation=organisation, replaced_at__isnull=False).select_related("recorded_by")
    context = {
        "title": f"{organisation} 值班",
        "here": "rosters",
        "organisation": organisation,
        "shifts": [(shift, people_of(shift)) for shift in on_duty([pk], at).get(pk, [])],
        "coming": coming[:SHOWN],
        "gaps": gaps(spans, ahead.start, ahead.end),
        "overlaps": overlaps(spans),
        "replaced": replaced.order_by("-replaced_at")[:10],
        "contacts": in_order(book([pk], at)),
        "edits": keeps(user, pk),
        "calls": may(user, "duty.call"),
    }
    return render(request, "duty/roster.html", context)


def shift_new(request: HttpRequest) -> HttpResponse:
    user, organisation, at = _keeper(request)
    form = ShiftForm(request.POST or None)

    def act() -> None:
        enter_shifts(organisation, [form.entry], by=user, at=at, basis="人工录入")

    return changed(request, form, f"排班 · {organisation}", reverse("duty:roster", args=[organisation.pk]), act)


def shift_edit(request: HttpRequest, pk: int) -> HttpResponse:
    user, shift, at = _kept_shift(request, pk)
    entry = entry_of(shift)
    initial: dict[str, Any] = {name: getattr(entry, name) for name in entry.__dataclass_fields__}
    initial |= {"start": local(shift.start), "end": local(shift.end)}
    form = CorrectShiftForm(request.POST or None, initial=initial)

    def act() -> None:
        correct_shift(shift, form.entry, by=user, at=at, reason=form.cleaned_data["reason"])

    return changed(request, form, "更正班次", reverse("duty:roster", args=[shift.organisation_id]), act)


def shift_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    user, shift, at = _kept_shift(request, pk)
    form = ReasonForm(request.POST or None)

    def act() -> None:
        withdraw_shift(shift, by=user, at=at, **form.cleaned_data)

    return changed(request, form, "撤销班次", reverse("duty:roster", args=[shift.organisation_id]), act, danger=True)


def roster_import(request: HttpRequest) -> HttpResponse:
    """Paste or upload; good rows are taken, the others shown with their reasons, so that nothing is lost."""
    user, organisation, at = _keeper(request)
    form = ImportForm(request.POST or None, request.FILES or None)
    sheet: Sheet | None = None
    if request.method == "POST" and form.is_valid():
        standing_entries = [entry_of(row) for row in current_shifts(at).filter(organisation=organisation)]
        file = form.cleaned_data["file"]
        try:
            rows = rows_of_file(file.name or "", file.read()) if file else rows_of_text(form.cleaned_data["table"])
            sheet = read_sheet(rows, standing_entries)
        except Unreadable as fault:
            form.add_error(None, str(fault))
        else:
            basis = f"导入 {file.name}"[:200] if file else "粘贴导入"
            enter_shifts(organisation, sheet.taken, by=user, at=at, basis=basis)
    context = {
        "title": f"导入值班表 · {organisation}",
        "form": form,
        "sheet": sheet,
        "heads": [words[0] for words in HEADS.values()],
        "back": reverse("duty:roster", args=[organisation.pk]),
        "here": "rosters",
    }
    return render(request, "duty/import.html", context)


def contact_new(request: HttpRequest) -> HttpResponse:
    user, organisation, at = _keeper(request)
    form = ContactForm(posts_of(organisation.kind), request.POST or None)

    def act() -> None:
        enter_contact(organisation, form.line, by=user, at=at, reason=form.cleaned_data["reason"])

    return changed(request, form, f"登记电话 · {organisation}", reverse("duty:roster", args=[organisation.pk]), act)


def contact_edit(request: HttpRequest, pk: int) -> HttpResponse:
    user, contact, at = _kept_contact(request, pk)
    initial = {name: getattr(contact, name) for name in ("post", "name", "phone", "note")}
    form = ContactForm(posts_of(contact.organisation.kind), request.POST or None, initial=initial)

    def act() -> None:
        replace_contact(contact, form.line, by=user, at=at, reason=form.cleaned_data["reason"])

    return changed(request, form, "修改电话", reverse("duty:roster", args=[contact.organisation_id]), act)


def contact_end(request: HttpRequest, pk: int) -> HttpResponse:
    user, contact, at = _kept_contact(request, pk)
    form = ReasonForm(request.POST or None)

    def act() -> None:
        end_contact(contact, by=user, at=at, **form.cleaned_data)

    title = f"停用电话 · {POST_WORDS[contact.post]} {contact.phone}"
    return changed(request, form, title, reverse("duty:roster", args=[contact.organisation_id]), act, danger=True)


def panel(request: HttpRequest, number: str) -> HttpResponse:
    """A fragment for the page of an alert: who is on duty on each level, and the call-outs about it."""
    user, at = require(request, "duty.view"), now()
    case = get_object_or_404(Case.objects.visible_to(user, at).select_related("mine"), number=number)
    context = {
        "case": case,
        "rungs": ladder_of(case.mine_id, at) if case.mine_id else [],
        "callouts": callouts(Case.objects.visible_to(user, at)).filter(about=case).order_by("pk"),
        "contacts": _mine_book(case, at),
        "calls": may(user, "duty.call") and case.closed is None,
        "means": MEANS,
    }
    return render(request, "duty/parts/panel.html", context)


def _mine_book(case: Case, at: datetime) -> list[Contact]:
    """The phone book of the mine a case is about."""
    lines = Contact.objects.filter(in_force(at), organisation__mine=case.mine_id or "-")
    return in_order(lines.select_related("organisation"))


def _keeper(request: HttpRequest) -> tuple[User, Organisation, datetime]:
    """The person, the own organisation, the moment."""
    user = require(request, "duty.edit")
    if user.organisation is None:
        raise PermissionDenied
    return user, user.organisation, now()


def _kept_shift(request: HttpRequest, pk: int) -> tuple[User, Shift, datetime]:
    """A standing shift that the person sees (404) and whose roster the person keeps (403)."""
    user, at = require(request, "duty.edit"), now()
    rows = Shift.objects.filter(standing(at), replaced_at__isnull=True, organisation__in=organisations(user, at))
    shift = get_object_or_404(rows.select_related("organisation"), pk=pk)
    _must_keep(user, shift.organisation_id)
    return user, shift, at


def _kept_contact(request: HttpRequest, pk: int) -> tuple[User, Contact, datetime]:
    user, at = require(request, "duty.edit"), now()
    contact = get_object_or_404(book(organisations(user, at), at).filter(valid_to__isnull=True), pk=pk)
    _must_keep(user, contact.organisation_id)
    return user, contact, at


def _must_keep(user: User, organisation_id: int) -> None:
    if not keeps(user, organisation_id):
        raise PermissionDenied


def changed(
    request: HttpRequest, form: forms.Form, title: str, back: str, act: Callable[[], object], danger: bool = False
) -> HttpResponse:
    """The page of a form; when it is filled in rightly, the act and the way back."""
    if request.method == "POST" and form.is_valid():
        act()
        messages.success(request, "已保存，记入审计。")
        return redirect(back)
    return render(request, "duty/form.html", {"form": form, "title": title, "back": back, "danger": danger})
