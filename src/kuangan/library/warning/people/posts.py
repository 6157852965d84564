"""Who should be below ground and is not: a leader of the mine while others are, and posts that a staffed working must have.

That somebody is missing is said by whole snapshots alone; that somebody is there by any. A mine that marks no leaders, or names nobody
with the post, tells nothing of them: unknown. Around a change of shift one may have left before the other is down: an absence that
begins within `change_min` of it counts from the end of that time.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import polars as pl

from kuangan.library.warning.people.memory import Crew, Spell
from kuangan.library.warning.people.settings import (
    NO_LEADER,
    SPECIAL_POST_MISSING,
    ChangeRule,
    LeaderRule,
    Post,
    PostRule,
    matches,
)
from kuangan.library.warning.people.snapshot import Snapshot
from kuangan.library.warning.people.spells import Found, Judged
from kuangan.library.warning.settings import MINUTE

HOUR, DAY, BEIJING = 60 * MINUTE, 1440 * MINUTE, 480 * MINUTE


def listed(crew: Crew, rows: pl.DataFrame, posts: Sequence[Post]) -> None:
    """Take the leaders and the holders of the posts from a list of persons (columns card, trade, post, leader)."""
    cards = rows["card"].to_list()
    crew.leaders = _renewed(crew.leaders, cards, rows.filter(pl.col("leader") == 1)["card"].to_list())
    crew.leaders_marked = crew.leaders_marked or bool(crew.leaders)
    words = pl.col("trade").fill_null("") + " " + pl.col("post").fill_null("")
    for post in posts:
        holders = rows.filter(words.str.contains(post.trade))["card"].to_list()
        crew.posts[post.post] = _renewed(crew.posts.get(post.post, frozenset()), cards, holders)


def _renewed(held: frozenset[str], told: Collection[str], now: Collection[str]) -> frozenset[str]:
    """A set of cards of which some were told anew."""
    return held.difference(told).union(now)


def no_leader(crew: Crew, snapshot: Snapshot, mine: str, rule: LeaderRule) -> Judged:
    """No card of a leader below while `persons` or more are. Measure and value: persons below."""
    marked = 1 in snapshot.below.leader
    crew.leaders_marked = crew.leaders_marked or marked or snapshot.led
    if marked or snapshot.led or not crew.leaders.isdisjoint(snapshot.below.card):
        return Judged(NO_LEADER, (), True)
    if not crew.leaders_marked or not snapshot.whole:
        return Judged(NO_LEADER, (), False)
    if snapshot.count < rule.persons:
        return Judged(NO_LEADER, (), True)
    since = after_change(crew.spells.get(NO_LEADER, {}).get(mine), snapshot.moment, rule)
    told = {"persons": snapshot.count, "leaders_known": len(crew.leaders)}
    return Judged(NO_LEADER, [Found("mine", mine, snapshot.count, snapshot.count, told, since)], True)


def special_post_missing(crew: Crew, snapshot: Snapshot, mine: str, rule: PostRule) -> list[Judged]:
    """For each post: nobody with it below while an area that needs it is staffed. Measure: such areas; value: persons in them."""
    return [judged for post in rule.posts if (judged := _post_missing(crew, snapshot, mine, rule, post)) is not None]


def _post_missing(crew: Crew, snapshot: Snapshot, mine: str, rule: PostRule, post: Post) -> Judged | None:
    """What a snapshot says of one post, None while nobody is known to have it."""
    holders, subject = crew.posts.get(post.post), f"{mine}/{post.post}"
    if not holders:
        return None
    if not holders.isdisjoint(snapshot.below.card):
        return Judged(SPECIAL_POST_MISSING, (), True, subject)
    staffed = {
        code: persons
        for code, persons in snapshot.by_area.items()
        if code in crew.areas and persons >= post.persons and matches(post.area, crew.areas[code].name)
    }
    if not snapshot.whole or not staffed:
        return Judged(SPECIAL_POST_MISSING, (), snapshot.placed, subject)
    persons, names = sum(staffed.values()), [crew.areas[code].name for code in staffed]
    told = {"post": post.post, "areas": names, "location": names[0], "persons": persons}
    told |= {"holders_known": len(holders), "post_source": post.source, "post_confidence": post.confidence}
    since = after_change(crew.spells.get(SPECIAL_POST_MISSING, {}).get(subject), snapshot.moment, rule)
    return Judged(SPECIAL_POST_MISSING, [Found("post", subject, len(staffed), persons, told, since)], True, subject)


def after_change(spell: Spell | None, moment: int, rule: ChangeRule) -> int:
    """When an absence seen at `moment` begins to count; what is running keeps its beginning."""
    if spell is not None:
        return spell.since
    tolerance = int(rule.change_min * MINUTE)
    into_day = (moment + BEIJING) % DAY
    for shift in sorted(rule.shifts):
        change = int(shift * HOUR)
        for begin in (change - DAY, change, change + DAY):
            if abs(into_day - begin) <= tolerance:
                return moment - into_day + begin + tolerance
    return moment
