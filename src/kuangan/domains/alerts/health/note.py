"""The note on alarm health: the same numbers as the page, in words, for a Word file and for paper."""

from __future__ import annotations

from typing import Any

from kuangan.base.case.words import GRADE_WORDS
from kuangan.base.documents.word import FONTS, line, new_template, rendered, table
from kuangan.domains.alerts.health.answers import level_word, minutes
from kuangan.domains.alerts.health.measuring import Health, shown
from kuangan.domains.alerts.health.targets import TARGETS


def words_of(health: Health, organisation: str, made: str) -> dict[str, Any]:
    """What the note fills in."""
    rate, heard = health.per_hour, health.heard
    return {
        "title": "告警运行情况通报",
        "organisation": organisation,
        "period": health.period.word,
        "place": health.place,
        "raised": health.raised.value,
        "told": health.told.value,
        "staffed": "未知（没有值班表）"
        if rate.rate is None
        else f"{shown('per_officer_hour', rate.rate)} 条（{rate.alerts} 条 ÷ {rate.officer_hours:.0f} 人时；值班表覆盖 {rate.covered:.0%}）",
        "lines": [
            {
                "word": row.word,
                "value": row.value,
                "target": row.target,
                "source": row.source,
                "met": "未知" if row.met is None else "在目标内" if row.met else "超出",
            }
            for row in health.lines
        ],
        "floods": f"{health.flood_count} 次，共 {health.flooded} 条",
        "chattering": [
            {"kind": row.kind, "place": row.place, "mine": row.mine, "count": row.count} for row in health.chattering
        ],
        "standing": health.standing.value,
        "stale": health.stale.value,
        "answers": [
            {
                "step": row.step_word,
                "body": f"{level_word(row.level)} {row.body}",
                "count": row.count,
                "half": minutes(row.half),
                "most": minutes(row.most),
            }
            for row in health.answers
        ],
        "by_grade": [
            {
                "step": row.step_word,
                "grade": GRADE_WORDS[row.grade],
                "count": row.count,
                "half": minutes(row.half),
                "most": minutes(row.most),
            }
            for row in health.by_grade
        ],
        "causes": [
            {"word": row.word, "count": row.count, "share": f"{row.share:.0%}", "false": "误报" if row.false else "—"}
            for row in health.causes
        ],
        "unverified": health.unverified,
        "mine_rate": percent(heard.mine_rate),
        "mines": heard.mines,
        "point_rate": percent(heard.point_rate),
        "points": heard.points,
        "announced": f"{heard.announced_hours:.1f}",
        "excluded": excluded_words(health),
        "places": [
            {
                "name": row.name,
                "raised": row.raised.value,
                "stale": row.stale.value,
                "rate": percent(row.heard.mine_rate),
                "points": percent(row.heard.point_rate),
            }
            for row in health.places
        ],
        "basis": TARGETS.basis,
        "made": made,
    }


def percent(value: float | None) -> str:
    return "未知" if value is None else f"{value:.2%}"


def excluded_words(health: Health) -> str:
    """How many mines are left out, by reason."""
    counts: dict[str, int] = {}
    for row in health.heard.excluded:
        counts[row.why] = counts.get(row.why, 0) + 1
    return "、".join(f"{why} {count} 座" for why, count in counts.items()) or "无"


def as_docx(words: dict[str, Any]) -> bytes:
    """The note as a Word file."""
    document = new_template()
    line(document, "{{ title }}", FONTS["title"], 22, centre=True)
    line(document, "{{ organisation }}　{{ period }}", centre=True)
    line(
        document, "统计范围：{{ place }}。产生 {{ raised }} 条，送达本级 {{ told }} 条。每人每小时送达 {{ staffed }}。"
    )
    line(document, "一、与行业惯例比较", FONTS["head"], 16)
    table(document, "lines", ("事项", "数值", "目标", "出处", "结果"), ("word", "value", "target", "source", "met"))
    line(document, "洪峰 {{ floods }}；持续超过 24 小时 {{ standing }} 条；超过 24 小时未闭环 {{ stale }} 条。")
    line(document, "二、反复的对象", FONTS["head"], 16)
    table(document, "chattering", ("类别", "地点", "矿山", "次数"), ("kind", "place", "mine", "count"))
    line(document, "三、响应用时", FONTS["head"], 16)
    heads = ("事项", "级别", "条数", "一半在", "95% 在")
    table(document, "by_grade", heads, ("step", "grade", "count", "half", "most"))
    table(document, "answers", ("事项", "单位", "条数", "一半在", "95% 在"), ("step", "body", "count", "half", "most"))
    line(document, "四、原因", FONTS["head"], 16)
    table(document, "causes", ("原因", "条数", "占比", "性质"), ("word", "count", "share", "false"))
    line(document, "另有 {{ unverified }} 条尚未核实原因。", size=11)
    line(document, "五、在线率", FONTS["head"], 16)
    line(
        document,
        "矿山在线率 {{ mine_rate }}（{{ mines }} 座）；测点在线率 {{ point_rate }}（{{ points }} 个，不含断网时段）。"
        "报备时段 {{ announced }} 小时不计入。未计入的矿山：{{ excluded }}。",
    )
    heads = ("地区", "产生", "超过 24 小时未闭环", "矿山在线率", "测点在线率")
    table(document, "places", heads, ("name", "raised", "stale", "rate", "points"))
    line(document, "{{ made }} 生成，不含演练。目标依据：{{ basis }}。", size=10)
    return rendered(document, words)
