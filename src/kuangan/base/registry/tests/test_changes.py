"""The system administrator changes supervision, classes of places and addresses, each with a reason that is kept."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.urls import reverse

from conftest import Cast
from kuangan.base.audit.models import AuditEntry
from kuangan.base.people.models import Organisation
from kuangan.base.registry.forms import authorities_over
from kuangan.base.registry.intake import enter_seen
from kuangan.base.registry.models import Place, Point, Supervision
from kuangan.base.registry.places import place_classes
from kuangan.base.registry.publication import register_frame
from kuangan.base.registry.supervision import direct_supervisor, mines_without_one_direct
from kuangan.base.registry.words import PLACE_WORDS

Get = Callable[..., Any]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("time_stands_still")]
POINTS = ("14040490000101MN000001", "14040490000101MN000002")


@pytest.fixture
def points(cast: Cast, moment: datetime) -> list[str]:
    enter_seen([], [{"code": code, "mine": cast.mine_a.code, "valid_from": moment} for code in POINTS], moment)
    return list(POINTS)


def classify(client: Any, cast: Cast, point: str, name: str, place_class: str) -> Any:
    address = reverse("registry:place", args=[cast.mine_a.code, point])
    return client.post(address, {"name": name, "place_class": place_class, "reason": "现场核对"})


def published(moment: datetime) -> dict[str, str]:
    found: dict[str, str] = json.loads(register_frame(moment))["place_class"]
    return found


def test_every_class_of_the_rule_book_has_its_words() -> None:
    assert set(PLACE_WORDS) == set(place_classes())


def test_a_mine_gets_another_direct_supervisor_and_keeps_exactly_one(
    cast: Cast, client_of: Get, moment: datetime
) -> None:
    code, city = cast.mine_a.code, cast.organisations["city"]
    before = direct_supervisor([code], moment)[code]
    address = reverse("registry:supervisor", args=[code])
    answer = client_of(cast.system_admin).post(address, {"body": city.pk, "reason": "提级监管"})
    assert answer.status_code == 302
    assert direct_supervisor([code], moment)[code] == city != before
    assert code not in mines_without_one_direct(moment)
    assert Supervision.objects.get(mine=code, body=before, role="direct").valid_to == moment
    entry = AuditEntry.objects.get(action="mine.supervisor_changed")
    assert (entry.ident, entry.reason, entry.actor) == (code, "提级监管", cast.system_admin)


def test_only_authorities_of_the_mines_county_city_and_province_are_offered(cast: Cast) -> None:
    offered = set(authorities_over(cast.mine_a))
    assert {cast.organisations[name] for name in ("county", "city", "province")} <= offered
    assert not offered & {cast.organisations[name] for name in ("neighbour", "parent", "mine_a")}


def test_a_change_without_a_reason_changes_nothing(cast: Cast, client_of: Get, moment: datetime) -> None:
    code = cast.mine_a.code
    before = direct_supervisor([code], moment)[code]
    client_of(cast.system_admin).post(
        reverse("registry:supervisor", args=[code]), {"body": cast.organisations["city"].pk}
    )
    assert direct_supervisor([code], moment)[code] == before


def test_the_class_of_a_place_reaches_the_engine(
    cast: Cast, client_of: Get, moment: datetime, points: list[str]
) -> None:
    client = client_of(cast.system_admin)
    assert classify(client, cast, points[0], "1102上隅角", "return_corner").status_code == 302
    assert published(moment) == {points[0]: "return_corner"}
    entry = AuditEntry.objects.get(action="point.classified")
    assert json.loads(entry.content)["after"] == "return_corner" and entry.reason == "现场核对"


def test_a_place_that_changes_its_class_takes_its_points_with_it_and_keeps_its_past(
    cast: Cast, client_of: Get, moment: datetime, points: list[str]
) -> None:
    client = client_of(cast.system_admin)
    for point in points:
        classify(client, cast, point, "1102", "heading_face")
    classify(client, cast, points[0], "1102", "coal_face")
    assert published(moment) == dict.fromkeys(points, "coal_face")
    assert set(Place.objects.values_list("place_class", "valid_to")) == {("heading_face", moment), ("coal_face", None)}


def test_a_class_the_rule_book_does_not_know_is_refused(cast: Cast, client_of: Get, points: list[str]) -> None:
    assert classify(client_of(cast.system_admin), cast, points[0], "1102", "moon").status_code == 200
    assert not Point.objects.filter(place__isnull=False).exists()


def test_where_an_organisation_is_called_is_changed_and_noted(cast: Cast, client_of: Get) -> None:
    county = cast.organisations["county"]
    said = {"phone": "0355-1234567", "email": "zhiban@example.org", "webhook": "", "reason": "换号"}
    client_of(cast.system_admin).post(reverse("registry:contacts", args=[county.pk]), said)
    changed = Organisation.objects.get(pk=county.pk)
    assert (changed.phone, changed.email) == ("0355-1234567", "zhiban@example.org")
    entry = AuditEntry.objects.get(action="organisation.contacts_changed")
    assert json.loads(entry.content)["before"]["phone"] == ""


@pytest.mark.parametrize("who", ["county_officer", "security_admin", "mine_a_manager", "nobody"])
def test_others_may_not_change_the_register(cast: Cast, client_of: Get, who: str) -> None:
    assert client_of(cast.people[who]).get(f"/mines/{cast.mine_a.code}/supervisor/").status_code == 403
