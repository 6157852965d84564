"""Chinese words for the stable codes of telemetry. A test sees that none is missing."""

from __future__ import annotations

from typing import Final

STATUSES: Final = {
    "accepted": "已接收",
    "partial": "部分接收",
    "duplicate": "重复",
    "unknown": "未知类型",
    "quarantined": "隔离",
    "refused": "拒收",
}
STATUS_CHIPS: Final = {"accepted": "ok", "partial": "warn", "quarantined": "bad", "refused": "bad"}

REASONS: Final = {
    "undecodable": "既不是 UTF-8 也不是 GB 18030 编码",
    "truncated": "文件不完整，没有结束符",
    "text_after_end": "结束符之后还有内容",
    "header_field_count": "文件头字段太少",
    "header_mine_differs": "文件头的矿山编码与文件名不一致",
    "mine_differs": "记录的矿山编码与文件不一致",
    "bad_structure": "内容结构不符合该类型",
    "header_time": "文件头时间不是有效时间",
    "full_width_separator": "使用了全角分隔符",
    "field_count": "字段个数不对",
    "value_missing": "必填内容为空",
    "bad_code": "编码不可用",
    "bad_number": "不是数字",
    "bad_mask": "不是状态码",
    "bad_track": "不是基站与时间的轨迹",
    "bad_time": "不是有效时间",
    "time_in_future": "时间比到达时间晚一天以上（实时读数为十分钟以上）",
    "time_too_old": "时间早于 2000 年",
    "token": "令牌错误或账号已停用",
    "foreign_mine": "账号无权代表该矿上传",
    "place_differs": "所在文件夹或主题的矿山编码与文件名不一致",
    "unnamed": "文件名不合规则",
    "too_large": "超过大小限制",
    "disk": "磁盘空间不足",
    "malformed": "请求无法解析",
}

MARKS: Final = {
    "gbk": "GBK 编码",
    "bom": "带字节序标记",
    "crlf": "段间有换行",
    "wrapped": "带引号或 %n",
    "header_width": "文件头字段数与规范不同",
    "header_in_future": "矿方时钟超前",
    "over_20_percent_bad": "坏记录超过两成",
    "superseded": "同测点同时间重复，取最后一条",
    "stale": "迟到文件",
}


def reason_word(code: str) -> str:
    """The Chinese text of a reason; the code itself when a later version brought a new one."""
    return REASONS.get(code, code)


def mark_words(codes: str | list[str] | None) -> list[str]:
    """The words of the marks of a frame, given as a list or joined with commas."""
    given = codes.split(",") if isinstance(codes, str) else codes or []
    return [MARKS.get(code, code) for code in given if code]
