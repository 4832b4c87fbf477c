"""Ending a child in three steps, and Ctrl+C while that goes on."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from orchestrator.processes.starting import Child

TICK = 0.05
_ENDS = tuple(number for name in ("SIGINT", "SIGTERM", "SIGHUP") if (number := getattr(signal, name, None)) is not None)
_KILL = getattr(signal, "SIGKILL", signal.SIGTERM)


class Asked:
    """How often the user has asked for an end."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self, *_: object) -> None:
        self.times += 1


@contextmanager
def counting_interrupts() -> Iterator[Asked]:
    """While the block runs, Ctrl+C is counted, not raised; so are SIGTERM and SIGHUP if they are handled like it.

    An exception could be raised at any place, also between the start of a child and the line that remembers it: then
    the child would go on running. Only the main thread gets such exceptions, so other threads need nothing.
    """
    asked = Asked()
    before: dict[int, Any] = {}
    if threading.current_thread() is threading.main_thread():
        before = {number: signal.getsignal(number) for number in _ENDS if callable(signal.getsignal(number))}
    try:
        for number in before:
            signal.signal(number, asked)
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def end(child: Child, grace: float, asked: Asked) -> None:
    """SIGINT to the child alone, which lets Claude Code end its running tool; then its group, then by force.

    `grace` is the seconds between two steps. If the user presses Ctrl+C again, the child is killed at once.
    """
    times = asked.times
    for number, group in ((signal.SIGINT, False), (signal.SIGTERM, True)):
        child.signal(number, group=group)
        until = time.monotonic() + grace
        while not child.done.wait(TICK):
            if asked.times > times:
                break
            if time.monotonic() >= until:
                break
        if child.done.is_set():
            return
        if asked.times > times:
            break
    child.signal(_KILL, group=True)
    child.done.wait(grace)
