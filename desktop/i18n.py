"""The language in which a person reads: sentences, plurals, numbers, dates, sizes. Knows no Qt.

msgids are English sentences; `desktop/locale/*/LC_MESSAGES/sobremesa.po` hold the translations. Write
`from desktop.i18n import _, ngettext` and call them when a text is shown, never at import: the language
may change while the program runs.
"""

import gettext as _gettext
import os
from datetime import datetime
from functools import lru_cache
from pathlib import Path

DOMAIN = "sobremesa"
LANGUAGES = ("en", "es")
FOLDER = Path(__file__).parent / "locale"


class _Present:
    """The language in use. One per process, as the language of a program is."""

    code = "en"
    catalogue: _gettext.NullTranslations = _gettext.NullTranslations()


def set_language(code: str) -> str:
    """Speak `code` from now on; "system", "" and unknown codes mean the system's language. Gives the code."""
    _Present.code = code if code in LANGUAGES else system_language()
    _Present.catalogue = _gettext.translation(DOMAIN, FOLDER, [_Present.code], fallback=True)
    return _Present.code


def language() -> str:
    """The code of the language in use: "en" or "es"."""
    return _Present.code


def system_language() -> str:
    """The first language of the system that we speak; English where we speak none."""
    for candidate in _system_candidates():
        code = candidate.replace("-", "_").split("_")[0].split(".")[0].lower()
        if code in LANGUAGES:
            return code
        if code in ("c", "posix"):
            break
    return "en"


def _(message: str) -> str:
    """The message in the language in use."""
    return _Present.catalogue.gettext(message) if message else ""


def ngettext(one: str, many: str, count: int) -> str:
    """The form for `count` in the language in use; fill `{count}` in with `number(count)`."""
    return _Present.catalogue.ngettext(one, many, count)


def pgettext(context: str, message: str) -> str:
    """The message in the language in use, where one English word needs several Spanish ones."""
    return _Present.catalogue.pgettext(context, message)


def N_(message: str) -> str:  # noqa: N802  gettext's own name for it
    """Mark a message for translation without translating it yet."""
    return message


# Babel is imported where it is used: it costs a tenth of a second at start.


def number(value: float, decimals: int | None = None) -> str:
    """1234.5 as "1,234.5" or "1234,5". `decimals`: exactly so many; None: as many as matter, at most 3."""
    return _number(value, decimals, _Present.code)


@lru_cache(maxsize=4096, typed=True)  # lists ask for the same ones with every frame
def _number(value: float, decimals: int | None, code: str) -> str:
    from babel.numbers import format_decimal

    pattern = None if decimals is None else "#,##0" + ("." + "0" * decimals if decimals else "")
    return str(format_decimal(value, format=pattern, locale=code))


def percent(share: float, decimals: int = 0) -> str:
    """0.42 as "42%" or "42 %"; with a decimal 0.042 as "4.2%" or "4,2 %"."""
    return _percent(round(share, 2 + decimals), _Present.code)


@lru_cache(maxsize=4096)
def _percent(rounded: float, code: str) -> str:
    from babel.numbers import format_percent

    return str(format_percent(rounded, locale=code, decimal_quantization=False))


def date(timestamp: float) -> str:
    """Seconds since the epoch as a short day in local time: "Nov 22, 2026", "22 nov 2026"."""
    from babel.dates import format_date

    return str(format_date(datetime.fromtimestamp(timestamp).date(), "medium", locale=_Present.code))


def time_of_day(timestamp: float) -> str:
    """Seconds since the epoch as hours and minutes in local time."""
    from babel.dates import format_time

    return str(format_time(datetime.fromtimestamp(timestamp).time(), "short", locale=_Present.code))


def date_and_time(timestamp: float) -> str:
    """Seconds since the epoch as day and time of day in local time."""
    from babel.dates import format_date

    moment = datetime.fromtimestamp(timestamp)
    # day and hour each as short as they are read: seconds say nothing to a person
    return f"{format_date(moment.date(), 'medium', locale=_Present.code)}, {time_of_day(timestamp)}"


def size(size_bytes: float) -> str:
    """Bytes as people write them: "98 MB", "1,2 GB". Powers of ten, as drives and downloads count."""
    value, unit = float(size_bytes), "B"
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if value < 999.5 or unit == "TB":
            break
        value /= 1000
    decimals = 1 if value < 9.95 and unit not in ("B", "kB") else 0
    return f"{number(round(value, decimals))} {unit}"


def seconds(duration_s: float) -> str:
    """A short time: "0.4 s", "12 s"."""
    return f"{number(round(duration_s, 1 if duration_s < 9.95 else 0))} s"


def _system_candidates() -> list[str]:
    # LANGUAGE is a list; the others name one locale, in gettext's order
    # https://www.gnu.org/software/gettext/manual/html_node/Locale-Environment-Variables.html
    for variable in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(variable, "")
        if value:
            return value.split(":")
    return _platform_candidates()


def _platform_candidates() -> list[str]:
    """What macOS and Windows say, where no variable is set."""
    import locale
    import sys

    if sys.platform == "win32":
        import ctypes

        name = locale.windows_locale.get(ctypes.windll.kernel32.GetUserDefaultUILanguage(), "")
        return [name] if name else []
    if sys.platform == "darwin":
        return _apple_languages()
    return []


def _apple_languages() -> list[str]:
    import re
    import subprocess

    try:
        answer = subprocess.run(
            ["defaults", "read", "-g", "AppleLanguages"],
            capture_output=True,
            text=True,
            timeout=2,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return []
    return re.findall(r'"?([A-Za-z-]+)"?,?\n', answer.stdout.replace("(", "").replace(")", ""))
