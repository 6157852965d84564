"""Caretakers of stopped mines: proposed by the mine, approved by its direct supervisor, in force between dates."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from kuangan.base.case.errors import Forbidden, MissingFields
from kuangan.base.registry.publication import register_frame
from kuangan.domains.operations.caretakers import Person, approve, end, lawful, parse_people, propose, published
from kuangan.domains.operations.models import Caretakers
from kuangan.domains.operations.tests.conftest import Make

DAY = timedelta(days=1)
PEOPLE = [("演示甲", "瓦斯检查工", "八点班", "主井底"), ("演示乙", "水泵工", "四点班", "中央水仓")]


@pytest.fixture
def proposed(cast: Any, moment: datetime) -> Make:
    def make(**changes: Any) -> Caretakers:
        fields: dict[str, Any] = {"areas": "主井底、中央水仓", "most": 2, "basis": "停产看护方案", "at": moment}
        fields |= {"valid_from": moment, "valid_to": moment + 30 * DAY, "by": cast.mine_a_dispatcher}
        return propose(cast.mine_a, PEOPLE, **(fields | changes))

    return make


def test_a_list_counts_once_approved_until_its_end(proposed: Make, cast: Any, moment: datetime) -> None:
    row, code = proposed(), cast.mine_a.code
    assert not lawful([code], moment).exists()
    approve(row, by=cast.county_officer, at=moment + DAY)
    assert not lawful([code], moment).exists()
    assert lawful([code], moment + DAY).get() == row
    assert not lawful([code], moment + 30 * DAY).exists()


def test_a_newer_list_takes_the_place_of_the_old_one(proposed: Make, cast: Any, moment: datetime) -> None:
    old, new = proposed(), proposed(most=1)
    approve(old, by=cast.county_officer, at=moment)
    approve(new, by=cast.county_officer, at=moment + DAY)
    assert lawful([cast.mine_a.code], moment + DAY - timedelta(seconds=1)).get() == old
    assert lawful([cast.mine_a.code], moment + DAY).get() == new


def test_only_the_direct_supervisor_approves_and_only_the_own_mine_proposes(
    proposed: Make, cast: Any, moment: datetime
) -> None:
    row = proposed()
    for other in (cast.city_officer, cast.neighbour_officer, cast.mine_a_manager):
        with pytest.raises(Forbidden):
            approve(row, by=other, at=moment)
    with pytest.raises(Forbidden):
        proposed(by=cast.mine_b_dispatcher)
    with pytest.raises(MissingFields, match="名单人数"):
        proposed(most=3)


def test_a_list_is_ended_early_with_a_reason(proposed: Make, cast: Any, moment: datetime) -> None:
    row = approve(proposed(), by=cast.county_officer, at=moment)
    with pytest.raises(MissingFields):
        end(row, by=cast.county_officer, at=moment + DAY, reason=" ")
    end(row, by=cast.county_officer, at=moment + DAY, reason="复产")
    assert lawful([cast.mine_a.code], moment + DAY - timedelta(seconds=1)).exists()
    assert not lawful([cast.mine_a.code], moment + DAY).exists()


def test_people_are_pasted_from_a_sheet_or_typed() -> None:
    assert parse_people("演示甲\t瓦斯检查工\t八点班\t主井底\n\n演示乙，水泵工、四点班；中央水仓") == [
        Person(*each) for each in PEOPLE
    ]
    assert parse_people("演示甲,瓦斯检查工,八点班,主井底,14103090000100001")[0].card == "14103090000100001"
    with pytest.raises(ValueError, match="第 2 行"):
        parse_people("演示甲,瓦斯检查工,八点班,主井底\n演示乙,水泵工")


def test_the_engine_is_told_numbers_areas_and_cards_of_lists_in_force_and_no_names(
    proposed: Make, cast: Any, moment: datetime
) -> None:
    row, code = proposed(), cast.mine_a.code
    assert published(moment) == {}
    approve(row, by=cast.county_leader, at=moment)
    said = {"most": 2, "areas": ["中央水仓", "主井底"], "shifts": ["八点班", "四点班"], "cards": []}
    assert published(moment) == {code: said}
    row.people.update(card="c1")
    assert published(moment)[code]["cards"] == ["c1", "c1"]
    row.people.filter(name="演示甲").update(card="")
    assert published(moment)[code]["cards"] == [], "who has no card on the list cannot be told from a stranger"
    frame = register_frame(moment)
    assert json.loads(frame)["mines"][code]["caretakers"]["most"] == 2
    assert "演示乙".encode() not in frame
    assert published(row.valid_to) == {}
