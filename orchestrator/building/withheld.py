"""What never gets into a commit of ours, whoever wrote it: secrets, folders that a tool made, very large files.

Names alone decide only where a name says it (`.env`, `id_rsa`); a folder is a tool's by the marker file that the tool
puts into it. What a commit before the session had is the user's choice and stays so, but for tokens in new lines.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import NamedTuple

from orchestrator.git.place import Place
from orchestrator.git.snapshot import Entries
from orchestrator.processes.secrets import kind_of_secret

_READ = 1_000_000  # bytes; a longer file is no text that a person wrote
_SAMPLES = re.compile(r"\.(example|sample|template|tmpl|dist|defaults?)$", re.IGNORECASE)
_ENV = re.compile(r"^\.env(\..+)?$|^.+\.env$|^\.envrc$", re.IGNORECASE)
_KEYS = re.compile(
    r"^id_(rsa|dsa|ecdsa|ed25519)(_sk)?$|\.(p12|pfx|jks|keystore|kdbx|ppk|agekey)$"
    r"|^(\.netrc|_netrc|\.pgpass|\.htpasswd|\.git-credentials|\.vault-token|\.dockercfg)$",
    re.IGNORECASE,
)
_CREDENTIALS = re.compile(
    r"^\.?credentials?([._-].*)?$|^(service[_-]account|client[_-]secrets?)[\w-]*\.json$", re.IGNORECASE
)
_CODE = re.compile(
    r"\.(py|pyi|[cm]?[jt]sx?|vue|svelte|go|rs|java|kt|kts|scala|rb|php|cs|fs|c|h|cc|cpp|hpp|m|swift|dart|ex|exs|erl|clj|hs"
    r"|lua|pl|r|jl|sh|ps1|sql|html?|css|scss|md|rst|adoc)$",
    re.IGNORECASE,
)
_LOGINS = {
    ".npmrc": re.compile(r"_authToken|_password|_auth\s*=", re.IGNORECASE),
    ".yarnrc.yml": re.compile(r"npmAuthToken|npmAuthIdent", re.IGNORECASE),
    ".pypirc": re.compile(r"^\s*password\s*[=:]", re.IGNORECASE | re.MULTILINE),
}
_COMPILED = re.compile(r"(^|/)__pycache__/[^/]+\.pyc$|\.egg-info/(PKG-INFO|SOURCES\.txt|[^/]+\.txt)$")


class _Changed(NamedTuple):
    """A file that differs from what was there before the session: its object, and the one before ("" for none)."""

    path: str
    blob: str
    before: str


def withheld(place: Place, before: Entries, after: Entries, largest: int) -> dict[str, str]:
    """The paths of `after` that a commit must not hold, each with the reason. `before` has what the last commit
    before the session holds at the same paths; `largest` is in bytes, 0 for no limit.
    """
    files = [
        _Changed(path, entry[1], (before.get(path) or ("", ""))[1])
        for path, entry in after.items()
        if entry is not None and entry[0] in ("100644", "100755", "120000") and entry != before.get(path)
    ]
    new = [file for file in files if not file.before]
    found = made_by_tools([file.path for file in new])
    found |= {file.path: reason for file in new if (reason := _by_name(file.path)) and file.path not in found}
    rest = [file for file in files if file.path not in found]
    sizes = _sizes(place, rest)
    if largest:
        found |= {
            file.path: f"{sizes[file.blob] / 1e6:.1f} MB"
            for file in rest
            if not file.before and sizes[file.blob] > largest
        }
    readable = [file for file in rest if file.path not in found and sizes[file.blob] <= _READ]
    return found | dict(_by_content(place, readable))


def made_by_tools(paths: Collection[str]) -> dict[str, str]:
    """Those of the paths that lie in a folder which a tool made, told by the tool's marker file among them."""
    folders = dict(_tool_folders(paths))
    found = {}
    for path in paths:
        if _COMPILED.search(path):
            found[path] = "made by Python"
        for parent in PurePosixPath(path).parents:
            if str(parent) in folders:
                found[path] = folders[str(parent)]
                break
    return found


def _tool_folders(paths: Collection[str]) -> Iterator[tuple[str, str]]:
    for path in paths:
        pure = PurePosixPath(path)
        folder, name = str(pure.parent), pure.name
        if name == "pyvenv.cfg" and folder != ".":
            yield folder, "a virtual environment"
        elif name == "CACHEDIR.TAG" and folder != ".":
            yield folder, "a cache (CACHEDIR.TAG)"
        elif name == "BUILD_ID" and pure.parent.name == ".next":
            yield folder, "made by Next.js"
        elif "node_modules" in pure.parts[:-1] and name in ("package.json", ".package-lock.json", ".yarn-state.yml"):
            at = pure.parts.index("node_modules")
            yield "/".join(pure.parts[: at + 1]), "packages that npm installed"


def _by_name(path: str) -> str:
    name = PurePosixPath(path).name
    if _SAMPLES.search(name):
        return ""
    if _ENV.search(name) or _KEYS.search(name):
        return "usually holds secrets"
    if _CREDENTIALS.search(name) and not _CODE.search(name):
        return "usually holds secrets"
    return "usually holds secrets" if path.endswith((".aws/credentials", ".docker/config.json", ".kube/config")) else ""


def _sizes(place: Place, files: Sequence[_Changed]) -> Mapping[str, int]:
    blobs = list(dict.fromkeys(file.blob for file in files))
    if not blobs:
        return {}
    asked = "".join(f"{blob}\n" for blob in blobs).encode()
    said = place.git.text("cat-file", "--batch-check=%(objectsize)", stdin=asked).split("\n")
    return dict(zip(blobs, (int(size) if size.isdigit() else 0 for size in said), strict=True))


def _by_content(place: Place, files: Sequence[_Changed]) -> Iterator[tuple[str, str]]:
    objects = [name for file in files for name in (file.blob, file.before) if name]
    known = {entry[0]: entry[2] for entry in place.git.objects(list(dict.fromkeys(objects))) if entry}
    for file in files:
        text = _text(known.get(file.blob, b""))
        old = _text(known.get(file.before, b"")) if file.before else ""
        reason = "" if file.before else _login(file.path, text)
        kind = "" if reason else kind_of_secret(_new_lines(old, text))
        if kind:
            reason = f"holds a secret ({kind})"
        if reason:
            yield file.path, reason


def _login(path: str, text: str) -> str:
    form = _LOGINS.get(PurePosixPath(path).name)
    return "holds a log-in" if form and form.search(text) else ""


def _text(content: bytes) -> str:
    """The content as text; "" for what holds a NUL byte, as git tells binary files."""
    return "" if b"\0" in content[:8000] else content.decode("utf-8", "replace")


def _new_lines(old: str, new: str) -> str:
    had = set(old.splitlines())
    return "\n".join(line for line in new.splitlines() if line not in had)
