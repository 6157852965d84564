"""Files of theirs: `exchange/<platform>/in/*.json`. A file is taken once it is whole, then goes to `done`; what was bad in
it lies beside it as `rejected/<name>.reasons.json`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from kuangan.base.clock import from_ms
from kuangan.domains.datalink.exchange.leaving import folder_of
from kuangan.domains.datalink.exchange.mapping import Mapping
from kuangan.domains.datalink.exchange.models import Platform
from kuangan.domains.datalink.exchange.shapes import MOST_BYTES, Answer
from kuangan.domains.datalink.exchange.taking import Refused, read_batch, take
from kuangan.library.telemetry.files import put_durably

GRACE = timedelta(seconds=60)
"""How long a file that is no JSON yet may still be written by its sender."""
FILES = 50


def take_folder(home: Path, platform: Platform, mapping: Mapping, at: datetime) -> int:
    """Take the files that wait, oldest name first; returns how many. A file taken twice changes nothing."""
    if not platform.folder:
        return 0
    taken = 0
    for path in _waiting(folder_of(home, platform.code) / "in", at):
        take_file(path, platform, mapping, at)
        taken += 1
    return taken


def take_file(path: Path, platform: Platform, mapping: Mapping, at: datetime, keep: bool = False) -> Answer:
    """Take one file and put it away (`keep`: leave it where it is)."""
    with path.open("rb") as file:
        content = file.read(MOST_BYTES + 1)
    answer = take(platform, mapping, content, f"file:{path.name}", at)
    if not keep:
        _put_away(path, answer)
    return answer


def _waiting(folder: Path, at: datetime) -> Iterator[Path]:
    if not folder.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        return
    names = sorted(path for path in folder.glob("*.json") if path.is_file() and not path.is_symlink())
    whole = (path for path in names if not path.name.startswith(".") and _whole(path, at))
    yield from (path for path, _ in zip(whole, range(FILES), strict=False))


def _whole(path: Path, at: datetime) -> bool:
    """Whether the sender has finished: it reads as JSON, or has not been touched for a while."""
    state = path.stat()
    if at - from_ms(state.st_mtime_ns // 1_000_000) > GRACE or state.st_size > MOST_BYTES:
        return True
    try:
        read_batch(path.read_bytes())
    except Refused as fault:
        return fault.reason != "not_json"
    return True


def _put_away(path: Path, answer: Answer) -> None:
    """First the reasons, then the file: a kill between them leaves the file to be taken again, which changes nothing."""
    if answer.rejected:
        reasons: list[dict[str, Any]] = [{"file": path.name, **row.model_dump()} for row in answer.rejected]
        said = json.dumps({"rejected": reasons}, ensure_ascii=False, indent=1).encode()
        aside = path.parent / "rejected"
        aside.mkdir(exist_ok=True)
        put_durably(aside / f"{path.stem}.reasons.json", said)
    unread = bool(answer.rejected) and not answer.received
    target = path.parent / ("rejected" if unread else "done")
    target.mkdir(exist_ok=True)
    path.replace(_free(target / path.name))


def _free(path: Path) -> Path:
    """A name that is not taken: another file of the same name does not go over the first."""
    number, chosen = 1, path
    while chosen.exists():
        number += 1
        chosen = path.with_name(f"{path.stem}.{number}{path.suffix}")
    return chosen
