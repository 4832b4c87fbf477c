"""Signed commits are tried before anything is paid for; a program in gpg's place, real git."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.repos import git

from orchestrator.building.signing import need_signature
from orchestrator.errors import Missing
from orchestrator.git import place

SIGNS = """cat >/dev/null; echo '[GNUPG:] SIG_CREATED ' >&2
printf -- '-----BEGIN PGP SIGNATURE-----\\n\\nx\\n-----END PGP SIGNATURE-----\\n'"""


def signed_by(repo: Path, script: str) -> None:
    program = repo.parent / "gpg"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    git(repo, "commit", "-q", "--allow-empty", "-m", "start")
    git(repo, "config", "gpg.program", str(program))
    git(repo, "config", "commit.gpgSign", "true")


def test_a_key_that_works_is_no_trouble_and_leaves_no_commit(repo: Path) -> None:
    signed_by(repo, SIGNS)
    need_signature(place.find(repo))
    assert git(repo, "log", "--format=%s", "--all") == "start"


def test_a_key_that_fails_stops_the_build_with_what_to_mend(repo: Path) -> None:
    signed_by(repo, "echo no secret key >&2; exit 2")
    with pytest.raises(Missing, match=r"git can't sign commits: .*gpg") as raised:
        need_signature(place.find(repo))
    assert raised.value.exit_code == 3


def test_a_program_that_hangs_is_ended(repo: Path) -> None:
    signed_by(repo, "sleep 600")
    with pytest.raises(Missing, match="signing a commit did not end"):
        need_signature(place.find(repo), 1)


def test_nothing_is_tried_where_commits_are_not_signed(repo: Path) -> None:
    signed_by(repo, "exit 2")
    git(repo, "config", "commit.gpgSign", "false")
    need_signature(place.find(repo))
