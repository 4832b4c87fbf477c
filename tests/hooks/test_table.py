"""The table of hooks agrees with the scripts, and with what is shipped for pre-commit."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from orchestrator.hooks.table import BY_NAME, HOOKS

ROOT = Path(__file__).parents[2]


def test_each_hook_has_a_row_and_a_script() -> None:
    scripts = {path.name for path in (ROOT / "hooks").iterdir() if path.suffix != ".sh"}
    assert scripts == set(BY_NAME)
    assert len(HOOKS) == len(BY_NAME)


def test_what_is_shipped_for_pre_commit_has_rows() -> None:
    shipped = re.findall(r"id: orchestrator-(\S+)", (ROOT / ".pre-commit-hooks.yaml").read_text())
    assert shipped
    assert set(shipped) <= set(BY_NAME)


@pytest.mark.parametrize(
    ("hook", "there", "arguments", "not_now"),
    [
        ("post-commit", {}, [], False),
        ("post-commit", {"rebase-merge/x": ""}, [], True),
        ("post-commit", {"sequencer/todo": "pick a\n\npick b\n"}, [], True),
        ("post-commit", {"sequencer/todo": "pick a\n", "CHERRY_PICK_HEAD": ""}, [], False),
        ("post-merge", {"MERGE_HEAD": ""}, ["0"], False),
        ("post-merge", {}, ["1"], True),
        ("post-rewrite", {"rebase-merge/x": ""}, ["rebase"], False),
        ("post-rewrite", {"rebase-merge/x": ""}, ["amend"], True),
        ("post-rewrite", {"BISECT_LOG": ""}, ["rebase"], True),
        ("post-checkout", {"BISECT_LOG": ""}, ["a", "b", "1"], True),
        ("post-checkout", {"HEAD": "0123\n", "ORIG_HEAD": "a\n"}, ["a", "b", "1"], True),
        ("post-checkout", {"HEAD": "ref: refs/heads/main\n", "ORIG_HEAD": "a\n"}, ["a", "b", "1"], False),
        ("post-applypatch", {"rebase-apply/next": "1", "rebase-apply/last": "2"}, [], True),
        ("post-applypatch", {"rebase-apply/next": "2", "rebase-apply/last": "2"}, [], False),
        ("post-applypatch", {"rebase-apply/rebasing": ""}, [], True),
    ],
)
def test_a_hook_knows_when_git_is_in_the_middle_of_something(
    hook: str, there: dict[str, str], arguments: list[str], not_now: bool, tmp_path: Path
) -> None:
    for name, content in {"HEAD": "ref: refs/heads/main\n", **there}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content)
    assert BY_NAME[hook].not_now(tmp_path, arguments) == not_now
