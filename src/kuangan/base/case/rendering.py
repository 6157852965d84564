"""Diagrams and tables made from a flow, for the manual and for tests."""

from __future__ import annotations

from dataclasses import dataclass

from kuangan.base.case.flow import NO_PERMISSION, Flow
from kuangan.base.people.permissions import PERMISSIONS
from kuangan.base.people.roles import Role


@dataclass(frozen=True)
class PermissionRow:
    """One step: from which states, and the roles that carry its permission (None: everybody who sees the case)."""

    name: str
    label: str
    from_: tuple[str, ...]
    to: str
    roles: frozenset[Role] | None
    four_eyes: str | None


def diagram(flow: Flow) -> str:
    """The flow as a Mermaid state diagram."""
    lines = ["stateDiagram-v2"]
    lines += [f'    state "{label}" as {state}' for state, label in flow.states.items()]
    lines.append(f"    [*] --> {flow.initial}")
    lines += [f"    {state} --> {step.to}: {step.label}" for step in flow.transitions for state in step.from_]
    lines += [f"    {state} --> [*]" for state in flow.final]
    return "\n".join(lines) + "\n"


def permissions(flow: Flow) -> list[PermissionRow]:
    """Who may take which step, in the order of the table."""
    return [
        PermissionRow(
            step.name,
            step.label,
            step.from_,
            step.to,
            None if step.may == NO_PERMISSION else PERMISSIONS[step.may],
            step.four_eyes,
        )
        for step in flow.transitions
    ]


def permission_table(flow: Flow) -> str:
    """`permissions` as a Markdown table in the words of the pages."""
    lines = ["| 步骤 | 原状态 | 新状态 | 可执行岗位 | 须另一人 |", "| --- | --- | --- | --- | --- |"]
    for row in permissions(flow):
        before = "、".join(flow.states[state] for state in row.from_)
        roles = "凡可见者" if row.roles is None else "、".join(role.label for role in Role if role in row.roles)
        lines.append(f"| {row.label} | {before} | {flow.states[row.to]} | {roles} | {_other(flow, row.four_eyes)} |")
    return "\n".join(lines) + "\n"


def _other(flow: Flow, four_eyes: str | None) -> str:
    labels = {step.name: step.label for step in flow.transitions} | dict(flow.states)
    return f"不同于“{labels[four_eyes]}”者" if four_eyes else ""
