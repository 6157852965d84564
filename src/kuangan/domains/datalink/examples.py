"""What a mine's engineer can copy: commands of one real client for each carrier, and an example file of every type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from kuangan.domains.datalink import wording
from kuangan.domains.datalink.models import Carrier, Enrolment
from kuangan.library.telemetry.forms import JSON, SHEET, XML
from kuangan.library.telemetry.grammar import file_types
from kuangan.library.telemetry.specimens import Writer

SOME_DAY_MS = 1_773_101_720_000
"""2026-03-10 08:15:20, what stands in commands."""
NOBODY = "140581990001"
"""A code that no mine has."""


EXTENSIONS: Mapping[str, tuple[str, ...]] = {SHEET: ("json", "csv"), JSON: ("json",), XML: ("xml",)}


class Command(NamedTuple):
    """What it does, and what to type."""

    words: str
    text: str


class Example(NamedTuple):
    """A type with the extensions of its files."""

    name: str
    holds: str
    extensions: tuple[str, ...]


def writer(mine: str, at: int) -> Writer:
    """Writes example files of a mine, with words that say that they are examples."""
    return Writer(mine or NOBODY, at, wording.words()["examples"])


def examples() -> list[tuple[str, list[Example]]]:
    """Every type by family, in the order of the families."""
    found: dict[str, list[Example]] = {name: [] for name in wording.words()["families"]}
    for name, kind in file_types().items():
        extensions = EXTENSIONS.get(kind.grammar.syntax, ("txt",))
        found[kind.family].append(Example(name, wording.type_word(name), extensions))
    return [(wording.family_word(family), rows) for family, rows in found.items()]


def example_file(name: str, extension: str, mine: str, at: int) -> tuple[str, bytes] | None:
    """File name and content of an example, None for a type or extension that there is not."""
    known = next((each for _, rows in examples() for each in rows if each.name == name), None)
    if known is None or extension not in known.extensions:
        return None
    writes, kind = writer(mine, at), file_types()[name]
    return writes.name(kind, extension), writes.file(kind, extension, records=2)


def commands(row: Enrolment, carrier: Mapping[str, Any] | None) -> list[Command]:
    """How to send one file; nothing when the carrier is not set up (any more)."""
    if carrier is None:
        return []
    kind = file_types().get(row.types[0] if row.types else "CDSS") or file_types()["CDSS"]
    name = writer(row.mine_id, SOME_DAY_MS).name(kind)
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
