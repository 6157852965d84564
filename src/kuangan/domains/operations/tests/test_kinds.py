"""The kinds as data, and the announcements of the demonstration."""

from __future__ import annotations

from datetime import datetime

import pytest
from pydantic import ValidationError

from kuangan.domains.operations.kinds import FILE, KINDS, load
from kuangan.domains.operations.models import Announcement, Check, SystemFault
from kuangan.domains.operations.tests.conftest import Make
from kuangan.library.simulate import fleet
from kuangan.site.demo import announcing


def test_kinds_are_complete_and_marked_as_ours() -> None:
    assert set(KINDS) == {"calibration", "power_cut", "link_maintenance", "gas_release", "face_change", "repair_stop"}
    assert FILE.source == "default"
    assert all(kind.confidence in ("M", "I") for kind in KINDS.values())
    assert all(kind.protected for code, kind in KINDS.items() if code in ("power_cut", "gas_release", "repair_stop"))


def test_a_file_with_an_unknown_field_is_refused() -> None:
    with pytest.raises(ValidationError):
        load("version: 1\nsource: default\nunknown: 1")


@pytest.mark.usefixtures("cast")
def test_the_demonstration_enters_its_announcements_once(moment: datetime, tick: Make) -> None:
    from kuangan.base.people.models import Organisation
    from kuangan.base.registry.authorities import seed_authorities
    from kuangan.base.registry.load import load_register
    from kuangan.library.simulate import register
    from kuangan.site.demo.people import _background
    from kuangan.site.demo.province import SINCE

    mines = fleet(1, 5, 24)
    codes = [mine.code for mine in mines]
    Organisation.objects.filter(kind="emergency").update(active=False)
    seed_authorities()
    table = register(1).rename({"capacity_10kt": "capacity"}).drop("synthetic")
    load_register([row for row in table.to_dicts() if row["code"] in codes], moment, since=SINCE, basis="合成数据")
    _background(mines)
    for _ in range(2):
        announcing.enter(mines, moment)
    tick(moment)
    states = list(Announcement.objects.order_by("pk").values_list("case__state", flat=True))
    assert states == ["running", "overrun", "declared", "agreed"]
    assert (Check.objects.count(), SystemFault.objects.count()) == (1, 1)
