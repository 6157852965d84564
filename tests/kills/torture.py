"""`python -m tests.kills.torture`: a thousand kills in rounds, in the background; call it again to look or to go on.

Each round is a fresh installation that is killed, stopped and proved like the one in `make test-all`. Rounds mostly wait, so
two of them run side by side; with `KUANGAN_DATABASE_URL` every other one is on a PostgreSQL database of its own. The state lies
in `build/torture/state.json`; a run that was interrupted begins the rounds it was in again. A round with faults keeps its home.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import filterfalse
from pathlib import Path
from threading import Lock
from typing import Any

import psutil

from kuangan.library.telemetry.files import FileLock, Locked
from tests.kills.installation import ROOT
from tests.kills.killer import Kill
from tests.kills.round import run_round
from tests.waiting import eventually

FOLDER = ROOT / "build" / "torture"
KILLS = 1_000
KILLS_A_ROUND = 50
LANES = 2
LOOK_S = 10


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=KILLS, help="how many in all")
    parser.add_argument("--wait", action="store_true", help="print progress until it is done")
    parser.add_argument("--afresh", action="store_true", help="forget what was done before")
    parser.add_argument("--here", action="store_true", help="run in this process instead of the background")
    options = parser.parse_args()
    FOLDER.mkdir(parents=True, exist_ok=True)
    if options.here:
        return work(options.kills)
    if options.afresh:
        (FOLDER / "state.json").unlink(missing_ok=True)
    state = read_state()
    if state["kills"] < options.kills and not running():
        _start(options.kills)
    while options.wait and read_state()["kills"] < options.kills and running():
        print(shown(read_state(), options.kills), flush=True)
        time.sleep(LOOK_S)
    state = read_state()
    print(shown(state, options.kills))
    return 1 if state["faults"] else 0


def work(wanted: int) -> int:
    """Rounds until `wanted` kills are done; 1 when any round had faults, 3 when another process is at it."""
    try:
        lock = FileLock(FOLDER / "lock")
    except Locked:
        print("error: a torture runs already", file=sys.stderr)
        return 3
    signal.signal(signal.SIGTERM, _break_off)
    state = read_state()
    missing, guard = wanted - state["kills"], Lock()
    counts = [min(KILLS_A_ROUND, missing - done) for done in range(0, missing, KILLS_A_ROUND)]
    numbers = filterfalse(frozenset(state["rounds"]).__contains__, itertools.count())
    with ThreadPoolExecutor(LANES) as lanes:
        rounds = [
            lanes.submit(_round, state, guard, number, count) for number, count in zip(numbers, counts, strict=False)
        ]
    for each in rounds:
        each.result()
    lock.close()
    print(shown(state, wanted), flush=True)
    return 1 if state["faults"] else 0


def _break_off(*_: Any) -> None:
    for folder in FOLDER.glob("round-*"):
        end_leftovers(folder)
    os._exit(143)


def _round(state: dict[str, Any], guard: Lock, number: int, count: int) -> None:
    database = os.environ.get("KUANGAN_DATABASE_URL", "") if number % 2 else ""
    folder = FOLDER / f"round-{number:03d}"
    end_leftovers(folder)
    shutil.rmtree(folder, ignore_errors=True)
    kills: list[Kill] = []

    def say(kill: Kill) -> None:
        kills.append(kill)
        print(f"round {number}, kill {len(kills)}: {kill.victim} {kill.sign}".rstrip(), flush=True)

    try:
        result = run_round(folder, 1_000 + number, count, database, say)
        faults, words = result.faults, result.words()
    except Exception:
        faults, words = [traceback.format_exc()], "broke off"
    with guard:
        state["kills"] += len(kills)
        state["rounds"].append(number)
        state["faults"] += [f"round {number}: {fault}" for fault in faults]
        write_state(state)
        print(f"round {number} on {'PostgreSQL' if database else 'SQLite'}: {words}; {len(faults)} faults", flush=True)
        print(f"kills done: {state['kills']}", flush=True)
    if not faults:
        shutil.rmtree(folder, ignore_errors=True)


def end_leftovers(folder: Path) -> None:
    """Processes that a torture which was itself killed left behind in this round's home."""
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.environ().get("KUANGAN_HOME", "").startswith(f"{folder}{os.sep}"):
                process.kill()


def shown(state: dict[str, Any], wanted: int) -> str:
    at_it = "running" if running() else "done" if state["kills"] >= wanted else "not running"
    lines = [
        f"kills done: {state['kills']} of {wanted} in {len(state['rounds'])} rounds, {len(state['faults'])} faults, {at_it}"
    ]
    return "\n".join([*lines, *state["faults"][:20]])


def read_state() -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads((FOLDER / "state.json").read_text("utf-8"))
    except FileNotFoundError:
        return {"kills": 0, "rounds": [], "faults": []}
    return found


def write_state(state: dict[str, Any]) -> None:
    draft = FOLDER / ".state.json"
    draft.write_text(json.dumps(state, ensure_ascii=False, indent=1), "utf-8")
    draft.replace(FOLDER / "state.json")


def running() -> bool:
    """Whether some process holds the lock of the torture."""
    with suppress(Locked):
        FileLock(FOLDER / "lock").close()
        return False
    return True


def _start(wanted: int) -> None:
    with (FOLDER / "log").open("ab") as log:
        subprocess.Popen(
            [sys.executable, "-m", "tests.kills.torture", "--here", "--kills", str(wanted)],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    eventually(running, 60, "the background process takes its lock")
    print(f"started in the background; progress: {FOLDER / 'log'}")


if __name__ == "__main__":
    sys.exit(main())
