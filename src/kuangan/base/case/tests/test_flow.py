from dataclasses import replace
from datetime import timedelta

import pytest

from kuangan.base.case import diagram, permission_table
from kuangan.base.case.flow import ClockRule
from kuangan.base.case.tests.conftest import FLOW, step


def test_the_diagram_shows_every_state_and_step() -> None:
    text = diagram(FLOW)
    assert text.startswith("stateDiagram-v2\n")
    for line in ('state "待确认" as raised', "[*] --> raised", "raised --> reported: 办report", "closed --> [*]"):
        assert f"    {line}\n" in text


def test_the_permission_table_names_roles_and_four_eyes() -> None:
    lines = permission_table(FLOW).splitlines()
    assert lines[3] == "| 办close | 已反馈 | 已办结 | 值班员、执法人员、带班领导 | 不同于“已反馈”者 |"


def test_steps_leave_a_state_in_the_order_of_the_table() -> None:
    assert [transition.name for transition in FLOW.leaving("reported")] == ["close"]
    assert FLOW.leaving("closed") == ()


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ({"initial": "nowhere"}, "no state nowhere"),
        ({"transitions": (step("a", "raised", "nowhere", ""),)}, "a: no state nowhere"),
        ({"transitions": (step("a", "raised", "closed", ""), step("a", "raised", "closed", ""))}, "a stands twice"),
        ({"transitions": (step("a", "raised", "closed", "", four_eyes="b"),)}, "four eyes name no step"),
        ({"transitions": (step("a", "raised", "closed", "", due="b"),)}, "no clock b"),
        ({"transitions": (step("a", "raised", "closed", "", notice="b"),)}, "no notice b"),
        ({"clocks": {"close": ClockRule(timedelta(1), "dance")}}, "no ladder dance"),
    ],
)
def test_a_table_that_does_not_add_up_is_refused(values: dict[str, object], fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        replace(FLOW, **values)
