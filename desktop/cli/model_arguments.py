"""The grammar of `sobremesa models`. Carries out nothing."""

import argparse
from typing import Any

from desktop.cli import hub_arguments
from desktop.cli.grammar import Parser, command, name_of, wrong_usage
from desktop.cli.hub_arguments import add_download
from desktop.i18n import _


def add_models(commands: Any) -> None:
    grammar = command(
        commands,
        "models",
        _("list your models, look into one, bring one in, download, quantize or remove one"),
        _(
            "List the models of your models folder, of the folders in your settings, and those that\n"
            "LM Studio, Jan, Ollama, GPT4All and the Hugging Face cache keep. What other programs keep\n"
            "is read and never changed."
        ),
    )
    actions = grammar.add_subparsers(dest="action", metavar=_("ACTION"), parser_class=Parser)
    command(actions, "list", _("list your models, as without an action"))
    inspect = command(actions, "inspect", _("say what a model file holds, or what is wrong with it"))
    inspect.add_argument("--sha256", action="store_true", help=_("with its checksum, which reads all of it"))
    incoming = command(actions, "import", _("copy a model into your models folder"))
    remove = command(actions, "remove", _("put a model of your models folder into the trash"))
    add_download(command(actions, "download", hub_arguments.short(), hub_arguments.long()))
    _quantize(actions)
    for action in (inspect, incoming, remove):
        action.add_argument(
            "file", type=name_of, metavar=_("FILE"), help=_("its path, or its name in your models folder")
        )


def _quantize(actions: Any) -> None:
    grammar = command(
        actions,
        "quantize",
        _("make a smaller file of a model, and measure what is lost"),
        _(
            "Write a model into your models folder once more, with fewer bits for each weight, and say how\n"
            "large it is and how well it predicts a text, before and after. The original stays as it is.\n"
            "--types lists what TYPE can be; Q4_K_M is the usual choice."
        ),
    )
    grammar.add_argument(
        "file",
        type=name_of,
        nargs="?",
        metavar=_("FILE"),
        help=_("its path, or its name in your models folder"),
    )
    grammar.add_argument("type", nargs="?", metavar=_("TYPE"), help=_("such as Q4_K_M"))
    grammar.add_argument(
        "--types",
        action="store_true",
        help=_("list the types and what they are good for; with FILE, its size in each"),
    )
    grammar.add_argument("--no-measure", action="store_true", help=_("do not measure: that is quicker"))
    grammar.add_argument(
        "--text",
        type=name_of,
        metavar=_("FILE"),
        help=_("measure on this text instead of the one that comes along"),
    )


def settle_quantize(found: argparse.Namespace) -> None:
    """Without --types, what to quantize and to what must stand there."""
    if found.types:
        return
    missing = [word for word, given in (("FILE", found.file), ("TYPE", found.type)) if not given]
    if missing:
        message = _("the following arguments are required: %s") % ", ".join(_(word) for word in missing)
        wrong_usage("sobremesa models quantize", message, as_json=found.json)
