"""What 0 and 1 mean at a switch, by its qualified sensor type (MT/T 1201.1 annex B and other families as read in public parsers)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

STATES: Final[Mapping[str, tuple[str, str]]] = {
    "1001": ("停", "开"),
    "1002": ("关闭", "打开"),
    "1003": ("无风", "有风"),
    "1004": ("停", "开"),
    "1005": ("关", "开"),
    "1006": ("逆风", "顺风"),
    "1007": ("空", "满"),
    "1008": ("无烟", "有烟"),
    "1009": ("断电", "复电"),
    "1010": ("停", "开"),
    "1011": ("无电压", "有电压"),
    "1012": ("无报警", "报警"),
    "1013": ("停", "开"),
    "1014": ("断开", "闭合"),
    "1015": ("关", "开"),
    "noncoal:1001": ("停", "开"),
    "noncoal:1002": ("关闭", "打开"),
    "noncoal:1003": ("无风", "有风"),
    "noncoal:1004": ("逆风", "顺风"),
    "noncoal:1005": ("无烟", "有烟"),
    "noncoal:1006": ("停", "开"),
    "noncoal:1007": ("无报警", "报警"),
    "noncoal:1008": ("停", "开"),
    "water:0608": ("停", "开"),
    "equipment:1004": ("停", "开"),
    "equipment:1010": ("停", "开"),
}


def state_word(sensor_type: str, value: float | None) -> str:
    """The word for a switch's value; "" for anything that is no switch of the table."""
    words = STATES.get(sensor_type)
    return words[int(value)] if words and value in (0, 1) else ""
