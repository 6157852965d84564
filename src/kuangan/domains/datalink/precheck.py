"""What we would understand of one file, record by record. Nothing of it is kept."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import polars as pl

from kuangan.base.clock import from_ms, to_ms
from kuangan.domains.datalink import texts, wording
from kuangan.library.telemetry.decode import Decoded, Outcome, decode
from kuangan.library.telemetry.frames import UPLOAD, Frame
from kuangan.library.telemetry.grammar import file_types
from kuangan.library.telemetry.names import parse_name

SHOWN = 500


@dataclass(frozen=True, slots=True)
class Record:
    """One record of the file: its values in the order of the columns, or why it was rejected."""

    number: int
    values: tuple[str, ...]
    reason: str = ""
    column: str = ""
    excerpt: str = ""


@dataclass(frozen=True, slots=True)
class Understanding:
    """What became of the file and of each record, in words; `remarks` are doubts about its place, not its content."""

    name: str
    size: int
    sha256: str
    outcome: Outcome
    status: str
    chip: str
    reason: str
    marks: list[str]
    header_time: datetime | None
    columns: tuple[str, ...]
    records: list[Record]
    total: int
    remarks: list[str]
    family: str = ""
    holds: str = ""


def understand(name: str, payload: bytes, at: datetime) -> Understanding:
    """Reads one file as the engine would at this moment."""
    digest = hashlib.sha256(payload).digest()
    found = parse_name(name)
    mine = found.mine if found else ""
    decoded = decode([Frame(0, mine, UPLOAD, name, "check", to_ms(at), digest, payload)])
    outcome = decoded.outcomes[0]
    kind = file_types().get(outcome.type)
    columns, good = _good(decoded)
    reasons = [each for each in decoded.rejects if each.record == 0]
    bad = [
        Record(each.record, (), texts.reason_word(each.reason), wording.column_word(each.column), each.excerpt)
        for each in decoded.rejects
        if each.record
    ]
    records = sorted([*good, *bad], key=lambda record: record.number)
    detail = f"：{reasons[0].excerpt}" if reasons and reasons[0].excerpt else ""
    return Understanding(
        name=name,
        size=len(payload),
        sha256=digest.hex(),
        outcome=outcome,
        status=texts.STATUSES.get(outcome.status, outcome.status),
        chip=texts.STATUS_CHIPS.get(outcome.status, ""),
        reason=f"{texts.reason_word(outcome.reason)}{detail}" if outcome.reason else "",
        marks=texts.mark_words(list(outcome.marks)),
        header_time=None if outcome.header_time is None else from_ms(outcome.header_time),
        columns=tuple(wording.column_word(column) for column in columns),
        records=records[:SHOWN],
        total=len(records),
        remarks=["文件名不合规则，无法判断矿山与类型"] if found is None else [],
        family=wording.family_word(kind.family) if kind else "",
        holds=wording.type_word(outcome.type),
    )


def _good(decoded: Decoded) -> tuple[list[str], list[Record]]:
    """The columns and rows of the first table that the file's type feeds."""
    for name, table in _tables(decoded):
        if not table.height:
            continue
        said = _described(decoded, table) if name == "readings" else table
        names = [column for column in said.columns if column not in {"frame", "record"}]
        used = [column for column in names if _says_something(said[column])]
        rows = said.select(used).iter_rows()
        return used, [
            Record(number, tuple(wording.shown(each, value) for each, value in zip(used, row, strict=True)))
            for number, row in zip(said["record"].to_list(), rows, strict=True)
        ]
    return [], []


def _tables(decoded: Decoded) -> Iterator[tuple[str, pl.DataFrame]]:
    """All tables a file may fill; definitions last, they only say more of points."""
    yield "readings", decoded.readings
    yield "points", decoded.points
    yield "stations", decoded.stations
    yield "reported_alarms", decoded.reported_alarms
    yield from decoded.kept.items()


def _described(decoded: Decoded, table: pl.DataFrame) -> pl.DataFrame:
    texts_of = decoded.describe(np.arange(min(table.height, SHOWN)))
    shown = table.head(SHOWN).with_columns(pl.col("code").cast(pl.String))
    return shown.hstack(texts_of.drop("code"))


def _says_something(column: pl.Series) -> bool:
    return any(value not in (None, "") for value in column.to_list())
