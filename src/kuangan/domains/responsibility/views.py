"""Who answers for which mine: the list with its gaps, the page of a mine, and what is entered there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from kuangan.base.clock import beijing_day, now
from kuangan.base.people.access import Permitted, require
from kuangan.base.people.models import Organisation, User
from kuangan.base.people.permissions import may
from kuangan.base.people.roles import PUBLIC_KINDS
from kuangan.base.registry.models import Company, Mine, Supervision, SupervisionRole
from kuangan.base.registry.scope import visible_mines
from kuangan.base.tables.listing import Figure, ListView
from kuangan.domains.responsibility import access, acts, posts
from kuangan.domains.responsibility.fields import EndForm
from kuangan.domains.responsibility.forms import AssignForm, NatureForm, OwnerForm, PostForm
from kuangan.domains.responsibility.kinds import (
    COMPANY_POSTS,
    FIVE,
    LEADER,
    MINE_POSTS,
    NATURE_WORDS,
    POST_WORDS,
    PRINCIPALS,
    ROOM,
)
from kuangan.domains.responsibility.lists import MineFilter, MineTable, gap_chips
from kuangan.domains.responsibility.models import Nature, Post, held_on
from kuangan.domains.responsibility.pages import form_page, shell
from kuangan.domains.responsibility.rhythm import pulse_of
from kuangan.domains.responsibility.rules import DAY, day_start
from kuangan.domains.responsibility.standing import (
    GAPS,
    GRAVE,
    codes,
    counted,
    gaps_of,
    overseers,
    owners,
    person_of,
    posts_of,
    with_gaps,
)

HERE = "mines"
SECOND = timedelta(seconds=1)


class MineList(Permitted, ListView):
    permission = "responsibility.view"
    title = "谁负责"
    order = ("code",)
    table_class = MineTable
    filterset_class = MineFilter
    template_name = "responsibility/list.html"
    export_name = "矿山责任清单"

    def queryset(self) -> QuerySet[Mine]:
        at = now()
        mines = visible_mines(self.request.user, at).select_related("county", "city", "parent_company")
        return with_gaps(mines, at)

    def figures(self) -> Sequence[Figure]:
        at = now()
        counts = counted(visible_mines(self.request.user, at), at)
        found = [Figure(counts["all"], "矿山", href="?")]
        for name, word in GAPS.items():
            level = ("red" if name in GRAVE else "orange") if counts[name] else ""
            found.append(Figure(counts[name], word, href=f"?gap={name}", level=level))
        return found

    def rows_ready(self, rows: list[Any]) -> list[Any]:
        at = now()
        over, held, owned = overseers(codes(rows), at), posts_of(codes(rows), beijing_day(at)), owners(at)
        for row in rows:
            row.over, row.posts_held = over.get(row.pk, []), held.get(row.pk, {})
            own = row.posts_held.get("actual_controller")
            row.owned = {
                "nature": owned.nature(row.parent_company_id),
                "controller": own.name if own else owned.controller(row.parent_company_id),
            }
            row.gaps = gaps_of(row)
        return rows

    def context(self) -> dict[str, Any]:
        return shell(HERE, said="驻矿、专员和五职按登记统计；没有登记的写“无”或“未知”，不作为已经落实。")


@require_GET
def mine(request: HttpRequest, code: str) -> HttpResponse:
    """The chain of one mine, today or on the day `on`."""
    user, at = access.seen(request), now()
    row = access.mine_or_404(user, code, at)
    today = beijing_day(at)
    day = _day(request.GET.get("on", "")) or today
    then = at if day >= today else day_start(day + DAY) - SECOND
    owned, held = owners(then), posts_of([code], day).get(code, {})
    over = overseers([code], then).get(code, [])
    flagged = with_gaps(Mine.objects.filter(pk=code), then, owned).get()
    own = held.get("actual_controller")
    context = shell(
        HERE,
        title=row.name,
        mine=row,
        day=day,
        past=day < today,
        over=[(each, person_of(each), pulse_of(each, today)) for each in over],
        ended=_ended(row, then),
        gaps=gap_chips(gaps_of(flagged)),
        chain=owned.chain(row.parent_company_id),
        nature=NATURE_WORDS.get(owned.nature(row.parent_company_id), ""),
        headquarters=owned.headquarters(row.parent_company_id),
        controller=own.name if own else owned.controller(row.parent_company_id),
        principals=_lines(held, [code for code in MINE_POSTS if code in PRINCIPALS and code not in FIVE]),
        five=_lines(held, FIVE) if row.kind in ROOM.five_kinds else [],
        past_posts=Post.objects.filter(mine=row).select_related("entered_by").order_by("-valid_from", "-pk")[:40],
        company_posts=_company_posts(row, day),
        assigns=access.may_assign(user),
        keeps=access.may_keep_posts(user, row, at),
        owns_company=row.parent_company is not None and access.may_keep_posts(user, row.parent_company, at),
        edits=may(user, "mine.edit"),
    )
    return render(request, "responsibility/mine.html", context)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _lines(held: dict[str, Post], wanted: Sequence[str]) -> list[tuple[str, Post | None]]:
    return [(POST_WORDS[code], held.get(code)) for code in wanted]


def _ended(row: Mine, at: datetime) -> list[tuple[Supervision, str]]:
    rows = Supervision.objects.filter(mine=row, valid_to__lte=at).select_related("body", "holder")
    return [(each, person_of(each)) for each in rows.order_by("-valid_to", "role")[:40]]


def _company_posts(row: Mine, day: date) -> list[Post]:
    if row.parent_company_id is None:
        return []
    return list(Post.objects.filter(held_on(day)).filter(company=row.parent_company_id).order_by("post"))


def bodies_for(row: Mine) -> QuerySet[Organisation]:
    """Authorities of the mine's county, city and province that a person may be named of."""
    places = [code for code in (row.county_id, row.city_id, "140000") if code]
    return Organisation.objects.filter(kind__in=PUBLIC_KINDS, region__in=places, active=True).order_by(
        "-region", "kind"
    )


def assign(request: HttpRequest, code: str, role: str) -> HttpResponse:
    """Name a leader or an officer of a mine."""
    user, at = require(request, "responsibility.assign"), now()
    row = access.mine_or_404(user, code, at)
    if role not in ("leader", "officer"):
        raise Http404
    if not access.may_assign(user):
        raise PermissionDenied
    leader = role == SupervisionRole.LEADER
    initial = {"valid_from": beijing_day(at), "body": None if leader else user.organisation_id}
    form = AssignForm(bodies_for(row), leader, request.POST or None, initial=initial)

    def act(given: Any) -> None:
        person = acts.Person(given.get("kind", LEADER), given["name"], given["post"], given["phone"])
        acts.assign(row, given["body"], person, given["valid_from"], basis=given["basis"], by=user, at=at)

    word = "包保领导" if leader else "驻矿人员、监管专员"
    said = "同级的前一名包保领导自该日起结束。" if leader else "同一人的前一登记自该日起结束；一座矿可以有几名。"
    back = reverse("responsibility:mine", args=[code])
    return form_page(
        request, form, act, title=f"登记{word} · {row.name}", back=back, here=HERE, said=said, back_word=row.name
    )


def assignment_end(request: HttpRequest, pk: int) -> HttpResponse:
    """End the relation of a leader or an officer to a mine."""
    user, at = require(request, "responsibility.assign"), now()
    mines = visible_mines(user, at).values("pk")
    row = get_object_or_404(
        Supervision.objects.filter(role__in=access.NAMED_ROLES, mine__in=mines).select_related("mine"), pk=pk
    )
    if not access.may_assign(user):
        raise PermissionDenied
    form = EndForm(beijing_day(at), request.POST or None)
    back = reverse("responsibility:assignment", args=[pk])
    return form_page(
        request,
        form,
        lambda given: acts.end_assignment(row, given["valid_to"], by=user, at=at, reason=given["reason"]),
        title=f"结束{row.get_role_display()} · {person_of(row)} · {row.mine.name}",
        back=back,
        here="leaders" if row.role == SupervisionRole.LEADER else "officers",
        submit="结束",
        danger=True,
        back_word=row.mine.name,
    )


def post_new(request: HttpRequest, code: str) -> HttpResponse:
    """Enter who holds a post of a mine, or with `of=company` of its parent company."""
    user, at = require(request, "responsibility.posts"), now()
    row = access.mine_or_404(user, code, at)
    subject = _side(row, request.GET.get("of", ""))
    if not access.may_keep_posts(user, subject, at):
        raise PermissionDenied
    words = MINE_POSTS if isinstance(subject, Mine) else COMPANY_POSTS
    initial = {"post": request.GET.get("post", ""), "valid_from": beijing_day(at)}
    form = PostForm(words, request.POST or None, initial=initial)

    def act(given: Any) -> None:
        said = posts.Appointment(
            given["post"], given["name"], given["valid_from"], given["valid_to"], given["acting"], given["card"]
        )
        posts.appoint(subject, said, basis=given["basis"], by=user, at=at)

    back = reverse("responsibility:mine", args=[code])
    said = "前任自任职日起离任；任职和离任都保留，供核对变更次数。"
    return form_page(
        request, form, act, title=f"登记任职 · {subject.name}", back=back, here=HERE, said=said, back_word=row.name
    )


def _side(row: Mine, of: str) -> Mine | Company:
    if of != "company":
        return row
    if row.parent_company is None:
        raise Http404
    return row.parent_company


def post_end(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """The person left the post, or the entry was wrong."""
    from kuangan.domains.responsibility.fields import ReasonForm

    user, at = require(request, "responsibility.posts"), now()
    row = visible_post(user, pk, at)
    if name not in ("end", "void"):
        raise Http404
    if not access.may_keep_posts(user, row.subject, at):
        raise PermissionDenied
    ends = name == "end"
    form: Any = EndForm(beijing_day(at), request.POST or None) if ends else ReasonForm(request.POST or None)

    def act(given: Any) -> None:
        if ends:
            posts.leave_post(row, given["valid_to"], by=user, at=at, reason=given["reason"])
        else:
            acts.void(row, by=user, at=at, reason=given["reason"])

    title = f"{'离任' if ends else '作废任职'} · {row.get_post_display()} {row.name}"
    return form_page(
        request,
        form,
        act,
        title=title,
        back=home_of(row),
        here=HERE,
        submit="离任" if ends else "作废",
        danger=not ends,
    )


def visible_post(user: User, pk: int, at: datetime) -> Post:
    """A post of a mine or company within scope; 404 for every other."""
    mines = Q(mine__in=visible_mines(user, at).values("pk"))
    companies = Q(company__in=access.visible_companies(user, at).values("pk"))
    return get_object_or_404(Post.objects.filter(mines | companies).select_related("mine", "company"), pk=pk)


def home_of(row: Post) -> str:
    """The page on which a post stands."""
    code = row.mine_id
    if code is None:
        code = Mine.objects.filter(parent_company=row.company_id).values_list("pk", flat=True).first()
    return reverse("responsibility:mine", args=[code])


def nature(request: HttpRequest, code: str) -> HttpResponse:
    """Whether the parent company of a mine is state-owned or private."""
    user, at = require(request, "responsibility.posts"), now()
    row = access.mine_or_404(user, code, at)
    company = _side(row, "company")
    assert isinstance(company, Company)
    if not (access.may_assign(user) or access.may_declare(user, company)):
        raise PermissionDenied
    standing = Nature.objects.filter(held_on(beijing_day(at))).filter(company=company).first()
    initial = {"nature": standing.nature if standing else "", "valid_from": beijing_day(at)}
    form = NatureForm(request.POST or None, initial=initial)
    return form_page(
        request,
        form,
        lambda given: posts.set_nature(
            company, given["nature"], given["valid_from"], basis=given["basis"], by=user, at=at
        ),
        title=f"登记企业性质 · {company.name}",
        back=reverse("responsibility:mine", args=[code]),
        here=HERE,
        back_word=row.name,
    )


def owner_new(request: HttpRequest, code: str, company: str) -> HttpResponse:
    """An owner of a company that stands in the chain of a mine."""
    user, at = require(request, "responsibility.assign"), now()
    row = access.mine_or_404(user, code, at)
    owned = owners(at)
    chain = {each.owner.code: each.owner for each in owned.chain(row.parent_company_id)}
    if row.parent_company is not None:
        chain[row.parent_company.code] = row.parent_company
    if company not in chain:
        raise Http404
    if not access.may_assign(user):
        raise PermissionDenied
    child = chain[company]
    form = OwnerForm(request.POST or None, initial={"valid_from": beijing_day(at)})
    return form_page(
        request,
        form,
        lambda given: posts.add_owner(
            child,
            given["owner"],
            given["valid_from"],
            share=given["share"],
            controls=given["controls"],
            basis=given["basis"],
            by=user,
            at=at,
        ),
        title=f"登记股东 · {child.name}",
        back=reverse("responsibility:mine", args=[code]),
        here=HERE,
        back_word=row.name,
    )
