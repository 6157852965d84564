"""What the walk finds of the three-year action: an item and a project of the county, a submission of the city, papers of the office."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from conftest import Cast


@dataclass(frozen=True)
class Campaign:
    """Keys of what the addresses point to."""

    task: int
    milestone: int
    item: int
    dispute: int
    target: int
    post: int
    meeting: int
    project: int
    submission: int
    report: int


def campaign_of(cast: Cast) -> Campaign:
    """In force since today by the wall clock, which the pages read."""
    from kuangan.base.clock import beijing_day, now
    from kuangan.domains.campaign import disputes, items, organising, progress, reporting
    from kuangan.domains.campaign.definition import definitions
    from kuangan.domains.campaign.loading import put_in_force
    from kuangan.domains.campaign.models import Ledger, Milestone, Report, Submission, Target, Task

    at = now()
    today, county, province = beijing_day(at), cast.organisations["county"], cast.organisations["province"]
    by: dict[str, Any] = {"by": cast.county_officer, "at": at}
    office: dict[str, Any] = {"by": cast.province_officer, "at": at}
    programme = put_in_force(definitions()["action_2024_2026"], by=None, at=at)
    line = items.Line("探查三处采空区", county, today, today + timedelta(days=20))
    item = items.add(programme, line, **by)
    dispute = disputes.dispute(item, "期限过短", **by)
    person = organising.Person("liaison", province.name, "演示联络员", today, province)
    post = organising.appoint(programme, person, **office)
    meeting = organising.hold(programme, organising.Record("调度会", today, "演示负责人"), **office)
    sheet = progress.Sheet("演示联网项目", county, "登记表", cast.mine_a)
    project = progress.keep_project(Ledger.objects.get(code="risk"), None, sheet, **by)
    report = Report.objects.order_by("due").first()
    assert report is not None
    reporting.draft(report, as_of=today, **office)
    return Campaign(
        Task.objects.get(code="SX36-9").pk,
        Milestone.objects.get(node="SX36-9").pk,
        item.pk,
        dispute.pk,
        Target.objects.get(code="T2").pk,
        post.pk,
        meeting.pk,
        project.pk,
        Submission.objects.get(kind="evaluation").pk,
        report.pk,
    )


def item_form(county: int) -> dict[str, Any]:
    return {"text": "示例事项", "owner": county, "start": "2026-11-21", "due": "2027-03-01"}


def project_form(county: int) -> dict[str, Any]:
    return {"name": "示例项目", "owner": county, "source": "登记表"}
