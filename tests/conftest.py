"""Every test runs sealed off: its own HOME, git configuration, dates, locale, signals; and real git."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest
from hypothesis import settings

SEALED = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "A U Thor",
    "GIT_AUTHOR_EMAIL": "author@example.com",
    "GIT_COMMITTER_NAME": "C O Mitter",
    "GIT_COMMITTER_EMAIL": "committer@example.com",
    "GIT_AUTHOR_DATE": "2026-01-02T03:04:05+00:00",
    "GIT_COMMITTER_DATE": "2026-01-02T03:04:05+00:00",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_EDITOR": "false",
    "LC_ALL": "C.UTF-8",
    "NO_COLOR": "1",
}

# Rules are tried without a time limit: a busy machine is no failure. In CI the same examples are tried each time, so
# that a red run can be repeated; elsewhere each run tries others.
settings.register_profile("here", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")


def pytest_configure() -> None:
    """A job in the background of a script ignores Ctrl-C, and so would all that it starts."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def sealed(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty HOME with a git configuration of its own; no GIT_* or ORCHESTRATOR_* of the caller."""
    home = tmp_path_factory.mktemp("home")
    for name in list(os.environ):
        if name.startswith(("GIT_", "ORCHESTRATOR_")) and name != "ORCHESTRATOR_REQUIRE_REAL":
            monkeypatch.delenv(name)
    (home / ".gitconfig").write_text("[init]\n\tdefaultBranch = main\n[advice]\n\tdetachedHead = false\n")
    for name in ("HOME", "USERPROFILE", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(home))
    for name, value in SEALED.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PATH", without_agents(os.environ["PATH"]))
    return home


def without_agents(path: str) -> str:
    """PATH without the folders that hold an agent or a tracker, so that no test finds the caller's own."""
    folders = path.split(os.pathsep)
    foreign = {folder for folder in folders if any(shutil.which(name, path=folder) for name in ("claude", "bd"))}
    needed = {folder for folder in folders if any(shutil.which(name, path=folder) for name in ("git", "sh"))}
    return os.pathsep.join(folder for folder in folders if folder not in foreign - needed)


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """An empty git repository on branch main."""
    root = tmp_path / "repo"
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    return root


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A case that drives the real bd is marked as such, whatever its module is about."""
    for item in items:
        if "the_real_bd" in item.name or "[real" in item.name:
            item.add_marker(pytest.mark.real)
