"""Repositories inside the project: one that a session made, whose files a clone would lack, and submodules."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from orchestrator.git import commits, snapshot
from orchestrator.git import place as places
from orchestrator.git.diff import GITLINK, Change
from orchestrator.git.place import Place
from orchestrator.git.plumbing import Git


def unfinished(
    place: Place, changes: Mapping[str, Change], left_out: Collection[str], before: Collection[str]
) -> list[str]:
    """A sentence for each nested repository or submodule that keeps the work from being finished.

    `left_out` are repositories without a commit, `before` those, and the dirty submodules, that were there already.
    """
    links = {path: change for path, change in changes.items() if change.after and change.after[0] == GITLINK}
    modules = _modules(place) if links else set()
    said = [sentence for path, change in links.items() if (sentence := _link(place, path, change, modules))]
    said += [f"{path} {_NESTED.format(path)}" for path in left_out if path not in before]
    return said + [f"the submodule {path} {_DIRTY}" for path in dirty(place) if path not in before]


_NESTED = "is a repository of its own: a clone would lack its files. Delete {}/.git, or make it a submodule"
_DIRTY = "has work that is not committed in it: commit and push it there, then commit the submodule"


def _link(place: Place, path: str, change: Change, modules: Collection[str]) -> str:
    if path not in modules:
        return f"{path} {_NESTED.format(path)}"
    inside = Git(place.top / path)
    commit = change.after[1] if change.after else ""
    if not (place.top / path / ".git").exists() or inside.text(
        "for-each-ref", "--count=1", f"--contains={commit}", "refs/remotes"
    ):
        return ""
    return f"the submodule {path} is at {commit[:10]}, which none of its remotes has: push it there first"


def _modules(place: Place) -> set[str]:
    """The paths of the submodules that .gitmodules names."""
    done = place.git.try_run("config", "-z", "--file", ".gitmodules", "--get-regexp", r"^submodule\..*\.path$")
    fields = done.stdout.decode("utf-8", "surrogateescape").split("\0")
    return {field.partition("\n")[2] for field in fields if field}


def dirty(place: Place) -> list[str]:
    """The submodules with work that is not committed in them; asks git only where there is a submodule."""
    if not (place.top / ".gitmodules").exists():
        return []
    listed = place.git.text("status", "--porcelain=v2", "-z", "--ignore-submodules=none", "--untracked-files=no")
    found = []
    for entry in listed.split("\0"):
        fields = entry.split(" ", 8)
        if (
            len(fields) == 9
            and fields[0] == "1"
            and fields[2].startswith("S")
            and ("M" in fields[2] or "U" in fields[2])
        ):
            found.append(fields[8])
    return found


def put_back(place: Place, base_tree: str, before: Collection[str], ref: str) -> None:
    """Give the submodules the commits of `base_tree`, and no work that is not committed; what was in them is kept under
    `ref` there. Those of `before` were dirty before the feature's first session and stay as they are.
    """
    if not (place.top / ".gitmodules").exists():
        return
    unclean, identity = set(dirty(place)), commits.identity(place)  # a submodule may have none of its own
    for path, entry in snapshot.entries(place, base_tree, _modules(place)).items():
        if entry is None or path in before or not (place.top / path / ".git").exists():
            continue
        inside = places.find(place.top / path)
        if inside.head != entry[1] or path in unclean:
            commits.keep(inside, ref, snapshot.worktree(inside), "orchestrator: unfinished work\n", identity)
            inside.git.run("checkout", "-q", "--force", "--detach", entry[1])
            inside.git.run("clean", "-fdq")
