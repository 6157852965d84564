"""The link page tells what arrived, what was refused and why; each sees the own mines only."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any
from urllib.parse import parse_qsl

import openpyxl
import polars as pl
import pytest

from conftest import MINE_A, MINE_B, MOMENT, Cast
from kuangan.base.audit.models import AuditEntry
from kuangan.domains.datalink import reading, texts
from kuangan.domains.datalink.linkstate import links
from kuangan.domains.datalink.queries import LISTED, LinkQuery
from kuangan.domains.datalink.scope import view_of
from kuangan.domains.datalink.tests.conftest import GATEWAY, NOW_MS, World
from kuangan.library.telemetry import codes
from kuangan.library.telemetry.hot import publish
from kuangan.library.telemetry.reported import REPORTED, ReportedAlarms
from kuangan.library.telemetry.spool import SpoolWriter

Get = Callable[[Any, str], Any]


def text(answer: Any) -> str:
    return str(answer.content.decode())


def test_every_code_of_telemetry_has_a_chinese_text() -> None:
    assert set(codes.REASONS) == set(texts.REASONS)
    assert set(codes.MARKS) <= set(texts.MARKS)
    assert {*codes.STATUSES, codes.REFUSED} == set(texts.STATUSES)


def test_every_mark_and_reason_has_its_own_words() -> None:
    assert len(set(texts.REASONS.values())) == len(texts.REASONS)
    assert texts.mark_words("gbk,crlf") == ["GBK 编码", "段间有换行"]
    assert texts.mark_words("") == []


def test_the_county_sees_the_files_of_its_mine_only(cast: Cast, get: Get, world: World) -> None:
    page = text(get(cast.county_officer, "/link/?tab=ledger"))
    assert f"{MINE_A}_CDSS_20261121075900.txt" in page
    assert MINE_B not in page
    assert MINE_B in text(get(cast.neighbour_officer, "/link/?tab=ledger"))


def test_a_quarantined_file_and_a_refusal_show_their_reason_in_words(cast: Cast, get: Get) -> None:
    assert "文件不完整，没有结束符" in text(get(cast.neighbour_officer, "/link/?tab=frames"))
    assert "令牌错误或账号已停用" in text(get(cast.neighbour_officer, "/link/?tab=refusals"))
    assert "令牌错误或账号已停用" not in text(get(cast.county_officer, "/link/?tab=refusals"))


def test_a_rejected_record_shows_mine_file_record_column_and_reason(cast: Cast, get: Get, world: World) -> None:
    page = text(get(cast.county_officer, "/link/?tab=rejects"))
    for expected in ("示例远峰煤业", f"{MINE_A}_CDSS_20261121075910.txt", "第 4 条", "value", "不是数字", "1.2.3"):
        assert expected in page
    assert "1.2.3" not in text(get(cast.neighbour_officer, "/link/?tab=rejects"))


@pytest.mark.parametrize("who", ["province_officer", "county_officer", "neighbour_officer", "system_admin"])
def test_figures_agree_with_the_lists_they_open(cast: Cast, get: Get, world: World, who: str) -> None:
    user = cast.people[who]
    view = view_of(user, MOMENT)
    figures = {figure.label: figure for figure in get(user, "/link/").context["figures"]}
    for label in ("已接收", "部分接收", "隔离", "重复", "未知类型", "拒收", "收到文件"):
        opened = get(user, f"/link/{figures[label].address}")
        assert len(opened.context["frames"]) == figures[label].value, label
    for label in ("静默矿井", "迟到矿井", "未接入"):
        assert len(get(user, f"/link/{figures[label].address}").context["links"]) == figures[label].value
    assert sum(row.state == "never" for row in links(world.home, view, MOMENT)) == figures["未接入"].value


def test_received_is_the_sum_of_its_outcomes_and_what_waits(cast: Cast, world: World) -> None:
    sums = reading.totals(world.home, None, MOMENT.replace(year=2025))
    assert (sums.received, sums.waiting, sums.refused) == (3, 0, 1)
    assert sums.received == sum(sums.by_status.values()) + sums.waiting
    assert (sums.good, sums.rejected) == (13, 1)


def test_a_frame_the_engine_has_not_read_is_waiting(cast: Cast, get: Get, world: World) -> None:
    writer = SpoolWriter(world.home, "g2")
    writer.append(kind="upload", name="x.txt", source="http", payload=b"x", received_at=0, mine=MINE_A)
    writer.commit()
    writer.close()
    assert reading.waiting_frames(world.home, frozenset({MINE_A})) == 1
    assert reading.waiting_frames(world.home, frozenset({MINE_B})) == 0


def test_the_balance_is_shown_and_a_mine_never_connected_is_counted_apart(cast: Cast, get: Get) -> None:
    page = text(get(cast.province_officer, "/link/"))
    assert "全系统台账平衡" in page
    assert "未接入" in page


def test_an_empty_home_shows_an_empty_page(
    cast: Cast, client_of: Callable[..., Any], tmp_path: Any, settings: Any
) -> None:
    settings.HOME = tmp_path
    answer = client_of(cast.county_officer).get("/link/?tab=ledger")
    assert "没有符合条件的文件" in text(answer)


def test_the_file_comes_back_byte_for_byte_and_the_look_is_recorded(cast: Cast, get: Get, world: World) -> None:
    answer = get(cast.county_officer, f"/link/frames/{GATEWAY}/{world.good}/download")
    assert answer.content == world.payloads[world.good]
    assert "attachment" in answer["Content-Disposition"]
    entry = AuditEntry.objects.get(action="frame.download")
    assert entry.ident == f"{GATEWAY}/{world.good}"
    assert entry.actor_id == cast.county_officer.pk


@pytest.mark.parametrize("who", ["neighbour_officer", "mine_b_dispatcher"])
def test_a_file_of_another_mine_does_not_exist(cast: Cast, get: Get, world: World, who: str) -> None:
    assert get(cast.people[who], f"/link/frames/{GATEWAY}/{world.good}/download").status_code == 404
    assert get(cast.people[who], f"/link/frames/{GATEWAY}/{world.good}/").status_code == 404


def test_a_refusal_has_no_file_but_tells_who_tried(cast: Cast, get: Get, world: World) -> None:
    assert get(cast.neighbour_officer, f"/link/frames/{GATEWAY}/{world.refused}/download").status_code == 404
    assert "192.0.2.7" in text(get(cast.neighbour_officer, f"/link/frames/{GATEWAY}/{world.refused}/"))


@pytest.mark.parametrize("address", ["g9/0", "g1/99", "..%2Fg1/0"])
def test_a_frame_that_is_not_in_the_spool_does_not_exist(cast: Cast, get: Get, address: str) -> None:
    assert get(cast.system_admin, f"/link/frames/{address}/download").status_code == 404


def test_outside_the_role_is_refused_and_a_stranger_signs_in(cast: Cast, get: Get, world: World) -> None:
    assert get(cast.nobody, "/link/").status_code == 403
    assert get(cast.parent_dispatcher, f"/link/frames/{GATEWAY}/{world.good}/download").status_code == 403
    assert get(None, "/link/").status_code == 302


def test_a_long_list_goes_on_over_pages_and_shows_each_file_once(
    world: World,
) -> None:
    everything = reading.frames(world.home, None, reading.FrameQuery(limit=10))
    query = LinkQuery(tab="ledger")
    seen: list[dict[str, Any]] = []
    before = None
    while rows := reading.frames(world.home, None, reading.FrameQuery(limit=1, before=before)):
        seen += rows
        following = query.following(rows, 1)
        before = LinkQuery.parse(dict(parse_qsl(following.removeprefix("?")))).before
        assert before is not None
    assert seen == everything and len(seen) == 4
    assert query.following(everything, 10) == ""


@pytest.mark.parametrize("text", ["", "1~g1", "x~g1~2~0", "1~g1~-2~0", "9" * 30 + "~g1~1~0"])
def test_a_place_that_is_none_is_the_first_page(text: str) -> None:
    assert LinkQuery.parse({"before": text}).before is None


def test_what_a_mine_reported_is_listed_from_the_archive_and_from_what_is_not_archived_yet_once(
    cast: Cast, get: Get, world: World
) -> None:
    begun, ended = reported(start=NOW_MS - 120_000), reported(start=NOW_MS - 120_000, end=NOW_MS - 70_000, seq=2)
    other = reported(start=NOW_MS - 50_000, seq=3)
    archive = ReportedAlarms(world.home)
    archive.append([begun, ended], {GATEWAY: 2})
    publish(world.home, "reported", other)
    rows = get(cast.county_officer, "/link/?tab=reported").context["reported"]
    assert [(row["seq"], row["end"] is not None) for row in rows] == [(3, False), (2, True)]
    assert get(cast.neighbour_officer, "/link/?tab=reported").context["reported"] == []


def test_every_report_stands_on_exactly_one_page_and_a_file_on_one(cast: Cast, get: Get, world: World) -> None:
    rows = [reported(start=NOW_MS - 10**6 + n, seq=n // 3 + 1) for n in range(2 * LISTED + 50)]
    publish(world.home, "reported", pl.concat(rows))
    address, pages = "/link/?tab=reported", 0
    seen: list[tuple[int, Any]] = []
    while address:
        answer = get(cast.county_officer, address)
        listed = answer.context["reported"]
        pages += 1
        assert pages <= 3 and listed
        assert not {row["seq"] for row in listed} & {seq for seq, _ in seen}
        seen += [(row["seq"], row["start"]) for row in listed]
        following = answer.context["following"]
        address = f"/link/{following}" if following else ""
    assert len(seen) == len(set(seen)) == len(rows)
    assert [seq for seq, _ in seen] == sorted((seq for seq, _ in seen), reverse=True)


def test_a_gateway_that_cannot_read_the_list_of_accounts_is_told(cast: Cast, get: Get, world: World) -> None:
    beat = world.home / "run" / "gateway-g1.json"
    beat.write_text('{"gateway": "g1", "senders": ""}')
    assert "senders.json" not in text(get(cast.county_officer, "/link/"))
    beat.write_text('{"gateway": "g1", "senders": "Expecting value"}')
    assert "网关 g1 读不出上传账号名单" in text(get(cast.county_officer, "/link/"))


def reported(**given: Any) -> pl.DataFrame:
    """One report of an over-limit at a point of mine A."""
    row: dict[str, Any] = dict.fromkeys(REPORTED) | {"gateway": GATEWAY, "seq": 1, "mine": MINE_A, "alarm_type": "001"}
    row |= {"received_at": NOW_MS - 60_000 + given.get("seq", 1), "code": f"{MINE_A}01MN000001", "type_name": "甲烷"}
    return pl.DataFrame([row | {"location": "示例上隅角"} | given], schema=REPORTED)


def test_the_excel_file_holds_the_rows_of_the_list(cast: Cast, get: Get) -> None:
    answer = get(cast.county_officer, "/link/export.xlsx?tab=ledger")
    rows = list(openpyxl.load_workbook(BytesIO(answer.content)).active.values)
    assert len(rows) == 3
    assert rows[0][0] == "到达时间"
    assert {row[1] for row in rows[1:]} == {MINE_A}
    assert AuditEntry.objects.filter(action="list.exported").count() == 1
