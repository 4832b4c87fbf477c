"""Which of N events are ancestors of which, cheap for long lines of history."""

from __future__ import annotations

from collections.abc import Sequence


class Ancestry:
    """Which of N events (in topological order) are ancestors of which.

    Kept for each as "all before this position" plus a few exceptions, so that a long line of history costs
    nothing and concurrent branches only their own length.
    """

    def __init__(self, parents: Sequence[Sequence[int]]) -> None:
        self._prefix: list[int] = []
        self._beyond: list[frozenset[int]] = []
        for above in parents:
            prefix, beyond = self._union(above)
            self._prefix.append(prefix)
            self._beyond.append(beyond)

    def _union(self, above: Sequence[int]) -> tuple[int, frozenset[int]]:
        if not above:
            return 0, frozenset()
        prefix = max(self._prefix[at] for at in above)
        beyond = set(above)
        for at in above:
            beyond |= self._beyond[at]
        while prefix in beyond:
            prefix += 1
        return prefix, frozenset(at for at in beyond if at >= prefix)

    def is_ancestor(self, ancestor: int, of: int) -> bool:
        """Whether `ancestor` is a proper ancestor of `of`."""
        return ancestor < self._prefix[of] or ancestor in self._beyond[of]
