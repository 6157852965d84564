"""Names of frames by what the archive keeps of them: their mine and their arrival."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from kuangan.library.telemetry.ledger import Ledger
from kuangan.library.warning.runners.accounts import Account


def frame_names(
    accounts: Mapping[tuple[str, int], Account], ledger: Ledger, mine: str, arrival: int, gateway: str, seq: int
) -> tuple[str, str]:
    """The name of the upload of a mine that arrived at `arrival`, empty when none did at that very moment, and of frame `seq`."""
    this = accounts[gateway, seq].frame.name
    for account in accounts.values():
        outcome = account.outcome
        if outcome is not None and outcome.mine == mine and account.frame.received_at == arrival:
            return account.frame.name, this
    wanted = (
        (pl.col("mine") == mine) & (pl.col("received_at") == arrival) & pl.col("outcome").is_in(["accepted", "partial"])
    )
    found = ledger.frames().filter(wanted).sort("gateway", "seq").select("name").collect()["name"].to_list()
    return (found[0] if found else ""), this
