"""What never gets into a commit of ours, whoever wrote it: secrets, folders that a tool made, very large files.

Names alone decide only where a name says it (`.env`, `id_rsa`); a folder is a tool's by the marker file that the tool
puts into it. What a commit before the session had is the user's choice and stays so, but for tokens in new lines.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import PurePosixPath

from orchestrator.git.changes import Change
from orchestrator.processes.secrets import kind_of_secret

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
SOURCE = re.compile(
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


def withheld(changes: Sequence[Change], largest: int) -> dict[str, str]:
    """The paths that a commit must not hold, each with the reason; `largest` is in bytes, 0 for no limit."""
    found = made_by_tools([change.path for change in changes if change.new])
    for change in changes:
        if change.path not in found and (reason := _reason(change, largest)):
            found[change.path] = reason
    return found


def secrets(changes: Iterable[Change]) -> dict[str, str]:
    """Those of the changes that bring a secret in, each with the reason."""
    return {change.path: reason for change in changes if (reason := _reason(change, 0))}


def _reason(change: Change, largest: int) -> str:
    if change.new and (reason := _by_name(change.path) or _login(change.path, change.lines)):
        return reason
    if change.new and largest and change.size > largest:
        return f"{change.size / 1e6:.1f} MB"
    kind = kind_of_secret(change.lines)
    return f"holds a secret ({kind})" if kind else ""


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
    if _CREDENTIALS.search(name) and not SOURCE.search(name):
        return "usually holds secrets"
    return "usually holds secrets" if path.endswith((".aws/credentials", ".docker/config.json", ".kube/config")) else ""


def _login(path: str, text: str) -> str:
    form = _LOGINS.get(PurePosixPath(path).name)
    return "holds a log-in" if form and form.search(text) else ""
