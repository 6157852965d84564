"""What people do with an answer: determine by a signed act, propose a measure, object. Each is a case, audited in its transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db import transaction

from kuangan.base import audit, deadlines, notices
from kuangan.base.case.errors import Forbidden, MissingFields
from kuangan.base.case.flow import Flow
from kuangan.base.case.models import Case, Step
from kuangan.base.case.opening import open_row
from kuangan.base.case.performing import SUBJECT
from kuangan.base.compliance.attached import Attached
from kuangan.base.compliance.checks import Subject, SubjectKind
from kuangan.base.compliance.detail import statute_name
from kuangan.base.compliance.flow import ANSWER_DAYS, DETERMINATION, MEASURE, OBJECTION
from kuangan.base.compliance.judging import about
from kuangan.base.compliance.models import Determination, Objection, Proposal, Spell
from kuangan.base.compliance.subjects import POLICY_KINDS
from kuangan.base.notices.models import Channel
from kuangan.base.notices.outbox import to_organisation
from kuangan.base.people.models import Organisation, User
from kuangan.base.people.permissions import may
from kuangan.base.people.roles import PUBLIC_KINDS, OrganisationKind
from kuangan.base.registry.supervision import direct_supervisor
from kuangan.library.policy import shipped

NO_POWER: Final = frozenset({OrganisationKind.SAFETY_COMMITTEE, OrganisationKind.GOVERNMENT})
"""Bodies of coordination and governments do not find facts at an enterprise (54号 notice of the State Council's office, 2024)."""


@dataclass(frozen=True, slots=True)
class About:
    """One clause of one subject, and the answer that stands there (None: none of a check)."""

    clause: str
    kind: SubjectKind
    subject: Subject
    spell: Spell | None = None


@dataclass(frozen=True, slots=True)
class SignedAct:
    document: str
    title: str
    signer: str
    signed_on: date
    fact: str


def may_determine(user: User) -> bool:
    """Whether the person's body may find that a duty was not kept: an authority with powers of its own."""
    body = user.organisation
    return may(user, "finding.determine") and body is not None and body.kind in PUBLIC_KINDS - NO_POWER


@transaction.atomic
def determine(what: About, act: SignedAct, *, by: User, at: datetime) -> Determination:
    """Enter a signed act; it counts when another person has compared it with the document. Raises Forbidden, MissingFields."""
    if not may_determine(by) or by.organisation is None:
        raise Forbidden("只有监管监察机关可以登记认定")
    if wrong := _faults_of(act, at):
        raise MissingFields(wrong)
    if Determination.objects.filter(document=act.document, clause=what.clause, subject=what.subject.id).exists():
        raise MissingFields({"document": "该文书已登记过对本条的认定"})
    case = _opened(DETERMINATION, f"{what.subject.name} {what.clause} 不符认定", what, by, at, owner=by.organisation_id)
    row = Determination.objects.create(
        case=case, **_of(what), body=by.organisation, **{name: getattr(act, name) for name in SignedAct.__slots__}
    )
    _first_step(case, "draft", by, at, {"document": act.document, "signed_on": act.signed_on.isoformat()})
    return row


@transaction.atomic
def propose(
    what: About, measure: str, grounds: str, *, by: User, at: datetime, determination: Determination | None = None
) -> Proposal:
    """Propose a measure that the clause has follow. Raises Forbidden; MissingFields for one it does not, or not for this kind of mine."""
    if not may_determine(by) or not may(by, "measure.propose"):
        raise Forbidden("您的岗位不能提出处置建议")
    offered = consequences(what)
    if measure not in offered:
        raise MissingFields({"measure": "本条没有这项措施，或者不适用于这类对象"})
    if not grounds.strip():
        raise MissingFields({"grounds": "必填"})
    title = f"{what.subject.name} {what.clause} {shipped().measures[measure].title}"
    case = _opened(MEASURE, title, what, by, at, owner=by.organisation_id)
    row = Proposal.objects.create(
        case=case,
        **_of(what),
        measure=measure,
        ground=offered[measure][:300],
        grounds=grounds.strip(),
        frame=frame_of(measure, what),
        determination=determination,
    )
    _first_step(case, "propose", by, at, {"measure": row.frame["title"], "grounds": row.grounds})
    return row


def consequences(what: About) -> dict[str, str]:
    """Measure → in which case the clause has it follow, for a subject of this kind; by the law of the mine's kind alone."""
    library = shipped()
    found: dict[str, list[str]] = {}
    for row in library.nodes[what.clause].on_breach:
        kinds = row.mine_kinds or library.measures[row.measure].mine_kinds
        scope = library.measures[row.measure].scope
        at_mines = what.kind == "mine"
        if at_mines and POLICY_KINDS[what.subject.kind] not in kinds:
            continue
        if not at_mines and scope in ("place", "area", "mine"):
            continue
        found.setdefault(row.measure, []).append(row.what)
    return {measure: "；".join(said) for measure, said in found.items()}


def frame_of(measure: str, what: About) -> dict[str, Any]:
    """The frame in law of a measure as it is shown and kept: nature, steps before, who may sign, hearing, acts for the kind of mine."""
    library = shipped()
    row = library.measures[measure]
    kind = POLICY_KINDS.get(what.subject.kind, "")
    acts = [library.statutes[code] for named, codes in row.bases.items() if named == kind for code in codes]
    own = [one.signs for one in library.nodes[what.clause].on_breach if one.measure == measure and one.signs]
    return {
        "title": row.title,
        "nature": library.frame.natures[row.nature],
        "prior": [library.frame.steps[code] for code in row.prior],
        "signs": [library.frame.signers[code] for code in (own or row.signs)],
        "hearing": row.hearing_when or ("应告知听证权" if row.hearing else "不适用"),
        "effective": row.effective,
        "acts": [statute_name(act) for act in acts],
        "default": row.conf != "S",
    }


@transaction.atomic
def object_to(
    what: About, text: str, evidence: str, *, by: User, at: datetime, file: Attached | None = None
) -> Objection:
    """The subject does not agree with an answer; its supervisor owes a reasoned reply by a day. Raises Forbidden, MissingFields."""
    if not may(by, "objection.raise") or by.organisation_id is None or by.organisation_id != what.subject.organisation:
        raise Forbidden("只有被检查的单位可以提出异议")
    if not text.strip():
        raise MissingFields({"text": "必填"})
    if what.spell is not None and Objection.objects.filter(spell=what.spell, case__closed=None).exists():
        raise MissingFields({"text": "对这一结论已有异议待答复"})
    owner = answerer(what, at)
    case = _opened(
        OBJECTION, f"{what.subject.name} {what.clause} 结论异议", what, by, at, owner=owner, open_to_subject=True
    )
    row = Objection.objects.create(
        case=case, **_of(what), text=text.strip(), evidence=evidence.strip(), file=asdict(file) if file else None
    )
    named = {"file": f"{file.name} {file.sha256}"} if file else {}
    _first_step(case, "raise", by, at, {"text": row.text, "evidence": row.evidence, **named})
    due = at + timedelta(days=ANSWER_DAYS)
    deadlines.set_deadline(
        subject_kind=SUBJECT,
        subject_id=str(case.pk),
        code="answer",
        due=due,
        ladder="supervision",
        at=at,
        owner_id=owner,
    )
    Case.objects.filter(pk=case.pk).update(due=due)
    if owner is not None:
        notices.send_many([_told(case, owner)], at)
    return row


def answerer(what: About, at: datetime) -> int | None:
    """The body that owes the reply: the direct supervisor of a mine, else the emergency authority of the level above."""
    if what.kind == "mine":
        return next((body.pk for body in direct_supervisor([what.subject.id], at).values()), None)
    above = "140000" if what.kind == "city" or not what.subject.city else what.subject.city
    found = (
        Organisation.objects.filter(kind=OrganisationKind.EMERGENCY, region=above, active=True).order_by("pk").first()
    )
    return found.pk if found else None


def _opened(
    flow: Flow, title: str, what: About, by: User, at: datetime, *, owner: int | None, open_to_subject: bool = False
) -> Case:
    """A case of the subject's region. What is being considered about a mine is not the mine's to see before it is decided."""
    from kuangan.base.registry.models import Mine

    mine = Mine.objects.get(pk=what.subject.id) if what.kind == "mine" and open_to_subject else None
    origin = what.spell.check_id if what.spell else what.clause
    case = open_row(flow, title, at=at, owner_id=owner, origin=origin, mine=mine, region=what.subject.region)
    if mine is None and what.subject.sector:
        Case.objects.filter(pk=case.pk).update(sector=what.subject.sector)
        case.sector = what.subject.sector
    audit.record(
        actor=by,
        action=f"{flow.kind}.opened",
        kind=flow.kind,
        ident=case.number,
        content={
            "clause": what.clause,
            "subject": f"{what.kind}:{what.subject.id}",
            "spell": what.spell and what.spell.pk,
        },
        at=at,
    )
    return case


def _first_step(case: Case, name: str, by: User, at: datetime, form: Mapping[str, object]) -> None:
    Step.objects.create(
        case=case, name=name, to_state=case.state, by=by, organisation_id=by.organisation_id, at=at, form=dict(form)
    )


def _of(what: About) -> dict[str, Any]:
    return {**about(what.kind, what.subject), "clause": what.clause, "spell": what.spell}


def _faults_of(act: SignedAct, at: datetime) -> dict[str, str]:
    found = {name: "必填" for name in ("document", "title", "signer", "fact") if not getattr(act, name).strip()}
    if act.signed_on > at.date():
        found["signed_on"] = "签发日期不得晚于今天"
    return found


def _told(case: Case, organisation: int) -> notices.Draft:
    return notices.Draft(
        channel=Channel.INBOX,
        to=to_organisation(organisation),
        subject=f"结论异议：{case.title}",
        body=f"编号 {case.number}，须在 {ANSWER_DAYS} 日内书面答复。",
        subject_kind=SUBJECT,
        subject_id=str(case.pk),
        key=f"objection:{case.pk}:{organisation}",
    )
