"""A real Mosquitto on a free port, with password file and access list as the gateway's command writes them."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from kuangan.library.telemetry.gateways.mosquitto import BrokerUser, access_list, password_file, password_hash
from kuangan.library.telemetry.gateways.mqtt import MqttSettings
from tests.services import program
from tests.waiting import free_port

GATEWAY, GATEWAY_PASSWORD = "gateway", "gateway-password"
CONFIGURATION = """\
listener {port} 127.0.0.1
allow_anonymous false
password_file {folder}/passwords
acl_file {folder}/acl
persistence true
persistence_location {folder}/
max_inflight_messages 0
max_queued_messages 0
user root
"""


def user(name: str, password: str, codes: Sequence[str]) -> BrokerUser:
    """A sender as the broker knows it."""
    return BrokerUser(name, password_hash(password, b"twelve bytes"), codes)


def answers(port: int) -> bool:
    """Whether something accepts connections there."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Broker:
    """The broker and what mosquitto_pub needs to reach it."""

    def __init__(self, folder: Path, users: Sequence[BrokerUser]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self.folder = folder
        gateway = user(GATEWAY, GATEWAY_PASSWORD, [])
        (folder / "passwords").write_text(password_file(users, gateway))
        (folder / "acl").write_text(access_list(users, gateway, "kuangan"))
        (folder / "mosquitto.conf").write_text(CONFIGURATION.format(port=self.port, folder=folder))
        for name in ("passwords", "acl"):
            (folder / name).chmod(0o600)
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Broker:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Returns when it accepts connections. AssertionError when Mosquitto is not there or ends."""
        path = program("mosquitto")
        assert path is not None, "mosquitto is not installed"
        with (self.folder / "log").open("ab") as log:
            command = [path, "-c", str(self.folder / "mosquitto.conf")]
            # Named like a home, so that a torture that was killed finds it among what it left behind.
            own = {**os.environ, "KUANGAN_HOME": str(self.folder)}
            self.process = subprocess.Popen(command, env=own, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            if answers(self.port):
                return
            assert self.process.poll() is None, (self.folder / "log").read_text()
            time.sleep(0.02)
        raise AssertionError("the broker does not answer")

    def stop(self) -> None:
        """The broker writes its sessions to disk and ends."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(20)
            self.process = None

    @property
    def url(self) -> str:
        return f"mqtt://{GATEWAY}:{GATEWAY_PASSWORD}@127.0.0.1:{self.port}"

    def settings(self) -> MqttSettings:
        return MqttSettings("127.0.0.1", self.port, GATEWAY, GATEWAY_PASSWORD)

    def publish(self, user: str, password: str, topic: str, payload: bytes) -> subprocess.CompletedProcess[bytes]:
        """One message by mosquitto_pub at QoS 1, which returns after the broker's acknowledgement."""
        path = program("mosquitto_pub")
        assert path is not None, "mosquitto_pub is not installed"
        command = [path, "-h", "127.0.0.1", "-p", str(self.port), "-q", "1", "-u", user, "-P", password]
        command += ["-V", "mqttv5", "-t", topic, "-s"]
        return subprocess.run(command, input=payload, capture_output=True, timeout=30, check=False)
