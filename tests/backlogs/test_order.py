"""The order of a list with phases and parallel marks, against an oracle that looks at pairs."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.backlogs.order import Place, waits

LISTS = st.lists(st.tuples(st.integers(0, 1), st.booleans()), max_size=12)


def places(steps: list[tuple[int, bool]]) -> list[Place]:
    """Tasks of which each is in the phase of the one before, or (step 1) in the next."""
    phases = [sum(step for step, _ in steps[: index + 1]) for index in range(len(steps))]
    return [Place(f"T{index}", phase, steps[index][1]) for index, phase in enumerate(phases)]


def beside(tasks: list[Place], early: int, late: int) -> bool:
    """Whether two tasks may run at the same time: all from the one to the other are parallel and of one phase."""
    between = tasks[early : late + 1]
    return all(task.parallel and task.phase == tasks[early].phase for task in between)


def before(found: list[tuple[str, ...]], index: int) -> set[int]:
    """All that must be finished before a task, over any number of steps."""
    direct = {int(id[1:]) for id in found[index]}
    return direct.union(*(before(found, other) for other in direct))


@settings(max_examples=200, deadline=None)
@given(LISTS)
def test_a_task_waits_for_all_before_it_but_those_beside_which_it_may_run(steps: list[tuple[int, bool]]) -> None:
    tasks = places(steps)
    found = waits(tasks)
    for late in range(len(tasks)):
        assert before(found, late) == {early for early in range(late) if not beside(tasks, early, late)}


@settings(max_examples=100, deadline=None)
@given(LISTS)
def test_no_wait_is_written_that_another_one_implies(steps: list[tuple[int, bool]]) -> None:
    found = waits(places(steps))
    for ids in found:
        direct = {int(id[1:]) for id in ids}
        assert not any(before(found, other) & direct for other in direct)


def test_the_last_one_that_is_not_parallel_is_waited_for_by_the_parallel_ones_behind_it() -> None:
    tasks = [Place("a", 1, False), Place("b", 1, True), Place("c", 1, True), Place("d", 1, False), Place("e", 2, True)]
    assert waits(tasks) == [(), ("a",), ("a",), ("b", "c"), ("d",)]
