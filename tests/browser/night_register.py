"""The county of the night: its mines, the people on duty and their phones; every name is invented."""

from __future__ import annotations

from datetime import timedelta
from itertools import product
from typing import Final

from tests.browser.register import MINE_A, NAMES, PARENT, Account

COUNTY, CITY = "140404", "140400"
MINE_NAME: Final = NAMES[MINE_A]
CUT: Final = {
    f"{COUNTY}{991_001 + number}": f"示例{tree}{ground}煤矿"
    for number, (ground, tree) in enumerate(product("岭沟坪湾峪塬崖庄坡川", "松柏槐榆杨柳桐枫梧桂桃李杏梨枣竹梅兰荷菊"))
}
"""code → name of the two hundred mines that lose their link."""
ROWS: Final = [
    {
        "code": code,
        "name": name,
        "kind": "underground_coal",
        "county_code": COUNTY,
        "parent_company": PARENT if code == MINE_A else "",
        "state": "producing",
        "gas_grade": "high" if code == MINE_A else "low",
        "flood_threat": "surface" if code == MINE_A else "none",
    }
    for code, name in ({MINE_A: MINE_NAME} | CUT).items()
]

OFFICER, DEPUTY, LEADER, RELIEF = "孟晓川", "韩立秋", "乔远山", "卫雨桐"
DISPATCHER, MANAGER = "段平安", "石开来"
PEOPLE: Final = {
    "officer": Account(COUNTY, ("duty_officer", "inspector"), OFFICER),
    "deputy": Account(COUNTY, ("duty_officer",), DEPUTY),
    "leader": Account(COUNTY, ("leader",), LEADER),
    "relief": Account(COUNTY, ("duty_officer", "inspector"), RELIEF),
    "city": Account(CITY, ("duty_officer", "inspector"), "薛文博"),
    "dispatcher": Account(MINE_A, ("mine_dispatcher",), DISPATCHER),
    "system": Account("140000", ("system_admin",), "系统管理员"),
}

BEGAN_BEFORE, ENDS_AFTER, DAYS = timedelta(hours=4), timedelta(hours=8), 7
"""The shift of the night, and the days for which the roster goes on."""
PHONE: Final = "13800000101"
"""The mine's dispatcher on duty."""
SHIFTS: Final = {
    COUNTY: {
        "officer_name": OFFICER,
        "officer_phone": "13800000001",
        "deputy_name": DEPUTY,
        "deputy_phone": "13800000002",
        "leader_name": LEADER,
        "leader_phone": "13800000003",
        "phone": "0355-5550001",
    },
    CITY: {"officer_name": "薛文博", "officer_phone": "13800000011", "leader_name": "祁望", "phone": "0355-5550011"},
    PARENT: {"officer_name": "方守一", "officer_phone": "13800000091", "leader_name": "陆行"},
    MINE_A: {
        "officer_name": DISPATCHER,
        "officer_phone": PHONE,
        "leader_name": MANAGER,
        "leader_phone": "13800000102",
        "phone": "0355-5550100",
    },
}
CONTACTS: Final = [
    (MINE_A, "dispatch", "", "0355-5550100"),
    (MINE_A, "manager", MANAGER, "13800000102"),
    (MINE_A, "ventilation", "温如海", "13800000103"),
    (COUNTY, "duty_room", "", "0355-5550001"),
    (COUNTY, "rescue_team", "示例救护中队", "0355-5550119"),
]
