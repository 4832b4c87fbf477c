"""Work that git does not see, and the check before anything is done."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.projects import Made
from support.scripted_builds import COMMITS, WORKS, feature, project

HIDDEN = {
    "echo lib/ >> .gitignore; mkdir -p lib; echo code > lib/code": "lib/code: ignored since this session",
    "mkdir -p a/lib; echo '*.gen' > a/.gitignore; echo code > a/lib/x.gen": "a/lib/x.gen: ignored since this session",
    "mkdir -p ignored/deep; echo 'x = 1' > ignored/deep/x.py": "ignored/deep/x.py: written by the session, but",
    "mkdir -p lib; echo hi > lib/f1.txt; echo '*' > lib/.gitignore": "lib/f1.txt: written by the session, but",
    "git update-index --skip-worktree check.sh; echo '# more' >> check.sh": "check.sh: changed, but git was told",
    "git update-index --assume-unchanged check.sh; echo '# more' >> check.sh": "check.sh: changed, but git was told",
}


@pytest.mark.parametrize("how", HIDDEN)
def test_work_that_a_clone_would_lack_is_told_and_reviewed(tmp_path: Path, how: str) -> None:
    made = project(tmp_path, [feature("F1")], how + "\n" + WORKS)
    (made.root / ".gitignore").write_text("/ignored/\n/dist/\n")
    made.git("add", ".gitignore")
    made.git("commit", "-qm", "ignore")
    made.run("orchestrator", "build")
    assert made.states() == {"F1": "done"}
    assert [note for note in made.sessions()[0]["notes"] if note.startswith(HIDDEN[how])], made.sessions()[0]["notes"]
    assert made.features()["F1"]["needs_review"] is True


@pytest.mark.parametrize(
    "how",
    [
        "echo node_modules/ >> .gitignore; mkdir -p node_modules/a; echo x > node_modules/a/b.js",
        "echo '*.log' >> .gitignore",
        "echo /dist/ >> .git/info/exclude; mkdir dist; echo x > dist/x.js",
        "echo '*.txt' >> .git/info/exclude; echo x > a.txt",
        "mkdir old; echo x > old/x; touch -d 2001-01-01 old/x; echo old/ >> .gitignore",
    ],
)
def test_what_tools_make_and_what_was_there_before_needs_no_review(tmp_path: Path, how: str) -> None:
    made = project(tmp_path, [feature("F1")], how + "\n" + WORKS)
    made.run("orchestrator", "build")
    assert "needs_review" not in made.features()["F1"]


CHECK = "echo >> ../checks; sh check.sh"


def counting(tmp_path: Path, script: str, more: str = "", features: int = 1) -> Made:
    settings = f"[verify]\ncommand = '{CHECK}'\n{more}"
    return project(tmp_path, [feature(f"F{n}") for n in range(1, features + 1)], script, settings)


def checks(tmp_path: Path) -> int:
    return len((tmp_path / "checks").read_text().splitlines())


def test_a_check_that_is_red_before_anything_was_done_is_said_to_be_on_the_terminal_and_in_the_first_prompt(
    tmp_path: Path,
) -> None:
    made = counting(tmp_path, 'cp "$2" "../prompt-$1"; rm -f src/old\n' + WORKS, features=2)
    (made.root / "src").mkdir()
    (made.root / "src" / "old").write_text("broken\n")
    made.git("add", "-A")
    made.git("commit", "-q", "-m", "red")
    output = made.run("orchestrator", "build")
    assert output.count("the check fails before anything was done") == 1
    assert "exited with 1" in (tmp_path / "prompt-F1").read_text()
    assert "failed before you began" in (tmp_path / "prompt-F1").read_text()
    assert "before you began" not in (tmp_path / "prompt-F2").read_text()
    assert made.states() == {"F1": "done", "F2": "done"}


def test_the_baseline_is_asked_once_a_build_and_not_of_a_tree_that_is_known(tmp_path: Path) -> None:
    made = counting(tmp_path, COMMITS, features=3)
    made.run("orchestrator", "build", "--max-sessions", "1", code=1)
    assert checks(tmp_path) == 2
    made.run("orchestrator", "build", "--max-sessions", "1", code=1)
    assert checks(tmp_path) == 3
    made.git("commit", "-q", "--allow-empty", "-m", "another")
    (made.root / "new").write_text("x")
    made.run("orchestrator", "build")
    assert checks(tmp_path) == 5


def test_the_baseline_can_be_left_out(tmp_path: Path) -> None:
    made = counting(tmp_path, COMMITS, "baseline = false\n")
    made.run("orchestrator", "build")
    assert checks(tmp_path) == 1


def test_a_build_on_a_detached_head_says_so_first_and_keeps_its_commits(tmp_path: Path) -> None:
    made = project(tmp_path, [feature("F1"), feature("F2")], COMMITS)
    base = made.git("rev-parse", "HEAD")
    made.git("checkout", "-q", "--detach")
    said = made.run("orchestrator", "build")
    ref = f"refs/orchestrator/detached/{base[:12]}"
    assert said.index("HEAD is detached: no branch will hold") < said.index("session 1")
    assert said.count(f"git switch -c NAME {ref}") == 1
    assert made.git("rev-parse", ref) == made.git("rev-parse", "HEAD")
    made.git("switch", "-q", "-c", "mine", ref)
    assert made.states() == {"F1": "done", "F2": "done"}
