"""Variables in prompts: {{date}}, {{time}}, {{language}}, {{model}} and a person's own. Stores nothing.

A name begins with a letter and goes on with letters, digits, blanks, - and _. A backslash in front keeps the
braces as they are: \\{{date}} reads {{date}}; two backslashes are one backslash and a variable. What a value
says is never looked through again.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from desktop import i18n

FIXED: Final = ("date", "time", "language", "model")  # the program knows them
DAY: Final = "day"  # stored beside them: the day they are of
LANGUAGES: Final = {"en": "English", "es": "español"}  # as each of them calls itself

# not behind another backslash: each run of them is read once, from its beginning
_VARIABLE = re.compile(r"(?<!\\)(\\*)\{\{[ \t]*([^\W\d_][\w \t-]{0,59})\}\}")


def wanted(texts: Iterable[str]) -> tuple[str, ...]:
    """The person's own variables in these texts, each once, in their order."""
    found = (_name(match) for text in texts for match in _VARIABLE.finditer(text) if not _escaped(match))
    return tuple(dict.fromkeys(name for name in found if name not in FIXED))


def uses_fixed(texts: Iterable[str]) -> bool:
    """Whether one of the program's own variables stands in these texts."""
    matches = (match for text in texts for match in _VARIABLE.finditer(text) if not _escaped(match))
    return any(_name(match) in FIXED for match in matches)


def expanded(text: str, values: Mapping[str, str]) -> str:
    """`text` with the values in it; a variable without one stays as it was written."""

    def replace(match: re.Match[str]) -> str:
        before = "\\" * (len(match[1]) // 2)
        braces = match[0][len(match[1]) :]
        if _escaped(match):
            return before + braces
        return before + values.get(_name(match), braces)

    return _VARIABLE.sub(replace, text)


def fixed_values(now: datetime, model: str) -> dict[str, str]:
    """The program's own variables at this moment, in the language in use, and the day they are of."""
    from babel.dates import format_date

    code = i18n.language()
    return {
        DAY: now.date().isoformat(),
        "date": str(format_date(now.date(), "long", locale=code)),
        "time": i18n.time_of_day(now.timestamp()),
        "language": LANGUAGES[code],
        "model": model,
    }


def kept_or_fresh(kept: Mapping[str, str], now: datetime, model: str) -> dict[str, str]:
    """What a chat was given, as long as day, model and language are the same; else as it is now.

    The prompt's beginning then stays the same from turn to turn, and what the engine has read of it counts.
    """
    same = (kept.get(DAY), kept.get("model"), kept.get("language"))
    if same == (now.date().isoformat(), model, LANGUAGES[i18n.language()]):
        return dict(kept)
    return fixed_values(now, model)


def _escaped(match: re.Match[str]) -> bool:
    return len(match[1]) % 2 == 1


def _name(match: re.Match[str]) -> str:
    name = " ".join(match[2].split())
    return name.casefold() if name.casefold() in FIXED else name
