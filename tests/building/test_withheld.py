"""What never gets into a commit of ours."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.repos import git

from orchestrator.building.withheld import made_by_tools, secrets, withheld
from orchestrator.git import changes, place, snapshot

KEY = "-----BEGIN PRIVATE KEY-----\nMIIEowIBAAKCAQEAvv7G9Hk2p1q3r5s7t9u1v3\n"
TOKEN = "ghp_" + "a1B2" * 9


def kept_out(
    repo: Path, files: dict[str, str | bytes], *, before: dict[str, str] | None = None, largest: int = 0
) -> dict[str, str]:
    """What is kept out of a commit of `files` on top of one of `before`."""
    git(repo, "commit", "-q", "--allow-empty", "-m", "start")
    _write(repo, before or {})
    git(repo, "add", "-Af")
    git(repo, "commit", "-q", "--allow-empty", "-m", "before")
    _write(repo, files)
    git(repo, "add", "-Af")
    at = place.find(repo)
    after = snapshot.entries(at, git(repo, "write-tree"), [*files, *(before or {})])
    old = snapshot.entries(at, git(repo, "rev-parse", "HEAD^{tree}"), list(after))
    return withheld(changes.of_worktree(at, old, after), largest)


def _write(repo: Path, files: dict[str, str | bytes] | dict[str, str]) -> None:
    for name, content in files.items():
        path = repo / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


@pytest.mark.parametrize(
    "name",
    [".env", "web/.env.production", "prod.env", ".envrc", "id_rsa", "deploy/id_ed25519", "store.p12", "app.keystore",
     ".netrc", ".git-credentials", "credentials", "credentials.json", ".aws/credentials", "service-account-x.json"],
)  # fmt: skip
def test_files_that_usually_hold_secrets_stay_out_by_their_name(repo: Path, name: str) -> None:
    assert kept_out(repo, {name: "x=1\n", "a.py": "x = 1\n"}) == {name: "usually holds secrets"}


@pytest.mark.parametrize(
    "name",
    [".env.example", "web/.env.sample", ".env.template", "environment.py", "src/credentials.py", "CredentialsForm.tsx",
     "docs/credentials.md", "tests/test_env.py", "id_rsa.pub", "server.crt", "keys.py"],
)  # fmt: skip
def test_samples_and_sources_of_such_names_go_in(repo: Path, name: str) -> None:
    assert kept_out(repo, {name: "x = 1\n"}) == {}


def test_a_key_is_known_by_what_it_holds_whatever_its_name(repo: Path) -> None:
    assert kept_out(repo, {"server.pem": KEY, "notes.txt": f"use {TOKEN}\n", ".env.example": f"T={TOKEN}\n"}) == {
        "server.pem": "holds a secret (private key)",
        "notes.txt": "holds a secret (GitHub Token)",
        ".env.example": "holds a secret (GitHub Token)",
    }


def test_log_ins_of_package_managers_stay_out_and_their_other_settings_go_in(repo: Path) -> None:
    files = {
        ".npmrc": "//r.example/:_authToken=abc\n",
        "web/.npmrc": "save-exact=true\n",
        ".pypirc": "[x]\npassword = p\n",
    }
    assert kept_out(repo, dict(files)) == {".npmrc": "holds a log-in", ".pypirc": "holds a log-in"}


def test_only_new_lines_of_a_file_that_was_there_count(repo: Path) -> None:
    old = f"first {TOKEN}\n"
    assert kept_out(repo, {"a.txt": old + "second\n"}, before={"a.txt": old}) == {}
    assert kept_out(repo, {"b.txt": f"more sk-ant-{'a1' * 12}\n"}, before={"b.txt": old}) == {
        "b.txt": "holds a secret (Anthropic key)"
    }


def test_a_file_that_the_user_had_committed_under_such_a_name_is_his_choice(repo: Path) -> None:
    assert kept_out(repo, {".env": "A=2\n"}, before={".env": "A=1\n"}) == {}


def test_folders_that_a_tool_made_stay_out_whole(repo: Path) -> None:
    files = {
        "web/node_modules/left-pad/package.json": "{}",
        "web/node_modules/left-pad/index.js": "x",
        "web/node_modules/.bin/tool": "x",
        "env/pyvenv.cfg": "home = x",
        "env/lib/site.py": "x",
        "target/CACHEDIR.TAG": "Signature: 8a477f597d28d172789f06886806bc55",
        "target/debug/app.d": "x",
        "src/__pycache__/a.cpython-311.pyc": b"\0",
        "web/src/a.js": "x",
    }
    assert kept_out(repo, files) == {
        **{name: "packages that npm installed" for name in files if "node_modules" in name},
        **{name: "a virtual environment" for name in files if name.startswith("env/")},
        **{name: "a cache (CACHEDIR.TAG)" for name in files if name.startswith("target/")},
        "src/__pycache__/a.cpython-311.pyc": "made by Python",
    }


def test_a_folder_is_a_tools_by_its_marker_and_not_by_its_name() -> None:
    assert made_by_tools(["node_modules/mine.js", "venv/notes.md", "target/plan.md", "build/a.py", "pyvenv.cfg"]) == {}


def test_a_new_file_over_the_limit_stays_out_and_an_old_one_may_grow(repo: Path) -> None:
    assert kept_out(
        repo, {"big.bin": b"\0" * 2_000_000, "old.bin": "x" * 2_000_000}, before={"old.bin": "x"}, largest=1_000_000
    ) == {"big.bin": "2.0 MB"}


def test_links_to_secrets_and_binary_files_are_no_trouble(repo: Path) -> None:
    (repo / "link").symlink_to("/nowhere")
    assert kept_out(repo, {"a.bin": b"\0\1\2" + TOKEN.encode(), "b.txt": b"\xff\xfe text"}) == {}


def test_every_commit_of_a_session_is_looked_at_also_where_a_later_one_takes_it_back(repo: Path) -> None:
    git(repo, "commit", "-q", "--allow-empty", "-m", "start")
    base = git(repo, "rev-parse", "HEAD")
    for files in ({"a b.txt": f"{TOKEN}\n", "x.py": "x = 1\n"}, {"a b.txt": "clean\n", ".env": "A=1\n"}):
        _write(repo, files)
        git(repo, "add", "-Af")
        git(repo, "commit", "-q", "-m", "work")
    at = place.find(repo)
    assert secrets(changes.of_commits(at, git(repo, "rev-list", f"{base}..").split())) == {
        "a b.txt": "holds a secret (GitHub Token)",
        ".env": "usually holds secrets",
    }
    assert secrets(changes.of_commits(at, [base])) == {}


def test_names_that_git_quotes_are_told_as_they_are(repo: Path) -> None:
    _write(repo, {'täst "x"/.env': "A=1\n"})
    git(repo, "add", "-Af")
    git(repo, "commit", "-q", "-m", "work")
    assert [change.path for change in changes.of_commits(place.find(repo), ["HEAD"])] == ['täst "x"/.env']
