"""The table of all clauses: its rows, filters, figures and the values of its Excel file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.urls import reverse

from kuangan.base.compliance.dates import Due, dues, next_of
from kuangan.base.compliance.serving import NOTHING, Served, served
from kuangan.base.compliance.words import KINDS, ROOMS, STATE_CHIPS, STATES, SUBJECTS, listed
from kuangan.base.tables.choices import offer
from kuangan.base.tables.listing import Figure
from kuangan.library.policy import Document, Library, Node, shipped

ALL = ("", "全部")
HEADS = (
    "条款",
    "文件",
    "部分",
    "标题",
    "摘要",
    "性质",
    "对象",
    "责任单位",
    "单位来源",
    "期限",
    "落实情况",
    "所属板块",
    "待建板块",
)


@dataclass(frozen=True, slots=True)
class Row:
    """One place as a line of the table."""

    node: Node
    document: Document
    part: str
    served: Served
    owners: tuple[str, ...]
    dues: tuple[Due, ...]

    @property
    def kinds(self) -> str:
        return listed(KINDS, self.node.kinds)

    @property
    def bound(self) -> tuple[str, ...]:
        return tuple(SUBJECTS[code] for code in self.node.binds)

    @property
    def due(self) -> Due | None:
        return next_of(list(self.dues))

    @property
    def state(self) -> str:
        return STATES[self.served.state]

    @property
    def chip(self) -> str:
        return STATE_CHIPS.get(self.served.state, "")

    @property
    def waits_for(self) -> str:
        return ROOMS[self.served.waits_for] if self.served.waits_for else ""

    @property
    def rooms(self) -> set[str]:
        return {self.node.room, self.served.waits_for} - {""}

    @property
    def searched(self) -> str:
        node = self.node
        words = (node.id, node.title, node.summary, *self.owners, *(threshold.said for threshold in node.thresholds))
        return "\n".join(words).casefold()


class ClauseForm(forms.Form):
    """What the list can be asked for; a value that is no choice filters nothing."""

    q = forms.CharField(label="搜索", max_length=60, required=False)
    document = forms.ChoiceField(label="文件", required=False)
    kind = forms.ChoiceField(label="性质", required=False)
    binds = forms.ChoiceField(label="对象", required=False)
    room = forms.ChoiceField(label="板块", required=False)
    state = forms.ChoiceField(label="落实", required=False)

    def __init__(self, asked: Mapping[str, Any], rows: Iterable[Row]) -> None:
        super().__init__(asked, use_required_attribute=False)
        rows = list(rows)
        self.fields["q"].widget.attrs["placeholder"] = "编号、标题、单位"
        documents = {row.document.id: short_number(row.document) for row in rows}
        rooms = {room for row in rows for room in row.rooms}
        states = {row.served.state for row in rows}
        offer(self, "document", [ALL, *documents.items()])
        offer(self, "kind", [ALL, *KINDS.items()])
        offer(self, "binds", [ALL, *SUBJECTS.items()])
        offer(self, "room", [ALL, *((room, word) for room, word in ROOMS.items() if room in rooms)])
        offer(self, "state", [ALL, *((state, word) for state, word in STATES.items() if state in states)])

    def found(self, rows: Iterable[Row]) -> list[Row]:
        """The rows that meet everything that was asked."""
        self.is_valid()
        asked = self.cleaned_data
        words = asked.get("q", "").casefold().split()
        return [
            row
            for row in rows
            if asked.get("document") in ("", None, row.document.id)
            and (not asked.get("kind") or asked["kind"] in row.node.kinds)
            and (not asked.get("binds") or asked["binds"] in row.node.binds)
            and (not asked.get("room") or asked["room"] in row.rooms)
            and asked.get("state") in ("", None, row.served.state)
            and all(word in row.searched for word in words)
        ]


def short_number(document: Document) -> str:
    """34号文, of the official number."""
    return f"{document.document.number.rpartition('〕')[2].strip()}文"


def row_of(library: Library, node: Node, today: date) -> Row:
    document = library.documents[node.document]
    part = next(part.title for part in document.parts if part.id == node.part)
    owners = tuple(library.authorities[unit].name for unit in node.owners)
    found = tuple(dues(node.deadlines, today))
    return Row(node, document, part, served().get(node.id, NOTHING), owners, found)


def rows_of(today: date) -> list[Row]:
    """All places of all documents in the order of the text."""
    library = shipped()
    return [row_of(library, node, today) for node in library.nodes.values()]


def figures(rows: Sequence[Row]) -> list[Figure]:
    """Counts of all rows; each leads to the rows it counts."""
    path, states = reverse("compliance:clauses"), Counter[str](row.served.state for row in rows)
    levels = {"partly": "yellow", "covered": "green"}
    return [
        Figure(len(rows), "条款总数", href=path),
        *(
            Figure(states[state], word, href=f"{path}?state={state}", level=levels.get(state, ""))
            for state, word in STATES.items()
            if state in states or state != "nothing"
        ),
        *(
            Figure(sum(row.document.id == one.id for row in rows), short_number(one), href=f"{path}?document={one.id}")
            for one in {row.document.id: row.document for row in rows}.values()
        ),
    ]


def grouped(rows: Iterable[Row]) -> list[tuple[str, list[Row]]]:
    """(document and part, its rows) in the order of the text."""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(f"{short_number(row.document)} · {row.part}", []).append(row)
    return list(groups.items())


def values(row: Row) -> tuple[str, ...]:
    """A row of the Excel file, under `HEADS`."""
    node = row.node
    return (
        node.id,
        row.document.document.number,
        row.part,
        node.title,
        node.summary,
        row.kinds,
        "、".join(row.bound),
        "、".join(row.owners),
        "系统判读，待核" if node.owner_is_ours else "文件载明",
        "；".join(f"{due.day:%Y-%m-%d} {due.what}（{due.word}）" for due in row.dues),
        row.state,
        ROOMS[node.room],
        row.waits_for,
    )
