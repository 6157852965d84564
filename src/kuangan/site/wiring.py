"""Everything that joins rooms, as literal tables. A reader finds here who handles what."""

from __future__ import annotations

from collections.abc import Mapping

from kuangan.base.case.announced import Covering
from kuangan.base.case.flow import Flow
from kuangan.base.case.tasks import Tasks
from kuangan.base.compliance import drawing_checks, register_checks
from kuangan.base.compliance.checks import Clauses
from kuangan.base.compliance.flow import FLOWS as FINDINGS
from kuangan.base.compliance.serving import Serving, Texts
from kuangan.base.deadlines.subjects import Naming
from kuangan.base.deadlines.telling import tell
from kuangan.base.deadlines.ticking import Handler
from kuangan.base.notices import answers
from kuangan.base.registry import publication
from kuangan.domains.alerts import checks as alerts_checks
from kuangan.domains.alerts import outward
from kuangan.domains.alerts.climbing import climb
from kuangan.domains.alerts.drill import raise_drill
from kuangan.domains.alerts.flow import FLOW as ALERT
from kuangan.domains.alerts.health.load import Staffing
from kuangan.domains.alerts.people import Counting
from kuangan.domains.alerts.shelving import unshelve
from kuangan.domains.campaign import checks as campaign_checks
from kuangan.domains.campaign import clockwork as campaign
from kuangan.domains.datalink import checks as datalink_checks
from kuangan.domains.datalink.exchange.sources import Source
from kuangan.domains.duty import checks as duty_checks
from kuangan.domains.duty import drills, figures, handing
from kuangan.domains.duty.calling import answered
from kuangan.domains.duty.climbing import climb_roster
from kuangan.domains.duty.flow import CALLOUT, HANDOVER
from kuangan.domains.duty.weather import clockwork as weather
from kuangan.domains.duty.weather.flow import FLOW as WEATHER
from kuangan.domains.enforcement import acts as visits
from kuangan.domains.enforcement import checks as enforcement_checks
from kuangan.domains.operations import caretakers
from kuangan.domains.operations import checks as operations_checks
from kuangan.domains.operations.clockwork import turn
from kuangan.domains.operations.coverage import covering
from kuangan.domains.operations.flow import ANNOUNCEMENT
from kuangan.domains.operations.flow import CHECK as ANNOUNCEMENT_CHECK
from kuangan.domains.operations.flow import FAULT as SYSTEM_FAULT
from kuangan.domains.responsibility import checks as responsibility_checks
from kuangan.domains.rulebook import shadows
from kuangan.domains.selfcheck import checks as selfcheck_checks
from kuangan.domains.selfcheck.clockwork import chase
from kuangan.domains.selfcheck.flow import SHEET as SELFCHECK
from kuangan.domains.selfcheck.known import Knowing
from kuangan.domains.selfcheck.publicity.visits import Address, Visits
from kuangan.domains.suspicions.flow import SUSPICION
from kuangan.portal.menu import Entry, Group
from kuangan.site.clauses import official, served
from kuangan.site.folding import open_lines
from kuangan.site.known import known
from kuangan.site.people_below import COUNTING
from kuangan.site.publicity import visit_address, visits_to_tell
from kuangan.site.raised import raised
from kuangan.site.silence import silent_mines
from kuangan.site.staffing import staffed

FLOWS: tuple[Flow, ...] = (
    ALERT,
    ANNOUNCEMENT,
    ANNOUNCEMENT_CHECK,
    SYSTEM_FAULT,
    CALLOUT,
    HANDOVER,
    WEATHER,
    SUSPICION,
    *FINDINGS,
    SELFCHECK,
)
CHECKS: tuple[Clauses, ...] = (
    register_checks.CHECKS,
    drawing_checks.CHECKS,
    datalink_checks.CHECKS,
    alerts_checks.CHECKS,
    duty_checks.CHECKS,
    operations_checks.CHECKS,
    enforcement_checks.CHECKS,
    campaign_checks.CHECKS,
    responsibility_checks.CHECKS,
    selfcheck_checks.CHECKS,
)
"""Clause → checks that judge a part of it, by room."""
HANDLERS: Mapping[str, Handler] = {
    "climb": climb,
    "announcement": turn,
    "unshelve": unshelve,
    "roster": climb_roster,
    "weather": weather.climb,
    "weather_end": weather.expire,
    "campaign_report": campaign.compile_reports,
    "selfcheck": chase,
    "remind": tell,
    "overdue": tell,
    "propose": tell,
}
"""Action of a ladder's rung → who carries it out."""
SUBJECTS: Mapping[str, Naming] = campaign.NAMES
"""Kind of what a deadline is about, cases apart → who names it."""
COVERING: Covering = covering
"""Who knows which announced work covered something."""

PANELS: Mapping[str, tuple[str, ...]] = {
    "alert": ("duty:panel", "datalink:exchange_panel"),
    "weather": ("duty:panel",),
    "announcement_check": ("case:deadlines_panel",),
    "system_fault": ("case:deadlines_panel",),
}
"""Kind of case → what other rooms show on its page."""
ANSWERS: tuple[answers.Listener, ...] = (answered, weather.answered)
"""Who is told of a key that was pressed on a call."""
EXCHANGED: Mapping[str, Source] = {"alert": Source(outward.facts, outward.act, outward.taker)}
"""Kind of case → who gives its facts to other platforms, takes steps on their behalf, and knows who else may."""
DRILL: drills.Raise = raise_drill
"""Who raises the marked alert of a drill."""
SILENCE: figures.Silence = silent_mines
"""Who knows which mines send nothing."""
PEOPLE_BELOW: Counting = COUNTING
"""Who knows how many people are below ground."""
CARETAKERS: publication.Lists = caretakers.published
"""Who knows the approved caretakers of stopped mines."""
INSPECTIONS: publication.Visits = visits.published
"""Who knows when inspectors were at mines."""

TASKS: Tasks = Tasks(
    words={
        "announcement": {"answer": "答复报备", "extension": "答复延期申请", "end": "报告结束或申请延期"},
        "announcement_check": {"answer": "说明情况"},
        "system_fault": {"repair": "修复"},
        "selfcheck": {
            "submit": "填报、签字并提交自查表",
            "accept": "审核自查表",
            "verify": "核实与监测数据不一致的事项",
        },
        "weather": {
            "call": "叫应并登记接通",
            "decide": "决定是否停产撤人",
            "begin": "响应停产撤人指令",
            "report_out": "报告人员撤出",
            "lift": "解除停产撤人指令",
        },
        "objection": {"answer": "答复异议"},
    },
    clock_ladders=frozenset({"announcement_begin", "announcement_finish"}),
)
"""What open deadlines of cases ask for, alerts apart; ladders that ask nobody because the clock carries them out."""
OPEN_LINES: handing.Lines = open_lines
"""Who knows how open alerts fold to lines."""

STAFFING: Staffing = staffed
"""Who knows who answered the desk."""
RAISING: shadows.Raising = raised
"""Who knows what the rules in force raised."""
SERVING: Serving = served
TEXTS: Texts = official
"""Who knows what serves each clause; who reads its imported text."""

KNOWN: Knowing = known
"""Who knows what checks found about mines."""
VISITS: Visits = visits_to_tell
VISIT_ADDRESS: Address = visit_address
"""Who knows which inspections ask for a record of what was told of the law, and where one is shown."""

MENU: tuple[Group, ...] = (
    Group(
        "值守",
        (
            Entry("值守台", "bell-ringing", "alerts:desk", permission="alert.view", badge="open"),
            Entry("监管总览", "layout-dashboard", "portal:cockpit", permission="alert.view"),
            Entry("人员监测", "users-group", "portal:people", permission="underground.view"),
            Entry("视频监测", "video", "portal:video", permission="mine.view"),
            Entry("告警质量", "chart-bar", "alerts:quality", permission="alert.view"),
            Entry("告警健康", "activity-heartbeat", "alerts:health", permission="alert.view"),
            Entry("告警抽查", "list-check", "alerts:rechecks", permission="alert.recheck"),
            Entry("监测疑点", "eye-search", "suspicions:board", permission="suspicion.view"),
            Entry("值班", "calendar-user", "duty:today", permission="duty.view"),
            Entry("气象预警", "cloud-storm", "duty:weather", permission="weather.view"),
            Entry("一矿一档", "building-factory-2", "registry:mines", permission="mine.view"),
            Entry("曲线", "chart-line", "portal:curves", permission="mine.view"),
            Entry("限值", "ruler-measure", "registry:limits", permission="mine.view"),
            Entry("规则", "gavel", "rulebook:rules", permission="rulebook.view"),
            Entry("规则工作台", "tools", "rulebook:drafts", permission="rulebook.author"),
            Entry("数据链路", "plug-connected", "datalink:link", permission="link.view"),
            Entry("平台对接", "arrows-exchange", "datalink:exchange", permission="exchange.view"),
        ),
    ),
    Group(
        "监测",
        (
            Entry("通风", "propeller", "portal:board_air", permission="mine.view"),
            Entry("水害", "droplet", "portal:board_water", permission="mine.view"),
            Entry("火灾", "flame", "portal:board_fire", permission="mine.view"),
            Entry("矿压", "arrows-vertical", "portal:board_pressure", permission="mine.view"),
            Entry("边坡", "mountain", "portal:board_slope", permission="mine.view"),
            Entry("尾矿库", "ripple", "portal:board_tailings", permission="mine.view"),
        ),
    ),
    Group(
        "报备",
        (
            Entry("今日报备", "calendar-event", "operations:today", permission="announcement.view"),
            Entry("报备管理", "clipboard-text", "operations:announcements", permission="announcement.view"),
            Entry("报备核查", "zoom-question", "operations:checks", permission="announcement.view"),
            Entry("看护人员", "user-shield", "operations:caretakers", permission="caretaker.view"),
            Entry("安全避险系统", "lifebuoy", "operations:systems", permission="safety_system.view"),
        ),
    ),
    Group(
        "治理",
        (
            Entry("条款看板", "layout-grid", "compliance:board", permission="finding.view"),
            Entry("认定与处置", "scale", "compliance:cases", permission="finding.view"),
            Entry("条款", "book-2", "compliance:clauses", permission="clause.view"),
            Entry("责任", "users-group", "responsibility:mines", permission="responsibility.view"),
            Entry("检查登记", "clipboard-check", "enforcement:visits", permission="visit.view"),
            Entry("三年行动", "target-arrow", "campaign:overview", permission="campaign.view"),
            Entry("挂图作战", "timeline-event", "campaign:wall", permission="campaign.view"),
            Entry("攻坚清单", "list-details", "campaign:items", permission="campaign.view"),
            Entry("自查与全覆盖", "list-check", "selfcheck:rounds", permission="selfcheck.view"),
            Entry("法规标准", "books", "selfcheck:texts", permission="standard.view"),
            Entry("必学与普法", "school", "selfcheck:lists", permission="standard.view"),
        ),
    ),
    Group(
        "我的",
        (
            Entry("我的待办", "checklist", "alerts:work", permission="case.view"),
            Entry("我的消息", "mail", "portal:inbox", permission="case.view"),
            Entry("期限", "hourglass", "case:deadlines", permission="deadline.view"),
            Entry("工作日历", "calendar", "deadlines:calendar", permission="calendar.view"),
        ),
    ),
    Group(
        "系统",
        (
            Entry("用户", "users", "people:users", permission="people.view"),
            Entry("机构", "building-community", "registry:organisations", permission="organisation.view"),
            Entry("接入登记", "plug-connected", "datalink:enrolments", permission="enrolment.view"),
            Entry("登记导入", "file-import", "registry:imports", permission="mine.edit"),
            Entry("上传账号", "key", "datalink:senders", permission="sender.manage"),
        ),
    ),
)
