"""The program without a face: builds the parts of the core and offers them as one. Decides nothing itself."""

import logging
import threading
from collections.abc import Callable

from desktop.core.chats.keeper import ChatsKeeper
from desktop.core.chats.store import ChatStore
from desktop.core.chats.thread import StoreThread
from desktop.core.contract import Core, Unsubscribe
from desktop.core.data_lock import DataLock
from desktop.core.encryption.opening import begin
from desktop.core.errors import CoreError
from desktop.core.events import CoreEvent, StorageProblem
from desktop.core.exchange.backup import clear_staging
from desktop.core.exchange.safety import SafetyCopies
from desktop.core.exchange.whole_files import WholeFiles
from desktop.core.models import Facts, ModelChoices, ModelShelf, Store, TemplateTrials, stores
from desktop.core.models.names import shown_name
from desktop.core.models.services import ModelServices
from desktop.core.operations import Operation, start
from desktop.core.passwords import Passwords
from desktop.core.places import Places
from desktop.core.private_files import leave_no_core_dumps
from desktop.core.replies.answering import Answering
from desktop.core.replies.chat_prompts import ChatPrompts
from desktop.core.replies.choices import ReplyChoices
from desktop.core.replies.comparing import Comparisons
from desktop.core.replies.conversation import Conversations
from desktop.core.replies.kv_states import KvStates
from desktop.core.replies.other_replies import OtherReplies
from desktop.core.replies.presets import Presets
from desktop.core.replies.previews import Previews
from desktop.core.replies.saver import ReplySaver
from desktop.core.replies.settings import check_reply_value
from desktop.core.replies.side_answers import Sides
from desktop.core.replies.titles import Titles
from desktop.core.secrets import ServerChoice, ServerToken
from desktop.core.services.answers import AnswerServices
from desktop.core.services.chats import ChatServices
from desktop.core.services.comparing import ComparingServices
from desktop.core.services.composing import ComposingServices
from desktop.core.services.documents import DocumentServices
from desktop.core.services.encryption import EncryptionServices
from desktop.core.services.exchange import ExchangeServices
from desktop.core.services.folders import FolderServices
from desktop.core.services.health import HealthServices
from desktop.core.services.inside import InsideServices
from desktop.core.services.models import ModelDelegates
from desktop.core.services.notices import NoticesServices
from desktop.core.services.presets import PresetServices
from desktop.core.services.processes import ProcessServices
from desktop.core.services.prompts import PromptServices
from desktop.core.services.retrieval import RetrievalServices
from desktop.core.services.secrets import SecretsServices
from desktop.core.services.training import TrainingServices
from desktop.core.services.training_material import TrainingMaterialServices
from desktop.core.services.upkeep import UpkeepServices
from desktop.core.settings import Settings
from desktop.core.statuses import Hub
from desktop.core.training.inside import Inside
from desktop.core.types import FilePart, PlannedPrompt, Reading, StoredMessage
from desktop.core.workers.devices import KnownDevices, embedder_request
from desktop.core.workers.embedders import Embedders
from desktop.core.workers.engine import EngineClient
from desktop.core.workers.file_reader import FileReader
from desktop.core.workers.killers import Killers
from desktop.core.workers.launches import EMBEDDING_MODEL, Launches
from desktop.core.workers.library import LibraryClient
from desktop.core.workers.reader import ReaderClient
from desktop.core.workers.reranker import Reranker
from desktop.core.workers.vocabulary import VocabularyClient
from engine.protocol import LoadedModel

WORKERS_CLOSE_S = 6.0  # asked to leave, then killed; all of them at the same time

log = logging.getLogger(__name__)


def open_core(
    places: Places, launches: Launches | None = None, others: tuple[Store, ...] | None = None
) -> "Services":
    """Take the data folder and open what is in it. Workers start when they are first needed.

    `others`: where other programs keep models; None: where they do on this machine.
    Raises DataInUse, DataUnwritable, and what opening the chats raises. Close the result.
    """
    places.create()
    leave_no_core_dumps()
    lock = DataLock.take(places.lock_file)
    try:
        settings = Settings(places.settings_file)
        clear_staging(places)
        WholeFiles(places.unfinished_dir).clear()
        unfinished = begin(places)
        safety = SafetyCopies(places)
        store = StoreThread(
            lambda: ChatStore(
                places.chats_file,
                trash_days=lambda: settings.whole("trash_days"),
                leaving=safety.note,
                keyring=places.keyring,
            )
        )
        shelf = ModelShelf(
            places.models,
            Facts(places.model_facts_file),
            stores() if others is None else others,
            lambda: settings.text("models_folders"),
            places.shipped_models_dir,
        )
        choices = ModelChoices(places.model_choices_file)
        launches = launches or Launches(places, settings)
        core = Services(places, lock, settings, store, safety, launches, shelf, choices)
        if unfinished is not None:
            core.publish(StorageProblem(unfinished))
    except BaseException:
        lock.release()
        raise
    return core


class Services(
    ChatServices,
    ComparingServices,
    ComposingServices,
    EncryptionServices,
    ExchangeServices,
    FolderServices,
    HealthServices,
    InsideServices,
    OtherReplies,
    PromptServices,
    PresetServices,
    ProcessServices,
    ModelDelegates,
    NoticesServices,
    DocumentServices,
    TrainingMaterialServices,
    UpkeepServices,
    SecretsServices,
    TrainingServices,
    RetrievalServices,
    AnswerServices,
):
    """Conforms to `desktop.core.contract.Core`, where its methods are described."""

    def __init__(
        self,
        places: Places,
        lock: DataLock,
        settings: Settings,
        store: StoreThread,
        safety: SafetyCopies,
        launches: Launches,
        shelf: ModelShelf,
        choices: ModelChoices,
    ) -> None:
        self.places = places
        self._lock = lock
        self._settings = settings
        self._shelf = shelf
        self._choices = choices
        self._store = store
        self._safety = safety
        self._hub = Hub()
        self._runtimes = launches.runtimes
        killers = Killers(places.killers_file)
        self._engine, self._second_engine = (
            EngineClient(
                launch,
                publish,
                launches.runtimes,
                killers,
                lambda: 60.0 * settings.whole("idle_unload_minutes"),
            )
            # what becomes of the second one is told with the answer that it writes
            for launch, publish in (
                (launches.engine, self._hub.publish),
                (launches.second_engine, lambda _: None),
            )
        )
        self._states = KvStates(
            places.kv_dir, settings, self._forget_state, lambda: places.keyring.key is None
        )
        embedders = Embedders(
            launches.embedder,
            launches.gguf_embedder,
            launches.embedding_model,
            lambda path: embedder_request(path, settings),
            killers=Killers(places.search_killers_file),
        )
        self._passwords = Passwords(places.data)
        self._token = ServerToken(places.data)
        self._library = LibraryClient(
            launches.library,
            embedders,
            self._hub.publish,
            self._passwords,
            lambda: settings.whole("trash_days"),
            ServerChoice(settings, self._token),
            Reranker(launches.reranker, lambda: settings.text("reranker_path")),
        )
        self._reader = ReaderClient(launches.reader, password_of=self._passwords.of)
        self._files = FileReader(launches.file_reader, password_of=self._passwords.of)
        self._saver = ReplySaver(store, self._hub.publish)
        devices = KnownDevices(self._engine.devices, launches.runtimes, self._engine.tell_runtime)
        self._vocabularies = VocabularyClient(launches.vocabulary, lambda: devices.to_use(settings))
        presets = Presets(places.presets_file, settings)
        PresetServices.__init__(self, store, presets)
        self._answering, second = (
            Answering(engine, settings, shelf, self._states, choices, ReplyChoices(presets))
            for engine in (self._engine, self._second_engine)
        )
        self._models = ModelServices(
            shelf,
            settings,
            self._engine,
            devices,
            self._answering.load_request,
            launches.model_jobs,
            self._hub.publish,
            launches.hub,
            choices,
            TemplateTrials(launches.template),
            places.models / EMBEDDING_MODEL.parent,
        )
        self._prompts = ChatPrompts(lambda: settings.text("system_prompt"), self._answering_model)
        previews = Previews(self._engine, self._vocabularies, self._answering)
        self._conversations = Conversations(
            store,
            self._saver,
            self._answering,
            self._grounds_for(settings),
            previews,
            self._prompts,
            self._model_name,
            self._tell_chats,
        )
        self._sides = Sides(self._engine, self._answering, self._second_engine, second, devices, settings)
        self._comparisons = Comparisons(
            store, self._saver, self._conversations, self._prompts, self._sides, self._name_of
        )
        self._titles = Titles(self._engine, self._answering, store, settings, self._tell_chats)
        self._open_training(places, launches.trainer, self._hub.publish)
        self._inside = Inside(launches.inside)
        self._closed = False
        self._converting = threading.Lock()
        start(lambda _: safety.follow(), "safety copies")
        for problem in (settings.problem, store.call(lambda chats: chats.problem)):
            if problem is not None:
                self._hub.publish(StorageProblem(problem))
        store.call(self._publish_chats)
        self._keeper = ChatsKeeper(store.call(lambda chats: chats.copy), self._hub.publish)
        self._states.sweep(chat.id for chat in store.call(lambda chats: chats.list_chats()))

    def subscribe(self, listener: Callable[[CoreEvent], None]) -> Unsubscribe:
        return self._hub.subscribe(listener)

    def publish(self, event: CoreEvent) -> None:
        """For the composition root, which hears from outside that the window is wanted."""
        self._hub.publish(event)

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        self._titles.close()
        self._conversations.close()
        stops = [
            threading.Thread(target=stop, name="stop-worker", daemon=True)
            for stop in (
                self._models.close,
                self._engine.close,
                self._second_engine.close,
                self._library.close,
                self._reader.close,
                self._files.close,
                self._vocabularies.close,
                self._trainers.close,
                self._inside.close,
            )
        ]
        for thread in stops:
            thread.start()
        for thread in stops:
            thread.join(WORKERS_CLOSE_S)
        self._conversations.wait(WORKERS_CLOSE_S)  # whose workers are gone now
        self._saver.close()
        self._keeper.close()
        try:
            self._store.close()
        except CoreError as error:  # nobody is left to be told; what was saved before is safe
            log.warning("closing the chats: %s", error)
        self._safety.follow()
        self._lock.release()

    def _forget_state(self, file: str) -> None:
        """A KV state's file is to be written again by no engine."""
        for engine in (self._engine, self._second_engine):
            engine.forget_chat(file)

    def _answering_model(self) -> tuple[str, str]:
        """Path and name of what would answer now; both empty where nothing would."""
        try:
            path = self._answering.load_request().path
        except CoreError:
            return "", ""
        return path, shown_name(path)

    def _model_name(self) -> str:
        """A missing model is reported when it is needed."""
        try:
            return self._name_of(self._answering.load_request().path)
        except CoreError:
            return ""

    def _name_of(self, path: str) -> str:
        try:
            return self._shelf.inspect(path).name
        except CoreError:
            return ""

    # ── conversation ──

    def send(
        self,
        chat: int,
        text: str,
        files: tuple[FilePart, ...] = (),
        collections: tuple[str, ...] | None = None,
        reading: Reading = "automatic",
    ) -> Operation[StoredMessage]:
        return self._titled(lambda: self._conversations.send(chat, text, files, collections, reading))

    def regenerate(self, reply: int) -> Operation[StoredMessage]:
        return self._titled(lambda: self._conversations.regenerate(reply))

    def continue_reply(self, reply: int) -> Operation[StoredMessage]:
        return self._titled(lambda: self._conversations.continue_reply(reply))

    def send_edited(
        self, question: int, text: str, files: tuple[FilePart, ...] | None = None
    ) -> Operation[StoredMessage]:
        return self._titled(lambda: self._conversations.send_edited(question, text, files))

    def _titled(self, ask: Callable[[], Operation[StoredMessage]]) -> Operation[StoredMessage]:
        """A reply, after which its chat gets a title where it has none yet."""
        self._titles.stand_aside()
        asked = ask()
        asked.when_done(lambda reply: None if reply.error() else self._titles.after(reply.result()))
        return asked

    def load_model(self, path: str) -> Operation[LoadedModel]:
        self._titles.stand_aside()
        return super().load_model(path)

    def unload_model(self) -> Operation[None]:
        self._titles.stand_aside()
        return super().unload_model()

    def plan_prompt(
        self, chat: int, draft: str, *, tokens: bool = False, files: tuple[FilePart, ...] = ()
    ) -> Operation[PlannedPrompt]:
        return self._conversations.plan(chat, draft, tokens=tokens, files=files)

    # ── settings ──

    def setting(self, name: str) -> object:
        return self._settings.value(name)

    def set_setting(self, name: str, value: object) -> Operation[None]:
        def work(_: Operation[None]) -> None:
            check_reply_value(name, value)
            before = self._settings.value(name)
            self._settings.set(name, value)
            if name == "idle_unload_minutes":
                self._engine.idle_changed()
                self._second_engine.idle_changed()
            if name == "embedder_path":
                self._use_search_model(before)
            elif name == "reranker_path":
                self._use_reranker(before)
            elif name == "offline" and self._settings.flag(name):
                self._models.network_forbidden()
            if name == "offline" or name.startswith("chroma_"):
                self._library.use_server()

        return start(work, "set setting")


def _conforms(services: Services) -> Core:
    """Held by the type checker: the facade offers all that the contract promises."""
    return services
