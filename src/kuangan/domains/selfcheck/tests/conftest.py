"""Rounds, filled sheets and findings around the mines of the cast."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from kuangan.base.people.models import User
from kuangan.domains.selfcheck import known, rounds, signing
from kuangan.domains.selfcheck.filling import answer, recount
from kuangan.domains.selfcheck.judging import take
from kuangan.domains.selfcheck.known import Known
from kuangan.domains.selfcheck.models import Answer, Sheet
from kuangan.domains.selfcheck.rounds import Plan
from kuangan.domains.selfcheck.rules import Reply
from kuangan.site import wiring

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
Make = Callable[..., Any]


@pytest.fixture(autouse=True)
def _still(time_stands_still: None) -> None:
    pass


@pytest.fixture
def home(tmp_path: Path, settings: Any) -> Path:
    settings.HOME = tmp_path
    return tmp_path


@pytest.fixture
def safety(cast: Any) -> User:
    """The safety officer of mine A."""
    return User.objects.create(
        username="mine_a_safety",
        organisation=cast.organisations["mine_a"],
        roles=["mine_dispatcher"],
        display_name="甲矿安全副矿长",
        password="!unusable",
    )


@pytest.fixture
def opened(cast: Any, moment: datetime, home: Path) -> Make:
    """A round of the city for both mines, due in thirty days unless told otherwise."""

    def make(kind: str = "selfcheck", by: Any = None, at: datetime = moment, **changes: Any) -> Any:
        said = {
            "kind": kind,
            "title": "示例批次",
            "due": at + 30 * DAY,
            "mine_kinds": ("underground_coal",),
        } | changes
        return rounds.open_round(Plan(**said), by=by or cast.city_officer, at=at, home=home)

    return make


@pytest.fixture
def sheet(opened: Make, cast: Any) -> Sheet:
    """The sheet of mine A in a round of self-checks."""
    return of_mine(opened(), cast.mine_a)


def of_mine(row: Any, mine: Any) -> Sheet:
    return Sheet.objects.select_related("case", "round", "edition", "mine").get(round=row, mine=mine)


def filled(sheet: Sheet, by: User, at: datetime, **values: str) -> Sheet:
    """Every item that has no answer yet with met, but for those named: {clause with _ for -: value}."""
    told = {node.replace("_", "-"): value for node, value in values.items()}
    prints = sheet.edition.nodes
    known = set(sheet.answers.filter(replaced_at=None).values_list("node", flat=True))
    plain = [node for node, _ in sheet.items if node not in told and node not in known]
    rows = [Answer(sheet=sheet, node=node, fingerprint=prints[node], value="met", by=by, at=at) for node in plain]
    Answer.objects.bulk_create(rows)
    recount(again(sheet))
    for node, value in told.items():
        answer(sheet, node, Reply(value, "" if value == "met" else "见说明"), by=by, at=at)
    return again(sheet)


def again(sheet: Sheet) -> Sheet:
    return Sheet.objects.select_related("case", "round", "edition", "mine").get(pk=sheet.pk)


def signed(sheet: Sheet, lead: User, safety: User, at: datetime) -> Sheet:
    signing.sign(sheet, "lead", title="矿长", by=lead, at=at)
    signing.sign(sheet, "safety", title="安全副矿长", by=safety, at=at)
    return again(sheet)


@pytest.fixture
def handed_in(sheet: Sheet, cast: Any, safety: User, moment: datetime) -> Make:
    """The sheet of mine A, filled in, signed by two and handed in."""

    def make(**values: str) -> Sheet:
        filled(sheet, cast.mine_a_manager, moment, **values)
        signed(again(sheet), cast.mine_a_manager, safety, moment)
        take(again(sheet), "submit", by=cast.mine_a_manager, at=moment, form={})
        return again(sheet)

    return make


@pytest.fixture
def findings(cast: Any) -> Iterator[Make]:
    """Say what the system knows of mine A: `findings(SX34_15="suspected")`."""
    told: list[Known] = []
    known.install(lambda mines, at: {cast.mine_a.pk: list(told)} if cast.mine_a.pk in mines else {})

    def say(**states: str) -> None:
        told[:] = [
            Known(node.replace("_", "-"), f"check.{node}", "示例核对", state, f"示例依据 {state}")
            for node, state in states.items()
        ]

    yield say
    known.install(wiring.KNOWN)
