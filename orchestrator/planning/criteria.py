"""Acceptance criteria that say nothing a test could check."""

from __future__ import annotations

import re

_MANNER = (
    r"(?:well|fine|good|nicely|correctly|properly|perfectly|smoothly|reliably|"
    r"as (?:expected|intended|it should|planned))"
)
_THING = r"(?:feature|app|application|system|code|program|phase|project)"
_SUBJECT = rf"(?:(?:it|everything|all|this|that|the (?:\w+ )?{_THING}) )?"
_STATE = (
    r"(?:good|fine|ok|okay|done|complete|finished|implemented|nice|fast|robust|intuitive|clean|correct|tested|stable|"
    r"user[- ]friendly|easy to use|high quality|production[- ]ready)"
)
_DOES = r"(?:works?|functions?|runs?|behaves?)"
_VAGUE = re.compile(
    rf"{_SUBJECT}(?:(?:just |still )?{_DOES}(?: and)?|(?:is|looks?|feels?) (?:very )?{_STATE})(?: {_MANNER})*"
    rf"|(?:[\w'`-]+ ){{0,5}}(?:{_DOES}|looks?) {_MANNER}"
    rf"|{_STATE}(?: (?:code|performance|quality|tests?))?",
    re.IGNORECASE,
)


def vague(criterion: str) -> bool:
    """Whether the sentence would be as true of anything else."""
    return _VAGUE.fullmatch(criterion.strip().rstrip(".!").strip()) is not None
