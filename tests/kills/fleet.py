"""A small fleet whose script packs hours of a mine into minutes of a test: true wire files, event time 120 × as fast.

Every file is a function of seed, mine and step, so a round can be made again. Event times lie in the past, which is ordinary
back-filling: what is newer than the newest judged reading of its point is judged as it comes, whatever its lag.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

STEP_EVENT_MS = 60_000
STEP_WALL_S = 0.5
BEIJING = timezone(timedelta(hours=8))
NAMES = ("合成甲矿", "合成乙矿", "合成丙矿", "合成丁矿", "合成戊矿", "合成己矿", "合成庚矿", "合成辛矿")
STEADY = 4
"""The first mines send everything once, whole and in order; the long over-limits are theirs."""
LONG = ((10, 40), (90, 38))
"""First step and length of each over-limit above 1.0 % that lasts longer than 30 minutes."""
PLACES = (
    "1102采煤工作面上隅角",
    "1201掘进工作面",
    "1102回风巷",
    "总回风巷",
    "配电点",
    "煤仓上口",
    "1103回风巷",
    "水仓",
)


@dataclass(frozen=True, slots=True)
class Offer:
    """One file as a mine sends it."""

    mine: int
    name: str
    payload: bytes


@dataclass(frozen=True)
class Fleet:
    """`start` is the event time of step 0, Unix ms, on a whole minute."""

    seed: int
    start: int
    mines: int = 8
    points: int = 24

    def code(self, mine: int) -> str:
        return f"14058199{mine:04d}"

    def point(self, mine: int, number: int) -> str:
        kind = "MN0004" if number % 6 == 5 else "MN0043"
        return f"{self.code(mine)}01{kind}{number:06d}"

    def event_time(self, step: int) -> int:
        return self.start + step * STEP_EVENT_MS

    def carrier(self, mine: int) -> str:
        """Odd mines hand their files in by the watched folder, one of the even ones over FTP, one over MQTT, the rest over HTTP."""
        return "folder" if mine % 2 else {2: "ftp", 6: "mqtt"}.get(mine, "http")

    def offers(self, mine: int, step: int) -> Iterator[Offer]:
        """What the mine sends at a step, in order; a restless mine also sends what it held back, twice, anew or damaged."""
        if step == 0:
            yield self._offer(mine, "FZDY", step, self._stations(mine))
            yield self._offer(mine, "CDDY", step, self._points(mine, step))
        if mine < STEADY:
            yield self.readings(mine, step)
            return
        if step and step % 50 == 0:
            yield self._offer(mine, "CDDY", step, self._points(mine, step))
        if self._pauses(mine, step):
            return
        if step % 11 != 5:
            yield self.readings(mine, step)
        if step % 11 == 7:
            yield self.readings(mine, step - 2)
        yield from self._oddities(mine, step)

    def readings(self, mine: int, step: int, changed: bool = False) -> Offer:
        """The CDSS file of a step; `changed` writes other values under the same name and times."""
        stamp = _stamp(self.event_time(step))
        rows = []
        for number in range(self.points):
            if mine == self.mines - 2 and number >= 18 and 60 <= step % 130 < 100:
                continue
            value = self.value(mine, number, step) + (0.07 if changed and number == 2 else 0.0)
            unit, kind = ("ppm", "一氧化碳") if number % 6 == 5 else ("%CH4", "激光甲烷")
            rows.append(
                f"{self.point(mine, number)};{kind};{PLACES[number % 8]};{value:.2f};{unit};"
                f"{4 if self._calibrates(mine, number, step) else 0};{stamp}"
            )
        if step % 19 == 3 and mine >= STEADY:
            rows.append(f"{self.point(mine, 1)};激光甲烷;{PLACES[1]};abc;%CH4;0;{stamp}")
        return self._offer(mine, "CDSS", step, "~".join([self._header(mine, step), *rows, "||"]))

    def value(self, mine: int, number: int, step: int) -> float:
        """The value of a point: the long over-limits of steady mines, short ones of the others, noise everywhere."""
        rng = random.Random(f"{self.seed}/{mine}/{number}/{step}")
        if number % 6 == 5:
            return float(rng.randrange(2, 20))
        if mine < STEADY:
            over = number == 0 and any(first + 4 * mine <= step < first + 4 * mine + n for first, n in LONG)
            return 1.2 + rng.random() * 0.6 if over else 0.1 + rng.random() * 0.3
        block = random.Random(f"{self.seed}/{mine}/{number}/{step // 9}")
        over = number in (0, 1) and block.random() < 0.25
        return (0.9 + rng.random() * block.choice((0.3, 0.3, 1.4, 2.3))) if over else 0.1 + rng.random() * 0.3

    def _calibrates(self, mine: int, number: int, step: int) -> bool:
        return mine == self.mines - 1 and number == 1 and step % 40 < 5

    def _pauses(self, mine: int, step: int) -> bool:
        return mine == self.mines - 1 and 30 <= step % 110 < 62

    def _oddities(self, mine: int, step: int) -> Iterator[Offer]:
        if step % 13 == 8:
            yield self.readings(mine, step - 1)
        if step % 17 == 9:
            yield self.readings(mine, step, changed=True)
        if step % 23 == 11 and self.carrier(mine) != "folder":
            whole = self.readings(mine, step)
            yield Offer(mine, whole.name.replace(".txt", "_half.txt"), whole.payload[: len(whole.payload) // 2])
        if step % 29 == 2:
            foreign = self.readings(0, step)
            yield self._offer(mine, "CDSS", step, foreign.payload.decode(), "_foreign")
        if step % 31 == 6:
            yield self._offer(mine, "QQQQ", step, "||")
        if step % 37 == 12:
            yield self._offer(mine, "YCBJ", step, self._reported(mine, step))

    def _offer(self, mine: int, kind: str, step: int, text: str, rest: str = "") -> Offer:
        moment = datetime.fromtimestamp(self.event_time(step) / 1000, UTC).astimezone(BEIJING)
        return Offer(mine, f"{self.code(mine)}_{kind}_{moment:%Y%m%d%H%M%S}{rest}.txt", text.encode())

    def _header(self, mine: int, step: int) -> str:
        return f"{self.code(mine)};{NAMES[mine % 8]};{_stamp(self.event_time(step))}"

    def _stations(self, mine: int) -> str:
        rows = [f"{self.code(mine)}F{number};{number}号分站;1;2;3" for number in range(4)]
        return "~".join([self._header(mine, 0), *rows, "||"])

    def _points(self, mine: int, step: int) -> str:
        header = f"{self.code(mine)};{NAMES[mine % 8]};KJ0X;合成系统;合成厂;2030-01-01;{_stamp(self.event_time(step))}"
        own = "0.90" if step % 100 == 50 else "1.00"
        rows = []
        for number in range(self.points):
            alarm = "24" if number % 6 == 5 else own
            fields = [self.point(mine, number), "01", f"{self.code(mine)}F{number // 6}"]
            fields += ["0004" if number % 6 == 5 else "0043", "MN", "ppm" if number % 6 == 5 else "%CH4"]
            fields += [
                "100",
                "0",
                alarm,
                alarm,
                *[""] * 8,
                PLACES[number % 8],
                "",
                "",
                "",
                "",
                _stamp(self.event_time(step)),
            ]
            rows.append(";".join(fields))
        return "~".join([header, *rows, "||"])

    def _reported(self, mine: int, step: int) -> str:
        stamp = _stamp(self.event_time(step))
        row = f"{self.point(mine, 0)};激光甲烷;{PLACES[0]};%CH4;001;{stamp};;1.10;{stamp};0.90;{stamp};1.00;;;;;{stamp}"
        return "~".join([self._header(mine, step), row, "||"])


def _stamp(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")
