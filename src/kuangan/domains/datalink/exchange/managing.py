"""Setting a platform up, its mode, its tokens, sending again. Every act is audited in its transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import transaction

from kuangan.base import audit
from kuangan.base.audit.models import AuditHead
from kuangan.base.case.errors import Forbidden
from kuangan.base.case.models import Case
from kuangan.base.people.models import Organisation, User
from kuangan.base.people.permissions import may
from kuangan.base.people.roles import PUBLIC_KINDS
from kuangan.base.people.scope import scope_of
from kuangan.domains.datalink.exchange.effects import user_name
from kuangan.domains.datalink.exchange.making import write
from kuangan.domains.datalink.exchange.mapping import Mapping
from kuangan.domains.datalink.exchange.models import Key, Mode, Platform
from kuangan.domains.datalink.senders import digest, new_token


@dataclass(frozen=True, slots=True)
class Setup:
    """What the system administrator decides."""

    enabled: bool
    region: str
    sectors: Sequence[str]
    folder: bool
    push_url: str = ""


class NobodyToActFor(Exception):
    """In primary mode the platform acts for an authority, which must be named."""


@transaction.atomic
def set_up(mapping: Mapping, setup: Setup, *, by: User | None, at: datetime, reason: str) -> Platform:
    """Enable, disable or change a declared platform. At its first start the open cases follow."""
    platform = Platform.objects.select_for_update().filter(pk=mapping.platform).first()
    platform = platform or Platform(code=mapping.platform, mode=mapping.default_mode)
    if setup.enabled and platform.opened_at is None:
        head = AuditHead.objects.filter(pk=1).first()
        platform.position, platform.filling, platform.opened_at = (head.sequence if head else 0), 0, at
        platform.mapping_version = mapping.version
    wider = platform.opened_at is not None and (platform.region, platform.sectors) != (
        setup.region,
        list(setup.sectors),
    )
    if wider:
        platform.filling = 0
    if setup.push_url != platform.push_url:
        platform.push_attempts, platform.push_next_at = 0, None
    for name, value in asdict(setup).items():
        setattr(platform, name, list(value) if name == "sectors" else value)
    _save(platform, "exchange.setup", {**asdict(setup), "mapping": mapping.version}, by, at, reason)
    return platform


@transaction.atomic
def set_mode(
    platform: Platform,
    mapping: Mapping,
    mode: Mode,
    *,
    acts_for: Organisation | None,
    by: User,
    at: datetime,
    reason: str,
) -> Platform:
    """Shadow, assist or primary, by a leader whose territory covers the platform's.

    Raises Forbidden, and NobodyToActFor for primary without an authority within that territory.
    """
    platform = Platform.objects.select_for_update().get(pk=platform.pk)
    if not may_set_mode(by, platform):
        raise Forbidden("没有设定对接方式的权限")
    if mode == Mode.PRIMARY and not _authority_within(acts_for, by):
        raise NobodyToActFor
    before, platform.mode = platform.mode, mode
    platform.acts_for = acts_for if mode == Mode.PRIMARY else None
    user = _system_user(platform, mapping)
    content: dict[str, object] = {"before": before, "after": str(mode), "acts_for": platform.acts_for, "user": user}
    _save(platform, "exchange.mode", content, by, at, reason)
    return platform


def may_set_mode(user: User, platform: Platform) -> bool:
    prefix = scope_of(user).region_prefix
    return may(user, "exchange.mode") and prefix is not None and platform.region.startswith(prefix)


def _authority_within(body: Organisation | None, by: User) -> bool:
    prefix = scope_of(by).region_prefix or "-"
    return body is not None and body.active and body.kind in PUBLIC_KINDS and body.region.startswith(prefix)


def _system_user(platform: Platform, mapping: Mapping) -> str:
    """The named user of primary mode; in the other modes its account rests."""
    active = platform.mode == Mode.PRIMARY
    name = user_name(platform.code)
    user = User.objects.filter(username=name).first()
    if user is None and not active:
        return ""
    user = user or User(username=name)
    user.display_name, user.roles = f"对接·{mapping.short}"[:40], list(mapping.acts_as)
    user.is_active, user.organisation = active, platform.acts_for or user.organisation
    user.set_unusable_password()
    user.save()
    return name


@transaction.atomic
def issue_key(
    platform: Platform, name: str, *, may_fetch: bool, may_hand_in: bool, region: str, by: User | None, at: datetime
) -> tuple[Key, str]:
    """A new token of a platform, which cannot be read again."""
    token = new_token()
    key = Key.objects.create(
        platform=platform,
        name=name,
        sha256=digest(token),
        tail=token[-4:],
        may_fetch=may_fetch,
        may_hand_in=may_hand_in,
        region=region,
        made_at=at,
        made_by=by,
    )
    content = {"key": key.pk, "name": name, "fetch": may_fetch, "hand_in": may_hand_in, "region": region}
    _note(platform, "exchange.key", content, by, at, "")
    return key, token


@transaction.atomic
def end_key(key: Key, *, by: User | None, at: datetime, reason: str) -> None:
    """A token stops at once."""
    Key.objects.filter(pk=key.pk).update(disabled=True)
    _note(key.platform, "exchange.key_ended", {"key": key.pk, "name": key.name}, by, at, reason)


@transaction.atomic
def send_again(platform: Platform, mapping: Mapping, case: Case, *, by: User, at: datetime, reason: str) -> int:
    """Make a package of the case as it stands now, whatever was sent before; returns how many were made (0: it may not
    leave)."""
    locked = Platform.objects.select_for_update().get(pk=platform.pk)
    made = write(locked, mapping, [case.pk], at, again=True)
    locked.save(update_fields=["last_seq"])
    content = {"case": case.number, "packages": made, "seq": locked.last_seq}
    _note(locked, "exchange.again", content, by, at, reason)
    return made


def _save(
    platform: Platform, action: str, content: dict[str, object], by: User | None, at: datetime, reason: str
) -> None:
    platform.changed_at, platform.changed_by = at, by
    platform.save()
    _note(platform, action, content, by, at, reason)


def _note(
    platform: Platform, action: str, content: dict[str, object], by: User | None, at: datetime, reason: str
) -> None:
    audit.record(actor=by, action=action, kind="exchange", ident=platform.code, content=content, at=at, reason=reason)
