"""A core in memory that conforms to desktop.core.contract.Core. No worker, no disk, no Qt.

    core = FakeCore()                      # replies, loads and indexing run by themselves, on threads
    core = FakeCore(automatic=False)       # the test drives: core.replies[-1].write("Seven"), .finish()
    core.fail("rename_chat", problem)      # the next call of that name ends in that problem (times=n)
    core.tell(EngineStatus(...))           # what the real core would announce at any time

Every call is noted in `core.calls` as (name, arguments).
"""

import itertools
import threading
from collections.abc import Callable
from typing import Any, TypeVar

from msgspec.structs import replace

from desktop.core.contract import Unsubscribe
from desktop.core.errors import BadSetting, CoreError, EmptyQuestion, ReplyRunning, Reported, UnknownPreset
from desktop.core.events import (
    CoreEvent,
    EngineStatus,
    LibraryStatus,
)
from desktop.core.operations import Operation
from desktop.core.replies.settings import checked_values
from desktop.core.settings import SETTINGS
from desktop.core.types import (
    Answer,
    Citation,
    FilePart,
    Param,
    PlannedPrompt,
    Problem,
    Reading,
    ReplyOptions,
    StoredMessage,
)
from desktop.core.types.chats import Folder
from desktop.core.types.composing import Draft, EditDraft
from desktop.core.types.models import ModelChoice, ModelFile
from engine.protocol import LoadedModel, Message, Sampling, Templating
from rag.protocol import (
    DocumentInfo,
    PageBitmap,
)
from tests.fakes.chat_calls import FakeChatCalls
from tests.fakes.chats import FakeChats
from tests.fakes.comparing import FakeComparing
from tests.fakes.composing import FakeComposing, FakeReading
from tests.fakes.documents import FakeDocuments
from tests.fakes.encryption import FakeEncryption
from tests.fakes.exchange import FakeExchange
from tests.fakes.folders import FakeFolderCalls
from tests.fakes.health import FakeHealth
from tests.fakes.inside import FakeInside
from tests.fakes.jobs import FakeIndexing, FakeLoading
from tests.fakes.models import FakeModels
from tests.fakes.notices import FakeNotices
from tests.fakes.other_replies import FakeOtherReplies
from tests.fakes.page import draw_page
from tests.fakes.plans import planned, unstored
from tests.fakes.presets import FakePresets
from tests.fakes.prompts import FakePrompts
from tests.fakes.replies import FakeReply, Script, play
from tests.fakes.retrieval import FakeRetrieval
from tests.fakes.samples import MODELS, STATS, loaded
from tests.fakes.secrets import FakeSecrets
from tests.fakes.training import FakeTraining
from tests.fakes.training_material import FakeTrainingMaterial
from tests.fakes.upkeep import FakeUpkeep

R = TypeVar("R")


class FakeCore(
    FakeChatCalls,
    FakeComparing,
    FakeComposing,
    FakeFolderCalls,
    FakeHealth,
    FakeInside,
    FakeDocuments,
    FakeEncryption,
    FakeExchange,
    FakeModels,
    FakeNotices,
    FakeOtherReplies,
    FakePresets,
    FakePrompts,
    FakeTrainingMaterial,
    FakeUpkeep,
    FakeSecrets,
    FakeTraining,
    FakeRetrieval,
):
    """See the module. `model` None: no model is loaded, and a question fails with "no_model"."""

    def __init__(
        self,
        *,
        automatic: bool = True,
        script: Script | None = None,
        model: LoadedModel | None = loaded(),  # noqa: B008 - a frozen value
        models: tuple[ModelFile, ...] = MODELS,
        documents: tuple[DocumentInfo, ...] = (),
        painter: Callable[[int, int], PageBitmap] = draw_page,
    ) -> None:
        super().__init__()
        self.automatic = automatic
        self.script = script or Script()
        self.models = models
        self.documents = list(documents)
        self.painter = painter
        self.chats = FakeChats()
        self.drafts: dict[int, Draft] = {}
        self.edits: dict[int, EditDraft] = {}
        self.texts: dict[str, FilePart] = {}
        self.readings: list[FakeReading] = []
        self._open_comparing()
        self._open_training()
        self.folders: dict[int, Folder] = {}
        self.settings: dict[str, object] = {setting.name: setting.default for setting in SETTINGS}
        self.settings["system_prompt"] = ""
        self.own_presets: dict[str, dict[str, Param]] = {}
        self.chat_values: dict[int, dict[str, Param]] = {}
        self.model_values: dict[str, dict[str, Param]] = {}
        self.engine = EngineStatus("ready", model) if model else EngineStatus("no_model")
        self._open_prompts(
            lambda: str(self.settings["system_prompt"]),
            lambda: self.engine.model.path if self.engine.model else str(self.settings["model_path"]),
        )
        self.library = LibraryStatus("ready")
        self.asked_reading: Reading = "automatic"
        self.asked_from: tuple[str, ...] | None = None  # what a question's own collections were
        self._open_library()
        self._open_scoring()
        self.replies: list[FakeReply] = []
        self.loadings: list[FakeLoading] = []
        self.indexings: list[FakeIndexing] = []
        self.calls: list[tuple[str, tuple[object, ...]]] = []
        self.closed = False
        self.held_exchanges: set[str] = set()
        self.exchanges: list[Operation[Any]] = []
        self.choices: dict[str, ModelChoice] = {}
        self._failures: dict[str, list[Problem]] = {}
        self._listeners: list[Callable[[CoreEvent], None]] = []
        self._lock = threading.RLock()
        self._numbers = itertools.count(1000)

    # ── for the test ──

    def fail(self, name: str, problem: Problem, times: int = 1) -> None:
        """Have the next `times` calls of `name` end in `problem`."""
        self._failures.setdefault(name, []).extend([problem] * times)

    def tell(self, event: CoreEvent) -> None:
        """Announce `event`; statuses are kept for later subscribers."""
        with self._lock:
            if isinstance(event, EngineStatus):
                self.engine = event
            elif isinstance(event, LibraryStatus):
                self.library = event
            listeners = list(self._listeners)
        for listener in listeners:
            listener(event)

    def called(self, name: str) -> list[tuple[object, ...]]:
        """The arguments of every call of `name` so far."""
        return [arguments for called, arguments in self.calls if called == name]

    def _now(self, name: str, work: Callable[[], R], *arguments: object) -> Operation[R]:
        """Note the call, do the work at once, and wrap its result."""
        operation: Operation[R] = Operation()
        try:
            self._note(name, *arguments)
            result = work()
        except CoreError as error:
            operation.fail(error)
        else:
            operation.finish(result)
        return operation

    def _note(self, name: str, *arguments: object) -> None:
        self.calls.append((name, arguments))
        if self._failures.get(name):
            raise Reported(self._failures[name].pop(0))

    def _change_chats(self, name: str, work: Callable[[], R], *arguments: object) -> Operation[R]:
        operation = self._now(name, work, *arguments)
        self.tell(self.chats_changed())
        return operation

    # ── the contract ──

    def subscribe(self, listener: Callable[[CoreEvent], None]) -> Unsubscribe:
        for event in (self.engine, self.library, self.chats_changed()):
            listener(event)
        with self._lock:
            self._listeners.append(listener)

        def unsubscribe() -> None:
            with self._lock:
                self._listeners.remove(listener)

        return unsubscribe

    def close(self) -> None:
        self.closed = True
        for reply in self.replies:
            reply.stop()
        for training in self.trainings:
            training.operation.cancel()

    # conversation

    def send(
        self,
        chat: int,
        text: str,
        files: tuple[FilePart, ...] = (),
        collections: tuple[str, ...] | None = None,
        reading: Reading = "automatic",
    ) -> Operation[StoredMessage]:
        def ask() -> StoredMessage:
            if not text.strip() and not files:
                raise EmptyQuestion
            return self.chats.add_message(chat, "user", text.strip(), files=files)

        with_files = (files,) if files else ()
        with_collections = () if collections is None else (collections,)
        self.asked_from, self.asked_reading = collections, reading
        return self._reply("send", chat, ask, chat, text, *with_files, *with_collections)

    def regenerate(self, reply: int) -> Operation[StoredMessage]:
        try:
            chat = self.chats._chat_of(reply).info.id
        except CoreError:
            return self._now("regenerate", lambda: self.chats.cut_before(reply), reply)
        return self._reply("regenerate", chat, lambda: self.chats.cut_before(reply), reply)

    def continue_reply(self, reply: int) -> Operation[StoredMessage]:
        def reopen() -> StoredMessage:
            return self.chats.reopen(reply)

        try:
            chat = self.chats._chat_of(reply).info.id
        except CoreError:
            return self._now("continue_reply", reopen, reply)
        return self._reply("continue_reply", chat, reopen, reply)

    def send_edited(
        self, question: int, text: str, files: tuple[FilePart, ...] | None = None
    ) -> Operation[StoredMessage]:
        with_files = () if files is None else (files,)

        def ask() -> StoredMessage:
            kept = self.chats.message(question).files if files is None else files
            if not text.strip() and not kept:
                raise EmptyQuestion
            return self.chats.edit_question(question, text, files)

        try:
            chat = self.chats._chat_of(question).info.id
        except CoreError:
            return self._now("send_edited", ask, question, text, *with_files)
        return self._reply("send_edited", chat, ask, question, text, *with_files)

    def plan_prompt(
        self, chat: int, draft: str, *, tokens: bool = False, files: tuple[FilePart, ...] = ()
    ) -> Operation[PlannedPrompt]:
        def work() -> PlannedPrompt:
            prompt = self.chat_prompts.of(self.prompt_store, chat)
            shown = self.chats.get(chat) if chat else unstored()
            return planned(shown, prompt, draft, self.script.plan, tokens=tokens, files=files)

        return self._now("plan_prompt", work, chat, draft)

    def _reply(
        self,
        name: str,
        chat: int,
        question: Callable[[], StoredMessage],
        *arguments: object,
        text: str = "",
        repeats: StoredMessage | None = None,
    ) -> Operation[StoredMessage]:
        def begin() -> FakeReply:
            if any(not reply.over and reply.reply.chat == chat for reply in self.replies):
                raise ReplyRunning(chat=chat)
            self.chat_prompts.for_turn(self.prompt_store, chat)
            asked = question()
            if asked.role == "assistant":  # a reply that goes on
                before = self.chats.message(asked.parent or 0)
                return FakeReply(self.chats, before, asked, self._reply_ended, text=asked.text)
            model = self.engine.model.name if self.engine.model else ""
            answer = self.chats.add_message(chat, "assistant", model=model)
            return FakeReply(self.chats, asked, answer, self._reply_ended, repeats=repeats)

        begun = self._now(name, begin, *arguments)
        error = begun.error()
        if error is not None:
            failed: Operation[StoredMessage] = Operation()
            failed.fail(error)
            return failed
        reply = begun.result()
        self.replies.append(reply)
        self.tell(self.chats_changed())
        if text:
            reply.write(text)
        self._answer(reply)
        return reply.operation

    def _answer(self, reply: FakeReply) -> None:
        if self.engine.model is None:
            reply.fail(Problem("no_model", {"folder": "/home/ana/.local/share/sobremesa/models"}))
            return
        self.tell(replace(self.engine, state="busy"))
        if self.automatic:
            asked_from, self.asked_from = self.asked_from, None
            switched_on = self.chats.get(reply.reply.chat).collections if asked_from is None else asked_from
            excerpts = self.script.excerpts if switched_on else ()
            script = Script(**{**vars(self.script), "excerpts": excerpts})
            if reply.repeats is not None:
                again = replace(reply.repeats.stats, reused_tokens=0) if reply.repeats.stats else STATS
                script = Script(text=reply.repeats.text, stats=again)
            play(reply, script)

    def _reply_ended(self) -> None:
        if self.engine.state == "busy":
            self.tell(replace(self.engine, state="ready"))
        self.tell(self.chats_changed())

    def answer(
        self,
        history: tuple[Message, ...],
        question: str,
        *,
        collections: tuple[str, ...] = (),
        documents: tuple[int, ...] = (),
        model: str = "",
        sampling: Sampling | None = None,
        max_tokens: int | None = None,
        templating: Templating | None = None,
        options: ReplyOptions = ReplyOptions(),  # noqa: B008
        reading: Reading = "automatic",
    ) -> Operation[Answer]:
        def work() -> Answer:
            if model:
                self._model(model)
            if options.preset and options.preset not in {one.name for one in self._all_presets()}:
                raise UnknownPreset(name=options.preset)
            checked_values(options.values)
            excerpts = self.script.excerpts if collections or documents else ()
            citations = tuple(
                Citation(e.n, e.document, e.file, e.title, e.page, e.start, e.end, e.text) for e in excerpts
            )
            if self.script.problem is not None:
                raise Reported(self.script.problem)
            script = self.script
            return Answer(script.text, excerpts, citations, script.stats, script.plan, script.thoughts)

        arguments = (
            history,
            question,
            collections,
            documents,
            model,
            sampling,
            max_tokens,
            options,
            templating,
        )
        return self._now("answer", work, *arguments)

    # settings

    def setting(self, name: str) -> object:
        if name not in self.settings:
            raise BadSetting(name=name, value="")
        return self.settings[name]

    def set_setting(self, name: str, value: Any) -> Operation[None]:
        def work() -> None:
            if name not in self.settings:
                raise BadSetting(name=name, value=str(value))
            self.settings[name] = value

        return self._now("set_setting", work, name, value)
