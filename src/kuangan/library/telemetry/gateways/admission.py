"""What every carrier asks before it takes a file: whose it is, whether it fits, whether its place agrees with its name."""

from __future__ import annotations

from typing import Final

from kuangan.library.telemetry.gateways.intake import Limits
from kuangan.library.telemetry.gateways.senders import Sender
from kuangan.library.telemetry.names import parse_name

UNFINISHED: Final = (".tmp", ".part", ".partial", ".filepart", ".swp", "~")
"""Endings of names under which programs write before they rename."""


def is_unfinished(name: str) -> bool:
    """Whether a file of this name is still being written: a hidden one, or one with such an ending."""
    return name.startswith(".") or name.lower().endswith(UNFINISHED)


def hindrance(sender: Sender, name: str, size: int, limits: Limits, place: str = "") -> str:
    """Why this file is not taken from this sender, as a reason code; '' when it is.

    `place` is the mine that a folder or topic stands for, '' when it stands for none.
    """
    found = parse_name(name)
    if size > limits.frame_bytes:
        return "too_large"
    if not sender.may_send_for(found.mine if found else None):
        return "foreign_mine" if found else "unnamed"
    if place and not sender.may_send_for(place):
        return "foreign_mine"
    if place and found and found.mine != place:
        return "place_differs"
    return ""
