"""Events of cameras over HTTP (MT/T 1201.6): which paths there are, whose a posted array is, what is answered."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from starlette.responses import JSONResponse

from kuangan.library.telemetry.content import Quarantine
from kuangan.library.telemetry.forms import FileType
from kuangan.library.telemetry.gateways.senders import Sender
from kuangan.library.telemetry.gateways.uploads import BodyRefused
from kuangan.library.telemetry.grammar import file_types
from kuangan.library.telemetry.keyed import read_json
from kuangan.library.telemetry.names import BEIJING

FAMILY: Final = "video"
PATHS: Final[dict[str, FileType]] = {name: kind for name, kind in file_types().items() if kind.family == FAMILY}
MINE: Final = "mineCode"
ALL: Final = "*"


def named(path: str, payload: bytes, sender: Sender, at: int) -> str:
    """The name under which a posted array is kept: its mine, the path, the moment it came (Unix ms).

    An array is of one mine; where no item names it, of the one that its sender may speak for. Raises BodyRefused for what is no
    array, names several mines, or none.
    """
    try:
        records = read_json(payload, "", PATHS[path], set()).records
    except Quarantine as fault:
        raise BodyRefused("malformed", len(payload)) from fault
    said = {each.get(MINE, "").strip().upper() for each in records if each is not None and not isinstance(each, str)}
    mines = (said - {""}) or (sender.codes - {ALL})
    if len(mines) != 1:
        raise BodyRefused("mine_differs" if mines else "unnamed", len(payload))
    moment = datetime.fromtimestamp(at / 1000, UTC).astimezone(BEIJING)
    return f"{next(iter(mines))}_{path}_{moment:%Y%m%d%H%M%S}.json"


def answer(status: int, told: str, headers: dict[str, str]) -> JSONResponse:
    """The answer that senders of this interface expect: the code in the body too."""
    return JSONResponse({"code": status, "msg": told}, status_code=status, headers=headers)
