"""What view models and commands may ask of the core. The real core and the tests' fake both conform.

Every call returns at once. Work runs on the core's threads and workers and is followed through the
`Operation` returned. See desktop.core.events for what each operation emits on its way.
"""

from collections.abc import Callable, Mapping
from typing import Protocol

from desktop.core.contract.chats import ChatsCore
from desktop.core.contract.comparing import ComparingCore
from desktop.core.contract.composing import ComposingCore
from desktop.core.contract.encryption import EncryptionCore
from desktop.core.contract.exchange import ExchangeCore
from desktop.core.contract.folders import FoldersCore
from desktop.core.contract.health import HealthCore
from desktop.core.contract.inside import InsideCore
from desktop.core.contract.library import LibraryCore
from desktop.core.contract.models import ModelsCore
from desktop.core.contract.notices import NoticesCore
from desktop.core.contract.prompts import PromptsCore
from desktop.core.contract.retrieval import RetrievalCore
from desktop.core.contract.secrets import SecretsCore
from desktop.core.contract.training import TrainingCore
from desktop.core.contract.training_material import TrainingMaterialCore
from desktop.core.contract.upkeep import UpkeepCore
from desktop.core.events import CoreEvent
from desktop.core.operations import Operation
from desktop.core.types import (
    Answer,
    FilePart,
    Param,
    PlannedPrompt,
    Preset,
    Reading,
    ReplyOptions,
    ReplyValues,
    StoredMessage,
)
from engine.protocol import Message, Sampling, Templating, TokenDetail

Unsubscribe = Callable[[], None]


class Core(
    ChatsCore,
    ComparingCore,
    ComposingCore,
    EncryptionCore,
    ExchangeCore,
    FoldersCore,
    HealthCore,
    InsideCore,
    LibraryCore,
    PromptsCore,
    ModelsCore,
    NoticesCore,
    RetrievalCore,
    TrainingMaterialCore,
    UpkeepCore,
    SecretsCore,
    TrainingCore,
    Protocol,
):
    """The program without a face."""

    def subscribe(self, listener: Callable[[CoreEvent], None]) -> Unsubscribe:
        """Follow what happens at any time; the present statuses and chats come first."""
        ...

    def close(self) -> None:
        """Save, stop the workers, release the data folder. Waits at most a few seconds."""
        ...

    # ── conversation ──

    def send(
        self,
        chat: int,
        text: str,
        files: tuple[FilePart, ...] = (),
        collections: tuple[str, ...] | None = None,
        reading: Reading = "automatic",
    ) -> Operation[StoredMessage]:
        """Add a turn and have it answered. Emits ReplyEvent; the result is the finished reply.

        The text of the files goes with the question; with some, `text` may be empty. `collections`: what
        this one question is answered from; None: what the chat draws from. `reading`: how documents answer
        it. Where they say nothing of it, the reply says so and no model is asked.
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

    def send_edited(
        self, question: int, text: str, files: tuple[FilePart, ...] | None = None
    ) -> Operation[StoredMessage]:
        """Ask `text` in place of a question, as its sibling, and have it answered. Emits ReplyEvent.

        `files` are the ones that go with it; None: those that went with the question.
        """
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
        reading: Reading = "automatic",
    ) -> Operation[Answer]:
        """Answer without storing anything. `history` may begin with a system message.

        With `collections` or `documents` the answer is drawn from excerpts. `model`: a file that answers
        this once, and is not kept as the choice; "": the chosen one. What `templating` says goes before
        what is chosen for that model. Emits ReplyEvent.
        """
        ...

    def plan_prompt(
        self, chat: int, draft: str, *, tokens: bool = False, files: tuple[FilePart, ...] = ()
    ) -> Operation[PlannedPrompt]:
        """What the model would receive if `draft` were sent now, counted by parts; with `tokens`, all of it.

        Exact, but for the excerpts that a search would find first, and for a summary that is still to be
        written: the one before stands in its place. Works while a reply is being written and for a model
        that is not loaded. An empty draft: the chat as it stands. Chat 0: one that is not stored yet.
        """
        ...

    def token_details(self, reply: int) -> Operation[tuple[TokenDetail, ...]]:
        """What the tokens of a stored reply were drawn from; () when alternatives were not asked for.

        In order and without gaps up to the reply's last token: where only its continuation asked for them,
        they are of the end of its text alone.
        """
        ...

    def branch_reply(self, reply: int, token: int, instead: int) -> Operation[StoredMessage]:
        """Have a reply go another way: a sibling with its first `token` tokens, then `instead`, from which
        the model goes on. Emits ReplyEvent.

        `token` counts those of `token_details`, `instead` is the number of one of the alternatives there. The
        model that wrote the reply is loaded for it. Ends in NoAlternatives, NoRecord.
        """
        ...

    def repeat_reply(self, reply: int) -> Operation[StoredMessage]:
        """Make a reply once more, exactly as it was made: its model, settings and seed, nothing from the
        cache, nothing guessed ahead. Emits ReplyEvent, at the end Repeated. Ends in NoRecord.
        """
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

    # ── settings ──

    def setting(self, name: str) -> object:
        """A setting's value, from memory. Raises BadSetting for a name that is not declared."""
        ...

    def set_setting(self, name: str, value: object) -> Operation[None]:
        """Check, keep and save. Ends in BadSetting when the value is not allowed."""
        ...
