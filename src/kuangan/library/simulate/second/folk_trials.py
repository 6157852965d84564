"""A trial of people: the crowd and its files beside an ordinary mine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from kuangan.library.simulate.labels import Label, Trial, may
from kuangan.library.simulate.second import folk_deeds, folk_text, links
from kuangan.library.simulate.second.folk import AREAS, SNAPSHOT_MS, Crowd
from kuangan.library.simulate.second.making import Making, ordered
from kuangan.library.simulate.writer import Upload

DAY = 86_400_000
STILL_MS = 3 * 3_600_000


def play(make: Making, name: str) -> Trial:
    """The trial of a deed. Raises KeyError for an unknown one."""
    piece = folk_deeds.PLAYS[name]
    make.sensed()
    make.sent()
    trial = make.trial()
    crowd = Crowd(make.layout, make.rng, trial.begin, trial.end, working=not piece.stopped)
    labels = [*piece.deed(crowd), *_crowded(crowd), *_resting(crowd)]
    uploads = sorted([*trial.uploads, *_files(make, crowd, piece)], key=lambda one: one.send_time)
    register = json.loads(trial.register)
    if piece.stopped:
        register["mines"][make.layout.code] |= {"state": "stopped", "caretakers": {"most": folk_deeds.CARETAKERS}}
    return Trial(
        trial.key,
        trial.characters,
        trial.condition,
        trial.begin,
        trial.end,
        json.dumps(register, ensure_ascii=False).encode(),
        uploads,
        ordered([*trial.labels, *labels]),
    )


def _crowded(crowd: Crowd) -> Iterator[Label]:
    """Snapshots in which an area holds more than it may, whatever was planted."""
    for at, row in crowd.counts().items():
        for number, area in enumerate(AREAS, 1):
            if row[area] > crowd.area_approved[area]:
                code = f"{crowd.layout.code}{number:04d}"
                yield from may(crowd.layout.code, at, at, "people.area_over", subjects=(code,), slack=SNAPSHOT_MS)


def _resting(crowd: Crowd) -> Iterator[Label]:
    """People who stay where they are for hours by chance: it may be said of them."""
    for person in crowd.people:
        for trip in person.trips:
            times = [*(one.time for one in trip.passes), trip.exit]
            for heard, again in pairwise(times):
                if again - heard >= STILL_MS:
                    yield from may(crowd.layout.code, heard, again, "people.no_movement", slack=SNAPSHOT_MS)


def _files(make: Making, crowd: Crowd, piece: folk_deeds.Play) -> Iterator[Upload]:
    skew = links.LINKS[make.link].skew_s
    for day in range(crowd.begin, crowd.end, DAY):
        yield from folk_text.base(crowd, day + skew)
    moments = np.array(crowd.snapshots())
    lost = links.gilbert_elliott(make.rng, len(moments), links.LINKS[make.link].lost / 4, 1.2)
    for at in moments[~lost].tolist():
        if piece.gate is not None and piece.gate.declared:
            yield folk_text.positions_2016(crowd, at, at + 3000, folk_deeds.declared(crowd, piece.gate, at))
        else:
            yield folk_text.positions(crowd, at, at + 3000)
        if piece.gate is not None:
            below, inwards, outwards = folk_deeds.seen_by_cameras(crowd, piece.gate, at)
            yield folk_text.camera_count(crowd, at, below)
            yield folk_text.camera_passages(crowd, at, inwards, outwards)
