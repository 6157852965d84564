"""What checks say of the ledger of inspections: facts, and no merit in their number."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from kuangan.base.compliance.checks import State
from kuangan.base.people.models import Organisation
from kuangan.base.registry.models import Supervision
from kuangan.domains.enforcement.acts import void
from kuangan.domains.enforcement.models import Visit
from tests.checked import answer_of, findings_of, opened

DAY = timedelta(days=1)
Make = Callable[..., Visit]
WAYS = {"enforcement.body_ways": "county_officer", "enforcement.bureau_ways": "bureau_officer"}
NUMBERS = {"enforcement.body_numbers": "county_officer", "enforcement.bureau_numbers": "bureau_officer"}


@pytest.mark.parametrize("ident", WAYS)
def test_ways_that_the_clauses_name_stand_in_the_ledger(
    cast: Any, client_of: Callable[[Any], Client], entered: Make, moment: datetime, ident: str
) -> None:
    by = cast.people[WAYS[ident]]
    subject = str(by.organisation_id)
    assert answer_of(ident, subject, moment) == (State.UNKNOWN, "no_visit")
    entered(by=by, kind="on_site", arrived=moment - DAY)
    assert answer_of(ident, subject, moment) == (State.UNKNOWN, "usual_ways")
    night = entered(by=by, kind="night", arrived=moment - 2 * DAY)
    finding = findings_of(ident, moment)[subject]
    assert (finding.state, finding.why, finding.data_at) == (State.PAPER, "entered", moment - DAY)
    assert finding.inputs == {}
    for text in opened(client_of(by), finding):
        assert "示例远峰煤业" in text and "夜查" in text
    void(night, by=by, at=moment, reason="误登")
    assert answer_of(ident, subject, moment) == (State.UNKNOWN, "usual_ways")
    assert answer_of(ident, subject, moment + 91 * DAY) == (State.UNKNOWN, "no_visit")


@pytest.mark.parametrize("ident", NUMBERS)
def test_inspections_bear_the_number_of_the_official_system(
    cast: Any, entered: Make, moment: datetime, ident: str
) -> None:
    by = cast.people[NUMBERS[ident]]
    subject = str(by.organisation_id)
    assert answer_of(ident, subject, moment) == (State.UNKNOWN, "no_visit")
    entered(by=by, official_number="JC-0001", arrived=moment - DAY)
    assert answer_of(ident, subject, moment) == (State.PAPER, "numbered")
    entered(by=by, arrived=moment - 2 * DAY)
    assert answer_of(ident, subject, moment) == (State.UNKNOWN, "no_number")


@pytest.mark.parametrize("ident", [*WAYS, *NUMBERS])
def test_who_inspects_no_mine_is_not_asked(cast: Any, moment: datetime, ident: str) -> None:
    by = cast.people[(WAYS | NUMBERS)[ident]]
    Supervision.objects.all().delete()
    assert answer_of(ident, by.organisation_id, moment) == (State.NOT_APPLICABLE, "no_mines")


@pytest.mark.parametrize("ident", ["enforcement.body_ways", "enforcement.body_numbers"])
def test_who_may_not_inspect_is_not_asked(cast: Any, moment: datetime, ident: str) -> None:
    body = Organisation.objects.create(kind="meteorology", name="示例气象局", level="city", region="140400")
    assert answer_of(ident, body.pk, moment) == (State.NOT_APPLICABLE, "no_inspector")


@pytest.mark.parametrize("ident", WAYS)
def test_more_inspections_change_nothing(cast: Any, entered: Make, moment: datetime, ident: str) -> None:
    by = cast.people[WAYS[ident]]
    entered(by=by, kind="night", arrived=moment - DAY)
    first = findings_of(ident, moment)[str(by.organisation_id)]
    entered(by=by, kind="undisclosed", arrived=moment - 2 * DAY)
    assert findings_of(ident, moment)[str(by.organisation_id)].mark(1) == first.mark(1)
