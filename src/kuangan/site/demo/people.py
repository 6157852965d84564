"""One sign-in for every role around one mine, and the forwarder that speaks for the fleet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kuangan.base import clock
from kuangan.base.people.administration import create_user, set_groups
from kuangan.base.people.models import Organisation, OrganisationKind, User
from kuangan.base.people.roles import Role
from kuangan.base.registry.supervision import direct_supervisor
from kuangan.domains.alerts.directory import Standing, standings
from kuangan.domains.datalink.models import Sender
from kuangan.domains.datalink.senders import create_sender, publish_senders
from kuangan.domains.suspicions.flow import GROUP
from kuangan.library.simulate import SimulatedMine, Site
from kuangan.site.configuration import Configuration

SENDER = "合成矿群转发"
SignIn = dict[str, str]
Sending = Sequence[SimulatedMine | Site]

ANALYST = "fenxi"

AROUND = (
    ("meidiao", "mine", (Role.MINE_DISPATCHER,), "矿调度员"),
    ("kuangzhang", "mine", (Role.MINE_MANAGER,), "矿长"),
    ("jituan", "parent", (Role.PARENT_DISPATCHER,), "集团调度员"),
    ("xianju", "direct", (Role.DUTY_OFFICER, Role.INSPECTOR), "县局值班员"),
    ("shiju", "city", (Role.DUTY_OFFICER, Role.INSPECTOR), "市局值班员"),
    ("shengting", "province", (Role.DUTY_OFFICER, Role.INSPECTOR), "省厅值班员"),
    (ANALYST, "province", (Role.INSPECTOR,), "省厅疑点核查员"),
    ("lingdao", "province", (Role.LEADER,), "省厅带班领导"),
    ("xitong", "province", (Role.SYSTEM_ADMIN,), "系统管理员"),
    ("anquan", "province", (Role.SECURITY_ADMIN,), "安全管理员"),
    ("shenji", "province", (Role.AUDIT_ADMIN,), "审计管理员"),
)


def enter(configuration: Configuration, fleet: Sending) -> list[SignIn]:
    """Accounts around the first mine of the fleet, a neighbour county and another mine; returns what to print."""
    at = clock.now()
    password = configuration.secret("demo_password")[:14]
    levels = standings({m.code for m in fleet}, at)
    first = levels[fleet[0].code].levels
    wanted: list[tuple[str, Organisation, Sequence[Role], str]] = [
        (name, first[level], roles, words) for name, level, roles, words in AROUND if level in first
    ]
    wanted.append(("linxian", _neighbour(first["direct"]), (Role.DUTY_OFFICER,), "邻县局值班员"))
    wanted.append(("linkuang", levels[fleet[1].code].levels["mine"], (Role.MINE_DISPATCHER,), "另一矿调度员"))
    known = set(User.objects.values_list("username", flat=True))
    for name, organisation, roles, words in wanted:
        if name not in known:
            create_user(
                username=name,
                display_name=f"演示{words}",
                organisation=organisation,
                roles=[role.value for role in roles],
                password=password,
                by=None,
                at=at,
                reason="演示数据",
            )
    _admit()
    _background(fleet)
    return [
        {"user": name, "password": password, "role": words, "organisation": organisation.name}
        for name, organisation, _, words in wanted
    ]


def _admit() -> None:
    """One inspector of the province sees what is suspected; the security administrator let him in."""
    member, by = User.objects.get(username=ANALYST), User.objects.filter(username="anquan").first()
    if by is not None and GROUP not in member.sealed_groups:
        set_groups(member, [GROUP], by=by, at=clock.now(), reason="演示数据")


def _neighbour(direct: Organisation) -> Organisation:
    others = Organisation.objects.filter(kind=OrganisationKind.EMERGENCY, level="county").exclude(pk=direct.pk)
    found = others.exclude(region__startswith=direct.region[:4]).order_by("region").first()
    assert found is not None, "the authorities of the province are seeded"
    return found


def _background(fleet: Sending) -> None:
    """People at the other mines and authorities, without a password: they only appear in the past."""
    at = clock.now()
    codes = {m.code for m in fleet}
    stands = standings(codes, at)
    rows = []
    for code, standing in stands.items():
        rows.append((f"diaodu-{code}", standing.levels["mine"], Role.MINE_DISPATCHER, "演示调度员"))
        rows.append((f"kuangzhang-{code}", standing.levels["mine"], Role.MINE_MANAGER, "演示矿长"))
    for body in {b.pk: b for standing in stands.values() for b in upper(standing)}.values():
        role = Role.PARENT_DISPATCHER if body.kind == OrganisationKind.PARENT_COMPANY else Role.DUTY_OFFICER
        rows.append((f"zhiban-{body.pk}", body, role, "演示值班员"))
    users = []
    for name, organisation, role, words in rows:
        user = User(username=name, display_name=words, organisation=organisation, roles=[role.value], date_joined=at)
        user.set_unusable_password()
        users.append(user)
    User.objects.bulk_create(users, ignore_conflicts=True)


def upper(standing: Standing) -> list[Organisation]:
    """Whoever stands above a mine, the nearest first."""
    return [body for level, body in standing.levels.items() if level != "mine"]


def answering(code: str, organisations: Mapping[str, int]) -> list[User]:
    """The invented people who take note of an alert, from the mine's dispatcher up."""
    names = [f"diaodu-{code}", *(f"zhiban-{pk}" for level, pk in organisations.items() if level != "mine")]
    found = {user.username: user for user in User.objects.select_related("organisation").filter(username__in=names)}
    return [found[name] for name in names if name in found]


def forwarder(configuration: Configuration, fleet: Sending) -> str:
    """The sender account of the fleet; its token is kept in the home's secrets."""
    token = "ka_" + configuration.secret("demo_sender")
    if not Sender.objects.filter(name=SENDER).exists():
        create_sender(
            name=SENDER, kind="forwarder", codes=sorted({m.code for m in fleet}), by=None, at=clock.now(), token=token
        )
    publish_senders(configuration.prepared_home())
    return token


def card(address: str, signs: Sequence[SignIn]) -> str:
    """What the person who started the demonstration needs, as text."""
    lines = [f"\nKuangAn 矿安（合成数据）  {address}\n"]
    lines += [f"  {s['user']:<12} {s['password']}  {s['role']}（{s['organisation']}）" for s in signs]
    return "\n".join(lines)


def worker_of(code: str, kind: str, at: Any = None) -> User:
    """The invented person of a mine (`diaodu`, `kuangzhang`) or of its direct supervisor (`zhiban`)."""
    if kind == "zhiban":
        body = direct_supervisor({code}, at or clock.now())[code]
        return User.objects.select_related("organisation").get(username=f"zhiban-{body.pk}")
    return User.objects.select_related("organisation").get(username=f"{kind}-{code}")
