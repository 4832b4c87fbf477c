"""Any id as a name that is safe as a task, a file (on Windows too), a part of a git ref and an argument."""

from __future__ import annotations

import hashlib
import re

_LONGEST = 64
# ASCII: without it, ignoring the case makes the Kelvin sign a K and the long s an s.
_unsafe = re.compile(r"[^A-Za-z0-9._-]|^[-_.]|\.(?=\.|$|lock$)", re.IGNORECASE | re.ASCII)
# Windows takes these for devices, with any extension and in any letter case.
_device = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)", re.IGNORECASE | re.ASCII)


def slug(id: str) -> str:
    """The id with what could do harm as `%XX` of its UTF-8; a safe id is its own name.

    Different ids have different names (a name over 64 characters ends in a hash instead), yet names may differ in
    letter case only, as the ids do.
    """
    name = _unsafe.sub(lambda found: _encode(found[0]), id) or "%"
    if _device.match(name):
        name = _encode(name[0]) + name[1:]
    if len(name) <= _LONGEST:
        return name
    mark = hashlib.sha256(id.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{name[: _LONGEST - len(mark) - 1]}-{mark}"


def _encode(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode("utf-8", "surrogatepass"))
