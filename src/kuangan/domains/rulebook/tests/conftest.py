"""A home with a spool of mine A: two days of readings, over the limit for a while on each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from conftest import MINE_A, MINE_B
from kuangan.base.clock import BEIJING, to_ms
from kuangan.base.people.models import User
from kuangan.library.telemetry.frames import TICK, UPLOAD
from kuangan.library.telemetry.spool import SpoolWriter

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
POINT_A = f"{MINE_A}01MN004300010A01"
POINT_B = f"{MINE_B}01MN004300010A01"


@pytest.fixture(autouse=True)
def _still(time_stands_still: None) -> None:
    pass


@pytest.fixture
def home(tmp_path: Path, settings: Any) -> Path:
    for name in ("config", "hot", "run", "archive", "ledger", "engine"):
        (tmp_path / name).mkdir()
    settings.HOME = tmp_path
    return tmp_path


@pytest.fixture
def province_leader(cast: Any) -> User:
    """A leader of the province, who may approve."""
    user: User = User.objects.create(
        username="province_leader",
        organisation=cast.organisations["province"],
        roles=["leader"],
        display_name="省带班领导",
        password="!unusable",
    )
    return user


def text(code: str, at: datetime, value: float, mine: str) -> bytes:
    here = f"{at.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}"
    return f"{mine};示例矿;{here}~{code};激光甲烷;1102综采工作面T1;{value};%CH4;0;{here}~||".encode()


@pytest.fixture
def spool(home: Path) -> Callable[[datetime, datetime], None]:
    """Puts frames into the spool: every minute a value of both mines, 1.3 % from 10:00 for ten minutes, 1.3 % at 12:00 for two."""

    def put(start: datetime, end: datetime) -> None:
        writer = SpoolWriter(home, "g1")
        at, ticked = start, start - SECOND
        while at < end:
            writer.append(
                kind=TICK,
                name="tick",
                source="test",
                payload=str(to_ms(ticked + SECOND)).encode(),
                received_at=to_ms(at),
            )
            ticked = at
            clock = at.astimezone(BEIJING)
            high = (clock.hour == 10 and clock.minute < 10) or (clock.hour == 10 and 30 <= clock.minute < 32)
            for mine, code in ((MINE_A, POINT_A), (MINE_B, POINT_B)):
                name = f"{mine}_CDSS_{clock:%Y%m%d%H%M%S}.txt"
                value = 1.3 if high and mine == MINE_A else 0.3
                writer.append(
                    kind=UPLOAD,
                    name=name,
                    source="test",
                    payload=text(code, at, value, mine),
                    received_at=to_ms(at),
                    mine=mine,
                )
            at += timedelta(minutes=1)
        writer.commit()
        writer.close()

    return put
