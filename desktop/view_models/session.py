"""Every view model of the window over one open core, and how they hear of each other. No widgets."""

from PySide6.QtCore import QObject, Signal

from desktop.core.contract import Core
from desktop.core.errors import PromptValuesMissing
from desktop.core.events import CoreEvent, WindowRequested
from desktop.core.types import ChatInfo, FilePart, Problem
from desktop.view_models.branches import BranchesViewModel
from desktop.view_models.bridge import listen
from desktop.view_models.chat_sources import ChatSourcesViewModel
from desktop.view_models.chats import ChatsViewModel
from desktop.view_models.comparing import ComparisonViewModel
from desktop.view_models.context import ContextViewModel
from desktop.view_models.conversation import ConversationViewModel
from desktop.view_models.costs import CostsViewModel
from desktop.view_models.document_rows import DocumentRow
from desktop.view_models.documents import DocumentsViewModel
from desktop.view_models.downloads import DownloadsViewModel
from desktop.view_models.encryption import EncryptionViewModel
from desktop.view_models.exchange import ExchangeViewModel
from desktop.view_models.find_in_chat import FindViewModel
from desktop.view_models.health import HealthViewModel
from desktop.view_models.library_keeping import LibraryKeepingViewModel
from desktop.view_models.licences import LicencesViewModel
from desktop.view_models.long_jobs import LongJobs
from desktop.view_models.model_cards import ModelCardsViewModel
from desktop.view_models.model_imports import ModelImportsViewModel
from desktop.view_models.models import ModelsViewModel
from desktop.view_models.notices import NoticesViewModel
from desktop.view_models.parameters import ParametersViewModel
from desktop.view_models.probabilities import ProbabilitiesViewModel
from desktop.view_models.prompt_library import PromptLibraryViewModel
from desktop.view_models.quantizing import QuantizingViewModel
from desktop.view_models.scoring import ScoringViewModel
from desktop.view_models.settings import SettingsViewModel
from desktop.view_models.system_prompt import SystemPromptViewModel
from desktop.view_models.templates import TEMPLATE_PROBLEMS, TemplatesViewModel
from desktop.view_models.viewer import Target, ViewerViewModel
from desktop.view_models.welcome import WelcomeViewModel
from desktop.view_models.why import WhyViewModel
from desktop.view_models.workshop.shop import WorkshopViewModel


class Session(QObject):
    """The state behind the window from the moment the core is open. Widgets are built from it anew when
    the language changes; it stays."""

    window_requested = Signal()

    def __init__(self, core: Core, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.core = core
        self.notices = NoticesViewModel(core, self)
        self.settings = SettingsViewModel(core, self)
        self.models = ModelsViewModel(core, self)
        self.model_cards = ModelCardsViewModel(core, self)
        self.model_imports = ModelImportsViewModel(core, self.models, self)
        self.downloads = DownloadsViewModel(core, self)
        self.quantizing = QuantizingViewModel(core, self)
        self.chats = ChatsViewModel(core, self)
        self.conversation = ConversationViewModel(core, self)
        self.branches = BranchesViewModel(core, self.conversation, self)
        self.find = FindViewModel(core, self.conversation, self)
        self.system_prompt = SystemPromptViewModel(core, self)
        self.prompt_library = PromptLibraryViewModel(core, self)
        self.documents = DocumentsViewModel(core, self)
        self.library_keeping = LibraryKeepingViewModel(core, self)
        self.viewer = ViewerViewModel(core, self)
        self.chat_sources = ChatSourcesViewModel(self.conversation, self)
        self.why = WhyViewModel(core, self.conversation, self.documents, self)
        self.scoring = ScoringViewModel(core, self.documents, self.settings, self)
        self.comparison = ComparisonViewModel(core, self.conversation, self)
        self.templates = TemplatesViewModel(core, self)
        self.exchange = ExchangeViewModel(core, self)
        self.health = HealthViewModel(core, self)
        self.encryption = EncryptionViewModel(core, self)
        self.licences = LicencesViewModel(core, self)
        self.context = ContextViewModel(core, self.conversation, self)
        self.parameters = ParametersViewModel(core, self.conversation, self.settings, self)
        self.costs = CostsViewModel(core, self.conversation, self)
        self.probabilities = ProbabilitiesViewModel(core, self.conversation, self.settings, self)
        self.long_jobs = LongJobs(self.documents, self.downloads, self.quantizing, self.conversation, self)
        self.conversation.ended_elsewhere.connect(lambda chat, _: self.chats.mark_unseen(chat))
        self.welcome = WelcomeViewModel(core, self)
        self.workshop = WorkshopViewModel(core, self.models, self.conversation, self)
        self._wanted: int | None = None
        self._shown = False
        self._storing = False
        self._files: list[str] = []  # to be added once the chat in front is stored
        self._prompt = ""  # to be chosen then
        self._connect()

    def _connect(self) -> None:
        self.chats.open_requested.connect(self.conversation.bring)
        self.chats.new_requested.connect(lambda: self.conversation.bring(None))
        self.chats.hit_requested.connect(self.find.open_at)
        self.conversation.chat_changed.connect(self._chat_changed)
        self.conversation.messages.branched.connect(self.conversation.open)
        for view_model in (self.chats, self.models, self.system_prompt, self.templates):
            view_model.failed.connect(self._tell)
        self.settings.changed.connect(self._setting_changed)
        self.settings.changed.connect(self.context.look_again)
        self.documents.switches_changed.connect(lambda: self.context.set_searches(bool(self.documents.used)))
        self.probabilities.failed.connect(self._tell)
        self.settings.unseen.connect(self._tell)
        self.system_prompt.state_changed.connect(self._values_filled)
        self.system_prompt.saved.connect(lambda: self.context.look_again())
        self.conversation.reply_ended.connect(lambda _: self.system_prompt.look_again())
        for told in (self.models.changed, self.models.models_changed, self.downloads.changed):
            told.connect(self.settings.look_again)
        self.documents.open_requested.connect(self._open_document)
        self.library_keeping.failed.connect(self.documents.tell_problem)
        self.conversation.draws_from = self.documents.take_once
        self.conversation.problem_changed.connect(self._not_stored)
        self.conversation.citation_activated.connect(self.viewer.show)
        self.comparison.kept.connect(self.conversation.open)
        self.comparison.moved.connect(self._compared)
        self.exchange.replaced.connect(self.conversation.new)
        self.exchange.restored.connect(self.settings.adopt)
        self.templates.chosen.connect(self._try_with_template)
        listen(self.core, self, self._on_core_event)

    def _try_with_template(self) -> None:
        """What failed for want of a template is asked again once there is one."""
        turns = self.conversation.turns
        failed = turns[-1].problem if turns and turns[-1].state == "failed" else None
        if failed is not None and failed.code in TEMPLATE_PROBLEMS:
            self.conversation.retry()

    def _compared(self, chat: int) -> None:
        """What was answered beside the conversation stands in it too, where it shows that chat."""
        shown = self.conversation.chat
        if (shown is None and not self.conversation.turns) or (shown is not None and shown.id == chat):
            self.conversation.open(chat)

    def start(self, last_chat: int | None) -> None:
        """Show the chat that was in front last time, or a new one."""
        self._wanted = last_chat
        self.chats.changed.connect(self._open_first)
        self._open_first()

    def _open_first(self) -> None:
        if not self.chats.listed:
            return
        self.chats.changed.disconnect(self._open_first)
        if self._wanted is not None and self.chats.info(self._wanted) is not None:
            self.conversation.open(self._wanted)
        else:
            self.conversation.new()

    def need_chat(self) -> None:
        """Store the chat in front if it is not stored yet: what belongs to it needs a place."""
        if not self._storing and self.conversation.emptiness != "loading_chat":
            self._storing = True
            self.conversation.ensure_chat(self._stored)

    def _stored(self, _chat: int) -> None:
        self._storing = False

    def _not_stored(self, problem: Problem | None) -> None:
        if problem is not None:
            self._storing = False

    def add_documents(self, paths: list[str]) -> None:
        """Add files for the chat in front: it is stored first, so that it can keep its switch."""
        if self.documents.chat is not None:
            self.documents.add(paths)
        else:
            self._files += paths
            self.need_chat()

    def _values_filled(self) -> None:
        """A question that waited for what the system prompt asks for need wait no more."""
        problem = self.conversation.problem
        waits = problem is not None and problem.code == PromptValuesMissing.code
        if waits and not self.system_prompt.prompt.missing:
            self.conversation.forget_problem()

    def use_prompt(self, key: str) -> None:
        """Give the chat in front a prompt of the library: it is stored first, so that it can keep it."""
        if self.system_prompt.chat is not None:
            self.system_prompt.choose(key)
        else:
            self._prompt = key
            self.need_chat()

    def _chat_changed(self, info: ChatInfo | None) -> None:
        """Chosen, renamed, or gone: the same chat under another title is no other chat."""
        chat = info.id if info is not None else None
        if self._shown and chat == self.chats.current:
            return
        self._shown = True
        self.chats.set_current(chat)
        stored = self.conversation.stored
        self.system_prompt.set_chat(stored)
        if stored is None:
            self.documents.set_chat(None)
            return
        self.documents.set_chat(stored.info.id, stored.collections)
        prompt, self._prompt = self._prompt, ""
        if prompt:
            self.system_prompt.choose(prompt)
        files, self._files = self._files, []
        self.documents.add(files)

    def show_file(self, file: FilePart) -> None:
        """Show a file that goes with a question: its pages where it is still there, else its text."""
        self.viewer.show(Target(0, file.path, file.name, texts=tuple(file.text.split("\f"))))

    def _setting_changed(self, name: str, _: object) -> None:
        self.model_cards.setting_changed(name)
        self.downloads.setting_changed(name)

    def _tell(self, problem: Problem) -> None:
        self.notices.add(problem)

    def _open_document(self, row: DocumentRow) -> None:
        if row.document is not None:
            self.viewer.show(Target(row.document, row.file, row.title))

    def _on_core_event(self, event: CoreEvent) -> None:
        if isinstance(event, WindowRequested):
            self.window_requested.emit()

    def save(self) -> None:
        """Hand over to the core what waits for a pause in typing. Called before the core is closed."""
        self.system_prompt.save()
        self.prompt_library.keep_draft()
        self.conversation.save_drafts()
        self.conversation.messages.edits.save()
