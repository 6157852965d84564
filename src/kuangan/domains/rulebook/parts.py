"""Parts of a rule book that can be changed by themselves: the settings of a rule, the ladder of a quantity. Books are plain data here."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any, Final

from pydantic import ValidationError

from kuangan.domains.rulebook.words import ITEMS, QUANTITIES, RULES, SETTINGS
from kuangan.library.warning.rulebook import FLAT, OVER_LIMIT, TREND, RuleBook

Book = dict[str, Any]
Path = tuple[str | int, ...]
LADDER: Final = "ladder."
WHOLE: Final = ""
LONGEST_WARM: Final = 8
FAULTS: Final[Mapping[str, str]] = {
    "missing": "必填",
    "extra_forbidden": "没有这个参数",
    "int_parsing": "须为整数",
    "int_type": "须为整数",
    "int_from_float": "须为整数",
    "float_parsing": "须为数字",
    "float_type": "须为数字",
    "finite_number": "须为有限的数字",
    "greater_than": "须大于 {gt:g}",
    "greater_than_equal": "不得小于 {ge:g}",
    "less_than": "须小于 {lt:g}",
    "less_than_equal": "不得大于 {le:g}",
    "too_short": "至少保留一项",
    "too_long": "项数过多",
    "literal_error": "不在可选范围内",
    "string_type": "须为文字",
    "string_too_short": "文字过短",
    "bool_parsing": "须为是或否",
    "list_type": "须为列表",
    "dict_type": "须为分级表",
}
"""What pydantic finds wrong, in words."""


def parts(book: Book) -> dict[str, str]:
    """Code of each part that can be drafted → its name."""
    rules = {code: RULES.get(code, code) for code in book["rules"]}
    return rules | {f"{LADDER}{name}": f"{QUANTITIES.get(name, name)}分级" for name in book["ladders"]}


def part_word(code: str) -> str:
    """The name of a part, whatever book it stands in."""
    if code == WHOLE:
        return "整个规则表"
    if code.startswith(LADDER):
        return f"{QUANTITIES.get(code.removeprefix(LADDER), code)}分级"
    return RULES.get(code, code)


def taken(book: Book, code: str) -> Any:
    """A copy of a part. KeyError when the book has none of that code."""
    if code == WHOLE:
        return copy.deepcopy(book)
    if code.startswith(LADDER):
        return copy.deepcopy(book["ladders"][code.removeprefix(LADDER)])
    return copy.deepcopy(book["rules"][code])


def replaced(book: Book, code: str, content: Any) -> Book:
    """The book with one part exchanged; the rule that changed gets its next version."""
    if code == WHOLE:
        return {**copy.deepcopy(content), "overrides": []}
    changed = copy.deepcopy(book)
    if code.startswith(LADDER):
        changed["ladders"][code.removeprefix(LADDER)] = copy.deepcopy(content)
        return changed
    changed["rules"][code] = copy.deepcopy(content)
    if content != book["rules"].get(code):
        changed["rules"][code]["version"] = int(book["rules"][code]["version"]) + 1
    return changed


def faults(book: Book, code: str, content: Any) -> list[tuple[Path, str]]:
    """What is wrong with a part: where in it, and in words. Nothing for one that parses."""
    try:
        RuleBook.model_validate(replaced(book, code, content))
    except ValidationError as refused:
        return [(_inside(tuple(fault["loc"]), code), fault_word(fault)) for fault in refused.errors()]
    except ValueError as refused:
        return [((), str(refused))]
    return []


def fault_word(fault: Any) -> str:
    """One finding of pydantic in words."""
    known = FAULTS.get(str(fault["type"]))
    return known.format(**fault.get("ctx", {})) if known else "不符合要求"


def _inside(location: Path, code: str) -> Path:
    """A place in the book as a place in the part."""
    head = ("ladders", code.removeprefix(LADDER)) if code.startswith(LADDER) else ("rules", code)
    return location[2:] if location[:2] == head else location


def leaves(content: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """(place, value) of everything that is no table; a list of plain values is one value."""
    if isinstance(content, Mapping):
        for name, inner in content.items():
            yield from leaves(inner, (*path, name))
    elif isinstance(content, list) and any(isinstance(row, Mapping | list) for row in content):
        for number, inner in enumerate(content):
            yield from leaves(inner, (*path, number))
    else:
        yield path, content


def differences(before: Any, after: Any) -> list[tuple[Path, Any, Any]]:
    """Where two parts differ: place, value before, value after (None: not there)."""
    old, new = dict(leaves(before)), dict(leaves(after))
    places = [*old, *(place for place in new if place not in old)]
    return [(place, old.get(place), new.get(place)) for place in places if old.get(place) != new.get(place)]


def place_word(path: Path) -> str:
    """A place in words: names of settings, numbers of rows counted from one."""
    return " · ".join(f"第 {step + 1} 行" if isinstance(step, int) else _step_word(step) for step in path)


def _step_word(step: str) -> str:
    if step.startswith(LADDER) or step in RULES:
        return part_word(step)
    return STEPS.get(step) or SETTINGS.get(step) or QUANTITIES.get(step) or ITEMS["kind"].get(step) or step


STEPS: Final[Mapping[str, str]] = {
    "rules": "规则",
    "ladders": "分级",
    "statutory": "规程限值",
    "source": "依据",
    "confidence": "依据标记",
    "version": "版本",
    "title": "名称",
    "rows": "级别",
    "tiers": "分档",
    "id": "编号",
    "height": "数值达到",
    "rising": "须上升",
    "blue": "蓝色",
    "yellow": "黄色",
    "orange": "橙色",
    "red": "红色",
    "row": "行号",
    "pattern": "文字样式",
    "kind": "类别",
    "working": "作业地点",
    "place": "地点类别",
    "quantity": "监测对象",
    "article": "条款",
    "gas_grades": "适用瓦斯等级",
    "own_outage_gap_s": "自身中断间隔（秒）",
    "default_limit": "无依据时限值",
    "places": "地点识别",
    "quantities": "判定",
    "type_names": "传感器名称",
    "code": "代码",
    "step": "最小步长",
    "clauses": "条款",
    "alarm": "报警",
    "overrides": "覆盖项",
    "in_force_from": "起始日期",
    "in_force_until": "截止日期",
}


def warm_days(code: str, content: Any) -> int:
    """Days before the first one that must be judged too, so that the rule knows the past it looks back on."""
    wanted = 1
    if code == FLAT:
        wanted = int(content["history_days"]) + 1
    elif code == TREND:
        wanted = int(content["idle_days"]) + 2
    elif code == OVER_LIMIT:
        wanted = int(content["frequency"]["window_days"]) + 1
    return min(max(1, wanted), LONGEST_WARM)
