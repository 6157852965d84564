"""People in a stopped mine beyond the approved caretakers: found for the pages, never guessed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from kuangan.base.clock import to_ms
from kuangan.base.registry.facts import NewFact, record_facts
from kuangan.domains.operations.caretakers import approve, propose
from kuangan.domains.operations.presence import exceeded, excesses
from kuangan.library.telemetry.hot import publish
from kuangan.library.telemetry.records import SHAPES
from kuangan.library.warning.register import STOPPED

DAY = timedelta(days=1)


def below(home: Path, mine: str, at: datetime, persons: int) -> None:
    """A snapshot that names so many people."""
    (home / "hot").mkdir(exist_ok=True)
    rows = []
    for record in range(persons + 1):
        row: dict[str, Any] = dict.fromkeys(SHAPES["positions"].columns)
        row |= {"gateway": "g1", "seq": 0, "received_at": to_ms(at), "mine": mine, "type": "RYSS"}
        row |= {"record": record, "moment": to_ms(at), "rejected": 0}
        rows.append(row | ({"card": f"{record}", "flag": 1} if record else {}))
    publish(home, "positions", pl.DataFrame(rows, schema=dict(SHAPES["positions"].columns)))


def stopped(mine: Any, at: datetime) -> None:
    record_facts([NewFact(mine.code, "state", "stopped", at - 30 * DAY)], at=at - 30 * DAY, basis="示例停产通知")


def listed(cast: Any, at: datetime, most: int) -> None:
    people = [(f"演示{n}", "水泵工", "八点班", "中央水仓") for n in range(5)]
    span = {"valid_from": at - DAY, "valid_to": at + 30 * DAY}
    row = propose(
        cast.mine_a, people, areas="中央水仓", most=most, basis="看护方案", by=cast.mine_a_manager, at=at - DAY, **span
    )
    approve(row, by=cast.county_leader, at=at - DAY)


@given(
    st.sampled_from(["", "producing", "building", *STOPPED]),
    st.none() | st.integers(0, 9),
    st.none() | st.integers(1, 9),
)
def test_only_known_people_of_a_stopped_mine_beyond_the_list_are_too_many(
    state: str, persons: int | None, most: int | None
) -> None:
    found = exceeded(state, persons, most)
    assert found == (state in STOPPED and persons is not None and persons > (0 if most is None else most))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("persons", "most", "words"), [(3, 2, "超过看护名单同时最多 2 人"), (1, None, "没有生效的看护人员名单")]
)
def test_what_is_beyond_the_list_is_found(
    cast: Any, moment: datetime, tmp_path: Path, persons: int, most: int | None, words: str
) -> None:
    stopped(cast.mine_a, moment)
    if most:
        listed(cast, moment, most)
    below(tmp_path, cast.mine_a.code, moment, persons)
    [row] = excesses(tmp_path, moment)
    assert (row.mine, row.persons, row.most) == (cast.mine_a.code, persons, most)
    assert words in row.words


@pytest.mark.django_db
def test_nothing_is_found_where_it_is_lawful_producing_or_unknown(cast: Any, moment: datetime, tmp_path: Path) -> None:
    below(tmp_path, cast.mine_a.code, moment, 3)
    assert excesses(tmp_path, moment) == []
    stopped(cast.mine_a, moment)
    listed(cast, moment, 3)
    assert excesses(tmp_path, moment) == []
    assert excesses(tmp_path, moment + timedelta(hours=1)) == [], "the snapshot is too old to say anything"


@pytest.mark.django_db
def test_the_page_of_the_mine_says_it(
    cast: Any, moment: datetime, tmp_path: Path, settings: Any, client_of: Callable[[Any], Client]
) -> None:
    settings.HOME = tmp_path
    stopped(cast.mine_a, moment)
    below(tmp_path, cast.mine_a.code, moment, 2)
    page = client_of(cast.county_officer).get(f"/mines/{cast.mine_a.code}/")
    assert "停产矿井下有 2 人，没有生效的看护人员名单" in page.content.decode()
