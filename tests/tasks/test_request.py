"""What a command line of doit asks for."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestrator import project as projects
from orchestrator.errors import OrchestratorError
from orchestrator.tasks.request import Request


def request(tmp_path: Path, line: str) -> Request:
    return Request(projects.load(tmp_path), tuple(line.split()))


@pytest.mark.parametrize(
    ("line", "wants"),
    [
        ("", ""), ("run", ""), ("build", ""), ("pack", ""), ("build pack", ""), ("--continue", ""),
        ("build:F1", "all"), ("run build:F1", "all"), ("build:*", "all"), ("*", "all plan"), ("pla*", "all"),
        ("plan", "plan"), ("plan:beads", "plan"), ("x=1 plan", "plan"), ("build plan", "plan"),
        ("list", "all plan"), ("info pack", "all plan"), ("clean -n", "all plan"), ("-n 4 build", "parallel"),
        ("-n4", "parallel"), ("--process=2 build", "parallel"), ("-n 2 build:F1", "all parallel"),
    ],
)  # fmt: skip
def test_the_words_say_which_tasks_are_wanted(tmp_path: Path, line: str, wants: str) -> None:
    found = request(tmp_path, line)
    said = {"all": found.wants_all, "plan": found.wants_plan, "parallel": found.parallel}
    assert {name for name, wanted in said.items() if wanted} == set(wants.split())


@pytest.mark.parametrize("line", ["ignore build:F1", "ignore pack build", "ignore plan:beads", "strace build:F1"])
def test_what_would_do_harm_is_refused(tmp_path: Path, line: str) -> None:
    with pytest.raises(OrchestratorError, match=f"doit {line.split()[0]} is not for (build|plan)"):
        request(tmp_path, line).refuse_what_does_not_fit()


@pytest.mark.parametrize("line", ["", "ignore pack", "strace pack", "build:F1", "forget build:F1", "info build"])
def test_what_does_none_is_not(tmp_path: Path, line: str) -> None:
    request(tmp_path, line).refuse_what_does_not_fit()
