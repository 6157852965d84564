"""Counting many mines at once says the same as counting each alone, whatever cards and files repeat."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from kuangan.library.telemetry import underground
from kuangan.library.telemetry.hot import publish
from kuangan.library.telemetry.records import SHAPES

START = 1_773_100_800_000
MINUTE = 60_000
COLUMNS = dict(SHAPES["positions"].columns)

records = st.tuples(st.integers(1, 4), st.sampled_from([1, 1, 2, 0]), st.sampled_from(["1", "", None]))
files = st.tuples(
    st.sampled_from(["a", "b", "alias"]), st.integers(0, 3), st.lists(records, max_size=6), st.integers(0, 1)
)


def rows_of(drawn: list[Any]) -> pl.DataFrame:
    """Positions as the engine keeps them: for each file record 0, then one row a card."""
    made = []
    for seq, (mine, minute, people, rejected) in enumerate(drawn):
        for record, (card, flag, area) in enumerate([(0, None, None), *people]):
            row: dict[str, Any] = dict.fromkeys(COLUMNS)
            row |= {"gateway": "g", "seq": seq, "received_at": START + seq, "mine": mine, "type": "RYSS"}
            row |= {"record": record, "moment": START + minute * 5 * MINUTE, "flag": flag}
            row |= {"rejected": rejected} if record == 0 else {"card": str(card), "area": area}
            made.append(row)
    return pl.DataFrame(made, schema=COLUMNS)


@given(st.lists(files, max_size=12))
def test_many_mines_at_once_are_each_mine_alone(drawn: list[Any]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        (home / "hot").mkdir()
        publish(home, "positions", rows_of(drawn))
        end = START + 20 * MINUTE
        found = underground.counts_of(home, {"a": "a", "b": "b", "alias": "b"}, START, end)
        for mine, codes in (("a", ["a"]), ("b", ["b", "alias"])):
            alone = underground.head_counts(home, codes, START, end).filter(pl.col("area").is_null())
            assert found.filter(pl.col("mine") == mine).select("moment", "persons").rows() == (
                alone.select("moment", "persons").rows()
            )
