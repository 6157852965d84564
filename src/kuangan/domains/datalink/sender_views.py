"""Pages of sender accounts: only the system administrator opens them."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from kuangan.base.clock import now
from kuangan.domains.datalink import senders
from kuangan.domains.datalink.forms import CodesForm, ReasonForm, SenderForm
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
    """One account: stop or allow it, change its codes, renew its token; each with a reason."""
    user = member(request, "sender.manage")
    sender = get_object_or_404(Sender, pk=pk)
    act = request.POST.get("act", "")
    codes_form = CodesForm(request.POST if act == "codes" else None, initial={"codes": "\n".join(sender.codes)})
    reason_form = ReasonForm(request.POST if act in {"disable", "enable", "renew"} else None)
    token = ""
    if request.method == "POST":
        form = {"codes": codes_form, "disable": reason_form, "enable": reason_form, "renew": reason_form}.get(act)
        if form is None:
            return HttpResponseBadRequest()
        if form.is_valid():
            given = {"by": user, "at": now(), "reason": form.cleaned_data["reason"]}
            if act == "renew":
                token, reason_form = senders.renew_token(sender, **given), ReasonForm()
            elif act == "codes":
                senders.set_codes(sender, form.cleaned_data["codes"], **given)
            else:
                senders.set_disabled(sender, act == "disable", **given)
            if not token:
                messages.success(request, "已保存，接收网关几秒内生效。")
                return HttpResponseRedirect(reverse("datalink:sender", args=[pk]))
    context = {"sender": sender, "codes_form": codes_form, "reason_form": reason_form, "token": token}
    return render(request, "datalink/sender.html", context)
