"""What can be typed after `sobremesa`, and what each of it means. Carries out nothing."""

import argparse
import gettext
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from desktop import i18n
from desktop.cli import hub_arguments, passwords
from desktop.cli.chats import add_chats
from desktop.cli.hub_arguments import add_download
from desktop.cli.prompts import add_prompts
from desktop.cli.reply_options import add_reply_options
from desktop.cli.shapes import print_json
from desktop.cli.train import add_train
from desktop.i18n import N_, _
from engine.template_texts import NAMES

# argparse looks its own words up in the same catalogue, which lists only what stands in our source
ARGPARSE_WORDS = (
    N_("usage: "),
    N_("positional arguments"),
    N_("options"),
    N_("show this help message and exit"),
    N_("expected one argument"),
    N_("expected at least one argument"),
    N_("unrecognized arguments: %s"),
    N_("the following arguments are required: %s"),
    N_("argument %(argument_name)s: %(message)s"),
    N_("invalid choice: %(value)r (choose from %(choices)s)"),
    N_("invalid %(type)s value: %(value)r"),
    N_("ambiguous option: %(option)s could match %(matches)s"),
    N_("not allowed with argument %s"),
)


MOST_PASSAGES = 1000


def speak(code: str) -> None:
    """Choose the language, also for what argparse says by itself."""
    os.environ["LANGUAGE"] = i18n.set_language(code)
    gettext.bindtextdomain(i18n.DOMAIN, str(i18n.FOLDER))
    gettext.textdomain(i18n.DOMAIN)


def data_dir_of(arguments: Sequence[str]) -> Path | None:
    """`--data-dir` before anything else is understood: the language of help stands in its settings."""
    early = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    early.add_argument("--data-dir", type=_folder)
    try:
        return early.parse_known_args(list(arguments))[0].data_dir  # type: ignore[no-any-return]
    except (argparse.ArgumentError, SystemExit):
        return None  # the real parser will say so


class _WrongUsage(Exception):
    """What argparse would have ended the program with."""

    def __init__(self, grammar: argparse.ArgumentParser, message: str) -> None:
        super().__init__(message)
        self.grammar = grammar
        self.message = message


class _NotText(Exception):
    """A word that no message can carry, as it holds bytes of another encoding."""


class Parser(argparse.ArgumentParser):
    """Hands wrong usage to `parsed`, which knows whether JSON is wanted."""

    def error(self, message: str) -> NoReturn:
        raise _WrongUsage(self, message)


def parser() -> Parser:
    """The whole grammar, in the language in use."""
    top = Parser(
        prog="sobremesa",
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description=_(
            "A private assistant on your own computer. Without a command it opens its window.\n"
            "Nothing you write leaves this machine."
        ),
        epilog=_("Exit codes: 0 done, 1 error, 2 wrong usage, 130 stopped with Ctrl+C."),
    )
    top.add_argument(
        "--version",
        action="version",
        version=f"sobremesa {_version()}",
        # argparse does not look this one up by itself
        help=_("show program's version number and exit"),
    )
    _common(top, default=True)
    commands = top.add_subparsers(dest="command", metavar=_("COMMAND"), parser_class=Parser)
    _chat(commands)
    _index(commands)
    _search(commands)
    _ask(commands)
    _models(commands)
    add_chats(commands, _command, Parser, _name)
    add_prompts(commands, _command, Parser, _name)
    add_train(commands, _command, Parser, _name)
    return top


def parsed(arguments: Sequence[str]) -> argparse.Namespace:
    """Exits with 2 on wrong usage, with 0 after --help and --version."""
    try:
        _check_text(arguments)
        grammar = parser()
        found, rest = grammar.parse_known_args(list(arguments))
        if rest and not hub_arguments.takes(found, rest):
            grammar.error(_("unrecognized arguments: %s") % " ".join(rest))
        if found.command == "ask":
            _settle_ask(found)
        elif found.command == "models" and found.action == "quantize":
            _settle_quantize(found)
        elif found.command == "chat" and found.json and not found.prompt and sys.stdin.isatty():
            wrong_usage("sobremesa chat", _("--json needs a PROMPT"), as_json=True)
    except _NotText as wrong:
        hint = _("Rename the file, or write the words in UTF-8.")
        wrong_usage("sobremesa", str(wrong), as_json="--json" in arguments, hint=hint)
    except _WrongUsage as wrong:
        as_json = "--json" in arguments
        if not as_json:
            wrong.grammar.print_usage(sys.stderr)
        wrong_usage(wrong.grammar.prog, wrong.message, as_json=as_json)
    return found


def wrong_usage(program: str, message: str, *, as_json: bool, hint: str = "") -> NoReturn:
    """Exit code 2, with one JSON object on stdout or two lines on stderr."""
    hint = hint or _("Try: {command}").format(command=f"{program} --help")
    if as_json:
        print_json({"error": {"code": "usage", "message": message, "hint": hint}})
    else:
        sys.stderr.write(f"{program}: {message}\n{hint}\n")
    sys.exit(2)


def _common(grammar: argparse.ArgumentParser, *, default: bool = False) -> None:
    """The options that stand before or after the command. Only the first parser may set a default:
    the second would overwrite what was typed before the command."""
    missing = None if default else argparse.SUPPRESS
    grammar.add_argument(
        "--data-dir",
        type=_folder,
        default=missing,
        metavar=_("DIR"),
        help=_("keep chats, documents and settings in DIR; your models are found all the same"),
    )
    grammar.add_argument(
        "--json",
        action="store_true",
        default=False if default else argparse.SUPPRESS,
        help=_("print one JSON object and nothing else"),
    )


def _command(commands: Any, name: str, short: str, long: str = "") -> argparse.ArgumentParser:
    made: argparse.ArgumentParser = commands.add_parser(
        name,
        help=short,
        description=long or short,
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _common(made)
    return made


def _model_option(grammar: argparse.ArgumentParser) -> None:
    grammar.add_argument(
        "--model",
        type=_name,
        metavar=_("FILE"),
        help=_("answer with this GGUF file instead of the one you chose"),
    )


def _templating_options(grammar: argparse.ArgumentParser) -> None:
    grammar.add_argument(
        "--template",
        type=_name,
        metavar=_("NAME"),
        help=_(
            "speak to the model by this template: {names}, or a file; “completion” continues your text"
        ).format(names=", ".join(NAMES)),
    )
    grammar.add_argument(
        "--template-arguments",
        default="",
        metavar="JSON",
        help=_("what its template reads beside the messages, as a JSON object"),
    )
    grammar.add_argument(
        "--thinking",
        choices=("automatic", "on", "off"),
        default="automatic",
        help=_("whether a model that can think before it answers does so"),
    )


def _chat(commands: Any) -> None:
    grammar = _command(
        commands,
        "chat",
        _("ask something, or hold a conversation"),
        _(
            "Ask one thing, or hold a conversation when PROMPT is missing. Nothing of it is stored.\n"
            "PROMPT may come through a pipe; “-” reads it from there as well."
        ),
    )
    _model_option(grammar)
    _templating_options(grammar)
    grammar.add_argument("--system", metavar=_("TEXT"), help=_("who the model is and how it should answer"))
    grammar.add_argument("prompt", nargs="*", metavar="PROMPT", help=_("what to ask"))
    add_reply_options(grammar)


def _index(commands: Any) -> None:
    grammar = _command(
        commands,
        "index",
        _("add documents, so that answers can be drawn from them"),
        _(
            "Add PDF, Word, EPUB, HTML, text and source files, folders too. Unchanged ones are skipped.\n"
            "Exit code 0 when at least one of them can be searched afterwards, 1 when none can."
        ),
    )
    grammar.add_argument("paths", type=_name, nargs="+", metavar="PATH", help=_("file or folder"))
    grammar.add_argument(
        "--collection", type=str.strip, metavar=_("NAME"), default="", help=_("put them into this collection")
    )
    passwords.add_option(grammar, _name)


def _search(commands: Any) -> None:
    grammar = _command(commands, "search", _("find passages in your documents"))
    grammar.add_argument("query", nargs="+", metavar="QUERY", help=_("what to look for, in any language"))
    grammar.add_argument(
        "-k", type=_count, default=5, metavar="N", help=_("how many passages; 5 if not given")
    )
    grammar.add_argument(
        "--collection",
        type=str.strip,
        metavar=_("NAME"),
        default="",
        help=_("look only into this collection"),
    )


def _ask(commands: Any) -> None:
    grammar = _command(
        commands,
        "ask",
        _("have a question answered from your documents"),
        _("Answer from your documents, with the page each statement comes from."),
    )
    _model_option(grammar)
    _templating_options(grammar)
    grammar.add_argument("question", nargs="*", metavar="QUESTION", help=_("what to ask"))
    grammar.add_argument(
        "--docs",
        type=_name,
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


def _models(commands: Any) -> None:
    grammar = _command(
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
    _command(actions, "list", _("list your models, as without an action"))
    inspect = _command(actions, "inspect", _("say what a model file holds, or what is wrong with it"))
    inspect.add_argument("--sha256", action="store_true", help=_("with its checksum, which reads all of it"))
    incoming = _command(actions, "import", _("copy a model into your models folder"))
    remove = _command(actions, "remove", _("put a model of your models folder into the trash"))
    add_download(_command(actions, "download", hub_arguments.short(), hub_arguments.long()))
    _quantize(actions)
    for action in (inspect, incoming, remove):
        action.add_argument(
            "file", type=_name, metavar=_("FILE"), help=_("its path, or its name in your models folder")
        )


def _quantize(actions: Any) -> None:
    grammar = _command(
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
        type=_name,
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
        type=_name,
        metavar=_("FILE"),
        help=_("measure on this text instead of the one that comes along"),
    )


def _settle_quantize(found: argparse.Namespace) -> None:
    """Without --types, what to quantize and to what must stand there."""
    if found.types:
        return
    missing = [word for word, given in (("FILE", found.file), ("TYPE", found.type)) if not given]
    if missing:
        message = _("the following arguments are required: %s") % ", ".join(_(word) for word in missing)
        wrong_usage("sobremesa models quantize", message, as_json=found.json)


def _settle_ask(found: argparse.Namespace) -> None:
    """`ask --docs a.pdf QUESTION`: the option took the question for one more path."""
    # not Path.exists(): it raises at a question longer than a name may be
    if not found.question and found.docs and len(found.docs) > 1 and not os.path.exists(found.docs[-1]):  # noqa: PTH110
        found.question = [found.docs.pop()]
    if not found.question:
        message = _("the following arguments are required: %s") % "QUESTION"
        wrong_usage("sobremesa ask", message, as_json=found.json)


def _check_text(arguments: Sequence[str]) -> None:
    for word in arguments:
        if not word.isprintable() and any("\ud800" <= letter <= "\udfff" for letter in word):
            shown = word.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
            raise _NotText(_("“{word}” is not text in UTF-8").format(word=shown))


def _count(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and 1 <= int(text[:9]) <= MOST_PASSAGES):
        message = _("“{text}” is not a whole number from 1 to {most}")
        raise argparse.ArgumentTypeError(message.format(text=text, most=i18n.number(MOST_PASSAGES)))
    return int(text)


def _name(text: str) -> str:
    """Of a file or folder. An empty one, as unset variables leave them, would mean the current folder."""
    if not text.strip():
        raise argparse.ArgumentTypeError(_("the name is empty"))
    try:
        Path(text).expanduser().absolute()
    except (RuntimeError, FileNotFoundError) as error:  # "~nobody/x", or the current folder was deleted
        raise argparse.ArgumentTypeError(_("“{text}” leads nowhere").format(text=text)) from error
    return text


def _folder(text: str) -> Path:
    return Path(_name(text))


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("sobremesa")
    except PackageNotFoundError:
        return ""
