"""Making commits of ours: on top of HEAD, by plumbing, signed where the user signs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from orchestrator.errors import GitError, OrchestratorError
from orchestrator.git import remake
from orchestrator.git.place import Place
from orchestrator.git.snapshot import tree_of


@dataclass(frozen=True)
class Range:
    """The commits after `base` up to HEAD, oldest first; `linear` when each has one parent, the one before."""

    commits: tuple[str, ...]
    linear: bool


def since(place: Place, base: str | None) -> Range:
    """What was committed on top of `base` (None: on an unborn branch)."""
    if place.head is None or place.head == base:
        return Range((), True)
    args = ["rev-list", "--reverse", "--topo-order", "--parents", place.head, *([f"^{base}"] if base else [])]
    lines = [line.split() for line in place.git.text(*args, "--").splitlines()]
    expected: list[str | None] = [base, *(line[0] for line in lines[:-1])]
    linear = all(line[1:] == ([parent] if parent else []) for line, parent in zip(lines, expected, strict=True))
    return Range(tuple(line[0] for line in lines), linear)


def signs(place: Place) -> bool:
    """Whether the user has commits signed."""
    return place.git.text("config", "--type=bool", "--default=false", "commit.gpgSign") == "true"


def signing(place: Place) -> tuple[str, ...]:
    """A command that makes a signed commit which no ref points to. It fails if commits can't be signed here."""
    tree = tree_of(place, place.head)
    return ("git", "commit-tree", "-S", "-m", "orchestrator: can commits be signed here?", tree)


def on_top(place: Place, tree: str, message: str) -> str:
    """A new commit on HEAD with this tree; HEAD points to it afterwards. Returns its id."""
    parents = [place.head] if place.head else []
    made = _commit(place, tree, parents, message, *(["-S"] if signs(place) else []))
    remake.move_head(place, made, place.head or "0" * len(made), f"commit: {message.splitlines()[0]}")
    return made


def alone(place: Place, tree: str, message: str, parents: list[str]) -> str:
    """A commit that no ref points to yet, unsigned."""
    return _commit(place, tree, parents, message)


def keep(place: Place, ref: str, tree: str, message: str, who: tuple[str, ...] = ()) -> str:
    """Commit the tree under `ref`, leaving HEAD alone. Its parents: HEAD, and what `ref` pointed to before. `who` is
    an `identity` where the repository's own is not to be asked.
    """
    parents = [sha for sha in (place.head, resolve(place, ref)) if sha]
    made = _commit(place, tree, list(dict.fromkeys(parents)), message, who=who)
    place.git.run("update-ref", "-m", message.splitlines()[0], ref, made)
    return made


def identity(place: Place) -> tuple[str, ...]:
    """Options of git that make it commit elsewhere, as in a submodule, in the name of who commits here."""
    name, _, rest = place.git.text("var", "GIT_COMMITTER_IDENT").rpartition(" <")
    return ("-c", f"user.name={name}", "-c", f"user.email={rest.partition('>')[0]}")


def _commit(place: Place, tree: str, parents: list[str], message: str, *options: str, who: tuple[str, ...] = ()) -> str:
    named = [arg for parent in parents for arg in ("-p", parent)]
    # Whatever the user's own editor writes, this message is in UTF-8.
    args = [*who, "-c", "i18n.commitEncoding=UTF-8", "commit-tree", *options, *named, "-F", "-", tree]
    return place.git.text(*args, stdin=message.encode("utf-8", "surrogateescape"))


def resolve(place: Place, name: str) -> str | None:
    """The id of the commit that `name` names; None where there is none."""
    done = place.git.try_run("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
    return done.stdout.decode().strip() if done.returncode == 0 else None


def message_of(place: Place, commit: str) -> bytes:
    """The message of a commit as stored, without its header."""
    return place.git.run("cat-file", "commit", commit).partition(b"\n\n")[2]


def with_trailers(place: Place, message: bytes, trailers: Mapping[str, str]) -> bytes:
    """The message with `Name: value` lines added where git expects trailers; those present stay as they are."""
    added = [f"--trailer={name}: {value}" for name, value in trailers.items()]
    # A finished message has no patch below a `---` line, and its lines with a `#` are no comments.
    how = ["-c", "core.commentChar=\x01", "interpret-trailers", "--no-divider", "--where=end"]
    return place.git.run(*how, "--if-exists=addIfDifferent", *added, stdin=message)


def need_identity(place: Place) -> None:
    """Raise OrchestratorError if git would refuse to commit because it knows no name or address of the user."""
    try:
        place.git.run("var", "GIT_COMMITTER_IDENT")
    except GitError as error:
        raise OrchestratorError(
            "git does not know who you are",
            fix='Run `git config user.name "You"` and `git config user.email you@example.com`',
        ) from error
