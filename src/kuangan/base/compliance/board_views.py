"""The clause board and the lists behind its numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from kuangan.base.clock import now
from kuangan.base.compliance import subjects as binding
from kuangan.base.compliance.board import PARTS, SHOWN, Board, Column, Line, bar, board_of, grouped, visible_cells
from kuangan.base.compliance.checks import State, SubjectKind
from kuangan.base.compliance.listing import short_number
from kuangan.base.compliance.models import STATE_WORDS, STATES, Pass
from kuangan.base.compliance.serving import NOTHING, served
from kuangan.base.compliance.subjects import KIND_WORDS
from kuangan.base.compliance.words import DEFAULT_MARK, ROOMS
from kuangan.base.people.access import Permitted
from kuangan.base.registry.models import MineKind, Region, RegionLevel
from kuangan.base.registry.scope import visible_mines
from kuangan.base.tables.choices import offer
from kuangan.base.tables.listing import Figure, sheet_answer
from kuangan.library.policy import shipped

ALL: Final = ("", "全部")
DEFAULTS: Final = {"sheet": "mine", "judged": "yes"}
"""What an address without a question shows: what is judged at all; a figure leads to everything."""
FEW: Final = 130
"""Up to so many subjects a line shows each of them; beyond, it shows its territories."""
HEADS: Final = (
    "条款",
    "标题",
    "对象",
    "地区",
    *(STATE_WORDS[state] for state in SHOWN),
    "未知中已核部分符合",
    "检查项",
    "待建板块",
)


class BoardForm(forms.Form):
    """What the board can be asked for."""

    sheet = forms.ChoiceField(label="对象", choices=tuple(KIND_WORDS.items()), required=False)
    document = forms.ChoiceField(label="文件", required=False)
    city = forms.ChoiceField(label="地区", required=False)
    mine_kind = forms.ChoiceField(label="矿种", choices=(ALL, *MineKind.choices), required=False)
    state = forms.ChoiceField(label="含有", choices=(ALL, *STATES), required=False)
    judged = forms.ChoiceField(label="检查", choices=(ALL, ("yes", "有检查项"), ("no", "尚无检查项")), required=False)

    def __init__(self, asked: Mapping[str, Any]) -> None:
        super().__init__(asked, use_required_attribute=False)
        documents = [(one.id, short_number(one)) for one in shipped().documents.values()]
        offer(self, "document", [ALL, *documents])
        cities = Region.objects.filter(level=RegionLevel.CITY).order_by("code").values_list("code", "name")
        offer(self, "city", [ALL, *cities])
        self.is_valid()

    def asked(self, name: str, default: str = "") -> str:
        return self.cleaned_data.get(name) or default

    @property
    def kind(self) -> SubjectKind:
        return cast("SubjectKind", self.asked("sheet", "mine"))


@dataclass(frozen=True, slots=True)
class Mark:
    """One subject in the strip of a line."""

    state: str
    part: str
    href: str
    said: str


@dataclass(frozen=True, slots=True)
class Part:
    """One territory in the strip of a line: shares in per cent of its width."""

    column: Column
    href: str
    shares: tuple[tuple[str, str, int, str], ...]
    width: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A line as the page shows it."""

    line: Line
    total: Mapping[str, int]
    rate: str
    proved_part: int
    marks: tuple[Mark, ...]
    parts: tuple[Part, ...]
    waits_for: str
    query: str

    @property
    def counts(self) -> list[tuple[str, str, int]]:
        return bar(self.total)


class BoardPage(Permitted):
    """Documents → clauses → subjects, one sheet for each kind of subject."""

    permission = "finding.view"
    title = "条款看板"

    def get(self, request: HttpRequest) -> HttpResponse:
        at = now()
        form = BoardForm(request.GET or DEFAULTS)
        city = form.asked("city")
        mine_kind = form.asked("mine_kind") if form.kind == "mine" else ""
        board = board_of(request.user, form.kind, at, city=city, mine_kind=mine_kind)
        lines = chosen(board.lines, form)
        if request.GET.get("export") == "xlsx":
            query = request.GET.urlencode()
            return sheet_answer(request, self.title, "Board", HEADS, exported(board, lines), query)
        single = subjects_of(request.user, board, at, mine_kind) if board.subjects <= FEW else ()
        cells = marks_of(request.user, board, at, lines) if single else {}
        shown = {line.node.id: _shown(board, line, single, cells, mine_kind) for line in lines}
        context = {
            "title": self.title,
            "form": form,
            "board": board,
            "figures": figures(board, lines, form),
            "groups": [(title, [shown[line.node.id] for line in of_part]) for title, of_part in grouped(lines)],
            "total": len(lines),
            "columns": board.columns,
            "single": bool(single),
            "subject_word": KIND_WORDS[board.kind],
            "legend": [(state.value, STATE_WORDS[state]) for state in reversed(SHOWN)],
            "last": Pass.objects.order_by("-at", "-pk").first(),
            "query": request.GET.urlencode(),
            "mark": DEFAULT_MARK,
        }
        return render(request, "compliance/board.html", context)


def chosen(lines: Sequence[Line], form: BoardForm) -> list[Line]:
    """The lines that meet what was asked."""
    document, state, judged = form.asked("document"), form.asked("state"), form.asked("judged")
    return [
        line
        for line in lines
        if document in ("", line.node.document)
        and (not state or line.total[state])
        and (not judged or (judged == "yes") == bool(line.checks))
    ]


def figures(board: Board, lines: Sequence[Line], form: BoardForm) -> list[Figure]:
    """Counts over the lines shown; each leads to the cells or clauses it counts."""
    base = {"sheet": board.kind, "city": board.city, "mine_kind": form.asked("mine_kind")}
    path = reverse("compliance:board")

    def href(**more: str) -> str:
        return f"{path}?{urlencode({name: value for name, value in {**base, **more}.items() if value})}"

    counts: dict[str, int] = {}
    for line in lines:
        for state, count in line.total.items():
            counts[state] = counts.get(state, 0) + count
    listed = {state: cells_address(board, "", state.value, "") for state in SHOWN}
    return [
        Figure(len(lines), "条款", f"共 {len(board.lines)}", href()),
        Figure(board.subjects, KIND_WORDS[board.kind], href=href()),
        Figure(
            counts.get(State.DETERMINED, 0),
            STATE_WORDS[State.DETERMINED],
            href=listed[State.DETERMINED],
            level="red" if counts.get(State.DETERMINED) else "",
        ),
        Figure(
            counts.get(State.SUSPECTED, 0),
            STATE_WORDS[State.SUSPECTED],
            "待核实",
            listed[State.SUSPECTED],
            "orange" if counts.get(State.SUSPECTED) else "",
        ),
        Figure(counts.get(State.PAPER, 0), STATE_WORDS[State.PAPER], href=listed[State.PAPER]),
        Figure(counts.get(State.PROVED, 0), STATE_WORDS[State.PROVED], href=listed[State.PROVED]),
        Figure(counts.get(State.UNKNOWN, 0), STATE_WORDS[State.UNKNOWN], "含尚无检查项的", href(state=State.UNKNOWN)),
    ]


def cells_address(board: Board, clause: str, state: str, city: str, mine_kind: str = "") -> str:
    asked = {"kind": board.kind, "clause": clause, "state": state, "city": city or board.city, "mine_kind": mine_kind}
    return f"{reverse('compliance:cells')}?{urlencode({name: value for name, value in asked.items() if value})}"


def subjects_of(user: Any, board: Board, at: datetime, mine_kind: str) -> tuple[tuple[str, str, str], ...]:
    """(id, name, kind) of every subject of a small board, by territory."""
    if board.kind == "mine":
        rows = visible_mines(user, at).filter(provisional=False)
        rows = rows.filter(city=board.city) if board.city else rows
        rows = rows.filter(kind=mine_kind) if mine_kind else rows
        return tuple(rows.order_by("county", "code").values_list("code", "name", "kind"))
    seen = set(visible_cells(user, at).filter(subject_kind=board.kind).values_list("subject", flat=True).distinct())
    return tuple((row.id, row.name, "") for row in binding.load(board.kind) if row.id in seen)


def marks_of(user: Any, board: Board, at: datetime, lines: Sequence[Line]) -> dict[tuple[str, str], tuple[str, str]]:
    """(clause, subject) → (state, part) of a small board. One query."""
    cells = visible_cells(user, at).filter(subject_kind=board.kind, clause__in=[line.node.id for line in lines])
    if board.city:
        cells = cells.filter(city=board.city)
    return {
        (clause, subject): (state, part)
        for clause, subject, state, part in cells.values_list("clause", "subject", "state", "part")
    }


def _shown(
    board: Board,
    line: Line,
    single: Sequence[tuple[str, str, str]],
    cells: Mapping[tuple[str, str], tuple[str, str]],
    mine_kind: str,
) -> Shown:
    total = line.total
    bound = sum(total.values()) - total[State.NOT_APPLICABLE]
    rate = f"{100 * total[State.PROVED] // bound}%" if line.checks and bound else "—"
    service = served().get(line.node.id, NOTHING)
    return Shown(
        line,
        total,
        rate,
        line.part[State.PROVED],
        tuple(_marks(board, line, single, cells)),
        () if single else tuple(_parts(board, line, mine_kind)),
        ROOMS.get(service.waits_for, ""),
        cells_address(board, line.node.id, "", "", mine_kind),
    )


def _marks(
    board: Board,
    line: Line,
    single: Sequence[tuple[str, str, str]],
    cells: Mapping[tuple[str, str], tuple[str, str]],
) -> list[Mark]:
    found = []
    for ident, name, kind in single:
        if board.kind == "mine" and line.node.mine_kinds and binding.POLICY_KINDS[kind] not in line.node.mine_kinds:
            continue
        state, part = cells.get((line.node.id, ident), (State.UNKNOWN.value, ""))
        said = f"{name}：{STATE_WORDS[State(state)]}"
        if part and state == State.UNKNOWN:
            said += f"（已核部分{STATE_WORDS[State(part)]}）"
        found.append(Mark(state, part, reverse("compliance:cell", args=[board.kind, ident, line.node.id]), said))
    return found


def _parts(board: Board, line: Line, mine_kind: str) -> list[Part]:
    found = []
    for column in board.columns:
        counts = line.of(column.code)
        count = sum(counts.values())
        shares = tuple(
            (css, word, number, f"{100 * number / count:.1f}%")
            for css, word, number in split_unknown(bar(counts), line.parts.get(column.code, {}))
        )
        if not count:
            found.append(Part(column, "", (), ""))
            continue
        grave = next((state.value for state in SHOWN[:2] if counts.get(state)), "")
        asked = column.code if not board.city and column.code else board.city
        found.append(Part(column, cells_address(board, line.node.id, grave, asked, mine_kind), shares, ""))
    return found


def split_unknown(shown: Sequence[tuple[str, str, int]], parts: Mapping[str, int]) -> list[tuple[str, str, int]]:
    """(style, word, count), with those unknown of whom a part was judged well apart from the others."""
    found = []
    for state, word, number in shown:
        if state != State.UNKNOWN:
            found.append((state, word, number))
            continue
        kept = [(part, parts[part]) for part in PARTS if parts.get(part)]
        rest = number - sum(count for _, count in kept)
        found += [("unknown", word, rest)] if rest > 0 else []
        found += [(f"unknown cb-part-{part}", f"未知（已核部分{STATE_WORDS[part]}）", count) for part, count in kept]
    return found


def exported(board: Board, lines: Sequence[Line]) -> list[tuple[Any, ...]]:
    """A row for each clause and territory."""
    rows = []
    for line in lines:
        waits = ROOMS.get(served().get(line.node.id, NOTHING).waits_for, "")
        for column in board.columns:
            counts = line.of(column.code)
            if counts:
                part = line.parts[column.code][State.PROVED] if column.code in line.parts else 0
                states = tuple(counts[state] for state in SHOWN)
                rows.append(
                    (
                        line.node.id,
                        line.node.title,
                        KIND_WORDS[board.kind],
                        column.name,
                        *states,
                        part,
                        line.checks,
                        waits,
                    )
                )
    return rows
