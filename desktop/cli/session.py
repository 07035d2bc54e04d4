"""A conversation on the terminal. Its history lives in this process and nowhere else."""

import contextlib
import sys
import threading

from msgspec.structs import replace

from desktop.cli import reports
from desktop.cli.gateway import Gateway
from desktop.cli.once import Follower, finish_reply, stoppable
from desktop.cli.terminal import Terminal
from desktop.core.commands import Answered, ChatTurn
from desktop.core.errors import Cancelled, CoreError
from desktop.i18n import _
from engine.protocol import Message

PROMPT = "› "
LEAVE = ("/quit", "/exit", "/salir")
NEW = ("/new", "/nuevo")


def converse(turn: ChatTurn, gateway: Gateway) -> int:
    """Questions and replies until /quit or the end of input. `turn` holds the model and system prompt."""
    with contextlib.suppress(ImportError):
        import readline  # noqa: F401  line editing and this session's history for input()
    terminal = Terminal()
    terminal.note(_("Write your question. /new starts afresh, /quit ends, Ctrl+C stops a reply."))
    history: tuple[Message, ...] = ()
    while (question := _next_question()) is not None:
        if question in LEAVE:
            break
        if question in NEW:
            history = ()
            terminal.note(_("A new conversation."))
        elif question:
            history = _answered(turn, history, question, gateway, terminal)
    return 0


def _next_question() -> str | None:
    """None at the end of input. Ctrl+C drops what was typed."""
    try:
        return input(PROMPT).strip()
    except EOFError:
        sys.stdout.write("\n")
        return None
    except KeyboardInterrupt:
        sys.stdout.write("\n")
        return ""


def _answered(
    turn: ChatTurn, history: tuple[Message, ...], question: str, gateway: Gateway, terminal: Terminal
) -> tuple[Message, ...]:
    """The history with this turn; as it was when nothing came of it."""
    cancelled = threading.Event()
    follower = Follower(terminal)
    command = replace(turn, question=question, history=history)
    text = thoughts = ""
    try:
        with stoppable(cancelled):
            result = gateway.run(command, follower, cancelled)
    except CoreError as error:
        terminal.done()
        text = follower.text
        terminal.end_line()
        if not isinstance(error, Cancelled):
            terminal.note(reports.problem(error.problem()))
    else:
        terminal.done()
        if isinstance(result, Answered):
            finish_reply(result, terminal, follower, from_documents=False)
            text, thoughts = result.answer.text, result.answer.thoughts
    terminal.line()
    if not text:
        return history
    return (*history, Message("user", question), Message("assistant", text, thoughts))
