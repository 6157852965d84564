"""Where a camera looks, and what is asked of it: by the register, else by the text its mine gave it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from kuangan.library.warning.register import RegisteredCamera
from kuangan.library.warning.video.memory import CAMERA_COLUMNS, EXEMPT, OTHER, REQUIRED, Memory, Views
from kuangan.library.warning.video.settings import NO_COVERAGE, CoverageRule, MustSee

if TYPE_CHECKING:
    from kuangan.library.warning.state import State


def coverage(state: State) -> CoverageRule:
    return state.book.settings(NO_COVERAGE, CoverageRule)


def registered(state: State, mine: int) -> Mapping[str, RegisteredCamera]:
    """The cameras that the register has of a mine, by code."""
    return state.register.cameras.get(state.mines[mine], {})


def camera(state: State, memory: Memory, mine: int, code: str) -> int:
    """Index of a camera by either of its codes, entered when new."""
    others = memory.other_codes.get(mine)
    if others is None:
        rows = registered(state, mine).items()
        others = memory.other_codes[mine] = {row.other_code: code for code, row in rows if row.other_code}
    known = len(memory.codes)
    at = memory.camera(mine, others.get(code, code))
    if at == known:
        refresh(state, memory, at)
    return at


def text_of(state: State, memory: Memory, at: int) -> str:
    """The text of the place a camera looks at, empty when nobody said."""
    mine, code = int(memory.c["mine"][at]), memory.codes[at]
    row = registered(state, mine).get(code)
    return row.place if row is not None and row.place else memory.site(mine).places.get(code, "")


def required_rows(state: State, mine: int) -> list[MustSee]:
    """What must be seen in a mine by its kind; of a kind nobody registered nothing is known."""
    entry = state.register.mines.get(state.mines[mine])
    kind = entry.kind if entry is not None else ""
    return [row for row in coverage(state).places if kind in row.mine_kinds]


def stopped(state: State, mine: int) -> bool:
    entry = state.register.mines.get(state.mines[mine])
    return entry is not None and entry.stopped


def refresh(state: State, memory: Memory, at: int) -> None:
    """Work out again what is asked of a camera."""
    mine = int(memory.c["mine"][at])
    memory.views.pop(mine, None)
    row = registered(state, mine).get(memory.codes[at])
    place = coverage(state).place_of(text_of(state, memory, at))
    wanted = [each for each in required_rows(state, mine) if place is not None and each.place == place[0]]
    duty = REQUIRED if wanted else OTHER
    if row is not None and row.duty:
        duty = EXEMPT if row.duty == "none" else REQUIRED
    seal = (row is not None and row.seal) or any(each.seal for each in wanted)
    memory.c["duty"][at] = duty
    memory.c["sealed"][at] = seal and stopped(state, mine)


def enter(state: State, memory: Memory, mine: int) -> None:
    """Enter the cameras that the register has of a mine; those that were known by their other code are forgotten."""
    for code, row in registered(state, mine).items():
        at = camera(state, memory, mine, code)
        known = memory.index.get((mine, row.other_code)) if row.other_code else None
        if known is not None and known != at:
            for name, (_, default) in CAMERA_COLUMNS.items():
                memory.c[name][known] = default if name != "mine" else mine


def refresh_all(state: State, memory: Memory) -> None:
    """Rule book or register changed."""
    memory.other_codes.clear()
    for mine, site in memory.sites.items():
        if site.cameras:
            enter(state, memory, mine)
    for at in range(len(memory.codes)):
        refresh(state, memory, at)


def views(state: State, memory: Memory, mine: int) -> Views:
    """What the cameras of a mine look at; kept until a camera, a definition, the register or the rule book changes."""
    known = memory.views.get(mine)
    if known is None:
        known = memory.views[mine] = Views({}, {}, [])
        for at in memory.site(mine).cameras:
            text = text_of(state, memory, at)
            place = coverage(state).place_of(text)
            if place is not None:
                known.by_kind.setdefault(place[0], []).append(at)
            known.by_name.setdefault(place[1] if place is not None else text, []).append(at)
            if not text:
                known.unnamed.append(at)
    return known


def inputs_of(state: State, memory: Memory, at: int) -> dict[str, object]:
    """What every event about a camera says of it."""
    text = text_of(state, memory, at)
    place = coverage(state).place_of(text)
    return {"camera": memory.codes[at], "location": text, "place_kind": place[0] if place else ""}
