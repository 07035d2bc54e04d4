"""`sobremesa library score`: what can be typed, which command it means, and what is printed."""

import argparse
from collections.abc import Callable
from pathlib import PurePath
from typing import Any

import msgspec

from desktop.cli.grammar import command, count
from desktop.cli.terminal import Terminal
from desktop.core.commands.library import LibraryScored, QuestionsListed, Score
from desktop.core.types import Problem
from desktop.i18n import _
from desktop.words import scoring as words
from desktop.words import sentence
from desktop.words.settings import setting_label
from rag.protocol import DEFAULT_COLLECTION

_WIDTH = 58  # of what a way of searching is called


def add(actions: Any) -> None:
    grammar = command(
        actions,
        "score",
        _("measure how well your own documents are found, with questions of yours"),
        _(
            "Ask the questions you keep, by the present settings and by others, and say how many of their\n"
            "answers are found. --make has the model propose questions; they count once you --accept them."
        ),
    )
    grammar.add_argument(
        "--collection",
        type=str.strip,
        metavar=_("NAME"),
        default=DEFAULT_COLLECTION,
        help=_("of this collection"),
    )
    does = grammar.add_mutually_exclusive_group()
    does.add_argument("--take", action="store_true", help=_("and use the best settings from now on"))
    does.add_argument("--list", action="store_true", help=_("list the questions"))
    does.add_argument("--add", metavar=_("QUESTION"), help=_("keep a question; see --document and --page"))
    does.add_argument("--make", type=count, metavar="N", help=_("have the model propose so many questions"))
    does.add_argument(
        "--accept", nargs="*", type=count, metavar="N", help=_("let these proposals count, or all of them")
    )
    does.add_argument("--drop", nargs="+", type=count, metavar="N", help=_("forget these questions"))
    grammar.add_argument(
        "--document", metavar="DOCUMENT", default="", help=_("which answers it: number, path or file name")
    )
    grammar.add_argument("--page", type=count, metavar="N", default=1, help=_("on this page; 1 if not given"))


def settled(found: argparse.Namespace) -> str:
    """What is missing of the words; "": nothing."""
    return "--document" if found.add is not None and not found.document else ""


def command_of(arguments: argparse.Namespace, absolute: Callable[[str], str]) -> Score:
    collection = arguments.collection
    if arguments.add is not None:
        named = arguments.document
        document = absolute(named) if len(PurePath(named).parts) > 1 else named
        return Score("add", collection, arguments.add, document, arguments.page)
    if arguments.make is not None:
        return Score("make", collection, count=arguments.make)
    if arguments.accept is not None:
        return Score("accept", collection, numbers=tuple(arguments.accept))
    if arguments.drop is not None:
        return Score("drop", collection, numbers=tuple(arguments.drop))
    if arguments.list:
        return Score("list", collection)
    return Score("take" if arguments.take else "measure", collection)


def shape(
    result: QuestionsListed | LibraryScored, problem_shape: Callable[[Problem], dict[str, str]]
) -> dict[str, Any]:
    """What `--json` prints. `recall`: by how many passages, from 1."""
    if isinstance(result, QuestionsListed):
        return {"questions": [msgspec.to_builtins(one) for one in result.questions]}
    score = result.score
    return {
        "collection": score.collection,
        "questions": [msgspec.to_builtins(one) for one in score.questions],
        "scores": [
            {
                "settings": one.variant.settings,
                "passages": one.variant.passages,
                "ranks": one.ranks,
                "recall": [round(one.recall(k), 4) for k in range(1, 13)],
                "recall_at_passages": round(one.recall(one.variant.passages), 4),
                "mrr": round(one.mrr, 4),
            }
            for one in score.scores
        ],
        "best": score.best,
        "taken": result.taken,
        "reranker_problem": None if score.problem is None else problem_shape(score.problem),
    }


def show(result: QuestionsListed | LibraryScored, terminal: Terminal) -> None:
    if isinstance(result, QuestionsListed):
        _questions(result, terminal)
        return
    score = result.score
    terminal.line(f"  {'':{_WIDTH}}{_('found'):>12}  MRR")
    for number, one in enumerate(score.scores):
        sign = "*" if number == score.best else " "
        terminal.line(f"{sign} {words.variant(one):{_WIDTH}}{words.found(one):>12}  {words.mrr(one)}")
    terminal.line()
    terminal.line(words.summary(score))
    if score.problem is not None:
        terminal.note(sentence(score.problem))
    if result.taken:
        names = ", ".join(setting_label(name) for name in result.taken)
        terminal.line(_("Changed from now on: {names}.").format(names=names))


def _questions(listed: QuestionsListed, terminal: Terminal) -> None:
    if not listed.questions:
        terminal.line(_("There are no questions here. --add keeps one, --make has the model propose some."))
    for one in listed.questions:
        state = "" if one.accepted else f" ({_('proposed')})"
        terminal.line(f"{one.number:>5}  {one.text}{state}\n       {words.place(one)}")
