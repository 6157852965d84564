"""A night on duty in the browser, from a calm desk to the bulletin of the morning.

With `KUANGAN_SCREENSHOTS=1` it writes the pictures of `docs/a-night-on-duty.md`.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.browser import night, wire
from tests.browser import night_evening as evening
from tests.browser import night_morning as morning
from tests.browser.conftest import SignIn, new_home
from tests.browser.installation import NAMES, READY_S, Databases, Installation, answers
from tests.browser.night_album import PICTURED, Album
from tests.browser.register import MINE_A
from tests.browser.test_pages import PICTURES
from tests.waiting import eventually, free_port

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def installation(databases: Databases) -> Iterator[Installation]:
    """An installation of its own: clocks of seconds, and a gateway that calls nobody but presses the key."""
    homes = new_home(databases)
    home, database = next(homes)
    port = free_port()
    made = Installation(home, database)
    made.settings = {
        "KUANGAN_VOICE_URL": f"http://127.0.0.1:{port}/voice",
        "KUANGAN_SMS_URL": f"http://127.0.0.1:{port}/sms",
        "KUANGAN_PUBLIC_URL": made.address,
        "KUANGAN_LADDERS": str(home / "ladders.yaml"),
    }
    (home / "ladders.yaml").write_text(night.ladders(), encoding="utf-8")
    (home / "routing.yaml").write_text(night.routing_table(), encoding="utf-8")
    command = [sys.executable, "-m", "kuangan.base.notices.testgateway", "--port", str(port)]
    voices = subprocess.Popen(command, env=made.environment)
    try:
        made.ask("night", str(home / "routing.yaml"))
        (home / "config" / "rulebook.json").write_bytes(night.rule_book())
        made.start(*NAMES)
        eventually(lambda: answers(f"http://127.0.0.1:{port}/messages"), READY_S, "the voice gateway")
        yield made
    finally:
        made.stop(*NAMES)
        voices.terminate()
        voices.wait(15)
        homes.close()


@pytest.fixture
def mines(installation: Installation) -> Iterator[night.Mines]:
    sending = night.Mines(installation)
    sending.start()
    yield sending
    sending.end()


@pytest.fixture
def album() -> Album:
    return Album(PICTURES if PICTURED else None)


def test_a_night_on_duty(sign_in: SignIn, installation: Installation, mines: night.Mines, album: Album) -> None:
    officer, city = sign_in("officer"), sign_in("city")
    people = night.Below()
    began = wire.now()
    mines.send(wire.quiet(MINE_A, (1, 2), began - timedelta(seconds=2)))
    mines.send(*people.definitions(began - timedelta(hours=9)), *people.evening(began))

    evening.hand_in_the_storm(installation)
    evening.the_shift_is_on_and_the_desk_is_calm(officer, mines, album)
    storm = evening.a_storm_warning_comes(officer, album)
    evening.the_county_loses_its_link(officer, city, mines, album)
    red, raised = evening.an_over_limit_stands_first(officer, city, mines, album)
    shift = wire.now()
    morning.below_ground(officer, mines, people, shift, people.count(shift))
    evening.the_flood_opens(officer, city, album)
    evening.the_leader_orders_withdrawal(sign_in, storm, album)
    morning.the_roster_climbs(sign_in, officer, red, raised, album)
    call = morning.the_mine_is_called(officer, red, album)
    morning.the_mine_withdraws(sign_in, officer, red, storm, mines, people, album)
    morning.the_shift_is_handed_over(sign_in, officer, red, call, storm, album)
    morning.the_bulletin_is_printed(officer, red, album)
