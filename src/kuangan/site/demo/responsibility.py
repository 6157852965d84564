"""Who answers for the invented mines: leaders, officers, posts, meetings, funds. Every person is invented; gaps are there on purpose."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction

from kuangan.base.clock import beijing_day
from kuangan.base.people.models import Organisation
from kuangan.base.people.roles import OrganisationKind
from kuangan.base.registry.authorities import authorities
from kuangan.base.registry.facts import facts_as_of
from kuangan.base.registry.models import Company, Mine, Region, Supervision, SupervisionRole
from kuangan.domains.responsibility.funds_rules import classes_of, required, shortfall
from kuangan.domains.responsibility.kinds import FIVE, FUNDS, MATTERS, ROOM
from kuangan.domains.responsibility.models import (
    Confirmation,
    FundMonth,
    FundSpending,
    Holder,
    LeaderVisit,
    MatterDuty,
    Meeting,
    Nature,
    OfficerLog,
    Post,
    Presence,
    Problem,
    Resolution,
)
from kuangan.domains.responsibility.rules import day_start, month_of, month_span, months_before
from kuangan.site.demo.duty import GIVEN, SURNAMES

BASIS = "合成数据"
DAY = timedelta(days=1)
BATCH = 500
MONTHS = 3
TOPICS = ("瓦斯治理和采掘接续", "防治水工程进度", "隐患整改和资金安排", "顶板管理和支护材料", "培训计划和应急演练")
PROBLEMS = (
    "井口检身登记不全",
    "排水泵备用一台未到位",
    "避灾路线标识缺失",
    "采区变电所照明不足",
    "劳保用品发放台账不全",
)
DECISIONS = (
    "增设两处甲烷传感器",
    "本月完成主排水管路更换",
    "修订应急预案并组织演练",
    "补充防突钻孔施工",
    "整改运输大巷照明",
)


@dataclass(frozen=True)
class Place:
    """A mine with the number that everything invented about it is drawn from."""

    mine: Mine
    number: int
    today: date
    at: datetime
    full: bool = False

    def draw(self, salt: int, of: int) -> int:
        """A number below `of`; a full place always draws one, at which nothing is missing."""
        return 1 if self.full else (self.number * 7919 + salt * 104_729) // 7 % of


def person(number: int) -> str:
    """An invented name; the first syllable of every given name says 示 as in 示例."""
    return SURNAMES[number % len(SURNAMES)] + GIVEN[number // 3 % len(GIVEN)]


@transaction.atomic
def enter(at: datetime, full: str = "") -> None:
    """Once, for all registered mines; at the mine `full` nothing is missing."""
    if Post.objects.exists():
        return
    today = beijing_day(at)
    mines = list(Mine.objects.filter(provisional=False).select_related("parent_company").order_by("pk"))
    places = [Place(mine, int(mine.pk[-6:]) + index, today, at, mine.pk == full) for index, mine in enumerate(mines)]
    _posts(places)
    _companies(at, today)
    _leaders(places)
    _officers(places)
    _matters(at, today)
    _meetings(places)
    _funds(places)


def _posts(places: Sequence[Place]) -> None:
    rows: list[Post] = []
    for place in places:
        if place.draw(1, 12) == 0:  # nothing entered at all
            continue
        wanted = ["legal_rep", "actual_head", *(FIVE if place.mine.kind in ROOM.five_kinds else ("manager",))]
        for order, post in enumerate(wanted):
            if place.draw(10 + order, 25) == 0:
                continue
            rows += _terms(place, post, order)
    Post.objects.bulk_create(rows, batch_size=BATCH)


def _terms(place: Place, post: str, order: int) -> Iterator[Post]:
    """One term, or two or three where the post changed within the year."""
    changed = place.draw(40 + order, 9)
    begins = [place.today - (900 + place.draw(order, 400)) * DAY]
    if changed == 0:
        begins.append(place.today - (200 + place.draw(order, 100)) * DAY)
    if changed == 0 and place.draw(3, 4) == 0:
        begins.append(place.today - (30 + place.draw(order, 60)) * DAY)
    for number, first in enumerate(begins):
        last = begins[number + 1] if number + 1 < len(begins) else None
        yield Post(
            mine=place.mine,
            post=post,
            name=person(place.number * 11 + order * 5 + number * 3),
            acting=number == 2,
            card=f"{place.number:06d}{order:02d}" if post == "manager" else "",
            valid_from=first,
            valid_to=last,
            end_recorded_at=place.at if last else None,
            basis=BASIS,
            recorded_at=place.at,
        )


def _companies(at: datetime, today: date) -> None:
    codes = list(ROOM.natures)
    natures, posts = [], []
    for number, company in enumerate(Company.objects.order_by("code")):
        held = {"valid_from": today - 1200 * DAY, "basis": BASIS, "recorded_at": at}
        if number % 6:
            natures.append(Nature(company=company, nature=codes[number * 3 % len(codes)], **held))
        posts += [
            Post(company=company, post=post, name=person(number * 17 + order), **held)
            for order, post in enumerate(("chairman", "general_manager"))
        ]
    Nature.objects.bulk_create(natures, batch_size=BATCH)
    Post.objects.bulk_create(posts, batch_size=BATCH)


def _leaders(places: Sequence[Place]) -> None:
    governments = authorities(OrganisationKind.GOVERNMENT)
    wanted = [
        (place, governments[place.mine.county_id], person(int(place.mine.county_id) * 3 + place.draw(2, 4)))
        for place in places
        if place.mine.county_id in governments and place.mine.kind in ROOM.leader_kinds and place.draw(20, 15)
    ]
    rows = _named(wanted, SupervisionRole.LEADER, 300)
    posts = ("县（区）长", "常务副县（区）长", "副县（区）长", "县委常委")
    Holder.objects.bulk_create(
        [
            Holder(supervision=row, kind="leader", name=name, post=posts[place.draw(2, 4)])
            for row, (place, _, name) in zip(rows, wanted, strict=True)
        ],
        batch_size=BATCH,
    )
    visits = [
        LeaderVisit(
            supervision=row,
            mine=place.mine,
            day=place.today - (3 + (number - 1) * 29 + place.draw(21, 24)) * DAY,
            underground=bool((place.number + number) % 3),
            note=f"合成数据：听取{TOPICS[(place.number + number) % len(TOPICS)]}情况",
            recorded_at=place.at,
        )
        for row, (place, _, _) in zip(rows, wanted, strict=True)
        if place.draw(22, 10)
        for number in range(1 if place.draw(23, 8) else 3, 4)
    ]
    LeaderVisit.objects.bulk_create(visits, batch_size=BATCH)
    _problems(rows, [place for place, _, _ in wanted])


def _problems(rows: Sequence[Supervision], places: Sequence[Place]) -> None:
    found = []
    for row, place in zip(rows, places, strict=True):
        for number in range(place.draw(25, 3)):
            day = place.today - (12 + number * 20 + place.draw(26, 9)) * DAY
            solved = place.draw(27 + number, 3) > 0
            found.append(
                Problem(
                    supervision=row,
                    mine=place.mine,
                    found_on=day,
                    text=f"合成数据：{PROBLEMS[(place.number + number) % len(PROBLEMS)]}",
                    owner=place.mine.name,
                    due=day + 15 * DAY,
                    solved_on=day + 9 * DAY if solved else None,
                    solved_note="合成数据：已整改" if solved else "",
                    solved_at=place.at if solved else None,
                    recorded_at=place.at,
                )
            )
    Problem.objects.bulk_create(found, batch_size=BATCH)


def _named(wanted: Sequence[tuple[Place, Organisation, str]], role: str, days: int) -> list[Supervision]:
    rows = [
        Supervision(
            mine=place.mine,
            body=body,
            role=role,
            valid_from=day_start(place.today - days * DAY),
            basis=BASIS,
            recorded_at=place.at,
        )
        for place, body, _ in wanted
    ]
    return Supervision.objects.bulk_create(rows, batch_size=BATCH)


def _officers(places: Sequence[Place]) -> None:
    emergency = authorities(OrganisationKind.EMERGENCY)
    wanted = [
        (place, emergency[place.mine.county_id], person(int(place.mine.county_id) * 5 + place.draw(4, 7)))
        for place in places
        if place.mine.county_id in emergency and place.draw(30, 5)
    ]
    rows = _named(wanted, SupervisionRole.OFFICER, 200)
    pairs = list(zip(rows, [place for place, _, _ in wanted], strict=True))
    kinds = {row.pk: "stationed" if place.draw(31, 12) == 0 else "commissioner" for row, place in pairs}
    Holder.objects.bulk_create(
        [
            Holder(supervision=row, kind=kinds[row.pk], name=name, post="监管专员")
            for row, (_, _, name) in zip(rows, wanted, strict=True)
        ],
        batch_size=BATCH,
    )
    logs = []
    for row, place in pairs:
        step = 1 if kinds[row.pk] == "stationed" else 6
        skipped = place.draw(32, 30)
        logs += [
            OfficerLog(
                supervision=row,
                mine=place.mine,
                day=place.today - back * DAY,
                shift="day",
                text="合成数据：查看调度室和现场记录，未见异常",
                recorded_at=place.at,
            )
            for back in range(1, 46, step)
            if place.draw(33, 9) or not skipped - 4 <= back <= skipped + 8
        ]
    OfficerLog.objects.bulk_create(logs, batch_size=BATCH)
    Confirmation.objects.bulk_create(
        [
            Confirmation(
                supervision=row,
                mine=place.mine,
                operation="hot_work" if place.number % 2 else "blasting",
                place="合成数据：主运输大巷",
                confirmed_at=place.at - (place.draw(34, 20) + 1) * DAY,
                fit=bool(place.draw(35, 6)),
                recorded_at=place.at,
            )
            for row, place in pairs
            if place.draw(36, 4) == 0
        ],
        batch_size=BATCH,
    )


def _matters(at: datetime, today: date) -> None:
    """Each county and city: most matters with one lead, some with none, a few with two."""
    kinds = (OrganisationKind.EMERGENCY, OrganisationKind.ENERGY, OrganisationKind.NATURAL_RESOURCES)
    bodies = {kind: authorities(kind) for kind in kinds}
    rows = []
    for region in Region.objects.order_by("code"):
        number = int(region.code)
        for order, matter in enumerate(MATTERS):
            drawn = (number * 31 + order * 17) % 97
            names = [bodies[kinds[(order + step) % 3]].get(region.code) for step in range(3)]
            parts = [] if drawn == 0 else [("lead", names[0]), ("assist", names[1])]
            if drawn == 1:
                parts[1] = ("lead", names[1])
            rows += [
                MatterDuty(
                    region=region,
                    matter=matter,
                    body=body,
                    role=role,
                    valid_from=today - 400 * DAY,
                    basis=BASIS,
                    recorded_at=at,
                )
                for role, body in parts
                if body is not None
            ]
    MatterDuty.objects.bulk_create(rows, batch_size=BATCH)


def _meetings(places: Sequence[Place]) -> None:
    managers = {
        row.mine_id: row for row in Post.objects.filter(mine__isnull=False, post="manager", valid_to__isnull=True)
    }
    rows, presences = [], []
    for place in places:
        if place.draw(50, 9) == 0:  # keeps no ledger
            continue
        for back in range(MONTHS + 1):
            month = months_before(month_of(place.today), back)
            day = month_span(month).first + (2 + place.draw(51 + back, 20)) * DAY
            manager = managers.get(place.mine.pk)
            if day > place.today or place.draw(60 + back, 14) == 0:
                continue
            chairs = manager is not None and place.draw(70 + back, 11) > 0
            rows.append(
                Meeting(
                    mine=place.mine,
                    day=day,
                    month=month,
                    chair_post=manager if chairs and manager and manager.valid_from <= day else None,
                    chair_name=manager.name if chairs and manager else person(place.number + 77),
                    attendants=[person(place.number * 3 + number) for number in range(6 + place.draw(52, 5))],
                    topics=f"合成数据：{TOPICS[(place.number + back) % len(TOPICS)]}",
                    recorded_at=place.at,
                )
            )
        if (manager := managers.get(place.mine.pk)) is not None and place.draw(80, 6):
            presences.append(
                Presence(
                    post=manager,
                    month=months_before(month_of(place.today), 1),
                    days=14 + place.draw(81, 14),
                    underground=5 + place.draw(82, 9),
                    recorded_at=place.at,
                )
            )
    rows += _company_meetings(places[0].today, places[0].at)
    made = Meeting.objects.bulk_create(rows, batch_size=BATCH)
    Presence.objects.bulk_create(presences, batch_size=BATCH)
    Resolution.objects.bulk_create(
        [
            Resolution(
                meeting=row,
                text=f"合成数据：{DECISIONS[(number + step) % len(DECISIONS)]}",
                owner=row.attendants[step],
                due=row.day + 20 * DAY,
                done_on=row.day + 15 * DAY if (number + step) % 4 and row.day + 15 * DAY <= places[0].today else None,
            )
            for number, row in enumerate(made)
            for step in range(2)
        ],
        batch_size=BATCH,
    )


def _company_meetings(today: date, at: datetime) -> Iterator[Meeting]:
    heads = Post.objects.filter(company__isnull=False, post="general_manager").select_related("company").order_by("pk")
    for number, head in enumerate(heads):
        for back in range(1, MONTHS + 1) if number % 3 else ():
            month = months_before(month_of(today), back)
            chairs = (number + back) % 5 > 0
            yield Meeting(
                company=head.company,
                day=month_span(month).first + (4 + number % 18) * DAY,
                month=month,
                chair_post=head if chairs else None,
                chair_name=head.name if chairs else person(number + 31),
                attendants=[person(number * 5 + step) for step in range(5)],
                topics=f"合成数据：{TOPICS[number % len(TOPICS)]}",
                recorded_at=at,
            )


def _funds(places: Sequence[Place]) -> None:
    facts = facts_as_of(
        [place.mine.pk for place in places],
        ("gas_grade", "water_grade", "fire_grade", "capacity", "state"),
        places[0].at,
    )
    declared = {
        "underground_noncoal": "metal_underground",
        "open_pit_noncoal": "nonmetal_open",
        "tailings_pond": "pond_small",
    }
    months: list[FundMonth] = []
    spendings: list[FundSpending] = []
    for place in places:
        held = facts.get(place.mine.pk, {})
        if place.draw(90, 8) == 0:
            continue
        by_register = classes_of(FUNDS.classes, place.mine.kind, [{}, held])
        code = by_register[0] if by_register else declared[place.mine.kind]
        rate = FUNDS.classes[code].rate
        a_month = Decimal(str(held.get("capacity") or 30)) * 10_000 / 12
        for back in range(1, MONTHS + 2):
            output = (a_month * (80 + place.draw(91 + back, 30)) / 100).quantize(Decimal("0.01"))
            owed = required(output, rate)
            drawn = owed if place.draw(95 + back, 10) else (owed * Decimal("0.7")).quantize(Decimal("0.01"))
            month = months_before(month_of(place.today), back)
            months.append(
                FundMonth(
                    mine=place.mine,
                    month=month,
                    output_t=output,
                    fund_class=code,
                    from_register=bool(by_register),
                    rate=rate,
                    required=owed,
                    extracted=drawn,
                    shortfall=shortfall(owed, drawn),
                    recorded_at=place.at,
                )
            )
            spendings += _spent(place, month, drawn)
    FundMonth.objects.bulk_create(months, batch_size=BATCH)
    FundSpending.objects.bulk_create(spendings, batch_size=BATCH)


def _spent(place: Place, month: str, drawn: Decimal) -> Iterator[FundSpending]:
    codes = list(FUNDS.categories)
    for step in range(2):
        share = Decimal(30 + place.draw(100 + step, 25)) / 100
        amount = (drawn * share).quantize(Decimal("0.01"))
        if amount > 0:
            yield FundSpending(
                mine=place.mine,
                month=month,
                category=codes[(place.number + step * 5) % len(codes)],
                amount=amount,
                vouchers=3 + place.draw(102, 40),
                note=BASIS,
                recorded_at=place.at,
            )
