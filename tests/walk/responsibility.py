"""What the walk finds in the room of responsibility: a leader of mine A with a visit and a problem, posts, a matter, a meeting, spending."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from conftest import Cast
    from tests.walk.world import World

Arguments = dict[str, Any]
DAY = timedelta(days=1)
LISTS = "in 403 200 200 200 200 200 200 200 200 403 403 403"
OF_A = "in 403 200 404 200 200 404 200 200 200 403 403 403"
OFFICIALS = "in 403 403 403 403 200 200 200 200 200 403 403 403"
REGION = "in 403 403 403 403 200 404 200 200 200 403 403 403"
# Named by inspectors and leaders of authorities within their scope; the province's duty officer is neither.
ASSIGNED = "in 403 403 403 403 200 404 200 403 200 403 403 403"
# Written by the leader's body, which is the county, or the mine's direct supervisor, which is the county too.
REPORTED = "in 403 403 403 403 200 404 403 403 403 403 403 403"
# Posts of mine A: the mine and its direct supervisor; the nature of its parent: the parent and authorities.
POSTS = "in 403 200 404 403 200 404 403 403 403 403 403 403"
NATURE = "in 403 403 404 200 200 404 200 403 200 403 403 403"
OWN = "in 403 200 200 200 403 403 403 403 403 403 403 403"
OWN_A = "in 403 200 404 403 403 403 403 403 403 403 403 403"


def done(row: str) -> str:
    """The row of a form that was posted and led on."""
    return row.replace("200", "302")


GETS = {
    "mines": LISTS,
    "mine": OF_A,
    "assign": ASSIGNED,
    "assignment": OF_A,
    "assignment_end": ASSIGNED,
    "entry": REPORTED,
    "solve": REPORTED,
    "void": REPORTED,
    "post_new": POSTS,
    "post_end": POSTS,
    "nature": NATURE,
    "owner_new": ASSIGNED,
    "leaders": LISTS,
    "officers": LISTS,
    "problems": LISTS,
    "matters": OFFICIALS,
    "matter_region": REGION,
    "matter_new": ASSIGNED,
    "matter_end": ASSIGNED,
    "meetings": LISTS,
    "meeting_list": LISTS,
    "meeting_new": OWN,
    "meeting": OF_A,
    "minutes": OF_A,
    "meeting_step": OWN_A,
    "resolution_done": OWN_A,
    "presences": LISTS,
    "presence": OWN_A,
    "teams": LISTS,
    "funds": LISTS,
    "fund_sums": LISTS,
    "fund_mine": OF_A,
    "fund_new": OWN_A,
    "fund_void": OWN_A,
    "fund_import": OWN_A,
}
POSTED = (
    *(
        "assign",
        "assignment_end",
        "entry",
        "solve",
        "void",
        "post_new",
        "post_end",
        "nature",
        "owner_new",
        "matter_new",
    ),
    *("matter_end", "meeting_new", "meeting_step", "resolution_done", "presence", "fund_new", "fund_void"),
)
EXPECTED: dict[str, str] = {
    **{f"responsibility:{name}": row for name, row in GETS.items()},
    **{f"responsibility:{name} POST": done(GETS[name]) for name in POSTED},
    "responsibility:fund_import POST": OWN_A,  # shown, not written
}


@dataclass(frozen=True)
class Answering:
    """Keys of what the addresses point to."""

    leader: int
    visit: int
    problem: int
    post: int
    duty: int
    meeting: int
    resolution: int
    spending: int


def minutes() -> Any:
    from django.core.files.uploadedfile import SimpleUploadedFile

    return SimpleUploadedFile("纪要.pdf", b"%PDF-1.7\n%synthetic\n")


def answering_of(cast: Cast) -> Answering:
    """By the wall clock, which the pages read."""
    from django.conf import settings

    from kuangan.base.clock import beijing_day, now
    from kuangan.base.registry.models import Company, Region
    from kuangan.domains.responsibility import acts, field, funds, matters, meetings, posts

    at = now()
    today, county = beijing_day(at), cast.organisations["county"]
    said: Any = {"by": cast.county_officer, "at": at}
    own: Any = {"by": cast.mine_a_manager, "at": at}
    person = acts.Person("leader", "示例领导", "副区长")
    leader = acts.assign(cast.mine_a, county, person, today - 40 * DAY, basis="示例文号", **said)
    visit = field.enter_visit(leader, today - 3 * DAY, underground=True, said="示例", **said)
    given = {"found_on": today - 3 * DAY, "text": "示例问题", "owner": "示例单位", "due": today}
    problem = field.find(leader, given, **said)
    term = posts.Appointment("manager", "示例矿长", today - 90 * DAY)
    post = posts.appoint(cast.mine_a, term, basis="示例任命", **own)
    region = Region.objects.get(pk="140404")
    duty = matters.take_on(region, "power", county, "lead", today - 9 * DAY, basis="三定规定", **said)
    held = meetings.Held(today, post, "", ("示例甲",), "示例议题")
    meeting = meetings.hold(cast.mine_a, held, minutes(), Path(settings.HOME), **own)
    resolution = meetings.resolve(meeting, "示例决定", "示例", today, **own)
    spending = funds.spend(cast.mine_a, f"{today:%Y-%m}", "gas", Decimal(5), 1, "", **own)
    Company.objects.get_or_create(code="QEXAMPLE09", name="示例远峰控股")
    keys = (leader, visit, problem, post, duty, meeting, resolution, spending)
    return Answering(*(int(row.pk) for row in keys))


def of_mine(world: World) -> Arguments:
    return {"code": world.cast.mine_a.code}


def day(back: int = 0) -> str:
    from kuangan.base.clock import beijing_day, now

    return f"{beijing_day(now()) - back * DAY:%Y-%m-%d}"


def dated(**more: Any) -> Arguments:
    return {"valid_from": day(), "basis": "示例文号"} | more


def county(world: World) -> int:
    return int(world.cast.organisations["county"].pk)


ARGUMENTS: dict[str, Callable[[World], Arguments]] = {
    f"responsibility:{name}": make
    for name, make in {
        "mine": of_mine,
        "assign": lambda world: of_mine(world) | {"role": "leader"},
        "assignment": lambda world: {"pk": world.answering.leader},
        "assignment_end": lambda world: {"pk": world.answering.leader},
        "entry": lambda world: {"pk": world.answering.leader, "name": "visit"},
        "solve": lambda world: {"pk": world.answering.problem},
        "void": lambda world: {"name": "visit", "pk": world.answering.visit},
        "post_new": of_mine,
        "post_end": lambda world: {"pk": world.answering.post, "name": "end"},
        "nature": of_mine,
        "owner_new": lambda world: of_mine(world) | {"company": "QEXAMPLE01"},
        "matter_region": lambda _: {"code": "140404"},
        "matter_new": lambda _: {"code": "140404"},
        "matter_end": lambda world: {"pk": world.answering.duty, "name": "end"},
        "meeting": lambda world: {"pk": world.answering.meeting},
        "minutes": lambda world: {"pk": world.answering.meeting},
        "meeting_step": lambda world: {"pk": world.answering.meeting, "name": "resolve"},
        "resolution_done": lambda world: {"pk": world.answering.resolution},
        "presence": lambda world: {"pk": world.answering.post},
        "fund_mine": of_mine,
        "fund_new": lambda world: of_mine(world) | {"name": "month"},
        "fund_void": lambda world: {"pk": world.answering.spending},
        "fund_import": of_mine,
    }.items()
}


def table() -> Any:
    from django.core.files.uploadedfile import SimpleUploadedFile

    return SimpleUploadedFile("安全费用.csv", "月份,产量,提取金额\n2026-01,10,150\n".encode())


FORMS: dict[str, Callable[[World], Arguments]] = {
    f"responsibility:{name}": make
    for name, make in {
        "assign": lambda world: dated(body=county(world), name="示例新领导"),
        "assignment_end": lambda _: {"valid_to": day(), "reason": "调离"},
        "entry": lambda _: {"day": day(), "said": "示例"},
        "solve": lambda _: {"solved_on": day(), "said": "已整改"},
        "void": lambda _: {"reason": "误录"},
        "post_new": lambda _: dated(post="chief_engineer", name="示例总工"),
        "post_end": lambda _: {"valid_to": day(), "reason": "调离"},
        "nature": lambda _: dated(nature="private"),
        "owner_new": lambda _: dated(owner="QEXAMPLE09"),
        "matter_new": lambda world: dated(matter="weather", body=county(world), role="lead"),
        "matter_end": lambda _: {"valid_to": day(), "reason": "职责调整"},
        "meeting_new": lambda _: {"day": day(), "chair_name": "示例", "attendants": "示例甲", "topics": "示例"},
        "meeting_step": lambda _: {"text": "示例决定", "owner": "示例", "due": day()},
        "resolution_done": lambda _: {"done_on": day(), "said": "完成"},
        "presence": lambda _: {"month": day(40)[:7], "days": 20, "underground": 9},
        "fund_new": lambda _: {"month": day(40)[:7], "output_t": "1000", "extracted": "15000"},
        "fund_void": lambda _: {"reason": "误录"},
        "fund_import": lambda _: {"file": table()},
    }.items()
}
