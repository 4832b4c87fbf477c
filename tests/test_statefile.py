"""State files may be absent, damaged or another's at any time."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestrator import statefile
from orchestrator.errors import OrchestratorError


def test_what_was_written_or_kept_is_read_again(tmp_path: Path) -> None:
    statefile.write(tmp_path / "a" / "state.json", {"F1": ["é", 1]})
    statefile.keep(tmp_path / "b" / "state.json", ["F1"])
    assert statefile.read(tmp_path / "a" / "state.json", dict) == {"F1": ["é", 1]}
    assert statefile.kept(tmp_path / "b" / "state.json", list) == ["F1"]
    assert [path.name for path in tmp_path.rglob("*.*")] == ["state.json", "state.json"]


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[]", b"null", b"[" * 100_000])
def test_a_damaged_file_or_one_of_another_kind_says_nothing(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "state.json"
    path.write_bytes(content)
    assert (statefile.read(path, dict), statefile.kept(path, dict)) == ({}, {})


def test_an_absent_file_says_nothing(tmp_path: Path) -> None:
    assert statefile.read(tmp_path / "none" / "state.json", list) == []
    (tmp_path / "file").touch()
    assert statefile.read(tmp_path / "file" / "state.json", list) == []


def test_a_file_that_cannot_be_read_is_an_error_where_its_loss_costs_sessions(tmp_path: Path) -> None:
    (tmp_path / "state.json").mkdir()
    with pytest.raises(OrchestratorError, match=r"cannot read state\.json: .*Make it readable, or delete it"):
        statefile.read(tmp_path / "state.json", dict)
    assert statefile.kept(tmp_path / "state.json", dict) == {}


def test_what_cannot_be_written_is_an_error_and_what_cannot_be_kept_is_none(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OrchestratorError, match="cannot make file"):
        statefile.write(tmp_path / "file" / "state.json", {})
    statefile.keep(tmp_path / "file" / "state.json", {})
    (tmp_path / "state.json").mkdir()
    statefile.keep(tmp_path / "state.json", {})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "state.json"]
