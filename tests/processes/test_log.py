from __future__ import annotations

import os
import time
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.processes.log import Log, expire
from orchestrator.processes.redact import Redactor


def written(path: Path, pieces: list[bytes], **sizes: int) -> bytes:
    log = Log(path, Redactor({"A_TOKEN": "secretsecret"}), **sizes)
    for piece in pieces:
        log.feed(piece)
    log.close()
    return path.read_bytes()


def test_a_log_holds_what_was_printed_without_secrets_for_the_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "logs" / "x.stdout"
    assert written(path, [b"one secr", b"etsecret\n", b"two"]) == b"one [redacted]\ntwo"
    if os.name != "nt":
        assert path.stat().st_mode & 0o777 == 0o600


@given(count=st.integers(0, 400), size=st.integers(1, 90))
@settings(max_examples=60)
def test_of_a_long_log_head_and_tail_are_kept(tmp_path_factory: object, count: int, size: int) -> None:
    path = tmp_path_factory.mktemp("log") / "x.stdout"  # type: ignore[attr-defined]
    text = b"".join(b"%d\n" % number for number in range(count * 5))
    pieces = [text[at : at + size] for at in range(0, len(text), size)]
    kept = written(path, pieces, head=300, tail=200)
    if len(text) <= 500:
        assert kept == text
        return
    head, _, rest = kept.partition(b"\n[... ")
    left_out, _, tail = rest.partition(b" bytes left out ...]\n")
    assert (head, tail) == (text[:300], text[-200:])
    assert int(left_out) == len(text) - 500


def test_a_log_never_grows_beyond_its_bounds_while_it_is_written(tmp_path: Path) -> None:
    log = Log(tmp_path / "x.stdout", Redactor(), head=1000, tail=1000)
    for number in range(2000):
        log.feed(b"a line with some words, number %d\n" % number)
        assert (tmp_path / "x.stdout").stat().st_size < 3200
    log.close()


def test_raw_streams_are_removed_after_their_days_and_nothing_else(tmp_path: Path) -> None:
    for name in ("old.stdout", "old.stderr", "old.prompt", "session-001.json", "notes.txt", "new.stdout"):
        (tmp_path / name).write_text("x")
        if not name.startswith("new"):
            os.utime(tmp_path / name, (time.time() - 31 * 86400,) * 2)
    expire(tmp_path, 0)
    assert len(list(tmp_path.iterdir())) == 6
    expire(tmp_path, 30)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new.stdout", "notes.txt", "session-001.json"]
    expire(tmp_path / "absent", 30)
