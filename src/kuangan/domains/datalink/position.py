"""How far the engine's changes have reached the database. Written in the transaction of the changes themselves."""

from __future__ import annotations

from collections.abc import Mapping

from kuangan.domains.datalink.models import EnginePosition


def store_position(position: Mapping[str, int], clock: int) -> None:
    """Note the last frame applied per gateway and the arrival clock in ms. One statement."""
    rows = [EnginePosition(gateway=gateway, seq=seq, clock=clock) for gateway, seq in sorted(position.items())]
    EnginePosition.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["gateway"], update_fields=["seq", "clock"]
    )


def read_position() -> dict[str, int]:
    """The last frame applied per gateway; empty before the first."""
    return dict(EnginePosition.objects.values_list("gateway", "seq"))
