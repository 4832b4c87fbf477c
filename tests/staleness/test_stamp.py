"""The stamp sees whatever the answer of a build with nothing to do depends on, and nothing else."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from support.projects import Made, make

from orchestrator import project as projects
from orchestrator.staleness import facts, inputs, sources, stamp
from orchestrator.staleness.source import Source
from orchestrator.tasks.work import summarized

FEATURES = [
    {"id": "F1", "name": "one", "description": "d", "inputs": ["spec.md", "docs/**/*.md", "data"], "passes": True},
    {"id": "F2", "name": "two", "description": "d", "dependencies": ["F1"], "passes": True},
]
FILES = {"spec.md": "what\n", "docs/a/b.md": "x\n", "docs/a/c.txt": "x\n", "data/one": "1\n", "Makefile": "all:\n"}


def old(root: Path) -> None:
    """What lies there was written a while ago."""
    for path in root.rglob("*"):
        if path.is_file() or path.is_dir():
            os.utime(path, (1_700_000_000, 1_700_000_000))


@pytest.fixture
def made(tmp_path: Path) -> Made:
    made = make(tmp_path / "project", FEATURES, files=FILES)
    made.git("commit", "-q", "--allow-empty", "-m", "session: completed F1, F2")
    stamped(made.root)
    assert read(made.root) == {"blocked": []}
    return made


def stamped(root: Path) -> None:
    found = facts.load(projects.load(root))
    old(root)
    stamp.write(projects.load(root), found.sources, {"blocked": []})


def read(root: Path) -> object:
    return stamp.read(projects.load(root))


def remember(made: Made) -> None:
    project = projects.load(made.root)
    found = facts.load(project)
    facts.remember_verified(project, found, found.features.by_id["F2"])


def replaced(made: Made) -> None:
    """Another commit in HEAD's place, the way `git replace` does it."""
    tree = made.git("rev-parse", "HEAD^{tree}")
    other = made.git("commit-tree", "-m", "nothing said", "-p", "HEAD~1", tree)
    made.git("replace", "HEAD", other)


CHANGES: dict[str, Callable[[Made], object]] = {
    "the list": lambda made: made.edit("F2", description="other"),
    "HEAD": lambda made: made.git("commit", "-q", "--allow-empty", "-m", "something else"),
    "the settings": lambda made: (made.root / "orchestrator.toml").write_text("[agent]\ntimeout = 5\n"),
    "the settings gone": lambda made: (made.root / "orchestrator.toml").unlink(),
    "the check that the files tell of": lambda made: (made.root / "Makefile").write_text("test:\n\ttrue\n"),
    "an input": lambda made: (made.root / "spec.md").write_text("something else\n"),
    "an input of the same size": lambda made: (made.root / "spec.md").write_text("whaT\n"),
    "an input that is gone": lambda made: (made.root / "spec.md").unlink(),
    "an input's name": lambda made: (made.root / "docs/a/b.md").rename(made.root / "docs/a/d.md"),
    "a new file that a glob means": lambda made: (made.root / "docs/new.md").write_text("x"),
    "a file in a folder that is an input": lambda made: (made.root / "data/one").write_text("2\n"),
    "a new file in a folder that is an input": lambda made: (made.root / "data/two").write_text("2\n"),
    "doit forget": lambda made: facts.forget(made.root / ".git/orchestrator", "F1"),
    "a check that passed": remember,
    "a replaced commit": replaced,
    "grafts": lambda made: (made.root / ".git/info/grafts").write_text(f"{made.git('rev-parse', 'HEAD')}\n"),
    "git's settings": lambda made: made.git("config", "core.useReplaceRefs", "false"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_the_stamp_sees_a_change_of(made: Made, change: str) -> None:
    CHANGES[change](made)
    assert read(made.root) is None


def test_the_stamp_sees_the_environment(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORCHESTRATOR_HISTORY_COMPLETED", "done:")
    assert read(made.root) is None


def test_the_stamp_sees_a_deepened_clone(made: Made, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    made.git("clone", "-q", "--depth", "1", made.root.as_uri(), str(clone))
    there = Made(clone)
    stamped(clone)
    assert read(clone) is not None
    head = there.git("rev-parse", "HEAD")
    there.git("fetch", "-q", "--unshallow")
    assert (there.git("rev-parse", "HEAD"), read(clone)) == (head, None)


def test_another_file_changes_nothing(made: Made) -> None:
    (made.root / "docs/a/c.txt").write_text("something else\n")
    (made.root / "new.md").write_text("x")
    assert read(made.root) is not None


def test_a_stamp_of_another_version_or_a_damaged_one_is_a_miss(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    path = made.root / ".git/orchestrator/stamp.json"
    kept = json.loads(path.read_bytes())
    for change in ({"version": 1}, {"sources": [["weather", ""]]}, {"sources": None}, {"key": ""}):
        path.write_text(json.dumps({**kept, **change}))
        assert read(made.root) is None
    path.write_text(json.dumps(kept))
    assert read(made.root) is not None
    monkeypatch.setattr(sources, "__version__", "0.0.0")
    assert read(made.root) is None


def test_a_source_that_is_being_written_is_not_trusted(made: Made) -> None:
    found = facts.load(projects.load(made.root)).sources
    assert sources.steady(projects.load(made.root), found)
    (made.root / "spec.md").write_text("what\n")
    assert not sources.steady(projects.load(made.root), found)


def test_whatever_the_facts_read_is_among_their_sources(made: Made) -> None:
    """The files that a look opens, as the system says it, against those that the facts name."""
    strace = made.root.parent / "opened"
    code = (
        "import sys, builtins, io, os\n"
        f"root = {str(made.root)!r}\n"
        "seen = set()\n"
        "sys.addaudithook(lambda event, args: seen.add(os.fspath(args[0])) if event == 'open'"
        " and isinstance(args[0], (str, os.PathLike)) else None)\n"
        "from orchestrator import project\n"
        "from orchestrator.staleness import facts\n"
        "from pathlib import Path\n"
        "facts.load(project.load(Path(root)))\n"
        f"open({str(strace)!r}, 'w').write('\\n'.join(p for p in seen if p.startswith(root)))\n"
    )
    import subprocess
    import sys

    remember(made)
    facts.forget(made.root / ".git/orchestrator", "F7")
    subprocess.run([sys.executable, "-c", code], check=True)
    opened = {Path(line).relative_to(made.root).as_posix() for line in strace.read_text().splitlines()}
    project = projects.load(made.root)
    found = facts.load(project).sources
    known = {"feature_list.json", "orchestrator.toml", ".git/orchestrator/events.json", "Makefile", "package.json"}
    known |= {f".git/orchestrator/{s.name}" for s in found if s.kind == "state"}
    known |= {f".git/{s.name}" for s in found if s.kind == "history"}
    tree = inputs.Tree(made.root, project.place)
    known |= {name for s in found if s.kind == "input" for name in tree.select(s.name)}
    derived = re.compile(r"\.git/orchestrator/(definitions\.json|\.orchestrator-.*\.tmp)|(GNUm|m)akefile")
    assert {name for name in opened - known if not derived.fullmatch(name)} == set()
    assert {Source("list", ""), Source("check", ""), Source("settings", "")} <= set(found)


def test_the_summary_says_how_many_there_are_of_each_state(made: Made) -> None:
    from orchestrator.staleness.state import states

    made.edit("F2", blocked=True)
    found = summarized(states(facts.load(projects.load(made.root))))
    assert {state: count for state, count in found["counts"].items() if count} == {"done": 1, "blocked": 1}
    assert (found["blocked"], found["review"]) == (["F2"], [])
