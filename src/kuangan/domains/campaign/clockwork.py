"""What the clock does for programmes: names what a deadline is about, and drafts documents on their day."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from django.urls import reverse

from kuangan.base.clock import beijing_day
from kuangan.base.deadlines.ladders import Rung
from kuangan.base.deadlines.models import Deadline
from kuangan.base.deadlines.subjects import About, Naming
from kuangan.base.deadlines.telling import tell
from kuangan.domains.campaign.models import Dispute, Item, Milestone, Report, Submission
from kuangan.domains.campaign.reporting import draft
from kuangan.domains.campaign.words import day_words

Ids = Collection[str]


def _page(name: str, pk: int) -> str:
    return reverse(f"campaign:{name}", args=[pk])


def milestones(idents: Ids) -> Mapping[str, About]:
    rows = Milestone.objects.filter(pk__in=idents).select_related("programme")
    return {
        str(row.pk): About(f"{row.node} {row.title}", _page("milestone", row.pk), row.programme.office_id)
        for row in rows
    }


def items(idents: Ids) -> Mapping[str, About]:
    """The level above the owner watches over an item; the office over those of the province."""
    rows = Item.objects.filter(pk__in=idents).select_related("programme", "owner")
    return {
        str(row.pk): About(
            f"攻坚事项“{row.text[:40]}”", _page("item", row.pk), row.owner.parent_id or row.programme.office_id
        )
        for row in rows
    }


def submissions(idents: Ids) -> Mapping[str, About]:
    rows = Submission.objects.filter(pk__in=idents).select_related("programme", "owner")
    return {str(row.pk): About(str(row), _page("submission", row.pk), row.programme.office_id) for row in rows}


def reports(idents: Ids) -> Mapping[str, About]:
    rows = Report.objects.filter(pk__in=idents).select_related("programme")
    return {str(row.pk): About(row.title, _page("report", row.pk), row.programme.office_id) for row in rows}


def disputes(idents: Ids) -> Mapping[str, About]:
    found = {}
    for row in Dispute.objects.filter(pk__in=idents):
        address = _page("item", row.item_id) if row.item_id else _page("target", row.target_id or 0)
        found[str(row.pk)] = About(f"{day_words(beijing_day(row.at))}提出的异议", address)
    return found


NAMES: Final[Mapping[str, Naming]] = {
    "campaign_milestone": milestones,
    "campaign_item": items,
    "campaign_submission": submissions,
    "campaign_report": reports,
    "campaign_dispute": disputes,
}


def compile_reports(deadlines: Sequence[Deadline], rung: Rung, at: datetime) -> None:
    """Draft the documents whose day has come, with the figures of the day before it, and tell the office.

    After a standstill the figures are still those of the planned day, not of the day on which the clock came back.
    """
    rows = {str(row.pk): row for row in Report.objects.filter(pk__in=[one.subject_id for one in deadlines])}
    for deadline in deadlines:
        row = rows[deadline.subject_id]
        if row.state == "planned":
            draft(row, as_of=beijing_day(rung.fires_at(deadline.due)) - timedelta(days=1), by=None, at=at)
    tell(deadlines, rung, at)
