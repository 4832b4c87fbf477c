"""Round-robin timing: every command once a round, so that a busy minute hits all of them alike."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Case:
    """A command to time; `before` runs untimed ahead of it each time."""

    name: str
    argv: Sequence[str]
    cwd: Path
    env: Mapping[str, str] | None = None
    before: Sequence[str] = ()
    codes: tuple[int, ...] = (0,)


@dataclass(frozen=True)
class Timed:
    """Median wall seconds, and the largest resident set seen, in MB."""

    seconds: float
    megabytes: float


def run(cases: Sequence[Case], rounds: int) -> dict[str, Timed]:
    """Medians over `rounds`, by name."""
    walls: dict[str, list[float]] = {case.name: [] for case in cases}
    sizes: dict[str, float] = dict.fromkeys(walls, 0.0)
    for _ in range(rounds):
        for case in cases:
            if case.before:
                subprocess.run(case.before, cwd=case.cwd, env=_env(case), check=True, stdout=subprocess.DEVNULL)
            started = time.perf_counter()
            process = subprocess.Popen(
                case.argv, cwd=case.cwd, env=_env(case), stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
            _, status, usage = os.wait4(process.pid, 0)
            walls[case.name].append(time.perf_counter() - started)
            process.returncode = os.waitstatus_to_exitcode(status)
            assert process.returncode in case.codes, f"{case.name}: exit code {process.returncode}"
            sizes[case.name] = max(sizes[case.name], usage.ru_maxrss / 1024)
    return {name: Timed(statistics.median(times), sizes[name]) for name, times in walls.items()}


def _env(case: Case) -> dict[str, str]:
    env = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return {**env, **(case.env or {})}


def table(title: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A Markdown table on standard output."""
    print(f"\n### {title}\n")
    print(f"| {' | '.join(header)} |\n|{'|'.join(' --- ' for _ in header)}|")
    for row in rows:
        print(f"| {' | '.join(row)} |")
    print(flush=True)
