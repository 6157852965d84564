"""What the walk over every address stands on: one alert, one frame, one account, all of mine A."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import polars as pl

from kuangan.base.clock import to_ms
from kuangan.library.telemetry.frames import UPLOAD
from kuangan.library.telemetry.hot import publish
from kuangan.library.telemetry.ledger import FRAMES, REJECTS, Ledger
from kuangan.library.telemetry.records import SHAPES
from kuangan.library.telemetry.spool import SpoolWriter
from kuangan.library.warning.events import Event
from tests.walk import selfchecks
from tests.walk.campaign import Campaign, campaign_of, item_form, project_form
from tests.walk.responsibility import ARGUMENTS as RESPONSIBILITY_ARGUMENTS
from tests.walk.responsibility import FORMS as RESPONSIBILITY_FORMS
from tests.walk.responsibility import Answering, answering_of
from tests.walk.rules import Rules, rules_of
from tests.walk.selfchecks import SelfChecks, selfchecks_of

if TYPE_CHECKING:
    from conftest import Cast
    from kuangan.base.documents.models import DrawingVersion
    from kuangan.base.people.models import User
    from kuangan.domains.alerts.models import Alert, Drawn, Evidence, SavedView, Shelving
    from kuangan.domains.datalink.models import Enrolment, Sender
    from kuangan.domains.suspicions.models import Suspicion

GATEWAY = "g1"
POINT = "14040490000101MN004300010A01"
Arguments = dict[str, Any]


@dataclass(frozen=True)
class Declared:
    """What mine A declared: numbers of an announcement, of a check and of a fault; the key of a list of caretakers."""

    announcement: str
    check: str
    fault: str
    caretakers: int


@dataclass(frozen=True)
class Duty:
    """What the people of mine A keep of duty, and a drill of the county's at it."""

    shift: int
    contact: int
    callout: str
    call: int
    handover: str
    instruction: int
    bulletin: int
    drill: str


@dataclass(frozen=True)
class Weather:
    """A warning over the county of mine A, with an order at the mine and a check of the county's."""

    warning: int
    offer: int
    case: str
    check: int


@dataclass(frozen=True)
class World:
    """The things that addresses with an argument point to."""

    alert: Alert
    evidence: Evidence
    sender: Sender
    enrolment: Enrolment
    seq: int
    cast: Cast
    offered: int
    declared: Declared
    shelving: Shelving
    view: SavedView
    drawn: Drawn
    duty: Duty
    package: str
    weather: Weather
    drawn_up: DrawingVersion
    rules: Rules
    suspicion: Suspicion
    visit: int
    determination: str
    campaign: Campaign
    answering: Answering
    selfchecks: SelfChecks

    @property
    def number(self) -> str:
        return self.alert.case.number


def over_limit(mine: str, at: datetime) -> Event:
    """A yellow over-limit of methane at mine `mine`, open since `at`."""
    onset = to_ms(at)
    inputs: dict[str, Any] = {
        "value": 1.2,
        "unit": "%CH4",
        "limit": 1.0,
        "limit_source": "statutory_location",
        "limit_row": "S-02",
        "notes": [],
        "location": "示例1102采煤工作面T1",
        "type_name": "激光甲烷",
        "ladder_row": "M-Y1",
        "seconds_over": 60,
    }
    return Event(
        id="g1-1-1",
        rev=1,
        rule="gas.over_limit",
        rule_version=1,
        mine=mine,
        subject_kind="point",
        subject=f"{mine}01MN004300010A01",
        onset=onset,
        end=None,
        peak=1.2,
        peak_at=onset,
        grade="yellow",
        status="open",
        merged_into=None,
        late=False,
        raised_at=onset,
        changed_at=onset,
        inputs=inputs,
    )


def handed_in(alert: Alert, by: User, at: datetime) -> Evidence:
    """A small file that the mine handed in with its report."""
    from django.conf import settings

    from kuangan.domains.alerts.acts import evidence_path
    from kuangan.domains.alerts.models import Evidence

    content = b"synthetic evidence"
    sha256 = hashlib.sha256(content).hexdigest()
    path = evidence_path(settings.HOME, sha256)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return Evidence.objects.create(
        alert=alert,
        step="report",
        name="a.txt",
        content_type="text/plain",
        size=len(content),
        sha256=sha256,
        by=by,
        at=at,
    )


def uploaded(mine: str, at: datetime) -> int:
    """The sequence number of a file of `mine`, in the spool and in the ledger."""
    from django.conf import settings

    name, arrival = f"{mine}_CDSS_20261121080000.txt", to_ms(at)
    writer = SpoolWriter(settings.HOME, GATEWAY)
    seq = writer.append(kind=UPLOAD, name=name, source="http", payload=b"~||", received_at=arrival, mine=mine)
    writer.commit()
    writer.close()
    row: dict[str, Any] = {column: 0 if kind.is_integer() else "" for column, kind in FRAMES.items()}
    row |= {"gateway": GATEWAY, "seq": seq, "received_at": arrival, "outcome": "accepted", "stale": False}
    row |= {"header_time": None, "type": "CDSS", "mine": mine, "name": name}
    ledger = Ledger(settings.HOME)
    ledger.append(pl.DataFrame([row], schema=FRAMES), pl.DataFrame(schema=REJECTS), {GATEWAY: seq})
    return seq


def nobody_below(mine: str, at: datetime) -> None:
    """The snapshot of a mine in which nobody is below ground, as the engine shows it before it is written."""
    from django.conf import settings

    row: dict[str, Any] = dict.fromkeys(SHAPES["positions"].columns)
    row |= {"gateway": GATEWAY, "seq": 0, "received_at": to_ms(at), "mine": mine, "type": "RYSS", "record": 0}
    row |= {"moment": to_ms(at), "rejected": 0}
    publish(settings.HOME, "positions", pl.DataFrame([row], schema=dict(SHAPES["positions"].columns)))


def declared(cast: Cast) -> Declared:
    """A calibration declared for the next hour (of the wall clock, which the pages read), with a check on it; a list of
    caretakers; a fault of the water rescue system."""
    from kuangan.base.clock import beijing_day, now
    from kuangan.domains.operations.acts import declare
    from kuangan.domains.operations.caretakers import propose
    from kuangan.domains.operations.checking import find_overrun
    from kuangan.domains.operations.rules import Draft
    from kuangan.domains.operations.systems import record_built, report_fault

    at, hour = now(), timedelta(hours=1)
    by = {"by": cast.mine_a_manager, "at": at}
    draft = Draft("calibration", at + hour, at + 2 * hour, "标校", "专人监护", "演示监测工", (("point", POINT),))
    row = declare(draft, mine=cast.mine_a, **by)
    check = find_overrun(row, at)
    assert check is not None
    people = [("演示甲", "水泵工", "八点班", "中央水仓")]
    dates = {"valid_from": at, "valid_to": at + 240 * hour}
    keepers = propose(cast.mine_a, people, areas="中央水仓", most=1, basis="看护方案", **dates, **by)
    system = record_built(cast.mine_a, "water", built_on=beijing_day(at), model="", **by)
    fault = report_fault(system, text="漏水", measures="备用", **by)
    return Declared(row.case.number, check.case.number, fault.case.number, keepers.pk)


def duty_of(cast: Cast, at: datetime) -> Duty:
    """One of everything, all of mine A."""
    from kuangan.domains.duty.bulletins import make_bulletin
    from kuangan.domains.duty.calling import Callee, call, open_callout
    from kuangan.domains.duty.contacts import Line, enter_contact
    from kuangan.domains.duty.drills import start_drill
    from kuangan.domains.duty.handing import open_handover, sign
    from kuangan.domains.duty.instructions import give_instruction
    from kuangan.domains.duty.rosters import Entry, enter_shifts

    mine, by = cast.organisations["mine_a"], cast.mine_a_manager
    entry = Entry(at, at + timedelta(days=1), "示例员")
    [shift] = enter_shifts(mine, [entry], by=by, at=at, basis="登记")
    contact = enter_contact(mine, Line("dispatch", "0000-1"), by=by, at=at, reason="登记")
    callout = open_callout("示例事项", by=by, at=at)
    made = call(callout, Callee("0000-1"), "phone", by=by, at=at)
    handover = sign(open_handover(by=by, at=at), by=by, at=at)
    instruction = give_instruction(leader="示例领导", text="示例批示", given_at=at, by=by, at=at)
    bulletin = make_bulletin(at.date(), by=by, at=at)
    drill = start_drill(cast.mine_a, "yellow", by=cast.county_officer, at=at)
    return Duty(
        shift.pk,
        contact.pk,
        callout.case.number,
        made.pk,
        handover.case.number,
        instruction.pk,
        bulletin.pk,
        drill.case.number,
    )


def weather_of(cast: Cast) -> Weather:
    """In force by the wall clock, which the pages read; typed by the county."""
    import json

    from django.conf import settings

    from kuangan.base.clock import now
    from kuangan.domains.duty.weather import acts, checks
    from kuangan.domains.duty.weather.intake import take
    from kuangan.domains.duty.weather.models import Withdrawal

    at = now()
    said: dict[str, Any] = {"format": "kuangan.weather/1", "sender": "example", "id": "W-1", "sent": at.isoformat()}
    said |= {"type": "alert", "event": "暴雨", "colour": "红", "areas": [{"codes": [cast.mine_a.code[:6]]}]}
    offer = take(settings.HOME, "a.json", json.dumps(said).encode(), "typed", at=at, by=cast.county_officer)
    row = Withdrawal.objects.select_related("case", "warning").get()
    form = {"basis": "示例依据", "scope": "井下全部人员"}
    case = acts.take(row.case, "order", by=cast.county_leader, at=at, form=form)
    check = checks.draw(row.warning, 1, by=cast.county_officer, at=at).checks.get()
    return Weather(row.warning_id, offer.pk, case.number, check.pk)


def build(cast: Cast, at: datetime) -> World:
    """The world, in the database of the test."""
    from django.db import transaction

    from kuangan.base.registry.intake import enter_seen
    from kuangan.domains.alerts.models import Alert
    from kuangan.domains.alerts.sink import apply_events
    from kuangan.domains.datalink.enrolment import enrol
    from kuangan.domains.datalink.senders import create_sender

    enter_seen([], [{"code": POINT, "mine": cast.mine_a.code, "valid_from": at}], at)
    with transaction.atomic():
        apply_events([over_limit(cast.mine_a.code, at)], at)
    alert = Alert.objects.select_related("case").get()
    sender, _ = create_sender(
        name="示例远峰煤业前置机", kind="mine", codes=[cast.mine_a.code], by=cast.system_admin, at=at
    )
    nobody_below(cast.mine_a.code, at)
    said = {
        "system": "安全监控系统",
        "maker": "",
        "carrier": "http",
        "types": ["CDSS"],
        "contact": "",
        "public_key": "",
    }
    enrolled, _ = enrol(cast.mine_a, **said, by=cast.mine_a_manager, at=at)
    evidence = handed_in(alert, cast.mine_a_manager, at)
    seq = uploaded(cast.mine_a.code, at)
    work = offered(cast, at), declared(cast), *handled(alert, cast, at)
    made = (
        *work,
        duty_of(cast, at),
        packed(cast, at),
        weather_of(cast),
        drawn_up(cast),
        rules_of(cast),
        suspected(cast, at),
        visit := visited(cast),
        determined(cast),
        campaign_of(cast),
        answering_of(cast),
        selfchecks_of(cast, visit),
    )
    return World(alert, evidence, sender, enrolled, seq, cast, *made)


def suspected(cast: Cast, at: datetime) -> Suspicion:
    """A suspicion of mine A; the officers of province and bureau are of the group."""
    from django.db import transaction

    from kuangan.domains.suspicions.flow import GROUP
    from kuangan.domains.suspicions.models import Suspicion
    from kuangan.domains.suspicions.sink import apply_suspicions
    from kuangan.domains.suspicions.tests.conftest import event

    for person in (cast.province_officer, cast.bureau_officer):
        person.sealed_groups = [GROUP]
        person.save(update_fields=["sealed_groups"])
    with transaction.atomic():
        apply_suspicions([event(at)], at)
    return Suspicion.objects.select_related("case").get()


def visited(cast: Cast) -> int:
    """The key of an arrival of the county's inspectors at mine A, by the wall clock, which the pages read."""
    from kuangan.base.clock import now
    from kuangan.domains.enforcement.acts import enter
    from kuangan.domains.enforcement.rules import Draft

    at = now()
    draft = Draft("on_site", "演示执法员", 2, at - timedelta(hours=1))
    return int(enter(cast.mine_a, draft, by=cast.county_officer, at=at).pk)


def arrival(mine: str) -> Arguments:
    """The form of an arrival at a mine a minute ago."""
    from kuangan.base.clock import BEIJING, now

    at = (now() - timedelta(minutes=1)).astimezone(BEIJING)
    return {"mine": mine, "kind": "night", "lead": "演示执法员", "team": "3", "arrived_at": f"{at:%Y-%m-%dT%H:%M}"}


def determined(cast: Cast) -> str:
    """A signed act of the county's about mine A, which nobody else has compared with the document yet."""
    from kuangan.base.clock import now
    from kuangan.base.compliance.acts import About, SignedAct, determine
    from kuangan.base.compliance.subjects import mine_subject

    at = now()
    act = SignedAct("文书〔2026〕1号", "现场处理决定书", "演示负责人", at.date(), "三人未经考核下井")
    what = About("SX34-48", "mine", mine_subject(cast.mine_a))
    return str(determine(what, act, by=cast.county_officer, at=at).case.number)


def of_cell(world: World) -> Arguments:
    return {"kind": "mine", "subject": world.cast.mine_a.code, "clause": "SX34-48"}


def of_visit(world: World) -> Arguments:
    return {"pk": world.visit}


def of_suspicion(world: World) -> Arguments:
    assert world.suspicion.case is not None
    return {"number": world.suspicion.case.number}


def packed(cast: Cast, at: datetime) -> str:
    """The id of the package of the alert, for the warning platform."""
    from django.conf import settings

    from kuangan.domains.datalink.exchange.making import make
    from kuangan.domains.datalink.exchange.managing import Setup, set_up
    from kuangan.domains.datalink.exchange.mapping import mappings
    from kuangan.domains.datalink.exchange.models import Package

    mapping = mappings(settings.HOME)["warning"]
    set_up(mapping, Setup(True, "14", ("coal",), True), by=cast.system_admin, at=at, reason="接入")
    make(mapping, at)
    return Package.objects.get().ident


def text_file() -> Any:
    """An invented official text of one place."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    return SimpleUploadedFile("text.txt", "一、测试一体。\n（一）测试措施。\n1.示例句子。".encode())


def drawing_file() -> Any:
    """The smallest thing that counts as a PDF."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    return SimpleUploadedFile("通风系统图.pdf", b"%PDF-1.7\n%synthetic\n")


def drawn_up(cast: Cast) -> DrawingVersion:
    """The first version of a restricted drawing of mine A."""
    from django.conf import settings

    from kuangan.base.clock import beijing_day, now
    from kuangan.base.documents.acts import Offer, add_drawing

    at = now()
    said = {"kind": "ventilation", "title": "通风系统图", "secrecy": "restricted", "home": settings.HOME}
    offer = Offer(drawing_file(), beijing_day(at))
    return add_drawing(cast.mine_a, **said, offer=offer, by=cast.mine_a_manager, at=at)


def offered(cast: Cast, at: datetime) -> int:
    """The number of an import with one row."""
    from kuangan.base.registry.imports.storing import Offer, preview

    content = f"矿山编码,名称\n{cast.mine_a.code},另一个名字\n".encode()
    return int(preview(Offer("登记.csv", content, "示例文号", at), by=cast.system_admin, at=at).pk)


def handled(alert: Alert, cast: Cast, at: datetime) -> tuple[Shelving, SavedView, Drawn]:
    """A request of mine A to shelve that waits for a second person, a view of its dispatcher, a draw of the county."""
    from kuangan.domains.alerts.models import Draw, Drawn, SavedView, Shelving

    shelving = Shelving.objects.create(
        alert=alert,
        organisation=cast.organisations["mine_a"],
        level="mine",
        grade=alert.grade,
        rank=alert.rank,
        reason="等待检修",
        by=cast.mine_a_manager,
        at=at,
        until=at + timedelta(hours=1),
        state="refused",
    )
    view = SavedView.objects.create(
        owner=cast.mine_a_dispatcher, organisation=cast.organisations["mine_a"], name="夜班", at=at
    )
    draw = Draw.objects.create(
        organisation=cast.organisations["county"],
        by=cast.county_leader,
        at=at,
        start=at,
        stop=at,
        asked=1,
        seed="0",
        population=[alert.pk],
    )
    return shelving, view, Drawn.objects.create(draw=draw, alert=alert, place=1)


def of_alert(world: World) -> Arguments:
    return {"number": world.number}


def of_mine(world: World) -> Arguments:
    return {"code": world.cast.mine_a.code}


def of_platform(world: World) -> Arguments:
    return {"code": "warning"}


def of_exchanged(world: World) -> Arguments:
    return {"code": "warning", "number": world.number}


def of_import(world: World) -> Arguments:
    return {"pk": world.offered}


def repair_clock(world: World) -> int:
    """The deadline of the repair that mine A owes."""
    from kuangan.base.case.models import Case
    from kuangan.base.deadlines.models import Deadline

    fault = Case.objects.get(number=world.declared.fault)
    return Deadline.objects.get(subject_kind="case", subject_id=str(fault.pk), code="repair").pk


def asking_mine(world: World) -> Arguments:
    return {"mine": world.cast.mine_a.code, "point": POINT}


def of_warning(world: World) -> Arguments:
    return {"pk": world.weather.warning}


def of_person(world: World) -> Arguments:
    return {"pk": world.cast.mine_a_manager.pk}


# Arguments of addresses that have some, and forms of those that are posted to.
ARGUMENTS: dict[str, Callable[[World], Arguments]] = {
    **RESPONSIBILITY_ARGUMENTS,
    **selfchecks.ARGUMENTS,
    "account_confirm_email": lambda _: {"key": "none"},
    "account_reset_password_from_key": lambda _: {"uidb36": "1", "key": "none"},
    "alerts:alert": of_alert,
    "alerts:drawer": of_alert,
    "alerts:curve": of_alert,
    "alerts:sheet": of_alert,
    "alerts:evidence": lambda world: {"number": world.number, "pk": world.evidence.pk},
    "alerts:step": lambda world: {"number": world.number, "name": "acknowledge"},
    "alerts:shelve": of_alert,
    "alerts:shelf_act": lambda world: {"pk": world.shelving.pk, "name": "withdraw"},
    "alerts:view_act": lambda world: {"pk": world.view.pk, "name": "default"},
    "alerts:recheck": lambda world: {"pk": world.drawn.draw_id},
    "alerts:recheck_act": lambda world: {"pk": world.drawn.draw_id, "drawn": world.drawn.pk, "name": "verdict"},
    "suspicions:suspicion": lambda world: {"pk": world.suspicion.pk},
    "suspicions:case": of_suspicion,
    "suspicions:step": lambda world: of_suspicion(world) | {"name": "assign"},
    "compliance:cell": of_cell,
    "compliance:act": lambda world: of_cell(world) | {"name": "recheck"},
    "compliance:case": lambda world: {"number": world.determination},
    "compliance:case_file": lambda world: {"number": world.determination},
    "compliance:step": lambda world: {"number": world.determination, "name": "confirm"},
    "enforcement:visit": of_visit,
    "enforcement:visit_step": lambda world: of_visit(world) | {"name": "void"},
    "api:get_alert": of_alert,
    "api:get_curve": of_alert,
    "documents:drawings": of_mine,
    "documents:drawing_new": of_mine,
    "documents:drawing": lambda world: {"pk": world.drawn_up.drawing_id},
    "documents:version_new": lambda world: {"pk": world.drawn_up.drawing_id},
    "documents:version_withdraw": lambda world: {"pk": world.drawn_up.pk},
    "documents:download": lambda world: {"pk": world.drawn_up.pk},
    "datalink:frame": lambda world: {"gateway": GATEWAY, "seq": world.seq},
    "datalink:example": lambda world: {"name": "CGKCDSS", "extension": "txt"},
    "datalink:download": lambda world: {"gateway": GATEWAY, "seq": world.seq},
    "datalink:underground": of_mine,
    "portal:mine_people": of_mine,
    "portal:mine_video": of_mine,
    "registry:cameras": of_mine,
    "registry:cameras_export": of_mine,
    "datalink:underground_export": lambda world: {"code": world.cast.mine_a.code, "kind": "csv"},
    "datalink:exchange_platform": of_platform,
    "datalink:exchange_setup": of_platform,
    "datalink:exchange_mode": of_platform,
    "datalink:exchange_report": of_platform,
    "datalink:exchange_export": lambda _: {"code": "warning", "kind": "json"},
    "datalink:exchange_package": lambda world: {"ident": world.package},
    "datalink:exchange_again": of_exchanged,
    "datalink:exchange_number": of_exchanged,
    "datalink:exchange_panel": of_alert,
    "datalink:exchange_out": of_platform,
    "datalink:exchange_in": of_platform,
    "datalink:sender": lambda world: {"pk": world.sender.pk},
    "datalink:enrolment": lambda world: {"pk": world.enrolment.pk},
    "duty:roster": lambda world: {"pk": world.cast.organisations["mine_a"].pk},
    "duty:shift_edit": lambda world: {"pk": world.duty.shift},
    "duty:shift_withdraw": lambda world: {"pk": world.duty.shift},
    "duty:contact_edit": lambda world: {"pk": world.duty.contact},
    "duty:contact_end": lambda world: {"pk": world.duty.contact},
    "duty:panel": of_alert,
    "duty:callout": lambda world: {"number": world.duty.callout},
    "duty:callout_call": lambda world: {"number": world.duty.callout},
    "duty:callout_step": lambda world: {"number": world.duty.callout, "name": "close"},
    "duty:call_mark": lambda world: {"pk": world.duty.call},
    "duty:handover": lambda world: {"number": world.duty.handover},
    "duty:handover_sheet": lambda world: {"number": world.duty.handover},
    "duty:handover_step": lambda world: {"number": world.duty.handover, "name": "accept"},
    "duty:instruction_done": lambda world: {"pk": world.duty.instruction},
    "duty:bulletin": lambda world: {"pk": world.duty.bulletin},
    "duty:bulletin_docx": lambda world: {"pk": world.duty.bulletin},
    "duty:bulletin_figure": lambda world: {"pk": world.duty.bulletin, "name": "alerts_open"},
    "duty:drill": lambda world: {"number": world.duty.drill},
    "duty:weather_offer": lambda world: {"pk": world.weather.offer},
    "duty:weather_warning": of_warning,
    "duty:weather_cancel": of_warning,
    "duty:weather_call": of_warning,
    "duty:weather_join": of_warning,
    "duty:weather_draw": of_warning,
    "duty:weather_check": lambda world: {"pk": world.weather.check},
    "duty:weather_case": lambda world: {"number": world.weather.case},
    "duty:weather_order": lambda world: {"number": world.weather.case},
    "duty:weather_step": lambda world: {"number": world.weather.case, "name": "begin"},
    "notices:answer": lambda _: {"token": "none"},
    "rulebook:draft": lambda world: {"pk": world.rules.draft},
    "rulebook:draft_edit": lambda world: {"pk": world.rules.draft},
    "rulebook:draft_step": lambda world: {"pk": world.rules.draft, "name": "trial"},
    "rulebook:trial": lambda world: {"pk": world.rules.trial},
    "rulebook:trial_state": lambda world: {"pk": world.rules.trial},
    "rulebook:trial_cancel": lambda world: {"pk": world.rules.trial},
    "rulebook:shadow": lambda world: {"pk": world.rules.shadow},
    "rulebook:shadow_stop": lambda world: {"pk": world.rules.shadow},
    "rulebook:version": lambda world: {"pk": world.rules.version},
    "rulebook:version_step": lambda world: {"pk": world.rules.version, "name": "approve"},
    "rulebook:override": lambda world: {"pk": world.rules.override},
    "rulebook:override_step": lambda world: {"pk": world.rules.override, "name": "approve"},
    "operations:announcement": lambda world: {"number": world.declared.announcement},
    "operations:amend": lambda world: {"number": world.declared.announcement},
    "operations:step": lambda world: {"number": world.declared.announcement, "name": "note"},
    "operations:check": lambda world: {"number": world.declared.check},
    "operations:check_step": lambda world: {"number": world.declared.check, "name": "answer"},
    "operations:caretaker": lambda world: {"pk": world.declared.caretakers},
    "operations:caretaker_step": lambda world: {"pk": world.declared.caretakers, "name": "approve"},
    "operations:board": of_mine,
    "operations:report": lambda world: {"code": world.cast.mine_a.code, "kind": "water", "act": "fault"},
    "operations:fault": lambda world: {"number": world.declared.fault},
    "operations:fault_step": lambda world: {"number": world.declared.fault, "name": "repair"},
    "compliance:edition": lambda _: {"document": "SX34", "number": 1},
    "compliance:draft": lambda _: {"digest": "none"},
    "compliance:draft_step": lambda _: {"digest": "none", "name": "keep"},
    "compliance:reading": lambda _: {"name": "slope"},
    "compliance:reading_propose": lambda _: {"name": "slope"},
    "compliance:baseline": lambda _: {"name": "deaths_base_year"},
    "compliance:baseline_propose": lambda _: {"name": "deaths_base_year"},
    "compliance:choice_step": lambda _: {"kind": "reading", "pk": 0, "name": "approve"},
    "case:deadlines_panel": lambda world: {"number": world.declared.fault},
    "case:deadline": lambda world: {"pk": repair_clock(world)},
    "case:deadline_step": lambda world: {"pk": repair_clock(world), "name": "ask"},
    "compliance:clause": lambda _: {"node": "SX34-42"},
    "people:user": of_person,
    "people:user_edit": of_person,
    "people:user_active": of_person,
    "people:user_groups": of_person,
    "people:user_password": of_person,
    "portal:mine": of_mine,
    "registry:mine": of_mine,
    "registry:history": of_mine,
    "registry:import": of_import,
    "registry:import_decide": of_import,
    "registry:import_write": of_import,
    "registry:import_discard": of_import,
    "registry:import_report": of_import,
    "registry:supervisor": of_mine,
    "registry:place": lambda world: {"code": world.cast.mine_a.code, "point": POINT},
    "registry:contacts": lambda world: {"pk": world.cast.organisations["mine_a"].pk},
    "registry:organisation": lambda world: {"pk": world.cast.organisations["mine_a"].pk},
}
ARGUMENTS |= {
    f"campaign:{name}": (lambda world, key=key: {"pk": getattr(world.campaign, key)})
    for name, key in (
        *(
            (name, name)
            for name in ("task", "milestone", "item", "target", "meeting", "project", "submission", "report")
        ),
        ("dispute_answer", "dispute"),
        ("post_end", "post"),
        ("report_docx", "report"),
    )
}
ARGUMENTS |= {
    f"campaign:{thing}_step": (
        lambda world, thing=thing, step=step: {"pk": getattr(world.campaign, thing), "name": step}
    )
    for thing, step in (
        ("milestone", "done"),
        ("item", "tell"),
        ("target", "dispute"),
        ("meeting", "void"),
        ("submission", "send"),
        ("report", "remarks"),
    )
}
ARGUMENTS |= {
    "campaign:project_new": lambda _: {"ledger": "risk"},
    "campaign:template": lambda _: {"kind": "yearly"},
}
# What follows the question mark.
QUERIES: dict[str, Callable[[World], Arguments]] = {
    "datalink:underground": lambda _: {"at": "2026-11-21T08:00"},
    "datalink:underground_export": lambda _: {"at": "2026-11-21T08:00"},
    "portal:curves": asking_mine,
    "portal:curve_data": asking_mine,
    "portal:curve_export": asking_mine,
    "people:user_new": lambda world: {"organisation": world.cast.organisations["mine_a"].pk},
}
# What is posted; rows with " POST" in the table use it.
FORMS: dict[str, Callable[[World], Arguments]] = {
    "campaign:load": lambda _: {"code": "action_2024_2026"},
    "campaign:milestone_step": lambda _: {"done_on": "2024-06-28", "proof": "清单印发"},
    "campaign:item_new": lambda world: item_form(world.cast.organisations["county"].pk),
    "campaign:item_step": lambda _: {"text": "已进场"},
    "campaign:dispute_answer": lambda _: {"answer": "同意顺延"},
    "campaign:target_step": lambda _: {"text": "口径不一致"},
    "campaign:post_new": lambda world: {
        "role": "liaison",
        "organisation": world.cast.organisations["county"].pk,
        "name": "示例员",
        "valid_from": "2026-11-21",
    },
    "campaign:post_end": lambda _: {"valid_to": "2099-01-01"},
    "campaign:meeting_new": lambda _: {"title": "示例会议", "held_on": "2026-11-20", "chair": "示例负责人"},
    "campaign:meeting_step": lambda _: {"reason": "误录"},
    "campaign:project_new": lambda world: project_form(world.cast.organisations["county"].pk),
    "campaign:project": lambda world: project_form(world.cast.organisations["county"].pk),
    "campaign:submission_step": lambda _: {"sent_on": "2026-11-20", "text": "评估摘要"},
    "campaign:report_step": lambda _: {"remarks": "示例说明"},
    **RESPONSIBILITY_FORMS,
    **selfchecks.FORMS,
    "suspicions:step": lambda _: {"plan": "两人，不通知"},
    "enforcement:visit_new": lambda world: arrival(world.cast.mine_a.code),
    "enforcement:visit_step": lambda _: {"reason": "矿名选错"},
    "documents:drawing_new": lambda _: {
        "kind": "escape",
        "secrecy": "restricted",
        "valid_from": "2026-11-01",
        "file": drawing_file(),
    },
    "documents:version_new": lambda _: {"valid_from": "2026-11-02", "file": drawing_file()},
    "documents:version_withdraw": lambda _: {"reason": "误传"},
    "rulebook:draft_step": lambda world: {
        "first": "2026-11-01",
        "last": "2026-11-01",
        "mines": world.cast.mine_a.pk,
    },
    "datalink:enrolment": lambda _: {"act": "confirm", "reason": "资料齐全"},
    "datalink:exchange_setup": lambda _: {"act": "setup", "region": "14", "sectors": ["coal"], "reason": "调整"},
    "datalink:exchange_mode": lambda _: {"mode": "shadow", "reason": "试运行"},
    "datalink:exchange_again": lambda _: {"reason": "对方丢失"},
    "datalink:exchange_number": lambda _: {"number": "GF-1"},
    "alerts:step": lambda _: {"note": "已通知井下"},
    "operations:check_step": lambda _: {"statement": "忘记报告"},
    "operations:report": lambda _: {"text": "管路漏水", "measures": "备用水箱"},
    "operations:fault_step": lambda _: {"evidence": "更换管件"},
    "compliance:edition_new": lambda _: {"file": text_file()},
    "compliance:reading_propose": lambda _: {
        "option": "0",
        "value_geometry": "限期整改",
        "value_monitoring": "限期整改",
        "valid_from": "2099-01-01",
        "reason": "法制审核意见",
    },
    "compliance:baseline_propose": lambda _: {
        "value": "2023",
        "source": "示例来文",
        "source_date": "2024-01-01",
        "valid_from": "2099-01-01",
        "reason": "来文明确",
    },
    "case:deadline_step": lambda _: {"due": "2099-01-01T08:00", "reason": "等待配件"},
    "alerts:batch_acknowledge": lambda world: {"ids": str(world.alert.pk)},
    "alerts:batch_shelve": lambda world: {"ids": str(world.alert.pk), "reason": "等待检修", "minutes": "30"},
    "alerts:export": lambda world: {"ids": str(world.alert.pk)},
    "alerts:shelve": lambda _: {"reason": "等待检修", "minutes": "30"},
    "alerts:view_save": lambda _: {"name": "夜班", "grade": "red"},
    "alerts:recheck_act": lambda _: {"verdict": "true"},
    "duty:shift_new": lambda _: {"start": "2026-11-22T08:00", "end": "2026-11-23T08:00", "officer_name": "示例员"},
    "duty:shift_edit": lambda _: {
        "start": "2026-11-22T08:00",
        "end": "2026-11-23T08:00",
        "officer_name": "示例员",
        "reason": "调班",
    },
    "duty:shift_withdraw": lambda _: {"reason": "误录"},
    "duty:roster_import": lambda _: {"table": "开始,结束,值班员\n2026-11-22 08:00,2026-11-23 08:00,示例员"},
    "duty:contact_new": lambda _: {"post": "rescue_team", "phone": "0000-2", "reason": "登记"},
    "duty:contact_edit": lambda _: {"post": "dispatch", "phone": "0000-2", "reason": "换号"},
    "duty:contact_end": lambda _: {"reason": "撤销"},
    "duty:callout_new": lambda world: {"matter": "示例事项", "mine": world.cast.mine_a.code},
    "duty:callout_call": lambda _: {"means": "phone", "phone": "0000-1"},
    "duty:callout_step": lambda _: {"outcome": "已响应"},
    "duty:call_mark": lambda _: {"what": "answered_at"},
    "duty:instruction_new": lambda _: {"leader": "示例领导", "given_at": "2026-11-21T08:00", "text": "示例批示"},
    "duty:instruction_done": lambda _: {"result": "已落实"},
    "duty:bulletin_new": lambda _: {"day": "2026-11-21"},
    "duty:drill_new": lambda world: {"mine": world.cast.mine_a.code, "grade": "blue"},
    "duty:weather_new": lambda world: {
        "event": "暴雨",
        "colour": "red",
        "regions": [world.cast.mine_a.code[:6]],
        "onset": "2026-11-22T08:00",
        "expires": "2026-12-20T08:00",
        "description": "示例",
    },
    "duty:weather_cancel": lambda _: {"reason": "雨停"},
    "duty:weather_draw": lambda _: {"number": "1"},
    "duty:weather_check": lambda _: {"means": "phone", "verdict": "out"},
    "duty:weather_step": lambda _: {"below": "12"},
    "people:user_new": lambda _: {
        "username": "mine_a_deputy",
        "display_name": "甲矿副矿长",
        "roles": ["mine_manager"],
        "password": "yan-men-7-guan-shan",
        "reason": "新任",
    },
    "people:user_edit": lambda _: {"display_name": "甲矿矿长", "roles": ["mine_manager"], "reason": "改名"},
    "registry:supervisor": lambda world: {"body": world.cast.organisations["city"].pk, "reason": "提级监管"},
    "registry:place": lambda _: {"name": "示例上隅角", "place_class": "return_corner", "reason": "登记"},
    "registry:import_decide": lambda _: {"decision": "drop", "rows": ["1"]},
    "registry:contacts": lambda _: {"phone": "0355-0000000", "reason": "登记"},
    "people:user_active": lambda _: {"reason": "调离"},
    "people:user_groups": lambda _: {"reason": "移出名单"},
    "people:user_password": lambda _: {"password": "yan-men-7-guan-shan", "reason": "遗忘"},
}
