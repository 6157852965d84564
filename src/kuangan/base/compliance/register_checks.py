"""Checks on the register: what is known of a mine, who supervises it, its own limits, its cameras.

Whoever wrote it, the register is paper: nothing in it proves a clause. What is missing is unknown.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Final

from django.db.models import Count, Max, Q

from kuangan.base.compliance.checks import Check, Evidence, Finding, Json, State, Subject, Subjects
from kuangan.base.compliance.grade_checks import ADMISSION, GRADES, GRADING
from kuangan.base.compliance.helpers import NO_FACTS, facts_of, few, newest, page_of, pages_of, table
from kuangan.base.registry.models import Camera, Mine, MineKind, Place, Point
from kuangan.base.registry.supervision import in_force, mines_without_one_direct
from kuangan.base.registry.words import ATTRIBUTES, VIEW_WORDS

if TYPE_CHECKING:
    from kuangan.library.warning.video.settings import CoverageRule

COAL: Final = frozenset({MineKind.UNDERGROUND_COAL.value, MineKind.OPEN_PIT_COAL.value})
UNDERGROUND_COAL: Final = frozenset({MineKind.UNDERGROUND_COAL.value})
GRADED: Final = ("gas_grade", "water_grade", "fire_grade", "dust_grade")
NEEDED: Final[Mapping[str, tuple[str, ...]]] = {
    MineKind.UNDERGROUND_COAL: ("state", "capacity", *GRADED, "standard_grade", "flood_threat", "coordinates"),
    MineKind.OPEN_PIT_COAL: ("state", "capacity", "fire_grade", "standard_grade", "flood_threat", "coordinates"),
    MineKind.UNDERGROUND_NONCOAL: ("state", "capacity", "standard_grade", "flood_threat", "coordinates"),
    MineKind.OPEN_PIT_NONCOAL: ("state", "capacity", "standard_grade", "flood_threat", "coordinates"),
    MineKind.TAILINGS_POND: ("state", "standard_grade", "flood_threat", "coordinates"),
}
"""What must be known of a mine of each kind: a default of ours, the clauses name no list."""
REGISTER: Final = Evidence("一矿一档", "registry:mine", ("{subject}",))
WORKING_VIEWS: Final = {"coal_face": "coal_face", "heading_face": "heading", "heading_return": "heading"}
"""Class of a registered place → kind of view that its camera must have."""


def base_facts(subjects: Subjects, at: datetime) -> Iterator[Finding]:
    """SX36-12, its first words: that the basic facts of the mine are known. Nothing of what becomes of it."""
    known = facts_of(None, at)
    for subject in subjects:
        held = known.get(subject.id, NO_FACTS)
        missing = lacking(subject.kind, held.values)
        pages = pages_of(subject, REGISTER)
        if missing:
            yield Finding(subject.id, State.UNKNOWN, "missing", {"facts": missing}, held.recorded_at, pages)
        else:
            yield Finding(subject.id, State.PAPER, "complete", {}, held.recorded_at, pages)


def disaster_grades(subjects: Subjects, at: datetime) -> Iterator[Finding]:
    """SX34-36 and SX36-16: that grades of gas and water are on record. Not whether they are right, nor whether they are lived up to."""
    grades = ("gas_grade", "water_grade")
    known = facts_of(grades, at)
    for subject in subjects:
        held = known.get(subject.id, NO_FACTS)
        missing = [ATTRIBUTES[name] for name in grades if name not in held.values]
        pages = pages_of(subject, REGISTER)
        if missing:
            yield Finding(subject.id, State.UNKNOWN, "missing", {"facts": missing}, held.recorded_at, pages)
        else:
            yield Finding(subject.id, State.PAPER, "recorded", {}, held.recorded_at, pages)


def facts_of_territory(subjects: Subjects, at: datetime) -> Iterator[Finding]:
    """SX36-12: that a county or city has the basic facts of every mine on record."""
    known, below = facts_of(None, at), _mines_of(subjects)
    for subject in subjects:
        mines = below.get(subject.id, {})
        held = {code: known.get(code, NO_FACTS) for code in mines}
        names = [name for code, (name, kind) in mines.items() if lacking(kind, held[code].values)]
        recorded = newest(*(facts.recorded_at for facts in held.values()))
        pages = (_mine_list(subjects, subject),)
        if not mines:
            yield Finding(subject.id, State.NOT_APPLICABLE, "no_mines", evidence=pages)
        elif names:
            inputs: dict[str, Json] = {"mines": len(mines), "open": len(names), "names": few(names)}
            yield Finding(subject.id, State.UNKNOWN, "missing", inputs, recorded, pages)
        else:
            yield Finding(subject.id, State.PAPER, "complete", {"mines": len(mines)}, recorded, pages)


def one_supervisor(subjects: Subjects, at: datetime) -> Iterator[Finding]:
    """SX36-21: one lead department. Judged of mines alone: each has exactly one direct supervisor on record."""
    others, below = mines_without_one_direct(at), _mines_of(subjects)
    for subject in subjects:
        mines = below.get(subject.id, {})
        none = [mines[code][0] for code in mines if others.get(code) == 0]
        many = [mines[code][0] for code in mines if others.get(code, 0) > 1]
        pages = (_mine_list(subjects, subject),)
        if not mines:
            yield Finding(subject.id, State.NOT_APPLICABLE, "no_mines", evidence=pages)
        elif many:
            inputs: dict[str, Json] = {"count": len(many), "names": few(many)}
            yield Finding(subject.id, State.SUSPECTED, "several", inputs, evidence=pages)
        elif none:
            inputs = {"count": len(none), "names": few(none)}
            yield Finding(subject.id, State.UNKNOWN, "nobody", inputs, evidence=pages)
        else:
            yield Finding(subject.id, State.PAPER, "one", {"mines": len(mines)}, evidence=pages)


def own_limits(subjects: Subjects, at: datetime) -> Iterator[Finding]:
    """SX34-42: an over-limit that is to be told of in time must be one. Judged: no point alarms above the statutory row.

    Points are defined by what the mine sends; that is its own word.
    """
    points = Point.objects.filter(in_force(at), defined=True, statutory__isnull=False).order_by()
    counted = points.values_list("mine_id").annotate(
        all=Count("pk"), above=Count("pk", filter=Q(own_above=True)), newest=Max("valid_from")
    )
    found = {mine: row for mine, *row in counted}
    for subject in subjects:
        points_of, above, since = found.get(subject.id, (0, 0, None))
        query = f"?mine={subject.id}" + ("&deviation=above" if above else "")
        pages = (Evidence("限值", "registry:limits", query=query),)
        if above:
            yield Finding(subject.id, State.SUSPECTED, "above", {"count": above}, since, pages)
        elif points_of:
            yield Finding(subject.id, State.PAPER, "within", {}, since, pages)
        else:
            yield Finding(subject.id, State.UNKNOWN, "no_points", evidence=pages)


def places_classified(subjects: Subjects, at: datetime) -> Iterator[Finding]:
    """SX34-42: which limit holds depends on the place. Judged: the place of every methane point is on record, not guessed."""
    from kuangan.library.warning.rulebook import shipped

    types = [code for code, row in shipped().quantities.items() if row.quantity == "methane"]
    points = Point.objects.filter(in_force(at), defined=True, sensor_type__in=types).order_by()
    counted = points.values_list("mine_id").annotate(
        all=Count("pk"), guessed=Count("pk", filter=Q(place=None)), newest=Max("valid_from")
    )
    found = {mine: row for mine, *row in counted}
    for subject in subjects:
        number, guessed, since = found.get(subject.id, (0, 0, None))
        pages = pages_of(subject, Evidence("限值", "registry:limits", query="?mine={subject}&judged="))
        if not number:
            yield Finding(subject.id, State.UNKNOWN, "no_points", evidence=pages)
        elif guessed:
            yield Finding(subject.id, State.UNKNOWN, "guessed", {"count": guessed}, since, pages)
        else:
            yield Finding(subject.id, State.PAPER, "recorded", {}, since, pages)


def cameras(subjects: Subjects, at: datetime) -> Iterator[Finding]:
    """SX34-15 and SX36-7: that the register has a camera for every kind of place that must be seen. Whether it is live, streams say."""
    from kuangan.library.warning.rulebook import shipped
    from kuangan.library.warning.video.settings import NO_COVERAGE, CoverageRule

    rule = shipped().settings(NO_COVERAGE, CoverageRule)
    seen, known_at = _views(rule, at)
    workings = _workings(at)
    for subject in subjects:
        must = {row.place for row in rule.places if row.when == "standing" and subject.kind in row.mine_kinds}
        asked = must | workings.get(subject.id, set())
        missing = [VIEW_WORDS[kind] for kind in VIEW_WORDS if kind in asked and kind not in seen.get(subject.id, ())]
        pages = pages_of(subject, Evidence("摄像机", "portal:mine_video", ("{subject}",)))
        if subject.id not in seen:
            yield Finding(subject.id, State.UNKNOWN, "none", evidence=pages)
        elif missing:
            yield Finding(subject.id, State.UNKNOWN, "missing", {"places": missing}, known_at[subject.id], pages)
        else:
            yield Finding(subject.id, State.PAPER, "registered", {}, known_at[subject.id], pages)


def lacking(kind: str, known: Collection[str]) -> list[str]:
    """The words of the facts that are not known of a mine of a kind."""
    return [ATTRIBUTES[name] for name in NEEDED.get(kind, ()) if name not in known]


def _mines_of(subjects: Subjects) -> dict[str, dict[str, tuple[str, str]]]:
    """{region: {mine: (name, kind)}} for counties or cities. One query."""
    place = "county_id" if subjects.kind == "county" else "city_id"
    rows = Mine.objects.filter(provisional=False, **{f"{place}__isnull": False}).order_by("code")
    found: dict[str, dict[str, tuple[str, str]]] = {}
    for region, code, name, kind in rows.values_list(place, "code", "name", "kind"):
        found.setdefault(region, {})[code] = (name, kind)
    return found


def _mine_list(subjects: Subjects, subject: Subject) -> Evidence:
    """The mines of a territory."""
    query = "?q={name}" if subjects.kind == "county" else "?city={subject}"
    return page_of(Evidence("矿山", "registry:mines", query=query), subject)


def _views(rule: CoverageRule, at: datetime) -> tuple[dict[str, set[str]], dict[str, datetime]]:
    """Kinds of places that registered cameras look at, and when the newest row was recorded, by mine. One query."""
    kinds: dict[str, set[str]] = {}
    since: dict[str, datetime] = {}
    rows = Camera.objects.filter(in_force(at)).order_by().values_list("mine_id", "place", "recorded_at")
    for mine, place, recorded in rows:
        found = rule.place_of(place)
        kinds.setdefault(mine, set()).update({found[0]} if found else ())
        since[mine] = max(since.get(mine, recorded), recorded)
    return kinds, since


def _workings(at: datetime) -> dict[str, set[str]]:
    """Kinds of views that the registered working places of a mine ask for. One query."""
    rows = Place.objects.filter(in_force(at), place_class__in=WORKING_VIEWS).order_by()
    found: dict[str, set[str]] = {}
    for mine, place in rows.values_list("mine_id", "place_class").distinct():
        found.setdefault(mine, set()).add(WORKING_VIEWS[place])
    return found


BASE_FACTS: Final = Check(
    id="register.base_facts",
    title="矿山基本情况",
    subject="mine",
    judge=base_facts,
    words={"complete": "基本情况均已登记", "missing": "未登记：{facts}"},
)
TERRITORY_WORDS: Final = {
    "complete": "辖区 {mines} 座矿山的基本情况均已登记",
    "missing": "辖区 {mines} 座矿山中 {open} 座的基本情况不全：{names}",
    "no_mines": "辖区没有登记的矿山",
}
COUNTY_FACTS: Final = Check(
    id="register.county_facts", title="县域矿山底数", subject="county", judge=facts_of_territory, words=TERRITORY_WORDS
)
CITY_FACTS: Final = Check(
    id="register.city_facts", title="市域矿山底数", subject="city", judge=facts_of_territory, words=TERRITORY_WORDS
)
SUPERVISOR_WORDS: Final = {
    "one": "辖区 {mines} 座矿山均登记了一个直接监管部门",
    "nobody": "{count} 座矿山没有登记直接监管部门：{names}",
    "several": "{count} 座矿山登记了两个以上直接监管部门，待核实：{names}",
    "no_mines": "辖区没有登记的矿山",
}
COUNTY_SUPERVISORS: Final = Check(
    id="register.county_supervisors",
    title="县域矿山直接监管部门",
    subject="county",
    judge=one_supervisor,
    words=SUPERVISOR_WORDS,
)
CITY_SUPERVISORS: Final = Check(
    id="register.city_supervisors",
    title="市域矿山直接监管部门",
    subject="city",
    judge=one_supervisor,
    words=SUPERVISOR_WORDS,
)
DISASTER_GRADES: Final = Check(
    id="register.disaster_grades",
    title="瓦斯等级和水文地质类型登记",
    subject="mine",
    judge=disaster_grades,
    words={"recorded": "瓦斯等级和水文地质类型已登记", "missing": "未登记：{facts}"},
    mine_kinds=UNDERGROUND_COAL,
)
OWN_LIMITS: Final = Check(
    id="register.own_limits",
    title="自设报警值与规程限值",
    subject="mine",
    judge=own_limits,
    words={
        "within": "有规程限值的测点，自设报警值均不高于规程限值（测点定义由矿方上传）",
        "above": "{count} 个测点的自设报警值高于规程限值，待核实",
        "no_points": "没有带规程限值的测点定义，无从核对",
    },
    mine_kinds=COAL,
)
PLACES: Final = Check(
    id="register.places_classified",
    title="甲烷测点地点类别登记",
    subject="mine",
    judge=places_classified,
    words={
        "recorded": "甲烷测点的地点类别均已登记",
        "guessed": "{count} 个甲烷测点未登记地点类别，限值按安装位置文字识别或系统默认，非官方分级",
        "no_points": "没有甲烷测点定义，无从核对",
    },
    mine_kinds=COAL,
)
CAMERAS: Final = Check(
    id="register.cameras",
    title="摄像机登记",
    subject="mine",
    judge=cameras,
    words={
        "registered": "须有视频的各类地点均登记了摄像机（由矿方登记）",
        "missing": "登记的摄像机没有覆盖：{places}",
        "none": "没有登记摄像机",
    },
)
CHECKS: Final = table(
    (BASE_FACTS, ("SX36-12",)),
    (COUNTY_FACTS, ("SX36-12",)),
    (CITY_FACTS, ("SX36-12",)),
    (COUNTY_SUPERVISORS, ("SX36-21",)),
    (CITY_SUPERVISORS, ("SX36-21",)),
    (DISASTER_GRADES, ("SX34-36", "SX36-16")),
    (OWN_LIMITS, ("SX34-42",)),
    (PLACES, ("SX34-42",)),
    (CAMERAS, ("SX34-15", "SX36-7")),
    (GRADING, ("SX36-23",)),
    (GRADES, ("SX36-T3", "SX36-23")),
    (ADMISSION, ("SX34-55", "SX36-11")),
)
