"""What a record of theirs does here. Shadow: compared. Assist: a remark, and a step proposed. Primary: the step is taken by
the platform's named user, under every rule that holds for people; what the rules refuse stays a proposal. Whoever may take
a proposed step is told."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404

from kuangan.base.case.errors import MissingFields, WrongState
from kuangan.base.case.flow import flow_of
from kuangan.base.case.models import Case
from kuangan.base.people.models import User
from kuangan.base.registry.models import Mine
from kuangan.domains.datalink.exchange import sources
from kuangan.domains.datalink.exchange.mapping import Mapping
from kuangan.domains.datalink.exchange.models import Counterpart, Handling, Mode, Package, Platform
from kuangan.domains.datalink.exchange.shapes import Record
from kuangan.domains.datalink.exchange.telling import tell

TABLE_OF = {"cause": "cause", "people_out": "withdrawn"}


def user_name(platform: str) -> str:
    """The named system user of a platform. It has no password: nobody signs in as it."""
    return f"exchange.{platform}"


def theirs(platform: Platform, record: Record, at: datetime) -> Counterpart:
    """A row for something that they have and we do not."""
    mine = Mine.objects.filter(pk=record.mine_code).first() if record.mine_code else None
    return Counterpart.objects.create(
        platform=platform,
        official_number=record.official_no,
        number_source="read_back",
        number_at=at,
        mine=mine,
        title=record.title,
    )


def apply(
    platform: Platform, mapping: Mapping, row: Counterpart, record: Record, handling: Handling, at: datetime
) -> None:
    """Write the counterpart and say in `handling` what was done."""
    row.told_at = row.told_at or at
    if record.kind == "ack":
        _acknowledged(row, record, at)
        handling.effect = "noted"
    elif row.their_at is not None and record.handled_at is not None and record.handled_at < row.their_at:
        handling.effect = "older"
    else:
        row.their_state, row.their_at = record.state, record.handled_at
        _handled(platform, mapping, row, record, handling, at)
    row.save()


def _acknowledged(row: Counterpart, record: Record, at: datetime) -> None:
    row.acked_at = row.acked_at or at
    package = Package.objects.filter(ident=record.package).first() if record.package else None
    row.acked_seq = max(row.acked_seq, package.seq if package else row.last_seq)


def _handled(
    platform: Platform, mapping: Mapping, row: Counterpart, record: Record, handling: Handling, at: datetime
) -> None:
    if row.case_id is None:
        handling.effect, row.title = "theirs", record.title or row.title
        return
    if platform.mode == Mode.SHADOW:
        handling.effect = "compared"
        return
    case = Case.objects.get(pk=row.case_id)
    step = mapping.incoming[record.state].step
    row.proposal = ""
    if not step or case.state not in flow_of(case.kind).transition(step).from_:
        handling.effect = "remark"
        return
    handling.step, row.proposal, handling.effect = step, step, "proposed"
    if platform.mode == Mode.PRIMARY:
        refusal = _taken(platform, mapping, case, step, record, at)
        handling.effect, handling.detail = ("refused", refusal[:300]) if refusal else ("done", "")
        row.proposal = step if refusal else ""
    if row.proposal:
        tell(mapping, case, step, record, at)


def _taken(platform: Platform, mapping: Mapping, case: Case, step: str, record: Record, at: datetime) -> str:
    """Take the step as the platform's user; why it was refused, or nothing."""
    user = User.objects.select_related("organisation").filter(username=user_name(platform.code), is_active=True).first()
    if user is None:
        return "平台没有可用的系统用户"
    try:
        with transaction.atomic():
            sources.act(case, step, by=user, at=at, form=step_form(mapping, record))
    except Http404:
        return "该告警不在平台代表单位的管辖范围内"
    except (PermissionDenied, WrongState, MissingFields) as fault:
        return str(fault) or "没有权限"
    return ""


def step_form(mapping: Mapping, record: Record) -> dict[str, object]:
    """The fields of the step, filled from theirs, with the record it rests on."""
    form: dict[str, object] = {"exchange": f"{mapping.platform}:{record.id}"}
    for ours, source in mapping.incoming[record.state].form.items():
        given = getattr(record, source)
        form[ours] = mapping.ours(TABLE_OF[source], given) or "" if source in TABLE_OF else given
    return form
