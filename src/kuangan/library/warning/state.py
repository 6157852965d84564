"""Everything the stream rules remember: a struct of arrays per point and mine, a few living events, the configuration in force.

The state is owned by whoever folds it: `step` changes it in place and hands it back; `copied()` gives an independent one.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from kuangan.library.warning import limits, overrides, packed
from kuangan.library.warning.batch import LateRow
from kuangan.library.warning.columns import Columns
from kuangan.library.warning.danger.choosing import Facts, choose, hydro
from kuangan.library.warning.events import Record
from kuangan.library.warning.family import Family
from kuangan.library.warning.never import FOREVER, NEVER
from kuangan.library.warning.overlimit import Machine, Settings, machine_from, machine_state
from kuangan.library.warning.register import Register
from kuangan.library.warning.remembered import MINE_COLUMNS, POINT_COLUMNS
from kuangan.library.warning.rulebook import OVER_LIMIT, OverLimitRule, RuleBook, shipped
from kuangan.library.warning.settings import MINUTE, Quantity
from kuangan.library.warning.signs import UNKNOWN, Sign

if TYPE_CHECKING:
    from kuangan.library.warning.missing import Need

TREND_KINDS: Mapping[Quantity, int] = {"methane": 1, "carbon_monoxide": 2}
FORMAT = 3


@dataclass(slots=True)
class Point:
    """What is known of a point besides its numbers."""

    code: str
    mine: int
    sensor_type: str = ""
    value_type: str = ""
    type_name: str = ""
    unit: str = ""
    location: str = ""
    station: int = -1
    defined: bool = False
    system: str = ""
    relation: str = ""
    levels: tuple[float, ...] = ()
    limit: limits.Limit | None = None

    def row(self) -> list[Any]:
        """For a checkpoint; the limit is chosen anew."""
        return [
            *(self.code, self.mine, self.sensor_type, self.value_type, self.type_name, self.unit, self.location),
            *(self.station, self.defined, self.system, self.relation, list(self.levels)),
        ]

    @classmethod
    def restored(cls, row: list[Any]) -> Point:
        """What `row` gave."""
        *facts, levels = row
        point = cls(*facts)
        point.levels = tuple(levels)
        return point


@dataclass
class State:
    """See the module. `layout` counts what may change which points belong together; `foreign`: codes that do not carry their mine's
    code were met. Both are of the process and not saved. `next_link` and `next_point` are lower bounds of the next tick at which silence may change, `next_sample`
    of the next at which the points are sampled."""

    book: RuleBook = field(default_factory=shipped)
    register: Register = field(default_factory=Register)
    clock: int = NEVER
    resumed: int = NEVER
    next_link: int = FOREVER
    next_point: int = FOREVER
    next_sample: int = FOREVER
    next_check: int = FOREVER
    next_flap: int = FOREVER
    retired: bool = False
    points: list[Point] = field(default_factory=list)
    mines: list[str] = field(default_factory=list)
    mine_names: list[str] = field(default_factory=list)
    stations: list[str] = field(default_factory=list)
    point_index: dict[str, int] = field(default_factory=dict)
    mine_index: dict[str, int] = field(default_factory=dict)
    station_index: dict[str, int] = field(default_factory=dict)
    p: Columns = field(default_factory=lambda: Columns(POINT_COLUMNS))
    m: Columns = field(default_factory=lambda: Columns(MINE_COLUMNS))
    machines: dict[int, Machine] = field(default_factory=dict)
    past: dict[int, list[Record]] = field(default_factory=dict)
    high: dict[int, list[tuple[int, float]]] = field(default_factory=dict)
    links: dict[int, Record] = field(default_factory=dict)
    offline: dict[int, Record] = field(default_factory=dict)
    station_records: dict[int, Record] = field(default_factory=dict)
    wrong_clocks: dict[int, Record] = field(default_factory=dict)
    flats: dict[int, Record] = field(default_factory=dict)
    trends: dict[str, Record] = field(default_factory=dict)
    outages: dict[str, list[int]] = field(default_factory=dict)
    flapping: dict[str, Record] = field(default_factory=dict)
    places: dict[str, int] = field(default_factory=dict)
    missing: dict[str, Record] = field(default_factory=dict)
    needs: dict[int, list[Need]] = field(default_factory=dict)
    edits: dict[int, Record] = field(default_factory=dict)
    heads: dict[int, list[int]] = field(default_factory=dict)
    edits_waiting: list[dict[str, Any]] = field(default_factory=list)
    late: list[LateRow] = field(default_factory=list)
    seen: list[tuple[str, str, int]] = field(default_factory=list)
    changed_points: set[int] = field(default_factory=set)
    systems: dict[int, list[str]] = field(default_factory=dict)
    """Mine → maker and model of its system, as its definitions say."""
    told: list[dict[str, Any]] = field(default_factory=list)
    families: dict[str, Family] = field(default_factory=dict)
    family_tables: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    chosen: dict[tuple[object, ...], limits.Limit] = field(default_factory=dict)
    signs: dict[int, Sign] = field(default_factory=dict)
    signed: dict[tuple[int, str], set[int]] = field(default_factory=dict)
    layout: int = 0
    foreign: bool = False
    placed: dict[tuple[int, str], dict[str, list[int]]] = field(default_factory=dict)
    placed_at: int = -1
    minded: npt.NDArray[np.int8] = field(default_factory=lambda: np.empty(0, np.int8))
    minded_at: int = -1
    points_packed: bytes = b""
    points_at: int = -1
    """The points as a checkpoint holds them, packed: written out again only when one was defined anew."""
    chosen_signs: dict[tuple[object, ...], Sign | None] = field(default_factory=dict)

    # --- who is who -------------------------------------------------------------------------------------------------

    def mine_of(self, code: str, name: str, at: int) -> int:
        """Index of a mine (alias codes resolved), entered when new; a mine outside the register is noted in `seen`."""
        code = self.register.aliases.get(code, code)
        found = self.mine_index.get(code)
        if found is None:
            found = self.mine_index[code] = len(self.mines)
            self.mines.append(code)
            self.mine_names.append(self.register.name_of(code) or name)
            self.m.grow(1)
            if code not in self.register.mines:
                self.seen.append((code, name, at))
        return found

    def station_of(self, code: str) -> int:
        if not code:
            return -1
        found = self.station_index.get(code)
        if found is None:
            found = self.station_index[code] = len(self.stations)
            self.stations.append(code)
        return found

    def key_of(self, mine: int, code: str) -> str:
        """A point code that does not carry its mine's code is kept apart per mine, so that no mine writes another's points."""
        owner = self.mines[mine]
        return code if code.startswith(owner) else f"{owner}:{code}"

    def enter_point(self, mine: int, code: str, type_name: str, location: str, unit: str, sensor_type: str = "") -> int:
        """Index of a point, entered with what the first record or its definition tells.

        A qualified `sensor_type` is the family's own word; without one the code or the name of the type tells it.
        """
        key = self.key_of(mine, code)
        found = self.point_index.get(key)
        self.foreign = self.foreign or key != code
        if found is None:
            found = self.point_index[key] = len(self.points)
            value_type, in_code = limits.type_in_code(code)
            sensor_type = sensor_type or in_code or limits.type_by_name(self.book, type_name)
            self.points.append(Point(key, mine, sensor_type, value_type, type_name, unit, location))
            self.p.grow(1)
            self.p["mine"][found] = mine
            self.refresh(found)
        return found

    def name_type(self, index: int, type_name: str) -> None:
        """Take the name of its sensor type, which a definition does not carry, from a point's first reading."""
        point = self.points[index]
        if point.type_name or not type_name:
            return
        point.type_name = type_name
        point.sensor_type = point.sensor_type or limits.type_by_name(self.book, type_name)
        self.refresh(index)

    # --- limits -----------------------------------------------------------------------------------------------------

    def refresh(self, index: int) -> None:
        """Choose the limit of a point again from definition, register and rule book."""
        self.layout += 1
        point = self.points[index]
        own = float(self.p["own"][index])
        place, grade = self.register.place_class.get(point.code), self.register.gas_grade(self.mines[point.mine])
        key = (point.sensor_type, point.value_type, point.location, None if math.isnan(own) else own, place, grade)
        limit = self.chosen.get(key)
        if limit is None:
            limit = self.chosen[key] = limits.choose(
                self.book,
                sensor_type=point.sensor_type,
                value_type=point.value_type,
                location=point.location,
                own=own,
                register_place=place,
                gas_grade=grade,
            )
        limit = overrides.lowered(self.book.overrides, limit, self.mines[point.mine], point.code)
        if point.limit != limit:
            self.changed_points.add(index)
        point.limit = limit
        p = self.p
        if not p["silent"][index]:
            p["station"][index] = point.station
        p["methane"][index] = limit.quantity == "methane"
        p["periodic"][index] = (
            self.register.upload_mode.get(point.code, limits.usual_mode(point.sensor_type)) == "periodic"
        )
        p["limit"][index] = limit.value
        p["step"][index] = limit.step
        self._sign(index, limit)
        self.screen(index)
        analogue = point.value_type in ("", limits.ANALOGUE)
        p["varies"][index] = analogue and point.sensor_type in self.book.flat.types
        p["rises"][index] = TREND_KINDS.get(limit.quantity, 0) if analogue else 0
        p["hydro"][index] = hydro(self.book, point.sensor_type) if analogue else 0
        p["samples"][index] = p["varies"][index] or p["rises"][index] > 0 or p["hydro"][index] > 0

    def _sign(self, index: int, limit: limits.Limit) -> None:
        """Choose the sign of a point again; with other edges its band is not known until its next value."""
        p, point = self.p, self.points[index]
        own = high, low, cut = tuple(float(p[name][index]) for name in ("own", "own_low", "own_cut"))
        facts = Facts(point.sensor_type, point.value_type, point.system, point.location, high, low, cut, point.levels)
        key = (*facts[:4], point.levels, *(None if math.isnan(value) else value for value in own), limit)
        if key not in self.chosen_signs:
            self.chosen_signs[key] = choose(self.book, facts, limit)
        sign, before = self.chosen_signs[key], self.signs.get(index)
        if before is not None and (sign is None or sign.edges != before.edges or sign.kind != before.kind):
            p["band"][index], p["band_at"][index] = UNKNOWN, NEVER
        if before is not None:
            del self.signs[index]
            self.signed[point.mine, before.kind].discard(index)
        if sign is not None:
            self.signs[index] = sign
            self.signed.setdefault((point.mine, sign.kind), set()).add(index)

    def screen(self, index: int) -> None:
        """Set the values between which a sample of a quiet point is certainly nothing the rules look at."""
        p, limit, sign = self.p, self.points[index].limit, self.signs.get(index)
        assert limit is not None
        floor, ceiling = sign.quiet(int(p["band"][index]), limit.step) if sign else (-math.inf, math.inf)
        p["floor"][index], p["ceiling"][index] = floor, ceiling
        p["loud"][index] = self._screen(limit, graded=bool(sign and sign.grades))
        self._close_screen(index)

    def _screen(self, limit: limits.Limit, *, graded: bool) -> float:
        """Value below which a sample of a quiet point is nothing to the rules of limits and silence; a point on levels (`graded`) is judged
        by them alone."""
        over = math.inf if math.isnan(limit.value) or graded else limit.value - 0.51 * limit.step
        noted = self.book.sensor_offline.rising_before.above if limit.quantity == "methane" else math.inf
        return min(over, noted)

    def watch(self, index: int) -> None:
        """Set or clear the mark of points whose every sample must be looked at."""
        self.p["watch"][index] = index in self.machines or bool(self.p["silent"][index])
        self._close_screen(index)

    def _close_screen(self, index: int) -> None:
        """Samples from `screen` on are looked at: those of a point that is watched, all."""
        p = self.p
        p["screen"][index] = -math.inf if p["watch"][index] else min(p["ceiling"][index], p["loud"][index])

    def refresh_all(self) -> None:
        self.chosen.clear()
        self.chosen_signs.clear()
        self.needs.clear()
        for index in range(len(self.points)):
            self.refresh(index)

    def over_limit_of(self, index: int) -> OverLimitRule:
        """The settings of the over-limit rule for a point, overridden or not."""
        point, book = self.points[index], self.book
        quantity = point.limit.quantity if point.limit else ""
        mine = self.mines[point.mine]
        return overrides.adjusted(book.overrides, OVER_LIMIT, book.over_limit, mine, point.code, quantity)

    def settings_of(self, index: int) -> Settings:
        limit, rule = self.points[index].limit, self.over_limit_of(index)
        assert limit is not None
        return Settings.of(
            self.book.ladders[limit.quantity],
            limit.value,
            limit.step,
            int(rule.merge_gap_min * MINUTE),
            int(rule.hold_min * MINUTE),
        )

    # --- checkpoint -------------------------------------------------------------------------------------------------

    def save(self, folder: Path) -> None:
        """Write the state into an existing empty folder: arrays.npz and tables.json."""
        arrays: dict[str, Any] = {f"p_{name}": self.p[name] for name in self.p.defaults}
        arrays |= {f"m_{name}": self.m[name] for name in self.m.defaults}
        with (folder / "arrays.npz").open("wb") as out:
            np.savez(out, **arrays)
        if self.points_at != self.layout:
            self.points_packed, self.points_at = packed.pack(self._points()), self.layout
        with (folder / "tables.json").open("wb") as out:
            out.write(b'{"points": ')
            packed.write(out, self.points_packed)
            out.write(b", " + json.dumps(self._rest(), ensure_ascii=False).encode()[1:])

    def copied(self) -> State:
        """An independent copy."""
        return State.restore(json.loads(json.dumps(self._tables())), self.p.arrays(), self.m.arrays())

    @classmethod
    def load(cls, folder: Path) -> State:
        with np.load(folder / "arrays.npz") as stored:
            p = {k[2:]: stored[k] for k in stored.files if k.startswith("p_")}
            m = {k[2:]: stored[k] for k in stored.files if k.startswith("m_")}
        return cls.restore(json.loads((folder / "tables.json").read_text("utf-8")), p, m)

    def _tables(self) -> dict[str, Any]:
        return {"points": list(self._points()), **self._rest()}

    def _points(self) -> Iterator[list[Any]]:
        return (point.row() for point in self.points)

    def _rest(self) -> dict[str, Any]:
        shared = {r.id: r.as_dict() for rows in self.past.values() for r in rows}
        shared |= {m.record.id: m.record.as_dict() for m in self.machines.values()}
        return {
            "format": FORMAT,
            "book": self.book.model_dump_json(),
            "register": self.register.model_dump_json(by_alias=True),
            "scalars": [self.clock, self.resumed, self.next_link, self.next_point],
            "mines": self.mines,
            "mine_names": self.mine_names,
            "stations": self.stations,
            "records": shared,
            "machines": {k: machine_state(v) for k, v in self.machines.items()},
            "past": {k: [r.id for r in rows] for k, rows in self.past.items()},
            "high": self.high,
            "links": {k: v.as_dict() for k, v in self.links.items()},
            "offline": {k: v.as_dict() for k, v in self.offline.items()},
            "station_records": {k: v.as_dict() for k, v in self.station_records.items()},
            "wrong_clocks": {k: v.as_dict() for k, v in self.wrong_clocks.items()},
            "flats": {k: v.as_dict() for k, v in self.flats.items()},
            "edits": {k: v.as_dict() for k, v in self.edits.items()},
            "edits_waiting": self.edits_waiting,
            "heads": self.heads,
            "next_sample": self.next_sample,
            "next_check": self.next_check,
            "retired": self.retired,
            "places": self.places,
            "next_flap": self.next_flap,
            "outages": self.outages,
            "flapping": {k: v.as_dict() for k, v in self.flapping.items()},
            "trends": {k: v.as_dict() for k, v in self.trends.items()},
            "missing": {k: v.as_dict() for k, v in self.missing.items()},
            "late": [
                [
                    x.point,
                    x.time,
                    None if math.isnan(x.value) else x.value,
                    x.status,
                    x.arrival,
                    x.gateway,
                    x.seq,
                    x.record,
                ]
                for x in self.late
            ],
            "seen": self.seen,
            "changed_points": sorted(self.changed_points),
            "systems": self.systems,
            "families": {name: family.table() for name, family in self.families.items()} or self.family_tables,
        }

    @classmethod
    def restore(cls, tables: Mapping[str, Any], p: Mapping[str, Any], m: Mapping[str, Any]) -> State:
        """The state that `_tables` and the arrays describe; limits are chosen again, so that they need not be saved."""
        if tables["format"] != FORMAT:
            raise ValueError(f"checkpoint format {tables['format']} is not {FORMAT}")
        state = cls(
            book=RuleBook.model_validate_json(tables["book"]), register=Register.model_validate_json(tables["register"])
        )
        state.clock, state.resumed, state.next_link, state.next_point = tables["scalars"]
        state.points = [Point.restored(row) for row in tables["points"]]
        state.mines, state.mine_names = list(tables["mines"]), list(tables["mine_names"])
        state.stations = list(tables["stations"])
        state.point_index = {x.code: i for i, x in enumerate(state.points)}
        state.foreign = any(not x.code.startswith(state.mines[x.mine]) or ":" in x.code for x in state.points)
        state.mine_index = {code: i for i, code in enumerate(state.mines)}
        state.station_index = {code: i for i, code in enumerate(state.stations)}
        state.p.load(p)
        state.m.load(m)
        state.refresh_all()
        records = {key: Record(**value) for key, value in tables["records"].items()}
        state.machines = {int(k): machine_from(v, records[v["record"]["id"]]) for k, v in tables["machines"].items()}
        state.past = {int(k): [records[i] for i in ids] for k, ids in tables["past"].items()}
        state.high = {int(k): [(int(t), float(x)) for t, x in v] for k, v in tables["high"].items()}
        for name in ("links", "offline", "station_records", "wrong_clocks", "flats", "edits"):
            getattr(state, name).update({int(k): Record(**v) for k, v in tables.get(name, {}).items()})
        state.next_sample = tables.get("next_sample", FOREVER)
        state.next_check = tables.get("next_check", FOREVER)
        state.retired = bool(tables.get("retired", False))
        state.places = dict(tables.get("places", {}))
        state.next_flap = tables.get("next_flap", FOREVER)
        state.outages = {k: list(v) for k, v in tables.get("outages", {}).items()}
        state.flapping = {k: Record(**v) for k, v in tables.get("flapping", {}).items()}
        state.trends = {k: Record(**v) for k, v in tables.get("trends", {}).items()}
        state.missing = {k: Record(**v) for k, v in tables.get("missing", {}).items()}
        state.heads = {int(k): list(v) for k, v in tables.get("heads", {}).items()}
        state.edits_waiting = list(tables.get("edits_waiting", []))
        state.late = [LateRow(a, b, math.nan if c is None else c, *rest) for a, b, c, *rest in tables["late"]]
        state.seen = [(a, b, c) for a, b, c in tables["seen"]]
        state.changed_points = set(tables["changed_points"])
        state.systems = {int(k): list(v) for k, v in tables.get("systems", {}).items()}
        state.family_tables = tables.get("families", {})
        return state
