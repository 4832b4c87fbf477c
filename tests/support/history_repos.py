"""Real repositories for the tests of the history, every commit at a time of its own."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from orchestrator.git import place as places
from orchestrator.git.place import Place
from orchestrator.history import index
from orchestrator.history.events import Words
from orchestrator.history.ledger import Ledger


@dataclass
class Repo:
    """A repository whose clock goes on by a minute with every command."""

    root: Path
    now: int = 1_700_000_000
    names: int = 0
    env: dict[str, str] = field(default_factory=dict)

    def git(self, *args: str, check: bool = True, stdin: bytes | None = None, **env: str) -> str:
        """What `git ARGS` prints; a command that fails raises, and leaves nothing under way without `check`."""
        self.now += 60
        date = {"GIT_COMMITTER_DATE": f"@{self.now} +0000", "GIT_AUTHOR_DATE": f"@{self.now} +0000"}
        done = subprocess.run(
            ["git", *args], cwd=self.root, input=stdin, capture_output=True, check=False,
            env={**os.environ, **date, **self.env, **env},
        )  # fmt: skip
        if check and done.returncode:
            raise AssertionError(f"git {args} -> {done.returncode}\n{done.stdout!r}\n{done.stderr!r}")
        self.code = done.returncode
        return done.stdout.decode("utf-8", "surrogateescape").strip()

    def commit(self, message: str, *args: str, **env: str) -> str:
        """A commit with a new file of its own; its id."""
        self.names += 1
        name = f"f{self.names}-{self.root.name}"
        (self.root / name).write_text(f"{self.now}\n")
        self.git("add", "--", name)
        self.git("commit", "-q", "-m", message, *args, **env)
        return self.head()

    def head(self, name: str = "HEAD") -> str:
        return self.git("rev-parse", name)

    def place(self) -> Place:
        return places.find(self.root)

    def scan(self, words: Words = Words(), path: Path | None = None) -> Ledger:
        return index.scan(self.place(), words, path)

    def read(self, words: Words = Words(), path: Path | None = None) -> Ledger:
        return index.read(self.place(), words, path=path)

    def completed(self) -> set[str]:
        """The completed features, by a scan and by the cache, which have to agree."""
        scanned, cached = self.scan(), self.read()
        assert plain(scanned) == plain(cached)
        return set(scanned.standing)


def init(root: Path, *args: str) -> Repo:
    """A new repository with one commit."""
    subprocess.run(["git", "init", "-q", *args, str(root)], check=True)
    repo = Repo(root)
    repo.commit("base")
    return repo


def plain(ledger: Ledger) -> dict[str, object]:
    """All that a ledger says, comparable. How many events lie between two completions is none of it: whoever had to
    look at the list's own commits has more of them.
    """
    return {
        "head": ledger.head,
        "shallow": ledger.shallow,
        "standing": {id: [one._replace(order=0) for one in found] for id, found in ledger.standing.items()},
        "cancelled": dict(ledger.cancelled),
        "doubtful": ledger.doubtful,
        "settled": dict(ledger.settled),
        "behind": ledger.behind,
    }


def read_often(root: str, times: int) -> None:
    """End this process with 1 where the index and a scan differ: for a process of its own."""
    for _ in range(times):
        place = Repo(Path(root)).place()  # one HEAD for both: the branch moves meanwhile
        if plain(index.read(place, Words())) != plain(index.scan(place, Words())):
            os._exit(1)
