"""The cases of a warning: opened, strengthened and ended, for all its mines together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from kuangan.base import audit, notices
from kuangan.base.case.models import Case, Step
from kuangan.base.case.numbers import next_numbers
from kuangan.base.deadlines.models import OPEN_STATES, Deadline, DeadlineState
from kuangan.base.notices import Draft
from kuangan.base.notices.models import Channel
from kuangan.base.notices.outbox import to_organisation
from kuangan.base.people.models import Organisation
from kuangan.base.registry.supervision import mine_organisation, parent_organisation, supervisors
from kuangan.domains.duty.rules import CHANNELS
from kuangan.domains.duty.weather.affected import Affected
from kuangan.domains.duty.weather.flow import FLOW, KIND, LADDER, SUBJECT
from kuangan.domains.duty.weather.models import Warning, Withdrawal, moment_key
from kuangan.domains.duty.weather.reading import COLOURS
from kuangan.domains.duty.weather.rules import ACTIONS, COLOUR_WORDS, RULES

WEIGHT: Final = ("inform", "prepare", "withdraw")


def open_cases(warning: Warning, found: Sequence[Affected], at: datetime) -> list[Withdrawal]:
    """A case for each mine that has none yet under the warning; numbers, clocks, audit and notices in bulk."""
    if not found:
        return []
    codes = [one.mine.code for one in found]
    owners = answering(codes, at)
    numbers = next_numbers(KIND, [at] * len(found))
    cases = Case.objects.bulk_create(
        Case(
            kind=KIND,
            number=number,
            mine=one.mine,
            region=one.mine.region_code,
            sector=one.mine.sector,
            state=FLOW.initial,
            severity=one.colour,
            owner=owners.get(one.mine.code),
            opened=at,
            due=at + timedelta(minutes=minutes(one.colour, "call")),
            title=title_of(warning, one),
            origin="weather",
            drill=warning.drill,
        )
        for one, number in zip(found, numbers, strict=True)
    )
    rows = Withdrawal.objects.bulk_create(_row(warning, one, case) for one, case in zip(found, cases, strict=True))
    for row, case, one in zip(rows, cases, found, strict=True):
        row.case, row.mine = case, one.mine
    start_clocks(rows, at)
    audit.record_many(
        audit.Note(None, "weather.opened", KIND, case.number, at, {"warning": warning.pk, "action": row.action})
        for case, row in zip(cases, rows, strict=True)
    )
    tell(rows, at, "opened")
    return rows


def answering(codes: Sequence[str], at: datetime) -> dict[str, Organisation]:
    """Who answers for each mine: the direct supervisor, else whoever stands above it."""
    over = supervisors(codes, at, ("direct", "upper"))
    return {mine: (roles.get("direct") or roles["upper"])[0] for mine, roles in over.items()}


def minutes(colour: str, code: str) -> int:
    return int(getattr(RULES.minutes[colour], code))


def title_of(warning: Warning, one: Affected) -> str:
    return f"{one.mine.name} {warning.event_words}{COLOUR_WORDS[one.colour]}预警"[:200]


def _row(warning: Warning, one: Affected, case: Case) -> Withdrawal:
    verdict = one.verdict
    return Withdrawal(
        case=case,
        warning=warning,
        mine=one.mine,
        colour=one.colour,
        action=verdict.action,
        rule=verdict.rule,
        bases=list(verdict.bases),
        why=list(one.why),
    )


def start_clocks(rows: Sequence[Withdrawal], at: datetime) -> None:
    """Calling out, and deciding where the rules propose to withdraw; owed by whoever answers for the mine."""
    made = Deadline.objects.bulk_create(
        Deadline(
            subject_kind=SUBJECT,
            subject_id=str(row.case_id),
            code=code,
            owner=row.case.owner,
            started_at=at,
            due=at + timedelta(minutes=minutes(row.colour, code)),
            ladder=LADDER,
            next_at=at + timedelta(minutes=minutes(row.colour, code)),
        )
        for row in rows
        for code in ("call", *(["decide"] if row.action == "withdraw" else []))
    )
    audit.record_many(
        audit.Note(None, "set", "deadline", str(one.pk), at, {"subject": f"case:{one.subject_id}", "code": one.code})
        for one in made
    )


def strengthen(warning: Warning, known: Sequence[tuple[Withdrawal, Affected]], at: datetime) -> None:
    """What an update says of mines that have a case: colour, action and reasons; what was closed and is worse now begins anew."""
    worse: list[Withdrawal] = []
    cases: list[Case] = []
    for row, one in known:
        stronger = COLOURS.index(one.colour) > COLOURS.index(row.colour)
        heavier = WEIGHT.index(one.verdict.action) > WEIGHT.index(row.action)
        row.colour, row.action, row.rule = one.colour, one.verdict.action, one.verdict.rule
        row.bases, row.why, row.left_at = list(one.verdict.bases), list(one.why), None
        row.case.severity, row.case.title = one.colour, title_of(warning, one)
        cases.append(row.case)
        if (stronger or heavier) and row.case.state in ("received", "called", "closed"):
            worse.append(row)
    Withdrawal.objects.bulk_update(
        [row for row, _ in known], ["colour", "action", "rule", "bases", "why", "left_at"], batch_size=200
    )
    Case.objects.bulk_update(cases, ["severity", "title"], batch_size=200)
    _stop_clocks([row.case for row in worse], DeadlineState.CANCELLED, at)
    move([row.case for row in worse if row.case.state == "closed"], "raise_again", at, {"why": "预警升级"})
    start_clocks(worse, at)
    refresh_due([row.case for row in worse])
    tell(worse, at, f"raised:{moment_key(at)}")


def release(rows: Sequence[Withdrawal], at: datetime, why: str) -> None:
    """Mines that the warning no longer covers: without an order they are closed, with one somebody has to lift it."""
    rows = [row for row in rows if row.case.state not in FLOW.final and row.left_at is None]
    Withdrawal.objects.filter(pk__in=[row.pk for row in rows]).update(left_at=at)
    move([row.case for row in rows if row.case.state in ("received", "called")], "end", at, {"why": why})
    held = [row for row in rows if row.case.state not in FLOW.final]
    made = Deadline.objects.bulk_create(
        Deadline(
            subject_kind=SUBJECT,
            subject_id=str(row.case_id),
            code="lift",
            owner_id=row.order_body_id or row.case.owner_id,
            started_at=at,
            due=at + timedelta(minutes=minutes(row.colour, "lift")),
            ladder="response",
            next_at=at + timedelta(minutes=minutes(row.colour, "lift") - 10),
        )
        for row in held
        if row.case.state != "lifted"
    )
    audit.record_many(
        audit.Note(None, "set", "deadline", str(one.pk), at, {"subject": f"case:{one.subject_id}", "code": "lift"})
        for one in made
    )
    refresh_due([row.case for row in held])
    notices.send_many(
        [
            _draft(
                row,
                body,
                Channel.INBOX,
                f"{why}，停产撤人指令仍然有效，解除须由下令单位决定。",
                f"released:{moment_key(at)}",
            )
            for row in held
            for body in [row.order_body_id or row.case.owner_id]
            if body is not None
        ],
        at,
    )


def move(cases: Sequence[Case], name: str, at: datetime, form: dict[str, object]) -> None:
    """A step of the clock for many cases at once; nobody performs it, all else is as with `base.case.perform`."""
    transition = FLOW.transition(name)
    cases = [case for case in cases if case.state in transition.from_]
    if not cases:
        return
    ends = transition.to in FLOW.final
    Step.objects.bulk_create(
        Step(case=case, name=name, from_state=case.state, to_state=transition.to, at=at, form=form) for case in cases
    )
    audit.record_many(
        audit.Note(None, name, KIND, case.number, at, {"from": case.state, "to": transition.to, "form": form})
        for case in cases
    )
    if ends:
        _stop_clocks(cases, DeadlineState.CANCELLED, at)
    if transition.to == "called":
        _stop_clocks(cases, DeadlineState.MET, at, "call")
    for case in cases:
        case.state, case.closed = transition.to, at if ends else None
    pks = [case.pk for case in cases]
    Case.objects.filter(pk__in=pks).update(state=transition.to, closed=at if ends else None)
    refresh_due(cases)


def _stop_clocks(cases: Sequence[Case], state: DeadlineState, at: datetime, code: str = "") -> None:
    chosen = Deadline.objects.filter(
        subject_kind=SUBJECT, subject_id__in=[str(case.pk) for case in cases], state__in=OPEN_STATES
    )
    rows = list((chosen.filter(code=code) if code else chosen).select_for_update())
    Deadline.objects.filter(pk__in=[row.pk for row in rows]).update(state=state, ended_at=at, next_at=None)
    audit.record_many(
        audit.Note(None, state.value, "deadline", str(row.pk), at, {"code": row.code, "late": at > row.due})
        for row in rows
    )


def refresh_due(cases: Sequence[Case]) -> None:
    """Write the nearest open clock onto the cases."""
    nearest: dict[str, datetime] = {}
    open_ = Deadline.objects.filter(
        subject_kind=SUBJECT, subject_id__in=[str(case.pk) for case in cases], state__in=OPEN_STATES
    )
    for subject, due in open_.order_by("due").values_list("subject_id", "due"):
        nearest.setdefault(subject, due)
    for case in cases:
        case.due = nearest.get(str(case.pk))
    Case.objects.bulk_update(cases, ["due"], batch_size=200)


def tell(rows: Sequence[Withdrawal], at: datetime, key: str) -> None:
    """The mine, its parent company and whoever answers for it learn of the warning: inbox always, phone by colour."""
    codes = [row.mine_id for row in rows]
    own, parents = mine_organisation(codes, at), parent_organisation(codes, at)
    drafts: list[Draft] = []
    for row in rows:
        words = f"{'；'.join(row.why)}。{ACTIONS[row.action]}。"
        bodies = [own.get(row.mine_id), parents.get(row.mine_id), row.case.owner]
        for body in {body.pk: body for body in bodies if body is not None}.values():
            for channel in CHANNELS.get(row.colour, ("inbox",)):
                to = to_organisation(body.pk) if channel == "inbox" else body.phone
                if to and (channel == "inbox" or body == own.get(row.mine_id)):
                    drafts.append(_draft(row, body.pk, Channel(channel), words, key, to))
    notices.send_many(drafts, at)


def _draft(row: Withdrawal, body: int, channel: Channel, words: str, key: str, to: str = "") -> Draft:
    mark = "【演练】" if row.case.drill else ""
    return Draft(
        channel=channel,
        to=to or to_organisation(body),
        subject=f"{mark}【{COLOUR_WORDS[row.colour]}】{row.case.title}",
        body=f"{mark}{row.case.number} {row.case.title}。{words}",
        subject_kind=SUBJECT,
        subject_id=str(row.case_id),
        key=f"weather:{row.case_id}:{key}:{body}:{channel}",
    )
