"""What view models and commands may ask of the core. The real core and the tests' fake both conform.

Every call returns at once. Work runs on the core's threads and workers and is followed through the
`Operation` returned. See desktop.core.events for what each operation emits on its way.
"""

from collections.abc import Callable, Mapping
from typing import Protocol

from desktop.core.events import CoreEvent
from desktop.core.operations import Operation
from desktop.core.types import (
    Answer,
    Chat,
    ChatInfo,
    HubRepository,
    ImportedModel,
    ModelChoice,
    ModelFile,
    Param,
    PausedDownload,
    PlannedPrompt,
    Preset,
    QuantizedModel,
    ReplyOptions,
    ReplyValues,
    StoredMessage,
)
from engine.devices import Device
from engine.protocol import LoadedModel, Message, Sampling, Templating, TokenDetail
from rag.protocol import (
    CollectionInfo,
    DocumentInfo,
    Hit,
    IndexDone,
    Located,
    PageBitmap,
)

Unsubscribe = Callable[[], None]


class Core(Protocol):
    """The program without a face."""

    def subscribe(self, listener: Callable[[CoreEvent], None]) -> Unsubscribe:
        """Follow what happens at any time; the present statuses and chats come first."""
        ...

    def close(self) -> None:
        """Save, stop the workers, release the data folder. Waits at most a few seconds."""
        ...

    # ── chats ──

    def create_chat(self) -> Operation[Chat]: ...

    def open_chat(self, chat: int) -> Operation[Chat]: ...

    def rename_chat(self, chat: int, title: str) -> Operation[None]: ...

    def pin_chat(self, chat: int, pinned: bool) -> Operation[None]: ...

    def delete_chat(self, chat: int) -> Operation[None]: ...

    def restore_chat(self, chat: int) -> Operation[None]:
        """Undo a deletion of this run of the program."""
        ...

    def search_chats(self, query: str) -> Operation[tuple[ChatInfo, ...]]:
        """Chats whose title or messages hold the words; all chats for an empty query."""
        ...

    def set_system_prompt(self, chat: int, text: str) -> Operation[None]: ...

    def set_collections(self, chat: int, names: tuple[str, ...]) -> Operation[None]: ...

    def pin_message(self, message: int, pinned: bool) -> Operation[None]:
        """Keep its turn in the context window whatever else leaves, or no longer."""
        ...

    def rate_message(self, reply: int, rating: int) -> Operation[None]:
        """1: a good reply, -1: a bad one, 0: no opinion."""
        ...

    def save_draft(self, chat: int, text: str) -> Operation[None]:
        """Keep what was written and not sent; chat 0: for a chat that is not stored yet; "": nothing."""
        ...

    def list_drafts(self) -> Operation[dict[int, str]]:
        """Every draft by its chat."""
        ...

    # ── the tree of a chat's messages: each result is the path that is shown now ──
    #    While a reply of the chat is on its way they end in ReplyRunning.

    def activate(self, message: int) -> Operation[Chat]:
        """Show the branch through a message, down to its newest end."""
        ...

    def edit_message(self, message: int, text: str) -> Operation[Chat]:
        """Have a message of either side say `text`: as a sibling, with copies of what follows."""
        ...

    def delete_message(self, message: int) -> Operation[Chat]:
        """Take a message and all that follows it away."""
        ...

    def restore_message(self, message: int) -> Operation[Chat]:
        """Undo a deletion of this run of the program, and show what came back."""
        ...

    def branch_chat(self, message: int) -> Operation[Chat]:
        """A new chat with copies of everything up to a message."""
        ...

    # ── conversation ──

    def send(self, chat: int, text: str) -> Operation[StoredMessage]:
        """Add a turn and have it answered. Emits ReplyEvent; the result is the finished reply.

        Cancelling ends in a result too: a reply in state "stopped", with the text written so far.
        A failure ends in the error, and the stored reply has state "failed" with its problem.
        """
        ...

    def regenerate(self, reply: int) -> Operation[StoredMessage]:
        """Answer the same question anew, as a sibling of `reply`. Emits ReplyEvent."""
        ...

    def continue_reply(self, reply: int) -> Operation[StoredMessage]:
        """Have a reply go on where it ended; where messages follow it, a copy beside it. Emits ReplyEvent."""
        ...

    def send_edited(self, question: int, text: str) -> Operation[StoredMessage]:
        """Ask `text` in place of a question, as its sibling, and have it answered. Emits ReplyEvent."""
        ...

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
        options: ReplyOptions = ReplyOptions(),  # noqa: B008  a frozen value
    ) -> Operation[Answer]:
        """Answer without storing anything. `history` may begin with a system message.

        With `collections` or `documents` the answer is drawn from excerpts. `model`: a file that answers
        this once, and is not kept as the choice; "": the chosen one. What `templating` says goes before
        what is chosen for that model. Emits ReplyEvent.
        """
        ...

    def plan_prompt(self, chat: int, draft: str, *, tokens: bool = False) -> Operation[PlannedPrompt]:
        """What the model would receive if `draft` were sent now, counted by parts; with `tokens`, all of it.

        Exact, but for the excerpts that a search would find first, and for a summary that is still to be
        written: the one before stands in its place. Works while a reply is being written and for a model
        that is not loaded. An empty draft: the chat as it stands.
        """
        ...

    def token_details(self, reply: int) -> Operation[tuple[TokenDetail, ...]]:
        """What the tokens of a stored reply were drawn from; () when alternatives were not asked for."""
        ...

    # ── how replies are made ──

    def list_presets(self) -> Operation[tuple[Preset, ...]]:
        """Those that came with the program, then the person's own."""
        ...

    def save_preset(self, name: str, values: Mapping[str, Param]) -> Operation[Preset]:
        """Keep values of reply settings under a name, in place of the person's preset of that name."""
        ...

    def delete_preset(self, name: str) -> Operation[None]: ...

    def apply_preset(self, name: str, *, chat: int = 0, model: str = "") -> Operation[ReplyValues]:
        """Give a chat, or a model by its path, the preset's values as its own; "" takes its own away.

        What counts for a reply: its chat's values, then its model's, then the settings.
        """
        ...

    def set_reply_values(
        self, values: Mapping[str, Param], *, chat: int = 0, model: str = ""
    ) -> Operation[ReplyValues]:
        """Give a chat or a model these values as its own, and no others."""
        ...

    def reply_values(self, *, chat: int = 0, model: str = "") -> Operation[ReplyValues]:
        """The values that count for a chat that is answered by a model, and where each comes from."""
        ...

    # ── models ──

    def list_models(self) -> Operation[tuple[ModelFile, ...]]:
        """The person's own models, then those that other programs keep."""
        ...

    def inspect_model(self, path: str, *, sha256: bool = False) -> Operation[ModelFile]:
        """Read a file's header. Raises through the operation what keeps it from loading.

        With `sha256` the whole file is read, unless that was done before: emits CheckingModel.
        """
        ...

    def import_model(self, path: str) -> Operation[ImportedModel]:
        """Copy a model into the models folder, all of it or nothing. Emits CopyingModel."""
        ...

    def remove_model(self, path: str) -> Operation[tuple[str, ...]]:
        """Put a model of the models folder into the system's trash; the result is its files.

        One that is loaded is unloaded first, and a chosen one is chosen no more.
        """
        ...

    def list_devices(self) -> Operation[tuple[Device, ...]]:
        """What a model can be placed on, with the memory that is free now."""
        ...

    def quantize_model(
        self, path: str, quantization: str, *, measure: bool = True, text: str = ""
    ) -> Operation[QuantizedModel]:
        """Make a smaller file of a model in the models folder. Emits QuantizingModel.

        `quantization`: one of `engine.quantization.TYPES`. `measure`: the perplexity of both on one text,
        ours or that of the file `text`.
        """
        ...

    def list_hub(self, repository: str, *, online: bool = False) -> Operation[HubRepository]:
        """The models of a repository of the Hugging Face hub, given as "owner/name" or as its address.

        The address of a file lists that one. Ends in Offline while the person has not allowed the network;
        `online`: they allow it for this once.
        """
        ...

    def download_model(
        self, repository: str, file: str, revision: str = "", *, online: bool = False
    ) -> Operation[ImportedModel]:
        """Bring a model from the hub into the models folder, checked. Emits DownloadingModel.

        `file`: as `list_hub` names it, or its name alone, or a quantization that only one has. Cancelling
        pauses: what came is kept, and the same call goes on from there, with the file as it was then.
        """
        ...

    def list_paused_downloads(self) -> Operation[tuple[PausedDownload, ...]]: ...

    def discard_download(self, repository: str, file: str) -> Operation[None]:
        """Delete what a paused download left."""
        ...

    def load_model(self, path: str) -> Operation[LoadedModel]:
        """Load a model and keep it as the choice for next time. Emits LoadingModel."""
        ...

    def unload_model(self) -> Operation[None]: ...

    def model_choice(self, path: str) -> ModelChoice:
        """How the person wants the model at `path` to be spoken to, from memory."""
        ...

    def set_model_choice(self, path: str, choice: ModelChoice) -> Operation[None]:
        """Keep it; it counts from the next reply on. An empty choice: as the model is made."""
        ...

    # ── documents ──

    def index(self, paths: tuple[str, ...], collection: str) -> Operation[IndexDone]:
        """Emits IndexProgress and IndexedDocument."""
        ...

    def list_documents(self, collection: str | None = None) -> Operation[tuple[DocumentInfo, ...]]: ...

    def list_collections(self) -> Operation[tuple[CollectionInfo, ...]]: ...

    def remove_documents(self, documents: tuple[int, ...]) -> Operation[int]: ...

    def search(
        self,
        query: str,
        k: int = 5,
        collections: tuple[str, ...] = (),
        documents: tuple[int, ...] = (),
    ) -> Operation[tuple[Hit, ...]]: ...

    def locate(self, document: int, page: int, start: int, end: int) -> Operation[Located]:
        """The boxes of a span on its page, and the page's text."""
        ...

    def render_page(self, file: str, page: int, width_px: int) -> Operation[PageBitmap]: ...

    # ── settings ──

    def setting(self, name: str) -> object:
        """A setting's value, from memory. Raises BadSetting for a name that is not declared."""
        ...

    def set_setting(self, name: str, value: object) -> Operation[None]:
        """Check, keep and save. Ends in BadSetting when the value is not allowed."""
        ...
