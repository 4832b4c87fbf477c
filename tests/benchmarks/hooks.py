"""What the hooks add to `git commit`, beside pre-commit, lefthook and husky with one hook that does nothing."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks.measure import Case, Timed, run, table

BIN = Path(sys.executable).parent
COMMIT = ["git", "commit", "-q", "-a", "-m", "fix: nothing about features"]
CHANGE = ["sh", "-c", "date +%N > file"]
COMPLETE = [
    "sh",
    "-c",
    'n=$(cat ../number); echo $((n + 1)) > ../number; git commit -q --allow-empty -m "session: completed F$n"',
]


def main(folder: Path, rounds: int = 21) -> None:
    tools = _tools(folder)
    ways: dict[str, Callable[[Path], object]] = {"none": lambda root: None, "orchestrator": _ours}
    if tools:
        ways |= {"lefthook": lambda root: _lefthook(root, tools), "pre-commit": lambda root: _pre_commit(root, tools)}
    if shutil.which("node"):
        ways["husky"] = _husky
    cases = []
    for name, install in ways.items():
        root = folder / name
        _repository(root, 1_000)
        install(root)
        env = {"PATH": os.pathsep.join([str(tools or BIN), os.environ["PATH"]])}
        cases.append(Case(name, COMMIT, root, env, before=CHANGE))
    timed = run(cases, rounds)
    bare = timed["none"].seconds
    rows = [[name, f"{1000 * found.seconds:.1f} ms", f"{found.seconds / bare:.2f} x"] for name, found in timed.items()]
    table("A commit that is about something else", ("hooks", "`git commit`", "to no hooks"), rows)
    _completing(folder)


def _completing(folder: Path) -> None:
    """The commit that completes one of 1,000 features on 100,000 commits."""
    root = folder / "long"
    _repository(root, 1_000, commits=100_000)
    _ours(root)
    subprocess.run([str(BIN / "orchestrator"), "sync"], cwd=root, check=True, stdout=subprocess.DEVNULL)
    (folder / "number").write_text("1\n")
    cases = [
        Case("with hooks", COMPLETE, root),
        Case("without", [*COMPLETE[:2], f"ORCHESTRATOR_SKIP=1; export ORCHESTRATOR_SKIP; {COMPLETE[2]}"], root),
    ]
    timed: dict[str, Timed] = run(cases, 7)
    added = 1000 * (timed["with hooks"].seconds - timed["without"].seconds)
    table(
        "A commit that completes one of 1,000 features, on 100,000 commits",
        ("without hooks", "with hooks", "the hooks' part"),
        [
            [
                f"{1000 * timed['without'].seconds:.0f} ms",
                f"{1000 * timed['with hooks'].seconds:.0f} ms",
                f"{added:.0f} ms",
            ]
        ],
    )


def _repository(root: Path, features: int, commits: int = 0) -> None:
    subprocess.run(["git", "init", "-q", "-b", "main", str(root)], check=True)
    for name, value in (("user.name", "T"), ("user.email", "t@example.com"), ("gc.auto", "0")):
        subprocess.run(["git", "config", name, value], cwd=root, check=True)
    if commits:
        parts = [
            b"commit refs/heads/main\ncommitter T <t@example.com> %d +0000\ndata 9\nfix: this\n\n" % (1_600_000_000 + n)
            for n in range(commits)
        ]
        subprocess.run(["git", "fast-import", "--quiet"], cwd=root, input=b"".join(parts), check=True)
    listed = {
        "features": [{"id": f"F{n}", "name": "x", "description": "y" * 80, "passes": False} for n in range(features)]
    }
    (root / "feature_list.json").write_text(json.dumps(listed, indent=1))
    (root / "file").write_text("")
    subprocess.run(["git", "add", "-A"], cwd=root, check=True)
    subprocess.run(["git", "commit", "-q", "-m", "base"], cwd=root, check=True)


def _ours(root: Path) -> None:
    subprocess.run([str(BIN / "orchestrator"), "hooks", "install"], cwd=root, check=True, stdout=subprocess.DEVNULL)


def _tools(folder: Path) -> Path | None:
    """A virtual environment with pre-commit and lefthook; None where they can't be installed."""
    made = folder / "tools"
    try:
        subprocess.run([sys.executable, "-m", "venv", str(made)], check=True)
        subprocess.run([str(made / "bin" / "pip"), "install", "-q", "pre-commit", "lefthook"], check=True)
    except subprocess.CalledProcessError:
        return None
    return made / "bin"


def _pre_commit(root: Path, tools: Path) -> None:
    hook = {"id": "nothing", "name": "nothing", "entry": "true", "language": "system", "pass_filenames": False}
    (root / ".pre-commit-config.yaml").write_text(json.dumps({"repos": [{"repo": "local", "hooks": [hook]}]}))
    subprocess.run([str(tools / "pre-commit"), "install"], cwd=root, check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["git", "add", "-A"], cwd=root, check=True)


def _lefthook(root: Path, tools: Path) -> None:
    (root / "lefthook.yml").write_text("pre-commit:\n  commands:\n    nothing:\n      run: 'true'\n")
    env = {**os.environ, "PATH": os.pathsep.join([str(tools), os.environ["PATH"]])}
    subprocess.run([str(tools / "lefthook"), "install"], cwd=root, env=env, check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["git", "add", "-A"], cwd=root, check=True)


def _husky(root: Path) -> None:
    (root / "package.json").write_text("{}")
    subprocess.run(["npm", "install", "--silent", "--no-fund", "--no-audit", "husky"], cwd=root, check=True)
    subprocess.run(["npx", "husky"], cwd=root, check=True, stdout=subprocess.DEVNULL)
    (root / ".husky" / "pre-commit").write_text("true\n")
    (root / ".gitignore").write_text("node_modules\n")
    subprocess.run(["git", "add", "-A"], cwd=root, check=True)
