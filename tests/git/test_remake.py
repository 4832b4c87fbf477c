"""Commits made again and trees with files replaced: byte for byte what they were, but for what was asked."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings
from support.repos import git, require

from orchestrator.errors import GitError
from orchestrator.git import place as places
from orchestrator.git import remake
from orchestrator.git.place import Place


def raw(place: Place, commit: str) -> bytes:
    return place.git.run("cat-file", "commit", commit)


def other_tree(place: Place) -> str:
    blob = place.git.write("blob", b"new")
    return place.git.text("mktree", stdin=f"100644 blob {blob}\tnew\n".encode())


@pytest.fixture(params=["sha1", "sha256"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    root = tmp_path / "re po"
    subprocess.run(["git", "init", "-q", f"--object-format={request.param}", str(root)], check=True)
    for name in ("list.json", "deep/er/list.json", "deep/other", "größe/a b"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "base")
    return places.find(root)


def test_a_commit_made_again_with_its_own_tree_is_the_same_commit(place: Place) -> None:
    head = place.head or ""
    assert remake.commit_again(place.git, raw(place, head), place.git.text("rev-parse", "HEAD^{tree}")) == head


text = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=60)
names = st.text(st.characters(exclude_characters="\0\n<>", exclude_categories=["Cs"]), min_size=1, max_size=12)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(message=text, author=names, zone=st.sampled_from(["+0000", "-1130", "+0545"]), extra=text, merge=st.booleans())
def test_only_the_tree_line_changes(
    place: Place, message: str, author: str, zone: str, extra: str, merge: bool
) -> None:
    """Foreign header fields, encodings, empty and odd messages, merges: all of it stays."""
    head, tree = place.head, place.git.text("rev-parse", "HEAD^{tree}")
    continued = extra.replace("\r", "").replace("\n", "\n ")
    content = (
        f"tree {tree}\nparent {head}\n"
        + (f"parent {head}\n" if merge else "")
        + f"author {author} <a@b> 1700000000 {zone}\ncommitter C <c@d> 1700000001 +0000\n"
        + f"encoding ISO-8859-1\nx-other {continued}\n\n{message}"
    ).encode("utf-8")
    done = place.git.try_run("hash-object", "-w", "-t", "commit", "--literally", "--stdin", stdin=content)
    commit = done.stdout.decode().strip()
    new = other_tree(place)
    made = remake.commit_again(place.git, raw(place, commit), new)
    assert raw(place, made) == content.replace(tree.encode(), new.encode(), 1)


def test_parents_and_message_can_be_given(place: Place) -> None:
    head, new = place.head or "", other_tree(place)
    made = remake.commit_again(place.git, raw(place, head), new, parents=[head, head], message=b"other\xff\n")
    header, _, _ = raw(place, head).partition(b"\n\n")
    fields = header.split(b"\n")[1:]
    parents = [f"parent {head}".encode()] * 2
    assert raw(place, made) == b"\n".join([b"tree " + new.encode(), *parents, *fields]) + b"\n\nother\xff\n"


@pytest.fixture
def signing(place: Place, tmp_path: Path) -> Place:
    require("ssh-keygen", shutil.which("ssh-keygen"))
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    (tmp_path / "allowed").write_text(f"committer@example.com {key.with_suffix('.pub').read_text()}")
    for name, value in (
        ("gpg.format", "ssh"), ("user.signingKey", str(key)), ("gpg.ssh.allowedSignersFile", str(tmp_path / "allowed")),
    ):  # fmt: skip
        git(place.top, "config", name, value)
    return place


def test_a_signed_commit_is_signed_again(signing: Place) -> None:
    git(
        signing.top,
        "commit",
        "-q",
        "-S",
        "--allow-empty",
        "-m",
        "größe\n\nbody\n\nTrailer: x",
        "--author",
        "Jo Ü <j@ü>",
    )
    head = git(signing.top, "rev-parse", "HEAD")
    new = other_tree(signing)
    made = remake.commit_again(signing.git, raw(signing, head), new)
    assert git(signing.top, "verify-commit", made) == ""
    ask = ("--no-patch", "--format=%P%n%an%n%ae%n%ad%n%cn%n%ce%n%cd%n%e%n%B", "--date=raw")
    assert git(signing.top, "show", *ask, made) == git(signing.top, "show", *ask, head)
    assert git(signing.top, "rev-parse", f"{made}^{{tree}}") == new


def test_a_signed_commit_in_another_encoding_keeps_its_bytes(signing: Path | Place) -> None:
    assert isinstance(signing, Place)
    message = "größe\n".encode("latin-1")
    signing.git.run(
        "-c", "i18n.commitEncoding=ISO-8859-1", "commit", "-q", "-S", "--allow-empty", "-F", "-", stdin=message
    )
    made = remake.commit_again(signing.git, raw(signing, "HEAD"), other_tree(signing))
    header, _, body = raw(signing, made).partition(b"\n\n")
    assert b"\nencoding ISO-8859-1" in header
    assert body == message
    assert git(signing.top, "verify-commit", made) == ""


def test_a_signature_that_cannot_be_made_is_an_error(signing: Place) -> None:
    git(signing.top, "commit", "-q", "-S", "--allow-empty", "-m", "x")
    git(signing.top, "config", "user.signingKey", "/absent")
    with pytest.raises(GitError, match="commit-tree failed"):
        remake.commit_again(signing.git, raw(signing, "HEAD"), other_tree(signing))


@pytest.mark.parametrize("name", ["list.json", "deep/er/list.json"])
def test_a_tree_with_a_file_replaced_has_everything_else(place: Place, name: str) -> None:
    (place.top / "deep" / "list.json0").write_text("sorts near")
    git(place.top, "add", "-A")
    git(place.top, "commit", "-q", "-m", "more")
    blob = place.git.write("blob", b"other")
    made = remake.tree_with(place.git, remake.look(place.git, "HEAD", name), blob)
    git(place.top, "update-index", "--cacheinfo", f"100644,{blob},{name}")
    assert made == git(place.top, "write-tree")


def test_a_tree_keeps_submodules_and_missing_objects(place: Place) -> None:
    tree = place.git.text("rev-parse", "HEAD^{tree}")
    absent = "1" * len(tree)
    entries = place.git.run("ls-tree", "-z", tree) + f"160000 commit {absent}\tsub\0".encode()
    with_sub = place.git.text("mktree", "-z", "--missing", stdin=entries)
    commit = place.git.text("commit-tree", "-m", "x", with_sub)
    blob = place.git.write("blob", b"other")
    made = remake.tree_with(place.git, remake.look(place.git, commit, "list.json"), blob)
    assert f"160000 commit {absent}\tsub" in git(place.top, "ls-tree", made)


def test_files_are_read_from_commits_and_from_the_index(place: Place) -> None:
    (place.top / "deep/er/list.json").write_text("staged")
    git(place.top, "add", "-A")
    (place.top / "deep/er/list.json").write_text("unstaged")
    one, two = remake.committed(place.git, "HEAD", "deep/er/list.json"), remake.staged(place.git, "deep/er/list.json")
    assert (one and one.content, two and two.content) == (b"deep/er/list.json", b"staged")
    assert remake.committed(place.git, "HEAD", "deep") is None
    assert remake.committed(place.git, "HEAD", "absent") is None
    assert remake.staged(place.git, "deep") is None
    assert remake.staged(place.git, "absent") is None


def test_an_unmerged_file_is_none_of_the_index(place: Place) -> None:
    git(place.top, "switch", "-qc", "side")
    (place.top / "list.json").write_text("side")
    git(place.top, "commit", "-qam", "side")
    git(place.top, "switch", "-q", "main")
    (place.top / "list.json").write_text("main")
    git(place.top, "commit", "-qam", "main")
    git(place.top, "merge", "-q", "side", check=False)
    assert remake.staged(place.git, "list.json") is None


def test_staging_a_blob_leaves_the_rest_of_the_index(place: Place) -> None:
    (place.top / "deep/other").write_text("mine")
    git(place.top, "add", "-A")
    before = git(place.top, "ls-files", "-s").splitlines()
    blob = place.git.write("blob", b"flipped")
    (place.top / "list.json").write_bytes(b"flipped")
    remake.update_index(place, "list.json", remake.Entry("100644", "", b""), blob)
    after = git(place.top, "ls-files", "-s").splitlines()
    assert [line for line in after if line not in before] == [f"100644 {blob} 0\tlist.json"]
    assert git(place.top, "status", "--porcelain") == "M  deep/other\nM  list.json"


@pytest.mark.parametrize(
    ("bits", "tag"),
    [
        (["--assume-unchanged"], "h"),
        (["--skip-worktree"], "S"),
        (["--assume-unchanged", "--skip-worktree"], "s"),
        ([], "H"),
    ],
)
def test_staging_a_blob_keeps_the_bits_of_the_entry(place: Place, bits: list[str], tag: str) -> None:
    for bit in bits:
        git(place.top, "update-index", bit, "list.json")
    entry = remake.staged(place.git, "list.json")
    assert entry is not None
    assert list(entry.bits) == bits
    blob = place.git.write("blob", b"flipped")
    remake.update_index(place, "list.json", entry, blob)
    assert git(place.top, "ls-files", "-sv", "list.json") == f"{tag} 100644 {blob} 0\tlist.json"


def test_head_moves_only_from_where_it_was_expected(place: Place) -> None:
    head = place.head or ""
    made = remake.commit_again(place.git, raw(place, head), other_tree(place))
    with pytest.raises(GitError):
        remake.move_head(place, made, made, "why")
    assert git(place.top, "rev-parse", "HEAD") == head
    remake.move_head(place, made, head, "why not")
    assert git(place.top, "reflog", "-1", "--format=%H %gs") == f"{made} why not"
    assert git(place.top, "rev-parse", "main") == made


def test_what_a_remote_branch_holds_is_on_a_remote(place: Place) -> None:
    head = place.head or ""
    assert not remake.on_a_remote(place.git, head)
    git(place.top, "update-ref", "refs/remotes/origin/main", head)
    assert remake.on_a_remote(place.git, head)
    git(place.top, "commit", "-q", "--allow-empty", "-m", "on top")
    assert not remake.on_a_remote(place.git, git(place.top, "rev-parse", "HEAD"))
