"""Whether a feature's check is a command or a sentence for people. It looks at the text only, not for programs."""

from __future__ import annotations

import re
from functools import lru_cache

# What a shell takes as one word: a quoted text says nothing about what the rest is.
_quoted = re.compile(r"""(?<![A-Za-z])'[^']*'|"(?:[^"\\]|\\.)*"|`[^`]*`|\$\([^()]*\)""", re.DOTALL)
_comment = re.compile(r"(?m)(?:^|(?<=\s))#.*$")
_separators = re.compile(r"&&|\|\||[;|&\n]")
_assignment = re.compile(r"[A-Za-z_]\w*=").match

# Words of sentences that are hardly ever an argument of a command.
_STRONG = frozenset({
    "the", "that", "this", "these", "those", "should", "must", "shows", "show", "returns", "looks", "look", "see",
    "works", "manual", "manually", "visual", "visually", "their", "there", "appears", "appear", "opens", "displays",
    "exits", "passes", "succeeds", "confirm", "ensure", "inspect", "observe", "renders", "then",
})  # fmt: skip
# One of these may be an argument; two make a sentence.
_WEAK = frozenset({
    "a", "an", "is", "are", "be", "it", "its", "at", "by", "with", "when", "and", "or", "of", "to", "on", "in", "for",
    "from", "into", "no", "not", "all", "every", "each", "without", "after", "before", "has", "have", "hand", "can",
    "will", "your", "as", "also", "using", "via",
    "und", "oder", "dann", "der", "das", "mit", "auf", "y", "la", "el", "los", "las", "con", "que", "para", "por",
    "et", "les", "le", "puis", "avec", "sur", "dans", "e", "os", "com",
})  # fmt: skip
_ASKING = frozenset({"check", "verify", "open"})
# The shell's keywords: where they stand first, and those that stand before a command.
_SHELL_WORDS = {"for": frozenset({"in"}), "case": frozenset({"in"})}
_BEFORE_COMMANDS = frozenset({"if", "then", "else", "elif", "while", "until", "do", "!", "{", "(", "time"})
_SAYING = frozenset({"echo", "printf"})
_SIGNS = frozenset({"+", "→", "->", "=>", "—", "–", "...", "…"})
_MANY_WORDS = 7


@lru_cache(maxsize=4096)
def is_prose(check: str) -> bool:
    """Whether the check reads as a sentence, from its first word or behind a program's name: it is not to be run."""
    text = _comment.sub("", _quoted.sub(" '' ", check))
    parts = [words for part in _separators.split(text) if (words := _command(part.split()))]
    return sum(_hints(words, first=not at) for at, words in enumerate(parts)) >= 2


def first_word(check: str) -> str:
    """The program that the shell would start first; "" where that can't be told from the text."""
    for word in _comment.sub("", check).replace("(", " ( ").split():
        if _assignment(word):
            if any(sign in word for sign in _NOT_PLAIN):
                return ""
        elif word not in _BEFORE_COMMANDS:
            name = re.split(r"[;|&<>()]", word, maxsplit=1)[0]
            return "" if any(sign in name for sign in _NOT_PLAIN) else name
    return ""


_NOT_PLAIN = "\"'`$\\*?[{~"


def _command(words: list[str]) -> list[str]:
    """The words without those of the shell's own that stand before a command."""
    at = next((index for index, word in enumerate(words) if word not in _BEFORE_COMMANDS), len(words))
    return words[at:]


def _hints(words: list[str], *, first: bool) -> int:
    """How much speaks for a sentence: 2 are enough."""
    start, rest = words[0], words[1:]
    if start in _SAYING:
        return 0
    found = _of_start(start, rest, first=first)
    shell = _SHELL_WORDS.get(start, frozenset())
    found += sum(_of_word(word) for word in rest if word not in shell)
    plain = [word for word in rest if word.isalpha()]
    return found + 2 * (len(plain) == len(rest) >= _MANY_WORDS)


def _of_start(start: str, rest: list[str], *, first: bool) -> int:
    bare = start.rstrip(":,.").lower()
    if bare in _STRONG:
        return 2 if rest or not first else 0
    if start.endswith(":") and bare.isalpha() and rest:
        return 2
    if not start.isascii() and start.isalpha() and rest:
        return 2
    names = start[:1].isupper() and start[1:].islower() and rest and not any(word[0] == "-" for word in rest)
    if names and 2 * sum(word.strip("().,:;!?").isalpha() for word in rest) >= len(rest):
        return 2
    return 1 if not first and bare in _ASKING else 0


def _of_word(word: str) -> int:
    bare = word.strip("().,:;!?").lower()
    if word in _SIGNS or bare in _STRONG:
        return 2
    if not bare.isalpha():
        return 0
    if not bare.isascii() or (len(bare) > 1 and word.endswith((",", "?"))):
        return 2
    return (bare in _WEAK) + (len(bare) > 1 and word.endswith((".", ":", "!")))
