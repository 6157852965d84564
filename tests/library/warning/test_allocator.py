import subprocess
import sys

SCRIPT = """
import resource, numpy as np
from kuangan.library.warning.runners.allocator import keep_freed_memory
print(keep_freed_memory())
np.ones(4_000_000).sum()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(20):
    np.ones(4_000_000).sum()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def test_freed_memory_is_used_again_without_asking_the_system() -> None:
    told, faults = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, check=True).stdout.split()
    assert told == b"True"
    assert int(faults) < 2000
