"""Invented rounds, sheets, a difference, reading lists and a record of publicity around the demonstration's mines, once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from kuangan.base.clock import beijing_day
from kuangan.base.people.models import Organisation, User
from kuangan.base.people.roles import Role
from kuangan.base.registry.models import Mine
from kuangan.base.registry.scope import visible_mines
from kuangan.domains.enforcement.acts import enter as enter_visit
from kuangan.domains.enforcement.rules import Draft
from kuangan.domains.selfcheck import differing, rounds, signing, solving
from kuangan.domains.selfcheck.filling import answer, recount
from kuangan.domains.selfcheck.judging import take
from kuangan.domains.selfcheck.known import Known
from kuangan.domains.selfcheck.models import Answer, Round, Sheet
from kuangan.domains.selfcheck.publicity import acts
from kuangan.domains.selfcheck.publicity.rules import Question
from kuangan.domains.selfcheck.publicity.visits import visits_since
from kuangan.domains.selfcheck.rules import Reply
from kuangan.library.simulate import SimulatedMine

DAY = timedelta(days=1)
VIDEO, FIRE = "SX34-15", "SX34-16"
KINDS = ("underground_coal",)
SAID = "合成数据"
PLAYED = 6
QUESTIONS = (
    Question("瓦斯浓度达到多少必须立即停止作业并查处？", ("1.0%", "2.0% 及以上", "3.0%"), 1),
    Question("事故发生后，单位负责人应在多长时间内上报？", ("1 小时", "24 小时", "3 日"), 0),
)


def enter(home: Path, fleet: Sequence[SimulatedMine], at: datetime) -> None:
    """A round of the city of the first mine, with mines in each state; a health check; a list to read; one visit told of."""
    names = ("xianju", "shiju")
    people = {one.username: one for one in User.objects.select_related("organisation").filter(username__in=names)}
    if len(people) < len(names) or Round.objects.exists() or not fleet:
        return
    county, city = people["xianju"], people["shiju"]
    mines = _mines(city, fleet[0].code, at)
    began, due = at - 9 * DAY, at + 21 * DAY
    plan = rounds.Plan("selfcheck", "2026年下半年企业自查（合成数据）", due, KINDS, SAID)
    row = rounds.open_round(plan, by=city, at=began, home=home)
    while rounds.open_sheets(began, row):
        pass
    _play(row, mines, at)
    for kind, title in (("health", "体检式精查补查"), ("coverage", "全覆盖检查")):
        rounds.open_round(
            rounds.Plan(kind, f"{title}（合成数据）", due, KINDS, SAID), by=county, at=at - 3 * DAY, home=home
        )
    _reading(city, mines, at)
    _told(county, mines[0], at)


def _mines(city: User, first: str, at: datetime) -> list[Mine]:
    """The first mine of the fleet, and some others of its city."""
    seen = visible_mines(city, at).filter(kind__in=KINDS)
    return [*seen.filter(pk=first), *seen.exclude(pk=first).order_by("pk")[: PLAYED - 1]]


def _person(body: Organisation, name: str, role: Role, words: str, at: datetime) -> User:
    """Somebody of an organisation, without a password: only there for what is past."""
    known = User.objects.select_related("organisation").filter(username=name).first()
    if known is not None:
        return known
    user = User(username=name, display_name=words, organisation=body, roles=[role.value], date_joined=at)
    user.set_unusable_password()
    user.save()
    return user


def _at_mine(mine: str, name: str, at: datetime) -> User:
    role, words = (Role.MINE_MANAGER, "演示矿长") if name == "kuangzhang" else (Role.MINE_DISPATCHER, "演示调度员")
    return _person(Organisation.objects.get(mine=mine), f"{name}-{mine}", role, words, at)


def _judge(sheet: Sheet, at: datetime) -> User:
    """An inspector of the direct supervisor."""
    assert sheet.supervisor is not None
    return _person(sheet.supervisor, f"jiancha-{sheet.supervisor_id}", Role.INSPECTOR, "演示执法员", at)


def _play(row: Round, mines: Sequence[Mine], at: datetime) -> None:
    """The first mine hands in and its answers differ from the data; others are sent back, half filled in, signed, not begun."""
    sheets = {
        sheet.mine_id: sheet for sheet in row.sheets.select_related("case", "mine", "round", "edition", "supervisor")
    }
    told = [sheets[mine.pk] for mine in mines if mine.pk in sheets]
    for place, sheet in enumerate(one for one in told if one.supervisor is not None):
        when = at - (6 - min(place, 5)) * DAY
        if place == 0:
            _handed_in(sheet, when, unmet=FIRE)
            _differs(sheet, when + timedelta(minutes=5))
            take(_again(sheet), "accept", by=_judge(sheet, when), at=when + DAY, form={"opinion": "已受理（合成数据）"})
            _planned(_again(sheet), when + DAY)
        elif place == 1:
            _handed_in(sheet, when)
            take(
                _again(sheet),
                "send_back",
                by=_judge(sheet, when),
                at=when + DAY,
                form={},
                reason="佐证材料不全（合成数据）",
            )
        elif place == 2:
            _handed_in(sheet, when)
        elif place == 3:
            _fill(sheet, _at_mine(sheet.mine_id, "kuangzhang", when), when, half=True)


def _fill(sheet: Sheet, by: User, at: datetime, *, half: bool = False, unmet: str = "") -> None:
    """Plain answers in one go; the one that is not met through the act that people use."""
    prints = sheet.edition.nodes
    nodes = [node for node, _ in sheet.items if node != unmet]
    wanted = nodes[: len(nodes) // 2] if half else nodes
    Answer.objects.bulk_create(
        [
            Answer(sheet=sheet, node=node, fingerprint=prints[node], value="met", text=SAID, by=by, at=at)
            for node in wanted
        ]
    )
    recount(sheet)
    if unmet:
        answer(sheet, unmet, Reply("unmet", "宿舍区灭火器过期 3 具（合成数据）"), by=by, at=at)


def _handed_in(sheet: Sheet, at: datetime, unmet: str = "") -> None:
    manager, dispatcher = (_at_mine(sheet.mine_id, name, at) for name in ("kuangzhang", "diaodu"))
    _fill(sheet, manager, at, unmet=unmet)
    signing.sign(_again(sheet), "lead", title="矿长", by=manager, at=at)
    signing.sign(_again(sheet), "safety", title="安全副矿长", by=dispatcher, at=at)
    take(_again(sheet), "submit", by=manager, at=at, form={})


def _differs(sheet: Sheet, at: datetime) -> None:
    found = Known(VIDEO, "demo.video", "作业地点视频覆盖", "suspected", "合成数据：1 处掘进工作面作业时无画面", at)
    rows = differing.compare(_again(sheet), at=at, knowing=lambda mines, _: {sheet.mine_id: [found]})
    if rows:
        manager = _at_mine(sheet.mine_id, "kuangzhang", at)
        differing.explain(rows[0], text="摄像机检修，已备用（合成数据）", by=manager, at=at)


def _planned(sheet: Sheet, at: datetime) -> None:
    remedy = solving.Remedy("更换灭火器并重新检查（合成数据）", "演示后勤科长", beijing_day(at + 20 * DAY))
    solving.plan(sheet, FIRE, remedy, by=_at_mine(sheet.mine_id, "kuangzhang", at), at=at)


def _again(sheet: Sheet) -> Sheet:
    return Sheet.objects.select_related("case", "mine", "round", "edition").get(pk=sheet.pk)


def _reading(city: User, mines: Sequence[Mine], at: datetime) -> None:
    """A list with a short test; the first mine's manager has read and passed, the second's has only read."""
    names = ("煤矿安全规程（2025年版，应急管理部令第17号）", "煤矿重大事故隐患判定标准（应急管理部令第4号）")
    wish = acts.Wish(
        title="新规程和判定标准宣贯（合成数据）",
        texts=names,
        sides=("mine", "authority"),
        roles=(Role.MINE_MANAGER.value, Role.INSPECTOR.value),
        mine_kinds=KINDS,
        due=at + 10 * DAY,
        note="合成数据：重点学习修订的条款。",
        questions=QUESTIONS,
    )
    row = acts.issue(wish, by=city, at=at - 5 * DAY)
    for place, mine in enumerate(mines[:2]):
        manager = _at_mine(mine.pk, "kuangzhang", at)
        acts.read(row, by=manager, at=at - 4 * DAY)
        if place == 0:
            acts.attempt(row, [1, 0], by=manager, at=at - 4 * DAY)


def _told(county: User, mine: Mine, at: datetime) -> None:
    """Two inspections: one left its record of what was told of the law, the other did not yet."""
    for days in (2, 1):
        arrived = at - days * DAY
        draft = Draft("on_site", "演示执法员", 3, arrived, arrived + timedelta(hours=4), note=SAID)
        enter_visit(mine, draft, by=county, at=arrived + timedelta(hours=5))
    told = list(visits_since(county, at - 3 * DAY, at))
    fields = {"form": "talk", "texts": ["煤矿安全生产条例（国务院令第774号）"], "audience": 26, "text": SAID}
    acts.record(told[-1], fields, by=county, at=at)
