"""Socket → spool: a gateway process takes files over HTTP; a request is answered when its files are on the disk.

Several senders at once, as a gateway gathers for a fifth of a second what it makes durable together.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import httpx

from kuangan.library.telemetry.frames import Frame
from kuangan.site.bench.inputs import batches, real_time_files, records_in
from kuangan.site.bench.stages import Task

FILES_A_REQUEST: Final = 50
SENDERS: Final = 8
MOST_FILES: Final = 5_000
TOKEN: Final = "ka_bench"
START_S: Final = 30.0


class NotReady(RuntimeError):
    """A process did not answer in time."""


def measure(task: Task) -> dict[str, Any]:
    """Readings a second from the first byte sent to the last answer."""
    files = [frame for part in batches(task.home) for frame in real_time_files(part)][:MOST_FILES]
    home = task.home / "gateway"
    home.mkdir()
    digest = hashlib.sha256(TOKEN.encode()).hexdigest()
    sender = {"id": "1", "name": "bench", "token_sha256": digest, "codes": ["*"], "disabled": False}
    (home / "senders.json").write_text(json.dumps({"senders": [sender]}))
    script = (
        "import sys, time; from pathlib import Path; from kuangan.library.telemetry.gateways.run import run; "
        "run(Path(sys.argv[1]), 'g1', clock=lambda: time.time_ns() // 1_000_000, port=0)"
    )
    gateway = subprocess.Popen([sys.executable, "-c", script, str(home)])
    try:
        with httpx.Client(
            base_url=f"http://127.0.0.1:{_port(home / 'run' / 'gateway-g1.json', gateway)}",
            headers={"Authorization": f"Bearer {TOKEN}"},
            timeout=60,
            trust_env=False,
        ) as client:
            took = _send(client, files)
    finally:
        gateway.terminate()
        gateway.wait()
    return {"socket_to_spool_readings_per_second": records_in(files) / took}


def _port(beat: Any, gateway: subprocess.Popen[bytes]) -> int:
    """The port that the gateway tells in its heartbeat."""
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and gateway.poll() is None:
        if beat.exists() and (port := json.loads(beat.read_text())["port"]):
            return int(port)
        time.sleep(0.05)
    raise NotReady("the gateway did not start")


def _send(client: httpx.Client, files: list[Frame]) -> float:
    requests = [files[first : first + FILES_A_REQUEST] for first in range(0, len(files), FILES_A_REQUEST)]

    def post(part: list[Frame]) -> None:
        answer = client.post("/v1/frames", files=[("frame", (file.name, file.payload)) for file in part])
        answer.raise_for_status()
        assert all(each["status"] == "stored" for each in answer.json()["frames"]), "every file is taken"

    began = time.perf_counter()
    with ThreadPoolExecutor(SENDERS) as pool:
        list(pool.map(post, requests))
    return time.perf_counter() - began
