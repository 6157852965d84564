"""Pages of sender accounts: only the system administrator opens them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from kuangan.base.clock import now
from kuangan.base.people.models import User
from kuangan.domains.datalink import senders
from kuangan.domains.datalink.enrolment import waits_for_decision
from kuangan.domains.datalink.forms import CodesForm, ReasonForm, RotateForm, SenderForm
from kuangan.domains.datalink.models import Sender
from kuangan.domains.datalink.views import member


@never_cache
@require_http_methods(["GET", "POST"])
def sender_list(request: HttpRequest) -> HttpResponse:
    """All accounts, and the form of a new one, whose token is shown in the answer and never again."""
    user = member(request, "sender.manage")
    form = SenderForm(request.POST if request.method == "POST" else None)
    made, token = None, ""
    if request.method == "POST" and form.is_valid():
        made, token = senders.create_sender(**form.cleaned_data, by=user, at=now())
        form = SenderForm()
    rows = Sender.objects.select_related("changed_by")
    context = {"senders": rows, "form": form, "made": made, "token": token}
    return render(request, "datalink/senders.html", context, status=422 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "POST"])
def sender_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One account: stop or allow it, change its codes, change over to a new token; each with a reason."""
    user = member(request, "sender.manage")
    sender = get_object_or_404(Sender, pk=pk)
    act = request.POST.get("act", "")
    waiting = waits_for_decision(sender)
    codes_form = CodesForm(request.POST if act == "codes" else None, initial={"codes": "\n".join(sender.codes)})
    reason_form = ReasonForm(request.POST if act in {"disable", "enable", "end"} else None)
    rotate_form = RotateForm(request.POST if act == "rotate" else None)
    token = ""
    if request.method == "POST":
        form = FORMS_OF_ACTS[act](codes_form, reason_form, rotate_form) if act in FORMS_OF_ACTS else None
        if form is None or (act == "enable" and waiting):
            return HttpResponseBadRequest()
        if form.is_valid():
            token = _carried_out(sender, act, form.cleaned_data, user)
            if act == "rotate" and not token:
                rotate_form.add_error("days", "上一次更换还没有结束，请先停用原令牌，或填 0。")
            elif not token:
                messages.success(request, "已保存，接收网关几秒内生效。")
                return HttpResponseRedirect(reverse("datalink:sender", args=[pk]))
            else:
                rotate_form = RotateForm()
    running = sender.previous_until is not None and now() < sender.previous_until
    context = {"sender": sender, "codes_form": codes_form, "reason_form": reason_form, "rotate_form": rotate_form}
    context |= {"token": token, "waiting": waiting, "changeover": running}
    return render(request, "datalink/sender.html", context, status=422 if rotate_form.errors else 200)


FORMS_OF_ACTS: dict[str, Callable[[Form, Form, Form], Form]] = {
    "codes": lambda codes, reason, rotate: codes,
    "disable": lambda codes, reason, rotate: reason,
    "enable": lambda codes, reason, rotate: reason,
    "end": lambda codes, reason, rotate: reason,
    "rotate": lambda codes, reason, rotate: rotate,
}


def _carried_out(sender: Sender, act: str, given: dict[str, Any], user: User) -> str:
    """Does what was asked; gives the new token of a rotation, else ''."""
    at, reason = now(), given["reason"]
    if act == "rotate":
        try:
            return senders.rotate(sender, given["days"], by=user, at=at, reason=reason)
        except senders.ChangeoverRunning:
            return ""
    if act == "codes":
        senders.set_codes(sender, given["codes"], by=user, at=at, reason=reason)
    elif act == "end":
        senders.end_previous(sender, by=user, at=at, reason=reason)
    else:
        senders.set_disabled(sender, act == "disable", by=user, at=at, reason=reason)
    return ""
