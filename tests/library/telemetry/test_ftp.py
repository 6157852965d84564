"""The FTP carrier with real clients: ftplib and curl, with and without TLS."""

from __future__ import annotations

import ftplib
import io
import json
import shutil
import signal
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from kuangan.library.telemetry.frames import REFUSAL, UPLOAD
from kuangan.library.telemetry.gateways.ftp import FtpSettings
from kuangan.library.telemetry.gateways.intake import Limits
from tests.library.telemetry.gatewaying import DYING, account, beat, gateway, publish, refusals, spooled, wait_for
from tests.library.telemetry.wire import MINE, NAME, record, wire
from tests.waiting import free_port

GOOD = wire(record(1))
OTHER_MINE = "140581990002"
OTHER = NAME.replace(MINE, OTHER_MINE)
TOKEN = "ka_token"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Sender 12 speaks for one mine, sender 13 for all."""
    senders = [account(TOKEN, [MINE], id="12", name="甲矿"), account("ka_all", ["*"], id="13", name="forwarder")]
    publish(tmp_path, senders)
    return tmp_path


@contextmanager
def ftp_port(home: Path, limits: Limits | None = None, **settings: Any) -> Iterator[int]:
    known = FtpSettings("127.0.0.1", 0, login_pause_s=0.1, **settings)
    chosen = limits or Limits(frame_bytes=1 << 20, reserve_bytes=0)
    with gateway(home, ftp=known, limits=chosen):
        yield int(beat(home)["carriers"]["ftp"]["port"])


@contextmanager
def session(port: int, user: str = "12", token: str = TOKEN) -> Iterator[ftplib.FTP]:
    with ftplib.FTP(timeout=20) as ftp:
        ftp.encoding = "utf-8"
        ftp.connect("127.0.0.1", port)
        ftp.login(user, token)
        yield ftp


def store(ftp: ftplib.FTP, name: str, payload: bytes = GOOD) -> str:
    return ftp.storbinary(f"STOR {name}", io.BytesIO(payload))


def test_what_is_answered_with_226_is_in_the_spool(home: Path) -> None:
    with ftp_port(home) as port, session(port, "甲矿") as ftp:
        assert ftp.nlst() == [MINE]
        assert store(ftp, NAME).startswith("226")
        assert [frame.payload for frame in spooled(home, UPLOAD)] == [GOOD]
        assert store(ftp, f"/{MINE}/{NAME}", wire(record(2))).startswith("226")
        assert [frame.source for frame in spooled(home, UPLOAD)] == ["ftp:12", "ftp:12"]
        assert ftp.size(f"/{MINE}/{NAME}") == len(wire(record(2)))
        assert ftp.nlst(MINE) == []


def test_a_temporary_name_is_kept_and_the_rename_delivers(home: Path) -> None:
    with ftp_port(home) as port, session(port) as ftp:
        ftp.cwd(MINE)
        store(ftp, f"{NAME}.part")
        assert (home / "ftp" / "12" / MINE / f"{NAME}.part").read_bytes() == GOOD
        assert ftp.nlst() == [f"{NAME}.part"]
        assert spooled(home, UPLOAD) == []
        ftp.rename(f"{NAME}.part", ".other")
        ftp.rename(".other", NAME)
        assert [(frame.name, frame.payload) for frame in spooled(home, UPLOAD)] == [(NAME, GOOD)]
        assert ftp.nlst() == []


def test_bytes_are_kept_as_they_come_whatever_type_the_client_sets(home: Path) -> None:
    with ftp_port(home) as port, session(port) as ftp:
        ftp.storlines(f"STOR {NAME}", io.BytesIO(b"a\nb\n~||"))
    assert spooled(home, UPLOAD)[0].payload == b"a\r\nb\r\n~||\r\n"


def test_a_wrong_token_and_a_token_of_another_are_refused_and_noted(home: Path) -> None:
    with ftp_port(home) as port:
        for user, token in (("12", "wrong"), ("13", TOKEN), ("nobody", TOKEN)):
            with pytest.raises(ftplib.error_perm, match=r"^530"), session(port, user, token):
                pass
        wait_for(lambda: len(spooled(home, REFUSAL)) == 3)
    assert refusals(home) == ["token"] * 3
    assert json.loads(spooled(home, REFUSAL)[0].payload)["address"] == "127.0.0.1"


def test_foreign_codes_wrong_places_and_unusable_names_are_refused_before_a_byte_is_sent(home: Path) -> None:
    with ftp_port(home) as port:
        with session(port) as ftp:
            for name in (OTHER, "notes.txt", f"{MINE}/{OTHER}"):
                with pytest.raises(ftplib.error_perm, match=r"^553"):
                    store(ftp, name)
            with pytest.raises(ftplib.error_perm, match=r"^550"):
                ftp.mkd(OTHER_MINE)
            store(ftp, ".draft")
            with pytest.raises(ftplib.error_perm, match=r"^553"):
                ftp.rename(".draft", OTHER)
        with session(port, "forwarder", "ka_all") as ftp:
            ftp.mkd(OTHER_MINE)
            with pytest.raises(ftplib.error_perm, match=r"^553"):
                store(ftp, f"{OTHER_MINE}/{NAME}")
            assert store(ftp, f"{OTHER_MINE}/{OTHER}").startswith("226")
    assert refusals(home) == ["foreign_mine", "unnamed", "foreign_mine", "foreign_mine", "place_differs"]
    assert [frame.name for frame in spooled(home, UPLOAD)] == [OTHER]


def test_nobody_leaves_the_own_folder_or_reads_anything_back(home: Path) -> None:
    (home / "ftp" / "13").mkdir(parents=True)
    (home / "ftp" / "13" / "secret.part").write_bytes(b"x")
    with ftp_port(home) as port, session(port) as ftp:
        for path in ("../13", "/../../13", "../../../../etc"):
            with pytest.raises(ftplib.error_perm):
                ftp.cwd(path)
            assert ftp.pwd() == "/"
        (home / "ftp" / "12" / "link").symlink_to(home / "ftp" / "13")
        with pytest.raises(ftplib.error_perm, match=r"^550"):
            store(ftp, "link/a.part")
        with pytest.raises(ftplib.error_perm, match=r"^550"):
            ftp.delete("link/secret.part")
        for name in ("../13/b.part", "/../x.part"):
            ftp.sendcmd("NOOP")
            assert store(ftp, name).startswith("226") if "13" not in name else _refused(ftp, name)
        for command in (f"RETR {NAME}", f"APPE {NAME}", "SITE CHMOD 777 x", "REST 5", f"RMD {MINE}"):
            with pytest.raises(ftplib.error_perm, match=r"^500"):
                ftp.sendcmd(command)
    assert sorted(path.name for path in (home / "ftp").iterdir()) == ["12", "13"]
    assert [path.name for path in (home / "ftp" / "13").iterdir()] == ["secret.part"]
    assert (home / "ftp" / "12" / "x.part").read_bytes() == GOOD


def _refused(ftp: ftplib.FTP, name: str) -> bool:
    with pytest.raises(ftplib.error_perm, match=r"^553"):
        store(ftp, name)
    return True


def test_what_is_too_large_is_broken_off(home: Path) -> None:
    with ftp_port(home) as port, session(port) as ftp:
        try:
            answer = store(ftp, NAME, bytes(50 << 20))
        except (ftplib.error_perm, OSError) as error:
            answer = str(error) if isinstance(error, ftplib.error_perm) else ftp.getmultiline()
        assert answer.startswith("552")
        assert store(ftp, NAME).startswith("226")
    assert refusals(home) == ["too_large"]
    assert [frame.payload for frame in spooled(home, UPLOAD)] == [GOOD]


def test_a_nearly_full_disk_asks_to_try_again(home: Path) -> None:
    with ftp_port(home, Limits(reserve_bytes=1 << 60)) as port, session(port) as ftp:
        with pytest.raises(ftplib.error_temp, match=r"^452"):
            store(ftp, NAME)
        with pytest.raises(ftplib.error_temp, match=r"^452"):
            store(ftp, f"{NAME}.part")


def test_an_account_that_is_stopped_while_signed_in_sends_nothing_more(home: Path) -> None:
    with ftp_port(home) as port, session(port) as ftp:
        store(ftp, NAME)
        publish(home, [account(TOKEN, [MINE], id="12", disabled=True)])
        with pytest.raises(ftplib.error_perm, match=r"^530"):
            store(ftp, NAME, wire(record(2)))
    assert len(spooled(home, UPLOAD)) == 1


def test_connections_are_counted_and_the_idle_ones_ended(home: Path) -> None:
    with ftp_port(home, connections_per_address=1, idle_s=1) as port, ftplib.FTP(timeout=20) as ftp:
        ftp.connect("127.0.0.1", port)
        ftp.login("12", TOKEN)
        with pytest.raises(ftplib.error_temp, match=r"^421"), session(port):
            pass
        with pytest.raises(ftplib.error_temp, match=r"^421"):
            ftp.getresp()
        ftp.close()


def test_passive_ports_come_from_the_range_that_is_set(home: Path) -> None:
    free = free_port()
    with ftp_port(home, passive_ports=(free, free)) as port, session(port) as ftp:
        assert ftp.makepasv()[1] == free
        assert store(ftp, NAME).startswith("226")


def test_many_sessions_at_once_share_the_commits(home: Path) -> None:
    answers: list[str] = []

    def deliver(number: int) -> None:
        with session(port) as ftp:
            answers.extend(store(ftp, NAME, wire(record(number * 10 + turn))) for turn in range(5))

    with ftp_port(home) as port:
        threads = [threading.Thread(target=deliver, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
    assert [answer[:3] for answer in answers] == ["226"] * 40
    frames = spooled(home, UPLOAD)
    assert len({frame.digest for frame in frames}) == len(frames) == 40


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that signs itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    made = builder.sign(key, hashes.SHA256())
    paths = folder / "gateway.crt", folder / "gateway.key"
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = serialization.PrivateFormat.PKCS8
    paths[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, private, serialization.NoEncryption()))
    return paths


def test_with_a_certificate_both_channels_must_be_encrypted(home: Path) -> None:
    own, key = certificate(home)
    trusting = ssl.create_default_context(cafile=str(own))
    with ftp_port(home, certificate=own, key=key) as port:
        with pytest.raises(ftplib.error_perm, match=r"^550"), session(port):
            pass
        with ftplib.FTP_TLS(timeout=20, context=trusting) as ftp:
            ftp.connect("localhost", port)
            ftp.login("12", TOKEN)
            with pytest.raises(ftplib.error_perm, match=r"^5[25]"):
                store(ftp, NAME)
            ftp.prot_p()
            assert store(ftp, f"{MINE}/{NAME}").startswith("226")
            assert [frame.payload for frame in spooled(home, UPLOAD)] == [GOOD]
            store(ftp, f"{NAME}.part", wire(record(2)))
            ftp.rename(f"{NAME}.part", NAME)
    assert len(spooled(home, UPLOAD)) == 2


@pytest.mark.parametrize("encrypted", [False, True])
def test_curl_delivers(home: Path, encrypted: bool) -> None:
    curl = shutil.which("curl")
    assert curl is not None, "curl is not on the PATH"
    own, key = certificate(home)
    (home / NAME).write_bytes(GOOD)
    more: dict[str, Any] = {"certificate": own, "key": key} if encrypted else {}
    with ftp_port(home, **more) as port:
        command = [curl, "--silent", "--show-error", "--user", f"12:{TOKEN}", "--upload-file", str(home / NAME)]
        command += ["--ssl-reqd", "--cacert", str(own)] if encrypted else []
        for address in (f"ftp://localhost:{port}/{MINE}/", f"ftp://localhost:{port}/{OTHER_MINE}/"):
            done = subprocess.run([*command, address], capture_output=True, timeout=30, check=False)
            assert (done.returncode == 0) == (MINE in address), done.stderr
        renaming = ["-Q", f"-RNFR {NAME}.part", "-Q", f"-RNTO {NAME}", f"ftp://localhost:{port}/{MINE}/{NAME}.part"]
        subprocess.run([*command, *renaming], capture_output=True, timeout=30, check=True)
    assert [frame.payload for frame in spooled(home, UPLOAD)] == [GOOD, GOOD]


PROCESS = f"""{DYING}
from kuangan.library.telemetry.gateways.ftp import FtpSettings
run(home, "g", clock=lambda: time.time_ns() // 1_000_000, limits=Limits(reserve_bytes=0), ftp=FtpSettings("127.0.0.1", 0))
"""


@contextmanager
def killed_gateway(home: Path, fate: str) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """A gateway in a process of its own, and its FTP port."""
    process = subprocess.Popen([sys.executable, "-c", PROCESS, fate, str(home)])
    try:
        yield wait_for(lambda: beat(home).get("carriers", {}).get("ftp", {}).get("port")), process
        assert process.wait(20) == -signal.SIGKILL
    finally:
        process.kill()
        process.wait()


@pytest.mark.kills
@pytest.mark.parametrize(("fate", "copies"), [("before", 1), ("behind", 2)])
def test_a_kill_before_the_226_loses_nothing_because_the_sender_sends_again(home: Path, fate: str, copies: int) -> None:
    with (
        killed_gateway(home, fate) as (port, _),
        pytest.raises((EOFError, OSError, ftplib.Error)),
        session(port) as ftp,
    ):
        store(ftp, NAME)
    assert len(spooled(home, UPLOAD)) == copies - 1
    with ftp_port(home) as port, session(port) as ftp:
        assert store(ftp, NAME).startswith("226")
    assert [frame.payload for frame in spooled(home, UPLOAD)] == [GOOD] * copies


@pytest.mark.kills
def test_a_kill_in_the_middle_of_an_upload_leaves_nothing_of_it(home: Path) -> None:
    with killed_gateway(home, "never") as (port, process), ftplib.FTP(timeout=20) as ftp:
        ftp.connect("127.0.0.1", port)
        ftp.login("12", TOKEN)
        store(ftp, f"{NAME}.part", wire(record(2)))
        with ftp.transfercmd(f"STOR {NAME}") as data:
            data.sendall(GOOD[: len(GOOD) // 2])
            process.kill()
            process.wait(20)
        ftp.close()
    assert spooled(home, UPLOAD) == []
    with ftp_port(home) as port, session(port) as ftp:
        assert store(ftp, NAME).startswith("226")
        ftp.rename(f"{NAME}.part", NAME)
    assert [frame.payload for frame in spooled(home, UPLOAD)] == [GOOD, wire(record(2))]
