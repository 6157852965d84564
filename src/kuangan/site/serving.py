"""`kuangan serve`: the four processes on one machine."""

from __future__ import annotations

import time

from kuangan.library.telemetry.files import FileLock
from kuangan.site.configuration import Configuration
from kuangan.site.output import say
from kuangan.site.processes import set_up, stopping
from kuangan.site.supervisor import four


def run(configuration: Configuration) -> None:
    """Until interrupted. The database is prepared first, so that the processes do not queue for it.

    Raises Locked while another supervisor runs this home.
    """
    home = configuration.prepared_home()
    stop = stopping()
    lock = FileLock(home / "run" / "serve.lock")
    set_up()
    from kuangan.site.first import enter_first

    for path in enter_first(configuration):
        say(f"first password of {path.name.rpartition('_')[2]}: {path}")
    supervisor = four(configuration.port, configuration.gateway_port, stop)
    supervisor.start(time.monotonic())
    try:
        while not stop.wait(0.5):
            supervisor.watch(time.monotonic())
    finally:
        supervisor.end()
        lock.close()
