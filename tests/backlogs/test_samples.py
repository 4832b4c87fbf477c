"""Every sample of a backlog, imported by the command line as a user types it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support import imports

from orchestrator.cli import app
from orchestrator.ending import told


def run(*arguments: str) -> object:
    """The exit code of the command line."""
    with pytest.raises(SystemExit) as ended, told(debug=False):
        raise SystemExit(app.run(list(arguments)))
    return ended.value.code


@pytest.mark.parametrize("name", imports.samples())
def test_a_sample_reads_as_its_author_means_it(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    wanted = imports.expected(name)
    root = imports.project(name, tmp_path / "project")
    monkeypatch.chdir(root)
    listed = root / "feature_list.json"
    before = listed.read_bytes() if listed.exists() else None
    command = ["import", *wanted.get("arguments", [])]
    assert run(*command, "--dry-run") == wanted.get("exit", 0)
    assert (listed.read_bytes() if listed.exists() else None) == before
    assert run(*command) == wanted.get("exit", 0)
    output = "".join(capfd.readouterr())
    for text in (*wanted.get("says", []), wanted.get("error", ""), wanted.get("names", "")):
        assert text in output
    for text in wanted.get("warns", []):
        assert any(text in line for line in output.splitlines() if line.startswith("warning: "))
    assert f":{wanted.get('error_at', '')}" in output
    if wanted.get("exit", 0):
        assert (listed.read_bytes() if listed.exists() else None) == before
        return
    run("status", "--json")
    states = {str(item["id"]): item["state"] for item in json.loads(capfd.readouterr().out)["features"]}
    after = listed.read_bytes()
    assert imports.differences(wanted, after, states) == []
    assert run(*command) == 0
    assert ("has it all already" in capfd.readouterr().out, listed.read_bytes()) == (True, after)
