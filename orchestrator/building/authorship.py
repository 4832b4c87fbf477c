"""Whose commits they are that were made while a session ran.

Git writes into its reflog what made HEAD move, in words that the environment may give (GIT_REFLOG_ACTION): those of a
session are in the environment of its agent and of nobody else. Where the reflog does not tell, a commit is a person's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from orchestrator.building.attempts import Attempts
from orchestrator.git import commits, remake, snapshot
from orchestrator.git.place import Place

_VARIABLE = "GIT_REFLOG_ACTION"
CHECK = f"{remake.SESSION_ACTION} check"
"""What git's reflog says of what a check's git processes do."""
SEEN_BY_HOOKS = "sessions-commits"  # in the store of a work tree: commit and what its session is called, a line each
_CARRIED = "orchestrator: "  # our own hook made the commit again; it is whose the one before was


class Made(NamedTuple):
    """The commits since a session began, oldest first; `linear` as in git/commits, `own` those of the session."""

    commits: tuple[str, ...] = ()
    linear: bool = True
    own: frozenset[str] = frozenset()

    @property
    def others(self) -> tuple[str, ...]:
        """Those of persons."""
        return tuple(sha for sha in self.commits if sha not in self.own)


def environment(session: int) -> Mapping[str, str]:
    """What makes the commits of a session's agent known as its own."""
    return {_VARIABLE: _action(session)}


def of_a_check() -> Mapping[str, str]:
    """What makes the commits of a check known."""
    return {_VARIABLE: CHECK}


def inside_a_session(environ: Mapping[str, str]) -> bool:
    """Whether a process of this environment was started by an agent of ours."""
    return environ.get(_VARIABLE, "").startswith(_action(0)[:-1])


def _action(session: int) -> str:
    return f"{remake.SESSION_ACTION} {session}"


def since(place: Place, kept: Attempts) -> Made:
    """What was committed since the session began, and by whom."""
    base = kept.before_head or None
    if place.head is None or place.head == base:
        return Made()
    found = commits.since(place, base)
    own = _own(_moves(place), found.commits) | _seen_by_hooks(place, kept.session, found.commits)
    return Made(found.commits, found.linear, own)


def _seen_by_hooks(place: Place, session: int, made: Sequence[str]) -> frozenset[str]:
    """The commits that our hook knows to be of the session, for it was started below the session's agent."""
    try:
        lines = (place.own_store / SEEN_BY_HOOKS).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return frozenset()
    mark = _action(session)
    return frozenset(sha for line in lines for sha, _, words in [line.partition(" ")] if words == mark) & {*made}


def _moves(place: Place) -> dict[str, tuple[str, str]]:
    """commit -> (HEAD before, what first moved it there: mostly what made the commit), as HEAD's reflog has it."""
    try:
        lines = (place.git_dir / "logs" / "HEAD").read_bytes().decode("utf-8", "surrogateescape").splitlines()
    except OSError:
        lines = []
    found: dict[str, tuple[str, str]] = {}
    for line in lines:
        ids, _, words = line.partition("\t")
        old, new = ids.split(" ", 2)[:2]
        found.setdefault(new, (old, words))  # what made it, not what went back to it later
    return found or _moves_by_git(place)


def _moves_by_git(place: Place) -> dict[str, tuple[str, str]]:
    """The same, where the reflog is no file (reftable)."""
    done = place.git.try_run("reflog", "show", "--format=%H%x09%gs", "HEAD", "--")
    rows = [line.split("\t", 1) for line in done.stdout.decode("utf-8", "surrogateescape").splitlines() if "\t" in line]
    before = [*(row[0] for row in rows[1:]), ""] if rows else []
    return {new: (old, words) for (new, words), old in zip(rows, before, strict=True)}  # the oldest comes last


def _own(moves: Mapping[str, tuple[str, str]], made: Sequence[str]) -> frozenset[str]:
    # What a session before made and this one brings back is this one's too.
    return frozenset(sha for sha in made if _mover(moves, sha).startswith(remake.SESSION_ACTION))


def _mover(moves: Mapping[str, tuple[str, str]], sha: str) -> str:
    """The words of the move that made the commit; of one that our hook made again, those of the one before."""
    seen: set[str] = set()
    while sha in moves and sha not in seen:
        old, words = moves[sha]
        if not words.startswith(_CARRIED):
            return words
        seen.add(sha)
        sha = old
    return ""


def paths(place: Place, made: Sequence[str]) -> set[str]:
    """What the commits changed."""
    found: set[str] = set()
    for sha in made:
        parent = commits.resolve(place, f"{sha}^")
        found |= set(snapshot.changed(place, snapshot.tree_of(place, parent), snapshot.tree_of(place, sha)))
    return found
