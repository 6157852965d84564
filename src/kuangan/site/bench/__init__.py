"""`kuangan bench`: how fast this machine judges, side by side with a plain read of the same bytes, in one run.

Every measurement runs in a process of its own (`stages`), pinned to one core where it says so, in a folder below the home that is
removed afterwards. All data are synthetic and made from a seed; nothing but 127.0.0.1 is spoken to.
"""

from kuangan.site.bench.running import run
from kuangan.site.bench.stages import NAMED
from kuangan.site.bench.table import shown

__all__ = ["NAMED", "run", "shown"]
