"""From the form to the suspicion: an entered arrival is published, judged with the outage around it, and named on the page."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.urls import reverse

from conftest import MINE_A
from kuangan.base.clock import BEIJING, from_ms, use
from kuangan.base.registry.publication import register_frame, write_config
from kuangan.domains.enforcement.models import Visit
from kuangan.domains.enforcement.tests.conftest import Make
from kuangan.domains.suspicions.flow import GROUP
from kuangan.domains.suspicions.models import Suspicion
from kuangan.domains.suspicions.sink import apply_suspicions
from kuangan.library.warning.events import Event
from kuangan.library.warning.register import Register
from tests.library.warning.scene import Scene, code, definition, moment, record

POINT = code(1, MINE_A)
CUT, ARRIVAL, TOLD = 15 * 60, 25 * 60, 26 * 60
RULE = "tamper.cut_before_inspection"


def at(seconds: float) -> datetime:
    return from_ms(moment(seconds))


def local(seconds: float) -> str:
    return f"{at(seconds).astimezone(BEIJING):%Y-%m-%dT%H:%M}"


@pytest.fixture
def scene(cast: Any, tmp_path: Path) -> Scene:
    """Mine A sends for a quarter of an hour, with the register as it is published, and then no more."""
    scene = Scene(tmp_path / "engine")
    scene.config("register", register_frame(at(0)), 0)
    scene.upload("CDDY", [definition(POINT, 1.0)], 1, mine=MINE_A)
    for second in range(60, CUT + 1, 60):
        scene.upload("CDSS", [record(POINT, 0.3, second)], second, mine=MINE_A)
    return scene


def entered(client: Any, home: Path, arrival: float, told: float) -> bool:
    """Enter the arrival by the form, and publish; whether there was something new to publish."""
    said = {"mine": MINE_A, "kind": "on_site", "lead": "演示执法员", "team": "4", "arrived_at": local(arrival)}
    with use(at(told)):
        assert client.post("/visits/new/", said).status_code == 302
        return write_config(home, at(told))


def spoken(events: list[Event]) -> list[Event]:
    return [event for event in events if event.rule == RULE]


def test_an_entered_visit_makes_the_rule_speak_and_its_page_names_the_arrival(
    cast: Any, client_of: Make, scene: Scene, tmp_path: Path
) -> None:
    write_config(tmp_path, at(0))
    assert entered(client_of(cast.county_officer), tmp_path, ARRIVAL, TOLD)
    with use(at(TOLD + 60)):
        assert not write_config(tmp_path, at(TOLD + 60))
    scene.config("register", (tmp_path / "config/register.json").read_bytes(), TOLD)
    (event,) = spoken(scene.judge(until=40 * 60))
    assert (event.mine, event.inputs["tier"], event.inputs["inspection"]) == (MINE_A, "check", moment(ARRIVAL))
    with transaction.atomic():
        apply_suspicions([event], at(40 * 60))
    member = cast.province_officer
    member.sealed_groups = [GROUP]
    member.save()
    with use(at(41 * 60)):
        page = client_of(member).get(reverse("suspicions:suspicion", args=[Suspicion.objects.get().pk]))
    assert "2026-03-10 08:25 到矿检查，中断始于到矿前 10 分钟" in page.content.decode()


def test_without_an_entry_the_rule_is_silent(scene: Scene) -> None:
    assert spoken(scene.judge(until=40 * 60)) == []


def test_a_voided_entry_is_published_no_more(cast: Any, client_of: Make, tmp_path: Path) -> None:
    client = client_of(cast.county_officer)
    entered(client, tmp_path, ARRIVAL, TOLD)
    register = Register.model_validate(json.loads((tmp_path / "config/register.json").read_bytes()))
    assert [(visit.mine, visit.start) for visit in register.inspections] == [(MINE_A, moment(ARRIVAL))]
    with use(at(TOLD + 60)):
        client.post(f"/visits/{Visit.objects.get().pk}/void", {"reason": "矿名选错"})
        assert write_config(tmp_path, at(TOLD + 60))
    assert json.loads((tmp_path / "config/register.json").read_bytes())["inspections"] == []
