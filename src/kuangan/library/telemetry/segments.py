"""Where segments of the spool lie and what their names say."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


class SpoolDamaged(Exception):
    """A segment is unreadable, or frames are missing between segments."""


@dataclass(frozen=True, slots=True, order=True)
class Segment:
    """One file of the spool; `first` is the number of its first frame."""

    first: int
    path: Path


def live_folder(home: Path, gateway: str) -> Path:
    """Segments as they were committed."""
    return home / "spool" / "live" / gateway


def sealed_folder(home: Path, gateway: str) -> Path:
    """Hourly segments."""
    return home / "spool" / "sealed" / gateway


def first_seq(home: Path, gateway: str) -> int:
    """Number of the oldest frame that the spool holds; 0 when it holds none."""
    folders = (sealed_folder(home, gateway), live_folder(home, gateway))
    return min((segments[0].first for folder in folders if (segments := list_segments(folder))), default=0)


def list_segments(folder: Path) -> list[Segment]:
    """Segments of a folder in order of their frames; foreign and temporary files are passed over."""
    try:
        names = [path.name for path in folder.iterdir()]
    except FileNotFoundError:
        return []
    found = []
    for name in names:
        stem, dot, end = name.partition(".")
        first = stem.rsplit("-", 1)[-1]
        if dot and end == "parquet" and len(first) == 12 and first.isdecimal():
            found.append(Segment(int(first), folder / name))
    return sorted(found)
