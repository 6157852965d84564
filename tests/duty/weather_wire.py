"""Invented warning messages, CAP 1.2 and our own JSON, and mines that they reach."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from kuangan.base.clock import BEIJING
from kuangan.base.registry.models import Mine

COUNTY, NEIGHBOUR, CITY = "140404", "140403", "140400"
SENDER = "weather.example.cn"


def stamp(at: datetime) -> str:
    return at.astimezone(BEIJING).isoformat(timespec="seconds")


def cap(
    at: datetime,
    ident: str = "QX-1",
    *,
    kind: str = "Alert",
    status: str = "Actual",
    colour: str = "红",
    severity: str = "Extreme",
    event: str = "暴雨",
    codes: tuple[str, ...] = (COUNTY,),
    references: str = "",
    hours: int = 6,
    area: str = "",
    sender: str = SENDER,
    sent: datetime | None = None,
    info: str = "",
) -> bytes:
    """A CAP 1.2 document as a publisher in China would write it; all of it is invented."""
    geocodes = "".join(f"<geocode><valueName>GB/T2260</valueName><value>{one}</value></geocode>" for one in codes)
    block = info or (
        f"<info><language>zh-CN</language><category>Met</category><event>{event}</event><urgency>Immediate</urgency>"
        f"<severity>{severity}</severity><certainty>Likely</certainty><onset>{stamp(at)}</onset>"
        f"<expires>{stamp(at + timedelta(hours=hours))}</expires><senderName>示例气象台</senderName>"
        f"<headline>示例气象台发布{event}{colour}色预警信号</headline><description>合成：预计有强降水。</description>"
        f"<instruction>合成：注意防范。</instruction><area><areaDesc>示例区</areaDesc>{area}{geocodes}</area></info>"
    )
    said = f"<references>{references}</references>" if references else ""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">'
        f"<identifier>{ident}</identifier><sender>{sender}</sender><sent>{stamp(sent or at)}</sent><status>{status}</status>"
        f"<msgType>{kind}</msgType><scope>Public</scope>{said}{'' if kind == 'Cancel' else block}</alert>"
    ).encode()


def refer(at: datetime, ident: str = "QX-1", sender: str = SENDER) -> str:
    return f"{sender},{ident},{stamp(at)}"


def plain(at: datetime, **changes: Any) -> dict[str, Any]:
    """A record of our own JSON."""
    return {
        "format": "kuangan.weather/1",
        "sender": "example",
        "id": "P-1",
        "sent": stamp(at),
        "type": "alert",
        "event": "暴雨",
        "colour": "橙",
        "expires": stamp(at + timedelta(hours=6)),
        "headline": "示例暴雨橙色预警",
        "areas": [{"name": "示例区", "codes": [COUNTY]}],
    } | changes


def packed(*records: object) -> bytes:
    return json.dumps(list(records) if len(records) > 1 else records[0], ensure_ascii=False).encode()


def hundred_mines() -> None:
    """More mines in the county of mine A."""
    Mine.objects.bulk_create(
        Mine(
            code=f"1404049{number:05d}",
            name=f"示例{number}",
            kind="open_pit_coal",
            sector="coal",
            county_id=COUNTY,
            city_id=CITY,
        )
        for number in range(100, 200)
    )
