"""Clocks that run on things, and the ladders they climb when nobody acts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kuangan.base import on_demand

if TYPE_CHECKING:
    from kuangan.base.deadlines.asking import agree as agree
    from kuangan.base.deadlines.asking import ask as ask
    from kuangan.base.deadlines.asking import refuse as refuse
    from kuangan.base.deadlines.asking import withdraw as withdraw
    from kuangan.base.deadlines.clocks import cancel as cancel
    from kuangan.base.deadlines.clocks import extend as extend
    from kuangan.base.deadlines.clocks import meet as meet
    from kuangan.base.deadlines.clocks import next_due as next_due
    from kuangan.base.deadlines.clocks import set_deadline as set_deadline
    from kuangan.base.deadlines.ladders import LADDERS as LADDERS
    from kuangan.base.deadlines.ladders import Ladder as Ladder
    from kuangan.base.deadlines.ladders import Rung as Rung
    from kuangan.base.deadlines.suspending import resume as resume
    from kuangan.base.deadlines.suspending import suspend as suspend
    from kuangan.base.deadlines.telling import tell as tell
    from kuangan.base.deadlines.ticking import Handler as Handler
    from kuangan.base.deadlines.ticking import tick as tick
    from kuangan.base.deadlines.workdays import CALENDAR as CALENDAR
    from kuangan.base.deadlines.workdays import WorkCalendar as WorkCalendar
    from kuangan.base.deadlines.workdays import WorkingDays as WorkingDays

HOMES = {
    "set_deadline": "clocks",
    "meet": "clocks",
    "cancel": "clocks",
    "extend": "clocks",
    "next_due": "clocks",
    "ask": "asking",
    "agree": "asking",
    "refuse": "asking",
    "withdraw": "asking",
    "suspend": "suspending",
    "resume": "suspending",
    "CALENDAR": "workdays",
    "WorkCalendar": "workdays",
    "WorkingDays": "workdays",
    "tell": "telling",
    "tick": "ticking",
    "Handler": "ticking",
    "LADDERS": "ladders",
    "Ladder": "ladders",
    "Rung": "ladders",
}

__getattr__ = on_demand(__name__, HOMES)
