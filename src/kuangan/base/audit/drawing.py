"""Draws that can be made again: the seed stands in the audit, so nobody chooses who is drawn."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def sample(population: Sequence[int], number: int, seed: str) -> list[int]:
    """`number` of the population (all, when it is smaller), the same ones for the same seed, in the order drawn.

    `seed` is hexadecimal: the head of the digest of the entry that tells of the draw.
    """
    generator = np.random.Generator(np.random.PCG64(int(seed, 16)))
    return [int(pk) for pk in generator.permutation(sorted(population))[:number]]
