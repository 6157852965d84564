"""One measurement: `python -m kuangan.site.bench STAGE JSON` prints one JSON object."""

from __future__ import annotations

import json
import sys

from kuangan.site.bench.stages import measure

if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], json.loads(sys.argv[2]))), flush=True)
