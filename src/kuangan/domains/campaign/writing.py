"""Documents of the office as Word files: a template that anybody can edit, figures from the kept content, native charts.

The template comes from code; an office that wants its own puts `templates/campaign_<kind>.docx` into the home, starting from the one
that the page hands out. Templates run in a sandbox.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from docxtpl import DocxTemplate
from jinja2.sandbox import SandboxedEnvironment

from kuangan.base.documents import official
from kuangan.base.documents.charts import Chart, Series, with_charts
from kuangan.domains.campaign.models import Report
from kuangan.domains.campaign.words import DUE_STATES, REPORT_KINDS, day_words

FOLDER: Final = "templates"
GREEN, AMBER, RED, GREY, BLUE = "5B9A3C", "E0A030", "C0392B", "A6B0BD", "2F6FB5"
CHART_STATES: Final = (
    ("met", GREEN),
    ("late", AMBER),
    ("overdue", RED),
    ("unrecorded", "7F6BA8"),
    ("near", "F2D44B"),
    ("ahead", GREY),
)
CURVES: Final = ("T2", "T5", "T7-D", "T7-R", "T9-C", "W")
"""Targets of which a chart may stand in a document, where two values are known."""


def as_docx(row: Report, home: Path) -> bytes:
    """The document. Raises jinja2.TemplateError for an own template that cannot be used."""
    template = DocxTemplate(io.BytesIO(template_of(row.kind, home)))
    template.render(words_of(row), jinja_env=SandboxedEnvironment(autoescape=True), autoescape=True)
    out = io.BytesIO()
    template.save(out)
    return with_charts(out.getvalue(), charts_of(row))


def template_of(kind: str, home: Path) -> bytes:
    """The office's own template where there is one, else the shipped one."""
    own = home / FOLDER / f"campaign_{kind}.docx"
    if own.is_file():
        return own.read_bytes()
    out = io.BytesIO()
    new_template(kind).save(out)
    return out.getvalue()


def words_of(row: Report) -> dict[str, Any]:
    """What a template may fill in."""
    content: Mapping[str, Any] = row.content
    reached = content["milestones"]["counts"]
    open_ = sum(reached[state] for state in ("overdue", "near", "ahead", "unrecorded"))
    targets = [
        one
        | {
            "title": f"{one['title']}*" if one["ours"] else one["title"],
            "shown": f"{one['value']}{one['unit'] if one['value'] != '未报' else ''}",
        }
        for one in content["targets"]
    ]
    return {
        "title": row.title,
        "programme": row.programme.title,
        "number": row.official_number or "（文号待编）",
        "organisation": row.programme.office.name,
        "kind": REPORT_KINDS[row.kind],
        "as_of": day_words(row.as_of),
        "issued": day_words(row.issued_on) if row.issued_on else "（印发日期待填）",
        "draft": row.state != "issued",
        "counts": reached,
        "reached": reached["met"] + reached["late"],
        "unreached": open_,
        "areas": content["milestones"]["areas"],
        "milestones": content["milestones"]["rows"],
        "targets": targets,
        "undefined": [one for one in targets if one["baseline"] == "未确定"],
        "unreported": [one for one in targets if one["value"] == "未报"],
        "ours": [one for one in targets if one["ours"]],
        "ledgers": content["ledgers"],
        "cities": content["cities"],
        "overdue": content["overdue"]["rows"],
        "overdue_total": content["overdue"]["total"],
        "submissions": content["submissions"]["counts"],
        "missing": content["submissions"]["missing"],
        "sources": content["sources"],
        "remarks": [line for line in row.remarks.splitlines() if line.strip()] or ["（由办公室填写）"],
    }


def charts_of(row: Report) -> dict[str, Chart]:
    """By the names that a template may mark."""
    content: Mapping[str, Any] = row.content
    areas = content["milestones"]["areas"]
    stacked = [
        Series(DUE_STATES[state], [area[state] for area in areas], colour)
        for state, colour in CHART_STATES
        if any(area[state] for area in areas)
    ]
    cities = content["cities"]
    found = {
        "milestones": Chart("across", "各领域里程碑完成情况", [area["title"] for area in areas], stacked, "项"),
        "cities": Chart(
            "stacked",
            "攻坚事项办理情况",
            [one["name"] for one in cities],
            [
                Series("已完成", [one["done"] for one in cities], GREEN),
                Series("逾期", [one["overdue"] for one in cities], RED),
                Series("其他进行中", [max(0, one["total"] - one["done"] - one["overdue"]) for one in cities], GREY),
            ],
            "项",
        ),
        "ledgers": Chart(
            "rows",
            "项目台账：文本数量、已登记、已完成",
            [one["title"] for one in content["ledgers"] if isinstance(one["planned"], int)],
            [
                Series(name, [one[key] for one in content["ledgers"] if isinstance(one["planned"], int)], colour)
                for name, key, colour in (
                    ("文本数量", "planned", GREY),
                    ("已登记", "entered", BLUE),
                    ("已完成", "final", GREEN),
                )
            ],
        ),
    }
    for one in content["targets"]:
        if one["code"] in CURVES:
            days, values = [day for day, _ in one["series"]], [value for _, value in one["series"]]
            enough = len(values) > 1
            name = f"target_{one['code'].lower().replace('-', '_')}"
            line = Series(one["title"], values if enough else [], BLUE)
            found[name] = Chart("line", one["title"], days if enough else [], [line], one["unit"])
    return found


def new_template(kind: str) -> Any:
    """The shipped template: tags of docxtpl in the layout of official documents."""
    document = official.new_official()
    official.title(document, "{{ title }}")
    official.centred(document, "{{ number }}")
    official.small(document, "")
    official.tag(document, "{%p if draft %}")
    official.small(document, "草稿：由系统按登记数据生成，须经核对、签发后印发。目标对照为系统计算，非官方认定。")
    official.tag(document, "{%p endif %}")
    for number, (words, write) in zip(NUMBERS, SECTIONS[kind], strict=False):
        official.head(document, f"{number}、{words}")
        write(document)
    official.body(document, "")
    official.signed(document, "{{ organisation }}")
    official.signed(document, "{{ issued }}")
    _annex(document)
    return document


def _summary(document: Any) -> None:
    official.body(
        document,
        "{{ programme }}共有里程碑{{ reached + unreached }}项。截至{{ as_of }}，已完成{{ reached }}项，其中按期{{ counts.met }}项、"
        "逾期完成{{ counts.late }}项；未完成{{ unreached }}项，其中已逾期{{ counts.overdue }}项、临期{{ counts.near }}项、"
        "未到期{{ counts.ahead }}项、历史期限未登记{{ counts.unrecorded }}项。攻坚事项逾期{{ overdue_total }}项。",
    )
    official.tag(document, "{%p if undefined %}")
    official.body(
        document,
        "{{ undefined|length }}项目标的基准尚未确定（{% for one in undefined %}{{ one.title }}{% if not loop.last %}、{% endif %}{% endfor %}），"
        "只列数值，不作完成与否的判断；基准年、基准值和来源待主管部门确定。",
    )
    official.tag(document, "{%p endif %}")


def _targets(document: Any) -> None:
    official.grid(
        document,
        "targets",
        ("指标", "要求", "基准", "现值", "数据日期", "对照"),
        ("title", "wanted", "baseline", "shown", "on", "state"),
        (34, 24, 32, 22, 25, 19),
    )
    official.small(
        document, "“对照”由系统按登记数值计算，非官方认定；口径和来源见附件。标*的口径为本系统判读（系统默认，待核）。"
    )
    official.chart(document, "target_t7_d")
    official.chart(document, "target_w")


def _milestones(document: Any) -> None:
    official.chart(document, "milestones")
    official.grid(
        document,
        "milestones",
        ("条款", "里程碑", "期限", "实际完成", "状态", "牵头单位"),
        ("node", "title", "due", "done", "state", "owner"),
        (20, 40, 25, 25, 19, 27),
    )
    official.small(
        document,
        "列本期内到期或完成的，以及尚未完成的已到期里程碑。完成日期为真实日期。牵头单位为本系统判读（系统默认，待核）。",
    )


def _ledgers(document: Any) -> None:
    official.chart(document, "ledgers")
    official.grid(
        document,
        "ledgers",
        ("台账", "文本数量", "已登记", "不计入", "已完成", "完成率", "资金（万元）", "已支付（万元）"),
        ("title", "planned", "entered", "excluded", "final", "share", "money", "paid"),
        (38, 18, 15, 15, 15, 17, 20, 18),
    )
    official.small(document, "完成率的分母为已登记数减去批准不计入数，不是文本数量。资金由项目单位填报。")


def _cities(document: Any) -> None:
    official.body(
        document,
        "本期应报送事项中，按期报送{{ submissions.met }}项、逾期报送{{ submissions.late }}项、逾期未报{{ submissions.overdue }}项。",
    )
    official.tag(document, "{%p if missing %}")
    official.body(
        document,
        "逾期未报的是：{% for one in missing %}{{ one.owner }}《{{ one.title }}》（{{ one.due }}）{% if not loop.last %}、{% endif %}{% endfor %}。",
    )
    official.tag(document, "{%p endif %}")
    official.chart(document, "cities")
    official.tag(document, "{%p if overdue %}")
    official.grid(
        document,
        "overdue",
        ("逾期事项", "责任单位", "期限", "逾期（天）"),
        ("text", "owner", "due", "days"),
        (74, 42, 22, 18),
    )
    official.small(document, "共{{ overdue_total }}项，最多列四十项。按责任单位列出，不作排名。")
    official.tag(document, "{%p endif %}")


def _remarks(document: Any) -> None:
    official.tag(document, "{%p for line in remarks %}")
    official.body(document, "{{ line }}")
    official.tag(document, "{%p endfor %}")


def _annex(document: Any) -> None:
    official.new_page(document)
    official.head(document, "附件：数据来源和口径")
    official.grid(
        document, "sources", ("数据", "数值", "来源", "数据日期"), ("figure", "value", "source", "on"), (44, 26, 60, 26)
    )
    official.small(document, "")
    official.grid(document, "targets", ("指标", "口径"), ("title", "definition"), (44, 112))
    official.small(
        document,
        "数据截至{{ as_of }}。数字为生成时按该日重算的快照。里程碑、攻坚事项、报送和项目均可在系统中逐条核对。",
    )


Write = Callable[[Any], None]
NUMBERS: Final = "一二三四五六七八九"
WHOLE: Final[tuple[tuple[str, Write], ...]] = (
    ("总体情况", _summary),
    ("目标指标", _targets),
    ("里程碑完成情况", _milestones),
    ("项目台账", _ledgers),
    ("攻坚事项和各市报送", _cities),
    ("存在问题和下步工作", _remarks),
)
SECTIONS: Final[Mapping[str, tuple[tuple[str, Write], ...]]] = {
    "dispatch": (
        ("总体情况", _summary),
        ("里程碑", _milestones),
        ("攻坚事项和各市报送", _cities),
        ("调度要求", _remarks),
    ),
    "yearly": WHOLE,
    "final": WHOLE,
}
