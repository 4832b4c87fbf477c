"""What git is in the middle of, asked of real operations; and what the hook scripts ask by themselves."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support.repos import git

from orchestrator.git import place as places
from orchestrator.git import under_way

HOOKS = Path(__file__).resolve().parents[2] / "hooks"


@pytest.fixture
def forked(repo: Path) -> Path:
    """Two branches that change the same line."""
    for branch, text in (("main", "base"), ("side", "theirs"), ("main", "ours")):
        git(repo, "switch", "-q", *(["-c"] if branch not in git(repo, "branch") else []), branch, check=False)
        (repo / "file").write_text(text + "\n")
        git(repo, "add", "file")
        git(repo, "commit", "-q", "-m", text)
    return repo


@pytest.mark.parametrize(
    ("command", "name", "replays", "unsettled"),
    [
        (["rebase", "side"], "rebase", True, True),
        (["rebase", "--apply", "side"], "rebase or am", True, True),
        (["merge", "side"], "merge", True, False),
        (["cherry-pick", "side"], "cherry-pick", True, False),
        (["revert", "--no-edit", "main~1"], "revert", False, False),
        (["revert", "--no-edit", "main~1", "main"], "cherry-pick or revert", True, False),
        (["bisect", "start", "main", "main~1"], "bisect", False, True),
        (["status"], "", False, False),
    ],
)
def test_every_operation_is_known_while_it_lasts(
    forked: Path, command: list[str], name: str, replays: bool, unsettled: bool
) -> None:
    git(forked, *command, check=False)
    git_dir = places.find(forked).git_dir
    found = (under_way.operation(git_dir), under_way.replays(git_dir), under_way.unsettled(git_dir))
    assert found == (name, replays, unsettled)
    assert not under_way.autostashed(git_dir)


@pytest.mark.parametrize("command", [["rebase", "--autostash", "side"], ["rebase", "--apply", "--autostash", "side"]])
def test_changes_that_git_put_away_are_seen(forked: Path, command: list[str]) -> None:
    (forked / "other").write_text("1\n")
    git(forked, "add", "other")
    git(forked, *command, check=False)
    assert under_way.autostashed(places.find(forked).git_dir)


def test_the_hook_scripts_ask_for_nothing_that_is_not_in_the_table() -> None:
    asked = {
        name.split("/")[0]
        for script in HOOKS.iterdir()
        for name in re.findall(r'-[df] "\$git_dir/([\w/-]+)"', script.read_text(encoding="utf-8"))
    }
    others = {"HEAD", "commondir", "MERGE_MSG"}
    known = {one.marker for one in under_way.OPERATIONS} | set(under_way.AUTOSTASHES)
    assert asked - others - known == set()
    assert {"rebase-merge", "rebase-apply", "BISECT_LOG", "MERGE_HEAD", "sequencer"} <= asked
