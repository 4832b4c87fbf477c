"""What a run knows of the project: looking again says what a first look would say."""

from __future__ import annotations

from pathlib import Path

from support.projects import make

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
