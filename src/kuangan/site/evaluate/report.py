"""The outcome as text and as one HTML page that needs nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from kuangan.site.evaluate.charts import MARK, curve, recall_bars

FAMILIES = {
    "limit": "超限 limit",
    "silence": "数据中断与缺失 silence",
    "trend": "趋势 trend",
    "tamper": "数据造假 tamper",
    "people": "人员 people",
    "danger": "险情 danger",
    "video": "视频 video",
}
STYLE = """body{font:15px/1.6 system-ui,"Noto Sans CJK SC","Microsoft YaHei",sans-serif;max-width:960px;margin:24px auto;padding:0 16px;color:#24292f}
svg{max-width:100%;height:auto;font-family:inherit;margin:8px 0 20px}table{border-collapse:collapse;width:100%;font-size:13px}
td,th{border-bottom:1px solid #d0d7de;padding:4px 6px;text-align:left;vertical-align:top}.wide{overflow-x:auto}
.mark{background:#fff4d6;border:1px solid #b26a00;padding:6px 12px;font-weight:600}.small{color:#57606a;font-size:13px}"""
NOTES = (
    "召回：植入的事实中被找到的份额；误报：与任何植入事实都不相符的预警，按每矿每周计。",
    "起点误差、时延为中位数；“精确”指起止时刻与写出的数值完全一致。",
    "未实现的检测器按召回 0 计入，不隐藏。植入了同类事实、可能被合理提及的预警既不计命中，也不计误报。",
    "基线与其他程序的误报从宽计算：只要该矿当时植入了任何事实，就不算误报。",
    "全部矿山、人员、数据均为合成；报告所用矿山与调参所用矿山互不相同。结果不代表任何真实矿山。",
)


def by_family(rows: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, dict[str, Mapping[str, Any]]]]:
    """Rows of each family in the order of the report; families that are not in the table come last."""
    known = dict.fromkeys([*FAMILIES, *(row["family"] for row in rows.values())])
    for family in known:
        own = {name: row for name, row in rows.items() if row["family"] == family}
        if own:
            yield family, own


def head(result: Mapping[str, Any]) -> str:
    return (
        f"{MARK} · seed {result['seed']} · stream {result['stream']} · {result['trials']} trials · "
        f"{result['mine_weeks']} mine-weeks · {result['seconds']} s"
    )


def text(result: Mapping[str, Any]) -> str:
    """One line per detector, grouped by family; then baselines, other programs and curves."""
    lines = [head(result), ""]
    for family, rows in by_family(result["detectors"]):
        lines += [f"[{FAMILIES.get(family, family)}]", *(_line(name, row) for name, row in rows.items()), ""]
    lines.append(f"[baselines] {MARK}")
    lines += [f"  {name:30} {_compared(row)}" for name, row in result["baselines"].items()]
    for name, row in result["programs"].items():
        lines.append(f"[{name}] {MARK} " + (row["version"] if row["run"] else f"not run: {row['reason']}"))
        lines += [f"  {test:30} {_compared(told)}" for test, told in row.get("tests", {}).items()]
    for name, row in result["detectors"].items():
        if row.get("curve"):
            lines.append(f"[curve of {name}] {MARK}")
            lines += [
                f"  {p['setting']:30} recall {p['recall']:.3f}  false/mine-week {p['false_per_mine_week']:.3f}"
                for p in row["curve"]
            ]
    return "\n".join(lines)


def _line(name: str, row: Mapping[str, Any]) -> str:
    recall = "-" if row["recall"] is None else f"{row['recall']:.3f}"
    state = "" if row["built"] else "  NOT BUILT"
    reason = f"  not planted: {row['not_planted']}" if row.get("not_planted") else ""
    exact = f"  exact {row['exact_found']}/{row['exact_planted']}" if row["exact_planted"] else ""
    onset = "" if row["median_onset_error_s"] is None else f"  onset ±{row['median_onset_error_s']:g} s"
    delay = "" if row["median_delay_s"] is None else f"  delay {row['median_delay_s']:g} s"
    counts = f"{row['found']}/{row['planted']}"
    false = row["false_per_mine_week"] or 0
    return (
        f"  {name:30} recall {recall:>5} ({counts:>7})  false/mine-week {false:.3f}{onset}{delay}{exact}{state}{reason}"
    )


def _compared(row: Mapping[str, Any]) -> str:
    if not row["trials"]:
        return "no trial for it"
    found = "  ".join(f"{rule} {told['recall']:.2f}" for rule, told in row["recall"].items())
    return f"false/mine-week {row['false_per_mine_week'] or 0:.2f}  recall: {found}"


def _table(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    top = "".join(f"<th>{escape(name)}</th>" for name in heads)
    body = "".join("<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<div class="wide"><table><caption class="small">{MARK}</caption><tr>{top}</tr>{body}</table></div>'


def _shown(value: object, unit: str = "") -> str:
    return "—" if value is None else f"{value:g}{unit}" if isinstance(value, float) else f"{value}{unit}"


def _detectors(result: Mapping[str, Any]) -> Iterator[str]:
    for family, rows in by_family(result["detectors"]):
        title = FAMILIES.get(family, family)
        yield f"<h2>{escape(title)}</h2>"
        yield recall_bars(title, rows)
        cells = [
            (
                name,
                "是" if row["built"] else "否",
                f"{row['found']}/{row['planted']}",
                _shown(row["median_onset_error_s"], " s"),
                _shown(row["median_delay_s"], " s"),
                f"{row['exact_found']}/{row['exact_planted']}" if row["exact_planted"] else "—",
                "；".join(f"{n} {v['found']}/{v['planted']}" for n, v in row.get("by_condition", {}).items()),
            )
            for name, row in rows.items()
        ]
        yield _table(("检测器", "已实现", "找到/植入", "起点误差", "时延", "精确", "按条件"), cells)
        for name, row in rows.items():
            if row.get("curve"):
                yield curve(f"{name} 召回与误报", row["curve"])


def _comparisons(result: Mapping[str, Any]) -> Iterator[str]:
    yield "<h2>一行基线与其他程序</h2>"
    rows = [(name, *_cells(row)) for name, row in result["baselines"].items()]
    for name, row in result["programs"].items():
        if not row["run"]:
            rows.append((name, "未运行", row["reason"]))
        rows += [(f"{name} {row['version']} {test}", *_cells(told)) for test, told in row.get("tests", {}).items()]
    yield _table(("判定", "误报（次/矿周）", "召回"), rows)


def _cells(row: Mapping[str, Any]) -> tuple[str, str]:
    found = "；".join(f"{rule} {told['recall']:.0%}（{told['planted']}）" for rule, told in row["recall"].items())
    return _shown(row["false_per_mine_week"]), found


def html(result: Mapping[str, Any]) -> str:
    """One page with inline charts."""
    notes = "".join(f"<li>{escape(note)}</li>" for note in NOTES)
    parts = [
        f'<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>检测能力评估（{MARK}）</title>',
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head><body>',
        f'<h1>检测能力评估</h1><p class="mark">{MARK}</p><p>{escape(head(result))}</p><ul class="small">{notes}</ul>',
        *_detectors(result),
        *_comparisons(result),
        "</body></html>\n",
    ]
    return "\n".join(parts)


def write(result: Mapping[str, Any], folder: Path) -> None:
    """`report.html` and `report.txt`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "report.html").write_text(html(result), "utf-8")
    (folder / "report.txt").write_text(text(result) + "\n", "utf-8")
