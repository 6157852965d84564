"""Statistics that wait for the look at a mine's readings are not kept for ever."""

from __future__ import annotations

import numpy as np

from kuangan.library.warning.deceit.family import Deceit
from kuangan.library.warning.family import Look, Readings
from kuangan.library.warning.state import State
from tests.library.warning.scene import MINE, START

HOUR = 3_600_000


def test_statistics_of_a_mine_without_readings_are_let_go_with_the_look_they_waited_for() -> None:
    state, deceit = State(), Deceit()
    mine = state.mine_of(MINE, "示例煤矿", START)
    deceit.statistics[mine] = [[0, START - 2 * HOUR, START - HOUR, 1.2], [0, START, START + HOUR, 1.2]]
    nothing = Readings(np.empty(0, np.int32), np.empty(0, np.int64), np.empty(0), np.empty(0, np.int32))
    look = Look("deceit", mine, [], [(START - 26 * HOUR, START)], START, "live", 1)
    assert deceit.looked(state, look, nothing, START) == []
    assert deceit.statistics[mine] == [[0, START, START + HOUR, 1.2]]
