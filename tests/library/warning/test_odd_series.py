"""Files for `kuangan detect` that are odd: what is refused, and numbers that stay numbers."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from kuangan.library.warning.deceit import spans
from kuangan.library.warning.deceit.reading import Unreadable, read_series


@pytest.mark.parametrize(
    ("text", "reason"),
    [("time,value\n1e300,0.3\n", "no time"), ("time,value\n0,0.3\n0," + "9" * 140_000 + "\n", "field")],
)
def test_what_cannot_be_read_is_refused_with_its_line(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "series.csv"
    path.write_text(text)
    with pytest.raises(Unreadable, match=reason):
        read_series(path)


def test_a_series_that_stood_still_before_it_was_blown_on_has_a_roughness(tmp_path: Path) -> None:
    value = np.r_[np.full(180, 0.5), np.tile([0.1, 0.3], 30)]
    (span,) = spans.blown(value, width=60, mean_share=0.7, rough_factor=2)
    assert math.isfinite(span.numbers["roughness"])
