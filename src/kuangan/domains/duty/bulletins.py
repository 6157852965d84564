"""The daily bulletin: figures as they stood, kept with the cases they count, as a page and as a docx."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from django.db import transaction

from kuangan.base import audit
from kuangan.base.case.errors import Forbidden
from kuangan.base.case.models import Case
from kuangan.base.clock import BEIJING
from kuangan.base.documents.word import FONTS, line, new_template, rendered, table
from kuangan.base.people.models import User
from kuangan.base.people.permissions import may
from kuangan.domains.duty.figures import ALERT, closed_states, figures, gravest_first, silent_mines
from kuangan.domains.duty.models import Bulletin
from kuangan.domains.duty.rosters import on_duty
from kuangan.domains.duty.rules import BULLETIN_HOUR, GRADE_WORDS, bulletin_period
from kuangan.domains.duty.words import moment

LISTED = 20


@transaction.atomic
def make_bulletin(day: date, *, by: User, at: datetime, remarks: str = "") -> Bulletin:
    """The bulletin of the 24 hours that end on `day` at eight. Raises Forbidden without the role."""
    if not may(by, "duty.bulletin") or by.organisation is None:
        raise Forbidden("没有编制日报的权限")
    period = bulletin_period(day, at.astimezone(BEIJING).replace(hour=BULLETIN_HOUR, minute=0, second=0, microsecond=0))
    taken = figures(by, period, at)
    grave = (
        Case.objects.visible_to(by, at)
        .filter(kind=ALERT, drill=False, severity__in=("red", "orange"))
        .exclude(state__in=closed_states(ALERT))
    )
    content = {
        "figures": [asdict(one) for one in taken],
        "grave": [
            {"number": row.number, "title": row.title, "grade": GRADE_WORDS[row.severity], "opened": moment(row.opened)}
            for row in gravest_first(grave)[:LISTED]
        ],
        "grave_total": grave.count(),
        "silent": [{"mine": row.name, "since": moment(row.since)} for row in silent_mines(by, at)[:LISTED]],
        "shift": [
            {"officer": row.officer_name, "deputy": row.deputy_name, "leader": row.leader_name}
            for row in on_duty([by.organisation.pk], at).get(by.organisation.pk, [])
        ],
    }
    row = Bulletin.objects.create(
        organisation=by.organisation,
        day=day,
        since=period.start,
        until=period.end,
        content=content,
        remarks=remarks,
        made_at=at,
        made_by=by,
    )
    values = {one.name: one.value for one in taken}
    audit.record(
        actor=by, action="bulletin.made", kind="bulletin", ident=str(row.pk), content={"day": day, **values}, at=at
    )
    return row


def as_docx(row: Bulletin) -> bytes:
    """The bulletin as a Word file."""
    return rendered(template(), words_of(row))


def words_of(row: Bulletin) -> dict[str, Any]:
    """What the template and the page fill in."""
    shifts = row.content.get("shift", [])
    return {
        "title": "值班日报",
        "organisation": row.organisation.name,
        "day": f"{row.day:%Y年%m月%d日}",
        "period": f"{moment(row.since)} 至 {moment(row.until)}",
        "officer": "、".join(one["officer"] for one in shifts) or "—",
        "leader": "、".join(one["leader"] for one in shifts if one["leader"]) or "—",
        "figures": row.content.get("figures", []),
        "grave": row.content.get("grave", []),
        "grave_cut": _cut(row.content.get("grave_total", 0), len(row.content.get("grave", []))),
        "silent": row.content.get("silent", []),
        "silent_cut": _cut(_silent_total(row), len(row.content.get("silent", []))),
        "remarks": row.remarks or "无。",
        "made": f"{moment(row.made_at)} {row.made_by or ''}",
    }


def _cut(total: int, listed: int) -> str:
    """What a list that was cut says of itself; nothing for a whole one."""
    return f"共 {total} 项，仅列前 {listed} 项。" if total > listed else ""


def _silent_total(row: Bulletin) -> int:
    return next((int(one["value"]) for one in row.content.get("figures", []) if one["name"] == "mines_silent"), 0)


def template() -> Any:
    """The template: tags of docxtpl in a plain document."""
    document = new_template()
    line(document, "{{ title }}", FONTS["title"], 22, centre=True)
    line(document, "{{ organisation }}　{{ day }}", FONTS["body"], 14, centre=True)
    line(document, "统计时段：{{ period }}（北京时间）")
    line(document, "值班员：{{ officer }}　带班领导：{{ leader }}")
    line(document, "一、主要数据", FONTS["head"], 16)
    table(document, "figures", ("事项", "数量", "来源"), ("label", "value", "source"), unit="unit")
    line(document, "二、未闭环的红、橙色告警", FONTS["head"], 16)
    table(document, "grave", ("编号", "级别", "事项", "产生时间"), ("number", "grade", "title", "opened"))
    line(document, "{%p if grave_cut %}")
    line(document, "{{ grave_cut }}", size=11)
    line(document, "{%p endif %}")
    line(document, "三、静默矿山", FONTS["head"], 16)
    table(document, "silent", ("矿山", "静默起始"), ("mine", "since"))
    line(document, "{%p if silent_cut %}")
    line(document, "{{ silent_cut }}", size=11)
    line(document, "{%p endif %}")
    line(document, "四、值班情况说明", FONTS["head"], 16)
    line(document, "{{ remarks }}")
    line(document, "生成：{{ made }}。数字为生成时的快照，不含演练；告警分级为系统默认，非官方分级。", size=10)
    return document
