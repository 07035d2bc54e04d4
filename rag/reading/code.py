"""Source files as pages: the text as it stands, with what is defined in it as headings. Parses no language.

A definition is recognized by the words that most languages begin one with, and its level by its indentation.
"""

import re

from rag.protocol import Heading
from rag.reading.headings import Path

_DEFINITION = re.compile(
    r"(?m)^(?P<indent>[ \t]*)"
    r"(?:(?:export|default|public|private|protected|internal|static|final|abstract|async|pub(?:\([\w:]+\))?"
    r"|override|virtual|inline|extern|unsafe|const|sealed|open|data|partial)\s+)*"
    r"(?:class|def|function\*?|func|fn|interface|struct|enum|trait|impl|module|namespace|record|object|sub"
    r"|procedure|defn|defmodule|defp|macro_rules!)\s+"
    r"(?:<[^>\n]{1,80}>\s*)?(?:\([^)\n]{1,80}\)\s*)?(?P<name>[\w.$?!]{1,80}(?:::\w{1,40})*)"
)
_TEX = re.compile(
    r"(?m)^[ \t]*\\(?P<kind>part|chapter|section|subsection|subsubsection|paragraph)\*?"
    r"\{(?P<name>[^}\n]{1,200})\}"
)
_TEX_LEVELS = ("part", "chapter", "section", "subsection", "subsubsection", "paragraph")
MOST_HEADINGS = 20_000
_TAB = 4


def from_source(text: str, language: str) -> tuple[Heading, ...]:
    """Classes, functions and the like, each with those around it."""
    path = Path()
    headings: list[Heading] = []
    for match in (_TEX if language == "latex" else _DEFINITION).finditer(text):
        if language == "latex":
            level = _TEX_LEVELS.index(match["kind"])
        else:
            level = len(match["indent"].expandtabs(_TAB))
        headings.append(Heading(match.start(), path.enter(level, match["name"])))
        if len(headings) == MOST_HEADINGS:
            break
    return tuple(headings)
