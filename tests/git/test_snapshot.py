"""Trees of the work tree: what is asked for changes, everything else stays as it was."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings
from support.repos import git

from orchestrator.git import place as places
from orchestrator.git import snapshot
from orchestrator.git.place import Place

needs_posix = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX file names, modes and links")
ODD = [
    "plain",
    "a b",
    "new\nline",
    'qu"ote',
    "tab\t",
    "größe",
    "-x",
    ":(top)y",
    "*",
    "back\\slash",
    "d/e",
    "d/é f",
    "d/g/h",
]
Content = tuple[str, str]  # file, program or link, and what it holds
Files = dict[str, Content]


def write(root: Path, files: Files) -> None:
    """Make the work tree hold exactly these files."""
    for entry in root.iterdir():
        if entry.name != ".git":
            shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()
    for name, (kind, text) in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if kind == "link":
            path.symlink_to(text)
        else:
            path.write_bytes(text.encode())
            path.chmod(0o755 if kind == "program" else 0o644)


def read(root: Path) -> Files:
    found: Files = {}
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if name.split("/")[0] == ".git" or (path.is_dir() and not path.is_symlink()):
            continue
        if path.is_symlink():
            found[name] = ("link", str(path.readlink()))
        else:
            found[name] = ("program" if os.access(path, os.X_OK) else "file", path.read_bytes().decode())
    return found


def tree(place: Place, files: Files) -> str:
    """The id of the tree that holds the files, by way of git's own index."""
    write(place.top, files)
    git(place.top, "add", "-A")
    return git(place.top, "write-tree")


contents = st.tuples(st.sampled_from(["file", "program", "link"]), st.sampled_from(["x", "y\n", "größe\r\n", "../z"]))
sides = st.dictionaries(st.sampled_from(ODD), contents, max_size=7)


@contextmanager
def repository(*args: str) -> Iterator[Place]:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "a repo"
        subprocess.run(["git", "init", "-q", *args, str(root)], check=True)
        git(root, "commit", "-q", "--allow-empty", "-m", "base")
        yield places.find(root)


def staged(place: Place) -> str:
    return git(place.top, "ls-files", "-s", "-z")


@needs_posix
@settings(max_examples=25, deadline=None)
@given(committed=sides, indexed=sides, present=sides)
def test_a_snapshot_holds_the_work_tree_and_leaves_the_index_alone(
    committed: Files, indexed: Files, present: Files
) -> None:
    with repository() as place:
        tree(place, committed)
        git(place.top, "commit", "-q", "--allow-empty", "-m", "one")
        tree(place, indexed)
        expected = tree(place, present)
        tree(place, indexed)
        write(place.top, present)
        before = staged(place)
        assert snapshot.worktree(place) == expected
        assert (staged(place), read(place.top)) == (before, present)
        assert list(place.own_store.iterdir()) == []


@needs_posix
@settings(max_examples=25, deadline=None)
@given(one=sides, other=sides, hash=st.sampled_from(["sha1", "sha256"]), data=st.data())
def test_entries_put_back_give_the_other_tree_and_only_there(
    one: Files, other: Files, hash: str, data: st.DataObject
) -> None:
    with repository(f"--object-format={hash}") as place:
        before, after = tree(place, one), tree(place, other)
        differ = snapshot.changed(place, before, after)
        assert set(differ) == {name for name in {*one, *other} if one.get(name) != other.get(name)}
        assert {name for name, entry in differ.items() if entry is None} == set(one) - set(other)
        assert snapshot.entries(place, after, set(differ)) == differ
        assert snapshot.with_entries(place, before, differ) == after
        some = {name: entry for name, entry in differ.items() if data.draw(st.booleans())}
        expected = {**one, **{name: other[name] for name in some if name in other}}
        expected = {name: content for name, content in expected.items() if name not in some or name in other}
        assert snapshot.with_entries(place, before, some) == tree(place, expected)


@needs_posix
@settings(max_examples=25, deadline=None)
@given(base=sides, now=sides, data=st.data())
def test_restoring_some_paths_leaves_the_others_and_the_index(base: Files, now: Files, data: st.DataObject) -> None:
    with repository() as place:
        wanted = tree(place, base)
        tree(place, now)
        before = staged(place)
        names = sorted({*base, *now})
        paths = data.draw(st.lists(st.sampled_from(names), unique=True)) if names else []
        snapshot.restore(place, wanted, paths)
        expected = {name: content for name, content in now.items() if name not in paths}
        expected.update({name: base[name] for name in paths if name in base})
        assert read(place.top) == expected
        assert staged(place) == before


@needs_posix
@settings(max_examples=25, deadline=None)
@given(base=sides, other=sides, hash=st.sampled_from(["sha1", "sha256"]))
def test_staging_touches_the_given_paths_of_the_index_alone(base: Files, other: Files, hash: str) -> None:
    with repository(f"--object-format={hash}") as place:
        wanted = snapshot.changed(place, tree(place, base), tree(place, other))
        tree(place, {**base, "mine": ("file", "staged")})
        write(place.top, {"mine": ("file", "unstaged")})
        snapshot.stage(place, wanted)
        index = git(place.top, "write-tree")
        assert read(place.top) == {"mine": ("file", "unstaged")}
        assert index == tree(place, {**other, "mine": ("file", "staged")})


def test_no_entries_are_asked_for_or_staged_without_git(repo: Path) -> None:
    place = places.find(repo)
    assert snapshot.entries(place, "no tree", ()) == {}
    snapshot.stage(place, {})


def test_the_empty_tree_stands_for_no_commit(repo: Path) -> None:
    place = places.find(repo)
    (repo / "file").write_text("x")
    assert snapshot.changed(place, snapshot.tree_of(place, None), snapshot.worktree(place)).keys() == {"file"}


def test_a_deletion_is_staged_before_the_first_commit_in_both_formats(tmp_path: Path) -> None:
    for hash in ("sha1", "sha256"):
        subprocess.run(["git", "init", "-q", f"--object-format={hash}", str(tmp_path / hash)], check=True)
        (tmp_path / hash / "file").write_text("x")
        git(tmp_path / hash, "add", "file")
        place = places.find(tmp_path / hash)
        assert place.head is None
        snapshot.stage(place, {"file": None})
        assert staged(place) == ""


def test_ignored_files_are_left_out_and_left_alone(repo: Path) -> None:
    (repo / ".gitignore").write_text("*.log\n")
    (repo / "x.log").write_text("log")
    place = places.find(repo)
    assert snapshot.changed(place, snapshot.tree_of(place, None), snapshot.worktree(place)).keys() == {".gitignore"}
    snapshot.restore(place, snapshot.tree_of(place, None), {".gitignore"})
    assert [path.name for path in repo.iterdir() if path.name != ".git"] == ["x.log"]


@needs_posix
def test_a_folder_where_a_file_was_and_a_file_where_a_folder_was_are_restored(repo: Path) -> None:
    place = places.find(repo)
    before: Files = {"a": ("file", "a"), "b/c": ("file", "c")}
    wanted = tree(place, before)
    write(repo, {"a/new": ("file", "x"), "b": ("file", "y")})
    snapshot.restore(place, wanted, ["a", "a/new", "b", "b/c"])
    assert read(repo) == before


@needs_posix
def test_nothing_is_deleted_behind_a_symbolic_link(repo: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").write_text("precious")
    place = places.find(repo)
    (repo / "link").symlink_to(outside)
    snapshot.restore(place, snapshot.tree_of(place, None), ["link/file"])
    assert (outside / "file").read_text() == "precious"


def test_a_submodule_entry_survives_and_its_folder_is_left(repo: Path, tmp_path: Path) -> None:
    git(repo, "commit", "-q", "--allow-empty", "-m", "base")
    subprocess.run(["git", "init", "-q", str(repo / "sub")], check=True)
    git(repo / "sub", "commit", "-q", "--allow-empty", "-m", "inner")
    place = places.find(repo)
    after = snapshot.worktree(place)
    inner = git(repo / "sub", "rev-parse", "HEAD")
    before = snapshot.tree_of(place, place.head)
    assert snapshot.changed(place, before, after) == {"sub": ("160000", inner)}
    assert snapshot.with_entries(place, before, {"sub": ("160000", inner)}) == after
    snapshot.restore(place, before, ["sub"])
    assert (repo / "sub/.git").exists()


def test_more_paths_than_fit_on_a_command_line(repo: Path) -> None:
    for number in range(150):
        (repo / f"file {number}").write_text(str(number))
    place = places.find(repo)
    taken = snapshot.worktree(place)
    names = {f"file {number}" for number in range(150)}
    assert set(snapshot.entries(place, taken, names | {"absent"})) == names | {"absent"}
    for number in range(150):
        (repo / f"file {number}").unlink()
    snapshot.restore(place, taken, names)
    assert (repo / "file 149").read_text() == "149"


def test_a_place_in_a_subfolder_is_that_of_the_top(repo: Path) -> None:
    (repo / "sub" / "deep").mkdir(parents=True)
    (repo / "outside").write_text("x")
    (repo / "sub" / "deep" / "file").write_text("y")
    place = places.find(repo / "sub" / "deep")
    assert place.relative(repo / "sub" / "deep" / "file") == "sub/deep/file"
    taken = snapshot.worktree(place)
    (repo / "sub" / "deep" / "file").unlink()
    snapshot.restore(place, taken, ["sub/deep/file", "outside"])
    assert (repo / "sub" / "deep" / "file").read_text() == "y"
