"""What the site answers to whoever is not signed in, and the figures for Prometheus."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from kuangan.site.metrics import Beats


@pytest.mark.django_db
def test_interfaces_answer_401_and_pages_lead_to_the_sign_in() -> None:
    answer = Client().get("/api/v1/alerts")
    assert (answer.status_code, answer.json()) == (401, {"detail": "请先登录"})
    page = Client().get("/")
    assert (page.status_code, page.headers["Location"].partition("?")[0]) == (302, "/accounts/login/")


@pytest.mark.django_db
@pytest.mark.parametrize("authorization", ["", "Bearer ", "Bearer wrong", "Bearer 错"])
def test_figures_are_hidden_from_whoever_has_no_token(authorization: str) -> None:
    given = {"HTTP_AUTHORIZATION": authorization} if authorization else {}
    assert Client().get("/metrics", **given).status_code == 404


@pytest.mark.django_db
def test_figures_are_given_to_whoever_has_the_token() -> None:
    token = settings.KUANGAN.secret("metrics_token")
    answer = Client().get("/metrics", HTTP_AUTHORIZATION=f"Bearer {token}")
    assert answer.status_code == 200
    assert b'kuangan_beat_ms{process="worker"}' in answer.content


def test_figures_come_from_the_heartbeats_and_pass_over_foreign_files(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "hot").mkdir()
    (tmp_path / "hot" / "status.json").write_text(json.dumps({"wall": 7000, "points": 55}))
    (tmp_path / "run" / "gateway-g1.json").write_text(json.dumps({"clock": 6000}))
    (tmp_path / "run" / "gateway-notes.json").write_bytes(b"\xff not ours")
    (tmp_path / "run" / "worker.json").write_text("[]")
    samples = {
        (sample.name, *sample.labels.values()): sample.value
        for metric in Beats(tmp_path).collect()
        for sample in metric.samples
    }
    assert samples == {
        ("kuangan_points",): 55.0,
        ("kuangan_beat_ms", "engine"): 7000.0,
        ("kuangan_beat_ms", "gateway-g1"): 6000.0,
        ("kuangan_beat_ms", "worker"): 0.0,
    }
