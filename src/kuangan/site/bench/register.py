"""A register of 1,500 rows from a workbook, while the engine goes on writing to the same database.

The engine's part is its smallest transaction, a position, every 50 ms; its wait is what passes until the database has taken it.
"""

from __future__ import annotations

import io
import threading
import time
from datetime import timedelta
from typing import Any, Final

from kuangan.site.bench.stages import Task

ROWS: Final = 1_500
EVERY_S: Final = 0.05
HEADS: Final = (
    "矿山编码",
    "名称",
    "类型",
    "所在县",
    "产能",
    "生产状态",
    "瓦斯等级",
    "上级企业",
    "直接监管单位",
    "批复日期",
    "文号",
)


def measure(task: Task) -> dict[str, Any]:
    """Seconds of preview and writing, and the waits of the engine's writes meanwhile in ms."""
    from kuangan.site.processes import set_up

    set_up()
    from kuangan.base.clock import now
    from kuangan.base.people.models import Organisation, User
    from kuangan.base.registry.imports.storing import Offer, preview
    from kuangan.base.registry.imports.writing import write
    from kuangan.base.registry.pauses import Pace

    office = Organisation.objects.get(kind="emergency", region="140000")
    keeper = User.objects.create(username="bench", organisation=office, roles=["system_admin"], display_name="bench")
    at = now()
    waits: list[float] = []
    stop = threading.Event()
    engine = threading.Thread(target=writing_engine, args=(stop, waits))
    engine.start()
    try:
        began = time.perf_counter()
        made = preview(Offer("bench.xlsx", workbook(ROWS), "bench", at - timedelta(days=1)), by=keeper, at=at)
        previewed = time.perf_counter()
        written = write(made, by=keeper, at=at, pace=Pace())
        ended = time.perf_counter()
    finally:
        stop.set()
        engine.join()
    waits.sort()
    return {
        "register_rows": made.read,
        "register_written": written,
        "register_preview_s": previewed - began,
        "register_write_s": ended - previewed,
        "register_engine_writes": len(waits),
        "register_engine_wait_p50_ms": waits[len(waits) // 2],
        "register_engine_wait_p99_ms": waits[len(waits) * 99 // 100],
        "register_engine_wait_max_ms": waits[-1],
    }


def writing_engine(stop: threading.Event, waits: list[float]) -> None:
    """The smallest transaction of an engine at its rhythm, until told to stop; `waits` takes how long each was, in ms."""
    from django.db import connection, transaction

    from kuangan.domains.datalink.position import store_position

    number = 0
    while not stop.wait(EVERY_S):
        number += 1
        began = time.perf_counter()
        with transaction.atomic():
            store_position({"g1": number}, number)
        waits.append((time.perf_counter() - began) * 1000)
    connection.close()


def workbook(rows: int) -> bytes:
    """A register with a bad row in every fifty and a doubtful one in every thirty."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("登记表")
    sheet.append(["合成登记表"])
    sheet.append(list(HEADS))
    for n in range(rows):
        code = "14040490" if n % 50 == 7 else f"140404{n:06d}"
        county = "长治县" if n % 30 == 11 else "上党区"
        facts = (f"{30 + n % 90}万吨/年", "生产", "低瓦斯", f"示例集团{n % 40}", "县级" if n % 3 else "市级")
        sheet.append([code, f"示例{n}号煤业", "井工", county, *facts, 45000 + n % 700, f"文{n}"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
