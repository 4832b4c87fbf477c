"""file_groups.json: a project's source files by folder, each group with a purpose told by its name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

_EXTENSIONS = frozenset((
    ".py", ".ts", ".tsx", ".js", ".jsx", ".rs", ".go", ".java", ".kt", ".cs", ".rb", ".php", ".c",
    ".h", ".cpp", ".hpp", ".cc", ".swift", ".scala", ".sh", ".sql", ".html", ".css", ".vue",
    ".svelte",
))  # fmt: skip
# In the order in which they are looked for in a group's name, as part of it.
_PURPOSES = {
    "src": "Main source code",
    "lib": "Library code",
    "tests": "Test files",
    "test": "Test files",
    "docs": "Documentation",
    "api": "API endpoints",
    "models": "Data models",
    "views": "Views and templates",
    "controllers": "Controllers",
    "services": "Services",
    "utils": "Utility functions",
    "helpers": "Helper functions",
    "components": "User interface components",
    "hooks": "React/custom hooks",
    "config": "Configuration",
    "scripts": "Utility scripts",
    "migrations": "Database migrations",
    "auth": "Authentication",
    "core": "Core functionality",
    "common": "Shared code",
    "root": "Root-level files",
}


def file_groups(paths: Iterable[str], most: int = 100) -> dict[str, list[dict[str, Any]]]:
    """`{"groups": [{name, files, purpose}]}`, sorted by name: at most `most` files, those nearest the top first."""
    sources = [path for path in paths if _is_source(path)]
    kept = sorted(sorted(sources, key=lambda path: (path.count("/"), path))[:most])
    groups: dict[str, list[str]] = {}
    for path in kept:
        groups.setdefault(_group(path), []).append(path)
    return {
        "groups": [
            {"name": name, "files": files, "purpose": purpose(name, len(files))}
            for name, files in sorted(groups.items())
        ]
    }


def purpose(name: str, count: int) -> str:
    """What a group is for, told by its name; else how many files it has."""
    lower = name.lower()
    return next((text for key, text in _PURPOSES.items() if key in lower), f"Module containing {count} files")


def _is_source(path: str) -> bool:
    return "." + path.rpartition(".")[2] in _EXTENSIONS


def _group(path: str) -> str:
    folders = path.split("/")[:-1]
    return "/".join(folders[:2]) or "root"
