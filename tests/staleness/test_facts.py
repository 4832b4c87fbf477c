"""What a run knows of the project: looking again says what a first look would say."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from support.projects import Made, make

from orchestrator import project as projects
from orchestrator.staleness import facts

FEATURES = [
    {"id": "F1", "name": "one", "description": "d", "inputs": ["phase.md"], "passes": False},
    {"id": "F2", "name": "two", "description": "d", "passes": False},
]


def test_a_second_look_sees_every_change(tmp_path: Path) -> None:
    made = make(tmp_path / "project", FEATURES, files={"phase.md": "first\n"})
    seen = facts.Seen()

    def now() -> dict[str, str]:
        found = facts.load(projects.load(made.root), seen)
        first_look = facts.load(projects.load(made.root))
        assert (found.features, found.now, found.completed) == (
            first_look.features, first_look.now, first_look.completed,
        )  # fmt: skip
        assert found.ledger.standing == first_look.ledger.standing
        return dict(found.now)

    assert now() == {}
    made.git("commit", "-q", "--allow-empty", "-m", "session: completed F1, F2")
    first = now()
    assert now() == first
    (made.root / "phase.md").write_text("second\n")
    second = now()
    assert (second["F1"] != first["F1"], second["F2"] == first["F2"]) == (True, True)
    made.edit("F2", description="another")
    third = now()
    assert (third["F1"] == second["F1"], third["F2"] != second["F2"]) == (True, True)
    made.git("commit", "-q", "--allow-empty", "-m", "session: reopened F1")
    assert set(now()) == {"F2"}


# Trailers of other versions and settings. The list and its digests are written down here as version 0.1 reckoned them.
OLD = [
    {"id": 1, "name": "one", "description": "d", "dependencies": [], "notes": "n", "passes": True},
    {"id": 2, "name": "two", "description": "d", "dependencies": [1], "effort": 3, "passes": True},
]


def digest_of_0_1(item: dict[str, Any]) -> str:
    text = json.dumps({k: v for k, v in item.items() if k != "passes"}, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(f"{len(text)}:{text}".encode()).hexdigest()[:40]


def completed_by_0_1(tmp_path: Path, settings: str = "") -> Made:
    made = make(tmp_path / "project", OLD, settings)
    trailers = [f"Feature-Digest: {item['id']} {digest_of_0_1(item)}" for item in OLD]
    made.git("commit", "-q", "--allow-empty", "-m", "\n".join(["session: completed 1, 2", "", *trailers]))
    return made


def test_a_definition_that_version_0_1_completed_is_still_the_completed_one(tmp_path: Path) -> None:
    made = completed_by_0_1(tmp_path)
    assert made.states() == {"1": "done", "2": "done"}
    made.edit(2, description="another")  # type: ignore[arg-type]
    assert made.states() == {"1": "done", "2": "changed"}


def test_a_list_that_version_0_1_completed_may_be_reformatted(tmp_path: Path) -> None:
    made = completed_by_0_1(tmp_path)
    new = [{**item, "id": str(item["id"]), "phase": "", "fix": [], "tests": None, "notes": "more"} for item in OLD]
    new[1]["dependencies"] = ["1"]
    (made.root / "feature_list.json").write_text(json.dumps(new))
    assert made.states() == {"1": "done", "2": "done"}
    new[0]["phase"] = "first"
    (made.root / "feature_list.json").write_text(json.dumps(new))
    assert made.states()["1"] == "changed"


def test_a_field_that_the_settings_call_bookkeeping_may_change_from_then_on(tmp_path: Path) -> None:
    made = completed_by_0_1(tmp_path)
    made.edit(2, effort=5)  # type: ignore[arg-type]
    assert made.states()["2"] == "changed"
    (made.root / "orchestrator.toml").write_text('[features]\nbookkeeping = ["effort"]\n')
    assert made.states()["2"] == "done"
    made.edit(2, description="another")  # type: ignore[arg-type]
    assert made.states()["2"] == "changed"


def test_a_trailer_that_is_not_of_the_commits_own_list_counts_as_it_is(tmp_path: Path) -> None:
    made = make(tmp_path / "project", OLD)
    made.git("commit", "-q", "--allow-empty", "-m", f"session: completed 1\n\nFeature-Digest: 1 {'0' * 40}")
    assert made.states()["1"] == "changed"
