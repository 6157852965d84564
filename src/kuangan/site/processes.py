"""The four processes of an installation, each run by a command of its own: `receive`, `engine`, `web`, `worker`."""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

import django

from kuangan.site.configuration import Configuration
from kuangan.site.supervisor import SUPERVISOR

log = logging.getLogger("kuangan")

PR_SET_PDEATHSIG = 1
LAST_WORDS_S = 1.0
"""How long a worker that ends waits for what it is telling others; what is cut off is told again after its lease."""

CHECKS_S = 600
"""Seconds between two passes of the checks over everything."""

Job = tuple[str, float, Callable[[datetime], object]]
"""A name for the log, seconds between two turns, what is done."""


def wall_ms() -> int:
    """The wall clock in ms since the epoch; only processes read it."""
    return time.time_ns() // 1_000_000


def set_up() -> None:
    """Django with the database migrated."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kuangan.site.settings")
    django.setup()
    from kuangan.site.prepare import prepare_database

    prepare_database()


def begin(process: str) -> None:
    """What each of the four does first: logs under its name, and ends when its supervisor does."""
    from kuangan.site.logs import configure

    configure(process)
    end_with_supervisor()


def end_with_supervisor() -> None:
    """Have the system end this process as if told to when its supervisor is killed (Linux alone can)."""
    supervisor = os.environ.get(SUPERVISOR, "")
    if not supervisor or sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGTERM))
    if os.getppid() != int(supervisor):
        signal.raise_signal(signal.SIGTERM)


def stopping() -> threading.Event:
    """An event that SIGTERM and SIGINT set."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


def receive(configuration: Configuration, watch: Path | None, mirror: bool, port: int) -> None:
    """A gateway: HTTP, a watched folder, FTP and MQTT as they are set, into the spool. Raises Misconfigured."""
    begin("receive")
    from kuangan.library.telemetry.gateways.intake import Limits
    from kuangan.library.telemetry.gateways.run import run
    from kuangan.site.carriers import ftp_settings, mqtt_settings

    home = configuration.prepared_home()
    limits = Limits(
        frame_bytes=configuration.frame_limit_bytes,
        request_bytes=configuration.request_limit_bytes,
        incomplete_file_minutes=configuration.incomplete_file_minutes,
        reserve_bytes=configuration.disk_reserve_bytes,
        spool_days=configuration.spool_days,
    )
    run(
        home,
        configuration.gateway_id,
        clock=wall_ms,
        host=configuration.host,
        port=port,
        watch=watch or home / "inbox",
        mirror=mirror,
        limits=limits,
        ftp=ftp_settings(configuration),
        mqtt=mqtt_settings(configuration),
    )


def engine(configuration: Configuration) -> None:
    """Judges the spool until told to stop. Raises EngineBusy when another engine holds the home."""
    begin("engine")
    from kuangan.library.telemetry.upkeep import Retention
    from kuangan.library.warning.runners.embedded import Embedded
    from kuangan.library.warning.runners.lock import engine_lock
    from kuangan.library.warning.runners.pipeline import Pipeline

    home = configuration.prepared_home()
    stop = stopping()
    with engine_lock(home):
        set_up()
        from kuangan.base.clock import now
        from kuangan.site.sink import DatabaseSink

        retention = Retention(configuration.archive_days, configuration.ledger_days)
        Embedded(Pipeline(home, DatabaseSink(now)), wall_ms, retention).run(stop.is_set, stop.wait)


def web(configuration: Configuration, port: int) -> None:
    """Pages and interfaces."""
    begin("web")
    import uvicorn

    set_up()
    warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")
    uvicorn.run(
        "kuangan.site.asgi:application",
        host=configuration.host,
        port=port,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=2,
        lifespan="off",
    )


def worker(configuration: Configuration) -> None:
    """One loop a second: seals the audit chain, runs deadlines, publishes the register, exports heads.

    What waits for other machines (notices, the exchange) has loops of its own, so that a slow one delays nothing else; so has
    what computes for long (trials and shadows of rules), at the lowest priority.
    What the last round wrote is sealed before it ends.
    """
    begin("worker")
    home = configuration.prepared_home()
    stop = stopping()
    set_up()
    from kuangan.base import audit, clock
    from kuangan.library.telemetry.files import put

    configuration.secret("weather_token")  # so that it is there before the first sender asks
    beat = home / "run" / "worker.json"

    def alive(at: datetime) -> None:
        put(beat, f'{{"pid": {os.getpid()}, "clock": {clock.to_ms(at)}}}')

    outside = [threading.Thread(target=_turn, args=([job], stop), name=job[0], daemon=True) for job in _outward(home)]
    outside.append(threading.Thread(target=_turn, args=(_long(home), stop), name="rules", daemon=True))
    for thread in outside:
        thread.start()
    _turn(jobs(configuration, home), stop, alive)
    for thread in outside:
        thread.join(LAST_WORDS_S)
    _run("seal", audit.seal, clock.now())


def _turn(jobs: Sequence[Job], stop: threading.Event, after: Callable[[datetime], None] = lambda at: None) -> None:
    """Each job at its rhythm, and `after` behind every round, until told to stop."""
    from kuangan.base import clock

    last: dict[str, datetime] = {}
    while not stop.is_set():
        at = clock.now()
        for name, seconds, job in jobs:
            if name not in last or (at - last[name]).total_seconds() >= seconds:
                last[name] = at
                _run(name, job, at)
        after(at)
        stop.wait(1.0)


def _outward(home: Path) -> list[Job]:
    from kuangan.base import notices
    from kuangan.domains.datalink.exchange.job import turn

    return [("notices", 1, notices.deliver), ("exchange", 5, lambda at: turn(home, at))]


def _long(home: Path) -> list[Job]:
    """What computes for minutes: one after the other, and only with what nobody else wants of the processor."""
    from kuangan.base import clock
    from kuangan.base.compliance import judging
    from kuangan.domains.rulebook import shadows, trials

    def last(job: Callable[[datetime], object]) -> Callable[[datetime], object]:
        def carried_out(at: datetime) -> object:
            if sys.platform == "linux":
                os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 19)
            return job(at)

        return carried_out

    return [
        ("rule trials", 2, last(lambda at: trials.turn(home, clock.now))),
        ("checks", CHECKS_S, last(judging.run)),
        ("rule shadows", 600, last(lambda at: shadows.turn(home, at))),
    ]


def jobs(configuration: Configuration, home: Path) -> list[Job]:
    """What the worker's one loop does."""
    from kuangan.base import audit, deadlines
    from kuangan.base.audit.heads import export_head
    from kuangan.base.registry.publication import write_config
    from kuangan.domains.datalink.exchange.retention import drop_settled
    from kuangan.domains.duty.weather.folder import watch
    from kuangan.domains.operations.checking import check_ended
    from kuangan.domains.responsibility.reminding import turn as remind_meetings
    from kuangan.domains.rulebook.publishing import publish
    from kuangan.domains.selfcheck.differing import compare_all
    from kuangan.domains.selfcheck.rounds import open_sheets
    from kuangan.site.carriers import write_broker_files
    from kuangan.site.wiring import HANDLERS

    broker = ("broker", 15.0, lambda at: write_broker_files(configuration, home / "mqtt", at))
    return [
        ("seal", 1, audit.seal),
        ("deadlines", 1, lambda at: deadlines.tick(at, HANDLERS)),
        ("register", 15, lambda at: write_config(home, at)),
        ("rulebook", 15, lambda at: publish(home, at)),
        ("weather", 5, lambda at: watch(home, at)),
        ("announcements", 30, lambda at: check_ended(home, at)),
        ("meetings", 120, remind_meetings),
        ("self-checks", 3, open_sheets),
        ("self-check differences", 3600, compare_all),
        ("heads", 3600, lambda at: export_head(home, at)),
        ("exchange retention", 3600, lambda at: drop_settled(home, configuration.exchange_days, at)),
        *([broker] if configuration.mqtt_url else []),
    ]


def _run(name: str, job: Callable[[datetime], object], at: datetime) -> None:
    """One job; what fails is logged and tried again at its next turn, the other jobs go on."""
    from django.db import close_old_connections

    close_old_connections()
    try:
        job(at)
    except Exception:
        log.exception("job %s failed", name)
