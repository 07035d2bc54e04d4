"""The system prompt of the chat in front: chosen from the library, changed for this chat alone, filled in.

Saved as it is typed. Knows no widget.
"""

from typing import Final

from msgspec.structs import replace
from PySide6.QtCore import QObject, QTimer, Signal

from desktop.core.contract import Core
from desktop.core.operations import Operation
from desktop.core.types import Chat
from desktop.core.types.prompts import ChatPrompt, Example, Prompt, PromptContent
from desktop.view_models.bridge import follow

SAVE_PAUSE_MS: Final = 400


class SystemPromptViewModel(QObject):
    """`edit` as often as one likes: saving waits for a pause, and for nothing when the chat changes."""

    changed = Signal()  # another chat or another prompt, hence another text
    state_changed = Signal()  # all that is read from `prompt`: what is missing, whether it differs
    saved = Signal()
    library_changed = Signal()  # something was put into the library from here
    failed = Signal(object)  # a Problem

    def __init__(self, core: Core, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._core = core
        self._chat: int | None = None
        self._known = False
        self._asked = 0  # counts what was asked of the core: an answer to something earlier is left alone
        self._unsaved = False
        self._unfilled = False
        self.prompt = ChatPrompt(PromptContent())
        self.content = PromptContent()  # as it is being edited
        self.values: dict[str, str] = {}
        self._pause = QTimer(self, interval=SAVE_PAUSE_MS, singleShot=True)
        self._pause.timeout.connect(self.save)

    @property
    def chat(self) -> int | None:
        return self._chat

    @property
    def has_chat(self) -> bool:
        """There is a chat, and it is known what counts for it."""
        return self._chat is not None and self._known

    @property
    def text(self) -> str:
        return self.content.text

    @property
    def differs(self) -> bool:
        """From the version of the library's prompt that the chat took."""
        return bool(self.prompt.key and self.prompt.newest) and (
            self.prompt.differs or self.content != self.prompt.content
        )

    @property
    def is_default(self) -> bool:
        """Whether new chats begin with this text too."""
        return self.prompt.source != "chat" and self.content == self.prompt.content

    # ── which chat ──

    def set_chat(self, chat: Chat | None) -> None:
        """Another chat is in front; None: one that is not stored yet, which begins with the default."""
        self.save()
        self._chat = chat.info.id if chat is not None else None
        self._known = False
        self.look_again()

    def look_again(self) -> None:
        """Ask what counts now: the library, the default or the model may be others."""
        if self._unsaved or self._unfilled:
            return
        if self._chat is None:
            self._follow(self._core.expand_prompt("", {}), fill=True)
        else:
            self._follow(self._core.chat_prompt(self._chat), fill=True)

    # ── changes ──

    def edit(self, text: str) -> None:
        self._edit(replace(self.content, text=text))

    def set_examples(self, examples: tuple[Example, ...]) -> None:
        self._edit(replace(self.content, examples=examples))

    def _edit(self, content: PromptContent) -> None:
        if not self.has_chat or content == self.content:
            return
        self.content = content
        self._unsaved = True
        self._pause.start()
        self.state_changed.emit()

    def fill_in(self, name: str, value: str) -> None:
        """What the prompt asks for, for this chat."""
        if not self.has_chat or self.values.get(name, "") == value:
            return
        self.values = {**self.values, name: value}
        self._unfilled = True
        self._pause.start()

    def save(self) -> None:
        """Save now what is not saved yet."""
        self._pause.stop()
        if self._chat is None:
            return
        unsaved, self._unsaved = self._unsaved, False
        unfilled, self._unfilled = self._unfilled, False
        if unsaved:
            self._follow(self._core.edit_chat_prompt(self._chat, self.content), told=True)
        if unfilled:
            self._follow(self._core.set_prompt_values(self._chat, self.values), told=True)

    def choose(self, key: str) -> None:
        """Take what a prompt of the library says now; "": what new chats begin with."""
        if self._chat is None:
            return
        self.save()
        self._follow(self._core.choose_prompt(self._chat, key), fill=True, told=True)

    def take_back(self) -> None:
        """What the library has, in place of what was changed for this chat."""
        self.choose(self.prompt.key)

    def save_as_version(self) -> None:
        """Put what this chat has into the library, as the newest version of its prompt."""
        key = self.prompt.key

        def opened(prompt: Prompt) -> None:
            content = replace(self.content, name=prompt.content.name)
            self._put(self._core.save_prompt(key, content, prompt.info.folder))

        follow(self._core.open_prompt(key), self, on_result=opened, on_error=self.failed.emit)

    def save_as_new(self, name: str) -> None:
        """Put what this chat has into the library, as a prompt of its own."""
        self._put(self._core.save_prompt("", replace(self.content, name=name)))

    def use_for_new_chats(self, model: str = "") -> None:
        """Begin new chats with this, or those with one model. A prompt of the library stays one."""
        if self.prompt.key and self.prompt.newest and not self.differs:
            self._default(self.prompt.key, model)
        elif model or self.content.examples:
            name = self.content.name or " ".join(self.content.text.split())[:40]

            def kept(prompt: Prompt) -> None:
                self._default(prompt.info.key, model)
                self.choose(prompt.info.key)
                self.library_changed.emit()

            saving = self._core.save_prompt("", replace(self.content, name=name))
            follow(saving, self, on_result=kept, on_error=self.failed.emit)
        else:
            text = self.text

            def chosen(_: object) -> None:
                setting = self._core.set_setting("system_prompt", text)
                follow(setting, self, on_result=self._default_chosen, on_error=self.failed.emit)

            follow(self._core.set_default_prompt(""), self, on_result=chosen, on_error=self.failed.emit)

    # ── with the core ──

    def _default(self, key: str, model: str) -> None:
        operation = self._core.set_default_prompt(key, model=model)
        follow(operation, self, on_result=self._default_chosen, on_error=self.failed.emit)

    def _default_chosen(self, _: object) -> None:
        self.saved.emit()
        self.library_changed.emit()

    def _put(self, operation: Operation[Prompt]) -> None:
        def put(prompt: Prompt) -> None:
            self.library_changed.emit()
            self.choose(prompt.info.key)

        self.save()
        follow(operation, self, on_result=put, on_error=self.failed.emit)

    def _follow(self, operation: Operation[ChatPrompt], *, fill: bool = False, told: bool = False) -> None:
        self._asked += 1
        asked, chat = self._asked, self._chat

        def known(prompt: ChatPrompt) -> None:
            if told:
                self.saved.emit()
            if chat != self._chat or asked != self._asked:
                return
            self.prompt, self._known = prompt, True
            if fill and not self._unsaved:
                self.content, self.values = prompt.content, dict(prompt.values)
                self.changed.emit()
            self.state_changed.emit()

        follow(operation, self, on_result=known, on_error=self.failed.emit)
