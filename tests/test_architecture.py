"""The house: imports go downwards only, in no circles; the bottom does no I/O; what a hook may import."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.repos import git

import orchestrator
from orchestrator.features.graph import cycle_of

ROOT = Path(orchestrator.__file__).parent

# From the top; a module belongs to the longest name that begins its own.
LAYERS = (
    ("__main__",),
    ("cli",),
    ("setup", "report", "tasks", "serving"),
    ("building", "planning", "backlogs", "hooks"),
    ("agents", "harness", "staleness"),
    (
        "processes",
        "history.sync",
        "history.index",
        "history.scanned",
        "history.walk",
        "history.undoings",
        "history.requests",
        "history.turns",
        "history.joins",
        "history.unheard",
    ),
    ("git", "config", "project"),
    (
        "features",
        "history",
        "staleness.state",
        "staleness.forecast",
        "staleness.source",
        "files",
        "statefile",
        "ending",
        "errors",
    ),
)
PURE = (
    "features", "history.events", "history.squash", "history.ledger", "history.ancestry", "history.flips",
    "history.listed", "history.nearly",
    "staleness.state", "staleness.forecast", "staleness.source",
    "harness.notes", "harness.context",
    "backlogs.merging", "backlogs.objects", "backlogs.statuses", "backlogs.writing",
)  # fmt: skip
IMPURE = {
    "asyncio", "glob", "io", "os", "pathlib", "shutil", "socket", "subprocess", "sys", "tempfile", "threading", "time",
    "urllib", "git", "doit", "orchestrator.files", "orchestrator.statefile", "random", "datetime", "logging",
}  # fmt: skip
FORBIDDEN_IN_HOOKS = {
    "click",
    "git",
    "doit",
    "rich",
    "jinja2",
    "questionary",
    "psutil",
    "filelock",
    "tomli_w",
    "asyncio",
}


def modules() -> dict[str, ast.Module]:
    """Every module by its name without the package's."""
    found = {}
    for path in sorted(ROOT.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        if "demo_project" in parts:
            continue
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found[name] = ast.parse(path.read_text(encoding="utf-8"))
    return found


MODULES = modules()


def imported(tree: ast.AST) -> Iterator[str]:
    """The full names of what a module imports, wherever it does."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield whole if whole.removeprefix("orchestrator.") in MODULES else str(node.module)


def own(tree: ast.AST) -> set[str]:
    """The modules of ours that a module imports."""
    return {
        name.removeprefix("orchestrator").removeprefix(".")
        for name in imported(tree)
        if name.split(".")[0] == "orchestrator"
    } - {""}


def layer(module: str) -> int:
    """How far from the top a module is."""
    fitting = [
        (len(name), depth)
        for depth, names in enumerate(LAYERS)
        for name in names
        if module == name or module.startswith(name + ".")
    ]
    assert fitting, f"{module} is in no layer"
    return max(fitting)[1]


def at_start(tree: ast.Module) -> Iterator[ast.stmt]:
    """The statements that run when the module is imported; not those for type checkers."""
    for node in tree.body:
        if not (isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)):
            yield node


def inside(node: ast.AST) -> Iterator[ast.AST]:
    """A node and what is in it, functions left out."""
    yield node
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield from inside(child)


def test_imports_go_downwards_only() -> None:
    upwards = [
        f"{module} imports {other}"
        for module, tree in MODULES.items()
        if module
        for other in sorted(own(tree))
        if layer(other) < layer(module)
    ]
    assert upwards == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    edges = {
        module: [
            other
            for node in at_start(tree)
            for part in ([] if isinstance(node, ast.FunctionDef) else inside(node))
            if isinstance(part, ast.Import | ast.ImportFrom)
            for other in own(part)
        ]
        for module, tree in MODULES.items()
    }
    assert cycle_of(edges) == []


def test_the_rules_do_no_input_or_output() -> None:
    reaching = [
        f"{module} imports {name}"
        for module, tree in MODULES.items()
        if any(module == pure or module.startswith(pure + ".") for pure in PURE)
        for name in imported(tree)
        if name in IMPURE or name.split(".")[0] in IMPURE
    ]
    assert reaching == []


def test_the_rules_call_no_open_print_or_input() -> None:
    calling = [
        f"{module} calls {node.func.id}"
        for module, tree in MODULES.items()
        if any(module == pure or module.startswith(pure + ".") for pure in PURE)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("open", "print", "input")
    ]
    assert calling == []


def test_only_git_runs_git() -> None:
    """One door: the others ask the modules of orchestrator.git. (`merge-file` asks for no repository.)"""
    running = [
        module
        for module, tree in MODULES.items()
        if not module.startswith("git") and module != "hooks.merge_driver"
        for node in ast.walk(tree)
        if isinstance(node, ast.List) and node.elts and isinstance(node.elts[0], ast.Constant)
        if node.elts[0].value == "git"
    ]
    assert running == []


# Who may start a process besides `processes.calling` and `processes.running`, and why.
STARTERS = {
    "processes.starting": "the door itself",
    "processes.warden": "the door itself: a script that has nothing of ours when it starts",
    "processes.running": "an interactive child, which shares our terminal",
    "git.plumbing": "the door to git: on a hook's way nothing else may be loaded, and git needs no guard",
    "hooks.entry": "a hook's Python has no `site`, and starts a whole one to renew the hooks",
}


def test_only_the_doors_start_processes() -> None:
    """A user's command, an agent, bd: all go through `processes`, which ends what they start."""
    starting = {
        module
        for module, tree in MODULES.items()
        for statement in at_start(tree)
        for node in ast.walk(statement)
        if (isinstance(node, ast.Import | ast.ImportFrom) and "subprocess" in imported(node))
        or (isinstance(node, ast.Attribute) and ast.unparse(node) in ("os.system", "os.popen", "os.fork", "os.spawnvp"))
    }
    assert starting == set(STARTERS)


# Who speaks to the user: modules of the command line, what tells of a build, doit's side, and the ends of programs.
STDOUT = {
    "cli", "report.console", "report.verdict", "setup.demo", "tasks.dump", "tasks.planning",
    "ending",  # flushes it, and lets go of one whose reader has gone
}  # fmt: skip
STDERR = {
    "ending",  # the line that ends a program
    "hooks",  # they warn, and go on
    "tasks.work",  # why a named feature's task fails; what a killed run had left
}  # fmt: skip


def speaks(tree: ast.Module, stream: str) -> bool:
    """Whether the module names the stream; for standard output also by `print` and `click.echo`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and ast.unparse(node) == f"sys.{stream}":
            return True
        if stream == "stdout" and isinstance(node, ast.Call) and ast.unparse(node.func) in ("print", "click.echo"):
            return True
    return False


@pytest.mark.parametrize(("stream", "doors"), [("stdout", STDOUT), ("stderr", STDERR)])
def test_only_these_write_to_the_terminal(stream: str, doors: set[str]) -> None:
    speaking = {name for name, tree in MODULES.items() if speaks(tree, stream)}
    assert {name for name in speaking if name not in doors and name.split(".")[0] not in doors} == set()
    assert {
        door for door in doors if not any(name == door or name.startswith(door + ".") for name in speaking)
    } == set()


# Who writes files past `files`, and why nothing is lost there by a kill.
WRITERS = {
    "agents.replay.recorder", "agents.replay.recordings",  # a new folder, of no use until it is whole
    "hooks.merge_driver",  # git's own temporary file
    "processes.log", "processes.spool",  # a child's output, as it comes
    "setup.demo",  # the demo's own project
    "harness.sessions",  # an empty file, to take a number
    "ending",  # the null device
}  # fmt: skip


_MODES = {repr(mode) for mode in ("w", "wb", "a", "ab", "x", "xb")}


def writes(tree: ast.Module) -> bool:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called, words = ast.unparse(node.func), [ast.unparse(argument) for argument in node.args]
            last = called.rpartition(".")[2]
            opened = last == "open" and ("O_WRONLY" in " ".join(words) or "O_RDWR" in " ".join(words))
            if last in ("write_text", "write_bytes") or opened or (last == "open" and _MODES & set(words[:2])):
                return True
    return False


def test_files_are_written_through_one_door() -> None:
    writing = {name for name, tree in MODULES.items() if writes(tree)}
    assert writing - {"files"} == WRITERS


def test_every_package_is_installed() -> None:
    """By name: setuptools leaves out what `packages` does not list."""
    text = (ROOT.parent / "pyproject.toml").read_text(encoding="utf-8")
    there = {
        ".".join(path.parent.relative_to(ROOT.parent).parts)
        for path in ROOT.rglob("__init__.py")
        if "demo_project" not in path.parts
    }
    assert {name for name in there if f'"{name}"' not in text} == set()


def test_errors_become_a_line_in_one_place() -> None:
    telling = {
        name
        for name, tree in MODULES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and "orchestrator: error" in node.value
    }
    assert telling == {"ending"}


def test_every_module_says_what_it_holds_and_none_is_too_long() -> None:
    silent = [name for name, tree in MODULES.items() if not ast.get_docstring(tree)]
    long = [path.name for path in ROOT.rglob("*.py") if len(path.read_text(encoding="utf-8").splitlines()) > 400]
    assert (silent, long) == ([], [])


def test_every_module_has_a_test_file_of_its_name_or_a_line_in_the_table_of_tests() -> None:
    tests = Path(__file__).parent
    table = (tests.parent / "docs" / "tests.md").read_text(encoding="utf-8")
    lost = []
    for path in sorted(ROOT.rglob("*.py")):
        parts = path.relative_to(ROOT).parts
        own = tests / (parts[0] if len(parts) > 1 else "") / f"test_{path.stem}.py"
        row = f"| `orchestrator/{'/'.join(parts)}` |"
        if path.name != "__init__.py" and "demo_project" not in parts and not own.is_file() and row not in table:
            lost.append(f"{'/'.join(parts)}: write {own.relative_to(tests.parent)}, or name its tests in docs/tests.md")
    assert lost == []


def test_no_function_is_longer_than_60_lines() -> None:
    """Medians are not held by a test: `python tests/figures.py` prints them."""
    long = [
        f"{name}.{node.name}: {node.end_lineno - node.lineno + 1} lines"
        for name, tree in MODULES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno
        if node.end_lineno - node.lineno >= 60
    ]
    assert long == []


def test_imports_are_absolute_and_nothing_is_caught_blindly() -> None:
    broad = [
        f"{name}:{node.lineno}"
        for name, tree in MODULES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler)
        if node.type is None or ast.unparse(node.type) in ("Exception", "BaseException")
        if not (isinstance(node.body[-1], ast.Raise) and node.body[-1].exc is None)
    ]
    assert broad == []


def loaded_by(script: str, cwd: Path) -> set[str]:
    """The top-level modules that are loaded after a script ran in a process of its own."""
    code = f"import sys\n{script}\nprint('\\0' + ' '.join(sorted({{name.split('.')[0] for name in sys.modules}})))"
    done = subprocess.run([sys.executable, "-c", code], cwd=cwd, capture_output=True, text=True, check=True)
    return set(done.stdout.rpartition("\0")[2].split())


@pytest.mark.parametrize("hook", ["post-commit", "commit-msg", "post-merge"])
def test_a_hook_that_works_loads_nothing_heavy(repo: Path, hook: str) -> None:
    (repo / "feature_list.json").write_text('{"features": [{"id": "F1", "name": "n", "description": "d"}]}')
    git(repo, "add", "-A")
    git(repo, "commit", "-q", "-m", "session: completed F1")
    message = repo / ".git" / "COMMIT_EDITMSG"
    argument = {"commit-msg": str(message), "post-merge": "0"}.get(hook, "")
    script = (
        "from pathlib import Path\nfrom orchestrator.hooks import entry\n"
        "from orchestrator.hooks.install import installing\n"
        "from orchestrator import project\n"
        "installing.install(project.load(Path.cwd()))\n"
    )
    subprocess.run([sys.executable, "-c", script], cwd=repo, check=True, capture_output=True)
    call = f"entry.handle({hook!r}, {[argument] if argument else []!r})"
    work = f"from orchestrator.hooks import entry\nassert {call} == 0"
    assert loaded_by(work, repo) & FORBIDDEN_IN_HOOKS == set()
    if hook == "post-commit":
        assert '"passes": true' in git(repo, "show", "HEAD:feature_list.json")


def test_sync_status_and_states_load_nothing_heavy(repo: Path) -> None:
    names = ("history.sync", "staleness.state", "staleness.forecast", "staleness.facts", "project")
    script = "import " + ", ".join(f"orchestrator.{name}" for name in names)
    assert loaded_by(script, repo) & FORBIDDEN_IN_HOOKS == set()
