"""`sobremesa train` from start to end: the trainer's process, what is printed on the way, the exit code."""

import argparse
import os
import sys
import tempfile
import threading
from contextlib import ExitStack
from typing import Any, NoReturn, assert_never

import msgspec

from desktop.cli import shapes
from desktop.cli.gateway import Gateway
from desktop.cli.once import DONE, FAILED, STOPPED, say, stoppable
from desktop.cli.terminal import Terminal
from desktop.cli.train import Missing, requests_of
from desktop.core.commands import Emit
from desktop.core.commands.training import WriteExamples, WriteTexts
from desktop.core.errors import Cancelled, CoreError, Reported
from desktop.core.types.training import GatheringMaterial
from desktop.core.workers.trainer import TrainerClient, launch_of
from desktop.i18n import _, number, percent
from desktop.i18n import size as size_text
from engine.errors import EngineError
from engine.train.events import (
    Encoded,
    Ended,
    PrepareEvent,
    Read,
    Sampled,
    Saved,
    Stepped,
    TrainEvent,
    Validated,
)
from engine.train.protocol import Evaluated, Exported, Prepared, RowsChecked, Trained, TrainerEvent, Work
from engine.train.results import TextScore


class Gathered:
    """Conforms to `desktop.cli.train.Material`: asks the core, wherever that is."""

    def __init__(self, gateway: Gateway, cancelled: threading.Event, tell: Emit, scratch: ExitStack) -> None:
        """`scratch` ends when the texts are not needed any more."""
        self._gateway, self._cancelled, self._tell, self._scratch = gateway, cancelled, tell, scratch

    def examples(self, path: str) -> None:
        self._gateway.run(WriteExamples(path), self._tell, self._cancelled)

    def texts(self, collections: tuple[str, ...]) -> str:
        folder = self._scratch.enter_context(tempfile.TemporaryDirectory(prefix="sobremesa-texts-"))
        self._gateway.run(WriteTexts(folder, collections), self._tell, self._cancelled)
        return folder


def train(arguments: argparse.Namespace, gateway: Gateway) -> int:
    """Carry out every request, and give the exit code. A stopped run can go on: that is no error's 1."""
    terminal, places = Terminal(), gateway.places
    cores = max(1, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)
    places.logs_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    cancelled = threading.Event()
    client = TrainerClient(launch_of(places.logs_dir))
    code = DONE
    try:
        with stoppable(cancelled), ExitStack() as scratch:
            tell = (lambda _: None) if arguments.json else (lambda event: _gathering(terminal, event))
            material = Gathered(gateway, cancelled, tell, scratch)
            for request in requests_of(arguments, cores, places.models, material):
                code = _one(client, request, cancelled, terminal, as_json=arguments.json)
                if code != DONE:
                    break
    except Missing as missing:
        _missing(str(missing), arguments)
    except EngineError as error:
        say(Reported.of(error).problem(), arguments.json)
        code = FAILED
    except Cancelled as error:
        if arguments.json:
            say(error.problem(), as_json=True)
        code = STOPPED
    except CoreError as error:
        terminal.done()
        say(error.problem(), arguments.json)
        code = FAILED
    finally:
        client.close()
    return code


def _gathering(terminal: Terminal, event: object) -> None:
    if isinstance(event, GatheringMaterial):
        done = percent(event.done / max(1, event.total))
        terminal.progress(_("Gathering what to learn from … {done}").format(done=done))


def _missing(name: str, arguments: argparse.Namespace) -> NoReturn:
    from desktop.cli.grammar import wrong_usage

    message = _("the following arguments are required: %s") % name.upper()
    wrong_usage(f"sobremesa train {arguments.action or ''}".strip(), message, as_json=arguments.json)


def _one(
    client: TrainerClient, request: Work, cancelled: threading.Event, terminal: Terminal, *, as_json: bool
) -> int:
    tell = _tell_json if as_json else Follower(terminal)
    try:
        result = client.ask(request, tell, cancelled.is_set)
    except Cancelled as error:
        terminal.done()
        if as_json:
            say(error.problem(), as_json)
        return STOPPED
    except CoreError as error:
        terminal.done()
        say(error.problem(), as_json)
        return FAILED
    terminal.done()
    if as_json:
        shapes.print_json(_plain(result))
    else:
        terminal.line(report(result))
    return STOPPED if isinstance(result, Trained) and result.reason == "stopped" else DONE


def _tell_json(event: PrepareEvent | TrainEvent) -> None:
    """One line for each event."""
    sys.stdout.write(msgspec.json.encode(event).decode() + "\n")
    sys.stdout.flush()


def _plain(result: TrainerEvent) -> dict[str, Any]:
    return {"done": type(result).__name__.lower(), **msgspec.json.decode(msgspec.json.encode(result))}


class Follower:
    """Shows a run to a person: measurements and samples as lines, steps in place of each other."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal

    def __call__(self, event: PrepareEvent | TrainEvent) -> None:
        match event:
            case Read(file=file, done=done, problem=problem):
                if problem:
                    self._terminal.note(_("{file} is left out: it is no text.").format(file=file))
                self._terminal.progress(
                    _("Reading {file} … {done} %").format(file=file, done=round(100 * done))
                )
            case Encoded(done=done):
                self._terminal.progress(_("Cutting into tokens … {done} %").format(done=round(100 * done)))
            case Stepped():
                self._terminal.progress(_stepped(event))
            case Validated(step=step, loss=loss, bits_per_byte=bits, best=best):
                said = _("step {step}: held-out loss {loss}").format(step=number(step), loss=number(loss, 3))
                more = _(", {bits} bits per byte").format(bits=number(bits, 2)) if bits else ""
                self._terminal.line(said + more + (_(" (best so far)") if best else ""))
            case Sampled(prompt=prompt, text=text):
                self._terminal.line(
                    f"  {(prompt.strip() + ' → ') if prompt.strip() else ''}{' '.join(text.split())}"
                )
            case Saved() | Ended():
                pass
            case _:
                assert_never(event)


def _stepped(event: Stepped) -> str:
    return _("step {step} of {steps}, loss {loss}, {speed} tokens/s, about {minutes} min left").format(
        step=number(event.step),
        steps=number(event.steps),
        loss=number(event.loss, 3),
        speed=number(round(event.tokens_per_s)),
        minutes=number(max(0, round(event.remaining_s / 60))),
    )


def report(result: TrainerEvent) -> str:
    """What came of it."""
    match result:
        case Prepared(info=info):
            said = _(
                "{documents} documents, {characters} characters: {train} tokens to learn from,"
                " {held} held out, a vocabulary of {vocab}."
            )
            return said.format(
                documents=number(info.documents),
                characters=number(info.characters),
                train=number(info.train_tokens),
                held=number(info.validation_tokens),
                vocab=number(info.vocab),
            )
        case Trained():
            reasons = {
                "finished": _("All steps are taken."),
                "early": _("Nothing more was gained: it ended early."),
                "stopped": _("Stopped. The same command with --resume goes on from here."),
            }
            learnt = _("{step} steps, best held-out loss {loss}, {parameters} parameters.").format(
                step=number(result.step), loss=number(result.loss, 3), parameters=number(result.parameters)
            )
            return f"{reasons[result.reason]} {learnt}"
        case Evaluated():
            return "\n".join(_evaluated(result))
        case Exported(path=path, size_bytes=size):
            return _("Written: {path}, {size}").format(path=path, size=size_text(size))
        case RowsChecked(rows=rows):
            return number(rows)
        case _:
            return ""


def _scored(name: str, score: TextScore) -> str:
    said = _("{file}: loss {loss}, perplexity {perplexity}").format(
        file=name, loss=number(score.loss, 3), perplexity=number(score.perplexity, 2)
    )
    bits = number(score.bits_per_byte, 3)
    return said + (_(", {bits} bits per byte").format(bits=bits) if score.bits_per_byte else "")


def _evaluated(result: Evaluated) -> list[str]:
    lines = [_scored(file or _("what the run held out"), score) for file, score in result.texts.items()]
    lines += [f"{prompt}\n  {answer}" for prompt, answer in result.answers.items()]
    if result.answered is not None:
        lines.append(
            _("{share} % of the answers say what they should.").format(share=number(100 * result.answered, 1))
        )
    if result.labels is not None:
        labels = result.labels
        lines.append(
            _("accuracy {accuracy} %, macro F1 {f1}").format(
                accuracy=number(100 * labels.accuracy, 1), f1=number(labels.macro_f1, 3)
            )
        )
        for label, row in zip(labels.labels, labels.confusion, strict=True):
            lines.append(f"  {label}: " + "  ".join(number(count) for count in row))
    return lines
