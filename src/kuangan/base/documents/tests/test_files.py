"""Files under their digest: what they are, where they are, and that nothing half written stands there."""

from __future__ import annotations

import hashlib
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from kuangan.base.documents.files import TooLarge, format_of, format_of_name, intact, keep, path_of, plain_name

HEADS = {
    "pdf": b"%PDF-1.4\n",
    "dwg": b"AC1032\x00\x00",
    "png": b"\x89PNG\r\n\x1a\n\x00",
    "jpeg": b"\xff\xd8\xff\xe0",
    "dxf": b"  0\r\nSECTION\r\n  2\r\nHEADER\r\n",
}


@pytest.mark.parametrize("name", HEADS)
def test_the_first_bytes_tell_the_format(name: str) -> None:
    assert format_of(HEADS[name]) == name


@pytest.mark.parametrize(
    "head",
    [
        b"999\nwritten by a program\n0\nSECTION\n",
        b"\xef\xbb\xbf0\nSECTION\n",
        b"AutoCAD Binary DXF\r\n\x1a\x00",
    ],
)
def test_a_dxf_has_several_beginnings(head: bytes) -> None:
    assert format_of(head) == "dxf"


@pytest.mark.parametrize(
    "head", [b"", b"<html>", b"MZ\x90", b"PK\x03\x04", b" %PDF-1.4", b"AC1x", b"<svg", b"0\nSECTIONS"]
)
def test_anything_else_is_no_drawing(head: bytes) -> None:
    assert format_of(head) == ""


def test_a_name_promises_a_format_by_its_ending() -> None:
    assert [format_of_name(name) for name in ("a.PDF", "b.jpg", "c.pdf.exe", "pdf", "d.svg")] == [
        "pdf",
        "jpeg",
        "",
        "",
        "",
    ]


def test_a_name_loses_folders_and_control_characters() -> None:
    assert plain_name("..\\..\\矿图/通风\r\n系统图.pdf") == "通风系统图.pdf"
    assert len(plain_name("长" * 300 + ".dwg")) == 160


def test_what_is_kept_is_private_and_whole(tmp_path: Path) -> None:
    kept = keep(tmp_path, [b"%PDF-", b"1.7"], 100)
    path = path_of(tmp_path, kept.sha256)
    assert (kept.sha256, kept.size) == (hashlib.sha256(b"%PDF-1.7").hexdigest(), 8)
    assert path.read_bytes() == b"%PDF-1.7"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert intact(path, kept.sha256)
    path.write_bytes(b"%PDF-1.8")
    assert not intact(path, kept.sha256)
    assert not intact(path.with_name("gone"), kept.sha256)


def left_over(home: Path) -> list[Path]:
    return [path for path in home.rglob("*") if path.is_file()]


def test_what_is_too_large_or_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    def broken() -> Iterator[bytes]:
        yield b"%PDF-"
        raise ConnectionError

    with pytest.raises(TooLarge):
        keep(tmp_path, [b"12345", b"67890"], 9)
    with pytest.raises(ConnectionError):
        keep(tmp_path, broken(), 100)
    assert left_over(tmp_path) == []


def test_the_same_bytes_at_the_same_time_stand_once_and_whole(tmp_path: Path) -> None:
    content = bytes(range(256)) * 4096
    chunks = [content[at : at + 4096] for at in range(0, len(content), 4096)]
    threads = [threading.Thread(target=keep, args=(tmp_path, chunks, len(content))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    [path] = left_over(tmp_path)
    assert path.read_bytes() == content
