"""Anything with a life cycle and a clock: the shared row, its flow as a literal table, and the one way to move it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kuangan.base import on_demand

if TYPE_CHECKING:
    from kuangan.base.case.flow import ClockRule as ClockRule
    from kuangan.base.case.flow import Flow as Flow
    from kuangan.base.case.flow import Transition as Transition
    from kuangan.base.case.flow import flow_of as flow_of
    from kuangan.base.case.flow import install as install
    from kuangan.base.case.numbers import next_number as next_number
    from kuangan.base.case.numbers import next_numbers as next_numbers
    from kuangan.base.case.numbers import void_number as void_number
    from kuangan.base.case.performing import perform as perform
    from kuangan.base.case.performing import possible as possible
    from kuangan.base.case.rendering import diagram as diagram
    from kuangan.base.case.rendering import permission_table as permission_table

HOMES = {
    "perform": "performing",
    "possible": "performing",
    "next_number": "numbers",
    "next_numbers": "numbers",
    "void_number": "numbers",
    "Flow": "flow",
    "Transition": "flow",
    "ClockRule": "flow",
    "install": "flow",
    "flow_of": "flow",
    "diagram": "rendering",
    "permission_table": "rendering",
}

__getattr__ = on_demand(__name__, HOMES)
