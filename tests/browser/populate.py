"""Run as a process in the home of an installation: `python -m tests.browser.populate register|routing FILE|notices NUMBER`."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

from kuangan.site.configuration import configuration
from kuangan.site.processes import set_up
from tests.browser.register import ACCOUNTS, ANY_TOKEN, MINE_A, PASSWORD, ROWS, TOKEN

SINCE = datetime(2024, 1, 1, tzinfo=UTC)


def register() -> None:
    """Mines, accounts and senders, and what gateways read of them."""
    from kuangan.base import clock
    from kuangan.base.people.administration import create_user
    from kuangan.base.people.models import Organisation
    from kuangan.base.registry.load import load_register
    from kuangan.base.registry.publication import write_config
    from kuangan.domains.datalink.senders import create_sender, publish_senders

    at, home = clock.now(), configuration().prepared_home()
    load_register(ROWS, at, since=SINCE, basis="合成数据")
    for name, account in ACCOUNTS.items():
        mine = Organisation.objects.filter(mine=account.at)
        authority = Organisation.objects.filter(kind="emergency", region=account.at)
        organisation = (mine | authority | Organisation.objects.filter(name=account.at)).get()
        create_user(
            username=name,
            display_name=account.words,
            organisation=organisation,
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


def main(what: str, *arguments: str) -> None:
    set_up()
    answer = {"register": register, "routing": routing, "notices": notices}[what](*arguments)
    print(json.dumps(answer, ensure_ascii=False))


if __name__ == "__main__":
    main(*sys.argv[1:])
