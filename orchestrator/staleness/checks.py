"""Which check command a project or a feature has, and its digest in `Verified` trailers.

Imports next to nothing: every build, also one with nothing to do, looks up the project's check.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from orchestrator.features.model import Feature

_NPM_DEFAULT = "no test specified"


def resolve(setting: str, root: Path) -> str:
    """The project's check command: the setting, or what the project's files say; "" for none."""
    return setting if setting != "auto" else next((found for look in _DETECTORS if (found := look(root))), "")


def command_for(feature: Feature, project_command: str) -> str:
    """The command that checks the feature: its own, else the project's."""
    return project_command if feature.verify is None else feature.verify


def digest(command: str) -> str:
    """Names a check command in a `Verified` trailer; "" for no command."""
    import hashlib

    return hashlib.sha256(command.encode("utf-8", "surrogatepass")).hexdigest()[:40] if command else ""


def _cargo(root: Path) -> str:
    return "cargo test" if (root / "Cargo.toml").is_file() else ""


def _npm(root: Path) -> str:
    try:
        data = json.loads((root / "package.json").read_bytes())
        script = data["scripts"]["test"]
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    return "npm test" if isinstance(script, str) and script and _NPM_DEFAULT not in script else ""


def _go(root: Path) -> str:
    return "go test ./..." if (root / "go.mod").is_file() else ""


def _pytest(root: Path) -> str:
    return "pytest" if any((root / name).is_file() for name in ("pyproject.toml", "requirements.txt")) else ""


def _make(root: Path) -> str:
    for name in ("GNUmakefile", "makefile", "Makefile"):
        try:
            text = (root / name).read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        return "make test" if re.search(r"^test[ \t]*:(?!=)", text, re.MULTILINE) else ""
    return ""


_DETECTORS = (_cargo, _npm, _go, _pytest, _make)
