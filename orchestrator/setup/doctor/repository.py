"""Probes of git: itself, the branch, who commits, signatures, hooks."""

from __future__ import annotations

import re
import shlex
import tempfile
from collections.abc import Iterator
from pathlib import Path

from orchestrator.building import verification
from orchestrator.errors import OrchestratorError
from orchestrator.git import commits, under_way
from orchestrator.git.place import Place
from orchestrator.git.plumbing import Git
from orchestrator.hooks.install import installing
from orchestrator.setup import commitlint
from orchestrator.setup.doctor.finding import Finding, ok, problem, warning
from orchestrator.setup.doctor.subject import Subject, first_line

_MERGES = (2, 38)  # the first git that merges trees without a work tree
_SIGNING = 30.0  # seconds: a key that asks for a passphrase is typed in by then


def git(subject: Subject) -> Iterator[Finding]:
    """Its version; and whether the project is in a repository."""
    if subject.git_error:
        yield problem("git", subject.git_error.what, subject.git_error.fix, missing=subject.git_error.exit_code == 3)
        return
    said = Git(subject.root).text("--version").removeprefix("git version ")
    numbers = tuple(int(part) for part in re.findall(r"\d+", said)[:2])
    if numbers < _MERGES:
        yield warning("git", f"{said}: too old for merges beside the work tree", "Update git to 2.38 or newer")
    else:
        yield ok("git", said)
    if subject.project.place is None:
        yield problem("repository", f"{subject.root} is in no git repository", "Run `git init` there")


def branch(subject: Subject) -> Iterator[Finding]:
    """A branch to commit to, with all of its history, in the middle of nothing."""
    place = subject.project.place
    if place is None:
        return
    name = place.branch.removeprefix("refs/heads/")
    if not place.branch and place.head:
        yield warning("branch", f"HEAD is detached at {place.head[:10]}", "Run `git switch -c NAME` before you build")
    else:
        yield ok("branch", name if place.head else f"{name or 'no branch'}: no commit yet")
    if operation := under_way.operation(place.git_dir):
        yield problem("operation", f"a {operation} is under way", "Finish or abort it; until then nothing is built")
    if place.shallow:
        said = "a shallow clone: what was completed before it begins can't be compared with its definition"
        yield warning("history", said, "Run `git fetch --unshallow`")


def identity(subject: Subject) -> Iterator[Finding]:
    place = subject.project.place
    if place is None:
        return
    try:
        commits.need_identity(place)
    except OrchestratorError as error:
        yield problem("identity", error.what, error.fix)
        return
    yield ok("identity", place.git.text("var", "GIT_COMMITTER_IDENT").rpartition(">")[0] + ">")


def signing(subject: Subject) -> Iterator[Finding]:
    """Where commits are signed: one is made as a build would, into a folder that is thrown away."""
    place = subject.project.place
    if place is None or place.head is None or not commits.signs(place):
        return
    verdict = _signed(place)
    if verdict.passed:
        yield ok("signing", "commits are signed, and can be")
        return
    said = "does not end" if verdict.exit_code is None else f"fails: {first_line(verdict.output)}"
    fix = "Unlock the key (try `git commit-tree -S -m test HEAD^{tree}`), or run `git config commit.gpgSign false`"
    yield problem("signing", f"signing a commit {said}", fix, missing=True)


def _signed(place: Place) -> verification.Verdict:
    with tempfile.TemporaryDirectory() as folder:
        away = {
            "GIT_OBJECT_DIRECTORY": folder,
            "GIT_ALTERNATE_OBJECT_DIRECTORIES": str(Path(place.common_dir, "objects")),
        }
        return verification.run(shlex.join(commits.signing(place)), place.top, _SIGNING, away)


def hooks(subject: Subject) -> Iterator[Finding]:
    if subject.project.place is None:
        return
    found = installing.status(subject.project)
    wrong = [f"{hook.name} {hook.state}" for hook in found if hook.state != "installed"]
    gone = {hook.python for hook in found if hook.python and not hook.python_present}
    if not installing.driver_registered(subject.project):
        wrong.append("merge driver absent")
    if wrong or gone:
        said = ", ".join([*wrong, *(f"{python} is gone" for python in sorted(gone))])
        yield problem("hooks", said, "Run `orchestrator hooks install`")
    else:
        yield ok("hooks", "installed and current, the merge driver too")


def commit_messages(subject: Subject) -> Iterator[Finding]:
    """commitlint, where it would refuse the completion line."""
    project = subject.project
    if project.place is None or (found := commitlint.find(project)) is None:
        return
    if commitlint.refuses(project):
        said = f"{found.name} refuses the commits that complete features: {project.words.completed!r} is no type"
        yield problem("commitlint", said, "See docs/commitlint.md: set [history] completed and reopened")
    else:
        yield ok("commitlint", f"{found.name}; completions begin with {project.words.completed!r}")


PROBES = (git, branch, identity, signing, hooks, commit_messages)
