"""Pure decisions and tables of duty: posts, channels, gaps and overlaps of rosters, words. No database, no clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from importlib.resources import files
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from kuangan.base.case import words
from kuangan.base.deadlines.ladders import LADDERS
from kuangan.base.people.roles import OrganisationKind
from kuangan.library.shipped import read_yaml

PRINTED_AT: Final = "%Y-%m-%d"
DEFAULT_MARK: Final = "系统默认，非官方分级"
ACK_LADDER: Final = "alert_ack"
"""The ladder of `base.deadlines` on which acknowledgements stand; its rungs name the posts of a shift."""
SHIFT_POSTS: Final = {"officer": "值班员", "deputy": "副班", "leader": "带班领导"}
MEANS: Final = {"voice": "语音电话", "sms": "短信", "phone": "人工电话"}
GRADE_WORDS: Final = {**words.GRADE_WORDS, "none": "未分级"}
GRADE_ICONS: Final = {"red": "flame", "orange": "alert-triangle", "yellow": "alert-circle", "blue": "info-circle"}
LONGEST_SHIFT: Final = timedelta(hours=72)
SHOWN_AHEAD: Final = timedelta(days=7)
BULLETIN_HOUR: Final = 8
"""A bulletin covers the day that ends at this hour, Beijing time; a default of ours."""

Whose = Literal["mine", "parent", "authority"]
Channel = Literal["inbox", "sms", "voice"]


class Post(BaseModel):
    """One post of the phone book."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    code: str = Field(min_length=1, max_length=24)
    label: str = Field(min_length=1, max_length=40)
    of: tuple[Whose, ...] = Field(min_length=1)


class PostFile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    version: Literal[1]
    source: Literal["default", "official"]
    in_force_from: date
    posts: tuple[Post, ...]
    channels: Mapping[str, tuple[Channel, ...]]


_FILE: Final = PostFile.model_validate(
    read_yaml((files("kuangan.domains.duty") / "posts.yaml").read_text(encoding="utf-8"))
)
POSTS: Final = _FILE.posts
POST_WORDS: Final = {post.code: post.label for post in POSTS}
CHANNELS: Final = _FILE.channels


def telling_order() -> list[tuple[str, str]]:
    """(post in words, how long after the clock ran out; empty: at once) of the persons who are told, in order."""
    rungs = [rung for rung in LADDERS[ACK_LADDER].rungs if rung.code in SHIFT_POSTS]
    return [(SHIFT_POSTS[rung.code], _later(int(rung.after.total_seconds()))) for rung in rungs]


def _later(seconds: int) -> str:
    if seconds % 60:
        return f"{seconds} 秒后"
    return f"{seconds // 60} 分钟后" if seconds else ""


def whose(kind: str) -> Whose:
    """Which kind of phone book an organisation keeps."""
    if kind == OrganisationKind.MINE:
        return "mine"
    return "parent" if kind == OrganisationKind.PARENT_COMPANY else "authority"


def posts_of(kind: str) -> list[tuple[str, str]]:
    """(code, word) of the posts in an organisation's phone book."""
    return [(post.code, post.label) for post in POSTS if whose(kind) in post.of]


@dataclass(frozen=True, slots=True)
class Span:
    """From `start` up to `end`."""

    start: datetime
    end: datetime


def gaps(shifts: Iterable[Span], start: datetime, end: datetime) -> list[Span]:
    """Where between `start` and `end` nobody is on duty, in order."""
    found, reached = [], start
    for shift in sorted(shifts, key=lambda span: span.start):
        if shift.end <= reached:
            continue
        if shift.start >= end:
            break
        if shift.start > reached:
            found.append(Span(reached, shift.start))
        reached = shift.end
    if reached < end:
        found.append(Span(reached, end))
    return found


def overlaps(shifts: Iterable[Span]) -> list[Span]:
    """Where more than one shift stands, in order, each stretch once."""
    found: list[Span] = []
    reached: datetime | None = None
    for shift in sorted(shifts, key=lambda span: (span.start, span.end)):
        if reached is not None and shift.start < reached:
            until = min(reached, shift.end)
            if found and shift.start <= found[-1].end:
                found[-1] = Span(found[-1].start, max(found[-1].end, until))
            else:
                found.append(Span(shift.start, until))
        reached = shift.end if reached is None else max(reached, shift.end)
    return found


def bulletin_period(day: date, boundary: datetime) -> Span:
    """The 24 hours that end on `day` at the hour of `boundary`, which carries the zone."""
    end = boundary.replace(year=day.year, month=day.month, day=day.day)
    return Span(end - timedelta(days=1), end)


def seconds_between(first: datetime | None, second: datetime | None) -> int | None:
    """Whole seconds from the first to the second moment, never negative; None when one of them is missing."""
    if first is None or second is None:
        return None
    return max(int((second - first).total_seconds()), 0)


def span_words(seconds: int | None) -> str:
    """4 分 12 秒, 2 小时 05 分; — for nothing."""
    if seconds is None:
        return "—"
    if seconds < 60:
        return f"{seconds} 秒"
    if seconds < 3600:
        return f"{seconds // 60} 分 {seconds % 60:02d} 秒"
    return f"{seconds // 3600} 小时 {seconds % 3600 // 60:02d} 分"


def slowest(values: Sequence[int | None]) -> int | None:
    """The largest of the values that are known."""
    known = [value for value in values if value is not None]
    return max(known) if known else None
