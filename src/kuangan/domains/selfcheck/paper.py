"""The sheet and its report as paper: to be printed, signed by hand, scanned; a digest on it ties it to what is kept here."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from kuangan.base.documents.word import FONTS, line, new_template, rendered, table
from kuangan.domains.selfcheck.flow import SHEET
from kuangan.domains.selfcheck.models import Sheet
from kuangan.domains.selfcheck.reading import Line, grouped, lines
from kuangan.domains.selfcheck.rules import INCONSISTENT, RESULT_WORDS
from kuangan.domains.selfcheck.signing import digest_of
from kuangan.domains.selfcheck.words import minute


def words_of(sheet: Sheet, at: datetime) -> dict[str, Any]:
    """What page and template fill in."""
    rules, rows = sheet.round.rules, lines(sheet, at)
    return {
        "title": f"{sheet.mine.name}{rules.label}报告",
        "round": sheet.round.title,
        "basis": sheet.round.basis or "—",
        "number": sheet.case.number,
        "mine": sheet.mine.name,
        "code": sheet.mine_id,
        "kind": sheet.mine.get_kind_display(),
        "supervisor": sheet.supervisor.name if sheet.supervisor else "未登记",
        "state": SHEET.states[sheet.case.state],
        "submitted": minute(sheet.submitted_at) or "未提交",
        "summary": _summary(sheet, rows),
        "groups": [{"title": group.title, "rows": [_row(one) for one in group.lines]} for group in grouped(rows)],
        "rows": [_row(one) for one in rows],
        "unmet": [_unmet(one) for one in rows if one.answer and one.answer.value == "unmet" and not one.again],
        "differences": [_difference(one, row) for one in rows for row in one.differences],
        "signatures": [
            {"post": rules.posts[row.post], "name": str(row.by), "title": row.title, "at": minute(row.at)}
            for row in sheet.signatures.filter(voided_at=None).select_related("by")
        ],
        "posts": list(rules.posts.values()),
        "digest": digest_of(sheet),
        "edition": sheet.edition.digest[:16],
        "made": minute(at),
        "inconsistent": INCONSISTENT,
    }


def _summary(sheet: Sheet, rows: list[Line]) -> str:
    met = sheet.answered - sheet.unmet - sheet.absent
    waiting = sum(row.verified_at is None for one in rows for row in one.differences)
    said = f"应查 {sheet.asked} 条，已答 {sheet.answered} 条：符合 {met} 条，不符合 {sheet.unmet} 条，不适用 {sheet.absent} 条。"
    return said + (f"{INCONSISTENT}、待核实 {waiting} 条。" if waiting else "")


def _row(one: Line) -> dict[str, str]:
    row = one.answer
    days = (
        ""
        if row is None or not (row.valid_from or row.valid_to)
        else f"{row.valid_from or '—'} 至 {row.valid_to or '—'}"
    )
    return {
        "node": one.node.id,
        "title": one.node.title,
        "summary": one.node.summary,
        "value": one.value_word,
        "text": (row.text if row and not one.again else "") or "—",
        "days": days or "—",
        "files": "；".join(f"{file.name}（SHA-256 {file.sha256[:12]}…）" for file in one.files) or "—",
        "mark": one.mark,
    }


def _unmet(one: Line) -> dict[str, str]:
    plan = one.problem
    return {
        "node": f"{one.node.id} {one.node.title}",
        "text": one.answer.text if one.answer else "",
        "measures": plan.measures if plan else "未登记整改措施",
        "responsible": plan.responsible if plan else "—",
        "due": f"{plan.due:%Y-%m-%d}" if plan else "—",
        "done": "已核验" if plan and plan.verified_at else "已报整改完成" if plan and plan.solved_at else "整改中",
    }


def _difference(one: Line, row: Any) -> dict[str, str]:
    return {
        "node": f"{one.node.id} {one.node.title}",
        "known": str(row.known.get("words", "")),
        "explanation": row.explanation or "—",
        "result": RESULT_WORDS.get(row.result, "待核实"),
    }


def as_docx(sheet: Sheet, at: datetime) -> bytes:
    """The report as a Word file."""
    return rendered(template(), words_of(sheet, at))


def template() -> Any:
    """The template: tags of docxtpl in a plain document."""
    document = new_template()
    line(document, "{{ title }}", FONTS["title"], 22, centre=True)
    line(document, "{{ number }}　{{ round }}", FONTS["body"], 14, centre=True)
    line(document, "一、基本情况", FONTS["head"], 16)
    line(document, "矿山：{{ mine }}（{{ code }}，{{ kind }}）。直接监管单位：{{ supervisor }}。依据：{{ basis }}。")
    line(document, "办理状态：{{ state }}；提交时间：{{ submitted }}（北京时间）。")
    line(document, "二、总体情况", FONTS["head"], 16)
    line(document, "{{ summary }}")
    line(document, "三、不符合及整改", FONTS["head"], 16)
    heads = ("条款", "情况", "整改措施", "责任人", "期限", "进展")
    table(document, "unmet", heads, ("node", "text", "measures", "responsible", "due", "done"))
    line(document, "四、与监测数据的核对", FONTS["head"], 16)
    line(document, "下列各条的填报与监测数据不一致；不一致不等于不属实，以核实结果为准。", size=12)
    table(document, "differences", ("条款", "监测数据", "企业说明", "核实"), ("node", "known", "explanation", "result"))
    line(document, "五、逐条结果", FONTS["head"], 16)
    fields = ("node", "title", "value", "text", "days", "files")
    table(document, "rows", ("条款", "内容", "结论", "说明", "起止日期", "佐证材料"), fields)
    line(document, "六、签字", FONTS["head"], 16)
    line(document, "{%p for one in signatures %}")
    line(document, "{{ one.post }}：{{ one.name }}（{{ one.title }}），{{ one.at }} 在系统中签字。")
    line(document, "{%p endfor %}")
    line(document, "{%p for post in posts %}")
    line(document, "{{ post }}（手写签字）：________________　　年　　月　　日")
    line(document, "{%p endfor %}")
    line(
        document,
        "内容摘要（SM3）：{{ digest }}；条文版本 {{ edition }}；生成于 {{ made }}。系统签字用于核对内容有无变化，"
        "本件以手写签字或依法认可的电子签名为准。条款标题为本系统编写，不是文件原文。",
        size=10,
    )
    return document
