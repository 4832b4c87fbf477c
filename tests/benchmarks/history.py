"""Syncs of a history of 100,000 commits beside one pass of `git log --grep` over it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.benchmarks.measure import Case, run, table

COMMITS = 100_000
FEATURES = 1_000
GREPS = 5
SYNC = """
from pathlib import Path
from orchestrator.git import place
from orchestrator.history import sync
from orchestrator.history.events import Words
here = place.find(Path.cwd())
sync.worktree(here, Path("feature_list.json").absolute(), here.own_store / "features.lock", Words())
"""
COMMIT = 'git update-ref HEAD "$(git commit-tree -p HEAD -m "$1" "HEAD^{tree}")"'
GREP = ("git", "log", "-F", "--grep=session: completed ", "--format=%H%x00%B")


def messages() -> list[str]:
    """Every hundredth commit completes a feature, and one in twenty of those is reverted right after."""
    found = []
    for number in range(COMMITS):
        feature, place = divmod(number, COMMITS // FEATURES)
        if place == 50:
            found.append(f"session: completed F{feature:04d}\n")
        elif place == 51 and feature % 20 == 0:
            found.append(f'Revert "session: completed F{feature:04d}"\n\nThis reverts commit REVERTED.\n')
        else:
            found.append(
                f"fix: something in module {number}\n\nA body of two lines, as commits have,\nnumber {number}.\n"
            )
    return found


def repository(root: Path) -> None:
    """The history, linear and packed; the list says nothing yet."""
    subprocess.run(["git", "init", "-q", "-b", "main", str(root)], check=True)
    features = [{"id": f"F{n:04d}", "name": f"feature {n}", "description": "x" * 80} for n in range(FEATURES)]
    stream = []
    for number, message in enumerate(messages()):
        body = message.replace("REVERTED", "0" * 40).encode()  # a rebased one: the harder case
        head = b"commit refs/heads/main\nmark :%d\ncommitter T <t@example.com> %d +0000\ndata %d\n"
        stream.append(head % (number + 1, 1_600_000_000 + 60 * number, len(body)) + body + b"\n")
    subprocess.run(["git", "fast-import", "--quiet"], cwd=root, input=b"".join(stream), check=True)
    subprocess.run(["git", "reset", "-q", "--hard"], cwd=root, check=True)
    (root / "feature_list.json").write_text(json.dumps({"features": features}, indent=1))


def main(folder: Path, rounds: int = 7) -> None:
    root = folder / "repository"
    repository(root)
    python = [sys.executable, "-c"]
    forget = ["rm", "-f", ".git/orchestrator/events.json"]
    env = dict.fromkeys(("GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"), "T")
    env |= dict.fromkeys(("GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"), "t@example.com")
    greps = "; ".join(f"git log --oneline --grep='session: completed F{n:04d}' >&2" for n in range(GREPS))
    found = run(
        [
            Case("python", [*python, "pass"], root),
            Case("grep", GREP, root),
            Case("first", [*python, SYNC], root, before=forget),
            Case("nothing", [*python, SYNC], root),
            Case("plain", [*python, SYNC], root, env, ["sh", "-c", COMMIT, "sh", "work"]),
            Case("completing", [*python, SYNC], root, env, ["sh", "-c", COMMIT, "sh", "session: completed F0001"]),
            Case("greps", ["sh", "-c", greps], root),
        ],
        rounds,
    )
    base, grep = found["python"].seconds, found["grep"].seconds
    title = f"history: {COMMITS:,} commits, {FEATURES:,} completions, {FEATURES // 20} reverts"
    rows = [
        [
            what,
            f"{found[name].seconds:.3f} s",
            f"{(found[name].seconds - base) * 1000:.0f} ms",
            f"{found[name].seconds / grep:.2f}",
        ]
        for what, name in (
            ("one `git log -F --grep`", "grep"),
            ("first sync", "first"),
            ("sync with nothing new", "nothing"),
            ("sync after one commit", "plain"),
            ("sync after one completion", "completing"),
        )
    ]
    each = found["greps"].seconds / GREPS
    rows.append(
        [
            f"one grep a feature (extrapolated from {GREPS})",
            f"{each * FEATURES:.0f} s",
            "",
            f"{each * FEATURES / grep:.0f}",
        ]
    )
    table(title, ["what", "median", "beyond Python's start", "x one grep"], rows)
