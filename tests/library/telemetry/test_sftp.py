"""SFTP: OpenSSH puts files into the folder of a sender, the watched folder takes those of its mines."""

from __future__ import annotations

import getpass
import os
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kuangan.library.telemetry.frames import REFUSAL, UPLOAD
from tests.broker import answers
from tests.library.telemetry.gatewaying import account, gateway, publish, refusals, spooled, wait_for
from tests.library.telemetry.wire import MINE, NAME, record, wire
from tests.services import program
from tests.waiting import free_port

GOOD = wire(record(1))
OTHER = NAME.replace(MINE, "140581990002")
OPERATORS = Path(__file__).resolve().parents[3] / "docs" / "operators.md"
SERVER = """\
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host
PidFile none
AuthorizedKeysFile {folder}/authorized
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
Subsystem sftp internal-sftp
ForceCommand internal-sftp -d {inbox}
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    publish(tmp_path, [account("token", [MINE], id="12"), account("gone", [MINE], id="13", disabled=True)])
    (tmp_path / "inbox" / "sender-12").mkdir(parents=True)
    return tmp_path


def key(path: Path) -> Path:
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)]
    subprocess.run(command, check=True, capture_output=True)
    return path


@pytest.fixture
def port(home: Path) -> Iterator[int]:
    """An SSH server that knows one key and puts its owner into the folder of sender 12."""
    sshd = program("sshd")
    assert sshd is not None, "sshd is not installed"
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    folder = home / "ssh"
    folder.mkdir(mode=0o700)
    key(folder / "host")
    (folder / "authorized").write_text(key(folder / "mine").with_suffix(".pub").read_text())
    key(folder / "stranger")
    free = free_port()
    text = SERVER.format(port=free, folder=folder, inbox=home / "inbox" / "sender-12")
    (folder / "sshd.conf").write_text(text)
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([sshd, "-D", "-e", "-f", str(folder / "sshd.conf")], stdout=log, stderr=log)
    try:
        wait_for(lambda: answers(free) or process.poll() is not None)
        assert process.poll() is None, (folder / "log").read_text()
        yield free
    finally:
        process.terminate()
        process.wait(20)


def sftp(home: Path, port: int, identity: str, *commands: str) -> subprocess.CompletedProcess[bytes]:
    options = ["BatchMode=yes", "StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "IdentitiesOnly=yes"]
    command = ["sftp", "-q", "-P", str(port), "-i", str(home / "ssh" / identity), "-F", "none"]
    command += [part for option in options for part in ("-o", option)]
    command += ["-b", "-", f"{getpass.getuser()}@127.0.0.1"]
    given = "\n".join(commands).encode() + b"\n"
    return subprocess.run(command, input=given, capture_output=True, timeout=60, check=False)


@pytest.mark.sshd
def test_sftp_delivers_under_a_temporary_name_and_by_renaming(home: Path, port: int) -> None:
    (home / NAME).write_bytes(GOOD)
    with gateway(home, watch=home / "inbox"):
        done = sftp(home, port, "mine", f"put {home / NAME} {NAME}.part", f"rename {NAME}.part {NAME}")
        assert done.returncode == 0, done.stderr
        wait_for(lambda: spooled(home, UPLOAD))
        wait_for(lambda: not (home / "inbox" / "sender-12" / NAME).exists())
    frame = spooled(home, UPLOAD)[0]
    assert (frame.name, frame.payload, frame.source) == (NAME, GOOD, f"folder:sender-12/{NAME}")


@pytest.mark.sshd
def test_sftp_knows_no_stranger_and_takes_nothing_for_another_mine(home: Path, port: int) -> None:
    (home / OTHER).write_bytes(GOOD)
    with gateway(home, watch=home / "inbox"):
        assert sftp(home, port, "stranger", "pwd").returncode != 0
        assert sftp(home, port, "mine", f"put {home / OTHER}").returncode == 0
        wait_for(lambda: spooled(home, REFUSAL))
    assert refusals(home) == ["foreign_mine"]
    assert spooled(home, UPLOAD) == []
    assert (home / "inbox" / "sender-12" / OTHER).exists()


def test_the_folder_of_a_sender_that_was_stopped_is_not_read(home: Path) -> None:
    lying = home / "inbox" / "sender-13"
    lying.mkdir()
    (lying / NAME).write_bytes(GOOD)
    with gateway(home, watch=home / "inbox"):
        wait_for(lambda: spooled(home, REFUSAL))
        time.sleep(0.5)
    assert refusals(home) == ["token"]
    assert (lying / NAME).exists()


@pytest.mark.sshd
def test_the_configuration_in_the_manual_is_one_that_sshd_takes(tmp_path: Path) -> None:
    sshd = program("sshd")
    assert sshd is not None, "sshd is not installed"
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    block = re.search(r"^Match Group kuangan-senders\n(?: {4}.*\n)+", OPERATORS.read_text("utf-8"), re.MULTILINE)
    assert block is not None
    config = tmp_path / "sshd.conf"
    config.write_text(f"HostKey {key(tmp_path / 'host')}\nSubsystem sftp internal-sftp\n{block[0]}")
    done: Any = subprocess.run([sshd, "-t", "-f", str(config)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "ChrootDirectory" in block[0]
    assert "ForceCommand internal-sftp" in block[0]
