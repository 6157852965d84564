"""What serves each clause and its imported text, for the pages of clauses. Every process imports this; policy loads when asked."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from kuangan.base.compliance.serving import Official, Page, Served

if TYPE_CHECKING:
    from kuangan.library.policy.editions import Edition
    from kuangan.library.policy.schema import Node

BESIDE_THE_MENU: Mapping[str, Page] = {
    page.url: page
    for page in (
        Page("叫应", "duty:callouts", "duty.view"),
        Page("演练", "duty:drills", "duty.drill"),
        Page("井下人数", "datalink:people_below", "underground.view"),
        Page("系统厂家", "suspicions:makers", "suspicion.view"),
        Page("里程碑", "campaign:milestones", "campaign.view"),
        Page("组织与会议", "campaign:organisation", "campaign.view"),
        Page("项目台账", "campaign:projects", "campaign.view"),
        Page("通报与总结", "campaign:reports", "campaign.view"),
        Page("各市报送", "campaign:submissions", "campaign.view"),
        Page("目标指标", "campaign:targets", "campaign.view"),
        Page("一件事牵头", "responsibility:matters", "responsibility.matters"),
        Page("包保领导", "responsibility:leaders", "responsibility.view"),
        Page("驻矿、监管专员", "responsibility:officers", "responsibility.view"),
        Page("安全生产办公会议", "responsibility:meetings", "responsibility.view"),
        Page("主要负责人在矿履职", "responsibility:presences", "responsibility.view"),
        Page("管理团队稳定性", "responsibility:teams", "responsibility.view"),
        Page("安全费用", "responsibility:funds", "responsibility.view"),
        Page("待核实的不一致", "selfcheck:differences", "selfcheck.view"),
        Page("处置建议", "selfcheck:proposals", "selfcheck.judge"),
        Page("普法记录", "selfcheck:publicity", "publicity.view"),
    )
}
"""Pages that serve clauses and have no entry of their own in the menu."""


@cache
def pages() -> Mapping[str, Page]:
    """Every page of the coverage table by the name of its address."""
    from kuangan.site.coverage import PAGES
    from kuangan.site.wiring import MENU

    entries = (entry for group in MENU for entry in group.entries)
    known = {entry.url: Page(entry.label, entry.url, entry.permission) for entry in entries}
    known |= BESIDE_THE_MENU
    return {name: known[name] for name in PAGES}


@cache
def served() -> Mapping[str, Served]:
    """Id of every place → what serves it. Rules are those that come with the system."""
    from kuangan.site.coverage import covered

    return {
        row["node"]: Served(
            state=row["state"],
            rules=tuple(row["rules"]),
            pages=tuple(pages()[name] for name in row["pages"]),
            waits_for=row["waits_for"] or "",
        )
        for row in covered()["nodes"]
    }


def official(home: Path, node: Node) -> Official | None:
    """What the newest imported edition of its document says at a place; None where none was imported."""
    from kuangan.library.policy.editions import editions

    known = editions(home, node.document)
    if not known:
        return None
    row = known[-1].row
    try:
        words = _texts(known[-1]).get(node.key)
    except (OSError, ValueError):
        return Official(row.edition, row.imported_at, None, fault=True)
    return Official(row.edition, row.imported_at, words)


@lru_cache(maxsize=4)
def _texts(edition: Edition) -> Mapping[str, str]:
    """Place → text of an edition. Raises ValueError when the file is not what was imported, OSError when it is gone."""
    from kuangan.base.compliance.texts_reading import text_of
    from kuangan.library.policy.load import shipped
    from kuangan.library.policy.parse import parse

    library, row = shipped(), edition.row
    tree = parse(text_of(row.name, edition.content), library, library.documents.get(row.document))
    return {entry.key: entry.text for entry in tree.entries}
