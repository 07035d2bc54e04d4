"""One command from start to end: carried out, printed, its exit code. The session stands in session.py."""

import argparse
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from desktop.cli import chats, doctor, hub_reports, library, passwords, prompts, reports, shapes
from desktop.cli.gateway import Gateway
from desktop.cli.reply_options import reply_options
from desktop.cli.streams import printable
from desktop.cli.terminal import Terminal
from desktop.core.commands import (
    Answered,
    Ask,
    ChatTurn,
    Command,
    CommandEvent,
    Found,
    Index,
    Indexed,
    Result,
    Search,
    WindowShown,
)
from desktop.core.commands.chats import ChatsResult
from desktop.core.commands.health import HealthResult
from desktop.core.commands.library import LibraryResult
from desktop.core.commands.models import (
    DownloadModel,
    HubListed,
    ImportModel,
    InspectModel,
    ListModels,
    ModelImported,
    ModelInspected,
    ModelQuantized,
    ModelRemoved,
    ModelsListed,
    QuantizeModel,
    RemoveModel,
    SearchModelChosen,
)
from desktop.core.commands.prompts import (
    PromptsResult,
)
from desktop.core.commands.training import ExamplesReady, TextsReady
from desktop.core.errors import Cancelled, CoreError, Reported
from desktop.core.events import TextAdded, ThoughtAdded
from desktop.core.models import arguments_of, template_file
from desktop.core.types import Problem
from desktop.core.types.models import HubRepository
from desktop.i18n import _
from engine.errors import ModelFileError, UnknownTemplate
from engine.gguf_header import inspect_whole
from engine.protocol import Templating
from engine.quantization import check_source
from engine.template_texts import COMPLETION, CUSTOM, NAMES
from rag.protocol import DEFAULT_COLLECTION, IndexedDocument

DONE, FAILED, STOPPED = 0, 1, 130

More = PromptsResult | ChatsResult | HealthResult | LibraryResult | SearchModelChosen


def command_of(arguments: argparse.Namespace, models: Path, prompt: str = "") -> Command:
    """What was typed, as a command. Paths become absolute: another program may carry it out.

    `models` is the models folder, where a model may be named without it. Raises CoreError for a file of
    an option that cannot be read.
    """
    match arguments.command:
        case "chat":
            return ChatTurn(
                prompt,
                system=arguments.system,
                model=_model_path(arguments.model, models) if arguments.model else "",
                templating=templating_of(arguments),
                options=reply_options(arguments),
                prompt=arguments.library_prompt or "",
                values=dict(arguments.set),
            )
        case "index":
            paths = tuple(_absolute(path) for path in arguments.paths)
            password = passwords.from_file(arguments.password_file) if arguments.password_file else ""
            return Index(paths, arguments.collection or DEFAULT_COLLECTION, password)
        case "search":
            names = (arguments.collection,) if arguments.collection else ()
            return Search(" ".join(arguments.query), arguments.k, names)
        case "ask":
            return Ask(
                " ".join(arguments.question),
                tuple(_absolute(path) for path in arguments.docs or ()),
                arguments.collection,
                _model_path(arguments.model, models) if arguments.model else "",
                templating_of(arguments),
                reply_options(arguments),
            )
        case "library":
            return library.command_of(arguments, _absolute)
        case "doctor":
            return doctor.command_of(arguments, _absolute)
        case "chats":
            return chats.command_of(arguments, _absolute)
        case "prompts":
            return prompts.command_of(arguments, _absolute)
        case _:
            return _models_command(arguments, models)


def templating_of(arguments: argparse.Namespace) -> Templating | None:
    """How the model is to be spoken to. Raises BadTemplateJson, TemplateUnreadable, UnknownTemplate.

    A template's file is read here: the program that carries out the command may not be able to.
    """
    name, source = arguments.template or "", ""
    if name and name not in (*NAMES, COMPLETION):
        if not os.path.lexists(Path(name).expanduser()) and os.sep not in name and "." not in name:
            raise Reported.of(UnknownTemplate(name=name))
        name, source = CUSTOM, template_file(_absolute(name))
    use = Templating(name, source, arguments.thinking, arguments_of(arguments.template_arguments))
    return use if use != Templating() else None


def _models_command(arguments: argparse.Namespace, models: Path) -> Command:
    if arguments.action in (None, "list"):
        return ListModels()
    if arguments.action == "download":
        return DownloadModel(
            arguments.repository, arguments.file, arguments.list, arguments.online, arguments.search
        )
    path = _model_path(arguments.file, models)
    match arguments.action:
        case "import":
            return ImportModel(path)
        case "quantize":
            text = _absolute(arguments.text)
            return QuantizeModel(path, arguments.type, measure=not arguments.no_measure, text=text)
        case "remove":
            return RemoveModel(path)
        case _:
            return InspectModel(path, arguments.sha256)


def carry_out(command: Command, gateway: Gateway, as_json: bool) -> int:
    """Run, print, and give the exit code."""
    cancelled = threading.Event()
    terminal = Terminal(closed=cancelled.set)
    follower = Follower(terminal, quiet=as_json, lists_documents=isinstance(command, Index))
    try:
        with stoppable(cancelled):
            result = gateway.run(command, follower, cancelled)
    except CoreError as error:
        if (told := doctor.without_core(gateway.places, error, command)) is not None:
            terminal.done()
            return doctor.tell(told, terminal, shapes.problem_shape if as_json else None)
        code = _refused(error.problem(), terminal, as_json)
        if code == STOPPED and isinstance(command, DownloadModel) and not as_json:
            terminal.note(hub_reports.paused())
        return code
    if isinstance(result, Indexed) and isinstance(command, Index) and not cancelled.is_set():
        terminal.done()
        result = passwords.asked_for(command, result, lambda more: gateway.run(more, follower, cancelled))
    terminal.done()
    if as_json:
        shape = json_of(command, result, str(gateway.places.models))
        shapes.print_json(shape)
        if isinstance(result, HealthResult) and not cancelled.is_set():
            return DONE if doctor.sound(result) else FAILED
        return STOPPED if cancelled.is_set() else FAILED if "error" in shape else DONE
    if isinstance(result, Answered):
        finish_reply(result, terminal, follower, from_documents=isinstance(command, Ask))
    else:
        _print(command, result, terminal, str(gateway.places.models))
    if cancelled.is_set():
        return STOPPED if not terminal.broken else FAILED
    if isinstance(result, HealthResult):
        return DONE if doctor.sound(result) else FAILED
    return FAILED if isinstance(result, Indexed) and shapes.all_failed(result.documents) else DONE


class Follower:
    """Shows what happens on the way: streamed text, progress, documents as they are done."""

    def __init__(self, terminal: Terminal, *, quiet: bool = False, lists_documents: bool = False) -> None:
        self._terminal = terminal
        self._quiet = quiet
        self._lists_documents = lists_documents
        self.text = ""

    def __call__(self, event: CommandEvent) -> None:
        if isinstance(event, TextAdded):
            self.text += event.text
            if not self._quiet:
                self._terminal.write(event.text)
        elif isinstance(event, ThoughtAdded):
            if not self._quiet:
                self._terminal.aside(event.text)
        elif isinstance(event, IndexedDocument):
            self._document(event)
        elif not self.text and (said := reports.progress(event)):
            self._terminal.progress(said)

    def _document(self, one: IndexedDocument) -> None:
        if self._quiet:
            return
        if self._lists_documents:
            self._terminal.line(reports.indexed(one))
        elif one.error is not None:
            self._terminal.note(reports.indexed(one))


@contextmanager
def stoppable(cancelled: threading.Event) -> Iterator[None]:
    """Ctrl+C asks the work to stop; a second one ends the program as usual."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        if cancelled.is_set():
            raise KeyboardInterrupt
        cancelled.set()

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def finish_reply(result: Answered, terminal: Terminal, follower: Follower, *, from_documents: bool) -> None:
    """What follows the streamed text: what the stream left out, the sources, where it was cut."""
    answer = result.answer
    if answer.text.startswith(follower.text):
        terminal.write(answer.text[len(follower.text) :])
    terminal.end_line()
    if from_documents:
        terminal.line()
        terminal.line(reports.sources(answer))
    if answer.stats.stop_reason == "length" and answer.thoughts and not answer.text:
        terminal.note(_("The model was still thinking when it reached the longest length of a reply."))
    elif answer.stats.stop_reason == "length":
        terminal.note(_("The reply was cut off: it reached its longest length."))
    if answer.plan.dropped_messages:
        terminal.note(_("The beginning of the conversation no longer fits into the model's view."))


def say(problem: Problem, as_json: bool) -> None:
    """An error where it belongs: as JSON on stdout, for a person on stderr."""
    if as_json:
        shapes.print_json(shapes.error(problem))
    else:
        sys.stderr.write(printable(reports.problem(problem)) + "\n")


def list_quantization_types(file: str | None, models: Path, as_json: bool) -> int:
    """What can be typed for TYPE, and how large that file's model would be. Needs no core."""
    header = None
    if file:
        try:
            header = inspect_whole(_model_path(file, models))
            check_source(header)
        except ModelFileError as error:
            say(Reported.of(error).problem(), as_json)
            return FAILED
    if as_json:
        shapes.print_json(shapes.quantization_types(header))
    else:
        Terminal().line(reports.quantization_types(header))
    return DONE


def json_of(command: Command, result: Result, models_folder: str) -> dict[str, Any]:
    """The object that `--json` prints for a result."""
    match result:
        case Answered(answer, documents):
            return shapes.ask(answer, documents) if isinstance(command, Ask) else shapes.chat(answer)
        case Indexed(documents, cancelled):
            return shapes.index(documents, cancelled=cancelled)
        case Found(hits):
            return shapes.search(hits)
        case ModelsListed(models):
            return shapes.models(models, models_folder)
        case ModelInspected(model):
            return {"model": shapes.model(model), "fit": shapes.fit(model.fit)}
        case ModelImported(imported):
            return {"model": shapes.model(imported.model), "already": imported.already}
        case ModelQuantized(quantized):
            return shapes.quantized(quantized)
        case HubListed(repository):
            search = isinstance(command, DownloadModel) and command.search
            return hub_reports.listed_shape(repository, search=search)
        case ModelRemoved(files):
            return {"removed": list(files)}
        case WindowShown() | ExamplesReady() | TextsReady():  # what training asks for on its way
            return {}
        case _:
            return _more_json_of(result)


def _more_json_of(result: More) -> dict[str, Any]:
    if isinstance(result, SearchModelChosen):
        return hub_reports.chosen_shape(result.imported)
    if isinstance(result, PromptsResult):
        return prompts.shape(result)
    if isinstance(result, LibraryResult):
        return library.shape(result, shapes.problem_shape)
    if isinstance(result, HealthResult):
        return doctor.shape(result, shapes.problem_shape)
    return chats.shape(result, shapes.problem_shape)


def _refused(problem: Problem, terminal: Terminal, as_json: bool) -> int:
    terminal.done()
    stopped = problem.code == Cancelled.code
    if not as_json:
        terminal.end_line()
    if not (stopped and not as_json):
        say(problem, as_json)
    return STOPPED if stopped else FAILED


def _print(command: Command, result: Result, terminal: Terminal, models_folder: str) -> None:
    match result:
        case Indexed(documents, cancelled):
            if cancelled:
                terminal.note(_("Stopped. What was finished is kept."))
            elif not documents:
                terminal.note(_("There was nothing to add."))
        case Found(hits):
            terminal.line(reports.hits(hits))
        case ModelsListed(models):
            terminal.line(reports.models(models, models_folder))
        case ModelInspected(model):
            terminal.line(reports.model(model))
        case ModelImported(imported):
            terminal.line(reports.imported(imported))
        case HubListed(repository):
            terminal.line(_listed(command, repository))
        case ModelQuantized(quantized):
            terminal.line(reports.quantized(quantized))
        case ModelRemoved(files):
            terminal.line(reports.removed(files))
        case Answered() | WindowShown() | ExamplesReady() | TextsReady():
            pass
        case _:
            _print_more(result, terminal)


def _listed(command: Command, repository: HubRepository) -> str:
    asked = command if isinstance(command, DownloadModel) else DownloadModel(repository.id)
    if asked.search:
        return hub_reports.search_model(repository)
    return hub_reports.repository(repository, online=asked.online)


def _print_more(result: More, terminal: Terminal) -> None:
    if isinstance(result, SearchModelChosen):
        terminal.line(hub_reports.chosen(result.imported))
    elif isinstance(result, PromptsResult):
        prompts.show(result, terminal)
    elif isinstance(result, LibraryResult):
        library.show(result, terminal)
    elif isinstance(result, HealthResult):
        doctor.show(result, terminal)
    else:
        chats.show(result, terminal)


def _model_path(file: str, models: Path) -> str:
    """What was typed, or the file of that name in the models folder."""
    path = _absolute(file)
    if not os.path.lexists(path) and os.path.lexists(models / file):
        return str(models / file)
    return path


def _absolute(path: str | None) -> str:
    # not resolved: what a link is called is what the person knows it by
    return str(Path(path).expanduser().absolute()) if path else ""
