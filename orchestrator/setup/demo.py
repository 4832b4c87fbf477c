"""`orchestrator demo`: a small real project, built with recorded sessions, for anyone to see it work.

Git, doit, the hooks and the checks are the real ones; only the agent is a replay.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import click

from orchestrator.errors import OrchestratorError, Unfinished
from orchestrator.git import repository
from orchestrator.git.plumbing import Git
from orchestrator.processes.calling import Answer, call

_SETTINGS = """\
# The demo's agent replays recorded sessions; for a real one, delete the line with `kind`.

[project]
name = "tally"

[agent]
kind = "replay"
retry_delay = 0

[verify]
command = "python3 -m unittest -q"
"""


def demo(folder: Path | None) -> int:
    """Run the demo in a new `folder`; None: in a temporary one. Exit code 1 if a step does not go as told."""
    root = _folder(folder)
    show = _Show(root)
    for step in (_create, _build, _build_again, _change, _revert):
        step(show)
    _what_next(show)
    return 0


@dataclass
class _Show:
    root: Path

    @property
    def git(self) -> Git:
        return Git(self.root)

    def title(self, text: str) -> None:
        click.echo("\n" + click.style(f"== {text}", bold=True))

    def run(self, *command: str) -> Answer:
        """Run a command of the tool as a user would, its output shown."""
        click.echo(click.style(f"$ {' '.join(command)}", fg="cyan"))
        modules = {"orchestrator": "orchestrator.cli", "doit": "doit"}
        argv = (sys.executable, "-m", modules[command[0]], *command[1:])
        env = {**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"}
        answer = call(argv, self.root, env, on_line=lambda line: click.echo(line.decode("utf-8", "replace")))
        click.echo(answer.stderr, nl=False, err=True)
        return answer

    def features(self) -> dict[str, bool]:
        data = json.loads((self.root / "feature_list.json").read_text(encoding="utf-8"))
        return {feature["id"]: feature.get("passes", False) for feature in data["features"]}

    def sessions(self) -> int:
        return len(list((self.root / ".agent" / "sessions").glob("session-*.json")))


def expect(holds: bool, what: str) -> None:
    """Raise Unfinished when the demo does not show what it says."""
    if not holds:
        raise Unfinished(f"the demo went otherwise than it should: {what}", fix="Please report it")


def _folder(given: Path | None) -> Path:
    if given is None:
        return Path(tempfile.mkdtemp(prefix="orchestrator-demo-")).resolve()
    if given.exists() and (not given.is_dir() or any(given.iterdir())):
        raise OrchestratorError("the folder is not empty", where=str(given), fix="Name a new one")
    given.mkdir(parents=True, exist_ok=True)
    return given.resolve()


def _create(show: _Show) -> None:
    show.title("A project: six features, some depending on others, and a check command")
    source = resources.files("orchestrator.setup") / "demo_project"
    with resources.as_file(source) as packaged:
        compiled = shutil.ignore_patterns("__pycache__")  # pip compiles whatever looks like Python
        shutil.copytree(packaged / "project", show.root, dirs_exist_ok=True, ignore=compiled)
        shutil.copytree(packaged / "recordings", show.root / ".agent" / "recordings", ignore=compiled)
    settings = _SETTINGS
    if os.name == "nt":
        _replace(show.root / "feature_list.json", "python3 ", "python ")
        settings = settings.replace("python3 ", "python ")
    (show.root / "orchestrator.toml").write_text(settings, encoding="utf-8", newline="\n")
    repository.create(
        show.root, "main", {"user.name": "Demo", "user.email": "demo@example.com", "commit.gpgSign": "false"}
    )
    click.echo(f"in {show.root}")
    expect(show.run("orchestrator", "init").returncode == 0, "init failed")
    repository.commit_all(show.root, "A backlog for tally, and nothing built yet")
    show.run("orchestrator", "status")


def _build(show: _Show) -> None:
    show.title("Build it. Watch F003: its first session claims to be done and is not; F004 forgets to commit")
    done = show.run("doit", "build")
    expect(done.returncode == 0 and all(show.features().values()), "not all features were built")
    expect(not show.git.text("status", "--porcelain"), "the work tree is not clean")


def _build_again(show: _Show) -> None:
    show.title("Build again: nothing is unfinished, so no session is started")
    before = show.sessions()
    done = show.run("doit", "build")
    expect(done.returncode == 0 and show.sessions() == before, "the second build was not a no-op")


def _change(show: _Show) -> None:
    show.title("Change what F002 asks for: only F002 needs a session; F006, which depends on it, is checked")
    _replace(show.root / "feature_list.json", "standard input.", "standard input. A byte order mark is dropped.")
    before = show.sessions()
    show.run("orchestrator", "why", "F002")
    show.run("orchestrator", "build", "--dry-run")
    done = show.run("doit", "build")
    expect(done.returncode == 0 and show.sessions() == before + 1, "the change did not take exactly one session")


def _revert(show: _Show) -> None:
    show.title("Revert F006's completion with plain git: the feature list follows")
    commit = show.git.text("log", "-1", "--format=%H", "--grep=^session: completed F006")
    click.echo(click.style(f"$ git revert --no-edit {commit[:10]}", fg="cyan"))
    show.git.run("revert", "--no-edit", commit)
    expect(not show.features()["F006"], "the reverted feature still passes")
    expect(not show.git.text("status", "--porcelain"), "the work tree is not clean")
    done = show.run("orchestrator", "next")
    expect(done.stdout.startswith("F006"), "the reverted feature is not next")


def _what_next(show: _Show) -> None:
    show.title("That was it")
    click.echo(f"""\
The project is in {show.root}; look around: git log, .agent/sessions/, agent-progress.txt.

With Claude Code (npm install -g @anthropic-ai/claude-code), in a repository of yours:

  orchestrator init            then describe features in feature_list.json, and commit
  orchestrator build --dry-run
  doit build""")


def _replace(path: Path, old: str, new: str) -> None:
    text = path.read_bytes().decode("utf-8")
    expect(old in text, f"{path.name} holds no {old!r}")
    path.write_bytes(text.replace(old, new).encode("utf-8"))
