"""One round of the worker: packages made, then files, then pushes, then what they left in the folder."""

from __future__ import annotations

import logging
from datetime import datetime
from pathlib import Path

from kuangan.domains.datalink.exchange import leaving
from kuangan.domains.datalink.exchange.folder import take_folder
from kuangan.domains.datalink.exchange.making import make
from kuangan.domains.datalink.exchange.mapping import Mapping, mappings
from kuangan.domains.datalink.exchange.models import Platform

log = logging.getLogger("kuangan")

ROUNDS = 5


def turn(home: Path, at: datetime) -> dict[str, int]:
    """{what: how many} of this round over all platforms. One platform's fault does not keep the others."""
    done = dict.fromkeys(("made", "filed", "pushed", "taken"), 0)
    declared = mappings(home)
    for platform in Platform.objects.filter(enabled=True, code__in=declared):
        try:
            for what, count in one(home, platform, declared[platform.code], at).items():
                done[what] += count
            _settled(platform)
        except Exception as fault:
            log.exception("exchange with %s failed", platform.code)
            said = f"{type(fault).__name__}: {fault}"[:300]
            Platform.objects.filter(pk=platform.pk).update(error=said, error_at=at)
    return done


def _settled(platform: Platform) -> None:
    """The round went well: an error of an earlier round is past. What a push met is taken back by the next push."""
    if platform.error and not platform.error.startswith(leaving.PUSH):
        Platform.objects.filter(pk=platform.pk, error=platform.error).update(error="", error_at=None)


def one(home: Path, platform: Platform, mapping: Mapping, at: datetime) -> dict[str, int]:
    """The round of one platform."""
    return {
        "made": make_all(mapping, at),
        "filed": leaving.file_out(home, platform, at),
        "pushed": leaving.push(home, platform, at),
        "taken": take_folder(home, platform, mapping, at),
    }


def make_all(mapping: Mapping, at: datetime, rounds: int = ROUNDS) -> int:
    """Rounds until the chain is read, at most `rounds`: the rest waits for the next turn."""
    total = 0
    for _ in range(rounds):
        made = make(mapping, at)
        total += made.packages
        if not made.more:
            break
    return total
