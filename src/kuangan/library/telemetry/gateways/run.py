"""One gateway process: one spool writer, all carriers, a tick a second, configuration frames, heartbeat, sealing."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import uvicorn

from kuangan.library.telemetry.files import put
from kuangan.library.telemetry.frames import CONFIG, TICK, configuration_files, digest_of
from kuangan.library.telemetry.gateways.folder import FolderGateway
from kuangan.library.telemetry.gateways.ftp import FtpGateway, FtpSettings
from kuangan.library.telemetry.gateways.http import create_app
from kuangan.library.telemetry.gateways.intake import Intake, Limits
from kuangan.library.telemetry.gateways.mqtt import MqttGateway, MqttSettings
from kuangan.library.telemetry.gateways.senders import Senders
from kuangan.library.telemetry.spool import SpoolWriter
from kuangan.library.telemetry.upkeep import passed

HOUR: Final = 3_600_000
DAY: Final = 24 * HOUR


class _Server(uvicorn.Server):
    """Leaves signals to the gateway, which has frames to commit before it goes."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class Gateway:
    """The parts of one gateway within one event loop."""

    def __init__(self, home: Path, writer: SpoolWriter, limits: Limits, clock: Callable[[], int]) -> None:
        self.home = home
        self.intake = Intake(writer, limits, clock)
        self.stop = asyncio.Event()
        self.senders = Senders(home, clock)
        self.carriers: dict[str, FtpGateway | MqttGateway] = {}
        self._digests: dict[str, bytes] = {}
        self._hour = self._day = 0

    async def beat(self, server: _Server | None) -> None:
        """Each second of the clock: configuration that changed, one tick, disk check, heartbeat, hourly sealing."""
        sealing: asyncio.Task[None] | None = None
        while not self.stop.is_set():
            now = self.intake.clock()
            self.intake.disk_full = shutil.disk_usage(self.home).free < self.intake.limits.reserve_bytes
            if self.intake.limits.spool_days and now // DAY != self._day:
                self._day = now // DAY
                self._digests.clear()
            self.spool_config()
            self.intake.append(TICK, "tick", "clock", b"")
            self._heartbeat(now, server)
            if now // HOUR != self._hour and (sealing is None or sealing.done()):
                self._hour = now // HOUR
                sealing = asyncio.create_task(asyncio.to_thread(self._seal, self._hour * HOUR))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.stop.wait(), (1000 - self.intake.clock() % 1000) / 1000)
        if sealing is not None:
            await sealing

    def _seal(self, before: int) -> None:
        """Seals the hours that are over, and removes segments past their days that the engine will not ask for again."""
        writer, days = self.intake.writer, self.intake.limits.spool_days
        writer.seal(before)
        if days:
            writer.retire(before - days * DAY, passed(self.home, writer.gateway))

    def spool_config(self) -> None:
        """Spools every configuration file whose content is not the one spooled last.

        Each day of a spool that is cut at its old end begins with all of them, so that it can be judged from there.
        """
        for path in [*configuration_files(self.home), self.home / "senders.json"]:
            try:
                payload = path.read_bytes()
            except OSError:
                continue
            digest = digest_of(payload)
            if self._digests.get(path.stem) != digest:
                self._digests[path.stem] = digest
                self.intake.append(CONFIG, path.stem, "home", payload)

    def _heartbeat(self, now: int, server: _Server | None) -> None:
        writer = self.intake.writer
        path = self.home / "run" / f"gateway-{writer.gateway}.json"
        content = {
            "gateway": writer.gateway,
            "pid": os.getpid(),
            "port": _port(server),
            "clock": now,
            "seq": self.intake.committed,
            "pending": writer.pending_frames,
            "disk_full": self.intake.disk_full,
            "senders": self.senders.damaged,
            "carriers": {name: carrier.state() for name, carrier in self.carriers.items()},
        }
        put(path, json.dumps(content))


@dataclass(frozen=True, slots=True)
class Offered:
    """What carriers a gateway offers, as `run` is told."""

    host: str
    port: int | None
    watch: Path | None
    mirror: bool
    ftp: FtpSettings | None
    mqtt: MqttSettings | None


def run(
    home: Path,
    gateway: str,
    *,
    clock: Callable[[], int],
    host: str = "127.0.0.1",
    port: int | None = None,
    watch: Path | None = None,
    mirror: bool = False,
    limits: Limits | None = None,
    ftp: FtpSettings | None = None,
    mqtt: MqttSettings | None = None,
    stop_event: threading.Event | None = None,
) -> None:
    """Runs a gateway until SIGTERM, SIGINT or `stop_event`; raises Locked while another process is this gateway.

    `clock` gives Unix ms. `port` None: no HTTP, 0: any free port (told in the heartbeat). `watch`: the folder carrier; `ftp`, `mqtt`: those carriers, None without them.
    """
    with SpoolWriter(home, gateway) as writer:
        offered = Offered(host, port, watch, mirror, ftp, mqtt)
        asyncio.run(_serve(home, writer, clock, offered, limits or Limits(), stop_event))


async def _serve(
    home: Path,
    writer: SpoolWriter,
    clock: Callable[[], int],
    offered: Offered,
    limits: Limits,
    stop_event: threading.Event | None,
) -> None:
    parts = Gateway(home, writer, limits, clock)
    _stop_on_signals(parts.stop)
    committer = asyncio.create_task(parts.intake.run())
    server = None if offered.port is None else _server(parts, offered.host, offered.port)
    if offered.ftp is not None:
        parts.carriers["ftp"] = FtpGateway(parts.intake, Senders(home, clock), home, offered.ftp)
    if offered.mqtt is not None:
        parts.carriers["mqtt"] = MqttGateway(parts.intake, Senders(home, clock), offered.mqtt)
    try:
        async with asyncio.TaskGroup() as tasks:
            if server is not None:
                tasks.create_task(_serve_http(server, parts.stop))
                tasks.create_task(_end_http(server, parts.stop))
            if offered.watch is not None:
                index = home / "run" / f"mirror-{writer.gateway}.json"
                folder = FolderGateway(parts.intake, Senders(home, clock), offered.watch, offered.mirror, index)
                tasks.create_task(folder.run(parts.stop))
            for carrier in parts.carriers.values():
                tasks.create_task(carrier.run(parts.stop))
            if stop_event is not None:
                tasks.create_task(_follow(stop_event, parts.stop))
            tasks.create_task(parts.beat(server))
    finally:
        parts.stop.set()
        committer.cancel()
        parts.intake.commit()


def _server(parts: Gateway, host: str, port: int) -> _Server:
    app = create_app(parts.intake, Senders(parts.home, parts.intake.clock))
    return _Server(uvicorn.Config(app, host=host, port=port, log_level="warning", access_log=False, lifespan="off"))


async def _serve_http(server: _Server, stop: asyncio.Event) -> None:
    await server.serve()
    stop.set()


async def _end_http(server: _Server, stop: asyncio.Event) -> None:
    await stop.wait()
    server.should_exit = True


async def _follow(event: threading.Event, stop: asyncio.Event) -> None:
    while not event.is_set() and not stop.is_set():
        await asyncio.sleep(0.1)
    stop.set()


def _stop_on_signals(stop: asyncio.Event) -> None:
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)


def _port(server: _Server | None) -> int | None:
    if server is None or not server.started:
        return None
    return int(server.servers[0].sockets[0].getsockname()[1])
