"""The first sync and the later ones on a long history, beside one plain `git log` and one grep a feature."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.benchmarks.measure import Case, run, table

COMMITS, FEATURES = 100_000, 1_000
ASK = (
    "import sys; from pathlib import Path; from orchestrator.git import place; from orchestrator.history import index; "
    "from orchestrator.history.events import Words; p = place.find(Path('.')); "
    "sys.exit(len(index.{how}(p, Words()).standing) != {features})"
)


def repository(root: Path) -> None:
    subprocess.run(["git", "init", "-q", "-b", "main", str(root)], check=True)
    parts = []
    for n in range(COMMITS):
        number, rest = divmod(n, COMMITS // FEATURES)
        message = f"session: completed F{number}\n\nIn words.\n" if rest == 50 else f"fix: part {n}\n\nWhy it was so.\n"
        data = message.encode()
        head = b"commit refs/heads/main\ncommitter T <t@example.com> %d +0000\ndata %d\n" % (
            1_600_000_000 + 60 * n,
            len(data),
        )
        parts.append(head + data + b"\n")
    subprocess.run(["git", "fast-import", "--quiet"], cwd=root, input=b"".join(parts), check=True)


def main(folder: Path, rounds: int = 5) -> None:
    root = folder / "long"
    repository(root)
    python = [sys.executable, "-c"]
    log = ["git", "log", "-F", "--grep=session: completed ", "--format=%H%x00%B", "HEAD"]
    cases = [
        Case("git log", log, root),
        Case("one grep", ["git", "log", "--oneline", "--grep", "session: completed F500"], root),
        Case("first sync", [*python, ASK.format(how="scan", features=FEATURES)], root),
        Case("nothing new", [*python, ASK.format(how="read", features=FEATURES)], root),
        Case("python", [*python, "pass"], root),
    ]
    timed = run(cases, rounds)
    plain = timed["git log"].seconds
    rows = [
        ["one `git log -F --grep` pass", f"{plain:.2f} s", "1.00 x"],
        ["first sync", f"{timed['first sync'].seconds:.2f} s", f"{timed['first sync'].seconds / plain:.2f} x"],
        [
            "one grep for each feature (1 measured, 1,000 extrapolated)",
            f"{FEATURES * timed['one grep'].seconds:.0f} s",
            f"{FEATURES * timed['one grep'].seconds / plain:.0f} x",
        ],
        [
            "sync with nothing new, beyond Python's start",
            _beyond(timed["nothing new"].seconds - timed["python"].seconds),
            "",
        ],
    ]
    table(f"{FEATURES:,} completions on {COMMITS:,} commits", ("what", "time", "to one pass"), rows)


def _beyond(seconds: float) -> str:
    return f"{1000 * seconds:.0f} ms"
