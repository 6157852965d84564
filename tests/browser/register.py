"""The small register and the people of the browser tests; every name is invented, the serials are of the synthetic range."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MINE_A, MINE_B, MINE_C, MINE_D = "140404990001", "140403990002", "140404990003", "140404990004"
NAMES: Final = {
    MINE_A: "示例远峰煤业",
    MINE_B: "示例青岭煤业",
    MINE_C: "示例北岗煤矿",
    MINE_D: "示例河湾煤矿",
}
PARENT: Final = "示例远峰能源集团"
PASSWORD: Final = "liu-mei-bai-zhan-27"
TOKEN: Final = "ka_browser-tests-a"
ANY_TOKEN: Final = "ka_browser-tests-any"
"""One sender speaks for mine A only, the other for every mine."""

ROWS: Final = [
    {
        "code": code,
        "name": name,
        "kind": "underground_coal",
        "county_code": code[:6],
        "parent_company": PARENT if code == MINE_A else "",
        "state": "producing",
        "gas_grade": "high",
    }
    for code, name in NAMES.items()
]


@dataclass(frozen=True)
class Account:
    """One sign-in: `at` is a mine code, a region code, or the parent company."""

    at: str
    roles: tuple[str, ...]
    words: str


ACCOUNTS: Final = {
    "dispatcher": Account(MINE_A, ("mine_dispatcher",), "甲矿调度员"),
    "manager": Account(MINE_A, ("mine_manager",), "甲矿矿长"),
    "parent": Account(PARENT, ("parent_dispatcher",), "集团调度员"),
    "county": Account("140404", ("duty_officer", "inspector"), "县值班员"),
    "city": Account("140400", ("duty_officer", "inspector"), "市值班员"),
    "province": Account("140000", ("duty_officer", "inspector"), "省值班员"),
    "leader": Account("140000", ("leader",), "省带班领导"),
    "system": Account("140000", ("system_admin",), "系统管理员"),
    "security": Account("140000", ("security_admin",), "安全管理员"),
    "auditor": Account("140000", ("audit_admin",), "审计管理员"),
    "neighbour": Account("140403", ("duty_officer", "inspector"), "邻县值班员"),
    "stranger_mine": Account(MINE_B, ("mine_dispatcher",), "乙矿调度员"),
}
