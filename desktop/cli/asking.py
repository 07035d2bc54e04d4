"""The grammar of `sobremesa chat`, `index`, `search` and `ask`. Carries out nothing."""

import argparse
import os
from typing import Any

from desktop.cli import passwords
from desktop.cli.grammar import command, count, model_option, name_of, templating_options, wrong_usage
from desktop.cli.reply_options import add_reply_options
from desktop.i18n import _


def add_chat(commands: Any) -> None:
    grammar = command(
        commands,
        "chat",
        _("ask something, or hold a conversation"),
        _(
            "Ask one thing, or hold a conversation when PROMPT is missing. Nothing of it is stored.\n"
            "PROMPT may come through a pipe; “-” reads it from there as well."
        ),
    )
    model_option(grammar)
    templating_options(grammar)
    told = grammar.add_mutually_exclusive_group()
    told.add_argument("--system", metavar=_("TEXT"), help=_("who the model is and how it should answer"))
    told.add_argument(
        "--prompt",
        dest="library_prompt",
        type=name_of,
        metavar=_("NAME"),
        help=_("begin with this prompt of your library; see: sobremesa prompts"),
    )
    grammar.add_argument(
        "--set",
        type=_value,
        action="append",
        default=[],
        metavar=_("NAME=TEXT"),
        help=_("what stands for a variable of the prompt; may be repeated"),
    )
    grammar.add_argument("prompt", nargs="*", metavar="PROMPT", help=_("what to ask"))
    add_reply_options(grammar)


def _value(text: str) -> tuple[str, str]:
    """Of a variable."""
    name, given, value = text.partition("=")
    if not given or not name.strip():
        raise argparse.ArgumentTypeError(_("“{text}” is not of the form NAME=TEXT").format(text=text))
    return name.strip(), value


def add_index(commands: Any) -> None:
    grammar = command(
        commands,
        "index",
        _("add documents, so that answers can be drawn from them"),
        _(
            "Add PDF, Word, EPUB, HTML, text and source files, folders too. Unchanged ones are skipped.\n"
            "Exit code 0 when at least one of them can be searched afterwards, 1 when none can."
        ),
    )
    grammar.add_argument("paths", type=name_of, nargs="+", metavar="PATH", help=_("file or folder"))
    grammar.add_argument(
        "--collection", type=str.strip, metavar=_("NAME"), default="", help=_("put them into this collection")
    )
    passwords.add_option(grammar, name_of)


def add_search(commands: Any) -> None:
    grammar = command(commands, "search", _("find passages in your documents"))
    grammar.add_argument("query", nargs="+", metavar="QUERY", help=_("what to look for, in any language"))
    grammar.add_argument(
        "-k", type=count, default=5, metavar="N", help=_("how many passages; 5 if not given")
    )
    grammar.add_argument(
        "--collection",
        type=str.strip,
        metavar=_("NAME"),
        default="",
        help=_("look only into this collection"),
    )


def add_ask(commands: Any) -> None:
    grammar = command(
        commands,
        "ask",
        _("have a question answered from your documents"),
        _("Answer from your documents, with the page each statement comes from."),
    )
    model_option(grammar)
    templating_options(grammar)
    grammar.add_argument("question", nargs="*", metavar="QUESTION", help=_("what to ask"))
    grammar.add_argument(
        "--docs",
        type=name_of,
        nargs="+",
        action="extend",
        metavar="PATH",
        help=_("answer from these files and folders alone; they are added first"),
    )
    grammar.add_argument(
        "--collection",
        type=str.strip,
        metavar=_("NAME"),
        default="",
        help=_("answer from this collection, or add --docs to it"),
    )
    add_reply_options(grammar)


def settle_ask(found: argparse.Namespace) -> None:
    """`ask --docs a.pdf QUESTION`: the option took the question for one more path."""
    # not Path.exists(): it raises at a question longer than a name may be
    if not found.question and found.docs and len(found.docs) > 1 and not os.path.exists(found.docs[-1]):  # noqa: PTH110
        found.question = [found.docs.pop()]
    if not found.question:
        message = _("the following arguments are required: %s") % "QUESTION"
        wrong_usage("sobremesa ask", message, as_json=found.json)
