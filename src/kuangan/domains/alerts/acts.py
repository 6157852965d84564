"""What people do to an alert: acknowledge on their level, and take the steps of the flow with their evidence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from kuangan.base.audit.writing import record
from kuangan.base.case.errors import Forbidden, WrongState
from kuangan.base.case.models import Case
from kuangan.base.case.performing import perform
from kuangan.base.deadlines.clocks import meet
from kuangan.base.documents.files import keep, path_of
from kuangan.base.people.models import User
from kuangan.base.people.permissions import may
from kuangan.domains.alerts.clocks import SUBJECT
from kuangan.domains.alerts.detail import owed_levels
from kuangan.domains.alerts.flow import FLOW
from kuangan.domains.alerts.forms import MAX_BYTES
from kuangan.domains.alerts.hooks import refresh_due
from kuangan.domains.alerts.models import Acknowledgement, Alert, Evidence
from kuangan.domains.alerts.present import Acts
from kuangan.domains.alerts.rules import ack_code, levels_of


@transaction.atomic
def acknowledge(
    case: Case, *, by: User, at: datetime, withdrawing: bool = False, note: str = ""
) -> list[Acknowledgement]:
    """One row per level the user's organisation owes; the state moves with the mine's.

    Raises Forbidden when role or level do not fit, WrongState when nothing is left to acknowledge.
    """
    if not may(by, "alert.acknowledge") or by.organisation is None:
        raise Forbidden("没有确认告警的权限")
    held = Case.objects.select_for_update().get(pk=case.pk)
    alert = Alert.objects.select_related("case").get(case=held)
    own = levels_of(alert.organisations, by.organisation_id)
    if not own:
        raise Forbidden("本单位不在该告警的处置层级内")
    owed = owed_levels(alert, Acts.of([alert]), own)
    if not owed or alert.void or held.state in FLOW.final:
        raise WrongState(held.state, "acknowledge")
    given = Acknowledgement.objects.bulk_create(
        [_acknowledgement(alert, level, by, at, withdrawing, note) for level in owed]
    )
    for level in owed:
        meet(SUBJECT, str(alert.pk), ack_code(level), at=at, by=by)
    if withdrawing:
        meet(SUBJECT, str(alert.pk), "withdraw_start", at=at, by=by)
    content = {"levels": list(owed), "grade": alert.grade, "withdrawing": withdrawing, "note": note}
    record(actor=by, action="alert.acknowledge", kind=FLOW.kind, ident=held.number, content=content, at=at)
    if "mine" in owed and held.state == FLOW.initial:
        perform(held, "acknowledge", by=by, at=at, form={"withdrawing": withdrawing, "note": note})
    else:
        Alert.objects.filter(pk=alert.pk).update(changed_at=at)
    refresh_due(held)
    return given


def _acknowledgement(alert: Alert, level: str, by: Any, at: datetime, withdrawing: bool, note: str) -> Acknowledgement:
    return Acknowledgement(
        alert=alert,
        level=level,
        grade=alert.grade,
        organisation=by.organisation,
        by=by,
        at=at,
        withdrawing=withdrawing and level in ("mine", "parent"),
        note=note,
    )


@transaction.atomic
def act(
    case: Case,
    name: str,
    *,
    by: User,
    at: datetime,
    form: Mapping[str, object],
    home: Path,
    files: Sequence[UploadedFile[Any]] = (),
) -> Case:
    """Take one step of the flow; files go to the home under their digest and their names into the step's form."""
    kept = [_store(home, file) for file in files]
    said = dict(form)
    if kept:
        said["files"] = [{"name": item[0].name, "sha256": item[1]} for item in kept]
    reason = str(form.get("reason", ""))
    moved = perform(case, name, by=by, at=at, form=said, reason=reason)
    Evidence.objects.bulk_create(_evidence(case, name, kept, by, at))
    return moved


def _evidence(
    case: Case, step: str, kept: Iterable[tuple[UploadedFile[Any], str]], by: User, at: datetime
) -> list[Evidence]:
    return [
        Evidence(
            alert_id=case.pk,
            step=step,
            name=Path(file.name or "file").name[-160:],
            content_type=(file.content_type or "application/octet-stream")[:80],
            size=file.size or 0,
            sha256=digest,
            by=by,
            at=at,
        )
        for file, digest in kept
    ]


def evidence_path(home: Path, sha256: str) -> Path:
    return path_of(home / "evidence", sha256)


def _store(home: Path, file: UploadedFile[Any]) -> tuple[UploadedFile[Any], str]:
    return file, keep(home / "evidence", file.chunks(), MAX_BYTES).sha256
