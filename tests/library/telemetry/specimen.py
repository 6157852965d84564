"""A good file of every declared type; all words are invented."""

from __future__ import annotations

from typing import Final

from kuangan.library.telemetry.frames import Frame
from kuangan.library.telemetry.grammar import file_types
from kuangan.library.telemetry.specimens import Writer
from tests.library.telemetry.wire import AT, MINE, frame

WORDS: Final = {
    **{
        "mine_name": "合成一号煤矿",
        "location": "1102采煤工作面",
        "place": "1102采煤工作面",
        "name": "合成甲",
        "unit": "m",
    },
    **{
        "type_name": "甲烷",
        "area_type": "重点区域",
        "category": "1",
        "text": "合成内容",
        "level": "4",
        "kind": "a",
        "point": "P1",
    },
    **{
        "system_name": "合成系统",
        "alarm_type": "001",
        "value_type": "MN",
        "system": "01",
        "circuit": "主通风机",
        "shift": "早班",
    },
}
WRITER: Final = Writer(MINE, AT, WORDS)
ALL: Final = [
    (name, extension)
    for name, kind in file_types().items()
    for extension in (("json", "csv") if kind.grammar.syntax == "sheet" else ("",))
]
"""Every type, with the extension of its file where it has two."""


def specimen(name: str, extension: str = "", records: int = 2) -> tuple[str, bytes]:
    """Name and content of a good file of a type."""
    kind = file_types()[name]
    return WRITER.name(kind, extension), WRITER.file(kind, extension, records)


def offered(name: str, payload: bytes, seq: int = 0) -> Frame:
    """A file as a frame."""
    return frame(payload, name, seq=seq)
