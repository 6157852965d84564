"""The words of the register: what its facts are called, and what their codes mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from kuangan.base.registry.models import MineKind

ATTRIBUTES: Final[Mapping[str, str]] = {
    "state": "生产状态",
    "capacity": "核定产能（万吨/年）",
    "gas_grade": "瓦斯等级",
    "water_grade": "水文地质类型",
    "fire_grade": "煤层自燃倾向性",
    "dust_grade": "煤尘爆炸危险性",
    "standard_grade": "标准化等级",
    "name": "名称",
    "kind": "类型",
    "county": "所在县区",
    "parent_company": "上级企业",
    "upload_mode": "上传方式",
    "flood_threat": "受地表水威胁",
    "coordinates": "坐标",
}
OF_THE_MINE: Final = frozenset({"name", "kind", "county", "parent_company"})
"""Facts that the head of a mine's page shows already."""
PLACE_WORDS: Final[Mapping[str, str]] = {
    "return_corner": "采煤工作面上隅角",
    "coal_face": "采煤工作面",
    "face_return": "采煤工作面回风巷",
    "face_return_middle": "采煤工作面回风巷中部",
    "face_intake": "采煤工作面进风巷",
    "series_intake": "串联通风被串工作面进风",
    "shearer": "采煤机",
    "heading_face": "掘进工作面",
    "heading_return": "掘进工作面回风流",
    "district_return": "采区回风巷",
    "main_return": "总回风巷或一翼回风巷",
    "trolley_loading": "架线电机车装煤点",
    "coal_bunker": "煤仓",
    "surface_pump_room": "地面瓦斯抽采泵房",
    "underground_pump_downwind": "井下临时抽采泵站下风侧",
    "other": "其他地点",
}
VIEW_WORDS: Final[Mapping[str, str]] = {
    "coal_face": "采煤工作面",
    "heading": "掘进工作面",
    "main_shaft": "主井井口",
    "auxiliary_shaft": "副井井口",
    "air_shaft": "风井井口",
    "vehicle_gate": "车辆出入口",
    "dispatch_room": "调度室",
}
"""Kinds of places that cameras must see."""
VALUES: Final[Mapping[str, Mapping[str, str]]] = {
    "state": {
        "producing": "正常生产",
        "operating": "正常生产",
        "building": "建设",
        "construction": "建设",
        "stopped": "停产",
        "suspended": "停产整顿",
        "closing": "关闭中",
        "closed": "已关闭",
    },
    "gas_grade": {"low": "低瓦斯", "high": "高瓦斯", "outburst": "煤与瓦斯突出"},
    "water_grade": {"simple": "简单", "medium": "中等", "complex": "复杂", "extremely_complex": "极复杂"},
    "fire_grade": {"easy": "容易自燃", "spontaneous": "自燃", "unlikely": "不易自燃"},
    "dust_grade": {"explosive": "有爆炸性", "none": "无爆炸性"},
    "kind": dict(MineKind.choices),
    "standard_grade": {"first": "一级", "second": "二级", "third": "三级", "none": "未达标"},
    "flood_threat": {"surface": "受地表水倒灌威胁", "none": "不受地表水威胁"},
    "upload_mode": {"periodic": "周期上传", "on_change": "变化上传"},
    "datum": {
        "wgs84": "WGS84",
        "cgcs2000": "CGCS2000",
        "xian80": "西安80",
        "beijing54": "北京54",
        "gcj02": "GCJ02",
        "bd09": "BD09",
        "other": "其他",
    },
}


def value_word(attribute: str, value: Any) -> str:
    """The word for a fact's value; a value without a word as it is, whole numbers without their point."""
    if attribute == "coordinates" and isinstance(value, dict):
        datum = f"（{value_word('datum', value['datum'])}）" if value.get("datum") else ""
        return f"东经 {value.get('lon', '—')}°，北纬 {value.get('lat', '—')}°{datum}"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return VALUES.get(attribute, {}).get(str(value), str(value))


LIMIT_SOURCES: Final[Mapping[str, str]] = {
    "statutory_register": "规程（登记地点）",
    "statutory_location": "规程（安装位置识别）",
    "own": "测点定义",
    "system_default": "系统默认，非官方分级",
    "override": "经批准的加严限值",
    "none": "不判上限",
}
DEFAULT_MARK: Final = "系统默认，非官方分级"
STOPPED: Final = frozenset({"stopped", "suspended", "closing", "closed"})
"""States of production in which a mine does not work."""
