"""The scripts themselves: those of `hooks/` with what this clone needs baked in, and lines that call them."""

from __future__ import annotations

import re
import shlex
import sys
import sysconfig
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

from orchestrator.config.settings import FILE_NAME
from orchestrator.git.place import Place
from orchestrator.project import Project

_IDENTITY = b"\n# orchestrator hook "


def is_ours(content: bytes | None) -> bool:
    """Whether it is a script of ours, of whatever version."""
    return content is not None and _IDENTITY in content[:200]


def bake(name: str, place: Place, projects: Sequence[Project], before: str) -> bytes:
    """The script of a hook. A shell started by a GUI may find no Python: the interpreter's path is in it; so are the
    words that a completion begins with, and `before`, the path of the hook that runs first, as shell ("": none).
    """
    words = dict.fromkeys(w for one in projects for w in (one.words.completed, one.words.reopened))
    watched = (place.relative(path) for one in projects for path in (one.features_path, one.root / FILE_NAME))
    values = {
        "HOOK": shlex.quote(name),
        "PYTHON": shlex.quote(python()),
        "PATHS": shlex.quote("\n".join(import_paths())),
        "BEFORE": before,
        "SAYS": " | ".join(pattern for word in words for pattern in _patterns(word)),
        "WATCHED": " ".join(shlex.quote(name) for name in watched),
    }
    parts = {"@BEGIN@\n": _source("begin.sh"), "@END@\n": _source("end.sh")}
    text = re.sub("@(BEGIN|END)@\n", lambda found: parts[found[0]], _source(name))
    text = re.sub("@([A-Z]+)@", lambda found: values[found[1]], text)
    return text.encode("utf-8", "surrogateescape")


def forward(hook: Path) -> bytes:
    """A script that runs another hook, if it is still there, and nothing else."""
    lines = (
        "#!/bin/sh",
        "# orchestrator hook 2: the hook of all repositories runs as it did",
        f"hook={_sh(hook)}",
        '[ ! -x "$hook" ] || exec "$hook" "$@"',
    )
    return ("\n".join(lines) + "\n").encode("utf-8", "surrogateescape")


def call(name: str) -> bytes:
    """Lines of shell that run our script where it is installed: nothing in them is about this machine, so that they
    may be committed. In a linked work tree the scripts are two folders up.
    """
    return f"""for orchestrator in "${{GIT_DIR:-.git}}" "${{GIT_DIR:-.git}}/../.."; do
  if [ -x "$orchestrator/orchestrator/hooks/{name}" ]; then
    "$orchestrator/orchestrator/hooks/{name}" "$@" </dev/null || exit $?
    break
  fi
done
""".encode()


def python() -> str:
    """The interpreter that runs hooks: this one, by the same one of its names whichever was typed."""
    here = Path(sys.executable)
    usual = here.with_name("python3")
    return (usual if usual.exists() and usual.samefile(here) else here).as_posix()


def baked_python(content: bytes) -> str:
    """The interpreter that a script of ours names; "" where it names none."""
    found = re.search(rb"(?m)^python=(.*)$", content)
    words = shlex.split(found[1].decode("utf-8", "surrogateescape")) if found else []
    return words[0] if words else ""


def import_paths() -> list[str]:
    """Where Python finds us and what we import, for a start without `site`."""
    found = [Path(__file__).resolve().parents[3], Path(sysconfig.get_path("purelib"))]
    return list(dict.fromkeys(path.as_posix() for path in found))


def _patterns(word: str) -> list[str]:
    """Patterns of sh for a line that has the words, or has them in another case or with other blanks: of those a
    warning tells.
    """
    near = (re.sub(r"\s+", "", word), re.sub(r"[^\w\s]", "", word), word)
    loose = ["".join(_letter(one) for one in text) for text in dict.fromkeys(near)]
    return [f"*{shlex.quote(word)}[\\ \\\t]*", *(f"*{text}[\\ \\\t:]*" for text in loose)]


def _letter(one: str) -> str:
    both = one.lower() + one.upper()
    return f"[{both}]" if one.isascii() and one.isalpha() else shlex.quote(one)


def _sh(path: Path) -> str:
    return shlex.quote(path.as_posix())


def _source(name: str) -> str:
    """A file of `hooks/`: at the top of a checkout, `orchestrator/_hooks` of an installed package."""
    packaged = resources.files("orchestrator") / "_hooks" / name
    if packaged.is_file():
        return packaged.read_text(encoding="utf-8")
    return (Path(__file__).parents[3] / "hooks" / name).read_text(encoding="utf-8")
