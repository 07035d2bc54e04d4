"""Texts and times as other programs write them, made fit for the store. Knows no file's shape."""

import math
from datetime import datetime
from typing import Any

LATEST_S = 7_258_118_400.0  # the year 2200: what lies behind it is no time
_MS_FROM = 1e11  # numbers from here on are milliseconds, not seconds
_US_FROM = 1e14
_NS_FROM = 1e17


def text_of(value: Any) -> str:
    """The value where it is a text, clean; else "". Half of a surrogate pair and NUL become U+FFFD."""
    if not isinstance(value, str):
        return ""
    if "\0" in value:
        value = value.replace("\0", "\ufffd")
    try:
        value.encode()
    except UnicodeEncodeError:  # through UTF-16, so that two halves that belong together become one
        return str(value.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))
    return str(value)


def line_of(value: Any) -> str:
    """A text on one line, such as a title."""
    return " ".join(text_of(value).split())


def time_of(value: Any) -> float | None:
    """Seconds since the epoch, from numbers in seconds to nanoseconds or ISO 8601; None: it tells none."""
    seconds: float
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        try:
            seconds = datetime.fromisoformat(value.strip()).timestamp()
        except (ValueError, OverflowError, OSError):
            try:
                return time_of(float(value))
            except ValueError:
                return None
    elif isinstance(value, int | float):
        try:
            seconds = float(value)
        except OverflowError:
            return None
        for limit, divisor in ((_NS_FROM, 1e9), (_US_FROM, 1e6), (_MS_FROM, 1e3)):
            if seconds >= limit:
                seconds /= divisor
                break
    else:
        return None
    return seconds if math.isfinite(seconds) and 0 < seconds < LATEST_S else None


def key_of(value: Any) -> str:
    """What names a message or a chat: a text or a whole number; "": nothing does."""
    if isinstance(value, str):
        return text_of(value).strip()
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def mapping_of(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def list_of(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def fenced(text: str, language: str = "") -> str:
    """A code block around `text`, whose fence is longer than any in it."""
    fence = "```"
    while fence in text:
        fence += "`"
    name = language if language.replace("-", "").replace("+", "").isalnum() else ""
    end = "" if text.endswith("\n") else "\n"
    return f"{fence}{name}\n{text}{end}{fence}"
