"""Counter-based randomness: every number is a pure function of (key, counter).

Nothing carries state from one sample to the next, so any time window of any point can be made alone and equals
the same window of a longer run. The mixing function is the finaliser of SplitMix64.
"""

from hashlib import blake2b

import numpy as np
import numpy.typing as npt

Bits = npt.NDArray[np.uint64]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX2 = np.uint64(0x94D049BB133111EB)
_HALF_WORDS = tuple(np.uint64(shift) for shift in (0, 16, 32, 48))
_IRWIN_HALL_MEAN = 4 * 32767.5
_IRWIN_HALL_SD = float(np.sqrt(4 * (65536.0**2 - 1) / 12))
_AR_STEP = 120
_AR_PHI = 0.6
_AR_TAPS = 8
_AR_WEIGHTS = _AR_PHI ** np.arange(_AR_TAPS)
_AR_SCALE = 1 / float(np.sqrt((_AR_WEIGHTS**2).sum()))

NORMAL_BOUND = 3.47
AR_BOUND = 3.0


def key_of(*parts: int | str) -> int:
    """A 63-bit key from names and numbers, stable across runs and machines."""
    text = "\x1f".join(str(part) for part in parts)
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big") >> 1


def hashed(keys: Ints, counters: Ints) -> Bits:
    """64 random bits per (key, counter); the two arrays broadcast."""
    x = keys.astype(np.uint64) + counters.astype(np.uint64) * _GOLDEN
    x = (x ^ (x >> np.uint64(30))) * _MIX1
    x = (x ^ (x >> np.uint64(27))) * _MIX2
    return np.asarray(x ^ (x >> np.uint64(31)), dtype=np.uint64)


def uniform(keys: Ints, counters: Ints) -> Floats:
    """Uniform numbers in [0, 1)."""
    return (hashed(keys, counters) >> np.uint64(11)).astype(np.float64) * 2.0**-53


def normal(keys: Ints, counters: Ints) -> Floats:
    """Nearly normal numbers (sum of four 16-bit uniforms): mean 0, deviation 1, never beyond ±NORMAL_BOUND."""
    bits = hashed(keys, counters)
    total = np.zeros(bits.shape)
    for shift in _HALF_WORDS:
        total += ((bits >> shift) & np.uint64(0xFFFF)).astype(np.float64)
    return (total - _IRWIN_HALL_MEAN) / _IRWIN_HALL_SD


def red_noise(keys: Ints, times: Ints) -> Floats:
    """AR(1) noise (φ = 0.6 a step of two minutes) read between steps linearly: keys (P, 1), times (T,) in s → (P, T), within ±AR_BOUND.

    The recursion is cut after eight steps (0.6⁸ < 2 %), which makes it a pure function of time.
    """
    first = int(times[0]) // _AR_STEP
    last = int(times[-1]) // _AR_STEP + 1
    steps = np.arange(first - _AR_TAPS + 1, last + 1, dtype=np.int64)[None, :]
    shocks = normal(keys, steps)
    width = last - first + 1
    knots = np.zeros((keys.shape[0], width))
    for lag, weight in enumerate(_AR_WEIGHTS):
        start = _AR_TAPS - 1 - lag
        knots += weight * shocks[:, start : start + width]
    knots = np.clip(knots * _AR_SCALE, -AR_BOUND, AR_BOUND)
    index = times // _AR_STEP - first
    share = (times % _AR_STEP) / _AR_STEP
    return np.asarray(knots[:, index] * (1 - share) + knots[:, index + 1] * share, dtype=np.float64)
