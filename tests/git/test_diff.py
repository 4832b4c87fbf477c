"""What differs between two trees, beside git's own words for it."""

from __future__ import annotations

from pathlib import Path

from support.repos import git

from orchestrator.git import place as places
from orchestrator.git.diff import GITLINK, Change, changes


def test_every_kind_of_change_is_told_with_modes_and_lines(repo: Path) -> None:
    names = {"kept": "a\n", "gone": "a\nb\n", "changed": "a\nb\n", "run": "x\n", "ta\tb\nü": "1\n"}
    for name, text in names.items():
        (repo / name).write_text(text)
    git(repo, "add", "-A")
    git(repo, "commit", "-q", "-m", "before")
    head = git(repo, "rev-parse", "HEAD")
    (repo / "gone").unlink()
    (repo / "changed").write_text("a\nc\nd\n")
    (repo / "run").chmod(0o755)
    (repo / "ta\tb\nü").write_text("1\n2\n")
    (repo / "bin").write_bytes(b"\0\1\n\n")
    (repo / "link").symlink_to("kept")
    git(repo, "add", "-A")
    git(repo, "update-index", "--add", "--cacheinfo", f"{GITLINK},{head},sub")
    after = git(repo, "write-tree")
    place = places.find(repo)

    def blob(tree: str, name: str) -> str:
        return git(repo, "rev-parse", f"{tree}:{name}")

    found = changes(place, head, after)
    plain, run = "100644", "100755"
    assert {name: (c.before, c.after, c.added, c.removed) for name, c in found.items()} == {
        "gone": ((plain, blob(head, "gone")), None, 0, 2),
        "changed": ((plain, blob(head, "changed")), (plain, blob(after, "changed")), 2, 1),
        "run": ((plain, blob(head, "run")), (run, blob(head, "run")), 0, 0),
        "ta\tb\nü": ((plain, blob(head, "ta\tb\nü")), (plain, blob(after, "ta\tb\nü")), 1, 0),
        "bin": (None, (plain, blob(after, "bin")), 0, 0),
        "link": (None, ("120000", blob(after, "link")), 1, 0),
        "sub": (None, (GITLINK, head), 1, 0),
    }
    assert all(isinstance(change, Change) and change.path == name for name, change in found.items())


def test_equal_trees_differ_in_nothing(repo: Path) -> None:
    (repo / "a").write_text("a")
    git(repo, "add", "-A")
    tree = git(repo, "write-tree")
    assert changes(places.find(repo), tree, tree) == {}
