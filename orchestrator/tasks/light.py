"""doit tasks that cost little: 10,000 of them are made for `doit list` without being checked one by one.

The attributes are those of doit 0.37's Task; a test compares them.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

from doit.task import IOConfig, Task


class Because:
    """An up-to-date check whose answer is no. Its repr is the reason, which `doit info` prints."""

    __signature__ = inspect.Signature()  # doit asks for it at each call

    def __init__(self, reason: str) -> None:
        self.reason = reason

    def __call__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return self.reason


class LightTask(Task):  # type: ignore[misc]
    """One feature as a doit task. What is equal for all features are attributes of the class."""

    params: list[Any] = []
    creator_params: list[Any] = []
    options = None
    pos_arg = None
    pos_arg_val = None
    setup_tasks: list[str] = []
    io = IOConfig({"capture": False})
    calc_dep: frozenset[str] | set[str] = set()
    file_dep: frozenset[str] | set[str] = frozenset()
    wild_dep: Sequence[str] = ()
    loader = None
    getargs: dict[str, Any] = {}
    targets: Sequence[str] = ()
    has_subtask = False
    result = None
    verbosity = None
    custom_title = None
    cfg_values = None
    _remove_targets = False
    clean_actions: Sequence[Any] = ()
    teardown: Sequence[Any] = ()
    watch: Sequence[str] = ()
    meta = None
    executed = False
    dep_changed: Sequence[str] | None = None

    def __init__(
        self, name: str, work: Callable[[bool], object], *, must: bool, task_dep: list[str], reason: str, doc: str,
        file_dep: Sequence[str] = (),
    ) -> None:  # fmt: skip
        """`must`: what it leaves undone fails it. The build as a whole goes on with other features instead, and fails
        at its end; a task that depends on this one must not run.
        """
        self.name = name
        self.must = must
        self._work = work
        self._actions: list[Any] = [(self._act, [])]
        self._action_instances = None
        self.task_dep = task_dep
        self.uptodate: list[Any] = [(Because(reason) if reason else True, [], {})]
        self.subtask_of = "build"
        self.doc = doc
        self.values: dict[str, Any] = {}
        self.value_savers: list[Any] = []
        if file_dep:
            self.file_dep = frozenset(file_dep)

    def pickle_safe_dict(self) -> dict[str, Any]:
        """What doit sends to a parallel worker. The worker is a fork, so it has everything else."""
        kept_back = ("_actions", "_action_instances", "_work", "uptodate", "value_savers")
        return {name: value for name, value in vars(self).items() if name not in kept_back}

    def _act(self) -> object:
        return self._work(self.must)
