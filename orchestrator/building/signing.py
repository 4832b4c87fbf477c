"""Whether the commits of a build can be signed, tried before it pays for anything."""

from __future__ import annotations

import shlex

from orchestrator.building import verification
from orchestrator.errors import Missing
from orchestrator.git import commits
from orchestrator.git.place import Place

_LONGEST = 30.0  # seconds: a key that asks for a passphrase is typed in by then


def need_signature(place: Place, longest: float = _LONGEST) -> None:
    """Raise Missing when commits are to be signed and can't be: finished work would be left without its commit."""
    if not commits.signs(place):
        return
    verdict = verification.run(shlex.join(commits.signing(place)), place.top, longest)
    if verdict.passed:
        return
    said = next((line for line in verdict.output.splitlines() if line.strip()), "")
    what = "signing a commit did not end" if verdict.exit_code is None else f"git can't sign commits: {said.strip()}"
    raise Missing(
        what.strip().rstrip(":"),
        where=str(place.top),
        fix="Unlock the key (try `git commit-tree -S -m test HEAD^{tree}`), or run `git config commit.gpgSign false`",
    )
