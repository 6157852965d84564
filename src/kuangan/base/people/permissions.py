"""Who may do what: every permission with the roles that carry it, as one literal table.

A permission says nothing about reach: `scope_of` does. Outside role is 403, outside scope is 404.
"""

from __future__ import annotations

from typing import Final

from django.contrib.auth.models import AnonymousUser

from kuangan.base.people.models import User
from kuangan.base.people.roles import Role

OFFICIALS: Final = frozenset({Role.DUTY_OFFICER, Role.INSPECTOR, Role.LEADER})
AT_THE_MINE: Final = frozenset({Role.MINE_DISPATCHER, Role.MINE_MANAGER})
AT_THE_PARENT: Final = frozenset({Role.PARENT_DISPATCHER, Role.PARENT_MANAGER})
OPERATIONAL: Final = OFFICIALS | AT_THE_MINE | AT_THE_PARENT
ADMINISTRATORS: Final = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN})

ON_DUTY: Final = (OFFICIALS - {Role.INSPECTOR}) | AT_THE_MINE | AT_THE_PARENT

PERMISSIONS: Final[dict[str, frozenset[Role]]] = {
    # base
    "people.view": OFFICIALS | ADMINISTRATORS,
    "people.manage": frozenset({Role.SECURITY_ADMIN}),
    "organisation.view": OPERATIONAL | ADMINISTRATORS,
    "mine.view": OPERATIONAL | ADMINISTRATORS,
    "mine.edit": frozenset({Role.SYSTEM_ADMIN}),
    "audit.view": frozenset({Role.AUDIT_ADMIN}),
    "settings.manage": frozenset({Role.SYSTEM_ADMIN}),
    "case.view": OPERATIONAL,
    # deadlines of cases: seen by all who work; asked to be longer by whoever owes or supervises, agreed and suspended by a leader
    "deadline.view": OPERATIONAL,
    "deadline.ask": OPERATIONAL,
    "deadline.agree": frozenset({Role.LEADER}),
    "deadline.suspend": frozenset({Role.LEADER}),
    "calendar.view": frozenset(Role),  # days off and worked are public
    # drawings: seen and taken, the restricted ones; handed in and withdrawn by the mine and its direct supervisor alone
    "drawing.view": OPERATIONAL,
    "drawing.restricted": OFFICIALS | AT_THE_MINE,
    "drawing.keep": OFFICIALS | AT_THE_MINE,
    "clause.view": frozenset(Role),  # the documents are public
    # readings and baselines: proposed by officials of the level that may change them, approved by another who leads there
    "reading.propose": OFFICIALS,
    "reading.approve": frozenset({Role.LEADER}),
    "text.import": frozenset({Role.SYSTEM_ADMIN, Role.LEADER}),  # of leaders those of the province alone
    # what is known of clauses: answers of checks, signed acts, proposed measures, objections of those judged
    "finding.view": OPERATIONAL,
    "finding.recheck": OFFICIALS,
    "finding.determine": frozenset({Role.INSPECTOR, Role.LEADER}),
    "finding.confirm": frozenset({Role.LEADER}),
    "measure.propose": frozenset({Role.INSPECTOR, Role.LEADER}),
    "measure.decide": frozenset({Role.LEADER}),
    "objection.raise": frozenset({Role.MINE_MANAGER, Role.PARENT_MANAGER}) | OFFICIALS,
    "objection.answer": frozenset({Role.INSPECTOR, Role.LEADER}),
    # alerts
    "alert.view": OPERATIONAL,
    "alert.acknowledge": OPERATIONAL,
    "alert.verify": AT_THE_MINE | AT_THE_PARENT,
    "alert.report_back": AT_THE_MINE,
    "alert.review": OFFICIALS,
    "alert.close": OFFICIALS,
    # rules in force
    "rulebook.view": OPERATIONAL | ADMINISTRATORS,
    "rulebook.author": OFFICIALS,  # drafts, trials, shadows; what is proposed for all comes from the province alone
    "rulebook.approve": frozenset({Role.LEADER}),
    "rulebook.override": frozenset({Role.INSPECTOR, Role.LEADER}),
    "rulebook.override_approve": frozenset({Role.LEADER}),
    # announced work, caretakers, safety systems
    "announcement.view": OPERATIONAL,
    "announcement.declare": AT_THE_MINE,
    "announcement.answer": OFFICIALS,
    "announcement.extend": OFFICIALS | AT_THE_MINE,
    "announcement.clock": frozenset(),  # steps that the clock alone takes
    "announcement.explain": AT_THE_MINE,
    "announcement.judge": OFFICIALS,
    "caretaker.view": OPERATIONAL,
    "caretaker.propose": AT_THE_MINE,
    "caretaker.approve": OFFICIALS,
    "safety_system.view": OPERATIONAL,
    "safety_system.report": AT_THE_MINE,
    "safety_system.verify": OFFICIALS,
    "alert.shelve": OPERATIONAL,
    "alert.recheck": frozenset({Role.INSPECTOR, Role.LEADER}),
    "alert.end_drill": OFFICIALS - {Role.INSPECTOR},
    # duty
    "duty.view": OPERATIONAL,
    "duty.edit": ON_DUTY,
    "duty.call": ON_DUTY,
    "duty.handover": ON_DUTY,
    "duty.bulletin": ON_DUTY,
    "duty.drill": OFFICIALS - {Role.INSPECTOR},
    # weather warnings: the system proposes to withdraw, whoever may order decides
    "weather.view": OPERATIONAL,
    "weather.enter": OFFICIALS - {Role.INSPECTOR},
    "weather.call": (OFFICIALS - {Role.INSPECTOR}) | AT_THE_PARENT,
    "weather.answer": AT_THE_MINE,
    "weather.order": frozenset({Role.LEADER, Role.MINE_MANAGER, Role.PARENT_MANAGER}),
    "weather.check": OFFICIALS,
    "weather.clock": frozenset(),  # steps that the clock or a pressed key takes
    # signs that readings were made: for members of the sealed group alone, whatever their role
    "suspicion.view": OFFICIALS,
    "suspicion.decide": frozenset({Role.INSPECTOR, Role.LEADER}),
    # arrivals of inspectors, entered once they are there: for officials alone, and of bodies that inspect
    "visit.view": OFFICIALS,
    "visit.enter": OFFICIALS,
    # programmes of action: read by every authority, worked on by the units they bind, signed for by their office
    "campaign.view": OFFICIALS,
    "campaign.work": OFFICIALS,
    "campaign.sign": frozenset({Role.LEADER}),
    # who answers for which mine; names of leaders and officers, what they did, posts, meetings and funds of mines
    "responsibility.view": OPERATIONAL,
    "responsibility.matters": OFFICIALS,
    "responsibility.assign": frozenset({Role.INSPECTOR, Role.LEADER}),
    "responsibility.report": OFFICIALS,
    "responsibility.posts": frozenset({Role.INSPECTOR, Role.LEADER}) | AT_THE_MINE | AT_THE_PARENT,
    "responsibility.declare": AT_THE_MINE | AT_THE_PARENT,
    # self-checks: the mine fills in and signs, its supervisor judges; of full coverage inspectors fill in
    "selfcheck.view": OPERATIONAL,
    "selfcheck.fill": AT_THE_MINE | frozenset({Role.INSPECTOR, Role.LEADER}),
    "selfcheck.judge": frozenset({Role.INSPECTOR, Role.LEADER}),
    "selfcheck.order": frozenset({Role.INSPECTOR, Role.LEADER}),
    "selfcheck.decide": frozenset({Role.LEADER}),
    # laws and standards, who must read them, what inspections told of the law
    "standard.view": OPERATIONAL,
    "standard.keep": frozenset({Role.INSPECTOR, Role.LEADER}),
    "reading.tell": AT_THE_MINE,
    "publicity.view": OFFICIALS,
    "publicity.enter": OFFICIALS,
    # link of the mines
    "link.view": OPERATIONAL | frozenset({Role.SYSTEM_ADMIN}),
    "frame.download": OFFICIALS | AT_THE_MINE | frozenset({Role.SYSTEM_ADMIN}),
    "sender.manage": frozenset({Role.SYSTEM_ADMIN}),
    # people below ground: counts, areas and cards; names and particulars
    "underground.view": OPERATIONAL,
    "underground.names": OFFICIALS | AT_THE_MINE,
    "enrolment.view": AT_THE_MINE | AT_THE_PARENT | frozenset({Role.SYSTEM_ADMIN}),
    "enrolment.apply": AT_THE_MINE,
    "enrolment.confirm": frozenset({Role.SYSTEM_ADMIN}),
    # exchange with platforms that exist already
    "exchange.view": OFFICIALS | frozenset({Role.SYSTEM_ADMIN}),
    "exchange.work": OFFICIALS,
    "exchange.mode": frozenset({Role.LEADER}),
    "exchange.manage": frozenset({Role.SYSTEM_ADMIN}),
}


def may(user: User | AnonymousUser, permission: str) -> bool:
    """Whether one of the user's roles carries the permission. Raises KeyError on a permission not in the table."""
    carriers = PERMISSIONS[permission]
    if not isinstance(user, User) or not user.is_active:
        return False
    return any(role in carriers for role in user.roles)
