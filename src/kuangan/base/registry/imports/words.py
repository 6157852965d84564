"""The words of imports: fields, reasons, changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from kuangan.base.registry.imports.columns import FIELDS
from kuangan.base.registry.imports.rows import Reason
from kuangan.base.registry.words import ATTRIBUTES, value_word

FIELD_WORDS: Final[Mapping[str, str]] = {
    **{name: word for name, word in ATTRIBUTES.items() if name in FIELDS},
    "code": "矿山编码",
    "longitude": "经度",
    "latitude": "纬度",
    "datum": "坐标系",
    "actual_controller": "实际控制人",
    "supervisor": "直接监管单位",
    "aliases": "别名编码",
    "valid_from": "有效期起",
    "basis": "依据",
    "entered": "登记",
}
REASON_WORDS: Final[Mapping[str, str]] = {
    # refused
    "code_missing": "没有矿山编码",
    "code_malformed": "编码应为六位区划码开头的 9 至 21 位数字或字母",
    "code_inexact": "编码被表格软件改成了科学计数，数字已丢失",
    "name_missing": "新矿没有名称",
    "kind_missing": "没有类型",
    "too_long": "文字过长",
    "number_unreadable": "不是数字",
    "number_out_of_range": "数字超出可能范围",
    "date_unreadable": "不是日期",
    "word_unknown": "不认识的说法",
    "unreadable": "无法识别",
    "outside_scope": "不在本单位管辖范围",
    "degrees_unreadable": "不是经纬度（度，或度分秒）",
    "coordinates_half": "经度、纬度须同时填写",
    # questioned
    "code_unusual": "编码不是现行的 12 位数字，请核对",
    "name_differs": "名称与该编码已登记的不同",
    "kind_differs": "类型与已登记的不同",
    "old_region_code": "编码前六位不是现行县区（旧区划码）",
    "county_differs": "所在县区与编码前六位不符",
    "county_unknown": "不认识的县区，按编码归档",
    "capacity_jump": "产能变化过大",
    "datum_missing": "没有写明坐标系（WGS84 或 CGCS2000）",
    "datum_other": "坐标系不是 WGS84 或 CGCS2000，须先换算",
    "outside_province": "坐标不在山西省范围内",
    "coordinates_moved": "坐标与已登记的相距过远",
    "duplicate_row": "与前面一行重复",
    "duplicate_differs": "同一编码有多行，内容不同",
    "two_supervisors": "有两个直接监管单位",
    "supervisor_unknown": "不认识的监管单位，不变更监管关系",
    "supervisor_since_today": "现有监管关系开始得更晚，变更自上传之日起",
    "known_alias": "是已登记的别名编码",
    "looks_like_alias": "疑似别名：同市已有同名矿山",
    "alias_taken": "别名编码已属他矿",
    "in_future": "自将来某日起有效",
    "older_than_known": "早于已登记的后续事项，只补记中间一段",
    "changed_meanwhile": "预览之后登记已有变动，请重新核对",
}
FILE_WORDS: Final[Mapping[str, str]] = {
    "too_large": "文件过大（上限 8 MB，展开后 120 MB）。",
    "unknown_kind": "只接收 xlsx、xlsm、xls、csv。",
    "no_head": "没有找到表头：前 30 行内须有一行含“矿山编码”和至少另一列。",
    "too_many_rows": "行数过多（上限 5,000 行），请分批。",
    "too_many_cells": "表格范围过大，可能有远处的空格式，请清除后再传。",
    "too_many_sheets": "工作表过多（上限 30）。",
    "damaged": "文件损坏或加密，无法读取。",
}
DECISION_FAULTS: Final[Mapping[str, str]] = {
    "import_closed": "本次导入已结束。",
    "nothing_to_decide": "所选行中没有可作此处理的。",
    "one_row_per_code": "同一编码只能写入一行，请逐行选择。",
}
NEWS_WORDS: Final[Mapping[str, str]] = {"new": "新矿", "changed": "有变化", "same": "无变化", "": "—"}


def reason_word(found: Reason) -> str:
    """列：说法（细节）"""
    words = REASON_WORDS.get(found["code"], found["code"])
    column = FIELD_WORDS.get(found["column"], "")
    detail = found["detail"]
    if found["code"] == "kind_differs":
        detail = value_word("kind", detail)
    return f"{column}：{words}" + (f"（{detail}）" if detail else "")


def change_word(change: Mapping[str, Any], regions: Mapping[str, str]) -> str:
    """事项 原来 → 将来"""
    name, before, after = change["field"], change["before"], change["after"]
    if name == "entered":
        return "未登记 → 登记" if before else "新登记"
    if name == "county":
        before, after = regions.get(before, before), regions.get(after, after)
    word = FIELD_WORDS.get(name, name)
    shown = value_word(name, after)
    return f"{word} {value_word(name, before)} → {shown}" if before not in (None, "") else f"{word} {shown}"


def sheet_word(sheet: Mapping[str, Any]) -> str:
    """What was understood of a sheet, in one line."""
    if not sheet["head"]:
        return f"“{sheet['name']}”没有可识别的表头，未读取"
    used = "、".join(f"{head}→{FIELD_WORDS[name]}" for name, head in sheet["columns"].items())
    unused = f"；未使用的列：{'、'.join(sheet['unused'])}" if sheet["unused"] else ""
    return f"“{sheet['name']}”第 {sheet['head']} 行为表头，读取 {sheet['read']} 行；{used}{unused}"
