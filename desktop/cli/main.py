"""From the words typed to a command carried out. What needs a window is handed back to desktop.__main__."""

import logging
import os
import sys
from argparse import Namespace
from collections.abc import Callable, Sequence

from desktop.cli import once, reports, streams
from desktop.cli.arguments import data_dir_of, parsed, speak
from desktop.cli.gateway import Gateway
from desktop.cli.passphrases import unlocking
from desktop.cli.session import converse
from desktop.cli.terminal import Terminal
from desktop.core.commands import ChatTurn, ShowWindow
from desktop.core.contract import Core
from desktop.core.errors import Cancelled, CoreError, NoDisplay
from desktop.core.places import Places
from desktop.core.settings import peek
from desktop.i18n import _

SCREENLESS_QT = ("offscreen", "minimal", "vnc", "linuxfb", "eglfs")


def understand(arguments: Sequence[str]) -> tuple[Namespace, Places]:
    """What was typed and the places it concerns; the language is chosen on the way.

    Exits with 2 on wrong usage and with 0 after --help and --version.
    """
    streams.prepare()
    speak(str(peek(Places.of(data_dir_of(arguments)).settings_file, "language")))
    found = parsed(arguments)
    return found, Places.of(found.data_dir)


def carry_out(arguments: Namespace, places: Places, open_core: Callable[[Places], Core] | None = None) -> int:
    """Carry out the command and give the exit code. `open_core`: instead of the real one, in tests."""
    # what the core logs belongs into its log files; a person at a terminal reads sentences
    logging.getLogger().addHandler(logging.NullHandler())
    said = Terminal().note
    gateway = Gateway(
        places,
        open_core,
        lambda problem: said(reports.problem(problem)),
        unlocking(arguments.passphrase_file, as_json=arguments.json, say=said),
    )
    try:
        try:
            code = _with(arguments, gateway)
        except CoreError as error:  # a file that an option names: nothing has begun
            code = refuse(error, arguments.json)
        except KeyboardInterrupt:  # a second Ctrl+C, or one at a prompt: what was begun is left lying
            if arguments.json:
                refuse(Cancelled(), as_json=True)
            raise
        gateway.close(lambda: Terminal().note(_("Another command is still being answered here…")))
    except KeyboardInterrupt:
        gateway.abandon()
        return once.STOPPED
    except BaseException:
        gateway.abandon()
        raise
    return code


def window_elsewhere(places: Places, files: tuple[str, ...] = ()) -> bool:
    """Have a window that is open on this data come to the front and take these files; False: there is none.

    Raises CoreError: DataInUse when a command works on the data, OwnerDiffers.
    """
    from threading import Event

    from desktop.core.local_socket import connect

    remote = connect(places)
    if remote is None:
        return False
    remote.run(ShowWindow(files), lambda _event: None, Event())
    return True


def has_display() -> bool:
    """Whether a window can be opened. Only Linux and its like can be without a screen."""
    if sys.platform in ("win32", "darwin"):
        return True
    platform = os.environ.get("QT_QPA_PLATFORM", "").split(":")[0]
    return platform in SCREENLESS_QT or any(
        os.environ.get(variable) for variable in ("DISPLAY", "WAYLAND_DISPLAY")
    )


def refuse_window(as_json: bool) -> int:
    """Say that there is no screen, and what to type instead."""
    return refuse(NoDisplay(), as_json)


def refuse(error: CoreError, as_json: bool) -> int:
    """Say what went wrong; the exit code of an error."""
    once.say(error.problem(), as_json)
    return once.FAILED


def _with(arguments: Namespace, gateway: Gateway) -> int:
    try:
        return _carried_out(arguments, gateway)
    except CoreError as error:  # what was typed cannot become a command
        return refuse(error, arguments.json)


def _carried_out(arguments: Namespace, gateway: Gateway) -> int:
    if arguments.command == "models" and arguments.action == "quantize" and arguments.types:
        return once.list_quantization_types(arguments.file, gateway.places.models, arguments.json)
    if arguments.command == "train":
        from desktop.cli.training import (
            train,
        )  # its folders are its own: it asks a core for chats and documents alone

        return train(arguments, gateway)
    if arguments.command != "chat":
        return once.carry_out(once.command_of(arguments, gateway.places.models), gateway, arguments.json)
    prompt = " ".join(arguments.prompt)
    if prompt == "-" or (not prompt and not sys.stdin.isatty()):
        prompt = streams.piped_text()
    elif not prompt:
        turn = once.command_of(arguments, gateway.places.models)
        return converse(turn, gateway) if isinstance(turn, ChatTurn) else once.FAILED
    return once.carry_out(once.command_of(arguments, gateway.places.models, prompt), gateway, arguments.json)
