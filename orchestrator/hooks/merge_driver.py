"""The merge driver for the feature list: `python -m orchestrator.hooks.merge_driver %O %A %B %L %P` as git calls it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from orchestrator.errors import OrchestratorError

if TYPE_CHECKING:
    from orchestrator.features.conflict_markers import Look


def main(base: str, ours: str, theirs: str, marker_size: str = "7", name: str = "feature_list.json") -> int:
    """Merge into `ours`; 0 when it is clean, 1 for conflicts, which git then tells of."""
    from orchestrator.features.merge import merge

    sides = Path(base).read_bytes(), Path(ours).read_bytes(), Path(theirs).read_bytes()
    try:
        merged = merge(*sides)
        if merged.conflicts:
            merged = merge(*sides, _look(marker_size))
    except OrchestratorError as error:
        sys.stderr.write(f"orchestrator: warning: {name} is merged as text: {error}\n")
        labels = [arg for label in ("ours", "base", "theirs") for arg in ("-L", label)]
        argv = ["git", "merge-file", f"--marker-size={marker_size}", *labels, ours, base, theirs]
        return min(1, subprocess.run(argv, check=False).returncode)
    Path(ours).write_bytes(merged.data)
    for conflict in merged.conflicts:
        sys.stderr.write(f"orchestrator: conflict in {name}: {conflict}\n")
    return 1 if merged.conflicts else 0


def _look(marker_size: str) -> Look:
    """What the user likes conflicts to look like."""
    from orchestrator.features.conflict_markers import Look

    argv = ["git", "config", "merge.conflictStyle"]
    said = subprocess.run(argv, capture_output=True, text=True, check=False).stdout.strip()
    return Look(int(marker_size), said in ("diff3", "zdiff3"))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
