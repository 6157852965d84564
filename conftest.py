"""A fresh home for every test run and the fixed cast that all tests share.

The home must be chosen before Django reads its settings, so this file, not pytest-django, sets Django up.
`KUANGAN_DATABASE_URL` stays: with it the same tests run on PostgreSQL.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

pytest_plugins = ["tests.not_run"]

KEPT = {"KUANGAN_DATABASE_URL", "KUANGAN_TEST_ALL", "KUANGAN_SCREENSHOTS"}
for variable in [name for name in os.environ if name.startswith("KUANGAN_") and name not in KEPT]:
    del os.environ[variable]
os.environ["KUANGAN_HOME"] = tempfile.mkdtemp(prefix="kuangan-tests-")
atexit.register(shutil.rmtree, os.environ["KUANGAN_HOME"], ignore_errors=True)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kuangan.site.settings")

import django  # noqa: E402
from django.conf import settings as django_settings  # noqa: E402
from hypothesis import HealthCheck, settings  # noqa: E402

django.setup()
# Each test client would list two thousand static files first; this way they are found when one is asked for.
django_settings.WHITENOISE_AUTOREFRESH = True
# How fast examples are made depends on what else the machine does; it says nothing of the code.
settings.register_profile("kuangan", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("kuangan")

if TYPE_CHECKING:
    from django.test import Client
    from pytest_django import DjangoDbBlocker

    from kuangan.base.people.models import Organisation, User
    from kuangan.base.registry.models import Mine

MOMENT = datetime(2026, 11, 21, 0, 0, tzinfo=UTC)
"""Eight in the morning in Beijing; the time that tests hand in."""
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
PASSWORD = "shan-xi-9-mei-kuang"
MINE_A, MINE_B = "140404900001", "140403900002"


@dataclass(frozen=True)
class Cast:
    """Everybody a permission test needs, with the bodies they belong to and the two mines."""

    people: dict[str, User]
    organisations: dict[str, Organisation]
    mine_a: Mine
    mine_b: Mine

    def __getattr__(self, name: str) -> User:
        people: dict[str, User] = object.__getattribute__(self, "people")
        if name not in people:
            raise AttributeError(name)
        return people[name]


ORGANISATIONS = (
    # key, kind, name, level, region, above, mine
    ("province", "emergency", "山西省应急管理厅", "province", "140000", None, ""),
    ("city", "emergency", "长治市应急管理局", "city", "140400", "province", ""),
    ("county", "emergency", "长治市上党区应急管理局", "county", "140404", "city", ""),
    ("neighbour", "emergency", "长治市潞州区应急管理局", "county", "140403", "city", ""),
    ("bureau", "mine_safety_bureau", "国家矿山安全监察局山西局", "province", "140000", None, ""),
    ("parent", "parent_company", "示例远峰能源集团", "parent", "140000", None, ""),
    ("mine_a", "mine", "示例远峰煤业", "mine", "140404", "parent", MINE_A),
    ("mine_b", "mine", "示例青岭煤业", "mine", "140403", None, MINE_B),
    ("training", "training_body", "示例安全培训中心", "city", "140400", None, ""),
)
PEOPLE = (
    # name, organisation, roles, display name
    ("province_officer", "province", ["duty_officer"], "省值班员"),
    ("city_officer", "city", ["duty_officer", "inspector"], "市值班员"),
    ("city_leader", "city", ["leader"], "市带班领导"),
    ("county_officer", "county", ["duty_officer", "inspector"], "县值班员"),
    ("county_leader", "county", ["leader"], "县带班领导"),
    ("neighbour_officer", "neighbour", ["duty_officer", "inspector"], "邻县值班员"),
    ("bureau_officer", "bureau", ["inspector"], "监察员"),
    ("mine_a_dispatcher", "mine_a", ["mine_dispatcher"], "甲矿调度员"),
    ("mine_a_manager", "mine_a", ["mine_manager"], "甲矿矿长"),
    ("mine_b_dispatcher", "mine_b", ["mine_dispatcher"], "乙矿调度员"),
    ("parent_dispatcher", "parent", ["parent_dispatcher"], "集团调度员"),
    ("training_body", "training", [], "培训机构人员"),
    ("informant", "province", ["informant_desk"], "举报受理员"),
    ("system_admin", "province", ["system_admin"], "系统管理员"),
    ("security_admin", "province", ["security_admin"], "安全管理员"),
    ("auditor", "province", ["audit_admin"], "审计管理员"),
    ("nobody", None, [], "无单位人员"),
)


def _organisations() -> dict[str, Organisation]:
    from kuangan.base.people.models import Organisation

    made: dict[str, Organisation] = {}
    for key, kind, name, level, region, above, mine in ORGANISATIONS:
        made[key] = Organisation.objects.create(
            kind=kind,
            name=name,
            level=level,
            region=region,
            parent=made[above] if above else None,
            mine=mine,
            company_code="QEXAMPLE01" if kind == "parent_company" else "",
        )
    return made


def _people(organisations: dict[str, Organisation]) -> dict[str, User]:
    from kuangan.base.people.models import User

    rows = [
        User(
            username=name,
            organisation=organisations[key] if key else None,
            roles=roles,
            display_name=shown,
            password="!unusable",
        )
        for name, key, roles, shown in PEOPLE
    ]
    User.objects.bulk_create(rows)
    return {row.username: row for row in User.objects.filter(username__in=[row.username for row in rows])}


def _mines(organisations: dict[str, Organisation]) -> tuple[Mine, Mine]:
    from kuangan.base.registry.models import Company, Mine, Supervision
    from kuangan.base.registry.regions import load_regions

    load_regions()
    company = Company.objects.create(code="QEXAMPLE01", name="示例远峰能源集团")
    a, b = (
        Mine.objects.create(
            code=code, name=name, kind="underground_coal", county_id=code[:6], city_id="140400", parent_company=parent
        )
        for code, name, parent in ((MINE_A, "示例远峰煤业", company), (MINE_B, "示例青岭煤业", None))
    )
    relations = (
        (a, "direct", "county"),
        (b, "direct", "neighbour"),
        *((mine, "upper", key) for mine in (a, b) for key in ("city", "province")),
        *((mine, "mine_safety", "bureau") for mine in (a, b)),
    )
    Supervision.objects.bulk_create(
        Supervision(mine=mine, body=organisations[key], role=role, valid_from=LONG_AGO) for mine, role, key in relations
    )
    return a, b


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """The database refuses to delete audit rows; between tests with real transactions it must be emptied."""
    from django.db import connection

    from kuangan.base.audit import guard

    with django_db_blocker.unblock():
        guard.remove(connection)


@pytest.fixture
def cast(db: None) -> Cast:
    """Province, city and county regulators, a neighbour, mines A and B, a parent, a training body, an auditor, nobody."""
    organisations = _organisations()
    people = _people(organisations)
    mine_a, mine_b = _mines(organisations)
    return Cast(people, organisations, mine_a, mine_b)


@pytest.fixture
def moment() -> datetime:
    return MOMENT


@pytest.fixture
def time_stands_still(moment: datetime) -> Iterator[None]:
    """`base.clock` reads the moment."""
    from kuangan.base.clock import use

    with use(moment):
        yield


@pytest.fixture
def client_of() -> Callable[[User | None], Client]:
    """A browser signed in as the given person; None is a stranger."""
    from django.conf import settings
    from django.test import Client

    def signed_in(user: User | None) -> Client:
        client = Client()
        if user is not None:
            client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
        return client

    return signed_in


def _member(name: str) -> Callable[[Cast], User]:
    def member(cast: Cast) -> User:
        return cast.people[name]

    member.__doc__ = f"The {name.replace('_', ' ')} of the cast."
    return pytest.fixture(name=name)(member)


province_officer = _member("province_officer")
city_officer = _member("city_officer")
city_leader = _member("city_leader")
county_officer = _member("county_officer")
county_leader = _member("county_leader")
neighbour_officer = _member("neighbour_officer")
bureau_officer = _member("bureau_officer")
mine_a_dispatcher = _member("mine_a_dispatcher")
mine_a_manager = _member("mine_a_manager")
mine_b_dispatcher = _member("mine_b_dispatcher")
parent_dispatcher = _member("parent_dispatcher")
training_body = _member("training_body")
informant = _member("informant")
system_admin = _member("system_admin")
security_admin = _member("security_admin")
auditor = _member("auditor")
nobody = _member("nobody")


@pytest.fixture
def mine_a(cast: Cast) -> Mine:
    return cast.mine_a


@pytest.fixture
def mine_b(cast: Cast) -> Mine:
    return cast.mine_b
