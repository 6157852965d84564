"""The figures as a table for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from rich.console import Console, JustifyMethod
from rich.table import Table

Row = tuple[str, str, str, str]
COLUMNS: Final[tuple[tuple[str, JustifyMethod], ...]] = (
    ("what", "left"),
    ("value", "right"),
    ("target", "right"),
    ("measured on", "left"),
)


def shown(result: Mapping[str, Any]) -> str:
    """One row a figure: what, value, target, and what it was measured on."""
    return _table(result, _rows(result))


def shown_load(result: Mapping[str, Any]) -> str:
    """The figures of a load test, as `shown`."""
    return _table(result, _load_rows(result))


def _table(result: Mapping[str, Any], rows: Sequence[Row]) -> str:
    table = Table(title=f"{result['cpu']}, seed {result['seed']}", title_justify="left")
    for name, justify in COLUMNS:
        table.add_column(name, justify=justify, overflow="fold")
    for row in rows:
        table.add_row(*row)
    console = Console(width=150, color_system=None)
    with console.capture() as captured:
        console.print(table)
    return captured.get().rstrip()


def _rows(r: Mapping[str, Any]) -> list[Row]:
    """The rows of what was measured."""
    parts = {
        "ratio_to_plain_read": _pipeline,
        "socket_to_spool_readings_per_second": _receive,
        "register_rows": _register,
        "checks_mines": _checks,
        "lists_alerts": _lists,
        "live_mines": _live,
    }
    return [row for figure, rows in parts.items() if figure in r for row in rows(r)]


def _receive(r: Mapping[str, Any]) -> list[Row]:
    how = "HTTP on 127.0.0.1, eight senders, 50 files a request, two cores"
    return [("socket → spool, fsynced", _rate(r["socket_to_spool_readings_per_second"]), "", how)]


def _pipeline(r: Mapping[str, Any]) -> list[Row]:
    frames = f"{r['readings']:,} synthetic readings, {r['points']:,} points, {r['records_a_file']} a file"
    mixed = f"{r['mixed_readings']:,} readings with all that is sent beside; medians of three"
    one = f"{frames}; one core, warm process, points known"
    day = f"{r['archive_readings']:,} synthetic readings, {r['archive_hours']:.1f} h, jittered; one core"
    return [
        ("text → judged → archived, ledgered", _rate(r["readings_per_second"]), "", one),
        ("  from the first byte, every point new", _rate(r["cold_readings_per_second"]), "", one),
        (
            "plain read of the same bytes",
            _rate(r["plain_readings_per_second"]),
            "",
            "pl.read_csv, seven text columns, one core",
        ),
        ("ratio to the plain read", f"{r['ratio_to_plain_read']:.2f}", "≥ 0.4", "medians of five, in turn"),
        ("  by processor time", f"{r['ratio_of_processor_time']:.2f}", "", "the same rounds"),
        ("  with all that is sent beside", f"{r['mixed_ratio_to_plain_read']:.2f}", "", mixed),
        ("judging alone", _rate(r["judging_readings_per_second"]), "≥ 15 M/s", f"{frames}; one core, points known"),
        ("  with all that is sent beside", _rate(r["mixed_judging_readings_per_second"]), "", mixed),
        ("  of it, the dearest rules", _dearest(r["cost_per_rule"]), "", "timers inside, a run of its own"),
        (
            "spool → judged → archived",
            _rate(r["spool_to_archive_readings_per_second"]),
            "",
            "the spool with all that is sent beside; one core, cold process, once",
        ),
        (
            "peak memory of the engine",
            f"{r['peak_rss_mib']:,.0f} MiB",
            "≤ 1,024 MiB",
            f"{r['memory_points']:,} points, {r['memory_readings']:,} readings, resident",
        ),
        ("archive, as appended", f"{r['bytes_per_reading_fresh']:.2f} B/reading", "", f"{day}, commits of 10 min"),
        ("archive, compacted", f"{r['bytes_per_reading']:.2f} B/reading", "≤ 1", day),
        ("a point's day, as appended", f"{r['point_day_fresh_ms']:.0f} ms", "", f"{day}, warm"),
        ("a point's day, compacted", f"{r['point_day_ms']:.0f} ms", "≤ 50 ms", f"{day}, warm"),
    ]


def _dearest(costs: Mapping[str, float]) -> str:
    first = sorted(costs, key=lambda rule: -costs[rule])[:5]
    return ", ".join(f"{rule} {costs[rule]:.1%}" for rule in first)


def _lists(r: Mapping[str, Any]) -> list[Row]:
    if r["lists_p95_ms"] is None:
        return [("lists of the desk", "not measured", "≤ 150 ms", "alerts is 0")]
    how = f"{r['lists_alerts']:,} synthetic alerts, one process, SQLite"
    slowest = r["lists_each_ms"][r["lists_slowest"]]
    return [
        ("lists of the desk, p50 / p95", f"{r['lists_p50_ms']:.0f} / {r['lists_p95_ms']:.0f} ms", "≤ 150 ms", how),
        ("  the slowest of them, p95", f"{slowest:.0f} ms", "", r["lists_slowest"]),
    ]


def _register(r: Mapping[str, Any]) -> list[Row]:
    rows = f"{r['register_rows']:,} rows, xlsx, one process, SQLite"
    waits = (r[f"register_engine_wait_{name}_ms"] for name in ("p50", "p99", "max"))
    return [
        ("register: read, judged, shown", f"{r['register_preview_s']:.1f} s", "≤ 10 s", rows),
        (
            "register: written as dated facts",
            f"{r['register_write_s']:.1f} s",
            "≤ 10 s",
            f"{rows}; {r['register_written']:,} written",
        ),
        (
            "  the engine's writes meanwhile, p50 / p99 / max",
            " / ".join(f"{wait:.0f}" for wait in waits) + " ms",
            "≤ 200 ms",
            f"{r['register_engine_writes']:,} writes, one every 50 ms",
        ),
    ]


def _checks(r: Mapping[str, Any]) -> list[Row]:
    how = f"{r['checks']} checks, {r['checks_mines']:,} mines, {r['checks_answers']:,} answers, SQLite, the engine writing"
    return [
        ("all checks, every answer stored anew", f"{r['checks_first_s']:.1f} s", "≤ 10 s", how),
        ("  again, nothing changed", f"{r['checks_unchanged_s']:.1f} s", "", ""),
        ("  again after a bad day", f"{r['checks_changed_s']:.1f} s", "≤ 10 s", f"{r['checks_changed']:,} changed"),
        ("  the engine's writes meanwhile, p99", f"{r['checks_engine_wait_p99_ms']:.0f} ms", "≤ 200 ms", ""),
    ]


def _live(r: Mapping[str, Any]) -> list[Row]:
    if r["arrival_to_browser_p50_ms"] is None:
        return [("arrival → browser", "not measured", "≤ 1 s / 2 s", "live_seconds is 0")]
    value = f"{r['arrival_to_browser_p50_ms']:,.0f} / {r['arrival_to_browser_p99_ms']:,.0f} ms"
    how = f"{r['live_mines']} synthetic mines at 10 s, {r['live_alerts']} alerts in {r['live_seconds']} s; {r['live_client']}"
    rows = [("arrival → browser, p50 / p99", value, "≤ 1 s / 2 s", how)]
    if r["live_missed"]:
        rows.append(("  alerts never announced", str(r["live_missed"]), "0", "the same run"))
    return rows


def _load_rows(r: Mapping[str, Any]) -> list[Row]:
    how = f"{r['mines']} synthetic mines × {r['points']} points at 10 s for {r['minutes']:g} min, {r['alerts']} alerts"
    ledger = r["ledger"]
    return [
        (
            "arrival → browser, p50 / p99",
            _shares(r, "arrival_to_browser", "p50", "p99"),
            "≤ 1 s / 2 s",
            f"{how}; {r['client']}",
        ),
        ("arrival → stream, p50 / p99", _shares(r, "arrival_to_stream", "p50", "p99"), "", "the same run, httpx"),
        ("alerts never announced", str(r["missed"]), "0", "the same run"),
        ("spool age, p50 / p99 / max", _shares(r, "spool_age_ms"), "", "asked once a second"),
        ("engine behind, p50 / p99 / max", _shares(r, "lag_ms"), "", "asked once a second"),
        (
            "files leave late, p50 / p99 / max",
            _shares(r, "sent_late_ms"),
            "",
            f"{r['files_sent']:,} files; the generator shares the machine",
        ),
        (
            "frames in the ledger",
            f"{ledger['received']:,}",
            f"{r['files_sent']:,}",
            f"balanced: {r['ledger_balanced']}; answers {r['answers']}",
        ),
        (
            "pages listening",
            str(r["pages_open_at_most"]),
            str(r["pages"]),
            f"{r['page_messages']:,} messages, {r['pages_lost']} streams lost",
        ),
        ("  between two messages, p50 / p99 / max", _shares(r, "page_gap_ms"), "", "a heartbeat is due each second"),
        (
            "peak memory",
            ", ".join(f"{name} {size}" for name, size in r["peak_rss_mib"].items()) + " MiB",
            "",
            "resident",
        ),
    ]


def _shares(r: Mapping[str, Any], name: str, *shares: str) -> str:
    unit = "" if name.endswith("_ms") else "_ms"
    found = [r[f"{name}_{share}{unit}"] for share in shares or ("p50", "p99", "max")]
    return "not measured" if None in found else " / ".join(f"{value:,.0f}" for value in found) + " ms"


def _rate(value: float) -> str:
    return f"{value / 1e6:.2f} M/s"
