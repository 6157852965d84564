"""What must hold after a round of kills. Every check gives sentences about what does not; [] is the proof.

The measure is one uncut judgement: the same spool, copied into a fresh home, taken by one pipeline in one piece.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl
import psycopg

from kuangan.library.telemetry.frames import REFUSAL, UPLOAD, Frame, digest_of
from kuangan.library.telemetry.ledger import Ledger, balance
from kuangan.library.warning.deceit.rules import MODELS as SUSPICIONS
from kuangan.library.warning.events import Event
from kuangan.library.warning.runners.chopped import frames_of
from kuangan.library.warning.runners.pipeline import Pipeline
from kuangan.library.warning.runners.sink import Collecting
from tests.kills.fleet import STEADY, Fleet
from tests.kills.installation import Installation
from tests.kills.senders import Sent

GATEWAY = "g1"
HALF_HOUR = 30 * 60_000
SHOWN = 5


def first(faults: Iterable[str], what: str) -> list[str]:
    """The first few of a kind of fault and how many there are."""
    found = list(faults)
    more = [f"{what}: {len(found)} in all"] if len(found) > SHOWN else []
    return [*(f"{what}: {each}" for each in found[:SHOWN]), *more]


def archived(home: Path) -> pl.DataFrame:
    """Every row of the archive as plain columns, in order."""
    from deltalake import DeltaTable

    paths = DeltaTable(str(home / "archive" / "readings")).file_uris()
    columns = ["point", "time", "rev", "value", "status", "arrival", "mine"]
    return pl.concat([pl.read_parquet(path, columns=columns) for path in paths]).sort("point", "time", "rev")


class Proof:
    """Checks over a home whose processes have stopped. `dump` is what the database holds."""

    def __init__(
        self, installation: Installation, fleet: Fleet, sent: Sent, dump: Mapping[str, Any], fresh: Path
    ) -> None:
        self.installation, self.fleet, self.sent, self.dump = installation, fleet, sent, dump
        self.home = installation.home
        self.numbered = frames_of(self.home, GATEWAY)
        self.frames: list[Frame] = [frame for _, frame in self.numbered]
        self.alerts: dict[str, dict[str, Any]] = {row["event_id"]: row for row in dump["alerts"]}
        self.fresh = fresh
        self.uncut: dict[str, Event] = {}
        self.suspected: dict[str, Event] = {}

    def faults(self) -> list[str]:
        """Everything."""
        self._judge_uncut()
        checks = (
            *(self.spool, self.acknowledgements, self.ledger, self.ledger_as_uncut, self.archive_as_uncut),
            *(
                self.alerts_as_uncut,
                self.suspicions_as_uncut,
                self.half_hours,
                self.clocks,
                self.register,
                self.audit,
                self.database,
            ),
        )
        return [fault for check in checks for fault in first(check(), check.__name__)]

    def _judge_uncut(self) -> None:
        shutil.copytree(self.home / "spool", self.fresh / "spool")
        sink = Collecting()
        pipeline = Pipeline(self.fresh, sink)
        pipeline.advance(self.numbered)
        if pipeline.state.late:
            raise AssertionError("the round stopped before its late readings were settled")
        pipeline.flush()
        self.uncut = {ident: event for ident, event in sink.events.items() if event.rule not in SUSPICIONS}
        self.suspected = {ident: event for ident, event in sink.events.items() if event.rule in SUSPICIONS}
        self.uncut_register = sink

    # --- what was received ------------------------------------------------------------------------------------------

    def spool(self) -> Iterator[str]:
        """Numbers without a gap, arrivals in order, every byte as its digest says, nothing that nobody sent."""
        if [frame.seq for frame in self.frames] != list(range(len(self.frames))):
            yield "the numbers of the frames have gaps"
        yield from (
            f"frame {b.seq} arrived before {a.seq}" for a, b in pairwise(self.frames) if b.received_at < a.received_at
        )
        yield from (f"frame {x.seq} was changed" for x in self.frames if digest_of(x.payload) != x.digest)
        count = Counter((x.name, x.digest) for x in self.frames if x.kind == UPLOAD)
        for key, number in count.items():
            if number > 2 * self.sent.offered[key]:
                yield f"{key[0]} lies in the spool {number} times and was offered {self.sent.offered[key]} times"
        yield from (f"{key[0]} was never offered" for key in count if key not in self.sent.offered)

    def acknowledgements(self) -> Iterator[str]:
        """Every acknowledged frame is in the spool exactly as it was sent, at the number that was answered."""
        held = {(x.name, x.digest) for x in self.frames if x.kind == UPLOAD}
        if not self.sent.acknowledged:
            yield "nothing was acknowledged"
        for name, digest, seq in self.sent.acknowledged:
            if (name, digest) not in held:
                yield f"{name} was acknowledged and is not in the spool"
            elif seq is not None:
                frame = self.frames[seq] if seq < len(self.frames) else None
                if frame is None or (frame.name, frame.digest) != (name, digest):
                    yield f"{name} was acknowledged as frame {seq}, which is another"

    # --- what was accounted -----------------------------------------------------------------------------------------

    def ledger(self) -> Iterator[str]:
        """Exactly one row per frame, nothing waiting, all sums agree."""
        rows = Counter(Ledger(self.home).frames().select("gateway", "seq").collect().iter_rows())
        wanted = {(GATEWAY, x.seq) for x in self.frames if x.kind in {UPLOAD, REFUSAL}}
        yield from (f"frame {seq} has {n} rows" for (_, seq), n in rows.items() if n != 1)
        yield from (f"frame {seq} has no row" for _, seq in sorted(wanted - set(rows)))
        yield from (f"row {seq} has no frame" for _, seq in sorted(set(rows) - wanted))
        code, out, err = self.installation.command("ledger", "verify", "--json")
        if code:
            yield f"`ledger verify` ended with {code}: {out} {err[-500:]}"
        if balance(self.home).waiting:
            yield f"{balance(self.home).waiting} frames still wait"

    def ledger_as_uncut(self) -> Iterator[str]:
        """What became of every frame and of every rejected record is what the uncut judgement says."""
        for name in ("frames", "rejects"):
            keys = ["gateway", "seq"] if name == "frames" else ["gateway", "seq", "record", "column", "reason"]
            mine, uncut = (getattr(Ledger(home), name)().collect().sort(keys) for home in (self.home, self.fresh))
            yield from _differences(mine, uncut, name)

    def archive_as_uncut(self) -> Iterator[str]:
        """One row per point, time and revision, the same as in the archive of the uncut judgement."""
        mine, uncut = archived(self.home), archived(self.fresh)
        doubled = mine.filter(mine.select("point", "time", "rev").is_duplicated())
        yield from (f"{row} is there twice" for row in doubled.head(SHOWN).iter_rows())
        if mine.is_empty():
            yield "nothing was archived"
        yield from _differences(mine, uncut, "archive")
        yield from _differences(*(self._reported(home) for home in (self.home, self.fresh)), "reported alarms")

    def _reported(self, home: Path) -> pl.DataFrame:
        from kuangan.library.telemetry.reported import ReportedAlarms

        return ReportedAlarms(home).rows().collect().sort("gateway", "seq", "code", "start")

    # --- what was judged --------------------------------------------------------------------------------------------

    def alerts_as_uncut(self) -> Iterator[str]:
        """The alerts are the events of the uncut judgement: none missing, none more, the last revision of each."""
        if len(self.alerts) != len(self.dump["alerts"]):
            yield "an event has two alerts"
        if self.dump["cases"] != len(self.alerts):
            yield f"{self.dump['cases']} cases for {len(self.alerts)} alerts"
        yield from (
            f"{x.id} ({x.rule} {x.subject}) has no alert" for x in self.uncut.values() if x.id not in self.alerts
        )
        yield from (f"{ident} was never judged" for ident in self.alerts if ident not in self.uncut)
        for ident, event in self.uncut.items():
            found, wanted = _of_alert(self.alerts.get(ident)), _of_event(event)
            if found is not None and found != wanted:
                yield f"{ident}: stored {found}, judged {wanted}"

    def suspicions_as_uncut(self) -> Iterator[str]:
        """The suspicions are those of the uncut judgement, each once and as it stands last."""
        rows = self.dump["suspicions"]
        found = sorted((x["event_id"], x["rev"], x["rule"], x["subject"], x["status"]) for x in rows)
        wanted = sorted((x.id, x.rev, x.rule, x.subject, x.status) for x in self.suspected.values())
        yield from (f"{row} was never judged" for row in found if row not in wanted)
        yield from (f"{row} has no suspicion" for row in wanted if row not in found)

    def half_hours(self) -> Iterator[str]:
        """Each over-limit that lasts 30 minutes is orange with the first reading that makes them full, counted here anew."""
        runs = list(self.long_runs())
        if not runs:
            yield "no over-limit of 30 minutes was sent"
        for subject, onset, at in runs:
            alert = next((x for x in self.dump["alerts"] if (x["subject"], x["onset"]) == (subject, onset)), None)
            if alert is None:
                yield f"{subject} over the limit from {onset}: no alert"
                continue
            orange = [tuple(row) for row in alert["inputs"]["grades"] if row[0] == "orange"]
            if orange != [("orange", at, "M-O2")]:
                yield f"{alert['event_id']}: orange {orange}, 30 minutes were full at {at}"
            told = [x["at"] for x in self.dump["changes"] if x["alert_id"] == alert["case_id"] and x["kind"] == "grade"]
            if at not in told:
                yield f"{alert['event_id']}: grades told at {told}, 30 minutes were full at {at}"

    def long_runs(self) -> Iterator[tuple[str, int, int]]:
        """Point, onset and arrival of the reading with which 30 minutes were full, read off the spool by hand."""
        tracks: dict[int, list[tuple[int, float, int]]] = {mine: [] for mine in range(STEADY)}
        seen: set[str] = set()
        for frame in self.frames:
            mine = next((m for m in tracks if frame.name.startswith(f"{self.fleet.code(m)}_CDSS_")), None)
            if mine is None or frame.kind != UPLOAD or frame.name in seen:
                continue
            seen.add(frame.name)
            value = float(frame.payload.decode().split("~")[1].split(";")[3])
            step = len(tracks[mine])
            tracks[mine].append((self.fleet.event_time(step), value, frame.received_at))
        for mine, track in tracks.items():
            onset: int | None = None
            for time, value, arrival in track:
                if value < 1.0:
                    onset = None
                elif onset is None:
                    onset = time
                elif time - onset == HALF_HOUR:
                    yield self.fleet.point(mine, 0), onset, arrival

    # --- what follows -----------------------------------------------------------------------------------------------

    def clocks(self) -> Iterator[str]:
        """No clock, step of a ladder, message or change twice."""
        rows = self.dump["deadlines"]
        opened = Counter((x["subject_id"], x["code"]) for x in rows if x["state"] in {"running", "lapsed"})
        begun = Counter((x["subject_id"], x["code"], x["started_at"]) for x in rows)
        fired = Counter((x["ident"], x["content"]) for x in self.dump["audit"] if x["action"] == "rung")
        told = Counter(x["key"] for x in self.dump["notices"])
        changed = Counter((x["alert_id"], x["rev"], x["kind"], x["level"], x["detail"]) for x in self.dump["changes"])
        for what, count in (("open", opened), ("begun", begun), ("rung", fired), ("notice", told), ("change", changed)):
            yield from (f"{what} {key}: {n} times" for key, n in count.items() if n > 1)
        raised = Counter(x["alert_id"] for x in self.dump["changes"] if x["kind"] == "raised")
        yield from (
            f"{x['event_id']} was raised {raised[x['case_id']]} times"
            for x in self.dump["alerts"]
            if raised[x["case_id"]] != 1
        )
        watched = {x["subject_id"] for x in rows}
        yield from (
            f"{x['event_id']} has no clock"
            for x in self.dump["alerts"]
            if not x["merged_into"] and str(x["case_id"]) not in watched
        )

    def register(self) -> Iterator[str]:
        """Mines and points that sent something are in the register, each once."""
        for name, known in (("mines", self.uncut_register.mines), ("points", self.uncut_register.points)):
            found = Counter(row["code"] for row in self.dump[name])
            yield from (f"{name} {code}: {n} times" for code, n in found.items() if n != 1)
            yield from (f"{name} {code} is missing" for code in known if code not in found)

    def audit(self) -> Iterator[str]:
        """The chain holds, everything is sealed, every alert was noted once as raised."""
        code, out, err = self.installation.command("audit", "verify", "--json")
        if code:
            yield f"`audit verify` ended with {code}: {out[-500:]} {err[-500:]}"
        if self.dump["unsealed"]:
            yield f"{self.dump['unsealed']} entries are not sealed"
        raised = Counter(x["ident"] for x in self.dump["audit"] if x["action"] == "alert.raised")
        for alert in self.dump["alerts"]:
            if raised[alert["case__number"]] != 1:
                yield f"{alert['case__number']} is noted as raised {raised[alert['case__number']]} times"

    def database(self) -> Iterator[str]:
        """The database itself says that it is whole."""
        if self.installation.database_url:
            yield from _postgres_faults(self.installation.database_url)
        else:
            yield from _sqlite_faults(self.home / "kuangan.sqlite3")


def _of_event(event: Event) -> tuple[Any, ...]:
    return (
        *(event.rev, event.rule, event.subject_kind, event.subject, event.onset, event.end, event.peak, event.grade),
        *(event.status, event.merged_into or "", event.raised_at),
    )


def _of_alert(row: Mapping[str, Any] | None) -> tuple[Any, ...] | None:
    if row is None:
        return None
    names = (
        "rev",
        "rule",
        "subject_kind",
        "subject",
        "onset",
        "end",
        "peak",
        "grade",
        "event_status",
        "merged_into",
        "raised_at",
    )
    return tuple(row[name] for name in names)


def _differences(mine: pl.DataFrame, uncut: pl.DataFrame, what: str) -> Iterator[str]:
    if mine.equals(uncut):
        return
    yield f"{what}: {len(mine)} rows, uncut {len(uncut)}"
    for name, a, b in (("only here", mine, uncut), ("only uncut", uncut, mine)):
        for row in a.join(b, on=a.columns, how="anti", nulls_equal=True).head(2).iter_rows():
            yield f"{what}, {name}: {row}"


def _sqlite_faults(path: Path) -> Iterator[str]:
    with closing(sqlite3.connect(path)) as connection:
        for pragma in ("integrity_check", "foreign_key_check"):
            rows: Sequence[tuple[Any, ...]] = connection.execute(f"PRAGMA {pragma}").fetchall()
            yield from (f"{pragma}: {row}" for row in rows if row != ("ok",))


def _postgres_faults(address: str) -> Iterator[str]:
    """Every foreign key is followed anew, every B-tree is checked where the server has the means."""
    with psycopg.connect(address, autocommit=True) as connection:
        keys = connection.execute(
            "SELECT c.conrelid::regclass::text, a.attname, c.confrelid::regclass::text, b.attname FROM pg_constraint c"
            " JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]"
            " JOIN pg_attribute b ON b.attrelid = c.confrelid AND b.attnum = c.confkey[1] WHERE c.contype = 'f'"
        ).fetchall()
        for table, column, other, key in keys:
            query = (
                f'SELECT count(*) FROM {table} x WHERE "{column}" IS NOT NULL AND NOT EXISTS'
                f' (SELECT 1 FROM {other} y WHERE y."{key}" = x."{column}")'
            )
            row = connection.execute(query).fetchone()
            if row and row[0]:
                yield f"{row[0]} rows of {table}.{column} point to nothing in {other}"
