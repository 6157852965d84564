"""Run as a process in the home of an installation: `python -m tests.browser.populate register|night ROUTING|routing FILE|notices NUMBER|selfcheck`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from kuangan.site.configuration import configuration
from kuangan.site.processes import set_up
from tests.browser import night_register
from tests.browser.register import ACCOUNTS, ANY_TOKEN, MINE_A, PASSWORD, ROWS, TOKEN, Account

if TYPE_CHECKING:
    from kuangan.base.people.models import Organisation

SINCE = datetime(2024, 1, 1, tzinfo=UTC)


def register() -> None:
    """The small register: mines, accounts and senders, and what gateways read of them."""
    _register(ROWS, ACCOUNTS)


def night(table: str) -> None:
    """The county of the night: two hundred mines, the people of its shifts, rosters, phone books, and a routing table."""
    from kuangan.base import clock
    from kuangan.domains.duty.contacts import Line, enter_contact
    from kuangan.domains.duty.rosters import Entry, enter_shifts

    _register(night_register.ROWS, night_register.PEOPLE)
    routing(table)
    at = clock.now()
    for where, shift in night_register.SHIFTS.items():
        body = _organisation(where)
        end = at + night_register.ENDS_AFTER
        days = [timedelta(days=number) for number in range(night_register.DAYS)]
        following = [Entry(end + day, end + day + timedelta(days=1), **shift) for day in days]
        entries = [Entry(at - night_register.BEGAN_BEFORE, end, **shift), *following]
        enter_shifts(body, entries, by=None, at=at, basis="合成数据")
    for where, post, name, phone in night_register.CONTACTS:
        enter_contact(_organisation(where), Line(post, phone, name), by=None, at=at, reason="合成数据")


def _organisation(where: str) -> Organisation:
    """The organisation of a mine code, the emergency bureau of a region code, or the company of that name."""
    from kuangan.base.people.models import Organisation

    mine = Organisation.objects.filter(mine=where)
    authority = Organisation.objects.filter(kind="emergency", region=where)
    return (mine | authority | Organisation.objects.filter(name=where)).get()


def _register(rows: Iterable[Mapping[str, str]], accounts: Mapping[str, Account]) -> None:
    from kuangan.base import clock
    from kuangan.base.people.administration import create_user
    from kuangan.base.registry.load import load_register
    from kuangan.base.registry.publication import write_config
    from kuangan.domains.datalink.senders import create_sender, publish_senders

    at, home = clock.now(), configuration().prepared_home()
    load_register(rows, at, since=SINCE, basis="合成数据")
    for name, account in accounts.items():
        create_user(
            username=name,
            display_name=account.words,
            organisation=_organisation(account.at),
            roles=account.roles,
            password=PASSWORD,
            by=None,
            at=at,
            reason="合成数据",
        )
    create_sender(name="示例远峰煤业上传", kind="mine", codes=[MINE_A], by=None, at=at, token=TOKEN)
    create_sender(name="示例转发平台", kind="forwarder", codes=["*"], by=None, at=at, token=ANY_TOKEN)
    publish_senders(home)
    write_config(home, at)


def routing(path: str) -> None:
    """Put a routing table in force."""
    from kuangan.base import clock
    from kuangan.base.people.models import User
    from kuangan.domains.alerts.routing import import_routing

    import_routing(Path(path).read_text(encoding="utf-8"), User.objects.get(username="system"), clock.now())


def notices(number: str) -> list[dict[str, str]]:
    """What was told of a case, and to whom."""
    from kuangan.base.case.models import Case
    from kuangan.base.notices.models import Notice
    from kuangan.base.people.models import Organisation

    told = Notice.objects.filter(subject_kind="case", subject_id=str(Case.objects.get(number=number).pk))
    names = {f"organisation:{row.pk}": row.name for row in Organisation.objects.all()}
    return [{"channel": n.channel, "to": names.get(n.to, n.to), "key": n.key} for n in told.order_by("pk")]


def selfcheck() -> dict[str, str]:
    """A round of the county's, and a list that the manager of mine A should have read yesterday; the checks have seen it."""
    from kuangan.base import clock
    from kuangan.base.people.models import User
    from kuangan.domains.selfcheck import rounds
    from kuangan.domains.selfcheck.publicity import acts

    at, day = clock.now(), timedelta(days=1)
    county = User.objects.select_related("organisation").get(username="county")
    wish = acts.Wish("新规程宣贯", ("示例规程",), ("mine",), ("mine_manager",), (), at - day)
    acts.issue(wish, by=county, at=at - 10 * day)
    _judge()
    plan = rounds.Plan("selfcheck", "示例自查", at + 30 * day, ("underground_coal",))
    row = rounds.open_round(plan, by=county, at=at, home=configuration().prepared_home())
    sheet = row.sheets.select_related("case").get(mine=MINE_A)
    return {"number": sheet.case.number, "round": str(row.pk)}


def _judge() -> None:
    """One pass of the checks; where the worker's own first pass writes the same rows, once more."""
    from django.db import IntegrityError

    from kuangan.base import clock
    from kuangan.base.compliance import judging

    for _ in range(5):
        try:
            judging.run(clock.now())
            return
        except IntegrityError:
            continue


def main(what: str, *arguments: str) -> None:
    set_up()
    known = {"register": register, "night": night, "routing": routing, "notices": notices, "selfcheck": selfcheck}
    answer = known[what](*arguments)
    print(json.dumps(answer, ensure_ascii=False))


if __name__ == "__main__":
    main(*sys.argv[1:])
