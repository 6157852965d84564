"""The table that says which page serves which place of the documents agrees with pages and documents."""

from __future__ import annotations

from typing import Final

import pytest

from kuangan.library.policy.load import shipped
from kuangan.site import coverage, docs

ROOMS: Final = {
    *(
        "datalink",
        "alerts",
        "suspicions",
        "hazards",
        "responsibility",
        "licensing",
        "accidents",
        "campaign",
        "oversight",
    ),
    *("rulebook", "duty", "operations", "enforcement", "workforce", "disasters", "tipoffs", "selfcheck", "credit"),
    *("portal", "warning", "crosscheck", "telemetry", "base.registry", "base.compliance", "base.documents"),
}
"""Rooms of the floor plan in which a place may live."""


def test_every_page_of_the_table_is_an_address() -> None:
    names = {name for name, _ in docs.addresses()}
    assert not set(coverage.PAGES) - names


def test_every_place_of_the_table_and_of_the_rules_is_in_a_document() -> None:
    named = {node for nodes in coverage.PAGES.values() for node in nodes} | set(coverage.rules_by_node())
    assert not named - set(shipped().nodes)


def test_every_room_stands_in_the_floor_plan() -> None:
    assert not {node.room for node in shipped().nodes.values()} - ROOMS


@pytest.mark.parametrize(
    ("room", "open_now"),
    [
        ("alerts", True),
        ("base.registry", True),
        ("portal", True),
        ("warning", True),
        ("moon", False),
        ("base.moon", False),
    ],
)
def test_a_room_is_open_where_there_is_code_of_it(room: str, open_now: bool) -> None:
    assert coverage.is_open(room) is open_now
