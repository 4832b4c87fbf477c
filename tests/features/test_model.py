from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.lists import Text, texts, values

from orchestrator.errors import OrchestratorError
from orchestrator.features.dialects import shape
from orchestrator.features.dialects.tables import BUILT_IN
from orchestrator.features.fields import KNOWN
from orchestrator.features.model import Feature, feature, parse
from orchestrator.features.validation import validate


def test_absent_fields_have_their_defaults() -> None:
    item = {"id": 7}
    assert parse(b'{"features": [{"id": 7}]}').features == (
        Feature(
            "7", "", "", "", 99, (), (), None, (), False, False, False, "", 0, item, "", "", shape.of(("id",), BUILT_IN)
        ),
    )


def test_every_field_is_read() -> None:
    item = {
        "id": "A", "name": "n", "description": "d", "category": "qa", "priority": 1.5,
        "dependencies": [1, "1", "x"], "tests": ["t"], "verify": "make x", "inputs": ["i"], "passes": True,
        "blocked": True, "needs_review": True, "passes_from": "history", "complexity": "HIGH",
        "blocked_by": None, "own": {"x": [None]},
    }  # fmt: skip
    found = parse(json.dumps([{"id": "0"}, item]).encode()).by_id["A"]
    assert found == Feature(
        "A", "n", "d", "qa", 1.5, ("1", "1", "x"), ("t",), "make x", ("i",), True, True, True, "history", 1, item,
        "", "", shape.of(tuple(item), BUILT_IN),
    )  # fmt: skip
    assert (found.complexity, found.is_qa) == ("high", True)
    assert found.definition == {
        key: item[key]
        for key in ("id", "name", "description", "category", "dependencies", "tests", "verify", "inputs", "own")
    }


@pytest.mark.parametrize(
    ("item", "qa"), [({"id": "qa-1"}, True), ({"id": "QA-1"}, False), ({"id": "x", "category": "qa-tools"}, False)]
)
def test_qa_features_are_told_by_category_or_id(item: dict[str, Any], qa: bool) -> None:
    assert feature(item).is_qa is qa


@given(texts())
def test_a_list_reads_the_same_in_any_layout(text: Text) -> None:
    features = parse(text.data).features
    assert [found.data for found in features] == json.loads(json.dumps([dict(item) for item in text.listed]))
    assert [found.position for found in features] == list(range(len(text.listed)))


def refusal(data: bytes) -> tuple[str, str] | None:
    try:
        parse(data, "f.json")
    except OrchestratorError as error:
        return error.what, error.where
    return None


keys = st.sampled_from(sorted(KNOWN - {"features"}))
odd_values = values | st.lists(values, max_size=2) | st.sampled_from([["A"], "A", 3, True])


@given(
    st.lists(st.dictionaries(keys, odd_values).flatmap(lambda d: st.sampled_from([d, {"id": "A", **d}])), max_size=3)
)
def test_what_is_refused_is_what_validation_calls_an_error(items: list[dict[str, Any]]) -> None:
    data = json.dumps(items, indent=1).encode()
    errors = [problem for problem in validate(data, "f.json") if problem.severity == "error"]
    assert refusal(data) == ((errors[0].message, errors[0].where) if errors else None)


NAME_IT = "Name yours under [project] features in orchestrator.toml, or move this file"
WRITE_IT = 'Write "features": [], with an object for each feature in it'
TEXT = 'Write a text, such as "F001"'


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", 'not valid JSON: the file is empty (f.json:1:1). Write {"features": []} into it'),
        (b'{"features": [\n  }', "not valid JSON: Expecting value (f.json:2:3)"),
        (b'[{"id": "a"}\n]]', "not valid JSON: Extra data (f.json:2:2)"),
        (b'[{"id": "a", "x":\n -Infinity}]', "not valid JSON: -Infinity is not JSON (f.json:2:2)"),
        (b'[{"id": "NaN", "x": NaN}]', "not valid JSON: NaN is not JSON (f.json:1:21)"),
        (b'["\xc3\xbc", \xff]', "not valid UTF-8 (f.json:1:7). Save the file as UTF-8"),
        (b'[\n<<<<<<< HEAD\n', "an unresolved merge conflict (f.json:2:1). Edit the file between the markers"),
        (b"3", f"this is no feature list: it is neither an object nor an array (f.json:1:1). {NAME_IT}"),
        (b'{"feature": []}', f'this is no feature list: it has no list "features" (f.json:1:1). {NAME_IT}'),
        (b'{"features": null}', f'"features" must be a list (f.json:1:14). {WRITE_IT}'),
        (b"[\n 1]", f"this is no feature list: its entries are no features (f.json:1:1). {NAME_IT}"),
        (
            b'{"features": [\n 1]}',
            'a feature must be an object (f.json:2:2). Write an object, such as {"id": "F001", "description": "..."}',
        ),
        (
            b'[{"name": "x"}]',
            "a feature has no id (f.json:1:2). Run `orchestrator init`, which gives each feature an id",
        ),
        (b'[{"id": 1.0}]', f'"id" must be a string or an integer, not 1.0 (f.json:1:3). {TEXT}'),
        (b'[{"id": " "}]', f"an id must not be empty (f.json:1:3). {TEXT}"),
        (b'[{"id": "a\\nb"}]', f"the id 'a\\nb' holds a control character (f.json:1:3). {TEXT}"),
        (b'[{"id": "\\ud800"}]', f"the id '\\ud800' holds a control character (f.json:1:3). {TEXT}"),
        (
            b'[{"id": 1},\n {"id": "1"}]',
            "the id '1' comes twice (first in line 1) (f.json:2:3). Give one of the two another id",
        ),
        (
            b'[{"id": "a",\n"passes": "maybe"}]',
            'a: "passes" must be true or false, not "maybe" (f.json:2:1). Write true or false',
        ),
        (b'[{"id": 1, "blocked": 1}]', '1: "blocked" must be true or false, not 1 (f.json:1:12). Write true or false'),
        (
            b'[{"id": "a", "priority": true}]',
            'a: "priority" must be a number, not true (f.json:1:14). Write a number; lower is earlier',
        ),
        (
            b'[{"id": "a", "dependencies": true}]',
            'a: "dependencies" must be a list, not true (f.json:1:14). Write a list of ids, such as ["F1", "F2"]',
        ),
        (
            b'[{"id": "a", "tests": ["b", 1]}]',
            'a: "tests" must be a list of strings, not of 1 (f.json:1:14). Write each as a string',
        ),
        (
            b'[{"id": "F1", "dependencies": ["F2"]},\n {"id": "F2", "dependencies": ["F1"]}]',
            "the dependencies go in a circle: F1 -> F2 -> F1 (f.json:1:15). Remove one of these dependencies",
        ),
    ],
)  # fmt: skip
def test_an_error_is_one_line_with_its_place(data: bytes, message: str) -> None:
    with pytest.raises(OrchestratorError) as caught:
        parse(data, "f.json")
    assert str(caught.value) == message


@pytest.mark.parametrize("data", [b"[" * 100_000, b"[" + b"1" * 10_000 + b"]", b'{"a":' * 100_000])
def test_what_python_can_not_take_in_is_an_error_too(data: bytes) -> None:
    with pytest.raises(OrchestratorError):
        parse(data)


def test_ids_may_be_any_printable_text() -> None:
    ids = ["a b", "../x", "日本", "👩\u200d💻", "\u0378", "a\u00a0b"]
    assert list(parse(json.dumps([{"id": id} for id in ids]).encode()).by_id) == ids


def test_an_unknown_id_names_the_nearest() -> None:
    features = parse(b'[{"id": "login"}, {"id": "logout"}]')
    assert features.get("login").id == "login"
    with pytest.raises(OrchestratorError, match=r"no feature has the id 'loginn'\. Did you mean login\?"):
        features.get("loginn")


def test_long_chains_in_either_direction_are_read() -> None:
    chain = [{"id": n, "dependencies": [n + 1] if n < 50_000 else []} for n in range(50_001)]
    assert len(parse(json.dumps(chain).encode()).features) == 50_001
    assert len(parse(json.dumps(chain[::-1]).encode()).features) == 50_001
    chain[-1]["dependencies"] = [0]
    with pytest.raises(OrchestratorError, match=r"circle: 0 -> 1 .* -> \(49983 more\) -> .* -> 50000 -> 0"):
        parse(json.dumps(chain).encode())
