"""`kuangan simulate`: wire files of synthetic mines and the labels of what was planted in them."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from kuangan.library.simulate import fleet, history, history_script, truths, write_tree
from kuangan.site.processes import wall_ms

SECOND = 1000


def run(
    out: Path, mines: int, points: int, hours: float, rhythm: int, seed: int, faults: bool, crew: int, states: bool
) -> dict[str, Any]:
    """Write the files below `out` and `truth.json` beside them (data labelled synthetic)."""
    end = wall_ms() // (rhythm * SECOND) * rhythm * SECOND
    start = end - int(hours * 3600 * SECOND)
    chosen = fleet(seed, mines, points, crew, states)
    script = history_script(chosen, start, end, seed) if faults else []
    files = sum(write_tree(out, batch) for batch in history(chosen, start, end, rhythm, script))
    labels = [asdict(truth) for mine in chosen for truth in truths(mine, script, rhythm)]
    content = {"synthetic": True, "seed": seed, "rhythm": rhythm, "start": start, "end": end, "truths": labels}
    out.parent.joinpath(f"{out.name}-truth.json").write_text(json.dumps(content, ensure_ascii=False, indent=1), "utf-8")
    return {"mines": len(chosen), "files": files, "labels": len(labels), "start": start, "end": end, "synthetic": True}
