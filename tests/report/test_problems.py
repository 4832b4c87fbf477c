"""What `validate` says of inputs, and `why` of a feature whose inputs changed."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.projects import Made, make

FEATURES = [{"id": "F1", "name": "n", "description": "d", "inputs": ["spec.md", "docs/*.md"]}]


@pytest.fixture
def made(tmp_path: Path) -> Made:
    made = make(tmp_path / "project", FEATURES, files={"spec.md": "s\n", "docs/a.md": "a\n"})
    made.git("commit", "-q", "--allow-empty", "-m", "session: completed F1")
    return made


@pytest.mark.parametrize("pattern", ["src/**.py", "/etc/host*", "[z-a]*", "../spec.md"])
def test_an_input_that_can_mean_no_file_is_an_error_with_its_place_everywhere(made: Made, pattern: str) -> None:
    made.edit("F1", inputs=["spec.md", pattern])
    problem = made.json("validate")["errors"]
    assert [error["where"] for error in problem] == ["feature_list.json:7:7"]
    assert pattern in problem[0]["message"]
    for command in ("status", "build", "next"):
        output = made.run("orchestrator", command, code=2)
        assert "(feature_list.json:7:7)" in output
        assert len(output.splitlines()) == 1


def test_an_input_without_a_file_is_a_warning_that_names_it(made: Made) -> None:
    assert made.json("validate") == {"valid": True, "errors": [], "warnings": []}
    (made.root / "docs/a.md").unlink()
    found = made.json("validate")
    assert (found["valid"], found["errors"]) == (True, [])
    assert found["warnings"] == [
        {"where": "feature_list.json:7:7", "message": "F1: no file matches the input 'docs/*.md'"}
    ]


def test_why_names_the_input_files_that_changed(made: Made) -> None:
    (made.root / "spec.md").write_text("other\n")
    (made.root / "docs/a.md").rename(made.root / "docs/b.md")
    details = made.json("why", "F1")["details"]
    assert details[1:] == [
        "its input docs/a.md is gone", "its input docs/b.md is new", "its input spec.md has changed",
    ]  # fmt: skip
    (made.root / "docs/b.md").unlink()
    assert "no file matches its input docs/*.md" in made.json("why", "F1")["details"]
