"""Phase files as agents and people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.errors import OrchestratorError
from orchestrator.planning.phases.phase_file import Phase, parse, render, with_id
from orchestrator.staleness.tracker_block import with_block

WRITTEN = """\
---
id: add-login-02
depends: add-login-01, F7
priority: 2.5
requirements: [REQ_000, "REQ_001.2"]
---

# Phase 2: Check the password

The password is compared
with its hash.

Twice.

```
## not a section
```

## Changes

- src/auth.py: compare

## Success Criteria:

- [ ] A wrong password
  is refused
- [x] A right one is accepted
  - with any letter case
1. The test suite passes

## Notes

- not a criterion
"""


def test_a_written_phase_says_all_of_its_feature() -> None:
    assert parse(WRITTEN, "plans/x/02-check-password.md") == Phase(
        number=2,
        name="Check the password",
        id="add-login-02",
        description="The password is compared\nwith its hash.\n\nTwice.\n\n```\n## not a section\n```",
        depends=("add-login-01", "F7"),
        criteria=(
            "A wrong password is refused",
            "A right one is accepted",
            "with any letter case",
            "The test suite passes",
        ),
        requirements=("REQ_000", "REQ_001.2"),
        priority=2.5,
        changes=("src/auth.py: compare",),
        extra="## Notes\n\n- not a criterion",
    )


def test_windows_line_ends_and_the_tracker_block_change_nothing() -> None:
    plain = parse(WRITTEN, "02-x.md")
    assert parse(with_block(WRITTEN, "- issue: bd-1"), "02-x.md") == plain
    assert parse("\ufeff" + WRITTEN.replace("\n", "\r\n"), "02-x.md") == plain


def test_a_bare_file_is_a_phase_named_by_its_file() -> None:
    assert parse("", "03-tidy-up.md") == Phase(3, "tidy up")
    assert parse("# Tidy\n\n## Overview\n\nSweep.\n", "03-x.md") == Phase(3, "Tidy", description="Sweep.")


def test_front_matter_that_is_not_closed_is_named_with_its_line() -> None:
    with pytest.raises(OrchestratorError) as error:
        parse("---\nid: a\n# Phase\n", "plans/x/01-a.md")
    assert str(error.value) == (
        "the front matter is not closed (plans/x/01-a.md:1). End it with a line of three dashes"
    )


def test_a_priority_that_is_no_number_is_an_error() -> None:
    with pytest.raises(OrchestratorError, match="the priority 'soon' is not a number"):
        parse("---\npriority: soon\n---\n", "01-a.md")


def test_an_id_is_put_into_the_front_matter_there_is() -> None:
    assert with_id("# A\n", "p-01") == "---\nid: p-01\n---\n\n# A\n"
    assert with_id("---\ndepends: x\n---\n# A\n", "p-01") == "---\nid: p-01\ndepends: x\n---\n# A\n"
    assert with_id("---\r\nid: old\r\ndepends: x\r\n---\r\n", "n") == "---\r\nid: n\r\ndepends: x\r\n---\r\n"
    assert with_id("---\nid:\n---\nid: in the text\n", "n") == "---\nid: n\n---\nid: in the text\n"


words = st.text(alphabet=st.characters(categories=["L", "N"]), min_size=1, max_size=8)
sentences = st.lists(words, min_size=1, max_size=5).map(" ".join)
ids = st.from_regex(r"[a-z]{1,6}-\d\d", fullmatch=True)


@given(
    st.builds(
        Phase,
        number=st.integers(1, 99),
        name=sentences.filter(lambda text: not text.lower().startswith("phase ")),
        id=ids,
        description=sentences,
        depends=st.lists(ids, max_size=3).map(tuple),
        criteria=st.lists(sentences, max_size=4).map(tuple),
        requirements=st.lists(ids, max_size=2).map(tuple),
        priority=st.none() | st.integers(1, 99),
        changes=st.lists(sentences, max_size=2).map(tuple),
        check=st.just("") | sentences,
        ticket=st.just("") | words,
        extra=st.just("") | sentences.map(lambda text: f"## Notes\n\n{text}"),
    )
)
def test_a_rendered_phase_reads_back_as_it_was(phase: Phase) -> None:
    assert parse(render(phase), f"{phase.number:02}-x.md") == phase
