"""Direct supervision of many mines at once, with the bodies above it where a mine has none yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from kuangan.base.people.models import Organisation, User
from kuangan.base.registry.models import Mine, Supervision, SupervisionRole
from kuangan.base.registry.regions import PROVINCE


def supervise(
    mines: Sequence[Mine],
    direct: Mapping[str, int],
    since: Mapping[str, datetime],
    basis: Mapping[str, str],
    bodies: Mapping[str, Mapping[str, Organisation]],
    *,
    by: User,
    at: datetime,
) -> None:
    """`direct` {mine: body} from `since` on; from `at` on where the standing supervision began later. Three queries.

    `bodies` are the authorities by kind and region. The supervision before ends then. Mines without any also get the levels above, the mine-safety bureau and, for coal, the
    industry department of the place.
    """
    if not mines:
        return
    codes = [mine.code for mine in mines]
    rows = list(Supervision.objects.filter(mine__in=codes, valid_to__isnull=True))
    ended, begun = [], []
    supervised = {row.mine_id for row in rows}
    standing = {row.mine_id: row for row in rows if row.role == SupervisionRole.DIRECT}
    chosen = {row.pk: row for row in Organisation.objects.filter(pk__in=set(direct.values()))}
    for mine in mines:
        start = since[mine.code]
        before = standing.get(mine.code)
        if before is not None:
            start = start if before.valid_from < start else at
            before.valid_to, before.end_recorded_at = start, at
            ended.append(before)
        wanted = [(SupervisionRole.DIRECT.value, direct[mine.code])]
        if mine.code not in supervised:
            wanted += _above(mine, chosen[direct[mine.code]], bodies)
        begun += [
            Supervision(
                mine=mine,
                body_id=body,
                role=role,
                valid_from=start,
                basis=basis[mine.code][:200],
                recorded_at=at,
                recorded_by=by,
            )
            for role, body in wanted
        ]
    Supervision.objects.bulk_update(ended, ["valid_to", "end_recorded_at"])
    Supervision.objects.bulk_create(begun, batch_size=500)


def _above(mine: Mine, direct: Organisation, bodies: Mapping[str, Mapping[str, Organisation]]) -> list[tuple[str, int]]:
    """(role, body) of whoever else supervises a mine whose direct supervisor is `direct`."""
    chain = [code for code in (mine.county_id, mine.city_id, PROVINCE) if code]
    higher = chain[chain.index(direct.region) + 1 :] if direct.region in chain else []
    emergency, energy = bodies.get("emergency", {}), bodies.get("energy", {})
    found = [(SupervisionRole.UPPER.value, emergency[code].pk) for code in higher if code in emergency]
    found += [(SupervisionRole.MINE_SAFETY.value, body.pk) for body in bodies.get("mine_safety_bureau", {}).values()]
    if mine.sector == "coal" and direct.region in energy:
        found.append((SupervisionRole.INDUSTRY.value, energy[direct.region].pk))
    return [(role, body) for role, body in found if body != direct.pk]
