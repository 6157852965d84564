"""What cameras tell over HTTP: stored byte for byte under the name of its mine, answered as the interface says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from kuangan.library.telemetry.decode import decode
from kuangan.library.telemetry.frames import REFUSAL, UPLOAD
from kuangan.library.telemetry.gateways.intake import Limits
from tests.library.telemetry.gatewaying import gateway, spooled, write_senders
from tests.library.telemetry.wire import MINE

OTHER = "140581990002"


def item(mine: str = MINE, **said: Any) -> dict[str, Any]:
    told = {"cameraCode": f"{MINE}01010101", "analysisType": "03", "analysisCase": "0001", "localFiles": []}
    return told | {"dataTime": "2026-03-10 08:15:20", "mineCode": mine} | said


def post(url: str, path: str, body: bytes, token: str = "mine") -> httpx.Response:
    return httpx.post(f"{url}/mine/ai/{path}", content=body, headers={"Authorization": f"Bearer {token}"}, timeout=30)


def test_an_array_is_one_frame_byte_for_byte_and_read_as_events(tmp_path: Path) -> None:
    write_senders(tmp_path, mine=[MINE])
    body = json.dumps([item(), item(analysisCase="0006")], indent=3).encode()
    with gateway(tmp_path) as url:
        answer = post(url, "videoAnomaly", body)
        assert (answer.status_code, answer.json()) == (200, {"code": 200, "msg": "success"})
    frame = spooled(tmp_path, UPLOAD)[0]
    assert (frame.payload, frame.mine, frame.source) == (body, MINE, "http:mine")
    assert frame.name.startswith(f"{MINE}_videoAnomaly_2")
    decoded = decode([frame])
    assert decoded.outcomes[0].good == 2
    assert decoded.kept["events"].select("category", "level").rows() == [
        ("video_anomaly", "0001"),
        ("video_anomaly", "0006"),
    ]


@pytest.mark.parametrize("path", ["camera", "cameraStatus", "countingRecog", "undergroundCount", "importPersonCount"])
def test_every_path_takes_an_array(tmp_path: Path, path: str) -> None:
    write_senders(tmp_path, mine=[MINE])
    with gateway(tmp_path) as url:
        assert post(url, path, json.dumps([item()]).encode()).json()["code"] == 200
    assert len(spooled(tmp_path, UPLOAD)) == 1


def test_an_array_without_a_mine_belongs_to_the_one_its_sender_speaks_for(tmp_path: Path) -> None:
    write_senders(tmp_path, mine=[MINE], several=[MINE, OTHER])
    body = json.dumps([{"analysisCase": "0025", "dataTime": "2026-03-10 08:15:20"}]).encode()
    with gateway(tmp_path) as url:
        assert post(url, "undergroundCount", body).json()["code"] == 200
        assert post(url, "undergroundCount", body, "several").json() == {"code": 400, "msg": "mine_differs"}
    assert [frame.mine for frame in spooled(tmp_path, UPLOAD)] == [MINE]


def test_what_is_not_taken_says_why_and_leaves_a_refusal(tmp_path: Path) -> None:
    write_senders(tmp_path, mine=[MINE], all=["*"])
    good = json.dumps([item()]).encode()
    with gateway(tmp_path, limits=Limits(frame_bytes=10_000, reserve_bytes=0)) as url:
        answers = [
            post(url, "videoAnomaly", good, "wrong"),
            post(url, "videoAnomaly", json.dumps([item(OTHER)]).encode()),
            post(url, "videoAnomaly", json.dumps([item(), item(OTHER)]).encode(), "all"),
            post(url, "videoAnomaly", b"no array"),
            post(url, "videoAnomaly", b'{"mineCode": "x"}'),
            post(url, "videoAnomaly", json.dumps([item(imagesBase64=["A" * 20_000])]).encode()),
            post(url, "somethingElse", good),
        ]
        assert [(each.status_code, each.json()["code"]) for each in answers] == [
            *((401, 401), (403, 403), (400, 400), (400, 400), (400, 400), (413, 413), (404, 404)),
        ]
    assert spooled(tmp_path, UPLOAD) == []
    reasons = [json.loads(each.payload)["reason"] for each in spooled(tmp_path, REFUSAL)]
    assert reasons == ["token", "foreign_mine", "mine_differs", "malformed", "malformed", "too_large"]
