"""Every sample cut off at every byte: nothing breaks, nothing is invented, and no cut file with an end mark counts as whole."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from kuangan.library.telemetry.decode import decode, decode_carefully
from kuangan.library.telemetry.frames import Frame
from tests.library.telemetry.wire import frame

SAMPLES: Final = Path(__file__).parents[4] / "shared" / "samples" / "wire"
MINE: Final = "140581900001"
ENDS: Final = (b"||", b"]]]")
WHOLE: Final = 40
"""Samples that end with a mark or are a document: of the others, lines without an end, any line may be the last."""


def name_of(path: Path) -> str:
    """Events of cameras come by address, without a name of their own."""
    if path.name.startswith("video_"):
        return f"{MINE}_{path.stem.removeprefix('video_')}_20260310081520.json"
    return path.name


def cuts(path: Path) -> list[Frame]:
    payload = path.read_bytes()
    return [frame(payload[:length], name_of(path)) for length in range(len(payload) + 1)]


@pytest.mark.shared
def test_every_sample_cut_at_every_byte_is_told_apart_from_the_whole() -> None:
    marked = 0
    for path in sorted(SAMPLES.iterdir()):
        content, frames = path.read_bytes().rstrip(), cuts(path)
        quick, careful = decode(frames), decode_carefully(frames)
        assert quick.outcomes == careful.outcomes, path.name
        whole = quick.outcomes[-1]
        assert all(one.good <= whole.good for one in quick.outcomes), path.name
        complete = whole.status == "accepted" and (content.endswith(ENDS) or path.suffix == ".json")
        if complete:
            marked += 1
            early = quick.outcomes[: len(content)]
            assert [n for n, one in enumerate(early) if one.status == "accepted"] == [], path.name
    assert marked >= WHOLE
