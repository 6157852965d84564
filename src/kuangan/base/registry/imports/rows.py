"""One row of a register as a typed model: what a cell must look like to be understood, and what it is called when it is not."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from kuangan.base.clock import BEIJING
from kuangan.base.registry.imports.columns import FIELDS, columns, plain, tidy
from kuangan.base.registry.imports.positions import apart, datum_of, degrees
from kuangan.base.registry.imports.sheets import Cell, Line, text_of
from kuangan.library.telemetry.names import MINE_CODE_LENGTH

CODE: Final = re.compile(rf"\d{{6}}[0-9A-Z]{{3,{MINE_CODE_LENGTH - 6}}}")
USUAL_LENGTH: Final = 12
NUMBER: Final = re.compile(r"([+-]?\d+(?:\.\d+)?)(?:万吨?|万t|mt)?(?:每|/)?(?:年|a)?", re.IGNORECASE)
DATE: Final = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})(?:\s*[-/.月]\s*(\d{1,2}))?\s*(?:日|月)?(?:[ T].*)?")
LIST: Final = re.compile(r"[、，,;；/|\n]+")
EXACT_BELOW: Final = 10**15
"""Excel keeps fifteen digits of a number."""
EXCEL_BEGAN: Final = datetime(1899, 12, 30, tzinfo=BEIJING)
EARLIEST, LATEST = 1949, 2100
LONGITUDES, LATITUDES = (73.0, 136.0), (3.0, 54.0)
"""Degrees within which China lies: a 0, a grid in metres and a swapped pair fall outside."""


def _fault(code: str) -> ValueError:
    """What a validator raises: the code of the reason."""
    return ValueError(code)


def _code(cell: Cell) -> str:
    """Six digits of a region and what follows; a number kept by Excel with fifteen digits is exact, one with an exponent is not."""
    text = text_of(cell).replace(" ", "").lstrip("'").upper()
    if re.fullmatch(r"[\d.]+e\+?\d+", text, re.IGNORECASE):
        raise _fault("code_inexact")
    if isinstance(cell, int | float) and abs(cell) >= EXACT_BELOW:
        raise _fault("code_inexact")
    if text.endswith(".0"):
        text = text[:-2]
    if not CODE.fullmatch(text):
        raise _fault("code_malformed")
    return text


def _name(cell: Cell) -> str:
    text = text_of(cell)
    if len(text) > 120:
        raise _fault("too_long")
    return text


def _number(cell: Cell) -> float:
    if isinstance(cell, bool):
        raise _fault("number_unreadable")
    if isinstance(cell, int | float):
        value = float(cell)
    else:
        found = NUMBER.fullmatch(text_of(cell).replace(",", "").replace(" ", ""))
        if not found:
            raise _fault("number_unreadable")
        value = float(found[1])
    thresholds = columns().thresholds
    if not thresholds["capacity_least"] <= value <= thresholds["capacity_most"]:
        raise _fault("number_out_of_range")
    return round(value, 4)


def _moment(cell: Cell) -> datetime:
    """Midnight of a day in Beijing: a date, an Excel day number, or a date as text in any of the usual spellings."""
    if isinstance(cell, datetime):
        return _day(cell.year, cell.month, cell.day)
    if isinstance(cell, date):
        return _day(cell.year, cell.month, cell.day)
    text = text_of(cell)
    if found := re.fullmatch(r"(\d{4})(\d{2})(\d{2})", text):
        return _day(int(found[1]), int(found[2]), int(found[3]))
    if re.fullmatch(r"\d{5}(\.\d+)?", text):
        day = EXCEL_BEGAN + timedelta(days=int(float(text)))
        return _day(day.year, day.month, day.day)
    if found := DATE.fullmatch(text):
        return _day(int(found[1]), int(found[2]), int(found[3] or 1))
    raise _fault("date_unreadable")


def _day(year: int, month: int, day: int) -> datetime:
    if not EARLIEST <= year <= LATEST:
        raise _fault("date_unreadable")
    try:
        return datetime(year, month, day, tzinfo=BEIJING)
    except ValueError as fault:
        raise _fault("date_unreadable") from fault


def _degrees(least: float, most: float) -> BeforeValidator:
    def within(cell: Cell) -> float:
        value = None if isinstance(cell, bool) else degrees(text_of(cell))
        if value is None:
            raise _fault("degrees_unreadable")
        if not least <= value <= most:
            raise _fault("number_out_of_range")
        return value

    return BeforeValidator(within)


def _list(cell: Cell | list[str]) -> list[str]:
    found = cell if isinstance(cell, list) else [part.strip() for part in LIST.split(text_of(cell)) if part.strip()]
    if any(len(part) > 120 for part in found):
        raise _fault("too_long")
    return found


def _aliases(cell: Cell | list[str]) -> list[str]:
    found = _list(cell)
    if any(not re.fullmatch(r"[0-9A-Za-z]{6,32}", part) for part in found):
        raise _fault("code_malformed")
    return found


def _word(field: str) -> BeforeValidator:
    def known(cell: Cell) -> str:
        text, words = text_of(cell), columns().words[field]
        code = text if text in words.values() else words.get(plain(text))
        if code is None:
            raise _fault("word_unknown")
        return code

    return BeforeValidator(known)


Kind = Literal["underground_coal", "open_pit_coal", "underground_noncoal", "open_pit_noncoal", "tailings_pond"]
Name = Annotated[str, BeforeValidator(_name)]


class Row(BaseModel):
    """A row as it was understood; None where the cell is empty or the column is missing."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: Annotated[str, BeforeValidator(_code)]
    name: Name | None = None
    kind: Annotated[Kind, _word("kind")] | None = None
    county: Name | None = None
    capacity: Annotated[float, BeforeValidator(_number)] | None = None
    state: Annotated[str, _word("state")] | None = None
    gas_grade: Annotated[str, _word("gas_grade")] | None = None
    water_grade: Annotated[str, _word("water_grade")] | None = None
    fire_grade: Annotated[str, _word("fire_grade")] | None = None
    dust_grade: Annotated[str, _word("dust_grade")] | None = None
    standard_grade: Annotated[str, _word("standard_grade")] | None = None
    flood_threat: Annotated[str, _word("flood_threat")] | None = None
    longitude: Annotated[float, _degrees(*LONGITUDES)] | None = None
    latitude: Annotated[float, _degrees(*LATITUDES)] | None = None
    datum: Annotated[str, BeforeValidator(lambda cell: datum_of(text_of(cell)))] | None = None
    parent_company: Name | None = None
    actual_controller: Name | None = None
    supervisor: Annotated[list[str], BeforeValidator(_list)] | None = None
    aliases: Annotated[list[str], BeforeValidator(_aliases)] | None = None
    valid_from: Annotated[datetime, BeforeValidator(_moment)] | None = None
    basis: Name | None = None

    @property
    def coordinates(self) -> dict[str, Any] | None:
        """The fact that the pair makes: {lon, lat, datum} in degrees, without datum when none is stated."""
        if self.longitude is None or self.latitude is None:
            return None
        place: dict[str, Any] = {"lon": self.longitude, "lat": self.latitude}
        return place | ({"datum": self.datum} if self.datum else {})


Reason = dict[str, str]
"""{code, column, detail}: why a row is questioned or refused; `column` is a field, "" for the row as a whole."""


def reason(code: str, column: str = "", detail: object = "") -> Reason:
    return {"code": code, "column": column, "detail": tidy(str(detail))[:200]}


def read_row(line: Line) -> tuple[Row | None, list[Reason]]:
    """The row, or every reason why it cannot be one."""
    given: Mapping[str, Any] = line.cells
    if not given.get("code"):
        return None, [reason("code_missing", "code")]
    if given.get("coordinates") and not {"longitude", "latitude"} & given.keys():
        pair = apart(text_of(given["coordinates"]))
        if pair is None:
            return None, [reason("degrees_unreadable", "coordinates", given["coordinates"])]
        given = {**given, "longitude": pair[0], "latitude": pair[1]}
    if len({"longitude", "latitude"} & given.keys()) == 1:
        return None, [reason("coordinates_half", "coordinates")]
    try:
        return Row.model_validate({name: given[name] for name in FIELDS if name in given and name != "coordinates"}), []
    except ValidationError as fault:
        return None, [_told(given, error) for error in fault.errors()]


def _told(given: Mapping[str, Any], error: Mapping[str, Any]) -> Reason:
    column = str(error["loc"][0])
    code = str(error.get("ctx", {}).get("error", "unreadable"))
    return reason(code, column, text_of(given.get(column)))
