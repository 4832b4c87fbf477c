"""What a session can leave in list, refs and state that once stopped every later build, or went unnoticed."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.repos import git
from support.scripted_builds import feature, project

CLAIM = 'git add -A; git commit -q -m "session: completed $1"'
ADDS_F8 = """touch f1.txt
if grep -q F8 feature_list.json; then {other}; exit; fi
python3 - <<'END'
import json
with open("feature_list.json") as file: listed = json.load(file)
added = {{"id": "F8", "name": "eight", "description": "added", "verify": "test -f f8.txt", "passes": True}}
listed["features"].append(added)
with open("feature_list.json", "w") as file: json.dump(listed, file)
END
git add -A; git commit -q -m 'session: completed F1' -m '- session: completed {claimed}'
"""


@pytest.mark.parametrize("claimed", ["F8", "F9"])
def test_a_claim_of_a_feature_that_the_session_added_or_made_up_is_reopened(tmp_path: Path, claimed: str) -> None:
    script = ADDS_F8.format(claimed=claimed, other="touch f8.txt; " + CLAIM)
    made = project(tmp_path, [feature("F1")], script, '[verify]\ncommand = "test -f f1.txt"\n')
    made.run("orchestrator", "build")
    assert made.states() == {"F1": "done", "F8": "done"}
    assert [session["feature"] for session in made.sessions()] == ["F1", "F8"]
    assert f"session: reopened {claimed}" in made.git("log", "--format=%s").splitlines()


def test_an_added_feature_that_never_passes_is_blocked_not_done(tmp_path: Path) -> None:
    script = ADDS_F8.format(claimed="F8", other=CLAIM)
    made = project(tmp_path, [feature("F1")], script, '[verify]\ncommand = "test -f f1.txt"\n[agent.models]\n')
    made.run("orchestrator", "build", code=1)
    assert made.states() == {"F1": "done", "F8": "blocked"}


PRUNE = "git reflog expire --expire=now --all; git gc -q --prune=now"
LOSES_REFS = "git for-each-ref --format='delete %(refname)' refs/orchestrator | git update-ref --stdin"
WORK = "touch $1.txt\n"


def test_a_branch_that_a_session_deleted_and_pruned_is_told_and_the_build_goes_on(tmp_path: Path) -> None:
    made = project(tmp_path, [feature("F1")], f"{WORK}git branch -q -D wip; {PRUNE}\n{CLAIM}\n")
    made.git("branch", "wip", made.git("commit-tree", "-m", "wip", "HEAD^{tree}").strip())
    made.run("orchestrator", "build")
    assert made.states() == {"F1": "done"}
    told = [line for line in made.sessions()[0]["guard"] if "the branch wip" in line]
    assert len(told) == 1
    assert "can't be brought back" in told[0]


@pytest.mark.parametrize("pruned", [False, True])
def test_refs_to_kept_work_that_a_session_deleted_are_there_again(tmp_path: Path, pruned: bool) -> None:
    script = f"{WORK}{LOSES_REFS}\n{PRUNE if pruned else ''}\n{CLAIM}\n"
    made = project(tmp_path, [feature("F1")], script)
    kept = made.git("commit-tree", "-m", "kept", "HEAD^{tree}").strip()
    lost = made.git("commit-tree", "-m", "lost", "HEAD^{tree}").strip()
    made.git("branch", "holds", kept)
    made.git("update-ref", "refs/orchestrator/leftovers/X", kept)
    made.git("update-ref", "refs/orchestrator/undone/session-001", lost)
    made.run("orchestrator", "build")
    assert made.states() == {"F1": "done"}
    assert made.git("rev-parse", "refs/orchestrator/leftovers/X").strip() == kept
    (told,) = [line for line in made.sessions()[0]["guard"] if "refs to kept work" in line]
    assert ("but for refs/orchestrator/undone/session-001" in told) == pruned
    assert (lost in made.git("for-each-ref", "--format=%(objectname)")) != pruned


@pytest.mark.parametrize("how", ["damaged", "a file"])
def test_a_session_that_damages_our_state_stops_no_build(tmp_path: Path, how: str) -> None:
    damage = """for f in $(find .git/orchestrator -type f); do echo '{"garbage":1}' > $f; done"""
    if how == "a file":
        damage = "rm -rf .git/orchestrator; touch .git/orchestrator"
    made = project(tmp_path, [feature("F1"), feature("F2")], f"{WORK}{CLAIM}\n{damage}\n")
    made.run("orchestrator", "build")
    assert made.states() == {"F1": "done", "F2": "done"}
    made.run("orchestrator", "build")
    assert len(made.sessions()) == 2


def test_a_file_in_the_place_of_our_folder_says_what_to_type(tmp_path: Path) -> None:
    made = project(tmp_path, [feature("F1")], WORK + CLAIM)
    (made.root / ".git" / "orchestrator").write_text("")
    said = made.run("orchestrator", "build", code=2)
    assert "mv " in said
    (made.root / ".git" / "orchestrator").unlink()
    made.run("orchestrator", "build")


@pytest.mark.parametrize("content", ['{"garbage": 1}', '{"attempts": "x"}', '{"base_tree": "x", "attempts": 1}',
                                     f'{{"base_tree": "{"1" * 40}", "before_tree": "{"1" * 40}"}}'])  # fmt: skip
def test_attempts_that_name_what_is_not_there_count_as_none(tmp_path: Path, content: str) -> None:
    made = project(tmp_path, [feature("F1")], WORK + CLAIM)
    folder = made.root / ".git" / "orchestrator" / "attempts"
    folder.mkdir(parents=True)
    (folder / "F1.json").write_text(content)
    made.run("orchestrator", "build")
    assert made.states() == {"F1": "done"}
    assert made.sessions()[0]["attempt"] == 1


LINKS = "cp feature_list.json ../elsewhere.json; ln -sf {} feature_list.json; "
UNTRACKS = "git rm -q --cached feature_list.json; echo feature_list.json >> .gitignore; "
LISTS = {
    "a link to outside": (LINKS.format("$(cd ..; pwd)/elsewhere.json"), "was replaced by a link"),
    "a link to nowhere": (LINKS.format("/nowhere/list.json"), "was replaced by a link"),
    "a link to a folder": (LINKS.format("src").replace("-sf", "-sfn"), "was replaced by a link"),
    "untracked and ignored": (UNTRACKS, "was taken out of what git tracks"),
}


@pytest.mark.parametrize("how", LISTS)
def test_the_list_is_a_tracked_file_again_whatever_a_session_made_of_it(tmp_path: Path, how: str) -> None:
    harm, told = LISTS[how]
    made = project(tmp_path, [feature("F1"), feature("F2")], f"{WORK}mkdir -p src; touch src/$1\n{harm}{CLAIM}\n")
    made.run("orchestrator", "build")
    assert made.states() == {"F1": "done", "F2": "done"}
    assert not (made.root / "feature_list.json").is_symlink()
    assert made.git("ls-tree", "HEAD", "feature_list.json").startswith("100644 blob")
    assert made.git("show", "HEAD:feature_list.json") == (made.root / "feature_list.json").read_text().strip()
    assert [line for line in made.sessions()[0]["guard"] if told in line]
    assert made.clean()


def test_work_in_a_submodule_without_an_identity_is_kept_in_the_name_of_the_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = project(tmp_path, [feature("F1")], "touch f1; echo b > sub/a\n", '[verify]\ncommand = "true"\n')
    git(tmp_path, "init", "-q", "origin")
    (tmp_path / "origin" / "a").write_text("a\n")
    git(tmp_path / "origin", "add", "a")
    git(tmp_path / "origin", "commit", "-q", "-m", "a")
    made.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(tmp_path / "origin"), "sub")
    made.git("commit", "-q", "-m", "sub")
    made.git("-C", "sub", "config", "user.useConfigOnly", "true")
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.delenv(f"GIT_{role}_NAME", raising=False)
        monkeypatch.delenv(f"GIT_{role}_EMAIL", raising=False)
    made.run("orchestrator", "build", code=1)
    assert made.states() == {"F1": "blocked"}
    kept = "refs/orchestrator/leftovers/F1"
    assert made.git("-C", "sub", "log", "-1", "--format=%an <%ae>", kept) == "Test <test@example.com>"
    assert made.git("-C", "sub", "show", f"{kept}:a") == "b"
