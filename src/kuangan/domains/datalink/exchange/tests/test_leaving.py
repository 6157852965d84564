"""Fetched, pushed and as files: at least once, in order, never in shadow mode. HTTP is real in both directions."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kuangan.base.notices.tests.conftest import serve
from kuangan.domains.datalink.exchange import leaving, managing
from kuangan.domains.datalink.exchange.job import turn
from kuangan.domains.datalink.exchange.mapping import Mapping
from kuangan.domains.datalink.exchange.models import Counterpart, Mode, Package, Platform
from kuangan.domains.datalink.exchange.shapes import IN, Envelope
from kuangan.domains.datalink.exchange.taking import digest
from kuangan.domains.datalink.exchange.tests.conftest import SETUP, batch, handling

Make = Callable[..., Any]


class Theirs:
    """Their side, which takes pushes and may be broken."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], dict[str, Any]]] = []
        self.status = 200

    async def take(self, request: Request) -> Response:
        self.got.append((dict(request.headers), await request.json()))
        await asyncio.sleep(0)
        return Response(status_code=self.status)


@pytest.fixture
def theirs() -> Iterator[tuple[Theirs, str]]:
    side = Theirs()
    with serve(Starlette(routes=[Route("/in", side.take, methods=["POST"])])) as address:
        yield side, address


@pytest.fixture
def pushed(platform: Platform, mapping: Mapping, theirs: Any, settings: Any, cast: Any, moment: datetime) -> Theirs:
    side, address = theirs
    settings.KUANGAN = settings.KUANGAN.model_copy(update={"webhook_allowed": [address]})
    setup = managing.Setup(True, "14", SETUP.sectors, False, f"{address}/in")
    managing.set_up(mapping, setup, by=cast.system_admin, at=moment, reason="推送")
    found: Theirs = side
    return found


@pytest.fixture
def fetch(live_server: Any, platform: Platform, cast: Any, moment: datetime) -> Callable[..., httpx.Response]:
    """GET over real HTTP with a key of the platform."""
    _, token = managing.issue_key(
        platform, "对方", may_fetch=True, may_hand_in=True, region="", by=cast.system_admin, at=moment
    )

    def get(code: str = "warning", bearer: str = token, **asked: Any) -> httpx.Response:
        address = f"{live_server.url}/exchange/v1/{code}/out"
        return httpx.get(address, params=asked, headers={"Authorization": f"Bearer {bearer}"}, trust_env=False)

    return get


def test_a_platform_fetches_page_by_page_and_again_at_will(fetch: Make, raised: Make, round_: Make) -> None:
    for number in range(3):
        raised(f"g1-{number}-1")
    made = round_()
    first = fetch(limit=2).json()
    assert [e["package"]["id"] for e in first["packages"]] == [p.ident for p in made[:2]]
    assert (first["more"], first["next"], first["mode"]) == (True, 2, "assist")
    rest = fetch(since=first["next"]).json()
    assert [e["package"]["seq"] for e in rest["packages"]] == [3] and not rest["more"]
    assert fetch(since=3).json()["packages"] == []
    assert fetch(limit=2).json() == first
    assert Counterpart.objects.filter(sent_at__isnull=True).count() == 0
    for envelope in first["packages"]:
        text = json.dumps(envelope["package"], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        assert envelope["digest"] == digest(text.encode())


def test_no_page_is_larger_than_the_mapping_allows(
    fetch: Make, platform: Platform, mapping: Mapping, raised: Make, round_: Make, moment: datetime
) -> None:
    for number in range(4):
        raised(f"g1-{number}-1")
    round_()
    small = mapping.model_copy(update={"page_limit": 3})
    key = platform.keys.get()
    page = json.loads(leaving.fetch(platform, small, key, 0, 10_000, moment).body)
    assert len(page["packages"]) == 3 and page["more"]


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"since": "-1"}, 400),
        ({"since": "x"}, 400),
        ({"since": "9" * 40}, 400),
        ({"code": "other"}, 404),
        ({"bearer": "wrong"}, 401),
        ({"bearer": "ka_ x"}, 401),
    ],
)
def test_what_a_fetch_is_refused_for(fetch: Make, asked: dict[str, str], status: int) -> None:
    assert fetch(**asked).status_code == status


def test_a_key_reaches_only_its_region_and_its_use(
    fetch: Make, live_server: Any, platform: Platform, cast: Any, raised: Make, round_: Make, moment: datetime
) -> None:
    raised("g1-1-1")
    other = raised("g1-2-1", mine=cast.mine_b.code)
    round_()
    asked = {"by": cast.system_admin, "at": moment}
    key, narrow = managing.issue_key(platform, "潞州", may_fetch=True, may_hand_in=False, region="140403", **asked)
    seen = fetch(bearer=narrow).json()["packages"]
    assert [e["package"]["data"]["alert_no"] for e in seen] == [other.case.number]
    headers = {"Authorization": f"Bearer {narrow}"}
    assert httpx.post(f"{live_server.url}/exchange/v1/warning/in", headers=headers, trust_env=False).status_code == 403
    _, only_in = managing.issue_key(platform, "回传", may_fetch=False, may_hand_in=True, region="", **asked)
    assert fetch(bearer=only_in).status_code == 403
    managing.end_key(key, **asked, reason="泄露")
    assert fetch(bearer=narrow).status_code == 401


def test_a_disabled_platform_answers_nobody(fetch: Make, mapping: Mapping, cast: Any, moment: datetime) -> None:
    off = managing.Setup(False, "14", SETUP.sectors, True)
    managing.set_up(mapping, off, by=cast.system_admin, at=moment, reason="停用")
    assert fetch().status_code == 404


def test_in_shadow_mode_nothing_leaves_and_afterwards_everything(
    fetch: Make, platform: Platform, raised: Make, round_: Make, home: Path, moment: datetime
) -> None:
    raised()
    round_()
    Platform.objects.update(mode=Mode.SHADOW)
    platform.refresh_from_db()
    page = fetch().json()
    assert (page["mode"], page["packages"], page["next"]) == ("shadow", [], 0)
    assert leaving.file_out(home, platform, moment) == 0
    assert not Package.objects.filter(left_at__isnull=False).exists()
    Platform.objects.update(mode=Mode.ASSIST)
    assert len(fetch().json()["packages"]) == 1


def test_handing_in_over_http_says_which_record_was_bad_and_why(
    fetch: Make, live_server: Any, platform: Platform, raised: Make, round_: Make, cast: Any, moment: datetime
) -> None:
    alert = raised()
    round_()
    _, token = managing.issue_key(
        platform, "回传", may_fetch=False, may_hand_in=True, region="", by=cast.system_admin, at=moment
    )
    address, headers = f"{live_server.url}/exchange/v1/warning/in", {"Authorization": f"Bearer {token}"}

    def post(content: bytes) -> httpx.Response:
        return httpx.post(address, content=content, headers=headers, trust_env=False)

    good = handling(alert, "20", moment)
    answer = post(batch(good, {"id": "b1", "kind": "handling"}, good | {"id": "b2", "alert_no": "GJ-0"}))
    said = answer.json()
    assert answer.status_code == 200
    assert (said["received"], said["accepted"], said["repeated"]) == (3, 1, 0)
    assert [(r["record"], r["id"], r["reason"]) for r in said["rejected"]] == [
        (2, "b1", "unknown_state"),
        (3, "b2", "unknown_alert"),
    ]
    assert post(batch(good)).json()["repeated"] == 1
    assert post(b"{").status_code == 400
    assert post(b'{"schema":"%s","records":[]} ' % IN.encode() + b" " * (5 << 20)).status_code == 413
    assert httpx.get(address, headers=headers, trust_env=False).status_code == 405


@pytest.mark.usefixtures("time_stands_still")
def test_files_lie_whole_under_their_ids_and_only_once(
    platform: Platform, raised: Make, round_: Make, home: Path, moment: datetime
) -> None:
    raised()
    [package] = round_()
    assert turn(home, moment)["filed"] == 1
    out = home / "exchange" / "warning" / "out"
    [path] = out.iterdir()
    envelope = Envelope.model_validate_json(path.read_bytes())
    assert path.name == f"{package.ident}.json" and envelope.digest == package.digest
    path.unlink()
    assert turn(home, moment)["filed"] == 0
    assert list(out.iterdir()) == []


@pytest.mark.usefixtures("time_stands_still")
def test_a_kill_between_file_and_cursor_writes_the_same_file_again(
    platform: Platform, raised: Make, round_: Make, home: Path, moment: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    raised()
    round_()
    with monkeypatch.context() as patch:
        patch.setattr(leaving, "mark_left", lambda *a: (_ for _ in ()).throw(RuntimeError("killed")))
        with pytest.raises(RuntimeError):
            leaving.file_out(home, platform, moment)
    [path] = (home / "exchange" / "warning" / "out").iterdir()
    before = path.read_bytes()
    platform.refresh_from_db()
    assert platform.filed_seq == 0
    assert leaving.file_out(home, platform, moment) == 1
    assert path.read_bytes() == before


@pytest.mark.usefixtures("time_stands_still")
def test_a_push_arrives_with_our_token_and_is_not_sent_twice(
    pushed: Theirs, raised: Make, home: Path, round_: Make, moment: datetime
) -> None:
    (home / "secrets" / "exchange-warning").write_text("theirs-secret\n")
    raised()
    round_()
    assert turn(home, moment)["pushed"] == 1
    assert turn(home, moment)["pushed"] == 0
    [(headers, page)] = pushed.got
    assert headers["authorization"] == "Bearer theirs-secret"
    assert [e["package"]["event"] for e in page["packages"]] == ["raised"]
    assert Package.objects.get().left_at == moment


@pytest.mark.usefixtures("time_stands_still")
def test_a_push_that_fails_is_tried_again_later_in_order_and_given_up_never(
    pushed: Theirs, raised: Make, home: Path, round_: Make, moment: datetime
) -> None:
    pushed.status = 503
    raised("g1-1-1")
    round_()
    assert turn(home, moment)["pushed"] == 0
    row = Platform.objects.get()
    assert row.error == "推送：HTTP 503" and row.push_next_at is not None and row.push_next_at > moment
    assert turn(home, moment)["pushed"] == 0 and len(pushed.got) == 1
    later = moment
    for _ in range(9):
        later += timedelta(hours=7)
        turn(home, later)
    raised("g1-2-1")
    round_()
    pushed.status = 204
    later += timedelta(hours=7)
    assert turn(home, later)["pushed"] == 2
    assert [e["package"]["seq"] for e in pushed.got[-1][1]["packages"]] == [1, 2]
    assert Platform.objects.get().error == ""


@pytest.mark.usefixtures("time_stands_still")
def test_a_push_never_leaves_the_list_of_origins(
    pushed: Theirs, raised: Make, home: Path, round_: Make, moment: datetime, settings: Any
) -> None:
    settings.KUANGAN = settings.KUANGAN.model_copy(update={"webhook_allowed": []})
    raised()
    round_()
    assert turn(home, moment)["pushed"] == 0
    assert pushed.got == [] and "允许清单" in Platform.objects.get().error


@pytest.mark.usefixtures("time_stands_still")
def test_two_workers_do_not_push_the_same_page_at_once(
    pushed: Theirs, raised: Make, home: Path, round_: Make, moment: datetime
) -> None:
    raised()
    round_()
    one, two = Platform.objects.get(), Platform.objects.get()
    assert leaving.push(home, one, moment) == 1
    assert leaving.push(home, two, moment) == 0
    assert len(pushed.got) == 1


@pytest.mark.usefixtures("time_stands_still")
def test_a_round_that_fails_is_said_and_the_next_good_one_takes_it_back(
    platform: Platform, raised: Make, home: Path, round_: Make, moment: datetime
) -> None:
    raised()
    round_()
    (home / "exchange").write_text("in the way")
    turn(home, moment)
    assert "Error" in Platform.objects.get().error
    (home / "exchange").unlink()
    assert turn(home, moment)["filed"] == 1
    assert Platform.objects.get().error == ""
