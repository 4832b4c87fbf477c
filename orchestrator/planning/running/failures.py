"""How a planning step can end otherwise than well."""

from __future__ import annotations

from orchestrator.errors import Unfinished


class StepFailed(Unfinished):
    """A step did not do its work; `exit_code` is 1, or 3 where a tool is missing or not logged in."""

    def __init__(self, what: str, *, where: str = "", fix: str = "", exit_code: int = 1) -> None:
        super().__init__(what, where=where, fix=fix)
        self.exit_code = exit_code


class StepStopped(StepFailed):
    """The user chose to end here; `done` says whether the step itself had done its work."""

    def __init__(self, what: str, *, fix: str = "", done: bool = False) -> None:
        super().__init__(what, fix=fix)
        self.done = done


class StepInterrupted(StepFailed):
    """Ctrl+C, or whoever else stopped the session."""

    def __init__(self, what: str) -> None:
        super().__init__(what, fix="Go on with --resume", exit_code=130)
