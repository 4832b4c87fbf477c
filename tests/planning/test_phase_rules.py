"""What is wrong with a breakdown into phases, said to the agent."""

from __future__ import annotations

from typing import Any

import pytest

from orchestrator.planning.phases.merging import filled
from orchestrator.planning.phases.phase_file import Phase
from orchestrator.planning.phases.rules import Known, problems, schema, to_phases


def phase(name: str = "One", **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "description": "d",
        "depends_on": [],
        "acceptance_criteria": ["c"],
        "check": "run",
        **more,
    }


def plan(*phases: Any, **more: Any) -> dict[str, Any]:
    return {"overview": "o", "phases": list(phases), **more}


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ([], ["The answer must be one JSON object with the keys `overview` and `phases`."]),
        (plan(), ["`phases` must be a list of at least one phase."]),
        (plan(phase(), overview=" "), ["`overview` must be the text of the overview."]),
        (plan("x"), ["Phase 1 must be an object."]),
        (plan(phase(name="")), ["Phase 1 needs a name."]),
        (
            plan(phase(acceptance_criteria=[])),
            ["Phase 1 needs acceptance criteria: a list of sentences, each of which a test can check."],
        ),
        (
            plan(phase(depends_on=[None])),
            ["`depends_on` of Phase 1 must be a list of phase numbers and of ids of features that exist."],
        ),
        (plan(phase(depends_on=["F2"])), ["Phase 1 depends on 'F2', which is no feature that exists."]),
        (
            plan(phase(), phase("Two", depends_on=[2])),
            ["Phase 2 can't depend on 2: only on phases that come before it."],
        ),
        (plan(phase(), phase("one!")), ["Phase 1 and phase 2 have the same name."]),
        (plan(phase(requirements=["REQ_009"])), ["Phase 1 names the requirement 'REQ_009', which does not exist."]),
        (
            plan(phase(requirements=["REQ_000.1"])),
            ["The requirement REQ_001 is in no phase; a phase that meets it names it in `requirements`."],
        ),
        (
            plan(phase()),
            [
                f"The requirement {id} is in no phase; a phase that meets it names it in `requirements`."
                for id in ("REQ_000.1", "REQ_001")
            ],
        ),
        (
            plan(phase(check=" ")),
            ["Phase 1 needs a `check`: a command that passes when it is built, or how a person sees that it works."],
        ),
        (
            plan(phase(acceptance_criteria=["Works well."])),
            ["Phase 1: 'Works well.' says nothing that a test can check; say with what input and what must come out."],
        ),
        (
            plan(phase(id="x-01")),
            ["Phase 1 has the id 'x-01', which no earlier phase has; leave `id` out for a new phase."],
        ),
        (plan(phase(changes="x")), ["`changes` of Phase 1 must be a list of texts."]),
    ],
)
def test_each_fault_is_said_in_a_sentence(data: object, said: list[str]) -> None:
    assert problems(data, Known(("REQ_000", "REQ_000.1", "REQ_001"), ("a-01",), ("F1",))) == said


def test_a_sound_plan_has_no_problems_and_gives_its_phases() -> None:
    data = plan(phase(), phase(" Two\n", depends_on=[1, 1], changes=["a.py"], description="# Big\ntext", id="a-01"))
    assert problems(data, Known(phases=("a-01",))) == []
    first, second = to_phases(data, ["n-01", "a-01"])
    assert first == Phase(1, "One", "n-01", "d", (), ("c",), check="run")
    assert second == Phase(2, "Two", "a-01", "Big\ntext", ("n-01",), ("c",), changes=("a.py",), check="run")


def test_the_schema_asks_for_criteria_in_every_phase() -> None:
    item = schema()["properties"]["phases"]["items"]
    assert item["properties"]["acceptance_criteria"]["minItems"] == 1
    assert set(item["required"]) <= set(item["properties"])


def test_a_phase_that_goes_on_needs_its_id_only() -> None:
    known = {"a-01": Phase(1, "One", "a-01", "d", ("F9", "a-02"), ("c",), ("REQ_000",), check="run")}
    data = plan({"id": "a-02", "name": "Two", "unchanged": True}, {"id": "a-01", "name": "x", "unchanged": True})
    found = filled(data, known | {"a-02": Phase(2, "Two", "a-02")})
    assert problems(found, Known(("REQ_000",), ("a-01", "a-02"), ("F9",))) == []
    assert to_phases(found, ["a-02", "a-01"])[1] == Phase(  # type: ignore[arg-type]
        2, "One", "a-01", "d", ("F9", "a-02"), ("c",), ("REQ_000",), check="run"
    )
    assert problems(filled(plan({"id": "b", "name": "x", "unchanged": True}), known)) != []
    assert filled(None, known) is None
