"""From frames to judged, archived and accounted: the one way every runner takes.

`advance` takes frames in order, decodes those not received before, judges them, judges late windows again at every tenth second of
the gateway's clock, and hands the changes to the sink. `flush` makes archive, ledger, digests and checkpoint durable, in this
order. After a crash judging starts again at the checkpoint; archive and ledger carry the spool position they hold and are given
nothing twice, and late windows are read as they were known at their tick, so that the same events come out.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from kuangan.library.telemetry.archive import Archive, first_known
from kuangan.library.telemetry.decode import Decoded, decode
from kuangan.library.telemetry.delta_log import heal_tables
from kuangan.library.telemetry.frames import CONFIG, REFUSAL, TICK, UPLOAD, Frame
from kuangan.library.telemetry.grammar import COAL, file_types
from kuangan.library.telemetry.keeping import Origin, kept_rows
from kuangan.library.telemetry.ledger import FRAMES, REJECTS, Ledger
from kuangan.library.telemetry.names import UNNAMED, parse_name, type_of
from kuangan.library.telemetry.records import Records
from kuangan.library.telemetry.reported import REPORTED, ReportedAlarms
from kuangan.library.telemetry.results import CODE, Outcome
from kuangan.library.telemetry.shapes import SHAPES
from kuangan.library.warning import checkpoint, edited, families
from kuangan.library.warning.batch import Batch, ConfigMark, FrameMark, Lookup, Mark, TickMark
from kuangan.library.warning.definitions import note_changes
from kuangan.library.warning.digests import Digests
from kuangan.library.warning.edited import Edit
from kuangan.library.warning.events import Event
from kuangan.library.warning.family import Look, Readings
from kuangan.library.warning.flat import reconsider
from kuangan.library.warning.never import NEVER
from kuangan.library.warning.rejudge import Samples, rejudge
from kuangan.library.warning.runners import looking
from kuangan.library.warning.runners.accounts import Account, Tally, ledger_row
from kuangan.library.warning.runners.batching import batch_of, by_frame, valid
from kuangan.library.warning.runners.naming import frame_names
from kuangan.library.warning.runners.resending import resent
from kuangan.library.warning.runners.sink import Changes, SeenMine, Sink
from kuangan.library.warning.runners.tail import Tail, settle
from kuangan.library.warning.state import State
from kuangan.library.warning.step import step

REJUDGE_EVERY = 10_000
Numbered = tuple[str, Frame]


class Pipeline:
    """Owner of the state of one home. Not safe for two at once: runners hold the engine lock."""

    def __init__(self, home: Path, sink: Sink) -> None:
        self.home = home
        self.sink = sink
        heal_tables(home)
        self.archive = Archive(home)
        self.ledger = Ledger(home)
        self.reported_alarms = ReportedAlarms(home)
        self.records = Records(home)
        self.digests = Digests(home / "engine" / "digests")
        self.lookup = Lookup()
        self.tail = Tail()
        self.again = Tail()
        self.tally = Tally()
        self.open: dict[tuple[str, int], Account] = {}
        self.rejects: list[dict[str, Any]] = []
        self.reported: list[pl.DataFrame] = []
        self.positions: dict[str, int] = {}
        self.newest_header: dict[str, int] = {}
        self.number = self.arrival = 0
        self.state = State()
        self._recover()

    # --- recovery and flush -----------------------------------------------------------------------------------------

    def _recover(self) -> None:
        self.in_archive = self.archive.position()
        self.in_ledger = self.ledger.position()
        self.in_rejects = self.ledger.rejects_position()
        loaded = checkpoint.load(self.home / "engine")
        version = 0
        if loaded is not None:
            self.number, self.state, extras = loaded
            self.positions = dict(extras["positions"])
            self.newest_header = dict(extras["newest_header"])
            self.arrival = int(extras["arrival"])
            version = int(extras["archive_version"])
        self.stored = self.archive if self._caught_up() else self.archive.as_of(version)

    def _caught_up(self) -> bool:
        return all(self.positions.get(gateway, -1) >= seq for gateway, seq in self.in_archive.items())

    @property
    def may_flush(self) -> bool:
        """False while late rows wait, and while frames are judged again that the archive took before a crash."""
        return not self.state.late and self._caught_up()

    def flush(self) -> None:
        """Make everything up to the positions durable and drop what waited for it. Only when `may_flush`."""
        self.archive.append(self.named(self.tail.table()), self.positions)
        frames = pl.DataFrame(self.frame_rows(), schema=FRAMES)
        self.ledger.append(frames, pl.DataFrame(self.rejects, schema=REJECTS), self.positions)
        self.reported_alarms.append(self.reported, self.positions)
        self.records.append(self.positions)
        self.digests.flush()
        self.number += 1
        checkpoint.save(
            self.home / "engine",
            self.number,
            self.state,
            {
                "positions": self.positions,
                "newest_header": self.newest_header,
                "arrival": self.arrival,
                "archive_version": self.archive.version(),
            },
        )
        self.stored = self.archive
        self.again.clear()
        self.tail.clear()
        self.open.clear()
        self.rejects.clear()
        self.reported.clear()

    def named(self, table: pl.DataFrame) -> pl.DataFrame:
        """The tail with point codes instead of indices, and the mine of each point, both categorical."""
        codes = pl.Series("point", [x.code for x in self.state.points], pl.String).cast(CODE)
        mines = pl.Series("mine", [self.state.mines[x.mine] for x in self.state.points], pl.String).cast(CODE)
        index = table["point"]
        return table.with_columns(codes.gather(index).alias("point"), mines.gather(index).alias("mine"))

    # --- frames -----------------------------------------------------------------------------------------------------

    def advance(self, frames: Sequence[Numbered]) -> list[Event]:
        """Take frames in order of `(received_at, gateway, seq)`; returns every event revision they caused."""
        batch = self._batch(frames)
        events: list[Event] = []
        waiting: list[Mark] = []
        clock = self.state.clock
        for mark in batch.marks:
            waiting.append(mark)
            if isinstance(mark, TickMark):
                if clock != NEVER and mark.at // REJUDGE_EVERY > clock // REJUDGE_EVERY:
                    events += self._judge(batch, waiting)
                    events += self.settle_late(mark.at) + self.answer_looks(mark.at)
                    waiting = []
                clock = max(clock, mark.at)
        events += self._judge(batch, waiting)
        for gateway, frame in frames:
            self.positions[gateway] = frame.seq
            self.arrival = max(self.arrival, frame.received_at)
        self._hand_over(events)
        return events

    def settled(self, frames: Sequence[Numbered]) -> int:
        """How many of the frames end with the last tick at which late windows are judged again, 0 when none does.

        Where somebody always sends late, a flush is only possible right behind such a tick.
        """
        clock, cut = self.state.clock, 0
        for number, (_, frame) in enumerate(frames, start=1):
            if frame.kind != TICK:
                continue
            if clock != NEVER and frame.received_at // REJUDGE_EVERY > clock // REJUDGE_EVERY:
                cut = number
            clock = max(clock, frame.received_at)
        return cut

    def _hand_over(self, events: list[Event]) -> None:
        state = self.state
        note_changes(state)
        seen = [SeenMine(*row) for row in state.seen]
        self.sink.apply(Changes(events, seen, state.told, dict(self.positions), self.arrival))
        state.seen.clear()
        state.told = []

    def _judge(self, batch: Batch, marks: list[Mark]) -> list[Event]:
        part = Batch(
            marks,
            batch.code,
            batch.record,
            batch.time,
            batch.value,
            batch.status,
            batch.point,
            batch.late,
            batch.describe,
            batch.kept,
        )
        self.state, events = step(self.state, part, self.lookup)
        frames = [m for m in marks if isinstance(m, FrameMark) and m.hi > m.lo]
        if frames:
            self._keep(batch, frames)
        return events

    def _keep(self, batch: Batch, frames: list[FrameMark]) -> None:
        """Rows in time go to the tail and are counted for their frames; late ones wait for `settle_late`.

        Rows that the archive took before a crash go to `again`, a tail that is never written.
        """
        lo, hi = frames[0].lo, frames[-1].hi
        sizes = np.array([f.hi - f.lo for f in frames])
        late = batch.late[lo:hi]
        late_in_frame = np.add.reduceat(late, np.array([f.lo - lo for f in frames]), dtype=np.int64)
        for frame, size, missed in zip(frames, sizes.tolist(), late_in_frame.tolist(), strict=True):
            self.open[(frame.gateway, frame.seq)].archived += size - missed
            self.tally.archived += size - missed
        arrival = np.repeat(np.array([f.at for f in frames], np.int64), sizes)
        wanted = ~late
        if any(self._stored(f.gateway, f.seq) for f in frames):
            stored = np.repeat(np.array([self._stored(f.gateway, f.seq) for f in frames]), sizes)
            self._put(self.again, batch, lo, wanted & stored, arrival)
            wanted &= ~stored
        self._put(self.tail, batch, lo, wanted, arrival)

    def _put(
        self, tail: Tail, batch: Batch, lo: int, wanted: npt.NDArray[np.bool_], arrival: npt.NDArray[np.int64]
    ) -> None:
        kept: Any = slice(None) if wanted.all() else np.flatnonzero(wanted)
        part = slice(lo, lo + len(wanted))
        point, time = batch.point[part][kept], batch.time[part][kept]
        tail.add(point, time, batch.value[part][kept], batch.status[part][kept], arrival[kept])

    def _stored(self, gateway: str, seq: int) -> bool:
        """True for a frame that the archive took before a crash."""
        return seq <= self.in_archive.get(gateway, -1)

    def settle_late(self, now: int) -> list[Event]:
        """Archive the late readings that wait, and judge their windows again."""
        rows = self.state.late
        if not rows:
            return []
        self.state.late = []
        codes = [p.code for p in self.state.points]
        settled = settle(rows, (self.again, self.tail), codes, self.stored.existing)
        for row, what in zip(rows, settled, strict=True):
            account = self.open[(row.gateway, row.seq)]
            for counts in (account, self.tally):
                counts.archived += what.rev is not None
                counts.repeated += what.rev is None
        added = [(row, what.rev) for row, what in zip(rows, settled, strict=True) if what.rev is not None]
        self.again.add_late([(row, rev) for row, rev in added if self._stored(row.gateway, row.seq)])
        self.tail.add_late([(row, rev) for row, rev in added if not self._stored(row.gateway, row.seq)])
        edits = [Edit(r, what.before, what.arrived) for r, what in zip(rows, settled, strict=True) if what.rev]
        edited.note(self.state, edits, partial(frame_names, self.open, self.ledger))
        first = [row for row, rev in added if rev == 0]
        events = rejudge(self.state, first, self.read_point, now) + reconsider(self.state, first, self.read_point, now)
        families.late(self.state, first, now)
        for file in resent(self.state, rows, [what.rev for what in settled], self._read):
            events += families.resent(self.state, file, now)
        return events

    def answer_looks(self, now: int) -> list[Event]:
        """Read for the families what they want to see of the archive, as it was judged so far."""
        events: list[Event] = []
        for look in families.looks(self.state):
            events += families.looked(self.state, look, self._read(look), now)
        return events

    def _read(self, look: Look) -> Readings:
        points = self.state.points
        codes = [points[index].code for index in look.points]
        return looking.read(self.stored, (self.again, self.tail), codes, len(points), look)

    def settle_last(self) -> list[Event]:
        """Settle what waits although no tick came: the end of a replay."""
        now = max(self.state.clock, self.arrival)
        events = self.settle_late(now) + self.answer_looks(now)
        self._hand_over(events)
        return events

    def read_point(self, code: str, start: int, end: int) -> Samples:
        """First revisions of a point that were judged so far, `start` to `end` inclusive, in time order."""
        columns = ["time", "value", "status", "lag", "rev"]
        index = self.state.point_index[code]
        held = [tail.of(index, start, end).select(columns) for tail in (self.again, self.tail)]
        stored = self.stored.read([code], start, end + 1).select(columns)
        rows = first_known(pl.concat([stored, *held], how="vertical_relaxed"), None)
        return rows["time"].to_numpy(), rows["value"].to_numpy(), rows["status"].to_numpy()

    # --- from frames to a batch -------------------------------------------------------------------------------------

    def _batch(self, frames: Sequence[Numbered]) -> Batch:
        fresh: list[Frame] = []
        accounts: list[Account | None] = []
        for gateway, frame in frames:
            account = self._receive(gateway, frame)
            accounts.append(account)
            if account is not None and account.status == "waiting":
                fresh.append(frame)
        decoded = decode(fresh)
        self._note_rejects([a for a in accounts if a is not None and a.status == "waiting"], decoded)
        batch = batch_of(decoded)
        bounds = np.searchsorted(decoded.readings["frame"].to_numpy(), np.arange(len(fresh) + 1))
        definitions = by_frame(decoded.points)
        number = 0
        clock = self.state.clock
        for (gateway, frame), account in zip(frames, accounts, strict=True):
            at = max(frame.received_at, clock)
            if frame.kind == TICK:
                clock = at
            if account is None:
                self._other(batch.marks, gateway, frame, at)
            elif account.status == "waiting":
                lo, hi = int(bounds[number]), int(bounds[number + 1])
                self._decoded(batch.marks, account, number, decoded, at, lo, hi, definitions.get(number, ()))
                number += 1
        judged = [a for a in accounts if a is not None and a.outcome is not None]
        origins = [Origin(a.gateway, a.frame.seq, a.frame.received_at, a.outcome) for a in judged if a.outcome]
        self.records.take(kept_rows(decoded, origins))
        if len(decoded.reported_alarms):
            self._keep_reported(decoded.reported_alarms, origins)
        return batch

    def _receive(self, gateway: str, frame: Frame) -> Account | None:
        """An account for what counts in the ledger: uploads (fresh ones `waiting`) and refusals.

        The same bytes for the same mine and type are a duplicate, whatever the rest of the name; sent again under the right
        mine's name after they were quarantined under a wrong one, they are not.
        """
        if frame.kind == REFUSAL:
            return self.open.setdefault(
                (gateway, frame.seq), Account.of(gateway, frame, "refused", type_of(frame.name))
            )
        if frame.kind != UPLOAD:
            return None
        name = parse_name(frame.name)
        account = Account.of(gateway, frame, "waiting", name.type if name else UNNAMED)
        whose = f"{name.mine if name else ''}/{account.type}".encode()
        content = blake2b(frame.digest + whose, digest_size=16).digest()
        if not self.digests.first(content, name.time if name else None, gateway, frame.seq):
            account.status = "duplicate"
            self.tally.add(account)
        self.open[(gateway, frame.seq)] = account
        return account

    def _other(self, marks: list[Mark], gateway: str, frame: Frame, at: int) -> None:
        if frame.kind == TICK:
            since = int(frame.payload) if frame.payload else at
            marks.append(TickMark(gateway, frame.seq, min(since, at), at))
        elif frame.kind == CONFIG and valid(frame):
            marks.append(ConfigMark(gateway, frame.seq, at, frame.name, frame.payload))

    def _decoded(
        self,
        marks: list[Mark],
        account: Account,
        number: int,
        decoded: Decoded,
        at: int,
        lo: int,
        hi: int,
        definitions: Sequence[dict[str, Any]],
    ) -> None:
        outcome = decoded.outcomes[number]
        account.outcome, account.status = outcome, outcome.status
        account.archived = account.repeated = 0
        if outcome.status in ("accepted", "partial"):
            self._mark_stale(account, outcome)
            kind = file_types()[outcome.type]
            kept = kind.feeds if kind.feeds in SHAPES else ""
            mark = FrameMark(
                account.gateway,
                account.frame.seq,
                at,
                outcome.mine,
                outcome.mine_name,
                kind.live,
                lo,
                hi,
                tuple(definitions),
                outcome.header_time,
                outcome.ahead,
                kind.live or (kind.family == COAL and not kept),
                kept,
                number,
                outcome.rejected if kept else 0,
                decoded.headers.get(number, {}) if kept else {},
            )
            marks.append(mark)
        self.tally.add(account)

    def _mark_stale(self, account: Account, outcome: Outcome) -> None:
        key = f"{outcome.mine}/{outcome.type}"
        if outcome.header_time is None or outcome.ahead:
            return
        newest = self.newest_header.get(key)
        account.stale = newest is not None and outcome.header_time < newest
        if newest is None or outcome.header_time > newest:
            self.newest_header[key] = outcome.header_time

    def _note_rejects(self, accounts: list[Account], decoded: Decoded) -> None:
        for reject in decoded.rejects:
            account = accounts[reject.frame]
            if account.frame.seq <= self.in_rejects.get(account.gateway, -1):
                continue
            self.rejects.append(
                {
                    "gateway": account.gateway,
                    "seq": account.frame.seq,
                    "mine": decoded.outcomes[reject.frame].mine,
                    "name": account.frame.name,
                    "received_at": account.frame.received_at,
                    "record": reject.record,
                    "column": reject.column,
                    "reason": reject.reason,
                    "excerpt": reject.excerpt,
                }
            )

    # --- rows of the ledger -----------------------------------------------------------------------------------------

    def _keep_reported(self, table: pl.DataFrame, origins: Sequence[Origin]) -> None:
        origin = [(each.gateway, each.seq, each.received_at, each.outcome.mine) for each in origins]
        schema = {name: REPORTED[name] for name in ("gateway", "seq", "received_at", "mine")}
        picked = pl.DataFrame(origin, schema=schema, orient="row")[table["frame"].to_numpy()]
        self.reported.append(pl.concat([table.drop("frame"), picked], how="horizontal").select(*REPORTED))

    def frame_rows(self) -> list[dict[str, Any]]:
        """Ledger rows of the frames since the last flush."""
        rows = self.open.values()
        return [ledger_row(x) for x in rows if x.frame.seq > self.in_ledger.get(x.gateway, -1)]
