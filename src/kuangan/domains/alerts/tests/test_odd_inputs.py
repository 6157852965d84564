"""Alerts of events whose mine wrote texts that are too long."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kuangan.domains.alerts.models import Alert
from kuangan.library.warning.events import Event

Make = Callable[..., Event]
Apply = Callable[..., list[Alert]]


@pytest.mark.django_db
def test_texts_of_a_mine_fit_the_columns_they_are_kept_in(apply: Apply, event: Make) -> None:
    [alert] = apply(
        event(mine="140404999999", inputs={"unit": "u" * 40, "mine_name": "矿" * 300, "location": "巷" * 300})
    )
    for field in Alert._meta.concrete_fields:
        longest, value = getattr(field, "max_length", None), getattr(alert, field.attname)
        assert longest is None or not isinstance(value, str) or len(value) <= longest, field.name
