"""What all pages of the room share: the programme they are about, the row of tabs, and steps that are posted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from kuangan.base.case.errors import Forbidden, MissingFields
from kuangan.base.clock import beijing_day, now
from kuangan.base.people.access import Permitted, require
from kuangan.base.tables.listing import ListView
from kuangan.domains.campaign.definition import DEFAULT_MARK
from kuangan.domains.campaign.models import Programme
from kuangan.domains.campaign.queries import current

SESSION = "campaign"
TABS = (
    ("overview", "总览"),
    ("wall", "挂图作战"),
    ("tasks", "任务"),
    ("milestones", "里程碑"),
    ("items", "攻坚清单"),
    ("targets", "目标指标"),
    ("projects", "项目台账"),
    ("submissions", "各市报送"),
    ("organisation", "组织与会议"),
    ("reports", "通报与总结"),
    ("handover", "移交"),
)


def chosen(request: HttpRequest) -> Programme | None:
    """The programme of this sign-in: what the address names is kept, else the one that is worked on."""
    asked = request.GET.get("programme", "")
    if asked.isdecimal() and len(asked) < 19:
        request.session[SESSION] = int(asked)
    kept = request.session.get(SESSION)
    found = Programme.objects.select_related("office", "successor").filter(pk=kept).first() if kept else None
    return found or current(beijing_day(now()))


def frame(request: HttpRequest, tab: str, programme: Programme | None) -> dict[str, Any]:
    """Tabs, the programme and its siblings, for every template of the room."""
    programmes = list(Programme.objects.all())
    return {
        "tabs": [(name, word, reverse(f"campaign:{name}"), name == tab) for name, word in TABS] if programme else [],
        "programme": programme,
        "programmes": programmes if len(programmes) > 1 else [],
        "mark": DEFAULT_MARK,
        "room": "三年行动",
    }


def nothing(request: HttpRequest, **more: Any) -> HttpResponse:
    """The page while no programme was put in force."""
    return render(request, "campaign/nothing.html", {"title": "三年行动", **frame(request, "", None), **more})


class RoomList(Permitted, ListView):
    """A list of the programme that was chosen; without one, the page that says so."""

    permission = "campaign.view"
    tab: ClassVar[str]
    template_name = "campaign/list.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        require(request, self.permission)
        programme = chosen(request)
        if programme is None:
            return nothing(request)
        asked: Any = request  # filters of a list know the request alone
        asked.programme = programme
        return super().dispatch(request, *args, **kwargs)

    @property
    def programme(self) -> Programme:
        asked: Any = self.request
        programme: Programme = asked.programme
        return programme

    def context(self) -> dict[str, Any]:
        return frame(self.request, self.tab, self.programme) | {"note": self.note(), "adds": self.adds()}

    def note(self) -> str:
        """A sentence above the list."""
        return ""

    def adds(self) -> Sequence[tuple[str, str]]:
        """(address, word) of buttons that add a row."""
        return ()


@dataclass(frozen=True)
class Panel:
    """A step that somebody may take on a page: its form, where it is posted, what the button says."""

    name: str
    title: str
    form: forms.Form
    address: str
    danger: bool = False
    hint: str = ""

    @property
    def open(self) -> bool:
        return bool(self.form.errors)


@contextmanager
def faults_into(form: forms.Form) -> Iterator[None]:
    """What an act refuses becomes errors of the form."""
    try:
        yield
    except MissingFields as missing:
        for name, message in missing.fields.items():
            form.add_error(name if name in form.fields else None, message)


def step(
    request: HttpRequest,
    form: forms.Form,
    act: Callable[[dict[str, Any]], object],
    onward: str,
    again: Callable[[], HttpResponse],
) -> HttpResponse:
    """Take a posted step: on to `onward` when done, `again` with the messages when something is missing. 403 where forbidden."""
    if form.is_valid():
        with faults_into(form):
            try:
                act(form.cleaned_data)
            except Forbidden as refused:
                raise PermissionDenied from refused
            messages.success(request, "已提交。")
            return redirect(onward)
    for fault in form.non_field_errors():
        messages.error(request, str(fault))
    answer = again()
    answer.status_code = 422
    return answer


def entry_page(
    request: HttpRequest, tab: str, programme: Programme, title: str, form: forms.Form, back: str, hint: str = ""
) -> HttpResponse:
    """The page of a form that adds a row."""
    context = {"title": title, "form": form, "back": back, "hint": hint, **frame(request, tab, programme)}
    return render(request, "campaign/form.html", context, status=422 if form.errors else 200)
