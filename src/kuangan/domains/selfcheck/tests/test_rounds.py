"""The kinds of rounds as data."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from kuangan.domains.selfcheck.kinds import FILE, RoundKind


def test_a_round_asks_no_signature_of_an_unknown_post() -> None:
    kind = next(iter(FILE.rounds.values())).model_dump()
    assert RoundKind.model_validate(kind).posts == kind["posts"]
    with pytest.raises(ValidationError, match="no posts"):
        RoundKind.model_validate(kind | {"posts": {"third": "第三人"}})
