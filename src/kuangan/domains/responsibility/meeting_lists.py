"""Lists of meetings, of principals at their mines, of teams that change."""

from __future__ import annotations

from typing import Any

import django_filters as filters
import django_tables2 as tables
from django.db.models import Q, QuerySet
from django.utils.html import format_html

from kuangan.base.registry.models import Mine, MineKind
from kuangan.base.tables.bases import NUMBERS, FilterSet, Table, chip
from kuangan.domains.responsibility import teams
from kuangan.domains.responsibility.kinds import FIVE, POST_WORDS, PRINCIPALS, ROOM
from kuangan.domains.responsibility.lists import MONTH, by_mine, cities, mine_q, muted, two_lines
from kuangan.domains.responsibility.models import Meeting, Post

MONTH_STATES = {"held": "已召开", "none": "无会议记录", "absent": "主要负责人未主持", "open": "有未完成决定"}


def month_state(name: str) -> Q:
    """The condition of a key of MONTH_STATES on mines with `held`, `chaired` and `undone`."""
    return {
        "held": Q(held__gt=0),
        "none": Q(held=0),
        "absent": Q(held__gt=0, chaired=0),
        "open": Q(undone__gt=0),
    }[name]


class MonthFilter(FilterSet):
    """Mines in a month; `month` is read by the page."""

    q = filters.CharFilter(method="search", label="矿名 / 拼音 / 编码")
    month = filters.CharFilter(method="as_it_is", label="月份", widget=MONTH)
    city = filters.ModelChoiceFilter(queryset=cities, label="市", empty_label="全部")
    kind = filters.ChoiceFilter(choices=MineKind.choices, label="类型", empty_label="全部")
    state = filters.ChoiceFilter(
        method="by_state", label="状态", empty_label="全部", choices=tuple(MONTH_STATES.items())
    )

    def search(self, rows: QuerySet[Mine], name: str, value: str) -> QuerySet[Mine]:
        return by_mine(rows, value, "")

    def as_it_is(self, rows: QuerySet[Mine], name: str, value: str) -> QuerySet[Mine]:
        return rows

    def by_state(self, rows: QuerySet[Mine], name: str, value: str) -> QuerySet[Mine]:
        return rows.filter(month_state(value))


class MonthTable(Table):
    name = tables.Column("矿山", linkify=("responsibility:mine", {"code": tables.A("pk")}))
    held = tables.Column("会议", attrs=NUMBERS)
    day = tables.Column("召开日期", accessor="meeting", empty_values=())
    chair = tables.Column("主持", accessor="meeting", empty_values=())
    people = tables.Column("参加", accessor="meeting", empty_values=(), attrs=NUMBERS)
    undone = tables.Column("未完成决定", attrs=NUMBERS)
    minutes = tables.Column("纪要", accessor="meeting", empty_values=())
    state = tables.Column("状态", accessor="pk", empty_values=())

    always = ("name",)

    def render_name(self, record: Any) -> Any:
        return two_lines(record.name, f"{record.county or record.city or ''} {record.get_kind_display()}")

    def value_name(self, record: Any) -> str:
        return f"{record.name} {record.pk}"

    def render_held(self, record: Any) -> Any:
        if not record.held:
            return 0
        return format_html(
            '<a href="/responsibility/meetings/all/?q={}&month={}">{}</a>', record.pk, record.month, record.held
        )

    def value_held(self, record: Any) -> int:
        return int(record.held)

    def render_day(self, record: Any) -> Any:
        row = record.meeting
        return (
            format_html('<a href="/responsibility/meetings/{}/">{}</a>', row.pk, f"{row.day:%Y-%m-%d}") if row else "—"
        )

    def value_day(self, record: Any) -> str:
        return f"{record.meeting.day:%Y-%m-%d}" if record.meeting else ""

    def render_chair(self, record: Any) -> Any:
        row = record.meeting
        if row is None:
            return "—"
        return two_lines(row.chair_name, POST_WORDS[row.chair_post.post] if row.chair_post else "代为主持")

    def value_chair(self, record: Any) -> str:
        return record.meeting.chair_name if record.meeting else ""

    def render_people(self, record: Any) -> Any:
        return len(record.meeting.attendants) if record.meeting else "—"

    def render_minutes(self, record: Any) -> Any:
        if record.meeting is None:
            return "—"
        return chip("有", "ka-chip-ok") if record.meeting.file_sha256 else chip("无", "ka-chip-warn")

    def value_minutes(self, record: Any) -> str:
        return "有" if record.meeting and record.meeting.file_sha256 else "无"

    def render_state(self, record: Any) -> Any:
        word, css = _month_word(record)
        return chip(word, css)

    def value_state(self, record: Any) -> str:
        return _month_word(record)[0]


def _month_word(record: Any) -> tuple[str, str]:
    if not record.held:
        return MONTH_STATES["none"], "ka-chip-warn"
    return ("已召开", "ka-chip-ok") if record.chaired else (MONTH_STATES["absent"], "ka-chip-warn")


class MeetingFilter(FilterSet):
    q = filters.CharFilter(method="search", label="矿名 / 企业 / 编码")
    month = filters.CharFilter(field_name="month", label="月份", widget=MONTH)
    of = filters.ChoiceFilter(
        method="of_side", label="单位", empty_label="全部", choices=(("mine", "矿山"), ("company", "上级企业"))
    )
    chaired = filters.ChoiceFilter(
        method="by_chair", label="主持", empty_label="全部", choices=(("yes", "主要负责人主持"), ("no", "他人代为主持"))
    )
    void = filters.ChoiceFilter(
        method="by_void", label="作废", empty_label="全部", choices=(("no", "有效"), ("yes", "已作废"))
    )

    def search(self, rows: QuerySet[Meeting], name: str, value: str) -> QuerySet[Meeting]:
        return rows.filter(mine_q(value) | Q(company__name__icontains=value))

    def of_side(self, rows: QuerySet[Meeting], name: str, value: str) -> QuerySet[Meeting]:
        return rows.filter(mine__isnull=value != "mine")

    def by_chair(self, rows: QuerySet[Meeting], name: str, value: str) -> QuerySet[Meeting]:
        return rows.filter(chair_post__isnull=value != "yes")

    def by_void(self, rows: QuerySet[Meeting], name: str, value: str) -> QuerySet[Meeting]:
        return rows.filter(voided_at__isnull=value != "yes")


class MeetingTable(Table):
    day = tables.DateColumn(
        verbose_name="召开日期", format="Y-m-d", linkify=("responsibility:meeting", {"pk": tables.A("pk")})
    )
    subject = tables.Column("单位", accessor="pk", empty_values=())
    month = tables.Column("月份")
    chair_name = tables.Column("主持")
    topics = tables.Column("议题")
    undone = tables.Column("未完成决定", accessor="undone", attrs=NUMBERS)
    state = tables.Column("状态", accessor="pk", empty_values=())

    always = ("day", "subject")

    def render_subject(self, record: Any) -> Any:
        return two_lines(record.subject.name, "上级企业" if record.company_id else "")

    def value_subject(self, record: Any) -> str:
        return str(record.subject.name)

    def render_chair_name(self, record: Any) -> Any:
        return two_lines(record.chair_name, POST_WORDS[record.chair_post.post] if record.chair_post else "代为主持")

    def value_chair_name(self, record: Any) -> str:
        return str(record.chair_name)

    def render_topics(self, value: str) -> str:
        return value if len(value) <= 40 else f"{value[:40]}…"

    def render_state(self, record: Any) -> Any:
        return chip("已作废", "ka-chip-warn") if record.voided_at else chip("有效", "ka-chip-ok")

    def value_state(self, record: Any) -> str:
        return "已作废" if record.voided_at else "有效"


class PresenceFilter(FilterSet):
    """Principals of mines in office; `month` is read by the page."""

    q = filters.CharFilter(method="search", label="矿名 / 拼音 / 编码 / 姓名")
    month = filters.CharFilter(method="as_it_is", label="月份", widget=MONTH)
    post = filters.ChoiceFilter(
        choices=[(code, POST_WORDS[code]) for code in POST_WORDS if code in PRINCIPALS and ROOM.posts[code].mine],
        label="职务",
        empty_label="全部",
    )
    state = filters.ChoiceFilter(
        method="by_state",
        label="登记",
        empty_label="全部",
        choices=(("told", "已登记"), ("untold", "未登记"), ("zero", "登记为 0 天")),
    )

    def search(self, rows: QuerySet[Post], name: str, value: str) -> QuerySet[Post]:
        return rows.filter(mine_q(value) | Q(name=value))

    def as_it_is(self, rows: QuerySet[Post], name: str, value: str) -> QuerySet[Post]:
        return rows

    def by_state(self, rows: QuerySet[Post], name: str, value: str) -> QuerySet[Post]:
        return rows.filter(presence_state(value))


def presence_state(name: str) -> Q:
    return {"told": Q(told__isnull=False), "untold": Q(told__isnull=True), "zero": Q(told=0)}[name]


class PresenceTable(Table):
    name = tables.Column("姓名")
    mine = tables.Column("矿山", linkify=("responsibility:mine", {"code": tables.A("mine_id")}))
    told = tables.Column("登记在矿天数", attrs=NUMBERS, default="未登记")
    below = tables.Column("登记下井天数", accessor="told_below", attrs=NUMBERS, default="—")
    seen = tables.Column("定位所见下井天数", accessor="seen", empty_values=(), attrs=NUMBERS)
    differs = tables.Column("对照", accessor="differs", empty_values=())
    act = tables.Column("", accessor="pk", empty_values=(), exclude_from_export=True)

    always = ("name", "mine")

    def render_name(self, record: Any) -> Any:
        return two_lines(record.name, record.get_post_display())

    def value_name(self, record: Any) -> str:
        return f"{record.name} {record.get_post_display()}"

    def render_seen(self, record: Any) -> Any:
        return record.seen if record.seen is not None else muted(record.why)

    def value_seen(self, record: Any) -> Any:
        return record.seen if record.seen is not None else record.why

    def render_differs(self, record: Any) -> Any:
        return chip(record.differs, "ka-chip-warn") if record.differs else "—"

    def value_differs(self, record: Any) -> str:
        return record.differs or ""

    def render_act(self, record: Any) -> Any:
        if not record.declares:
            return ""
        return format_html('<a class="ka-btn" href="/responsibility/presences/{}/">登记</a>', record.pk)


class TeamFilter(FilterSet):
    q = filters.CharFilter(method="search", label="矿名 / 拼音 / 编码")
    city = filters.ModelChoiceFilter(queryset=cities, label="市", empty_label="全部")
    kind = filters.ChoiceFilter(choices=MineKind.choices, label="类型", empty_label="全部")
    state = filters.ChoiceFilter(
        method="by_state", label="状态", empty_label="全部", choices=tuple(teams.STATES.items())
    )

    def search(self, rows: QuerySet[Mine], name: str, value: str) -> QuerySet[Mine]:
        return by_mine(rows, value, "")

    def by_state(self, rows: QuerySet[Mine], name: str, value: str) -> QuerySet[Mine]:
        return rows.filter(teams.state(value))


class TeamTable(Table):
    name = tables.Column("矿山", linkify=("responsibility:mine", {"code": tables.A("pk")}))
    changed = tables.Column("12 个月更换", attrs=NUMBERS)
    managers = tables.Column("其中矿长", attrs=NUMBERS)
    filled = tables.Column("五职在任", attrs=NUMBERS)
    what = tables.Column("更换情况", accessor="terms", empty_values=())
    state = tables.Column("状态", accessor="pk", empty_values=())

    always = ("name",)

    def render_name(self, record: Any) -> Any:
        return two_lines(record.name, f"{record.county or record.city or ''} {record.get_kind_display()}")

    def value_name(self, record: Any) -> str:
        return f"{record.name} {record.pk}"

    def render_filled(self, record: Any) -> str:
        return f"{record.filled} / {len(FIVE)}" if record.kind in ROOM.five_kinds else "不要求"

    def render_what(self, record: Any) -> str:
        return "；".join(f"{term.span.first:%m-%d} {POST_WORDS[term.post]} {term.name}" for term in record.terms) or "—"

    def render_state(self, record: Any) -> Any:
        word = team_word(record)
        return chip(word, {"稳定": "ka-chip-ok", "频繁更换": "ka-chip-bad"}.get(word, "ka-chip-warn"))

    def value_state(self, record: Any) -> str:
        return team_word(record)


def team_word(record: Any) -> str:
    if not record.known:
        return teams.STATES["unknown"]
    if teams.often(record.managers, record.changed):
        return teams.STATES["often"]
    if record.filled < len(FIVE) and record.kind in ROOM.five_kinds:
        return teams.STATES["vacant"]
    return teams.STATES["changed"] if record.changed else "稳定"
