"""What has to be right before a run starts its first session."""

from __future__ import annotations

from pathlib import Path

from orchestrator import files
from orchestrator.agents.protocol import Agent
from orchestrator.building.checkout import Checkout
from orchestrator.building.signing import need_signature
from orchestrator.building.startable import need_checks, need_project_check, need_told_cost
from orchestrator.errors import OrchestratorError
from orchestrator.git import commits, under_way
from orchestrator.git.place import Place
from orchestrator.harness import sessions
from orchestrator.harness.own_files import RUNTIME_FILES
from orchestrator.history import sync
from orchestrator.processes import log
from orchestrator.project import Project


def prepare(checkout: Checkout, agent: Agent) -> None:
    """Refuse early what would fail at three in the morning, and bring the list in line with the history."""
    project = checkout.project
    place = project.repository
    operation = under_way.operation(place.git_dir)
    if operation:
        raise OrchestratorError(
            f"a {operation} is under way", where=str(place.top), fix="Finish or abort it, then build"
        )
    commits.need_identity(place)
    need_signature(place)
    agent.check()
    ignore_runtime_files(project, place)
    later = sync.carries_later(place, project.config.history.write)
    arguments = place, project.features_path, project.list_lock, project.words, checkout.seen.history, project.rules
    sync.worktree(*arguments, carried_later=later)
    need_told_cost(project.config.build, agent)
    standings = checkout.standings()
    need_checks(project, standings)
    need_project_check(project, standings)
    log.expire(project.root / sessions.FOLDER, project.config.log.keep)


def recorded_into(folder: str | None, agent: Agent) -> Agent:
    """The agent, its sessions recorded in `folder` where one is given (`build --record`)."""
    if folder is None:
        return agent
    from orchestrator.agents.replay.agent import RecordingAgent

    return RecordingAgent(agent, Path(folder).resolve())


def ignore_runtime_files(project: Project, place: Place) -> None:
    """A project that `init` did not see has no ignore lines: then this clone alone ignores them."""
    prefix = place.relative(project.root)
    prefix = "" if prefix == "." else prefix + "/"
    probes = [f"{prefix}{name.replace('*', '0')}{'x' if name.endswith('/') else ''}" for name in RUNTIME_FILES]
    done = place.git.try_run("check-ignore", "-z", "--stdin", stdin=b"".join(p.encode() + b"\0" for p in probes))
    ignored = set(done.stdout.decode("utf-8", "surrogateescape").split("\0"))
    missing = [f"/{prefix}{name}" for probe, name in zip(probes, RUNTIME_FILES, strict=True) if probe not in ignored]
    if not missing:
        return
    path = place.common_dir / "info" / "exclude"
    files.make_folder(path.parent)
    old = path.read_bytes() if path.exists() else b""
    start = b"" if not old or old.endswith(b"\n") else b"\n"
    lines = ["# orchestrator: what a run writes for itself", *missing]
    files.write_atomic(path, old + start + "".join(f"{line}\n" for line in lines).encode())
