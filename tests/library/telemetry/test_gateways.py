from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from kuangan.library.telemetry.frames import CONFIG, REFUSAL, TICK, UPLOAD
from kuangan.library.telemetry.gateways.intake import Limits
from kuangan.library.telemetry.spool import SpoolReader
from tests.library.telemetry.gatewaying import gateway, spooled, wait_for, write_senders
from tests.library.telemetry.wire import MINE, NAME, record, wire

GOOD = wire(record(1))
OTHER = NAME.replace(MINE, "140581990002")


def post(url: str, token: str, *files: tuple[str, bytes]) -> httpx.Response:
    parts = [("file", (name, payload)) for name, payload in files]
    return httpx.post(f"{url}/v1/frames", headers={"Authorization": f"Bearer {token}"}, files=parts, timeout=30)


def test_what_is_answered_as_stored_is_in_the_spool(tmp_path: Path) -> None:
    write_senders(tmp_path, mine=[MINE], forwarder=["*"])
    with gateway(tmp_path) as url:
        answer = post(url, "mine", (NAME, GOOD), (OTHER, GOOD), ("notes.txt", b"x"))
        assert answer.status_code == 200
        stored, foreign, unnamed = answer.json()["frames"]
        assert (stored["name"], stored["status"]) == (NAME, "stored")
        assert (foreign["status"], foreign["reason"]) == ("refused", "foreign_mine")
        assert (unnamed["status"], unnamed["reason"]) == ("refused", "unnamed")
        assert SpoolReader(tmp_path, "g").frame(stored["seq"]).payload == GOOD
        raw = httpx.post(
            f"{url}/v1/frames",
            content=b"\x00\xff",
            headers={"Authorization": "Bearer forwarder", "X-Frame-Name": OTHER},
        )
        assert raw.json()["frames"][0]["status"] == "stored"
        assert httpx.get(f"{url}/v1/health").json() == {"gateway": "g", "status": "ok"}
    frames = spooled(tmp_path, UPLOAD)
    assert [(each.name, each.mine, each.source) for each in frames] == [
        (NAME, MINE, "http:mine"),
        (OTHER, "140581990002", "http:forwarder"),
    ]
    assert frames[1].payload == b"\x00\xff"
    assert [json.loads(each.payload)["reason"] for each in spooled(tmp_path, REFUSAL)] == ["foreign_mine", "unnamed"]


def test_a_wrong_token_is_refused_and_a_new_one_works_at_once(tmp_path: Path) -> None:
    write_senders(tmp_path, old=["*"])
    with gateway(tmp_path) as url:
        assert post(url, "new", (NAME, GOOD)).status_code == 401
        assert httpx.post(f"{url}/v1/frames", content=b"x").status_code == 401
        write_senders(tmp_path, new=["*"])
        assert post(url, "new", (NAME, GOOD)).status_code == 200
        assert post(url, "old", (NAME, GOOD)).status_code == 401
    assert len(spooled(tmp_path, UPLOAD)) == 1
    assert {json.loads(each.payload)["reason"] for each in spooled(tmp_path, REFUSAL)} == {"token"}


def test_an_upload_of_200_megabytes_is_refused_while_it_streams(tmp_path: Path) -> None:
    write_senders(tmp_path, mine=["*"])
    sent = itertools.count()

    def body() -> Iterator[bytes]:
        for _ in range(200):
            next(sent)
            yield bytes(1 << 20)

    with gateway(tmp_path) as url:
        headers = {"Authorization": "Bearer mine", "X-Frame-Name": NAME}
        declared = httpx.post(f"{url}/v1/frames", content=body(), headers={**headers, "Content-Length": str(200 << 20)})
        assert declared.status_code == 413
        try:
            chunked = httpx.post(f"{url}/v1/frames", content=body(), headers=headers).status_code
        except (httpx.WriteError, httpx.ReadError):
            chunked = 413
        assert chunked == 413
        assert (
            post(url, "mine", ("big_" + NAME, bytes(2 << 20)), (NAME, GOOD)).json()["frames"][1]["status"] == "stored"
        )
    assert next(sent) < 200
    assert [each.payload for each in spooled(tmp_path, UPLOAD)] == [GOOD]
    assert json.loads(spooled(tmp_path, REFUSAL)[0].payload)["reason"] == "too_large"
    assert json.loads(spooled(tmp_path, REFUSAL)[0].payload)["size"] == 200 << 20


def test_a_request_that_breaks_off_stores_nothing(tmp_path: Path) -> None:
    write_senders(tmp_path, mine=["*"])
    with gateway(tmp_path) as url:
        body = b'--b\r\nContent-Disposition: form-data; name="f"; filename="' + NAME.encode() + b'"\r\n\r\n' + GOOD
        headers = {"Authorization": "Bearer mine", "Content-Type": "multipart/form-data; boundary=b"}
        assert httpx.post(f"{url}/v1/frames", content=body, headers=headers).status_code == 400
    assert spooled(tmp_path, UPLOAD) == []


def test_a_nearly_full_disk_answers_with_a_retry(tmp_path: Path) -> None:
    write_senders(tmp_path, mine=["*"])
    with gateway(tmp_path, limits=Limits(reserve_bytes=1 << 60)) as url:
        answer = post(url, "mine", (NAME, GOOD))
        assert (answer.status_code, answer.headers["Retry-After"]) == (507, "30")
        assert httpx.get(f"{url}/v1/health").status_code == 507


def test_refusals_of_one_sender_are_counted_out(tmp_path: Path) -> None:
    write_senders(tmp_path, mine=[MINE])
    with gateway(tmp_path, limits=Limits(refusals_per_minute=3, reserve_bytes=0)) as url:
        post(url, "mine", *[(OTHER, b"x")] * 50)
    assert 3 <= len(spooled(tmp_path, REFUSAL)) <= 6


def test_one_tick_a_second_and_configuration_whenever_it_changes(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config/register.json").write_text('{"mines": 1}')
    write_senders(tmp_path, mine=[MINE])
    with gateway(tmp_path):
        wait_for(lambda: len(spooled(tmp_path, TICK)) >= 2)
        (tmp_path / "config/register.json").write_text('{"mines": 2}')
        wait_for(lambda: len(spooled(tmp_path, CONFIG)) == 3)
        wait_for(lambda: len(spooled(tmp_path, TICK)) >= 4)
    configs = [(each.name, each.payload) for each in spooled(tmp_path, CONFIG)]
    assert configs[0] == ("register", b'{"mines": 1}')
    assert configs[1][0] == "senders"
    assert configs[2] == ("register", b'{"mines": 2}')
    seconds = [each.received_at // 1000 for each in spooled(tmp_path, TICK)]
    assert seconds == sorted(set(seconds))


def test_the_watched_folder_takes_complete_files_and_deletes_them(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    (inbox / MINE).mkdir(parents=True)
    (inbox / NAME).write_bytes(GOOD)
    (inbox / MINE / NAME.replace("20.txt", "30.txt")).write_bytes(wire(record(2)))
    half = inbox / NAME.replace("20.txt", "40.txt")
    half.write_bytes(GOOD[:50])
    (inbox / "video_cameraStatus.json").write_bytes(b"[]")
    (inbox / ".hidden").write_bytes(b"||")
    with gateway(tmp_path, watch=inbox):
        wait_for(lambda: len(spooled(tmp_path, UPLOAD)) == 3)
        time.sleep(0.5)
        assert half.exists()
        half.write_bytes(wire(record(3)))
        wait_for(lambda: not half.exists())
    assert {each.payload for each in spooled(tmp_path, UPLOAD)} == {GOOD, wire(record(2)), b"[]", wire(record(3))}
    assert [path.name for path in inbox.rglob("*") if path.is_file()] == [".hidden"]


def test_a_file_that_stays_incomplete_is_spooled_in_the_end(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / NAME).write_bytes(GOOD[:50])
    limits = Limits(incomplete_file_minutes=0.01, scan_seconds=0.2, reserve_bytes=0)
    with gateway(tmp_path, watch=inbox, limits=limits):
        wait_for(lambda: spooled(tmp_path, UPLOAD))
    assert spooled(tmp_path, UPLOAD)[0].payload == GOOD[:50]


def test_mirror_mode_leaves_files_and_takes_each_version_once(tmp_path: Path) -> None:
    inbox = tmp_path / "tapped"
    inbox.mkdir()
    (inbox / NAME).write_bytes(GOOD)
    for _ in range(2):
        with gateway(tmp_path, watch=inbox, mirror=True):
            wait_for(lambda: spooled(tmp_path, UPLOAD))
            time.sleep(0.6)
    assert len(spooled(tmp_path, UPLOAD)) == 1
    with gateway(tmp_path, watch=inbox, mirror=True):
        (inbox / NAME).write_bytes(wire(record(2)))
        wait_for(lambda: len(spooled(tmp_path, UPLOAD)) == 2)
    assert (inbox / NAME).read_bytes() == wire(record(2))


PROCESS = """
import sys, time
from pathlib import Path
from kuangan.library.telemetry.gateways.intake import Limits
from kuangan.library.telemetry.gateways.run import run
run(Path(sys.argv[1]), "g", clock=lambda: time.time_ns() // 1_000_000, port=0, limits=Limits(reserve_bytes=0))
"""


@pytest.mark.kills
def test_a_gateway_ends_tidily_on_sigterm_and_loses_nothing_answered_on_sigkill(tmp_path: Path) -> None:
    write_senders(tmp_path, mine=["*"])
    beat = tmp_path / "run" / "gateway-g.json"
    answered: list[int] = []
    for number, fate in enumerate((signal.SIGKILL, signal.SIGKILL, signal.SIGTERM)):
        beat.unlink(missing_ok=True)
        process = subprocess.Popen([sys.executable, "-c", PROCESS, str(tmp_path)])
        port = wait_for(lambda: beat.exists() and json.loads(beat.read_text())["port"])
        for turn in range(4):
            answer = post(f"http://127.0.0.1:{port}", "mine", (NAME, wire(record(number * 10 + turn))))
            answered.append(answer.json()["frames"][0]["seq"])
        os.kill(process.pid, fate)
        code = process.wait(20)
        assert code == (0 if fate == signal.SIGTERM else -fate)
    assert {each.seq for each in spooled(tmp_path, UPLOAD)} >= set(answered)
    assert len(answered) == len(set(answered)) == 12
