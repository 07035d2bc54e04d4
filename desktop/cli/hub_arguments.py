"""What can be typed after `sobremesa models download`. Carries out nothing."""

import argparse

from desktop.i18n import _


def short() -> str:
    return _("bring a model from the Hugging Face hub")


def long() -> str:
    return _(
        "Download a model into your models folder and check it to the last byte. Without FILE, list what\n"
        "REPOSITORY offers, how each model would fit this computer, and which one to take.\n"
        "Ctrl+C pauses: the same command goes on from there."
    )


def add_download(grammar: argparse.ArgumentParser) -> None:
    """The words and options of the action."""
    grammar.add_argument(
        "repository",
        metavar="REPOSITORY",
        help=_("“owner/name”, or the address of its page or of a file in it"),
    )
    grammar.add_argument(
        "file",
        nargs="?",
        default="",
        metavar=_("FILE"),
        help=_("one of its files, or a quantization such as Q4_K_M"),
    )
    grammar.add_argument("--list", action="store_true", help=_("list what it offers, and download nothing"))
    grammar.add_argument(
        "--search",
        action="store_true",
        help=_("bring the search model of the repository, and let it find passages from now on"),
    )
    grammar.add_argument(
        "--online",
        action="store_true",
        help=_("allow the network for this command, even while “Offline” is on in the settings"),
    )


def takes(found: argparse.Namespace, rest: list[str]) -> bool:
    """Whether what is left over is the FILE: argparse sees an optional word only right behind the first."""
    fits = vars(found).get("action") == "download" and not found.file and len(rest) == 1
    if fits and not rest[0].startswith("-"):
        found.file = rest[0]
        return True
    return False
