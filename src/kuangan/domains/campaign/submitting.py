"""What units owe to the office: sent with its true day, taken or given back."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from django.db import transaction

from kuangan.base.case.errors import Forbidden, MissingFields
from kuangan.base.deadlines import meet
from kuangan.base.people.models import User
from kuangan.domains.campaign.acts import not_ahead, note, required, still_runs, write
from kuangan.domains.campaign.loading import start_clock
from kuangan.domains.campaign.models import Submission
from kuangan.domains.campaign.scope import runs, works_on

SUBJECT: Final = "campaign_submission"


@transaction.atomic
def send(row: Submission, *, on: date, text: str, number: str, by: User | None, at: datetime) -> Submission:
    """Handed up by its unit; the office may enter one that came on paper. The true day counts, whenever it was entered."""
    held = _locked(row)
    if by is not None and not (works_on(by, held.owner_id) or runs(by, held.programme)):
        raise Forbidden("由报送单位报送，或者由办公室补录")
    if held.state not in ("owed", "returned"):
        raise MissingFields({"state": "已经报送"})
    required(text=text)
    not_ahead("sent_on", on, at)
    held.state, held.sent_on, held.text, held.official_number, held.reason = (
        "sent",
        on,
        text.strip(),
        number.strip(),
        "",
    )
    held.save(update_fields=["state", "sent_on", "text", "official_number", "reason"])
    meet(SUBJECT, str(held.pk), "sent", at=at, by=by)
    write("sent", f"{on:%Y-%m-%d} {number.strip()}", by=by, at=at, submission=held)
    note("submission_sent", "submission", held.pk, {"on": on, "number": number.strip()}, by=by, at=at)
    return held


@transaction.atomic
def take(row: Submission, *, by: User, at: datetime) -> Submission:
    """The office takes it."""
    held = _of_office(row, by)
    held.state = "accepted"
    held.save(update_fields=["state"])
    write("accepted", "", by=by, at=at, submission=held)
    note("submission_accepted", "submission", held.pk, {"on": held.sent_on}, by=by, at=at)
    return held


@transaction.atomic
def give_back(row: Submission, reason: str, *, by: User, at: datetime) -> Submission:
    """The office does not take it: it is owed again, and its clock runs where its day is ahead."""
    held = _of_office(row, by)
    required(reason=reason)
    held.state, held.reason, held.sent_on = "returned", reason.strip()[:200], None
    held.save(update_fields=["state", "reason", "sent_on"])
    start_clock(held.programme, SUBJECT, held.pk, "sent", held.due, held.owner_id, "supervision", at)
    write("returned", reason.strip(), by=by, at=at, submission=held)
    note("submission_returned", "submission", held.pk, {}, by=by, at=at, reason=reason.strip())
    return held


def _locked(row: Submission) -> Submission:
    held = Submission.objects.select_for_update(of=("self",)).select_related("programme", "owner").get(pk=row.pk)
    still_runs(held.programme)
    return held


def _of_office(row: Submission, by: User) -> Submission:
    held = _locked(row)
    if not runs(by, held.programme):
        raise Forbidden("由办公室接收或者退回")
    if held.state != "sent":
        raise MissingFields({"state": "没有待接收的报送"})
    return held
