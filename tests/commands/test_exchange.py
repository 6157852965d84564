"""`kuangan exchange`, as an operator runs it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.commands.running import ROOT, command, environment

PREPARE = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "kuangan.site.settings"
import django
django.setup()
from django.db import transaction
from kuangan.base.clock import now, to_ms
from kuangan.base.registry.models import Mine
from kuangan.base.registry.regions import load_regions
from kuangan.domains.alerts.models import Alert
from kuangan.domains.alerts.sink import apply_events
from kuangan.domains.datalink.exchange.managing import Setup, set_up
from kuangan.domains.datalink.exchange.mapping import SHIPPED, mappings
from tests.walk.world import over_limit
at = now()
load_regions()
Mine.objects.create(code="140404900001", name="示例远峰煤业", kind="underground_coal", county_id="140404", city_id="140400")
with transaction.atomic():
    apply_events([over_limit("140404900001", at)], at)
set_up(mappings(SHIPPED)["warning"], Setup(True, "14", ("coal",), True), by=None, at=at, reason="接入")
print(Alert.objects.get().case.number)
"""


def prepare(home: Path) -> str:
    """One alert and the platform set up; the alert's number."""
    done = subprocess.run(
        [sys.executable, "-c", PREPARE],
        cwd=ROOT,
        env=environment(home, PYTHONPATH=f"{ROOT}:{ROOT / 'src'}"),
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return done.stdout.strip()


def test_a_platform_that_is_not_set_up_is_said(home: Path) -> None:
    assert [row["state"] for row in command(home, "exchange", "status", "--json").result["platforms"]] == ["never"]
    done = command(home, "exchange", "out", "warning", "--json")
    assert done.code == 2 and "no platform warning" in done.result["error"]


def test_out_in_and_the_report(home: Path, tmp_path: Path) -> None:
    number = prepare(home)
    assert command(home, "exchange", "out", "warning", "--json").result == {
        "platform": "warning", "made": 1, "filed": 1, "pushed": 0,
    }  # fmt: skip
    [path] = (home / "exchange/warning/out").iterdir()
    assert json.loads(path.read_bytes())["package"]["data"]["alert_no"] == number
    batch = tmp_path / "in.json"
    good = {"id": "1", "kind": "ack", "alert_no": number}
    batch.write_text(json.dumps({"schema": "kuangan.exchange.in/1", "records": [good, {"id": "2"}]}))
    done = command(home, "exchange", "in", "warning", batch, "--json")
    [answer] = done.result["files"].values()
    assert done.code == 0 and (answer["accepted"], answer["rejected"][0]["reason"]) == (1, "bad_record")
    (home / "exchange/warning/in").mkdir()
    (home / "exchange/warning/in/again.json").write_bytes(batch.read_bytes())
    assert command(home, "exchange", "in", "warning", "--json").result == {"platform": "warning", "files": 1}
    report = command(home, "exchange", "reconcile", "warning", "--json").result
    assert (report["counts"]["acked"], report["counts"]["ours"], len(report["rows"])) == (1, 0, 1)
    [row] = command(home, "exchange", "status", "--json").result["platforms"]
    assert (row["state"], row["mode"], row["waiting"], row["rejects"]) == ("on", "assist", 0, 1)
    assert command(home, "exchange", "reconcile", "warning", "--from", "x", "--json").code == 2
