"""Children of the supervisor: none outlives it, however it ends."""

from __future__ import annotations

import subprocess
import sys

import psutil

CHILD = "from kuangan.site.processes import end_with_supervisor as e; e(); import time; print(1, flush=True); time.sleep(600)"
PARENT = f"""
import os, subprocess, sys, time
from kuangan.site.supervisor import SUPERVISOR
child = subprocess.Popen([sys.executable, "-c", {CHILD!r}], env={{**os.environ, SUPERVISOR: str(os.getpid())}}, stdout=subprocess.PIPE)
child.stdout.readline()
print(child.pid, flush=True)
time.sleep(600)
"""


def test_a_killed_supervisor_takes_its_children_along() -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE) as supervisor:
        assert supervisor.stdout is not None
        child = psutil.Process(int(supervisor.stdout.readline()))
        supervisor.kill()
    try:
        child.wait(10)
    finally:
        if child.is_running():
            child.kill()
