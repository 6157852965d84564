"""The MQTT carrier with a real Mosquitto and mosquitto_pub."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kuangan.library.telemetry.frames import UPLOAD
from kuangan.library.telemetry.gateways.intake import Limits
from kuangan.library.telemetry.gateways.mosquitto import BrokerUser, access_list, password_hash
from tests.broker import GATEWAY, GATEWAY_PASSWORD, Broker, user
from tests.library.telemetry.gatewaying import DYING, account, beat, gateway, publish, refusals, spooled, wait_for
from tests.library.telemetry.wire import MINE, NAME, record, wire

GOOD = wire(record(1))
OTHER_MINE = "140581990002"
TOPIC = f"kuangan/{MINE}/{NAME}"
LIMITS = Limits(frame_bytes=1 << 20, reserve_bytes=0)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    publish(tmp_path, [account("token", [MINE], id="12"), account("all", [OTHER_MINE], id="13")])
    return tmp_path


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    users = [user("12.1", "token", [MINE]), user("13.1", "all", ["*"])]
    with Broker(tmp_path / "broker", users) as made:
        yield made


def connected(home: Path) -> bool:
    return bool(beat(home).get("carriers", {}).get("mqtt", {}).get("connected"))


def payloads(home: Path) -> list[bytes]:
    return [frame.payload for frame in spooled(home, UPLOAD)]


def test_the_access_list_binds_senders_to_their_mines() -> None:
    users = [BrokerUser("12.1", "x", [MINE, OTHER_MINE]), BrokerUser("13.2", "y", ["*"])]
    assert access_list(users, BrokerUser("gateway", "z", []), "kuangan").split("\n\n") == [
        "user gateway\ntopic read kuangan/#",
        f"user 12.1\ntopic write kuangan/{MINE}/+\ntopic write kuangan/{OTHER_MINE}/+",
        "user 13.2\ntopic write kuangan/+/+\n",
    ]


@pytest.mark.broker
def test_the_hash_is_the_one_that_mosquitto_passwd_makes(tmp_path: Path) -> None:
    path = tmp_path / "passwords"
    path.touch(mode=0o600)
    subprocess.run(["mosquitto_passwd", "-b", str(path), "12.1", "token"], check=True, capture_output=True)
    name, made = path.read_text().strip().split(":", 1)
    import base64

    salt = base64.b64decode(made.split("$")[3])
    assert (name, made) == ("12.1", password_hash("token", salt))


@pytest.mark.broker
def test_a_message_becomes_a_frame_and_the_heartbeat_tells_of_the_connection(home: Path, broker: Broker) -> None:
    with gateway(home, mqtt=broker.settings(), limits=LIMITS):
        wait_for(lambda: connected(home))
        assert broker.publish("12.1", "token", TOPIC, GOOD).returncode == 0
        wait_for(lambda: payloads(home) == [GOOD])
        wait_for(lambda: beat(home)["carriers"]["mqtt"]["received"] == 1)
        broker.stop()
        wait_for(lambda: not connected(home))
        broker.start()
        wait_for(lambda: connected(home))
    frame = spooled(home, UPLOAD)[0]
    assert (frame.name, frame.mine, frame.source) == (NAME, MINE, f"mqtt:{MINE}")


@pytest.mark.broker
def test_the_broker_refuses_wrong_tokens_and_foreign_mines(home: Path, broker: Broker) -> None:
    with gateway(home, mqtt=broker.settings(), limits=LIMITS):
        wait_for(lambda: connected(home))
        assert broker.publish("12.1", "wrong", TOPIC, GOOD).returncode != 0
        assert broker.publish("nobody", "token", TOPIC, GOOD).returncode != 0
        foreign = broker.publish("12.1", "token", f"kuangan/{OTHER_MINE}/{NAME.replace(MINE, OTHER_MINE)}", GOOD)
        assert b"Not authorized" in foreign.stderr
        broker.publish("12.1", "token", TOPIC, GOOD)
        wait_for(lambda: payloads(home) == [GOOD])
    assert refusals(home) == []


@pytest.mark.broker
def test_the_gateway_refuses_what_the_broker_lets_through(home: Path, broker: Broker) -> None:
    offered = {
        f"kuangan/{OTHER_MINE}/{NAME}": b"x",
        f"kuangan/{MINE}/notes.txt": b"x",
        f"kuangan/140581990003/{NAME.replace(MINE, '140581990003')}": b"x",
        TOPIC: bytes(2 << 20),
    }
    with gateway(home, mqtt=broker.settings(), limits=LIMITS):
        wait_for(lambda: connected(home))
        for topic, payload in offered.items():
            assert broker.publish("13.1", "all", topic, payload).returncode == 0
        broker.publish("13.1", "all", TOPIC, GOOD)
        wait_for(lambda: payloads(home) == [GOOD])
        wait_for(lambda: beat(home)["carriers"]["mqtt"]["received"] == 5)
    assert refusals(home) == ["place_differs", "unnamed", "foreign_mine", "too_large"]


@pytest.mark.broker
def test_what_is_published_while_the_gateway_is_away_comes_when_it_is_back(home: Path, broker: Broker) -> None:
    with gateway(home, mqtt=broker.settings(), limits=LIMITS):
        wait_for(lambda: connected(home))
    for number in range(3):
        assert broker.publish("12.1", "token", TOPIC, wire(record(number))).returncode == 0
    broker.stop()
    broker.start()
    with gateway(home, mqtt=broker.settings(), limits=LIMITS):
        wait_for(lambda: len(payloads(home)) == 3)
    assert payloads(home) == [wire(record(number)) for number in range(3)]


@pytest.mark.broker
def test_without_room_the_broker_keeps_what_it_holds(
    home: Path, broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kuangan.library.telemetry.gateways import mqtt, run

    free = {"bytes": 1 << 40}
    monkeypatch.setattr(mqtt, "PAUSE_WITHOUT_ROOM_S", 0.2)
    monkeypatch.setattr(run.shutil, "disk_usage", lambda _: type("Usage", (), {"free": free["bytes"]}))
    with gateway(home, mqtt=broker.settings(), limits=Limits(reserve_bytes=1 << 30)):
        wait_for(lambda: connected(home))
        free["bytes"] = 0
        wait_for(lambda: not connected(home))
        broker.publish("12.1", "token", TOPIC, GOOD)
        free["bytes"] = 1 << 40
        wait_for(lambda: payloads(home) == [GOOD])


PROCESS = f"""{DYING}
from kuangan.library.telemetry.gateways.mqtt import MqttSettings
port, password = int(sys.argv[3]), sys.argv[4]
run(home, "g", clock=lambda: time.time_ns() // 1_000_000, limits=Limits(reserve_bytes=0),
    mqtt=MqttSettings("127.0.0.1", port, "gateway", password))
"""


@pytest.mark.broker
@pytest.mark.kills
@pytest.mark.parametrize(("fate", "copies"), [("before", 1), ("behind", 2)])
def test_a_kill_between_receiving_and_acknowledging_loses_nothing(
    home: Path, broker: Broker, fate: str, copies: int
) -> None:
    command: list[Any] = [sys.executable, "-c", PROCESS, fate, str(home), str(broker.port), GATEWAY_PASSWORD]
    process = subprocess.Popen(command)
    wait_for(lambda: connected(home))
    assert broker.publish("12.1", "token", TOPIC, GOOD).returncode == 0
    assert process.wait(20) == -signal.SIGKILL
    with gateway(home, mqtt=broker.settings(), limits=LIMITS):
        wait_for(lambda: len(payloads(home)) == copies)
    assert payloads(home) == [GOOD] * copies
    assert broker.settings().user == GATEWAY
