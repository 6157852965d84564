"""Commands that a mine's engineer can copy: one real client for each carrier."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from kuangan.domains.datalink.models import Carrier, Enrolment


class Command(NamedTuple):
    """What it does, and what to type."""

    words: str
    text: str


def commands(row: Enrolment, carrier: Mapping[str, Any] | None) -> list[Command]:
    """How to send one file; nothing when the carrier is not set up (any more)."""
    if carrier is None:
        return []
    name = f"{row.mine_id}_{row.types[0] if row.types else 'CDSS'}_20260310081520.txt"
    return {Carrier.HTTP: _http, Carrier.FTP: _ftp, Carrier.MQTT: _mqtt, Carrier.SFTP: _sftp}[Carrier(row.carrier)](
        row, carrier, name
    )


def _http(row: Enrolment, carrier: Mapping[str, Any], name: str) -> list[Command]:
    text = f'curl --fail -H "Authorization: Bearer $TOKEN" \\\n     -H "X-Frame-Name: {name}" \\\n'
    return [
        Command("上传一个文件；收到 stored 即已落盘", f"{text}     --data-binary @{name} \\\n     {carrier['address']}")
    ]


def _ftp(row: Enrolment, carrier: Mapping[str, Any], name: str) -> list[Command]:
    secure = "--ssl-reqd " if carrier["tls"] else ""
    place = f"ftp://{carrier['host']}:{carrier['port']}/{row.mine_id}/"
    final = f'curl --fail {secure}--user "{row.sender_id}:$TOKEN" \\\n     --upload-file {name} \\\n     {place}'
    renamed = (
        f'curl --fail {secure}--user "{row.sender_id}:$TOKEN" \\\n     --upload-file {name} \\\n'
        f'     -Q "-RNFR {name}.part" \\\n     -Q "-RNTO {name}" \\\n     {place}{name}.part'
    )
    return [
        Command("直接上传；收到 226 即已落盘", final),
        Command("先用临时名，再改名；改名应答 250 即已落盘", renamed),
    ]


def _mqtt(row: Enrolment, carrier: Mapping[str, Any], name: str) -> list[Command]:
    tls = " --capath /etc/ssl/certs" if carrier["tls"] else ""
    text = (
        f"mosquitto_pub -h {carrier['host']} -p {carrier['port']}{tls} -q 1 \\\n"
        f'     -u {row.sender.broker_user} -P "$TOKEN" \\\n'
        f"     -t {carrier['root']}/{row.mine_id}/{name} -f {name}"
    )
    return [Command("发布一个文件，QoS 须为 1", text)]


def _sftp(row: Enrolment, carrier: Mapping[str, Any], name: str) -> list[Command]:
    text = (
        f"sftp -P {carrier['port']} sender-{row.sender_id}@{carrier['host']} <<'END'\n"
        f"put {name} {name}.part\nrename {name}.part {name}\nEND"
    )
    return [Command("先用临时名上传，再改名；文件消失即已收取，留下的是被拒收的", text)]
