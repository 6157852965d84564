"""What we would understand of one file, record by record. Nothing of it is kept."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

import numpy as np
import polars as pl

from kuangan.base.clock import BEIJING, from_ms, to_ms
from kuangan.domains.datalink import texts
from kuangan.library.telemetry.decode import Decoded, Outcome, decode
from kuangan.library.telemetry.frames import UPLOAD, Frame
from kuangan.library.telemetry.names import parse_name

SHOWN = 500
COLUMNS = {
    "code": "编码",
    "time": "时间",
    "value": "数值",
    "status": "状态码",
    "type_name": "类型名称",
    "location": "位置",
    "unit": "单位",
    "system": "系统",
    "station": "分站",
    "sensor_type": "传感器类型",
    "value_type": "数值类型",
    "range_high": "量程上限",
    "range_low": "量程下限",
    "alarm_high": "上限报警",
    "release_high": "上限解报",
    "alarm_low": "下限报警",
    "release_low": "下限解报",
    "cut_high": "上限断电",
    "restore_high": "上限复电",
    "cut_low": "下限断电",
    "restore_low": "下限复电",
    "on_text": "开描述",
    "off_text": "关描述",
    "relation": "关联关系",
    "start": "开始",
    "end": "结束",
    "max": "最大值",
    "max_time": "最大值时间",
    "min": "最小值",
    "min_time": "最小值时间",
    "mean": "平均值",
    "kind": "类别",
    "cause": "原因",
    "measure": "措施",
}
TIMES = {"time", "start", "end", "max_time", "min_time"}


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


def understand(name: str, payload: bytes, at: datetime) -> Understanding:
    """Reads one file as the engine would at this moment."""
    digest = hashlib.sha256(payload).digest()
    found = parse_name(name)
    mine = found.mine if found else ""
    decoded = decode([Frame(0, mine, UPLOAD, name, "check", to_ms(at), digest, payload)])
    outcome = decoded.outcomes[0]
    columns, good = _good(decoded)
    reasons = [each for each in decoded.rejects if each.record == 0]
    bad = [
        Record(each.record, (), texts.reason_word(each.reason), COLUMNS.get(each.column, each.column), each.excerpt)
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
        columns=tuple(COLUMNS.get(column, column) for column in columns),
        records=records[:SHOWN],
        total=len(records),
        remarks=["文件名不合规则，无法判断矿山与类型"] if found is None else [],
    )


def _good(decoded: Decoded) -> tuple[list[str], list[Record]]:
    """The columns and rows of the one table that the file's type feeds."""
    for field in fields(decoded):
        table = getattr(decoded, field.name)
        if isinstance(table, pl.DataFrame) and table.height and {"frame", "record"} <= set(table.columns):
            if field.name == "readings":
                table = _described(decoded, table)
            names = [column for column in table.columns if column not in {"frame", "record"}]
            used = [name for name in names if _says_something(table[name])]
            numbers = table["record"].to_list()
            rows = table.select(used).iter_rows()
            return used, [Record(number, _row(used, row)) for number, row in zip(numbers, rows, strict=True)]
    return [], []


def _described(decoded: Decoded, table: pl.DataFrame) -> pl.DataFrame:
    texts_of = decoded.describe(np.arange(min(table.height, SHOWN)))
    shown = table.head(SHOWN).with_columns(pl.col("code").cast(pl.String))
    return shown.hstack(texts_of.drop("code"))


def _says_something(column: pl.Series) -> bool:
    return any(value not in (None, "") for value in column.to_list())


def _row(names: list[str], row: tuple[Any, ...]) -> tuple[str, ...]:
    return tuple(_shown(name, value) for name, value in zip(names, row, strict=True))


def _shown(name: str, value: Any) -> str:
    if value is None or value == "":
        return "—"
    if name in TIMES and isinstance(value, int):
        return f"{from_ms(value).astimezone(BEIJING):%Y-%m-%d %H:%M:%S}"
    if isinstance(value, float):
        return "无数值" if math.isnan(value) else f"{value:g}"
    return str(value)
