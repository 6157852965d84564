"""How packages leave: fetched, pushed, or as files. Each way is a cursor over the same row of packages, so that every one
leaves at least once, in order, and nothing is given up. In shadow mode nothing leaves; it waits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import httpx
from django.conf import settings
from django.db import transaction
from django.db.models import F

from kuangan.base.notices.adapters import TIMEOUT_SECONDS, allowed
from kuangan.base.notices.delivery import BACK_OFF, LEASE
from kuangan.domains.datalink.exchange.mapping import Mapping
from kuangan.domains.datalink.exchange.models import Counterpart, Key, Mode, Package, Platform
from kuangan.domains.datalink.exchange.shapes import envelope_text, page_bytes
from kuangan.library.telemetry.files import put_durably

FILES = 200
PUSHED = 50
PUSH = "推送："

Post = Callable[[str, bytes, dict[str, str]], None]


class PushFailed(Exception):
    """The other side did not take it."""


@dataclass(frozen=True)
class Fetched:
    """One page as bytes."""

    body: bytes
    packages: int


def fetch(platform: Platform, mapping: Mapping, key: Key, since: int, limit: int, at: datetime) -> Fetched:
    """The packages after `since` that the key may see, at most `limit` and the mapping's page."""
    limit = max(1, min(limit, mapping.page_limit))
    rows = Package.objects.filter(platform=platform, seq__gt=since, region__startswith=key.region).order_by("seq")
    found = [] if platform.mode == Mode.SHADOW else list(rows[: limit + 1])
    given, more = found[:limit], len(found) > limit
    mark_left(platform, given, at)
    following = given[-1].seq if given else since
    return Fetched(page_bytes(platform.code, platform.mode, given, following, more), len(given))


@transaction.atomic
def mark_left(platform: Platform, packages: Sequence[Package], at: datetime) -> None:
    """Note the first time each left. Nothing is written for those that had."""
    first = [package for package in packages if package.left_at is None]
    if not first:
        return
    Package.objects.filter(pk__in=[package.pk for package in first], left_at__isnull=True).update(left_at=at)
    cases = {package.case_id for package in first}
    Counterpart.objects.filter(platform=platform, case__in=cases, sent_at__isnull=True).update(sent_at=at)


def folder_of(home: Path, platform: str) -> Path:
    return home / "exchange" / platform


def file_out(home: Path, platform: Platform, at: datetime, limit: int = FILES) -> int:
    """Write the next packages into `exchange/<platform>/out`, one a file, whole or not at all. A kill before the cursor
    moves only writes the same files again."""
    if not platform.folder or platform.mode == Mode.SHADOW:
        return 0
    rows = list(Package.objects.filter(platform=platform, seq__gt=platform.filed_seq).order_by("seq")[:limit])
    if not rows:
        return 0
    out = folder_of(home, platform.code) / "out"
    out.mkdir(parents=True, exist_ok=True)
    for package in rows:
        put_durably(out / f"{package.ident}.json", envelope_text(package).encode())
    with transaction.atomic():
        Platform.objects.filter(pk=platform.pk, filed_seq__lt=rows[-1].seq).update(filed_seq=rows[-1].seq)
        mark_left(platform, rows, at)
    platform.filed_seq = rows[-1].seq
    return len(rows)


def push(home: Path, platform: Platform, at: datetime, post: Post | None = None, limit: int = PUSHED) -> int:
    """Post the next packages; returns how many were taken. Call it outside a transaction.

    Whoever comes second loses the claim. A failure is noted and tried again later; later packages wait, so that they
    arrive in order.
    """
    waits = platform.push_next_at is not None and platform.push_next_at > at
    if not platform.push_url or platform.mode == Mode.SHADOW or waits:
        return 0
    rows = list(Package.objects.filter(platform=platform, seq__gt=platform.pushed_seq).order_by("seq")[:limit])
    if not rows or not _claim(platform, at):
        return 0
    body = page_bytes(platform.code, platform.mode, rows, rows[-1].seq, False)
    try:
        (post or post_json)(platform.push_url, body, _headers(home, platform.code))
    except Exception as fault:  # whatever this one meets must not keep other platforms
        _failed(platform, at, f"{PUSH}{fault if isinstance(fault, PushFailed) else type(fault).__name__}")
        return 0
    with transaction.atomic():
        done = {"pushed_seq": rows[-1].seq, "push_attempts": 0, "push_next_at": None, "error": "", "error_at": None}
        Platform.objects.filter(pk=platform.pk, pushed_seq__lt=rows[-1].seq).update(**done)
        mark_left(platform, rows, at)
    return len(rows)


def _claim(platform: Platform, at: datetime) -> bool:
    """Take the turn if nobody took it since the row was read: every turn counts an attempt."""
    same = Platform.objects.filter(
        pk=platform.pk, enabled=True, pushed_seq=platform.pushed_seq, push_attempts=platform.push_attempts
    )
    taken = same.update(push_attempts=F("push_attempts") + 1, push_next_at=at + LEASE)
    platform.push_attempts += taken
    return taken == 1


def _failed(platform: Platform, at: datetime, words: str) -> None:
    wait = BACK_OFF[min(platform.push_attempts, len(BACK_OFF)) - 1]
    mine = Platform.objects.filter(pk=platform.pk, push_attempts=platform.push_attempts)
    mine.update(push_next_at=at + wait, error=words[:300], error_at=at)


def post_json(address: str, body: bytes, headers: dict[str, str]) -> None:
    """One POST to an address on the installation's list; any 2xx answer takes the whole page. Raises PushFailed."""
    if not allowed(address, settings.KUANGAN.webhook_allowed):
        raise PushFailed("地址不在允许清单内")
    try:
        answer = httpx.post(address, content=body, headers=headers, timeout=TIMEOUT_SECONDS, trust_env=False)
    except httpx.HTTPError as error:
        raise PushFailed(type(error).__name__) from error
    if not answer.is_success:
        raise PushFailed(f"HTTP {answer.status_code}")


def _headers(home: Path, platform: str) -> dict[str, str]:
    """What we show them: the token in `secrets/exchange-<platform>`, where there is one."""
    secret = home / "secrets" / f"exchange-{platform}"
    headers = {"Content-Type": "application/json"}
    if secret.is_file():
        headers["Authorization"] = f"Bearer {secret.read_text(encoding='utf-8').strip()}"
    return headers
