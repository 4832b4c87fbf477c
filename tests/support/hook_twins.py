"""Twins for tests of the hooks: one shell script runs in a repository with the hooks and in one without."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from orchestrator import project as projects
from orchestrator.history import sync
from orchestrator.hooks.install import installing
from support.repos import git

LIST = "feature_list.json"
IDS = ("F1", "F2", "F3")
TEXT = json.dumps({"features": [{"id": id, "name": id, "description": "d", "passes": False} for id in IDS]}, indent=2)

# What the scripts are made of. Every commit has a time of its own, the same in both twins.
PRELUDE = r"""
set -e
tick() {
  now=$((now + 60))
  GIT_AUTHOR_DATE="@$now +0100" GIT_COMMITTER_DATE="@$now -0200"
  export GIT_AUTHOR_DATE GIT_COMMITTER_DATE
}
commit() { tick; git commit -q "$@"; }        # commit ARG...: whatever is staged
file() {  # file NAME: new or changed, and staged
  serial=$((serial + 1))
  mkdir -p "$(dirname "$1")"
  echo "$1 $serial" >"$1"
  git add -- "$1"
}
work() { file "work$((serial + 1))"; commit -m "$@"; }  # work MESSAGE: with a file of its own
completes() { work "session: completed $1"; }
refused() { if "$@"; then echo "not refused: $*" >&2; exit 1; fi; }
onto() { git checkout -q "$@"; }
turn() {  # turn ID on|off: the flag in the work tree, by hand
  sed -e "/\"id\": \"$1\"/,/passes/s/\"passes\": [a-z]*/\"passes\": $([ "$2" = on ] && echo true || echo false)/" \
    -e "/\"id\": \"$1\"/,/}/{/passes_from/d;}" feature_list.json >../edited
  python3 -c 'import re, sys; print(re.sub(r",(\s*})", r"\1", sys.stdin.read()), end="")' <../edited >feature_list.json
}
service() {  # service merge|squash|rebase BRANCH MESSAGE..., service revert MESSAGE...: without hooks, then pulled
  how=$1 branch=
  shift
  [ "$how" = revert ] || { branch=$1; shift; }
  [ -d ../service ] || git clone -q --bare . ../service
  git push -q --no-verify ../service "+main:refs/heads/main" ${branch:+"+$branch:refs/heads/$branch"}
  rm -rf ../server
  git clone -q -b main ../service ../server
  subject=$1 body=$2
  tick
  ( cd ../server
    case $how in
    merge) git merge -q --no-ff -m "$subject" -m "$body" "origin/$branch" ;;
    squash) git merge -q --squash "origin/$branch"; git commit -q -m "$subject" -m "$body" ;;
    rebase) git cherry-pick "main..origin/$branch" >/dev/null ;;
    revert)
      set -- HEAD
      [ -z "$(git rev-parse -q --verify HEAD^2)" ] || set -- -m 1 HEAD
      git revert --no-commit "$@"
      git commit -q -m "$subject" -m "$body" ;;
    esac
    git push -q origin main )
  git pull -q --ff-only ../service main
}
edit() { sed -e "s/\"name\": \"$1\"/\"name\": \"$2\"/" feature_list.json >../edited; cat ../edited >feature_list.json; }
todo() { GIT_SEQUENCE_EDITOR="$(command -v sed) -i -e '$1'"; export GIT_SEQUENCE_EDITOR; }  # how rebase -i is edited
GIT_EDITOR=true; export GIT_EDITOR  # who takes every message as git proposes it
now=$((1700000000 + $1)) serial=$1
tick
"""


@dataclass(frozen=True)
class Repo:
    """A repository that a script made; `root` is the folder of its project, `folder` where scripts start."""

    folder: Path
    root: Path

    def git(self, *args: str, check: bool = True) -> str:
        return git(self.root, *args, check=check)

    def run(self, script: str, start: int = 1000) -> str:
        """Run lines of shell; what they print (both streams). Contents and times are counted from `start`."""
        done = subprocess.run(
            ["sh", "-c", PRELUDE + script, "sh", str(start)], cwd=self.folder, capture_output=True, text=True,
            encoding="utf-8", errors="surrogateescape", stdin=subprocess.DEVNULL, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{script}\n-> {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    def list_path(self) -> Path:
        return self.root / LIST

    def present(self) -> str:
        """The flags that the work tree's list has, "-" without a list."""
        path = self.list_path()
        return flags(path.read_bytes()) if path.exists() else "-"

    def staged(self) -> str:
        return self._shown(f":./{LIST}")

    def committed(self, commit: str = "HEAD") -> str:
        return self._shown(f"{commit}:./{LIST}")

    def _shown(self, revision: str) -> str:
        done = subprocess.run(["git", "show", revision], cwd=self.root, capture_output=True, check=False)
        return flags(done.stdout) if done.returncode == 0 else "-"

    def status(self) -> str:
        return self.git("status", "--porcelain", "--ignored", "-uall")

    def sync(self) -> list[str]:
        """The ids of the flags that a sync flips."""
        one = projects.load(self.root)
        return [flip.id for flip in sync.worktree(one.repository, one.features_path, one.list_lock, one.words)]


def flags(data: bytes) -> str:
    """ "tff": the first of three features passes. What is no list has the flags "?"."""
    try:
        listed = json.loads(data.decode("utf-8-sig"))
    except ValueError:
        return "?"
    return "".join("t" if feature["passes"] else "f" for feature in listed["features"])


@dataclass(frozen=True)
class Case:
    """A script and the flags that it ends with. `before` runs before hooks are installed, `project` is the folder of
    the list. Of the end the file also says whether HEAD itself was made again (`carried`), the work tree's flags after
    a sync where that is what it takes (`synced`), and what git status then says of the list (`status`). `owed`: the
    next commit carries what HEAD's list lacks, and git does not hold flips for changes of the user's until then.
    """

    name: str
    script: str
    committed: str
    present: str
    staged: str
    before: str = ""
    project: str = "."
    carried: bool = False
    synced: str = ""
    status: str = ""
    owed: bool = False


def cases(name: str) -> list[Case]:
    """The cases of a text file: `[NAME]`, lines of shell (`before: LINE`, `project: FOLDER`), and `=> FLAGS, ...`.
    FLAGS are HEAD's, the work tree's and the index's, or one for all three.
    """
    text = (Path(__file__).parents[1] / "hooks" / name).read_text(encoding="utf-8")
    found = re.findall(r"(?ms)^\[(.+?)\]\n(.*?)^=> (.+?)$", text)
    return [_case(name, body.splitlines(), end.split(", ")) for name, body, end in found]


def _case(name: str, lines: Sequence[str], end: Sequence[str]) -> Case:
    given: dict[str, list[str]] = {"before": [], "project": [], "": []}
    for line in lines:
        key, _, value = line.partition(": ")
        if value and key in given:
            given[key].append(value)
        else:
            given[""].append(line)
    script, before = ("\n".join(given[key]) for key in ("", "before"))
    project = "".join(given["project"]) or "."
    committed, present, staged = (end[0].split(" ") * 3)[:3]
    more = {key: value or key for key, _, value in (one.partition(" ") for one in end[1:])}
    carried, synced, status, owed = (more.pop(key, "") for key in ("carried", "synced", "status", "owed"))
    assert not more, end
    return Case(name, script, committed, present, staged, before, project, bool(carried), synced, status, bool(owed))


def check(case: Case, folder: Path) -> None:
    """Run a case in both twins: they are alike but for flags, which are as the case says."""
    if "--ref-format=reftable" in case.before and "--ref-format" not in git(folder, "init", "-h", check=False):
        pytest.skip("this git has no table of refs")
    ours, bare = (make(folder / twin, case.before, case.project, hooked=twin == "ours") for twin in ("ours", "bare"))
    said = ours.run(case.script)
    bare.run(case.script)
    assert "orchestrator: error" not in said
    assert "Traceback" not in said
    of_ours, of_bare = seen(ours), seen(bare)
    for part in of_bare:
        assert of_ours[part] == of_bare[part], part
    assert (ours.committed(), ours.present(), ours.staged()) == (case.committed, case.present, case.staged)
    if case.carried:
        _assert_made_again(ours)
    if case.present not in ("-", "?"):
        assert bool(ours.sync()) == bool(case.synced)
        assert ours.present() == (case.synced or case.present)
        assert ours.sync() == []
    assert _more(ours, bare) == (f"{case.status} {LIST}" if case.status else "")
    if case.owed:
        ours.run("work later", start=5000)
        assert (ours.committed(), ours.present(), ours.staged()) == (case.present,) * 3
        _assert_made_again(ours)


def _more(ours: Repo, bare: Repo) -> str:
    """What git status says of one and not of the other."""
    return "\n".join(sorted(set(ours.status().splitlines()) ^ set(bare.status().splitlines())))


def _assert_made_again(ours: Repo) -> None:
    """HEAD took the place of the commit that git had made: alike but for flags of the list, and its signature."""
    said = ours.git("log", "-1", "-g", "--format=%gs")  # newer gits tell hooks that they cherry-pick
    assert said.removeprefix("cherry-pick: ") == "orchestrator: the completing commit carries its flip"
    before, after = (_stored(ours, commit) for commit in ("HEAD@{1}", "HEAD"))
    assert before == after
    changed = ours.git("diff-tree", "-r", "--name-only", "-z", "HEAD@{1}", "HEAD").rstrip("\0").split("\0")
    assert [path.rpartition("/")[2] for path in changed] == [LIST]


def _stored(repo: Repo, commit: str) -> bytes:
    raw = subprocess.run(["git", "cat-file", "commit", commit], cwd=repo.root, capture_output=True, check=True).stdout
    return re.sub(rb"(?m)^tree .*\n", b"", raw)


def make(folder: Path, setup: str = "", project: str = ".", *, hooked: bool) -> Repo:
    """A repository with a list of three features and two files; `setup` runs before hooks are installed."""
    start = folder / "repo"
    start.mkdir(parents=True)
    begun = Repo(start, start)
    (start / LIST).write_text(TEXT + "\n")
    begun.run("git init -q; file a; file b; git add -A; commit -m base\n" + setup, start=0)
    made = Repo(start, (start / project).resolve())
    if hooked:
        installing.install(projects.load(made.root))
    return made


def unflagged(data: bytes) -> Any:
    """A list without what hooks may change of it; what is no list, as it is."""
    try:
        found = json.loads(data.decode("utf-8-sig"))
    except ValueError:
        return data
    for feature in found["features"]:
        feature.pop("passes", None)
        feature.pop("passes_from", None)
    return found


def commits(repo: Repo) -> dict[str, object]:
    """HEAD's history, oldest first: what is stored of each commit but ids, signatures and our own trailers, its list
    without flags, and what it changes of other files.
    """
    shas = repo.git("rev-list", "--topo-order", "--reverse", "HEAD").split()
    prefix = repo.git("rev-parse", "--show-prefix")
    lists = (unflagged(data) if data else None for data in _objects(repo, [f"{sha}:{prefix}{LIST}" for sha in shas]))
    diff = ("--topo-order", "--reverse", "-m", "--root", "--raw", "--no-abbrev", "--no-renames", "--format=")
    changes = [line for line in repo.git("log", *diff, "HEAD").splitlines() if ".json" not in line]
    return {"said": [_said(data or b"") for data in _objects(repo, shas)], "lists": list(lists), "changes": changes}


def _said(raw: bytes) -> list[str]:
    """The lines of a stored commit without the trailers that commit-msg adds and the ids of others; no blank ones."""
    header, _, message = raw.decode("utf-8", "surrogateescape").partition("\n\n")
    kept = [line for line in header.split("\n") if re.match("author |committer |encoding |mergetag ", line)]
    text = re.sub(r"(?m)^ *Feature-Digest: .*\n?|(?<=\n)session: reopened .*\n?", "", message)
    return kept + [line for line in re.sub(r"\b[0-9a-f]{7,64}\b", "ID", text).split("\n") if line.strip()]


def _objects(repo: Repo, names: Sequence[str]) -> list[bytes | None]:
    """The content of each, None where there is none."""
    asked = "".join(f"{name}\n" for name in names).encode()
    done = subprocess.run(["git", "cat-file", "--batch"], cwd=repo.root, input=asked, capture_output=True, check=True)
    found: list[bytes | None] = []
    rest = done.stdout
    for _ in names:
        head, _, rest = rest.partition(b"\n")
        size = -1 if head.endswith(b" missing") else int(head.rsplit(b" ", 1)[1])
        found.append(rest[:size] if size >= 0 else None)
        rest = rest[size + 1 :]
    return found


def index(repo: Repo) -> list[str]:
    """What is staged, with the bits of each entry; a list counts without its flags."""
    top = Path(repo.git("rev-parse", "--show-toplevel"))
    return [_entry(repo, line) for line in git(top, "ls-files", "-s", "-v").splitlines()]


def _entry(repo: Repo, line: str) -> str:
    """A line of `ls-files -s -v`; a list's id is the content without its flags."""
    meta, _, path = line.partition("\t")
    tag, mode, blob, stage = meta.split()
    if not path.strip('"').endswith(".json"):
        return line
    return f"{tag} {mode} {unflagged(_objects(repo, [blob])[0] or b'')} {stage}\t{path}"


def work_tree(repo: Repo) -> dict[str, tuple[int, object]]:
    """Mode and content (a link's target) of every file below the folder where scripts start."""
    found: dict[str, tuple[int, object]] = {}
    for path in sorted(repo.folder.rglob("*")):
        name = path.relative_to(repo.folder).as_posix()
        if ".git" in name.split("/") or (path.is_dir() and not path.is_symlink()):
            continue
        content: object = str(path.readlink()) if path.is_symlink() else path.read_bytes()
        if path.name.endswith(".json") and isinstance(content, bytes):
            content = unflagged(content), set(re.findall(rb"\s*\n", content)), content[:3] == b"\xef\xbb\xbf"
        found[name] = path.lstat().st_mode, content
    return found


def seen(repo: Repo) -> dict[str, object]:
    """All that hooks must leave alike: history, index, work tree and branch, but for flags of a list."""
    branch = repo.git("symbolic-ref", "-q", "HEAD", check=False)
    return {"history": commits(repo), "index": index(repo), "work tree": work_tree(repo), "branch": branch}
