"""What a document is that is no list of features."""

from __future__ import annotations

from typing import Any

import pytest

from orchestrator.features.nesting import NoList, of_entries, of_root

NESTED = NoList("the features are nested in a way that is not read as it is", "Run `orchestrator import f`")
WORK = {"id": "A", "passes": False}


@pytest.mark.parametrize(
    "root",
    [
        {"features": {"auth": [WORK]}},
        {"auth": [WORK], "ui": []},
        {"F001": {"name": "n", "status": "done"}},
        {"features": {"0": {"id": 1, "title": "t"}}},
        {"a": {"b": {"c": [WORK]}}},
    ],
)
def test_features_under_categories_or_by_key_are_nested(root: Any) -> None:
    assert of_root(root, "f") == NESTED


@pytest.mark.parametrize(
    ("root", "why"),
    [
        (5, "this is no feature list: it is neither an object nor an array"),
        ({"name": "package", "scripts": {}}, 'this is no feature list: it has no list "features"'),
        ({"features": 5}, '"features" must be a list'),
        ({"features": {"a": {"b": 1}}}, '"features" must be a list'),
        ({"a": {"b": {"c": {"d": {"e": {"f": WORK}}}}}}, 'this is no feature list: it has no list "features"'),
    ],
)
def test_anything_else_is_named_with_what_to_do(root: Any, why: str) -> None:
    found = of_root(root, "f")
    assert (found.what, bool(found.fix)) == (why, True)


@pytest.mark.parametrize(
    "entries", [[], [WORK], [{"id": 1}], [WORK, 5], [{"name": "n"}, {"x": 1}], [{"passes": False, "tasks": [WORK]}]]
)
def test_entries_that_are_features_good_or_bad_are_left_to_the_checks(entries: list[Any]) -> None:
    assert of_entries(entries, "f", bare=True) is None


@pytest.mark.parametrize("group", ["features", "items", "tasks", "stories", "entries"])
def test_groups_of_features_are_nested(group: str) -> None:
    entries = [{"name": "auth", group: [WORK]}]
    assert of_entries(entries, "f", bare=True) == of_entries(entries, "f", bare=False) == NESTED


def test_a_bare_array_of_other_things_is_no_list_and_under_features_it_is_one_with_faults() -> None:
    found = of_entries([{"url": "x"}], "f", bare=True)
    assert found
    assert found.what == "this is no feature list: its entries are no features"
    assert of_entries([{"url": "x"}], "f", bare=False) is None
