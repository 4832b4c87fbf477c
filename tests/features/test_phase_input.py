"""What of a phase file is part of its feature's definition."""

from __future__ import annotations

import pytest

from orchestrator.features.digest import definition_digest
from orchestrator.features.model import Feature, feature

FILE = b"---\nid: F1\ndepends: F0\npriority: 2\n---\n\n# Phase 2: Check\n\nWords.\n"


def made(*inputs: str) -> Feature:
    return feature({"id": "F1", "name": "Check", "inputs": list(inputs), "passes": True})


def digest(path: str, content: bytes) -> str:
    return definition_digest(made(path), [(path, content)])


BEFORE = digest("plans/a/02-check.md", FILE)


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("plans/a/03-compare.md", FILE.replace(b"Phase 2", b"Phase 3")),
        ("plans/b/02-check.md", FILE.replace(b"priority: 2\n", b"")),
        ("plans/a/02-check.md", FILE.replace(b"id: F1", b"id: 'F1'\nticket: T-1")),
        ("plans/a/02-check.md", FILE.replace(b"Phase 2:", "Phase 2 \N{EN DASH}".encode())),
    ],
)
def test_number_name_and_place_of_a_phase_file_change_no_definition(path: str, content: bytes) -> None:
    assert digest(path, content) == BEFORE


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("plans/a/02-check.md", FILE.replace(b"Words", b"Other words")),
        ("plans/a/02-check.md", FILE.replace(b"depends: F0", b"depends: F9")),
        ("plans/a/02-check.md", FILE.replace(b"2: Check", b"2: Compare")),
        ("plans/a/02-check.md", FILE.replace(b"id: F1", b"id: F2")),
        ("plans/a/02-check.md", FILE.replace(b"Words.", b"# Phase 3: more")),
    ],
)
def test_its_words_are_part_of_the_definition(path: str, content: bytes) -> None:
    assert digest(path, content) != BEFORE


def test_another_input_counts_by_its_path() -> None:
    assert digest("spec.md", b"text") != digest("other.md", b"text")
    both = [("spec.md", b"text"), ("plans/a/02-check.md", FILE)]
    moved = [("spec.md", b"text"), ("plans/a/03-x.md", FILE)]
    assert definition_digest(made("spec.md", "./plans/a/02-check.md"), both) == definition_digest(
        made("spec.md", "plans/a/03-x.md"), moved
    )
