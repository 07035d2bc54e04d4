"""What may be asked of a core from outside its process, as values, and how each is carried out.

The command line runs these on a core of its own, or has them run by the program that owns the data
folder (desktop.core.local_socket). Prints nothing.
"""

import os
from collections.abc import Callable
from threading import Event
from typing import Any, TypeVar

import msgspec
from msgspec.structs import replace

from desktop.core.commands.chats import (
    BackUp,
    ChatsCommand,
    ChatsResult,
    ExportChats,
    ImportChats,
    ListChats,
    RestoreBackup,
    SearchChats,
    ShowChat,
    run_chats,
)
from desktop.core.commands.health import (
    HealthCommand,
    HealthResult,
    LookAtHealth,
    TellDiagnostics,
    run_health,
)
from desktop.core.commands.library import (
    ChangeCollection,
    CheckTheLibrary,
    EmptyLibraryTrash,
    ForgetPasswords,
    ForgetWatched,
    LibraryCommand,
    LibraryResult,
    ListCollections,
    ListLibrary,
    PauseLibrary,
    RebuildTheIndex,
    RemoveFromLibrary,
    Score,
    run_library,
)
from desktop.core.commands.models import ModelsCommand, ModelsResult, run_models
from desktop.core.commands.prompts import (
    ExportPrompts,
    ImportPrompts,
    ListPrompts,
    PromptsCommand,
    PromptsResult,
    ShowPrompt,
    found_prompt,
    run_prompts,
)
from desktop.core.commands.training import (
    TrainingCommand,
    TrainingResult,
    WriteExamples,
    WriteTexts,
    run_training,
)
from desktop.core.contract import Core
from desktop.core.errors import (
    Cancelled,
    CoreError,
    DataInUse,
    NoDocuments,
    PromptValuesMissing,
    Reported,
)
from desktop.core.events import (
    CheckingModel,
    CopyingModel,
    DownloadingModel,
    IndexEvent,
    QuantizingModel,
    ReplyEvent,
)
from desktop.core.operations import Operation
from desktop.core.passwords import Unlock
from desktop.core.replies.layout import example_pieces
from desktop.core.types import Answer, ReplyOptions
from desktop.core.types.exchange import ExchangeEvent
from desktop.core.types.health import LookingAt
from desktop.core.types.prompts import ChatPrompt
from desktop.core.types.scoring import ScoringEvent
from desktop.core.types.training import GatheringMaterial
from engine.protocol import Message, Templating
from rag.errors import UnknownCollection
from rag.protocol import DEFAULT_COLLECTION, Hit, IndexDone, IndexedDocument, UpkeepProgress

R = TypeVar("R")
CommandEvent = (
    ReplyEvent
    | IndexEvent
    | CopyingModel
    | CheckingModel
    | QuantizingModel
    | DownloadingModel
    | ExchangeEvent
    | GatheringMaterial
    | UpkeepProgress
    | ScoringEvent
    | LookingAt
)
Emit = Callable[[CommandEvent], None]

CANCEL_CHECK_S = 0.05

# ── commands ──────────────────────────────────────────────────────────────────────────────────────


class ChatTurn(msgspec.Struct, frozen=True, tag=True):
    """Answer `question` after `history`, storing nothing. Emits ReplyEvent; Answered.

    `system` None: what new chats begin with, or what `prompt` says, one of the library by its name or key,
    with `values` for its variables. `model`: a file to answer with, once; "": the chosen one.
    """

    question: str
    history: tuple[Message, ...] = ()
    system: str | None = None
    model: str = ""
    templating: Templating | None = None
    options: ReplyOptions = ReplyOptions()
    prompt: str = ""
    values: dict[str, str] = {}


class Index(msgspec.Struct, frozen=True, tag=True):
    """Paths are absolute. Emits IndexEvent; Indexed. `password`: of the files that ask for one; `watch`: what
    becomes of the folders among them is followed from now on."""

    paths: tuple[str, ...]
    collection: str = DEFAULT_COLLECTION
    password: str = ""
    watch: bool = False


class Search(msgspec.Struct, frozen=True, tag=True):
    """Found. No collections: all of them."""

    query: str
    k: int = 5
    collections: tuple[str, ...] = ()


class Ask(msgspec.Struct, frozen=True, tag=True):
    """Answer from documents. Emits IndexEvent and ReplyEvent; Answered.

    With `paths`, these files are indexed first (into `collection` or the default one) and the answer is
    drawn from them alone; else from `collection`; else from all documents.
    """

    question: str
    paths: tuple[str, ...] = ()
    collection: str = ""
    model: str = ""
    templating: Templating | None = None
    options: ReplyOptions = ReplyOptions()


class ShowWindow(msgspec.Struct, frozen=True, tag=True):
    """A second copy was started: show the window that is open, and give it these files, whose paths are
    absolute. WindowShown."""

    files: tuple[str, ...] = ()


Command = (
    ChatTurn
    | Index
    | Search
    | Ask
    | ChatsCommand
    | HealthCommand
    | LibraryCommand
    | ModelsCommand
    | PromptsCommand
    | TrainingCommand
    | ShowWindow
)

# ── results ───────────────────────────────────────────────────────────────────────────────────────


class Answered(msgspec.Struct, frozen=True, tag=True):
    """`documents`: what became of the paths of an `Ask`."""

    answer: Answer
    documents: tuple[IndexedDocument, ...] = ()


class Indexed(msgspec.Struct, frozen=True, tag=True):
    documents: tuple[IndexedDocument, ...]
    cancelled: bool = False


class Found(msgspec.Struct, frozen=True, tag=True):
    hits: tuple[Hit, ...]


class WindowShown(msgspec.Struct, frozen=True, tag=True):
    pass


Result = (
    Answered
    | Indexed
    | Found
    | HealthResult
    | LibraryResult
    | ModelsResult
    | ChatsResult
    | PromptsResult
    | TrainingResult
    | WindowShown
)

# ── carrying out ──────────────────────────────────────────────────────────────────────────────────


def run(
    core: Core,
    command: Command,
    emit: Emit,
    cancelled: Event,
    show_window: Callable[[tuple[str, ...]], None] | None = None,
) -> Result:
    """Carry out `command` and wait for its end. Once `cancelled` is set, the work is asked to stop.

    `emit` is called on the core's threads. `show_window` brings this program's window to the front with
    files that it is to take; may be called on any thread; None: it has no window, and a command here never
    asks. Raises CoreError.
    """
    job = _Job(core, emit, cancelled)
    match command:
        case ChatTurn():
            return Answered(job.chat(command))
        case Index():
            return job.index(command)
        case Search(query, k, collections):
            job.check_collections(collections)
            return Found(job.wait(core.search(query, k, collections)))
        case Ask():
            return job.ask(command)
        case ShowWindow(files):
            if show_window is None:
                raise DataInUse
            show_window(files)
            return WindowShown()
        case (
            ListChats()
            | SearchChats()
            | ShowChat()
            | ExportChats()
            | ImportChats()
            | BackUp()
            | RestoreBackup()
        ):
            return run_chats(core, command, job.wait)
        case (
            ListCollections()
            | ChangeCollection()
            | ListLibrary()
            | RemoveFromLibrary()
            | EmptyLibraryTrash()
            | ForgetWatched()
            | PauseLibrary()
            | CheckTheLibrary()
            | RebuildTheIndex()
            | ForgetPasswords()
            | Score()
        ):
            return run_library(core, command, job.wait)
        case LookAtHealth() | TellDiagnostics():
            return run_health(core, command, job.wait)
        case WriteExamples() | WriteTexts():
            return run_training(core, command, job.wait)
        case ListPrompts() | ShowPrompt() | ExportPrompts() | ImportPrompts():
            return run_prompts(core, command, job.wait)
        case _:
            return run_models(core, command, job.wait)


class _Job:
    """One command on its way."""

    def __init__(self, core: Core, emit: Emit, cancelled: Event) -> None:
        self._core = core
        self._emit = emit
        self._cancelled = cancelled

    def wait(self, operation: Operation[R]) -> R:
        """Pass events on, and the wish to stop; give the result. Raises CoreError."""
        operation.subscribe(self._emit)
        ended = Event()
        operation.when_done(lambda _: ended.set())
        stopping = False
        # short waits: on Windows a person's second Ctrl+C does not reach a thread in a long one
        while not ended.wait(CANCEL_CHECK_S):
            if self._cancelled.is_set() and not stopping:
                stopping = True
                operation.cancel()
        return operation.result()

    def index(self, command: Index) -> Indexed:
        unlock = Unlock(command.password) if command.password else None
        # first: whoever stops or kills the indexing has asked for the folder to be followed all the same
        for path in command.paths if command.watch else ():
            if os.path.isdir(path):  # noqa: PTH112 - Path.is_dir() raises in a folder that may not be entered
                self.wait(self._core.watch_folder(path, command.collection))
        done: IndexDone = self.wait(self._core.index(command.paths, command.collection, unlock))
        return Indexed(done.documents, done.cancelled)

    def chat(self, command: ChatTurn) -> Answer:
        if command.system is None:
            key = found_prompt(self._core, command.prompt, self.wait).key if command.prompt else ""
            prompt: ChatPrompt = self.wait(self._core.expand_prompt(key, command.values))
            if prompt.missing:
                raise PromptValuesMissing(names=", ".join(prompt.missing))
            system, examples = prompt.text, example_pieces(prompt.examples)
            command = replace(command, options=_with_schema(command.options, prompt.content.json_schema))
        else:
            system, examples = command.system, ()
        before = (Message("system", system),) if system else ()
        before = (*before, *(piece.message for piece in examples))
        return self._answer(command, (*before, *command.history))

    def ask(self, command: Ask) -> Answered:
        if command.paths:
            indexed = self._indexed(command)
            usable = tuple(
                one.document for one in indexed if one.document is not None and one.state != "failed"
            )
            if not usable:
                raise _why_none(indexed)
            return Answered(self._answer(command, (), documents=usable), indexed)
        names: tuple[str, ...] = (command.collection,) if command.collection else ()
        self.check_collections(names)
        if not names:
            found = self.wait(self._core.list_collections())
            names = tuple(collection.name for collection in found if collection.documents)
        if not names:
            raise NoDocuments
        return Answered(self._answer(command, (), collections=names))

    def check_collections(self, names: tuple[str, ...]) -> None:
        """Raises (reported) UnknownCollection: a misspelt name must not look like "nothing found"."""
        if names:
            known = {collection.name for collection in self.wait(self._core.list_collections())}
            for name in names:
                if name not in known:
                    raise Reported.of(UnknownCollection(name=name))

    def _indexed(self, command: Ask) -> tuple[IndexedDocument, ...]:
        collection = command.collection or DEFAULT_COLLECTION
        done: IndexDone = self.wait(self._core.index(command.paths, collection))
        if done.cancelled:
            raise Cancelled
        return done.documents

    def _answer(self, command: ChatTurn | Ask, history: tuple[Message, ...], **where: Any) -> Answer:
        asked = self._core.answer(
            history,
            command.question,
            model=command.model,
            templating=command.templating,
            options=command.options,
            **where,
        )
        return self.wait(asked)


def _with_schema(options: ReplyOptions, schema: str) -> ReplyOptions:
    """What a prompt asks of replies counts where the person asked for nothing."""
    asked = options.grammar or options.json_schema
    return replace(options, json_schema=schema) if schema and not asked else options


def _why_none(indexed: tuple[IndexedDocument, ...]) -> CoreError:
    """Why no document can be asked: what the first one failed with."""
    for one in indexed:
        if one.error is not None:
            return Reported.of(one.error)
    return NoDocuments()
