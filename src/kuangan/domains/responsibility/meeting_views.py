"""Pages of monthly meetings: which mines held one, all meetings, one of them with its decisions and minutes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, F, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from kuangan.base.clock import beijing_day, now
from kuangan.base.documents.files import CONTENT_TYPES, format_of_name, intact, path_of
from kuangan.base.people.access import Permitted, require
from kuangan.base.people.models import User
from kuangan.base.registry.models import Company, Mine
from kuangan.base.registry.scope import visible_mines
from kuangan.base.tables.listing import Figure, ListView
from kuangan.domains.responsibility import access, meetings, teams
from kuangan.domains.responsibility.acts import note
from kuangan.domains.responsibility.fields import ReasonForm
from kuangan.domains.responsibility.kinds import PRINCIPALS, ROOM
from kuangan.domains.responsibility.meeting_forms import DoneForm, MeetingForm, PresenceForm, ResolutionForm
from kuangan.domains.responsibility.meeting_lists import (
    MONTH_STATES,
    MeetingFilter,
    MeetingTable,
    MonthFilter,
    MonthTable,
    PresenceFilter,
    PresenceTable,
    TeamFilter,
    TeamTable,
    month_state,
    presence_state,
)
from kuangan.domains.responsibility.models import (
    STANDING,
    Meeting,
    Post,
    Presence,
    Resolution,
)
from kuangan.domains.responsibility.pages import form_page, shell, tally
from kuangan.domains.responsibility.rules import changes, month_of, month_span, months_before
from kuangan.domains.responsibility.seen import days_seen
from kuangan.domains.responsibility.views import visible_post

HERE = "meetings"


def asked_month(request: HttpRequest, at: datetime) -> str:
    """The month in the address, else the present one."""
    text = request.GET.get("month", "").strip()
    try:
        return month_of(month_span(text).first)
    except ValueError:
        return month_of(beijing_day(at))


def with_meetings(mines: QuerySet[Mine], month: str) -> QuerySet[Mine]:
    """Mines with `held` meetings of the month, `chaired` of these by a principal, and `undone` decisions of them."""
    rows = Meeting.objects.filter(STANDING).filter(mine=OuterRef("pk"), month=month)
    undone = Resolution.objects.filter(
        meeting__mine=OuterRef("pk"), meeting__month=month, meeting__voided_at=None, done_on=None
    )
    return mines.annotate(
        held=_number(rows, "mine"),
        chaired=_number(rows.filter(chair_post__isnull=False), "mine"),
        undone=_number(undone, "meeting__mine"),
    )


def _number(rows: QuerySet[Any], key: str) -> Any:
    counted = rows.order_by().values(key).annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


class MonthList(Permitted, ListView):
    """Mines of a month."""

    permission = "responsibility.view"
    title = "安全生产办公会议"
    order = ("code",)
    table_class = MonthTable
    filterset_class = MonthFilter
    template_name = "responsibility/list.html"
    export_name = "每月安全生产办公会议"

    def queryset(self) -> QuerySet[Mine]:
        at = now()
        mines = visible_mines(self.request.user, at).select_related("county", "city")
        return with_meetings(mines, asked_month(self.request, at))

    def figures(self) -> Sequence[Figure]:
        month = asked_month(self.request, now())
        counts = tally(self.queryset(), {name: month_state(name) for name in MONTH_STATES})
        found = [Figure(counts["all"], "矿山", note=month, href=f"?month={month}")]
        for name, word in MONTH_STATES.items():
            level = "orange" if name in ("none", "absent") and counts[name] else ""
            found.append(Figure(counts[name], word, href=f"?month={month}&state={name}", level=level))
        return found

    def rows_ready(self, rows: list[Any]) -> list[Any]:
        month = asked_month(self.request, now())
        latest: dict[str, Meeting] = {}
        known = Meeting.objects.filter(STANDING).filter(mine__in=[row.pk for row in rows], month=month)
        for meeting in known.select_related("chair_post").order_by(F("chair_post").asc(nulls_first=True), "day", "pk"):
            assert meeting.mine_id is not None
            latest[meeting.mine_id] = meeting
        for row in rows:
            row.meeting, row.month = latest.get(row.pk), month
        return rows

    def context(self) -> dict[str, Any]:
        at = now()
        month = asked_month(self.request, at)
        links = [("全部会议", reverse("responsibility:meeting_list"))]
        if declares(self.request.user):
            links.insert(0, ("登记会议", reverse("responsibility:meeting_new")))
        said = f"{month} 的会议，由矿山登记；到月底没有登记的写“无会议记录”，不推断是否召开。上月：{months_before(month, 1)}。"
        return shell(HERE, links=links, said=said)


def declares(user: Any) -> bool:
    subject = own_subject(user)
    return subject is not None and access.may_declare(user, subject)


def own_subject(user: User) -> Mine | Company | None:
    """The mine or company that the person belongs to."""
    body = user.organisation
    if body is None:
        return None
    if body.mine:
        return Mine.objects.filter(pk=body.mine).first()
    return Company.objects.filter(code=body.company_code).first() if body.company_code else None


def visible_meetings(user: User | AnonymousUser, at: datetime) -> QuerySet[Meeting]:
    """Meetings of the mines within a person's scope, and of their parent companies."""
    mines = Q(mine__in=visible_mines(user, at).values("pk"))
    companies = Q(company__in=access.visible_companies(user, at).values("pk"))
    return Meeting.objects.filter(mines | companies).select_related("mine", "company", "chair_post")


class MeetingList(Permitted, ListView):
    permission = "responsibility.view"
    title = "全部会议"
    order = ("-day", "-id")
    table_class = MeetingTable
    filterset_class = MeetingFilter
    template_name = "responsibility/list.html"
    export_name = "安全生产办公会议"
    defaults = {"void": "no"}

    def queryset(self) -> QuerySet[Meeting]:
        rows = visible_meetings(self.request.user, now())
        return rows.annotate(undone=Count("resolutions", filter=Q(resolutions__done_on=None)))

    def context(self) -> dict[str, Any]:
        return shell(HERE)


@require_GET
def meeting(request: HttpRequest, pk: int) -> HttpResponse:
    user, at = access.seen(request), now()
    row = get_object_or_404(visible_meetings(user, at), pk=pk)
    context = shell(
        HERE,
        title=f"安全生产办公会议 · {row.subject.name}",
        row=row,
        subject=row.subject,
        resolutions=list(row.resolutions.select_related("done_by")),
        today=beijing_day(at),
        declares=access.may_declare(user, row.subject) and row.voided_at is None,
    )
    return render(request, "responsibility/meeting.html", context)


def meeting_new(request: HttpRequest) -> HttpResponse:
    """A meeting of one's own mine or company."""
    user, at = require(request, "responsibility.declare"), now()
    subject = own_subject(user)
    if subject is None or not access.may_declare(user, subject):
        raise PermissionDenied
    today = beijing_day(at)
    side = {"mine": subject} if isinstance(subject, Mine) else {"company": subject}
    known = Post.objects.filter(STANDING).filter(post__in=PRINCIPALS, **side).order_by("post", "-valid_from")
    form = MeetingForm(list(known), request.POST or None, request.FILES or None, initial={"day": today})

    def act(given: Any) -> None:
        said = meetings.Held(
            given["day"], given["chair"], given["chair_name"], meetings.names_of(given["attendants"]), given["topics"]
        )
        row = meetings.hold(subject, said, given["file"], Path(settings.HOME), by=user, at=at)
        messages.info(request, f"会议已登记（{row.month}），请在会议页逐条登记决定、责任人和期限。")

    return form_page(
        request,
        form,
        act,
        title=f"登记安全生产办公会议 · {subject.name}",
        back=reverse("responsibility:meeting_list"),
        here=HERE,
        back_word="全部会议",
    )


def meeting_step(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Enter a decision of a meeting, or void the entry."""
    user, at = require(request, "responsibility.declare"), now()
    row = get_object_or_404(visible_meetings(user, at), pk=pk)
    if name not in ("resolve", "void"):
        raise Http404
    if not access.may_declare(user, row.subject):
        raise PermissionDenied
    resolves = name == "resolve"
    form: Any = ResolutionForm(request.POST or None) if resolves else ReasonForm(request.POST or None)

    def act(given: Any) -> None:
        if resolves:
            meetings.resolve(row, given["text"], given["owner"], given["due"], by=user, at=at)
        else:
            meetings.void_meeting(row, by=user, at=at, reason=given["reason"])

    return form_page(
        request,
        form,
        act,
        title=f"{'登记决定' if resolves else '作废会议'} · {row.day:%Y-%m-%d} · {row.subject.name}",
        back=reverse("responsibility:meeting", args=[pk]),
        here=HERE,
        submit="登记" if resolves else "作废",
        danger=not resolves,
        back_word="会议",
    )


def resolution_done(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that a decision is carried out."""
    user, at = require(request, "responsibility.declare"), now()
    row = get_object_or_404(
        Resolution.objects.filter(meeting__in=visible_meetings(user, at)).select_related("meeting"), pk=pk
    )
    if not access.may_declare(user, row.meeting.subject):
        raise PermissionDenied
    return form_page(
        request,
        DoneForm(request.POST or None, initial={"done_on": beijing_day(at)}),
        lambda given: meetings.finish(row, given["done_on"], given["said"], by=user, at=at),
        title="登记完成",
        back=reverse("responsibility:meeting", args=[row.meeting_id]),
        here=HERE,
        said=row.text,
        back_word="会议",
    )


@require_GET
def minutes(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The minutes of a meeting; who takes them is recorded."""
    user, at = access.seen(request), now()
    row = get_object_or_404(visible_meetings(user, at), pk=pk)
    path = path_of(Path(settings.HOME) / meetings.MINUTES, row.file_sha256) if row.file_sha256 else None
    if path is None or not intact(path, row.file_sha256):
        raise Http404
    with transaction.atomic():
        note("responsibility.minutes_taken", row, {"sha256": row.file_sha256, "name": row.file_name}, user, at)
    kind = CONTENT_TYPES[format_of_name(row.file_name)]
    return FileResponse(path.open("rb"), as_attachment=True, filename=row.file_name, content_type=kind)


class PresenceList(Permitted, ListView):
    """Principals of mines with what was declared for a month, beside what positions show."""

    permission = "responsibility.view"
    title = "主要负责人在矿履职"
    order = ("mine_id", "post", "id")
    table_class = PresenceTable
    filterset_class = PresenceFilter
    template_name = "responsibility/list.html"
    export_name = "主要负责人在矿履职"

    def queryset(self) -> QuerySet[Post]:
        at = now()
        span = month_span(asked_month(self.request, at))
        assert span.until is not None
        told = Presence.objects.filter(STANDING).filter(post=OuterRef("pk"), month=month_of(span.first))
        in_month = Q(valid_from__lt=span.until) & (Q(valid_to__isnull=True) | Q(valid_to__gt=span.first))
        rows = Post.objects.filter(STANDING).filter(
            in_month, post__in=PRINCIPALS, mine__in=visible_mines(self.request.user, at).values("pk")
        )
        return rows.annotate(
            told=Subquery(told.values("days")[:1]), told_below=Subquery(told.values("underground")[:1])
        ).select_related("mine")

    def figures(self) -> Sequence[Figure]:
        month, rows = asked_month(self.request, now()), self.queryset()
        names = {"told": "已登记", "untold": "未登记", "zero": "登记为 0 天"}
        counts = tally(rows, {name: presence_state(name) for name in names})
        found = [Figure(counts["all"], "主要负责人任职", note=month, href=f"?month={month}")]
        for name, word in names.items():
            level = "orange" if name != "told" and counts[name] else ""
            found.append(Figure(counts[name], word, href=f"?month={month}&state={name}", level=level))
        return found

    def rows_ready(self, rows: list[Any]) -> list[Any]:
        span = month_span(asked_month(self.request, now()))
        assert span.until is not None
        found = days_seen({(row.mine_id, row.card) for row in rows if row.card}, span.first, span.until)
        user: Any = self.request.user
        for row in rows:
            days = found.get((row.mine_id, row.card)) if row.card else None
            row.seen = None if days is None else len(days)
            row.why = "未知：未登记卡号" if not row.card else "未知：无位置数据"
            row.differs = differs(row.told_below, row.seen)
            row.declares = access.may_declare(user, row.mine)
        return rows

    def context(self) -> dict[str, Any]:
        month = asked_month(self.request, now())
        said = f"{month}：登记天数由矿山填报；有定位卡号且有位置数据的，旁边列出下井天数。两者不同只写“与定位数据不一致”，不作认定。"
        return shell("presences", said=said)


def differs(told: int | None, seen: int | None) -> str:
    """What stands beside a declaration: more days below declared than positions show. Fewer is no contradiction."""
    return "与定位数据不一致" if told is not None and seen is not None and told > seen else ""


def presence(request: HttpRequest, pk: int) -> HttpResponse:
    """Declare the days of a principal of one's own mine."""
    user, at = require(request, "responsibility.declare"), now()
    row = visible_post(user, pk, at)
    if row.mine is None or row.post not in PRINCIPALS:
        raise Http404
    if not access.may_declare(user, row.mine):
        raise PermissionDenied
    form = PresenceForm(request.POST or None, initial={"month": month_of(beijing_day(at))})
    return form_page(
        request,
        form,
        lambda given: meetings.declare_presence(
            row, given["month"], given["days"], given["underground"], by=user, at=at
        ),
        title=f"登记在矿天数 · {row.name}（{row.get_post_display()}）",
        back=reverse("responsibility:presences"),
        here="presences",
        said="同一月份重新登记的，原登记作废并保留。",
        back_word="在矿履职",
    )


class TeamList(Permitted, ListView):
    """Mines by how often their team changed."""

    permission = "responsibility.view"
    title = "管理团队稳定性"
    order = ("code",)
    table_class = TeamTable
    filterset_class = TeamFilter
    template_name = "responsibility/list.html"
    export_name = "管理团队稳定性"

    def queryset(self) -> QuerySet[Mine]:
        at = now()
        mines = visible_mines(self.request.user, at).select_related("county", "city")
        return teams.with_changes(mines, beijing_day(at))

    def figures(self) -> Sequence[Figure]:
        counts = tally(self.queryset(), {name: teams.state(name) for name in teams.STATES})
        found = [Figure(counts["all"], "矿山", href="?")]
        for name, word in teams.STATES.items():
            level = "orange" if name in ("often", "vacant") and counts[name] else ""
            found.append(Figure(counts[name], word, href=f"?state={name}", level=level))
        return found

    def rows_ready(self, rows: list[Any]) -> list[Any]:
        today = beijing_day(now())
        terms = teams.terms_of([row.pk for row in rows])
        for row in rows:
            row.terms = changes(terms.get(row.pk, []), teams.window(today), today)
        return rows

    def context(self) -> dict[str, Any]:
        limits = ROOM.stability
        said = f"{limits.months} 个月内矿长更换 {limits.manager_changes} 次以上，或班子更换 {limits.team_changes} 次以上的列为频繁更换；首次登记不算更换。阈值为"
        return shell("teams", said=said, default=True)
