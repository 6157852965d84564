"""The mines' side: files are offered in order, again and again until the gateway acknowledges them, and every answer is kept."""

from __future__ import annotations

import hashlib
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.kills.fleet import STEP_WALL_S, Fleet, Offer

POST_FILES = 40


@dataclass
class Sent:
    """What was offered how often, and what was acknowledged: over HTTP with its number, by folder without."""

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
    """Two threads: one posts over HTTP like a forwarder, one puts files into the watched folder like a mine does."""

    def __init__(self, fleet: Fleet, url: str, token: str, inbox: Path) -> None:
        self.fleet, self.url, self.inbox = fleet, url, inbox
        self.headers = {"Authorization": f"Bearer {token}"}
        self.sent = Sent()
        self.stop = threading.Event()
        self.faults: list[str] = []
        self._threads = [threading.Thread(target=self._guarded, args=(run,)) for run in (self._post, self._put)]

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
            run()  # type: ignore[operator]
        except Exception as error:
            self.faults.append(f"sender: {type(error).__name__}: {error}")

    def _due(self, folder: bool, made: int) -> tuple[list[Offer], int]:
        now = self.step
        mines = [mine for mine in range(self.fleet.mines) if self.fleet.by_folder(mine) == folder]
        due = [each for step in range(made, now) for mine in mines for each in self.fleet.offers(mine, step)]
        return due, now

    def _post(self) -> None:
        made, waiting = 0, list[Offer]()
        with httpx.Client(base_url=self.url, headers=self.headers, timeout=10) as client:
            while waiting or not self.stop.is_set():
                if not self.stop.is_set():
                    due, made = self._due(False, made)
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

    def _put(self) -> None:
        made = 0
        waiting: list[Offer] = []
        lying: dict[str, Offer] = {}
        while waiting or lying or not self.stop.is_set():
            if not self.stop.is_set():
                due, made = self._due(True, made)
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
