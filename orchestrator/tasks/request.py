"""What one command line asks of one project: made once, where the program starts, and handed on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from orchestrator.errors import OrchestratorError
from orchestrator.project import Project

# Commands of doit that need every task, also those with nothing to do.
KNOWING = frozenset({"list", "info", "clean", "forget", "ignore", "strace", "tabcompletion", "reset-dep", "help"})

# What to do instead: for features, for planning steps. An ignored task would take its whole group with it, silently.
_UNFIT = {
    "ignore": (
        "Set a feature aside with `orchestrator block ID -m WHY`",
        "Edit its artifact, or go on without it at the checkpoint of `orchestrator plan`",
    ),
    "strace": ("It is for commands; what a session did is in .agent/sessions/",) * 2,
}


class Request(NamedTuple):
    """`words` is the command line of doit. The rest is what only `orchestrator build` and `orchestrator plan` ask for;
    doit's own command line leaves the defaults. `record` is the folder for recordings of the sessions.
    """

    project: Project
    words: tuple[str, ...] = ()
    with_qa: bool = False
    skip_review: bool = False
    assume_yes: bool = False
    record: str | None = None
    quiet: bool = False
    verbose: bool = False
    debug: bool = False

    @property
    def wants_all(self) -> bool:
        """Whether every feature has to be a task: another command than `run`, or a build task is named."""
        return _knowing(self.words) or any(word.startswith("build:") or "*" in word for word in self.words)

    @property
    def wants_plan(self) -> bool:
        """Whether planning steps are asked for: a build does not even import them."""
        named = any(word == "plan" or word.startswith(("plan:", "*")) for word in _names(self.words))
        return named or _knowing(self.words)

    @property
    def builds_all(self) -> bool:
        """Whether the command is `doit`, or names the whole build beside whatever else."""
        names = [word for word in _names(self.words) if word != "run"]
        return not _knowing(self.words) and (not names or "build" in names)

    @property
    def parallel(self) -> bool:
        # `doit clean -n` is a dry run.
        return not _knowing(self.words) and any(word.startswith(("-n", "--process")) for word in self.words)

    def refuse_what_does_not_fit(self) -> None:
        """Raise OrchestratorError for a command of doit that would do harm, or nothing, to tasks of ours."""
        command, *named = _names(self.words) or [""]
        if command not in _UNFIT:
            return
        for word in named:
            kind = word.partition(":")[0]
            if kind in ("build", "plan"):
                raise OrchestratorError(f"doit {command} is not for {word}", fix=_UNFIT[command][kind == "plan"])


def _names(words: Sequence[str]) -> list[str]:
    """The words that are no options and no variables: a command, and names of tasks."""
    return [word for word in words if not word.startswith("-") and "=" not in word]


def _knowing(words: Sequence[str]) -> bool:
    names = _names(words)
    return bool(names) and names[0] in KNOWING
