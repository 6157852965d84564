"""`kuangan evaluate`: deeds and faults with known truth through the real chain, and what the detectors make of them.

All data are synthetic and made from a seed. Report and tuning never share a mine: they are streams of their own.
"""

from kuangan.site.evaluate.running import Plan, evaluate

__all__ = ["Plan", "evaluate"]
