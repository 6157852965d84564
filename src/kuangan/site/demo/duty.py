"""Rosters and phone books of the invented organisations. Numbers begin with 0000, which no exchange has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from kuangan.base import clock
from kuangan.base.people.models import Organisation, User
from kuangan.domains.alerts.directory import standings
from kuangan.domains.duty.contacts import Line, enter_contact
from kuangan.domains.duty.models import Contact, Shift
from kuangan.domains.duty.rosters import Entry, enter_shifts
from kuangan.domains.duty.rules import posts_of
from kuangan.library.simulate import SimulatedMine

DAY = timedelta(days=1)
AHEAD = 10
BEHIND = 2
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨"
GIVEN = ("示安", "示宁", "示平", "示远", "示清", "示岭", "示川", "示和", "示原", "示柏", "示松")
BASIS = "演示数据"


def enter(fleet: Sequence[SimulatedMine]) -> int:
    """A shift a day, from eight to eight, up to ten days ahead, and a phone book for each organisation around the fleet.

    Goes on where an earlier start ended. Returns how many shifts were entered.
    """
    at = clock.now()
    stands = standings({mine.code for mine in fleet}, at).values()
    bodies = {body.pk: body for standing in stands for body in standing.levels.values()}
    entered = 0
    for body in bodies.values():
        entered += len(enter_shifts(body, list(_shifts(body, at)), by=None, at=at, basis=BASIS))
        if not Contact.objects.filter(organisation=body).exists():
            for number, (post, _) in enumerate(posts_of(body.kind)):
                line = Line(post, phone_of(body, 100 + number), name_of(body, 50 + number))
                enter_contact(body, line, by=None, at=at, reason=BASIS)
    return entered


def name_of(body: Organisation, number: int) -> str:
    """An invented name; the first syllable of every given name says 示 as in 示例."""
    place = body.pk * 7 + number
    return SURNAMES[place % len(SURNAMES)] + GIVEN[place // 3 % len(GIVEN)]


def phone_of(body: Organisation, number: int) -> str:
    return f"0000-{body.pk % 10_000:04d}{number:03d}"


def _shifts(body: Organisation, at: datetime) -> Iterator[Entry]:
    """The days that are still missing; people with an account of their own stand on every third."""
    here = at.astimezone(clock.BEIJING).replace(hour=8, minute=0, second=0, microsecond=0)
    last = Shift.objects.filter(organisation=body, replaced_at__isnull=True).order_by("-end").first()
    own = list(
        User.objects.filter(organisation=body, is_active=True).order_by("pk").values_list("display_name", flat=True)
    )
    for day in range(-BEHIND, AHEAD):
        start = here + day * DAY
        if last is not None and start < last.end:
            continue
        number = start.toordinal() % 9
        yield Entry(
            start,
            start + DAY,
            officer_name=own[0] if own and number % 3 == 0 else name_of(body, number),
            officer_phone=phone_of(body, 1 + number),
            deputy_name=name_of(body, number + 10),
            deputy_phone=phone_of(body, 20 + number),
            leader_name=name_of(body, number + 20),
            leader_phone=phone_of(body, 40 + number),
            phone=phone_of(body, 0),
        )
