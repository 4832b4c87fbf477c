"""Probes of the project's files: settings, list, check command, dodo.py and its doit, the tracker."""

from __future__ import annotations

import json
import os
import platform
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from orchestrator import __version__
from orchestrator.building.startable import cannot_start
from orchestrator.config.settings import FILE_NAME
from orchestrator.errors import OrchestratorError
from orchestrator.features.validation import validate
from orchestrator.hooks import sharing
from orchestrator.planning.tracking import bd
from orchestrator.setup.doctor.finding import Finding, ok, problem, warning
from orchestrator.setup.doctor.subject import Subject, ask, first_line, told
from orchestrator.staleness import checks

_INIT = "Run `orchestrator init`"
_VERSIONS = (
    "import doit.version as d, orchestrator as o, orchestrator.tasks;"
    " print('.'.join(map(str, d.VERSION)), o.__version__)"
)


def python(subject: Subject) -> Iterator[Finding]:
    yield ok("python", f"{platform.python_version()}, {sys.executable}; orchestrator {__version__}")


def settings(subject: Subject) -> Iterator[Finding]:
    """orchestrator.toml and the ORCHESTRATOR_* variables; the probes that follow use the defaults where it is wrong."""
    if error := subject.config_error:
        where = f" ({error.where})" if error.where else ""
        yield problem("settings", f"{error.what}{where}", error.fix or f"Correct {FILE_NAME}")
    elif not subject.project.settings_path.exists():
        yield warning("settings", f"there is no {FILE_NAME}: all settings are the defaults", _INIT)
    else:
        yield ok("settings", FILE_NAME)


def feature_list(subject: Subject) -> Iterator[Finding]:
    """What `validate` says of the list itself."""
    project = subject.project
    name = project.config.project.features
    try:
        found = list(validate(project.read_features(), name, project.rules, cannot_start(project.root)))
    except OrchestratorError as error:
        yield problem("list", f"{error.what} ({error.where})", error.fix)
        return
    errors = [str(one) for one in found if one.severity == "error"]
    if project.place and (clash := sharing.clash(project)):
        errors.append(clash.what)
    if errors:
        more = f", and {len(errors) - 1} more" if errors[1:] else ""
        yield problem("list", f"{errors[0]}{more}", "See `orchestrator validate`")
    elif found:
        count = f"{len(found)} warning{'s' if found[1:] else ''}"
        yield warning("list", f"{name}: valid, with {count}", "See `orchestrator validate`")
    else:
        features = len(project.features().features)
        yield ok("list", f"{name}: valid, {features} feature{'' if features == 1 else 's'}")


def check(subject: Subject) -> Iterator[Finding]:
    """The check command: which it is, and whether the shell can start it. It is not run."""
    setting = subject.project.config.verify.command
    command = checks.resolve(setting, subject.root)
    if not command:
        fix = f"Set [verify] command in {FILE_NAME}"
        yield warning("check", "there is none: what an agent claims rests on its word", fix)
    elif fault := cannot_start(subject.root)(command):
        fix = "Install it, or set [verify] command" if setting == "auto" else "Correct [verify] command, or install it"
        yield problem("check", f"`{command}` can't be run: {fault}", fix, missing=setting == "auto")
    else:
        yield ok("check", f"`{command}`" + (", from the project's files" if setting == "auto" else ""))


def dodo(subject: Subject) -> Iterator[Finding]:
    """Whether `doit build` works here: dodo.py, and the doit on the PATH."""
    path = subject.root / "dodo.py"
    build = "Type `orchestrator build`"
    if not path.is_file():
        yield warning(
            "dodo.py", "there is none, so `doit build` does not work", f"{_INIT}, or type `orchestrator build`"
        )
        return
    if "orchestrator.tasks" not in path.read_text(encoding="utf-8", errors="replace"):
        fix = f"Add the line `from orchestrator.tasks import *`; or {build[0].lower()}{build[1:]}"
        yield warning("dodo.py", "it is not about builds, so `doit build` does not work", fix)
        return
    found = shutil.which("doit")
    if found is None:
        yield warning("doit", "no `doit` is on the PATH", f"{build}, or `{sys.executable} -m doit build`")
        return
    interpreter = _interpreter(Path(found))
    answer = ask((interpreter, "-B", "-c", _VERSIONS), subject.root, dict(os.environ))
    doit, _, ours = answer.stdout.strip().partition(" ")
    if answer.returncode != 0:
        said = answer.stderr.strip().splitlines()[-1:] if answer.returncode else [told(answer)]
        yield warning(
            "doit", f"{found} can't import orchestrator ({''.join(said)})", f"{build}, or see docs/install.md"
        )
    elif ours != __version__:
        yield warning(
            "doit", f"{found} finds orchestrator {ours}, and this is {__version__}", "Install one of them anew"
        )
    else:
        yield ok("doit", f"{doit}, {found}")


def _interpreter(script: Path) -> str:
    """The Python that runs an installed command: of its first line, else the one beside it, else our own."""
    with script.open("rb") as file:
        start = file.readline(1000)
    words = start[2:].decode("utf-8", "replace").split() if start.startswith(b"#!") else []
    if words and "python" in words[0]:
        return words[0]
    beside = shutil.which("python", path=str(script.resolve().parent))
    return beside or shutil.which("python3") or sys.executable


def claude_settings(subject: Subject) -> Iterator[Finding]:
    """Claude Code drops a settings file with a syntax error whole, without a word."""
    for name in (".claude/settings.json", ".claude/settings.local.json", ".mcp.json"):
        path = subject.root / name
        try:
            json.loads(path.read_bytes())
        except FileNotFoundError:
            continue
        except (OSError, ValueError) as error:
            said = f"{name} is no JSON, so Claude Code passes it over whole: {first_line(str(error))}"
            yield problem("claude", said, "Correct it")


def tracker(subject: Subject) -> Iterator[Finding]:
    """bd, which planning makes issues with."""
    if subject.project.config.plan.tracker != "beads":
        return
    if why := bd.missing(subject.root):
        yield warning(
            "bd", f"{why}; plans get no issues", 'Install it and run `bd init`, or set [plan] tracker = "none"'
        )
        return
    answer = ask((shutil.which(bd.PROGRAM) or bd.PROGRAM, "version"), subject.root, dict(os.environ))
    if answer.returncode == 0:
        yield ok("bd", first_line(answer.stdout))
    else:
        yield warning("bd", f"`bd version` {told(answer)}", "Install it anew")


PROBES = (python, settings, feature_list, check, dodo, claude_settings, tracker)
