"""The block we keep inside files of other people."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.staleness.tracker_block import with_block, without_block

bodies = st.text(alphabet="ab #-\n<>!", min_size=1).map(lambda text: text.strip() + "\n")


@given(bodies, st.lists(st.text(alphabet="xyz |`-", min_size=1), min_size=1, max_size=3))
def test_the_block_comes_and_goes_without_a_trace(body: str, lines: list[str]) -> None:
    block = "\n".join(line.strip() or "." for line in lines)
    once = with_block(body, block)
    assert without_block(once) == body
    assert with_block(once, block) == once
    assert with_block(once, "other").count("orchestrator: tracker -->") == 2
    assert block in once


def test_line_ends_of_the_file_are_kept() -> None:
    made = with_block("# A\r\n\r\ntext\r\n", "- one\n- two")
    assert made.count("\r\n") == made.count("\n") == 8
    assert without_block(made) == "# A\r\n\r\ntext\r\n"


def test_text_after_the_block_stays_after_it() -> None:
    made = with_block("# A\n", "x") + "\nAdded later.\n"
    assert without_block(made) == "# A\n\n\nAdded later.\n"
