"""The mines' side: files are offered in order, again and again until the gateway acknowledges them, and every answer is kept."""

from __future__ import annotations

import ftplib
import hashlib
import io
import threading
import time
import zlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.broker import Broker
from tests.kills.fleet import STEP_WALL_S, Fleet, Offer
from tests.kills.installation import SENDER, TOKEN, Installation

POST_FILES = 40
PUBLISHER = "publisher"


@dataclass
class Sent:
    """What was offered how often, and what was acknowledged: over HTTP with its number, by the other carriers without."""

    offered: Counter[tuple[str, bytes]] = field(default_factory=Counter)
    acknowledged: list[tuple[str, bytes, int | None]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note_offer(self, offer: Offer) -> None:
        with self.lock:
            self.offered[key_of(offer)] += 1

    def note_answer(self, offer: Offer, seq: int | None) -> None:
        with self.lock:
            self.acknowledged.append((*key_of(offer), seq))


def key_of(offer: Offer) -> tuple[str, bytes]:
    """Name and digest."""
    return offer.name, hashlib.sha256(offer.payload).digest()


class Senders:
    """A thread for each carrier: one posts over HTTP like a forwarder, one puts files into the watched folder like a mine
    does, one stores by FTP, with and without a temporary name, one publishes by MQTT.
    """

    def __init__(self, fleet: Fleet, installation: Installation, broker: Broker) -> None:
        self.fleet, self.url, self.inbox = fleet, installation.url, installation.home / "inbox"
        self.ftp_port, self.broker = installation.ftp_port, broker
        self.headers = {"Authorization": f"Bearer {TOKEN}"}
        self.sent = Sent()
        self.stop = threading.Event()
        self.faults: list[str] = []
        self._threads = [threading.Thread(target=self._guarded, args=(run,)) for run in self._carriers()]

    def start(self) -> None:
        self.began = time.monotonic()
        for thread in self._threads:
            thread.start()

    def end(self) -> list[str]:
        """No new files; what was begun is offered until it is acknowledged. Gives what went wrong."""
        self.stop.set()
        for thread in self._threads:
            thread.join(60)
        stuck = [thread.name for thread in self._threads if thread.is_alive()]
        return [*self.faults, *(f"sender {name} is stuck" for name in stuck)]

    @property
    def step(self) -> int:
        return int((time.monotonic() - self.began) / STEP_WALL_S)

    def _guarded(self, run: object) -> None:
        try:
            run()
        except Exception as error:
            self.faults.append(f"sender: {type(error).__name__}: {error}")

    def _carriers(self) -> tuple[Callable[[], None], ...]:
        return self._post, self._put, self._store, self._publish

    def _due(self, carrier: str, made: int) -> tuple[list[Offer], int]:
        now = self.step
        mines = [mine for mine in range(self.fleet.mines) if self.fleet.carrier(mine) == carrier]
        due = [each for step in range(made, now) for mine in mines for each in self.fleet.offers(mine, step)]
        return due, now

    def _post(self) -> None:
        made, waiting = 0, list[Offer]()
        with httpx.Client(base_url=self.url, headers=self.headers, timeout=10) as client:
            while waiting or not self.stop.is_set():
                if not self.stop.is_set():
                    due, made = self._due("http", made)
                    waiting += due
                if waiting and self._offer(client, waiting[:POST_FILES]):
                    del waiting[:POST_FILES]
                else:
                    time.sleep(0.1)

    def _offer(self, client: httpx.Client, offers: list[Offer]) -> bool:
        for offer in offers:
            self.sent.note_offer(offer)
        try:
            answer = client.post("/v1/frames", files=[("file", (each.name, each.payload)) for each in offers])
        except httpx.TransportError:
            return False
        if answer.status_code != 200:
            self.faults.append(f"answer {answer.status_code}: {answer.text[:200]}")
            return False
        for offer, row in zip(offers, answer.json()["frames"], strict=True):
            if (row["name"], row["status"]) != (offer.name, "stored"):
                self.faults.append(f"{offer.name} was answered {row}")
            self.sent.note_answer(offer, row["seq"])
        return True

    def _one_by_one(self, carrier: str, send: Callable[[Offer], bool]) -> None:
        """Offers a file until it is acknowledged, then the next."""
        made, waiting = 0, list[Offer]()
        while waiting or not self.stop.is_set():
            if not self.stop.is_set():
                due, made = self._due(carrier, made)
                waiting += due
            if waiting:
                self.sent.note_offer(waiting[0])
            if waiting and send(waiting[0]):
                self.sent.note_answer(waiting.pop(0), None)
            else:
                time.sleep(0.1)

    def _store(self) -> None:
        """Every other file under a temporary name, which is then changed."""
        session: ftplib.FTP | None = None

        def store(offer: Offer) -> bool:
            nonlocal session
            try:
                session = session or self._session()
                session.cwd(f"/{self.fleet.code(offer.mine)}")
                renaming = zlib.crc32(offer.payload) % 2 == 1
                session.storbinary(f"STOR {offer.name}{'.part' * renaming}", io.BytesIO(offer.payload))
                if renaming:
                    session.rename(f"{offer.name}.part", offer.name)
            except (OSError, EOFError):
                if session is not None:
                    session.close()
                session = None
                return False
            return True

        self._one_by_one("ftp", store)
        if session is not None:
            session.close()

    def _session(self) -> ftplib.FTP:
        session = ftplib.FTP(timeout=10)
        session.encoding = "utf-8"
        try:
            session.connect("127.0.0.1", self.ftp_port)
            session.login(SENDER, TOKEN)
            for mine in range(self.fleet.mines):
                if self.fleet.carrier(mine) == "ftp":
                    session.mkd(self.fleet.code(mine))
        except (OSError, EOFError, ftplib.Error):
            session.close()
            raise
        return session

    def _publish(self) -> None:
        """The broker's acknowledgement counts: from then on it and the gateway answer for the file."""

        def publish(offer: Offer) -> bool:
            topic = f"kuangan/{self.fleet.code(offer.mine)}/{offer.name}"
            return self.broker.publish(PUBLISHER, TOKEN, topic, offer.payload).returncode == 0

        self._one_by_one("mqtt", publish)

    def _put(self) -> None:
        made = 0
        waiting: list[Offer] = []
        lying: dict[str, Offer] = {}
        while waiting or lying or not self.stop.is_set():
            if not self.stop.is_set():
                due, made = self._due("folder", made)
                waiting += due
            for name in [name for name in lying if not self._path(lying[name]).exists()]:
                self.sent.note_answer(lying.pop(name), None)
            left: list[Offer] = []
            held: set[int] = set()
            for offer in waiting:
                if offer.mine in held or offer.name in lying:
                    held.add(offer.mine)
                    left.append(offer)
                else:
                    self._write(offer)
                    lying[offer.name] = offer
            waiting = left
            time.sleep(0.05)

    def _path(self, offer: Offer) -> Path:
        return self.inbox / self.fleet.code(offer.mine) / offer.name

    def _write(self, offer: Offer) -> None:
        path = self._path(offer)
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.tmp")
        draft.write_bytes(offer.payload)
        self.sent.note_offer(offer)
        draft.rename(path)
