"""Builds with nothing, or one thing, to do, beside bare doit, make and ninja on as many nodes."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.measure import Case, Timed, run, table

BIN = Path(sys.executable).parent
SIZES = (1_000, 10_000, 50_000)
SETTINGS = """\
[agent]
kind = "command"
command = ["sh", "-c", "cat >/dev/null; git commit -q --allow-empty -m 'session: completed {id}'"]
[verify]
command = "true"
"""
T = dict.fromkeys(("GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"), "T")
VERIFIED = hashlib.sha256(b"true").hexdigest()[:40]


def dependencies(n: int) -> list[int]:
    return [d for d in (n - 1, n // 2) if 0 <= d < n and d != n][: 2 if n > 1 else 1]


def project(root: Path, count: int) -> None:
    """A finished project: each feature completed by a commit of its own."""
    root.mkdir()
    features = [
        {"id": f"F{n:05d}", "name": f"feature {n}", "description": "x" * 80, "priority": n % 50,
         "dependencies": [f"F{d:05d}" for d in sorted(set(dependencies(n)))], "passes": True, "passes_from": "history"}
        for n in range(count)
    ]  # fmt: skip
    listed = json.dumps({"features": features}, indent=1).encode()
    subprocess.run(["git", "init", "-q", "-b", "main", str(root)], check=True)
    (root / "dodo.py").write_text("from orchestrator.tasks import *\n")
    (root / "orchestrator.toml").write_text(SETTINGS.format(id=_last(count)))
    stream = [b"blob\nmark :1\ndata %d\n%s\n" % (len(listed), listed)]
    for n in range(count):
        message = f"session: completed F{n:05d}\n\nVerified: {VERIFIED}\n".encode()
        stream.append(
            b"commit refs/heads/main\nmark :%d\ncommitter T <t@example.com> %d +0000\ndata %d\n%s"
            % (n + 2, 1_700_000_000 + n, len(message), message)
            + (b"M 100644 :1 feature_list.json\n" if n == 0 else b"")
            + b"\n"
        )
    subprocess.run(["git", "fast-import", "--quiet"], cwd=root, input=b"".join(stream), check=True)
    subprocess.run(["git", "reset", "-q", "--hard"], cwd=root, check=True)
    subprocess.run([str(BIN / "doit"), "build"], cwd=root, check=True, stdout=subprocess.DEVNULL)


BARE = """\
import json
DOIT_CONFIG = {"backend": "json", "dep_file": ".doit.json", "verbosity": 0}
FEATURES = json.load(open("nodes.json"))
def task_build():
    for name, deps in FEATURES:
        yield {"name": name, "actions": ["true"], "task_dep": ["build:" + d for d in deps], "uptodate": [True]}
"""


def others(root: Path, count: int) -> None:
    """The same graph for bare doit, make and ninja, all up to date."""
    root.mkdir()
    nodes = [(f"F{n:05d}", [f"F{d:05d}" for d in sorted(set(dependencies(n)))]) for n in range(count)]
    (root / "nodes.json").write_text(json.dumps(nodes))
    (root / "dodo.py").write_text(BARE)
    stamps = root / "s"
    stamps.mkdir()
    make = ["all: " + " ".join(f"s/{name}" for name, _ in nodes)]
    ninja = ["rule t", " command = touch $out"]
    for name, deps in nodes:
        needs = " ".join(f"s/{d}" for d in deps)
        make.append(f"s/{name}: {needs}\n\ttouch $@")
        ninja.append(f"build s/{name}: t {needs}")
    (root / "Makefile").write_text("\n".join(make) + "\n")
    (root / "build.ninja").write_text("\n".join(ninja) + "\n")
    for tool in ("ninja", "make"):
        if shutil.which(tool):
            subprocess.run(
                [tool, *(["-s"] if tool == "make" else ["--quiet"])],
                cwd=root,
                check=True,
                stdout=subprocess.DEVNULL,
            )


def main(folder: Path, sizes: Sequence[int] = SIZES, rounds: int = 5) -> None:
    rows = []
    for count in sizes:
        ours, theirs = folder / f"ours-{count}", folder / f"theirs-{count}"
        _prepare(ours, theirs, count)
        reopened = [str(BIN / "orchestrator"), "reopen", _last(count), "-m", "again"]
        touched = [sys.executable, "-c", "import os; os.unlink('.git/orchestrator/stamp.json')"]
        cases = [
            Case("orchestrator", [str(BIN / "doit"), "build"], ours),
            Case("status", [str(BIN / "orchestrator"), "status"], ours),
            Case("no stamp", [str(BIN / "doit"), "build"], ours, before=touched),
            Case("one", [str(BIN / "doit"), "build"], ours.with_name(f"one-{count}"), T, before=reopened),
            Case("doit", [str(BIN / "doit"), "build"], theirs),
            *(Case(tool, [tool], theirs) for tool in ("make", "ninja") if shutil.which(tool)),
        ]
        timed = run(cases, rounds)
        rows.append(_row(count, timed))
    table(
        "A build with nothing to do",
        (
            "features",
            "`doit build`",
            "without its stamp",
            "one unfinished",
            "`status`",
            "bare doit",
            "make",
            "ninja",
            "to bare doit",
            "to ninja",
            "memory",
        ),
        rows,
    )


def _last(count: int) -> str:
    """The id of the feature that no other one depends on."""
    return f"F{count - 1:05d}"


def _prepare(ours: Path, theirs: Path, count: int) -> None:
    """In a process of its own: what this one has ever held would count as the memory of those that it starts."""
    code = (
        "import sys; from pathlib import Path; from tests.benchmarks import noop; "
        "noop.project(Path(sys.argv[1]), int(sys.argv[3])); noop.others(Path(sys.argv[2]), int(sys.argv[3]))"
    )
    subprocess.run([sys.executable, "-c", code, str(ours), str(theirs), str(count)], check=True)
    shutil.copytree(ours, ours.with_name(f"one-{count}"))


def _row(count: int, timed: dict[str, Timed]) -> list[str]:
    ours = timed["orchestrator"].seconds
    cells = [f"{count:,}"]
    for name in ("orchestrator", "no stamp", "one", "status", "doit", "make", "ninja"):
        cells.append(f"{timed[name].seconds:.2f} s" if name in timed else "-")
    for name in ("doit", "ninja"):
        cells.append(f"{ours / timed[name].seconds:.2f} x" if name in timed else "-")
    return [*cells, f"{timed['orchestrator'].megabytes:.0f} MB, bare doit {timed['doit'].megabytes:.0f} MB"]
