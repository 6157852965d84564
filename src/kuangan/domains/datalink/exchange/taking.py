"""What they hand in: each record validated by itself, taken once, and weighed by the platform's mode."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, NoReturn

from django.db import transaction
from pydantic import ValidationError

from kuangan.base.case.models import Case
from kuangan.domains.datalink.exchange import effects
from kuangan.domains.datalink.exchange.mapping import Mapping
from kuangan.domains.datalink.exchange.models import Counterpart, Handling, Key, Package, Platform, Reject
from kuangan.domains.datalink.exchange.numbers import NumberTaken, adopt
from kuangan.domains.datalink.exchange.scope import cases_of
from kuangan.domains.datalink.exchange.shapes import IN, MOST_BYTES, MOST_RECORDS, Answer, Record, Refusal

AHEAD: Final = timedelta(minutes=10)
REASONS: Final = {
    "not_json": "不是 JSON",
    "too_large": "超过大小上限",
    "too_many": f"记录超过 {MOST_RECORDS} 条",
    "wrong_schema": f"不是 {IN} 格式",
    "bad_record": "字段不合要求",
    "conflict": "同一编号的记录内容不同",
    "no_subject": "没有说明是哪一条告警",
    "unknown_alert": "没有这个告警编号",
    "unknown_package": "没有这个包编号",
    "mismatch": "编号之间不一致",
    "unknown_state": "状态代码不在代码表内",
    "unknown_code": "代码不在代码表内",
    "no_time": "没有办理时间",
    "in_future": "办理时间晚于当前时间",
    "number_taken": "官方编号已属于另一条告警",
    "number_conflict": "与已登记的官方编号不同",
}


class Refused(Exception):
    """A record is not taken."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.reason, self.detail = reason, detail


@dataclass
class Taking:
    """One request or file of theirs."""

    platform: str
    mapping: Mapping
    source: str
    at: datetime
    region: str = ""
    accepted: int = 0
    repeated: int = 0
    rejected: list[Refusal] = field(default_factory=list)

    def take(self, content: bytes) -> Answer:
        """Read the bytes and take every record; what cannot be read at all is one refusal of the whole."""
        try:
            records = read_batch(content)
        except Refused as fault:
            self._aside(0, "", fault, content[:2_000].decode(errors="replace"), content)
            return self._answer(0)
        for place, raw in enumerate(records, 1):
            self._one(place, raw)
        return self._answer(len(records))

    def _answer(self, received: int) -> Answer:
        return Answer(received=received, accepted=self.accepted, repeated=self.repeated, rejected=self.rejected)

    def _one(self, place: int, raw: object) -> None:
        text = json.dumps(raw, sort_keys=True)
        try:
            with transaction.atomic():
                new = self._taken(place, raw, digest(text.encode()))
        except Refused as fault:
            ident = raw.get("id", "") if isinstance(raw, dict) else ""
            self._aside(place, ident if isinstance(ident, str) else "", fault, text, text.encode())
        else:
            self.accepted, self.repeated = self.accepted + new, self.repeated + (not new)

    def _taken(self, place: int, raw: object, mark: str) -> bool:
        """Whether the record was new. Everything of it stands or falls together. Raises Refused."""
        record = _parsed(raw)
        platform = Platform.objects.select_for_update().get(pk=self.platform)
        stands = Handling.objects.filter(platform=platform, record=record.id).first()
        if stands is not None:
            return False if stands.digest == mark else _refuse("conflict", record.id)
        self._check(record)
        row = self._counterpart(platform, record)
        handling = Handling(
            platform=platform,
            record=record.id,
            kind=record.kind,
            digest=mark,
            content=record.model_dump(mode="json", exclude_defaults=True),
            source=self.source[-160:],
            place=place,
            received_at=self.at,
            counterpart=row,
            case_id=row.case_id,
            mode=platform.mode,
        )
        effects.apply(platform, self.mapping, row, record, handling, self.at)
        handling.save()
        return True

    def _check(self, record: Record) -> None:
        tables = self.mapping.tables
        for name, table in (("cause", "cause"), ("people_out", "withdrawn")):
            code = getattr(record, name)
            if code and code not in tables.get(table, {}).values():
                _refuse("unknown_code", f"{name}={code}")
        if record.kind == "ack":
            return
        if record.state not in self.mapping.incoming:
            _refuse("unknown_state", record.state)
        if record.handled_at is None:
            _refuse("no_time")
        elif record.handled_at > self.at + AHEAD:
            _refuse("in_future", record.handled_at.isoformat())

    def _counterpart(self, platform: Platform, record: Record) -> Counterpart:
        """The row this is about, made where there is none, with their number read back."""
        case = self._case(platform, record)
        rows = Counterpart.objects.filter(platform=platform)
        if case is None:
            row = rows.filter(official_number=record.official_no).first()
            if row is not None and row.case_id is not None:
                return row if self._sees(platform, row.case_id) else _refuse("unknown_alert")
            if record.kind == "ack":
                _refuse("unknown_alert")
            return row or effects.theirs(platform, record, self.at)
        row = rows.filter(case=case).first() or Counterpart.objects.create(platform=platform, case=case)
        if not record.official_no or record.official_no == row.official_number:
            return row
        if row.official_number:
            _refuse("number_conflict", f"{row.official_number} ≠ {record.official_no}")
        try:
            adopt(row, record.official_no, "read_back", by=None, at=self.at)
        except NumberTaken as taken:
            _refuse("number_taken", str(taken))
        return row

    def _case(self, platform: Platform, record: Record) -> Case | None:
        """The case that our number and the package name; None when only their number is given."""
        seen = cases_of(platform, self.mapping, self.region)
        named = seen.filter(number=record.alert_no).first() if record.alert_no else None
        if record.alert_no and named is None:
            _refuse("unknown_alert", record.alert_no)
        if record.package:
            package = Package.objects.filter(platform=platform, ident=record.package, case__in=seen).first()
            if package is None:
                _refuse("unknown_package", record.package)
            elif named is not None and named.pk != package.case_id:
                _refuse("mismatch", f"{record.package} / {record.alert_no}")
            else:
                return package.case
        if named is None and not record.official_no:
            _refuse("no_subject")
        return named

    def _sees(self, platform: Platform, case: int) -> bool:
        return cases_of(platform, self.mapping, self.region).filter(pk=case).exists()

    def _aside(self, place: int, ident: str, fault: Refused, excerpt: str, content: bytes) -> None:
        """Keep a bad record with its reason; the same again only counts."""
        kept, made = Reject.objects.get_or_create(
            platform_id=self.platform,
            digest=digest(fault.reason.encode() + b"\0" + content),
            defaults={
                "source": self.source[-160:],
                "place": place,
                "reason": fault.reason,
                "detail": fault.detail[:300],
                "excerpt": excerpt[:2_000].replace("\0", ""),
                "received_at": self.at,
                "last_at": self.at,
            },
        )
        if not made:
            Reject.objects.filter(pk=kept.pk).update(times=kept.times + 1, last_at=self.at)
        said = f"{REASONS[fault.reason]}：{fault.detail}" if fault.detail else REASONS[fault.reason]
        self.rejected.append(Refusal(record=place, id=ident[:64], reason=fault.reason, detail=said[:400]))


def take(
    platform: Platform, mapping: Mapping, content: bytes, source: str, at: datetime, key: Key | None = None
) -> Answer:
    """Take one request or file. Call it outside a transaction: each record has its own."""
    return Taking(platform.code, mapping, source, at, key.region if key else "").take(content)


def read_batch(content: bytes) -> Sequence[object]:
    """The records as they came. Raises Refused for what is no batch at all."""
    if len(content) > MOST_BYTES:
        _refuse("too_large", f"{len(content)} 字节")
    try:
        given: Any = json.loads(content, parse_constant=_no_number)
    except (ValueError, RecursionError) as fault:
        _refuse("not_json", str(fault)[:200])
    if not isinstance(given, dict) or given.get("schema") != IN or not isinstance(given.get("records"), list):
        _refuse("wrong_schema")
    if unknown := set(given) - {"schema", "records"}:
        _refuse("wrong_schema", "、".join(sorted(map(ascii, unknown)))[:200])
    records: list[object] = given["records"]
    if len(records) > MOST_RECORDS:
        _refuse("too_many", str(len(records)))
    return records


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _parsed(raw: object) -> Record:
    try:
        return Record.model_validate(raw)
    except ValidationError as fault:
        first = fault.errors(include_url=False, include_input=False, include_context=False)[0]
        return _refuse("bad_record", f"{'.'.join(map(ascii, first['loc']))}：{first['msg']}".replace("'", ""))


def _refuse(reason: str, detail: str = "") -> NoReturn:
    raise Refused(reason, detail)


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no JSON number")
