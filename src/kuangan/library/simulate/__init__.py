"""The synthetic province: mines that write true MT/T 1201.1 files, with labelled faults. All names and codes are invented.

Everything is a pure function of (seed, mine code, time): any window can be made alone and equals that window of a longer run.
Public times are Unix ms, rhythms are seconds.

    register(seed) -> pl.DataFrame                            about 1,100 synthetic mines (columns: register.SCHEMA)
    fleet(seed, count=30, points=55, crew=0, states=False) -> list[SimulatedMine]   producing underground coal mines of the register
    build_mine(code, name, seed=, points=, gas_grade=, crew=, states=)        one mine of 20–300 points; mine.find(role) picks a point
                                                              states: it sends FZSS and TJSJ too, with a crew JZSS
    ramp, spike, shaped, fan_stop, calibrate, outage, freeze, edit, leave_out, trend, file_fault -> Fault     faults to plant (faults.Kind lists all kinds)
    demo_script(mines, start), history_script(mines, start, end, seed) -> list[Fault]
    demo_history(mines, start, end, seed)                     the same past with slow_script: what is found only after hours
    judged_by_past(mines, faults) -> list[SimulatedMine]      those of them that must be known for KNOWN_MS before
    truths(mine, faults, rhythm) -> list[Truth]               labels read off the values that are written
    routine_truths(mine, start, end) -> list[Truth]           calibrations the mine does by itself (must raise nothing)
    uploads(mine, start, end, rhythm, faults, opening) -> list[Upload(mine, name, payload, send_time)]
    history(mines, start, end, rhythm, faults) -> Iterator[list[Upload]]      in order of sending
    sites(seed, fleet, origin) -> list[Site]                  instruments of other families and cameras; history and live send them too
    live(mines, rhythm, post, clock, sleep, stop, faults)     files as they fall due; post raising OSError is tried again
    write_tree(folder, uploads) -> int                        <folder>/<mine>/<name>, temporary file + rename
    bench_frames(mines, points_per_mine, seconds, rhythm, seed=) -> list[Upload]   exactly 300 records a file
    bench_mines(count, points, seed=, crew=) -> list[SimulatedMine]       the mines of it
    besides(mines, start, seconds) -> list[Upload]            what they send beside: definitions, people, water, pressure, equipment (s)
    positions(mine, second, faults), below(mine, second)              who is where: as sent in the snapshot of that second; of them those below
    snapshot_times(mine, start, end) -> list[int]             seconds at which a mine with a crew sends its snapshot
    measure(mine, times, faults) -> Window                    the readings themselves, (points × times)
"""

from kuangan.library.simulate.bench import bench_frames, bench_mines
from kuangan.library.simulate.besides import besides
from kuangan.library.simulate.crew import below, positions, snapshot_times
from kuangan.library.simulate.faults import (
    Fault,
    calibrate,
    edit,
    fan_stop,
    file_fault,
    flap,
    freeze,
    leave_out,
    outage,
    ramp,
    shaped,
    spike,
    trend,
)
from kuangan.library.simulate.fleet import fleet, history, live
from kuangan.library.simulate.mine import SimulatedMine, build_mine
from kuangan.library.simulate.readings import Window, measure, sample_times
from kuangan.library.simulate.register import register
from kuangan.library.simulate.script import (
    KNOWN_MS,
    demo_history,
    demo_script,
    history_script,
    judged_by_past,
    slow_script,
)
from kuangan.library.simulate.sites import Site, sites
from kuangan.library.simulate.truth import Truth, routine_truths, truths
from kuangan.library.simulate.writer import Upload, uploads, write_tree

__all__ = [
    "KNOWN_MS",
    "Fault",
    "SimulatedMine",
    "Site",
    "Truth",
    "Upload",
    "Window",
    "below",
    "bench_frames",
    "bench_mines",
    "besides",
    "build_mine",
    "calibrate",
    "demo_history",
    "demo_script",
    "edit",
    "fan_stop",
    "file_fault",
    "flap",
    "fleet",
    "freeze",
    "history",
    "history_script",
    "judged_by_past",
    "leave_out",
    "live",
    "measure",
    "outage",
    "positions",
    "ramp",
    "register",
    "routine_truths",
    "sample_times",
    "shaped",
    "sites",
    "slow_script",
    "snapshot_times",
    "spike",
    "trend",
    "truths",
    "uploads",
    "write_tree",
]
