"""Changes that people make to the register, each with its reason in the audit entry of the same transaction."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from kuangan.base import audit
from kuangan.base.people.models import Organisation, User
from kuangan.base.registry.models import Mine, Place, Point, Supervision
from kuangan.base.registry.places import require_place_class
from kuangan.base.registry.supervision import assign_direct_supervisor, direct_supervisor


def change_direct_supervisor(mine: Mine, body: Organisation, *, by: User, at: datetime, reason: str) -> Supervision:
    """Make `body` the direct supervisor from `at` on. Raises SupervisionConflict when it may not be."""
    with transaction.atomic():
        before = direct_supervisor([mine.code], at).get(mine.code)
        row = assign_direct_supervisor(mine, body, at, basis=reason, by=by)
        content = {"before": before.name if before else "", "after": body.name}
        _note("mine.supervisor_changed", mine, content, by, at, reason)
    return row


def classify_place(point: Point, name: str, place_class: str, *, by: User, at: datetime, reason: str) -> Place:
    """Put a point into the place of that name, of that class from `at` on; other points of the place stay in it.

    The class decides which row of the statutory table limits the point. Raises ValueError on an unknown class.
    """
    require_place_class(place_class)
    with transaction.atomic():
        mine = Mine.objects.select_for_update().get(pk=point.mine_id)
        before = point.place.place_class if point.place else ""
        place = _place(mine, name, place_class, at)
        Point.objects.filter(pk=point.pk).update(place=place)
        content = {"point": point.code, "place": name, "before": before, "after": place_class}
        _note("point.classified", mine, content, by, at, reason)
    return place


def _place(mine: Mine, name: str, place_class: str, at: datetime) -> Place:
    """The standing place; one of another class ends at `at` and its points go over to the new one."""
    standing = Place.objects.filter(mine=mine, name=name, valid_to__isnull=True).first()
    if standing is not None and standing.place_class == place_class:
        return standing
    place = Place.objects.create(mine=mine, name=name, place_class=place_class, valid_from=at)
    if standing is not None:
        Place.objects.filter(pk=standing.pk).update(valid_to=at)
        Point.objects.filter(place=standing, valid_to__isnull=True).update(place=place)
    return place


def change_contacts(organisation: Organisation, *, by: User, at: datetime, reason: str, **wanted: str) -> None:
    """New addresses under which an organisation is called: phone, email, webhook."""
    before = {name: getattr(organisation, name) for name in wanted}
    for name, value in wanted.items():
        setattr(organisation, name, value)
    with transaction.atomic():
        organisation.save(update_fields=list(wanted))
        content = {"before": before, "after": wanted}
        ident = str(organisation.pk)
        audit.record(
            actor=by,
            action="organisation.contacts_changed",
            kind="organisation",
            ident=ident,
            content=content,
            at=at,
            reason=reason,
        )


def _note(action: str, mine: Mine, content: dict[str, str], by: User, at: datetime, reason: str) -> None:
    audit.record(actor=by, action=action, kind="mine", ident=mine.code, content=content, at=at, reason=reason)
