"""The merge driver for the feature list: `python -m orchestrator.hooks.merge_driver %O %A %B %L %P` as git calls it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from orchestrator.errors import OrchestratorError

if TYPE_CHECKING:
    from orchestrator.features.conflict_markers import Look
    from orchestrator.git.plumbing import Git


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
        done = _git().try_run("merge-file", f"--marker-size={marker_size}", *labels, ours, base, theirs)
        sys.stderr.write(done.stderr.decode("utf-8", "replace"))
        return min(1, abs(done.returncode))
    Path(ours).write_bytes(merged.data)
    for conflict in merged.conflicts:
        sys.stderr.write(f"orchestrator: conflict in {name}: {conflict}\n")
    return 1 if merged.conflicts else 0


def _look(marker_size: str) -> Look:
    """What the user likes conflicts to look like."""
    from orchestrator.features.conflict_markers import Look

    said = _git().try_run("config", "merge.conflictStyle").stdout.strip()
    return Look(int(marker_size), said in (b"diff3", b"zdiff3"))


def _git() -> Git:
    """Git where git called us; with --git-dir the repository can't be found from the folder."""
    from orchestrator.git.plumbing import Git

    given = os.environ.get("GIT_DIR", "")
    return Git(Path.cwd(), git_dir=str(Path(given).resolve()) if given else "", in_hook=True)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
