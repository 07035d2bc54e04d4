"""Presets and reply values as the core offers them: lists, changes, and what counts where. Makes no reply."""

from collections.abc import Mapping

from desktop.core.chats.thread import StoreThread
from desktop.core.operations import Operation, start
from desktop.core.replies.presets import Presets
from desktop.core.types import Param, Preset, ReplyValues
from engine.protocol import TokenDetail


class PresetServices:
    """What `Services` inherits. Its methods are described in `desktop.core.contract.Core`."""

    def __init__(self, store: StoreThread, presets: Presets) -> None:
        self._store = store
        self._presets = presets

    def list_presets(self) -> Operation[tuple[Preset, ...]]:
        return start(lambda _: self._presets.all(), "list presets")

    def save_preset(self, name: str, values: Mapping[str, Param]) -> Operation[Preset]:
        return start(lambda _: self._presets.save(name, values), "save preset")

    def delete_preset(self, name: str) -> Operation[None]:
        return start(lambda _: self._presets.delete(name), "delete preset")

    def apply_preset(self, name: str, *, chat: int = 0, model: str = "") -> Operation[ReplyValues]:
        def work(_: Operation[ReplyValues]) -> ReplyValues:
            values = self._presets.find(name).values if name else {}
            return self._set(values, chat, model)

        return start(work, "apply preset")

    def set_reply_values(
        self, values: Mapping[str, Param], *, chat: int = 0, model: str = ""
    ) -> Operation[ReplyValues]:
        return start(lambda _: self._set(values, chat, model), "set reply values")

    def reply_values(self, *, chat: int = 0, model: str = "") -> Operation[ReplyValues]:
        return start(lambda _: self._resolved(chat, model), "reply values")

    def token_details(self, reply: int) -> Operation[tuple[TokenDetail, ...]]:
        return self._store.operation(lambda chats: chats.token_details(reply), "token details")

    def _set(self, values: Mapping[str, Param], chat: int, model: str) -> ReplyValues:
        if chat:
            checked = self._presets.checked(values)
            self._store.call(lambda chats: chats.set_reply_values(chat, checked))
        else:
            self._presets.set_model(model, values)
        return self._resolved(chat, model)

    def _resolved(self, chat: int, model: str) -> ReplyValues:
        of_chat = self._store.call(lambda chats: chats.reply_values(chat)) if chat else {}
        return self._presets.resolve(of_chat, model)
