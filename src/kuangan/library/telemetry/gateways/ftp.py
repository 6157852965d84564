"""The FTP carrier: pyftpdlib in a thread of its own; frames go to the gateway's event loop, answers come back."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from OpenSSL import SSL
from pyftpdlib.ioloop import AsyncChat, IOLoop
from pyftpdlib.servers import FTPServer

from kuangan.library.telemetry.files import replace_durably
from kuangan.library.telemetry.gateways.ftp_session import Accounts, PlainSession, TlsSession
from kuangan.library.telemetry.gateways.intake import Intake
from kuangan.library.telemetry.gateways.senders import Senders

log = logging.getLogger(__name__)
DAY_S: Final = 86_400
SWEEP_S: Final = 3_600
GRACE_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class FtpSettings:
    """Port 0 is any free one, told in the heartbeat. With a certificate TLS is offered, and asked for unless `plain`."""

    host: str
    port: int
    passive_ports: tuple[int, int] | None = None
    public_address: str = ""
    certificate: Path | None = None
    key: Path | None = None
    plain: bool = False
    connections: int = 1024
    connections_per_address: int = 64
    idle_s: int = 300
    login_pause_s: float = 3


class FtpGateway:
    """The server and the way between its thread and the event loop."""

    def __init__(self, intake: Intake, senders: Senders, home: Path, settings: FtpSettings) -> None:
        self.root = home / "ftp"
        self.limits = intake.limits
        self.senders = senders
        self.held = 0
        self._intake = intake
        self._loop = asyncio.get_running_loop()
        self._open = 0
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._ioloop = IOLoop()
        self._server = _server(self, settings, self._ioloop)
        self._bell = Bell(self._ioloop)
        self._ioloop.call_every(SWEEP_S, self._sweep)

    async def run(self, stop: asyncio.Event) -> None:
        """Serves until told to stop; what was received by then is stored and answered first."""
        thread = threading.Thread(target=self._serve, name="ftp", daemon=True)
        thread.start()
        await stop.wait()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(GRACE_S):
                while self._open:
                    await asyncio.sleep(0.02)
        self._bell.ring(self._server.close_all)
        await asyncio.to_thread(thread.join, GRACE_S)

    def state(self) -> dict[str, object]:
        """For the heartbeat."""
        return {"port": self._server.socket.getsockname()[1], "sessions": len(self._server.ip_map)}

    # --- called in the thread of the sessions -----------------------------------------------------------------------

    def full(self, more: int) -> bool:
        """Whether there is no room for so many bytes more, on the disk or in memory."""
        held = self._intake.in_flight + self.held + more
        return self._intake.disk_full or held > self.limits.in_flight_bytes

    def refuse(self, name: str, reason: str, size: int, address: str, sender: str) -> None:
        """Leaves a refusal frame."""
        self._loop.call_soon_threadsafe(self._intake.refuse, name, reason, size, address, sender)

    def deliver(self, name: str, source: str, payload: bytes, done: Callable[[bool], None]) -> None:
        """Makes a frame of a file; `done` is called in this thread with whether it is in the spool."""
        self._hand_over(self._intake.take(name, source, payload), done)

    def keep(self, path: Path, payload: bytes, done: Callable[[bool], None]) -> None:
        """Writes a file under its temporary name; `done` is called in this thread with whether it is durable."""
        self._hand_over(_kept(path, payload), done)

    def _hand_over(self, work: Coroutine[Any, Any, bool], done: Callable[[bool], None]) -> None:
        self._open += 1

        def told(future: Any) -> None:
            durable = not future.cancelled() and future.exception() is None and future.result()
            self._bell.ring(lambda: answer(durable))

        def answer(durable: bool) -> None:
            self._open -= 1
            done(durable)

        asyncio.run_coroutine_threadsafe(work, self._loop).add_done_callback(told)

    def _serve(self) -> None:
        self._sweep()
        self._server.serve_forever(handle_exit=False)

    def _sweep(self) -> None:
        """What lies under a temporary name for a day was given up by its sender."""
        before = time.time() - DAY_S
        for path in self.root.rglob("*"):
            with contextlib.suppress(FileNotFoundError):
                if path.is_file() and path.stat().st_mtime < before:
                    path.unlink()


class Bell(AsyncChat):
    """Wakes the thread of the sessions to make calls there."""

    def __init__(self, ioloop: IOLoop) -> None:
        ours, self._cord = socket.socketpair()
        self._cord.setblocking(False)
        self._calls: deque[Callable[[], object]] = deque()
        super().__init__(ours, ioloop=ioloop)

    def ring(self, call: Callable[[], object]) -> None:
        """From any thread: have this called soon."""
        self._calls.append(call)
        with contextlib.suppress(OSError):
            self._cord.send(b".")

    def handle_read(self) -> None:
        self.recv(4096)
        while self._calls:
            try:
                self._calls.popleft()()
            except Exception:
                log.exception("an answer over FTP failed")

    def close(self) -> None:
        super().close()
        self._cord.close()


def _server(link: FtpGateway, settings: FtpSettings, ioloop: IOLoop) -> FTPServer:
    logging.getLogger("pyftpdlib").setLevel(logging.WARNING)
    logging.getLogger("pyftpdlib").addHandler(logging.NullHandler())
    first, last = settings.passive_ports or (0, 0)
    options: dict[str, Any] = {
        "link": link,
        "authorizer": Accounts(link),
        "timeout": settings.idle_s,
        "auth_failed_timeout": settings.login_pause_s,
        "passive_ports": range(first, last + 1) if settings.passive_ports else None,
        "masquerade_address": settings.public_address or None,
    }
    base: type[Any] = PlainSession
    if settings.certificate is not None:
        base = TlsSession
        options |= {
            "certfile": str(settings.certificate),
            "keyfile": str(settings.key or settings.certificate),
            "ssl_options": TlsSession.ssl_options | SSL.OP_NO_TLSv1 | SSL.OP_NO_TLSv1_1,
            "ssl_context": None,
            "tls_control_required": not settings.plain,
            "tls_data_required": not settings.plain,
        }
    channel = type("Channel", (base.dtp_handler,), {"timeout": settings.idle_s})
    session = type("Session", (base,), {**options, "dtp_handler": channel})
    server = FTPServer((settings.host, settings.port), session, ioloop=ioloop)
    server.max_cons = settings.connections
    server.max_cons_per_ip = settings.connections_per_address
    return server


async def _kept(path: Path, payload: bytes) -> bool:
    def write(out: IO[bytes]) -> None:
        out.write(payload)

    try:
        await asyncio.to_thread(replace_durably, path, write)
    except OSError as error:
        log.error("a temporary file could not be kept: %s", error)
        return False
    return True
