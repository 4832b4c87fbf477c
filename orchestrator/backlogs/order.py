"""What each task of a list with phases and parallel marks waits for; no I/O."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Place(NamedTuple):
    """A task in its list: the phase it is in, and whether it may run beside its neighbours (`[P]`)."""

    id: str
    phase: int
    parallel: bool


def waits(tasks: Iterable[Place]) -> list[tuple[str, ...]]:
    """For each task in file order the ids that it waits for.

    A task that is not parallel waits for the parallel ones since the last such task, else for that one; a parallel
    one only for the last that is not. The first of a phase begins when the phase before it is through.
    """
    found: list[tuple[str, ...]] = []
    done_first: tuple[str, ...] = ()
    beside: list[str] = []
    phase: int | None = None
    for task in tasks:
        if beside and (task.phase != phase or not task.parallel):
            done_first, beside = tuple(beside), []
        phase = task.phase
        found.append(done_first)
        if task.parallel:
            beside.append(task.id)
        else:
            done_first = (task.id,)
    return found
