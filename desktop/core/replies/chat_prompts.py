"""The system prompt that counts for a chat: its own, or a default until its first turn; variables filled in.

Has nothing answered. packaging/decisions/0106 says when the program's own variables change.
"""

from collections.abc import Callable
from datetime import datetime

from msgspec.structs import replace

from desktop.core.chats.prompts import PromptStore
from desktop.core.errors import PromptValuesMissing, UnknownPrompt
from desktop.core.prompts.library import content_at, limited, saved_one
from desktop.core.prompts.of_chat import chat_prompt, kept_of
from desktop.core.prompts.variables import kept_or_fresh, uses_fixed
from desktop.core.types.prompts import ChatPrompt, KeptPrompt, PromptContent, PromptSource

# a model's path and what people call it; both empty when there is none
Answering = Callable[[], tuple[str, str]]


class ChatPrompts:
    """Every method is called on the store's thread, so that changes come in the order they were asked for."""

    def __init__(
        self,
        default_text: Callable[[], str],
        model: Answering,
        clock: Callable[[], datetime] = datetime.now,
    ) -> None:
        """`default_text`: what new chats begin with where no prompt of the library is chosen for that."""
        self._default_text = default_text
        self._model = model
        self._clock = clock

    def of(self, chats: PromptStore, chat: int) -> ChatPrompt:
        """What the next turn would be told first; chat 0: of one that is not stored. Stores nothing."""
        return self._of(chats, chat)[0] if chat else self.outside(chats, "", {})

    def for_turn(self, chats: PromptStore, chat: int) -> ChatPrompt:
        """The same for a turn that begins now: from here on the chat keeps it.

        Raises PromptValuesMissing.
        """
        prompt, kept = self._of(chats, chat)
        if prompt.missing:
            raise PromptValuesMissing(names=", ".join(prompt.missing))
        if not uses_fixed(prompt.content.said):
            kept = replace(kept, fixed={})
        if (prompt.content.text, kept) != chats.kept_prompt(chat):
            chats.keep_prompt(chat, prompt.content.text, kept)
        return prompt

    def for_side(
        self, chats: PromptStore, chat: int, key: str, text: str | None, model_name: str
    ) -> ChatPrompt:
        """The same where a chat is compared: a prompt of the library, or a text, in place of its own.

        Keeps neither. Raises PromptValuesMissing, UnknownPrompt.
        """
        if not key and text is None:
            return self.for_turn(chats, chat)
        kept, said = KeptPrompt(), text or ""
        if key:
            prompt = saved_one(chats, key)
            said = prompt.content.text
            kept = kept_of(prompt.content, kept, key=key, version=prompt.info.version)
        kept = replace(kept, values=chats.kept_prompt(chat)[1].values)
        shown = _shown(chats, said, kept, "chat", kept_or_fresh({}, self._clock(), model_name))
        if shown.missing:
            raise PromptValuesMissing(names=", ".join(shown.missing))
        return shown

    def choose(self, chats: PromptStore, chat: int, key: str) -> ChatPrompt:
        """Key "": what new chats begin with. Raises UnknownPrompt."""
        _text, kept = chats.kept_prompt(chat)
        if key:
            prompt = saved_one(chats, key)
            text = prompt.content.text
            kept = kept_of(prompt.content, kept, key=key, version=prompt.info.version)
        else:
            text, default, _source = self._default(chats, self._model()[0])
            kept = replace(default, values=kept.values, fixed=kept.fixed)
        chats.keep_prompt(chat, text, kept)
        return self.of(chats, chat)

    def edit(self, chats: PromptStore, chat: int, content: PromptContent) -> ChatPrompt:
        """Raises PromptTooLong."""
        limited(content)
        before = self._of(chats, chat)[1]  # perhaps a default, which the person begins to change
        new = kept_of(content, before, key=before.key, version=before.version)
        chats.keep_prompt(chat, content.text, new)
        return self.of(chats, chat)

    def set_values(self, chats: PromptStore, chat: int, values: dict[str, str]) -> ChatPrompt:
        """Raises PromptTooLong."""
        given = {name: value for name, value in values.items() if value.strip()}
        limited(PromptContent(defaults=given))
        text, kept = chats.kept_prompt(chat)
        chats.keep_prompt(chat, text, replace(kept, values=given))
        return self.of(chats, chat)

    def outside(self, chats: PromptStore, key: str, values: dict[str, str]) -> ChatPrompt:
        """Of no chat. Raises UnknownPrompt."""
        path, name = self._model()
        text, kept, source = self._default(chats, path)
        if key:
            prompt = saved_one(chats, key)
            text, source = prompt.content.text, "chat"
            kept = kept_of(prompt.content, KeptPrompt(), key=key, version=prompt.info.version)
        kept = replace(kept, values=values)
        return _shown(chats, text, kept, source, kept_or_fresh({}, self._clock(), name))

    def _of(self, chats: PromptStore, chat: int) -> tuple[ChatPrompt, KeptPrompt]:
        """What counts, and what would be stored of it."""
        path, name = self._model()
        text, kept = chats.kept_prompt(chat)
        source: PromptSource = "chat"
        if not kept.own and not chats.has_turns(chat):
            text, default, source = self._default(chats, path)
            kept = replace(default, values=kept.values, fixed=kept.fixed)
        fixed = kept_or_fresh(kept.fixed, self._clock(), name)
        return _shown(chats, text, kept, source, fixed), replace(kept, fixed=fixed)

    def _default(self, chats: PromptStore, model: str) -> tuple[str, KeptPrompt, PromptSource]:
        """What a new chat begins with: its model's, or that of all, or the settings' text."""
        keys = chats.default_prompts()
        sources: tuple[tuple[str, PromptSource], ...] = ((model, "model"), ("", "default"))
        for name, source in sources:
            try:
                prompt = saved_one(chats, keys.get(name, ""))
            except UnknownPrompt:
                continue  # none chosen, or one that was deleted since
            kept = kept_of(prompt.content, KeptPrompt(), key=prompt.info.key, version=prompt.info.version)
            return prompt.content.text, replace(kept, own=False), source
        return self._default_text(), KeptPrompt(), "settings"


def _shown(
    chats: PromptStore, text: str, kept: KeptPrompt, source: PromptSource, fixed: dict[str, str]
) -> ChatPrompt:
    library, newest = content_at(chats, kept.key, kept.version) if kept.key else (None, 0)
    return chat_prompt(kept, text, fixed, library, newest, source)
