"""Pictures that stand still: a camera whose analysis says so for long. A photograph held before a lens looks like that, and so does a fault.

The message comes again every 60 s while it lasts. Digests of pictures, which would tell the two apart, are not sent: that sign is unknown,
and such a camera is watched at most.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from kuangan.library.warning.deceit.settings import PictureRule
from kuangan.library.warning.deceit.verdict import Verdict, sign, unknown
from kuangan.library.warning.settings import MINUTE
from kuangan.library.warning.state import State
from kuangan.library.warning.video.settings import CASES, FROZEN

PICTURE = "tamper.static_picture"
ANOMALY = "video_anomaly"
TOLD = [case for case, rule in CASES.items() if rule == FROZEN]
Spells = dict[int, dict[str, list[int]]]
"""Mine → camera → when its picture stood still first and last (ms)."""


def note(spells: Spells, mine: int, rows: pl.DataFrame, at: int, rule: PictureRule) -> None:
    """Take up the messages of a file that came at `at`."""
    if not {"category", "level", "code", "start"} <= set(rows.columns):
        return
    told = rows.filter((pl.col("category") == ANOMALY) & pl.col("level").is_in(TOLD) & pl.col("code").is_not_null())
    for code, start in told.select("code", "start").iter_rows():
        moment = at if start is None else min(int(start), at)
        spell = spells.setdefault(mine, {}).get(code)
        if spell is None or moment - spell[1] > rule.quiet_min * MINUTE:
            spells[mine][code] = [moment, moment]
        else:
            spell[1] = max(spell[1], moment)


def judge(state: State, spells: Spells, now: int, rule: PictureRule) -> list[tuple[int, Verdict]]:
    """Cameras whose picture has stood still for long and still does; what is over is forgotten."""
    found: list[tuple[int, Verdict]] = []
    for mine, cameras in list(spells.items()):
        for code, (since, last) in list(cameras.items()):
            if now - last > rule.quiet_min * MINUTE:
                del cameras[code]
            elif last - since >= rule.minutes * MINUTE:
                signs = [
                    sign("frozen", True, minutes=(last - since) // MINUTE),
                    unknown("same_digest", "no_digest"),
                ]
                found.append((mine, Verdict(PICTURE, "watch", "camera", code, since, signs)))
        if not cameras:
            del spells[mine]
    return found


def restored(table: Mapping[str, Any]) -> Spells:
    """From its form in a checkpoint."""
    return {int(mine): {code: list(span) for code, span in cameras.items()} for mine, cameras in table.items()}
