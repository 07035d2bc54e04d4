"""The options that say how a reply is made, each from its declaration. Checks no value: the core does."""

import argparse
from pathlib import Path
from typing import Final

from desktop.core.errors import FileUnreadable, Reported
from desktop.core.replies.settings import REPLY_VALUES
from desktop.core.settings import Value, setting
from desktop.core.types import ReplyOptions
from desktop.i18n import _
from desktop.words.settings import setting_help
from engine.errors import TextEmpty

# values that are lists, each with the option that adds one entry, and what it is shown as
LISTS: Final = {
    "stop": ("--stop", "TEXT"),
    "dry_breakers": ("--dry-breaker", "TEXT"),
    "logit_bias": ("--logit-bias", "TEXT=N"),
    "adapters": ("--adapter", "FILE=N"),
}
OTHER_NAMES: Final = {"max_reply_tokens": "--max-tokens"}


def add_reply_options(grammar: argparse.ArgumentParser) -> None:
    """Presets, every reply value, grammar and JSON schema."""
    group = grammar.add_argument_group(_("how the reply is made"))
    group.add_argument(
        "--preset", metavar=_("NAME"), help=_("precise, balanced, creative, greedy, or one of yours")
    )
    for name in REPLY_VALUES:
        if name in LISTS:
            option, shown = LISTS[name]
            group.add_argument(option, dest=name, action="append", metavar=shown, help=setting_help(name))
        else:
            option = OTHER_NAMES.get(name, "--" + name.replace("_", "-"))
            kind = type(setting(name).default)
            group.add_argument(option, dest=name, type=kind, metavar="N", help=setting_help(name))
    group.add_argument(
        "--json-schema", metavar=_("FILE"), help=_("have the reply be JSON that this schema accepts")
    )
    group.add_argument("--grammar", metavar=_("FILE"), help=_("have the reply follow this grammar, in GBNF"))


def reply_options(arguments: argparse.Namespace) -> ReplyOptions:
    """What was typed, files read. Raises FileUnreadable, Reported."""
    values: dict[str, Value] = {}
    for name in REPLY_VALUES:
        found = getattr(arguments, name)
        if found is None:
            continue
        if name in LISTS:
            if "" in found:
                raise Reported.of(TextEmpty(name=name))
            found = "\n".join(_spaced(entry) if "=" in LISTS[name][1] else entry for entry in found)
        values[name] = found
    return ReplyOptions(
        arguments.preset or "", values, _text(arguments.grammar), _text(arguments.json_schema)
    )


def _spaced(entry: str) -> str:
    """A=1 as the setting has it, A = 1; whatever has no number after its last sign stays as it is."""
    head, sign, number = entry.rpartition("=")
    try:
        float(number)
    except ValueError:
        return entry
    return f"{head.removesuffix(' ')} = {number.strip()}" if sign else entry


def _text(path: str | None) -> str:
    if not path:
        return ""
    try:
        return Path(path).expanduser().read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError, ValueError, RuntimeError) as error:
        raise FileUnreadable(str(error), path=path) from error
