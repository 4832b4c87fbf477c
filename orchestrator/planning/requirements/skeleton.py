"""property_tests_skeleton.py: one property test to fill in for each acceptance criterion."""

from __future__ import annotations

from collections.abc import Iterator

from orchestrator.planning.requirements.properties import Property, classify, method_name
from orchestrator.planning.requirements.tree import Hierarchy, Requirement

_HEAD = '''\
"""Property tests to fill in, one for each acceptance criterion of the requirements.

Import what is under test, write the property in place of the `raise`, widen or narrow its strategy, and
remove the `skip`. Move the test to the project's own tests when it holds.
"""

from __future__ import annotations

import pytest

pytest.importorskip("hypothesis")

from hypothesis import given  # noqa: E402
from hypothesis import strategies as st  # noqa: E402

not_written = pytest.mark.skip(reason="the property is not written yet")
'''
_HINTS = {
    "round_trip": "There and back gives what was put in: back(there(value)) == value.",
    "idempotence": "Once more changes nothing: step(step(value)) == step(value).",
    "oracle": "A simple way of doing it, known to be right, gives the same.",
    "invariant": "Whatever the value, this holds afterwards.",
}
# An empty choice can't be drawn from; which states there are, only the project knows.
_STRATEGIES = {"st.sampled_from([])": 'st.sampled_from(["a state", "another state"])'}


def skeleton(hierarchy: Hierarchy) -> str:
    """A module that pytest collects, and skips where Hypothesis is absent; a class for each requirement
    that has criteria.
    """
    return "\n\n".join([_HEAD, *(_class(node) for node in hierarchy.walk() if node.acceptance_criteria)])


def class_name(id: str) -> str:
    """The name of the class of tests for the requirement."""
    return "TestReq" + id.removeprefix("REQ_").replace(".", "_")


def _class(requirement: Requirement) -> str:
    lines = [f"class {class_name(requirement.id)}:", f"    {_literal(f'{requirement.id}: {requirement.description}')}"]
    return "\n".join([*lines, *(_test(*item) for item in _named(requirement))]) + "\n"


def _named(requirement: Requirement) -> Iterator[tuple[str, str]]:
    """(method name, criterion): every name of its own, though criteria may look alike or hold no letter."""
    taken: set[str] = set()
    for number, criterion in enumerate(requirement.acceptance_criteria, 1):
        name = method_name(criterion) or "criterion"
        if name in taken:
            name = f"{name}_{number}"
        taken.add(name)
        yield name, criterion


def _test(name: str, criterion: str) -> str:
    found: Property = classify(criterion)
    return f"""
    @not_written
    @given(value={_STRATEGIES.get(found.strategy, found.strategy)})
    def test_{name}(self, value: object) -> None:
        {_literal(criterion)}
        # {_HINTS[found.kind]}
        raise NotImplementedError"""


def _literal(text: str) -> str:
    """A one-line string literal: whatever the text holds, it can't end the literal or the line."""
    return ascii(" ".join(text.split())) if not text.isprintable() else repr(text)
