import pytest
from pydantic import ValidationError

from kuangan.base.deadlines.ladders import LADDERS, load

RUNG = "{code: a, offset: {days: %d}, action: x, lapses: %s}"


def ladder(*rungs: str) -> str:
    return f"{{version: 1, source: default, in_force_from: 2026-01-01, ladders: {{t: {{label: t, rungs: [{', '.join(rungs)}]}}}}}}"


def test_the_supervision_ladder_climbs_from_reminder_to_exposure() -> None:
    codes = [rung.code for rung in LADDERS["supervision"].rungs]
    assert codes == ["remind", "overdue", "letter", "circular", "interview", "exposure"]


def test_measures_of_the_ladder_are_proposed_never_taken() -> None:
    beyond = [rung for rung in LADDERS["supervision"].rungs if rung.code not in ("remind", "overdue")]
    assert {rung.action for rung in beyond} == {"propose"}
    assert all(rung.notice.startswith("建议") for rung in beyond)


@pytest.mark.parametrize(
    "text",
    [
        ladder(RUNG % (2, "true"), RUNG % (1, "false")),
        ladder(RUNG % (1, "false")),
        ladder(RUNG % (1, "true"), RUNG % (2, "true")),
        ladder("{code: a, offset: {fortnights: 1}, action: x, lapses: true}"),
        ladder(),
    ],
    ids=["out of order", "never lapses", "lapses twice", "unknown unit", "no rung"],
)
def test_a_ladder_that_cannot_be_climbed_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        load(text)
