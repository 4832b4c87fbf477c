"""The layers of the package, and what the hook entry may import."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent / "orchestrator"
# From the bottom up; a module imports from its own layer and from those before it. The longest prefix counts.
LAYERS = (
    (
        "errors",
        "files",
        "markers",
        "features",
        "history.events",
        "history.squash",
        "history.ancestry",
        "history.ledger",
        "history.flips",
        "state",
    ),
    ("git", "config", "inputs", "project"),
    ("agents", "harness", "history", "merge_driver", "hook_entry"),
    ("build", "planning", "hooks"),
    ("setup", "report", "tasks"),
    ("cli",),
)
PURE = (
    "features",
    "history.events",
    "history.squash",
    "history.ancestry",
    "history.ledger",
    "history.flips",
    "state",
    "markers",
)
IO = {"subprocess", "socket", "tempfile", "shutil", "os", "pathlib", "git", "doit", "click"}


def modules() -> dict[str, Path]:
    found = {}
    for path in ROOT.rglob("*.py"):
        if "demo_project" not in path.parts:
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts).removesuffix(".__init__").replace("__init__", "")] = path
    return found


def is_module(name: str) -> bool:
    path = ROOT.parent.joinpath(*name.split("."))
    return path.with_suffix(".py").exists() or (path / "__init__.py").exists()


def imports(path: Path) -> set[str]:
    """What a module imports, those inside functions included, those for type checking only left out."""
    found: set[str] = set()

    def visit(node: ast.AST) -> None:
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            return
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:  # `from package import module` is an import of the module
                name = f"{node.module}.{alias.name}"
                found.add(name if is_module(name) else node.module)
        for child in ast.iter_child_nodes(node):
            visit(child)

    visit(ast.parse(path.read_text(encoding="utf-8")))
    return found


def layer(module: str) -> int:
    best = -1, -1
    for number, names in enumerate(LAYERS):
        for name in names:
            if module == name or module.startswith(name + "."):
                best = max(best, (len(name), number))
    return best[1]


def own(path: Path, known: dict[str, Path]) -> set[str]:
    names = {name.removeprefix("orchestrator.") for name in imports(path) if name.startswith("orchestrator.")}
    return {name for name in names if name in known}


def test_every_module_belongs_to_a_layer() -> None:
    assert [name for name in modules() if name and layer(name) < 0] == []


def test_imports_go_downwards_only() -> None:
    known = modules()
    upwards = [
        f"{name} -> {other}"
        for name, path in known.items()
        if name
        for other in own(path, known)
        if layer(other) > layer(name)
    ]
    assert upwards == []


def test_the_rules_do_no_input_or_output() -> None:
    known = modules()
    found = [
        f"{name} imports {other}"
        for name, path in known.items()
        if any(name == pure or name.startswith(pure + ".") for pure in PURE)
        for other in imports(path)
        if other.partition(".")[0] in IO
    ]
    assert found == []


def test_no_imports_run_in_circles() -> None:
    known = modules()
    edges = {name: own(path, known) - {name} for name, path in known.items()}
    done: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> None:
        assert name not in path, " -> ".join([*path[path.index(name) :], name])
        if name not in done:
            for other in edges[name]:
                visit(other, (*path, name))
            done.add(name)

    for name in edges:
        visit(name, ())


def test_the_hook_entry_imports_next_to_nothing() -> None:
    program = (
        "import sys; from orchestrator import hook_entry, project; from orchestrator.history import sync, message; "
        "print('\\n'.join(sys.modules))"
    )
    listed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    roots = {name.partition(".")[0] for name in listed.split()}
    heavy = {
        "click",
        "git",
        "doit",
        "rich",
        "jinja2",
        "questionary",
        "psutil",
        "filelock",
        "asyncio",
        "multiprocessing",
    }
    assert roots & heavy == set()


def test_a_no_op_build_imports_neither_the_planner_nor_the_agents() -> None:
    program = (
        "import sys; sys.argv = ['doit', 'build']; import orchestrator.tasks.front; print('\\n'.join(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT.parent, check=True)
    loaded = set(done.stdout.split())
    for name in ("orchestrator.planning", "orchestrator.agents", "orchestrator.build.session", "git", "rich", "psutil"):
        assert name not in loaded, name
