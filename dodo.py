"""This project's own front end: the build tasks of its backlog, and test, lint, bench."""

import sys

from orchestrator.tasks import *  # noqa: F403


def _python(*arguments):
    return [[sys.executable, "-m", *arguments]]


def task_test():
    """run the tests"""
    return {"actions": _python("pytest", "-q", "-n", "auto"), "verbosity": 2}


def task_lint():
    """run ruff and mypy"""
    return {"actions": [*_python("ruff", "check", "."), *_python("mypy")], "verbosity": 2}


def task_bench():
    """measure no-op builds, hooks and scans, as ratios to other tools in the same run"""
    return {"actions": _python("tests.benchmarks"), "verbosity": 2}
