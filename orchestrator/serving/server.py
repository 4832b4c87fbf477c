"""The MCP server itself: names, descriptions and arguments of the tools, over the official SDK."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ResourceError, ToolError
from mcp_types import ToolAnnotations
from pydantic import BeforeValidator, Field

from orchestrator import __version__
from orchestrator import project as projects
from orchestrator.errors import OrchestratorError
from orchestrator.project import Project
from orchestrator.serving import answers, edits

Answer = TypeVar("Answer")
State = Literal["todo", "changed", "stale", "waiting", "blocked", "done", "dropped"]
Id = Annotated[str, BeforeValidator(str)]  # some lists number their features, and a model then sends a number
FeatureId = Annotated[Id, Field(description="The feature's id, as list_features gives it")]

INSTRUCTIONS = """\
The backlog of a software project: features, what each depends on, and which are done.
A feature is done when a git commit says so (a line `session: completed ID`) and the project's own check passes; no tool
here marks one as done. States: todo (ready to be built), waiting (a dependency is not done), changed (its definition
was edited after it was done), stale (something it depends on is newer), blocked (set aside by a person), done,
dropped."""

_READS = ToolAnnotations(read_only_hint=True, open_world_hint=False)
_ADDS = ToolAnnotations(read_only_hint=False, destructive_hint=False, idempotent_hint=False, open_world_hint=False)
_SETS = ToolAnnotations(read_only_hint=False, destructive_hint=False, idempotent_hint=True, open_world_hint=False)
# A check is the project's own command: what it does, only the project knows.
_RUNS = ToolAnnotations(read_only_hint=False, destructive_hint=False, idempotent_hint=True, open_world_hint=True)


def serve(root: Path) -> None:
    """Answer on standard input and output until the client closes them."""
    make(root).run("stdio")


def make(root: Path) -> MCPServer[Any]:
    """The server for the project at `root`, which each call reads anew."""
    backlog = Backlog(root)
    server: MCPServer[Any] = MCPServer(
        "orchestrator", title="Feature backlog", version=__version__, instructions=INSTRUCTIONS, log_level="WARNING"
    )
    tools: tuple[tuple[Callable[..., Any], ToolAnnotations], ...] = (
        (backlog.list_features, _READS),
        (backlog.next_feature, _READS),
        (backlog.get_feature, _READS),
        (backlog.impact, _READS),
        (backlog.add_feature, _ADDS),
        (backlog.block_feature, _SETS),
        (backlog.unblock_feature, _SETS),
        (backlog.verify_feature, _RUNS),
    )
    for tool, hints in tools:
        server.add_tool(tool, description=" ".join(str(tool.__doc__).split()), annotations=hints)
    server.resource(
        "orchestrator://status", name="status", mime_type="application/json",
        description="Counts, and every feature with its state and the reason",
    )(backlog.status)  # fmt: skip
    return server


class Backlog:
    """The tools. Their docstrings are what a model reads."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def _ask(self, what: Callable[[Project], Answer]) -> Answer:
        """The answer for the project as it is now; what a user can meet is told to the model."""
        try:
            return what(projects.load(self._root))
        except (OrchestratorError, OSError) as error:
            raise ToolError(str(error)) from error

    def status(self) -> dict[str, Any]:
        try:
            return self._ask(answers.summary)
        except ToolError as error:
            raise ResourceError(str(error)) from error

    def list_features(
        self,
        state: Annotated[State | None, Field(description="Only features in this state; all when left out")] = None,
        offset: Annotated[int, Field(ge=0, description="How many to pass over")] = 0,
        limit: Annotated[int, Field(ge=1, le=500, description="How many to list at most")] = 100,
    ) -> dict[str, Any]:
        """List the features of the backlog with their states and the reasons, in the list's order. `matching` says how
        many there are in that state; fewer may be listed."""
        return self._ask(lambda project: answers.listed(project, state, offset, limit))

    def next_feature(self) -> dict[str, Any]:
        """Get the feature to work on next: the first by priority whose dependencies are done. `feature` is null when
        none is ready; `waiting` then says what waits for what."""
        return self._ask(answers.upcoming_feature)

    def get_feature(self, id: FeatureId) -> dict[str, Any]:
        """Get everything about one feature: its definition, why it is in its state, what it depends on, what needs it,
        and its past attempts with what failed."""
        return self._ask(lambda project: answers.feature(project, id))

    def impact(self, id: FeatureId) -> dict[str, Any]:
        """Find out which finished features changing this one would invalidate, and which waiting ones finishing it
        would unblock."""
        return self._ask(lambda project: answers.impact(project, id))

    def add_feature(
        self,
        name: Annotated[str, Field(description="A short name, such as 'Export as CSV'")],
        description: Annotated[str, Field(description="What is to be built, whole and exact enough to be checked")],
        tests: Annotated[tuple[str, ...], Field(description="Acceptance checks in words, one fact each")] = (),
        dependencies: Annotated[tuple[Id, ...], Field(description="Ids of features that must be done first")] = (),
        priority: Annotated[float | None, Field(description="Lower is earlier; 99 when left out")] = None,
        category: Annotated[str, Field(description="A group that the list uses")] = "",
        id: Annotated[Id, Field(description="Leave it out to get the next free one")] = "",
    ) -> dict[str, Any]:
        """Add a new feature to the backlog, to be built later. Returns it as it stands in the list. Does not build it,
        and changes no other feature."""

        def add(project: Project) -> dict[str, Any]:
            return edits.add(
                project, name, description, id=id, category=category, priority=priority, dependencies=dependencies,
                tests=tests,
            )  # fmt: skip

        return self._ask(add)

    def block_feature(
        self, id: FeatureId, reason: Annotated[str, Field(description="What it waits for, for the people who read it")]
    ) -> str:
        """Set a feature aside, so that builds leave it alone until it is unblocked."""
        self._ask(lambda project: edits.block(project, id, reason))
        return f"{id} is blocked"

    def unblock_feature(self, id: FeatureId) -> str:
        """Take up a feature again that was set aside."""
        self._ask(lambda project: edits.unblock(project, id))
        return f"{id} is unblocked"

    def verify_feature(self, id: FeatureId) -> dict[str, Any]:
        """Run the feature's check command on the files as they are, and get what it says. `passed` is null when there
        is no check. Takes as long as the check does; marks nothing as done."""
        return self._ask(lambda project: answers.verified(project, id))


__all__ = ["INSTRUCTIONS", "Backlog", "make", "serve"]
