"""What the outbox has told a person and the person's organisation, the newest first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from kuangan.base.case.models import Case
from kuangan.base.case.performing import SUBJECT
from kuangan.base.clock import now
from kuangan.base.deadlines.subjects import about
from kuangan.base.notices import outbox
from kuangan.base.notices.models import Notice
from kuangan.base.people.models import User

PAGE = 50
COUNTED = 500


@dataclass(frozen=True)
class Line:
    """One notice; `case` is the case it tells of, when the person may see that, `address` the page of what it tells of."""

    notice: Notice
    read: bool
    case: Case | None
    address: str


def _person(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def inbox(request: HttpRequest) -> HttpResponse:
    """A page of notices; `before` is the id at which the last page ended."""
    user, before = _person(request), request.GET.get("before", "")
    told = outbox.inbox(user)
    if before.isdecimal() and len(before) < 19:
        told = told.filter(pk__lt=int(before))
    found = list(told.order_by("-pk")[: PAGE + 1])
    more = found[PAGE - 1].pk if len(found) > PAGE else None
    unread = len(_lines(list(outbox.unread(user)[:COUNTED]), user))
    context = {"lines": _lines(found[:PAGE], user), "more": more, "unread": unread, "counted": COUNTED}
    return render(request, "portal/inbox.html", context)


@require_POST
def read(request: HttpRequest) -> HttpResponse:
    """Mark the notices named as read; none named means all of them."""
    user = _person(request)
    named = [int(pk) for pk in request.POST.getlist("notice") if pk.isdecimal() and len(pk) < 19]
    chosen = named or list(outbox.unread(user).values_list("pk", flat=True))
    outbox.mark_read(user, chosen, now())
    return HttpResponseRedirect(reverse("portal:inbox"))


def _lines(found: list[Any], user: User) -> list[Line]:
    """The notices with their cases; what tells of a case that does not exist for the person leaves no trace."""
    idents = {int(notice.subject_id) for notice in found if notice.subject_kind == SUBJECT}
    cases = Case.objects.visible_to(user).select_related("mine").in_bulk(idents)
    named = about((notice.subject_kind, notice.subject_id) for notice in found)
    lines = []
    for notice in found:
        case = cases.get(int(notice.subject_id)) if notice.subject_kind == SUBJECT else None
        said = named.get((notice.subject_kind, notice.subject_id))
        if case is not None or notice.subject_kind != SUBJECT:
            address = case.address if case else said.address if said else ""
            lines.append(Line(notice, notice.is_read, case, address))
    return lines
