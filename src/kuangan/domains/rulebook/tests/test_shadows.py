"""A draft in shadow: judged from the spool turn by turn, compared with what counts, raising nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from conftest import MINE_A
from kuangan.base.case.errors import MissingFields
from kuangan.base.case.models import Case
from kuangan.base.clock import to_ms
from kuangan.domains.rulebook import drafting, publishing, shadows
from kuangan.domains.rulebook.models import Shadow, ShadowEvent
from kuangan.domains.rulebook.parts import taken
from kuangan.domains.rulebook.tests.conftest import POINT_A
from kuangan.library.warning.rulebook import OVER_LIMIT
from kuangan.site.raised import raised

pytestmark = pytest.mark.django_db(transaction=True)
Clients = Callable[[Any], Client]
Spool = Callable[[datetime, datetime], None]


def begun(home: Path, cast: Any, at: datetime, days: int = 2) -> Shadow:
    content = taken(publishing.standing(home), OVER_LIMIT) | {"merge_gap_min": 60}
    draft = drafting.save(None, part=OVER_LIMIT, title="影子", content=content, by=cast.county_officer, at=at)
    return drafting.start_shadow(draft, mines=[MINE_A], days=days, by=cast.county_officer, at=at)


def kept() -> list[tuple[Any, ...]]:
    return list(ShadowEvent.objects.order_by("onset").values_list("event_id", "subject", "grade", "status", "onset"))


def test_a_shadow_judges_on_from_turn_to_turn_and_raises_nothing(
    home: Path, cast: Any, spool: Spool, moment: datetime, client_of: Clients
) -> None:
    midnight = moment - timedelta(hours=32)
    spool(midnight, midnight + timedelta(hours=14))
    shadow = begun(home, cast, midnight + timedelta(hours=9))
    for hours in (10.1, 10.6, 13):
        shadows.turn(home, midnight + timedelta(hours=hours))
    shadow.refresh_from_db()
    assert shadow.fault == ""
    assert shadow.turns == 3
    assert shadow.readings >= 13 * 60 - 2
    assert shadow.cpu_seconds > 0
    [(_, subject, grade, status, onset)] = kept()
    assert (subject, grade, status, onset) == (POINT_A, "yellow", "cleared", midnight + timedelta(hours=10))
    assert not Case.objects.exists()
    found = client_of(cast.county_officer).get(reverse("rulebook:shadow", args=[shadow.pk]))
    [day] = found.context["days"]
    assert day["counts"] == {"same": 0, "lost": 0, "lowered": 0, "new": 1, "raised": 0}, "nothing was raised in force"
    assert "不产生告警" in found.content.decode()


def test_turns_in_pieces_find_what_one_turn_finds(home: Path, cast: Any, spool: Spool, moment: datetime) -> None:
    midnight = moment - timedelta(hours=32)
    spool(midnight, midnight + timedelta(hours=14))
    begun(home, cast, midnight + timedelta(hours=9))
    for minutes in range(9 * 60 + 10, 13 * 60 + 10, 10):
        shadows.turn(home, midnight + timedelta(minutes=minutes))
    pieces = kept()
    Shadow.objects.all().update(stopped_at=moment)
    whole = begun(home, cast, midnight + timedelta(hours=9))
    shadows.turn(home, midnight + timedelta(hours=13))
    assert [row[1:] for row in kept() if row not in pieces] == []
    assert ShadowEvent.objects.filter(shadow=whole).count() == len(pieces) == 1


def test_a_shadow_ends_by_itself_and_leaves_no_files(home: Path, cast: Any, spool: Spool, moment: datetime) -> None:
    midnight = moment - timedelta(hours=32)
    spool(midnight, midnight + timedelta(hours=11))
    shadow = begun(home, cast, midnight + timedelta(hours=9), days=1)
    shadows.turn(home, midnight + timedelta(hours=10))
    assert (home / "run" / "shadows" / str(shadow.pk)).is_dir()
    shadows.turn(home, shadow.until)
    shadow.refresh_from_db()
    assert shadow.stopped_at == shadow.until
    assert not (home / "run" / "shadows" / str(shadow.pk)).exists()


def test_what_the_rule_in_force_raised_is_told_by_the_alerts(cast: Any, moment: datetime) -> None:
    from kuangan.domains.alerts.sink import apply_events
    from tests.walk.world import over_limit

    event = over_limit(MINE_A, moment)
    with transaction.atomic():
        apply_events([event], moment)
    [one] = raised([MINE_A], [event.rule], moment - timedelta(days=1), moment + timedelta(days=1))
    assert (one.ident, one.subject, to_ms(one.onset)) == (event.id, event.subject, event.onset)
    assert raised([MINE_A], ["point.flat"], moment - timedelta(days=1), moment + timedelta(days=1)) == []


def test_few_shadows_run_at_once(home: Path, cast: Any, moment: datetime) -> None:
    for _ in range(drafting.MOST_SHADOWS):
        begun(home, cast, moment)
    with pytest.raises(MissingFields, match="最多同时"):
        begun(home, cast, moment)
    first = Shadow.objects.first()
    assert first is not None
    with pytest.raises(MissingFields, match="正在"):
        drafting.start_shadow(first.draft, mines=[MINE_A], days=1, by=cast.county_officer, at=moment)


def test_shadows_of_another_office_are_not_there(home: Path, cast: Any, moment: datetime, client_of: Clients) -> None:
    page = reverse("rulebook:shadow", args=[begun(home, cast, moment).pk])
    assert client_of(cast.neighbour_officer).get(page).status_code == 404
    assert client_of(cast.mine_a_dispatcher).get(page).status_code == 403
    stopped = client_of(cast.county_officer).post(page + "stop/")
    assert stopped.status_code == 302
    assert "已结束" in client_of(cast.province_officer).get(page).content.decode()
