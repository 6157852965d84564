from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from kuangan.base.deadlines.ladders import LADDERS, in_force, load

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


OWN = "version: 1\nsource: official\nin_force_from: '2026-01-01'\nladders:\n  response:\n    label: 限时响应\n    rungs:\n"


def test_an_installation_may_have_ladders_of_its_own_in_the_place_of_shipped_ones(tmp_path: Path) -> None:
    own = tmp_path / "ladders.yaml"
    own.write_text(
        OWN + "      - {code: overdue, offset: {seconds: 5}, action: overdue, lapses: true}\n", encoding="utf-8"
    )
    ladders = in_force(own)
    assert [rung.after for rung in ladders["response"].rungs] == [timedelta(seconds=5)]
    assert ladders | {"response": None} == in_force(None) | {"response": None}


@pytest.mark.parametrize(
    ("name", "rung"),
    [
        ("response", "{code: overdue, offset: {minutes: 0}, action: exposure, lapses: true}"),
        ("response", "{code: another, offset: {minutes: 0}, action: overdue, lapses: true}"),
        ("unheard", "{code: overdue, offset: {minutes: 0}, action: overdue, lapses: true}"),
    ],
    ids=["action", "rung", "ladder"],
)
def test_own_ladders_change_times_and_words_never_what_is_done(tmp_path: Path, name: str, rung: str) -> None:
    own = tmp_path / "ladders.yaml"
    own.write_text(OWN.replace("response", name) + f"      - {rung}\n", encoding="utf-8")
    with pytest.raises(ValueError, match=f"ladder {name}"):
        in_force(own)
