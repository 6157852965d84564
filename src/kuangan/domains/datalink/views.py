"""The link page: which mines are late or silent, what arrived, what was refused and why, and the file itself."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from kuangan.base import audit
from kuangan.base.clock import from_ms, now, to_ms
from kuangan.base.people.models import User
from kuangan.base.people.permissions import may
from kuangan.domains.datalink import reading, texts
from kuangan.domains.datalink.figures import link_figures
from kuangan.domains.datalink.happenings import happenings
from kuangan.domains.datalink.linkstate import STATES, MineLink, links
from kuangan.domains.datalink.queries import LISTED, TABS, UPLOADED, WINDOWS, LinkQuery
from kuangan.domains.datalink.reported import reported_alarms
from kuangan.domains.datalink.scope import View, view_of
from kuangan.library.telemetry.frames import UPLOAD, Frame
from kuangan.library.telemetry.grammar import PERSONAL, file_types
from kuangan.library.telemetry.ledger import balance
from kuangan.library.telemetry.names import type_of
from kuangan.library.telemetry.segments import SpoolDamaged
from kuangan.library.telemetry.spool_reader import SpoolReader, gateways

BALANCE_SECONDS = 10


def home() -> Path:
    return Path(settings.HOME)


def member(request: HttpRequest, permission: str) -> User:
    """The signed-in user who holds the permission. Raises PermissionDenied for others."""
    if not isinstance(request.user, User) or not may(request.user, permission):
        raise PermissionDenied
    return request.user


@require_GET
def link_page(request: HttpRequest) -> HttpResponse:
    """Figures, the query bar and one tab."""
    user, at, query = member(request, "link.view"), now(), LinkQuery.parse(request.GET)
    view = view_of(user, at)
    rows = links(home(), view, at)
    frames = [
        shown_frame(row, view) | {"downloadable": may_download(user, row)}
        for row in tab_frames(query, view, at, LISTED)
    ]
    rejects = [shown_reject(row, view) for row in tab_rejects(query, view, at, LISTED)]
    reported = tab_reported(query, view, at, LISTED)
    events = tab_events(query, view, at, LISTED)
    context = {
        "query": query,
        "damaged": damaged_lists(home()),
        "tabs": [(word, query.address(tab=tab, status="", state=""), tab == query.tab) for tab, word in TABS.items()],
        "windows": WINDOWS,
        "states": STATES,
        "statuses": {status: texts.STATUSES[status] for status in UPLOADED},
        "figures": link_figures(rows, reading.totals(home(), view.codes, query.since(at)), query),
        "balanced": ledger_balanced(),
        "links": narrowed(rows, query)[:LISTED],
        "links_total": len(narrowed(rows, query)),
        "frames": frames,
        "rejects": rejects,
        "following": query.following(
            rejects or frames or [row | {"received_at": row["arrived"]} for row in reported or events]
        ),
        "reported": reported,
        "events": events,
        "listed": LISTED,
        "may_senders": may(user, "sender.manage"),
    }
    return render(request, "datalink/link.html", context)


def damaged_lists(home: Path) -> list[str]:
    """Gateways that cannot read senders.json, by the beat of those that are running."""
    found = []
    for path in sorted((home / "run").glob("gateway-*.json")):
        try:
            beat = json.loads(path.read_text("utf-8"))
            if beat.get("senders"):
                found.append(str(beat["gateway"]))
        except (OSError, ValueError, AttributeError, KeyError):
            continue
    return found


def ledger_balanced() -> bool:
    """Whether the sums of the whole ledger hold; asked of the files at most every ten seconds."""
    known = cache.get("datalink.balanced")
    if known is None:
        known = balance(home()).balanced
        cache.set("datalink.balanced", known, BALANCE_SECONDS)
    return bool(known)


def narrowed(rows: Sequence[MineLink], query: LinkQuery) -> list[MineLink]:
    """The mines that the query bar leaves."""
    return [
        row
        for row in rows
        if (not query.state or row.state == query.state)
        and (not query.mine or row.mine.code == query.mine)
        and (query.text in row.mine.name or query.tab != "mines")
    ]


def tab_frames(query: LinkQuery, view: View, at: datetime, limit: int) -> list[dict[str, Any]]:
    """Rows of the ledger for the tabs that list files."""
    listing = query.tab in {"frames", "refusals", "ledger"}
    return reading.frames(home(), view.codes, query.frames(at, limit)) if listing else []


def tab_rejects(query: LinkQuery, view: View, at: datetime, limit: int) -> list[dict[str, Any]]:
    """Rejected records for the tab that lists them."""
    return reading.rejects(home(), view.codes, query.frames(at, limit)) if query.tab == "rejects" else []


def tab_reported(query: LinkQuery, view: View, at: datetime, limit: int) -> list[dict[str, Any]]:
    """What the mines reported themselves, for the tab that lists it."""
    if query.tab != "reported":
        return []
    rows = reported_alarms(home(), view.codes, query.mine, to_ms(query.since(at)), limit, query.before)
    return [row | {"mine_name": view.name_of(row["mine"])} for row in rows]


def tab_events(query: LinkQuery, view: View, at: datetime, limit: int) -> list[dict[str, Any]]:
    """Happenings that the mines told of, for the tab that lists them."""
    if query.tab != "events":
        return []
    rows = happenings(home(), view.codes, query.mine, to_ms(query.since(at)), limit, query.before)
    return [row | {"mine_name": view.name_of(row["mine"])} for row in rows]


def shown_frame(row: dict[str, Any], view: View) -> dict[str, Any]:
    """A ledger row with words beside its codes."""
    return row | {
        "mine_name": view.name_of(row["mine"]),
        "outcome_word": texts.STATUSES.get(row["outcome"], row["outcome"]),
        "chip": texts.STATUS_CHIPS.get(row["outcome"], ""),
        "reason_word": texts.reason_word(row["reason"]) if row["reason"] else "",
        "mark_words": texts.mark_words(row["marks"]),
        "at": from_ms(row["received_at"]),
    }


def shown_reject(row: dict[str, Any], view: View) -> dict[str, Any]:
    return row | {
        "mine_name": view.name_of(row["mine"]),
        "reason_word": texts.reason_word(row["reason"]),
        "at": from_ms(row["received_at"]),
    }


@require_GET
def frame_page(request: HttpRequest, gateway: str, seq: int) -> HttpResponse:
    """One file: what became of it and each of its rejected records."""
    user, at = member(request, "link.view"), now()
    view = view_of(user, at)
    row = reading.frame_row(home(), gateway, seq)
    if row is None or not view.covers(row["mine"]):
        raise Http404
    rejects = [shown_reject(reject, view) for reject in reading.frame_rejects(home(), gateway, seq)]
    context = {
        "frame": shown_frame(row, view),
        "rejects": rejects,
        "refusal": refusal_of(gateway, seq) if row["outcome"] == "refused" else {},
        "may_download": may_download(user, row),
    }
    return render(request, "datalink/frame.html", context)


def may_download(user: User, row: Mapping[str, Any]) -> bool:
    """Whether the person may have the file of a ledger row; files that name persons ask for more."""
    allowed = may(user, "frame.download") and row["outcome"] != "refused"
    return allowed and (not names_persons(row["type"]) or may(user, "underground.names"))


def names_persons(file_type: str) -> bool:
    """Whether files of a type carry names of persons."""
    kind = file_types().get(file_type)
    return kind is not None and kind.feeds in PERSONAL


def stored_frame(gateway: str, seq: int) -> Frame:
    """The frame as the spool holds it. Raises Http404 when it holds none."""
    if gateway not in gateways(home()):
        raise Http404
    try:
        return SpoolReader(home(), gateway).frame(seq)
    except (KeyError, SpoolDamaged) as error:
        raise Http404 from error


def refusal_of(gateway: str, seq: int) -> dict[str, Any]:
    """Sender, address and size of what was refused."""
    content = json.loads(stored_frame(gateway, seq).payload or b"{}")
    return content if isinstance(content, dict) else {}


@require_GET
def download(request: HttpRequest, gateway: str, seq: int) -> HttpResponse:
    """The file byte for byte as it came; the look is recorded."""
    user, at = member(request, "frame.download"), now()
    frame = stored_frame(gateway, seq)
    if frame.kind != UPLOAD or not view_of(user, at).covers(frame.mine):
        raise Http404
    if names_persons(type_of(frame.name)) and not may(user, "underground.names"):
        raise PermissionDenied
    with transaction.atomic():
        audit.record(
            actor=user,
            action="frame.download",
            kind="frame",
            ident=f"{gateway}/{seq}",
            content={"name": frame.name, "mine": frame.mine, "sha256": frame.digest.hex(), "bytes": len(frame.payload)},
            at=at,
        )
    answer = HttpResponse(frame.payload, content_type="application/octet-stream")
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(frame.name.rsplit('/', 1)[-1], safe='')}"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
