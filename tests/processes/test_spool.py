from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.processes import spool
from orchestrator.processes.spool import Lines, Spool


@pytest.fixture
def spooled() -> object:
    made = Spool()
    yield made
    made.close()


def drain(read_from: Spool) -> bytes:
    found = b""
    while piece := read_from.read():
        found += piece
    return found


def test_what_is_written_is_read_in_order_and_once(spooled: Spool) -> None:
    os.write(spooled.handle, b"first\nsec")
    assert drain(spooled) == b"first\nsec"
    os.write(spooled.handle, b"ond\n")
    assert (drain(spooled), spooled.read(), spooled.total) == (b"ond\n", b"", 13)


def test_output_that_was_truncated_is_read_on_from_its_beginning(spooled: Spool) -> None:
    os.write(spooled.handle, b"first\nsecond\n")
    drain(spooled)
    os.ftruncate(spooled.handle, 0)
    os.write(spooled.handle, b"new\n")
    assert drain(spooled) == b"new\n"


@pytest.mark.skipif(os.name == "nt", reason="counts blocks")
@pytest.mark.parametrize("holes", [True, False])
def test_what_was_read_is_given_back_to_the_disk(spooled: Spool, monkeypatch: pytest.MonkeyPatch, holes: bool) -> None:
    monkeypatch.setattr(spool, "MOST", 8 << 20)
    if not holes:
        monkeypatch.setattr(spool, "_punch", lambda *_: False)
    elif not spool._punch(spooled.handle, 0, 4096):
        pytest.skip("needs a file system that can punch holes")
    for number in range(40):
        block = b"%07d\n" % number * (1 << 17)
        os.write(spooled.handle, block)
        assert drain(spooled) == block
        assert os.fstat(spooled.handle).st_blocks * 512 <= 9 << 20


def test_of_a_child_that_prints_too_fast_the_end_is_read(spooled: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "MOST", 1000)
    monkeypatch.setattr(spool, "KEPT", 100)
    os.write(spooled.handle, b"x" * 2000 + b"\n" + b"y" * 99 + b"\n")
    text = drain(spooled)
    assert text == b"\n[... 2001 bytes were not read ...]\n" + b"y" * 99 + b"\n"
    assert spooled.total == 2101


@given(st.lists(st.binary(max_size=6)), st.integers(1, 3))
def test_lines_are_those_of_the_whole_however_it_was_cut(pieces: list[bytes], longest: int) -> None:
    lines = Lines()
    found = [line for piece in pieces for line in lines.feed(piece)] + list(lines.rest())
    whole = b"".join(pieces)
    assert found == whole.split(b"\n")[: -1 if whole.endswith(b"\n") or not whole else None]


def test_a_line_that_is_too_long_is_given_in_parts() -> None:
    lines = Lines(longest=4)
    assert [*lines.feed(b"abc"), *lines.feed(b"def"), *lines.feed(b"g\nh"), *lines.rest()] == [b"abcdef", b"g", b"h"]
