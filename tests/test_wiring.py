"""The literal tables of `site.wiring` leave nothing unanswered."""

from kuangan.base.case.flow import installed
from kuangan.base.case.numbers import PREFIXES
from kuangan.base.deadlines.ladders import LADDERS
from kuangan.base.people.permissions import PERMISSIONS
from kuangan.site.wiring import FLOWS, HANDLERS


def test_every_action_of_every_ladder_has_a_handler_and_the_other_way_round() -> None:
    assert {rung.action for ladder in LADDERS.values() for rung in ladder.rungs} == set(HANDLERS)


def test_every_flow_is_installed_and_its_cases_get_numbers() -> None:
    assert {flow.kind for flow in installed()} == {flow.kind for flow in FLOWS}
    assert {flow.kind for flow in FLOWS} == set(PREFIXES)


def test_every_permission_of_every_flow_exists() -> None:
    assert {step.may for flow in FLOWS for step in flow.transitions} - {""} <= set(PERMISSIONS)
