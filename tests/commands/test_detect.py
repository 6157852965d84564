"""`kuangan detect`: signs in the series of a file, and what is said when there is no reading it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from kuangan.library.warning.deceit.detect import DETECTORS, defaults, detect
from kuangan.library.warning.deceit.reading import Unreadable, read_series
from kuangan.site.detecting import Refused, run
from tests.commands.running import command

DAY = 1440
RNG = np.random.default_rng(11)


def honest(days: float = 2) -> np.ndarray:
    minute = np.arange(round(days * DAY))
    cycle = 0.5 - 0.5 * np.cos(2 * np.pi * minute / 95)
    return np.round(0.25 + 0.3 * cycle + RNG.normal(scale=0.02, size=len(minute)), 2)


def written(path: Path, **columns: np.ndarray) -> Path:
    size = len(next(iter(columns.values())))
    rows = [
        f"{60 * minute}," + ",".join(f"{column[minute]:.2f}" for column in columns.values()) for minute in range(size)
    ]
    path.write_text("\n".join([",".join(["time", *columns]), *rows]), "utf-8")
    return path


def spans(path: Path, rule: str, *settings: str) -> list[list[tuple[str, str]]]:
    result = run(path, rule, settings)
    return [[(span["start"], span["end"]) for span in column["found"]] for column in result["columns"]]


def flat(value: np.ndarray) -> None:
    value[1200:1600] = value[1200]


def clipped(value: np.ndarray) -> None:
    value *= 2.2
    high = value >= 0.99
    value[high] = np.round(0.99 - 0.04 * RNG.random(high.sum()), 2)


def replayed(value: np.ndarray) -> None:
    value[1900:2300] = value[1900 - DAY : 2300 - DAY]


def dropped(value: np.ndarray) -> None:
    value[1500:] *= 0.3


def blown(value: np.ndarray) -> None:
    torn = value[1500:1800] * 0.4 * (1 + 0.5 * RNG.normal(size=300))
    value[1500:1800] = np.maximum(torn, 0.01)


def spiked(value: np.ndarray) -> None:
    value[1000] = 4.5


@pytest.mark.parametrize(
    ("rule", "deed"),
    [
        ("flat-line", flat),
        ("clipped", clipped),
        ("replayed", replayed),
        ("sudden-drop", dropped),
        ("blown", blown),
        ("spike", spiked),
    ],
)
def test_each_rule_finds_its_deed_and_nothing_in_an_honest_series(
    rule: str, deed: Callable[[np.ndarray], None], tmp_path: Path
) -> None:
    value = honest()
    assert spans(written(tmp_path / "honest.csv", T1=value), rule) == [[]]
    deed(value)
    (found,) = spans(written(tmp_path / "deed.csv", T1=value), rule)
    assert found


def test_a_column_that_leaves_its_neighbours_is_told_by_correlation(tmp_path: Path) -> None:
    one = honest()
    other = np.round(one * 0.8 + RNG.normal(scale=0.01, size=len(one)), 2)
    path = written(tmp_path / "two.csv", T1=one, T2=other)
    assert spans(path, "correlation", "width=120") == [[], []]
    other[2000:] = 0.2 + RNG.normal(scale=0.02, size=len(other) - 2000)
    path = written(tmp_path / "two.csv", T1=one, T2=other)
    assert all(spans(path, "correlation", "width=120"))


def test_a_column_that_no_longer_comes_after_another_is_told_by_its_lag(tmp_path: Path) -> None:
    one = honest(3)
    other = np.roll(one, 6)
    assert spans(written(tmp_path / "lag.csv", T1=one, T2=other), "lag") == [[], []]
    other[3000:] = one[3000:]
    _, found = spans(written(tmp_path / "lag.csv", T1=one, T2=other), "lag")
    assert found


def test_a_day_without_the_difference_of_work_and_rest_is_told(tmp_path: Path) -> None:
    minute = np.arange(4 * DAY)
    work = ((minute % DAY) < 960).astype(float)
    gas = np.where(work > 0, 0.4, 0.25) + 0.01 * RNG.normal(size=len(minute))
    gas[3 * DAY :] = 0.3 + 0.01 * RNG.normal(size=DAY)
    (found,) = spans(written(tmp_path / "cycle.csv", T1=gas, producing=work), "shift-cycle")
    assert found == [("1970-01-04T08:00:00+08:00", "1970-01-05T08:00:00+08:00")]


def test_every_rule_has_settings_and_every_setting_a_rule() -> None:
    assert set(DETECTORS) == set(defaults())


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "1: no column time"),
        ("zeit,T1\n0,1", "1: no column time; found zeit, T1"),
        ("time\n0", "1: no column of values"),
        ("time,T1,T1\n0,1,1", "1: columns need names of their own"),
        ("time,T1\n", "2: no rows"),
        ("time,T1\n0,1\n60", "3: 1 fields where the head names 2"),
        ("time,T1\nsoon,1", "2: no time: 'soon'"),
        ("time,T1\n0,high", "2: no number in column T1: 'high'"),
        ("time,T1,status\n0,1,x", "2: no status: 'x'"),
    ],
)
def test_what_cannot_be_read_is_named_by_file_line_and_reason(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "given.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(Unreadable) as told:
        read_series(path)
    assert str(told.value).startswith(f"{path}:{reason}")


def test_times_are_read_in_all_their_forms_and_bad_values_are_none(tmp_path: Path) -> None:
    path = tmp_path / "given.csv"
    path.write_text(
        "time,T1,status\n2026-03-10 08:00:00,0.3,0\n1773100860,0.4,0\n1773100920000,0.5,4\n2026-03-10T00:03:00Z,-9999,0\n"
    )
    given = read_series(path)
    assert given.start == 1_773_100_800_000
    assert np.array_equal(given.columns["T1"], [0.3, 0.4, np.nan, np.nan], equal_nan=True)


def test_unknown_rules_and_settings_are_refused_with_what_there_is(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", T1=honest(0.1))
    with pytest.raises(Refused, match="no rule flat; there are flat-line"):
        run(path, "flat", [])
    with pytest.raises(Refused, match="minutes, spread, factor"):
        run(path, "flat-line", ["hours=2"])
    with pytest.raises(Refused, match="needs a column producing"):
        run(path, "shift-cycle", [])
    assert detect(path, "flat-line", {"minutes": 3.0})["settings"]["minutes"] == 3


def test_the_command_answers_in_words_and_in_json_and_refuses_with_a_code(tmp_path: Path) -> None:
    value = honest()
    flat(value)
    path = written(tmp_path / "deed.csv", T1=value)
    done = command(tmp_path / "home", "detect", path, "--rule", "flat-line", "--json")
    assert (done.code, done.result["found"], done.result["columns"][0]["column"]) == (0, 1, "T1")
    done = command(tmp_path / "home", "detect", tmp_path / "none.csv", "--rule", "flat-line")
    assert done.code == 2
    assert "none.csv" in done.err
