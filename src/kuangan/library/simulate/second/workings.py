"""The catalogue of the second generator, and how a trial is made from its name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from zlib import crc32

import numpy as np

from kuangan.library.simulate.labels import Trial
from kuangan.library.simulate.second import folk_deeds, recipes
from kuangan.library.simulate.second.folk_trials import play
from kuangan.library.simulate.second.layout import lay_out
from kuangan.library.simulate.second.making import Making
from kuangan.library.simulate.second.words import characters

REGION = "140899"
STREAMS = {"report": 1, "tuning": 2}
SERIALS = 10_000


class Kind(NamedTuple):
    """A family or part of one: recipe, length in hours, seconds between samples (0: those of the character), characters and links."""

    recipe: recipes.Recipe
    hours: float
    rhythm_s: int
    characters: tuple[str, ...]
    links: tuple[str, ...]


ALL = ("wide_shallow", "drained_thick", "deep_outburst", "thin_blasted")
GASSY = ALL[1:]
KINDS: Mapping[str, Kind] = {
    "surges": Kind(recipes.surges, 10, 20, ALL, ("plain",)),
    "surges/lossy": Kind(recipes.surges, 10, 20, ALL[:2], ("bursts", "skewed", "changes", "filled")),
    "breaks": Kind(recipes.links, 14.5, 20, ALL[1:2], ("plain", "bursts", "skewed", "filled")),
    "drifts": Kind(recipes.drifts, 120, 30, GASSY, ("plain",)),
    "calm": Kind(recipes.calm, 72, 30, ALL, ("plain",)),
    "calm/lossy": Kind(recipes.calm, 72, 30, ALL[2:3], ("bursts", "changes")),
    **{f"guile/{name}": Kind(recipe, 72, 30, GASSY, ("plain",)) for name, recipe in recipes.GUILE.items()},
    "guile/noisy_blocked": Kind(recipes.blocked, 72, 30, GASSY[:1], ("bursts",)),
    **{f"folk/{name}": Kind(recipes.calm, 48, 60, ("thin_blasted",), ("plain",)) for name in folk_deeds.PLAYS},
    "guile/noisy_moved": Kind(recipes.moved, 72, 30, GASSY[1:2], ("skewed",)),
}


class Workings:
    """The second generator."""

    name = "second"

    def keys(self, small: bool = False) -> Sequence[str]:
        """See `labels.Generator`."""
        if small:
            return [f"{kind}/{row.characters[0]}/{row.links[0]}" for kind, row in KINDS.items()]
        return [f"{kind}/{c}/{link}" for kind, row in KINDS.items() for c in row.characters for link in row.links]

    def trial(self, seed: int, stream: str, key: str) -> Trial:
        """See `labels.Generator`. Raises KeyError for a name that is not listed or another stream."""
        numbers = {known: number for number, known in enumerate(self.keys())}
        serial = (numbers[key] + seed * len(numbers)) % SERIALS
        rng = np.random.default_rng(np.random.SeedSequence([seed, STREAMS[stream], crc32(key.encode())]))
        code = f"{REGION}9{STREAMS[stream]}{serial:04d}"
        kind, character, link = key.rsplit("/", 2)
        row = KINDS[kind]
        layout = lay_out(code, STREAMS[stream] * SERIALS + serial, characters()[character])
        make = Making(key, layout, rng, row.hours, row.rhythm_s, link)
        if kind.startswith("folk/"):
            return play(make, kind.removeprefix("folk/"))
        row.recipe(make)
        return make.trial()
