"""Every sample of a backlog, imported by the command line as a user types it."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import imports


@pytest.mark.parametrize("name", imports.samples())
def test_a_sample_reads_as_its_author_means_it(name: str, tmp_path: Path) -> None:
    wanted = imports.expected(name)
    made = imports.project(name, tmp_path / "project")
    arguments = wanted.get("arguments", [])
    listed = made.root / "feature_list.json"
    before = listed.read_bytes() if listed.exists() else None
    made.run("orchestrator", "import", "--dry-run", *arguments, code=wanted.get("exit", 0))
    assert (listed.read_bytes() if listed.exists() else None) == before
    output = made.run("orchestrator", "import", *arguments, code=wanted.get("exit", 0))
    for text in (*wanted.get("says", []), *wanted.get("warns", []), wanted.get("error", ""), wanted.get("names", "")):
        assert text in output
    assert f":{wanted['error_at']}" in output if "error_at" in wanted else True
    if wanted.get("exit", 0):
        assert (listed.read_bytes() if listed.exists() else None) == before
        return
    assert imports.differences(wanted, made) == []
    assert "warning: " in output or not wanted.get("warns")
    first = listed.read_bytes()
    again = made.run("orchestrator", "import", *arguments)
    assert "has it all already" in again
    assert listed.read_bytes() == first
