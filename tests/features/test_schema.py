"""The schema of a feature list against the model: what the model reads, the schema takes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.errors import OrchestratorError
from orchestrator.features import model
from orchestrator.features.dialects.tables import FIELDS
from orchestrator.features.schema import schema

SAMPLES = Path(__file__).resolve().parents[1] / "samples"
# What no schema can say: a status word that nobody knows (settings add some), an id that comes twice.
BEYOND = {"unknown-status-word", "same-id-twice"}
CHECKED = jsonschema.Draft7Validator(schema())


def names() -> list[str]:
    return sorted(path.name.removesuffix(".expect.json") for path in SAMPLES.glob("*.expect.json"))


def test_the_schema_is_one() -> None:
    jsonschema.Draft7Validator.check_schema(schema())


@pytest.mark.parametrize("name", [name for name in names() if name != "utf-16"])
def test_samples_are_valid_where_the_model_reads_them(name: str) -> None:
    data = (SAMPLES / f"{name}.json").read_bytes()
    expected = json.loads((SAMPLES / f"{name}.expect.json").read_text())
    readable = not expected.get("error")
    assert CHECKED.is_valid(json.loads(data)) == (readable or name in BEYOND)


@pytest.mark.parametrize(
    "feature",
    [
        {},
        {"id": ""},
        {"id": True},
        {"id": 1.5},
        {"id": 1, "name": 3},
        {"id": 1, "priority": True},
        {"id": 1, "priority": []},
        {"id": 1, "dependencies": {"a": 1}},
        {"id": 1, "dependencies": [[]]},
        {"id": 1, "depends_on": [{"name": "x"}]},
        {"id": 1, "tests": [1]},
        {"id": 1, "acceptance_criteria": [{"x": "y"}]},
        {"id": 1, "verify": ["make"]},
        {"id": 1, "inputs": "a.md"},
        {"id": 1, "passes": "maybe"},
        {"id": 1, "blocked": 1},
        {"id": 1, "status": 3},
    ],
)
def test_what_the_model_refuses_the_schema_marks(feature: dict[str, Any]) -> None:
    with pytest.raises(OrchestratorError):
        model.parse(json.dumps({"features": [feature]}).encode())
    assert not CHECKED.is_valid({"features": [feature]})
    assert not CHECKED.is_valid([feature])


_keys = st.sampled_from(sorted({
    "passes", "priority", "complexity", "inputs", "blocked", "needs_review", "passes_from", "evidence", "anything",
    *(name for names in FIELDS.values() for name in names),
}))  # fmt: skip
_words = st.sampled_from(["", " ", "none", "yes", "False", "TRUE", "done", "pending", "P1", "high", "a, b", "a.md"])
_plain = st.none() | st.booleans() | st.integers(-3, 3) | st.floats(allow_nan=False, allow_infinity=False) | _words
_entries = st.dictionaries(st.sampled_from(["id", "text", "name", "x"]), _plain, max_size=2)
_values = _plain | _entries | st.lists(_plain | _entries, max_size=2)


@settings(max_examples=400, deadline=None)
@given(st.dictionaries(_keys, _values, max_size=4), st.booleans())
def test_a_list_that_can_be_read_is_valid(fields: dict[str, Any], bare: bool) -> None:
    entries = [{"id": "F1", **fields}]
    whole: Any = entries if bare else {"features": entries, "other": 1}
    try:
        model.parse(json.dumps(whole).encode(), lenient=True)
    except OrchestratorError:
        return
    CHECKED.validate(whole)


def test_every_name_of_the_tables_is_completed() -> None:
    known = schema()["definitions"]["feature"]["properties"]
    assert {name for names in FIELDS.values() for name in names} - set(known) == set()
    assert all(about["description"] for about in known.values())
