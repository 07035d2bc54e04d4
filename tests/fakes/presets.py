"""The presets part of the fake core: values in memory, checked as the real core checks them."""

from collections.abc import Callable, Mapping
from typing import Any

from desktop.core.errors import BadPresetName, UnknownPreset
from desktop.core.operations import Operation
from desktop.core.replies.presets import BUILT_IN
from desktop.core.replies.settings import REPLY_VALUES, checked_values
from desktop.core.types import Param, Preset, ReplyValues, ValueSource
from tests.fakes.chats import FakeChats


class FakePresets:
    """What FakeCore inherits; the rest of it stands there."""

    chats: FakeChats
    settings: dict[str, object]
    own_presets: dict[str, dict[str, Param]]
    chat_values: dict[int, dict[str, Param]]
    model_values: dict[str, dict[str, Param]]
    _now: Callable[..., Operation[Any]]

    def list_presets(self) -> Operation[tuple[Preset, ...]]:
        return self._now("list_presets", self._all_presets)

    def _all_presets(self) -> tuple[Preset, ...]:
        own = sorted(self.own_presets.items(), key=lambda pair: pair[0].casefold())
        return (*BUILT_IN, *(Preset(name, values, own=True) for name, values in own))

    def save_preset(self, name: str, values: Mapping[str, Param]) -> Operation[Preset]:
        def work() -> Preset:
            if not name.strip() or name.casefold() in {preset.name for preset in BUILT_IN}:
                raise BadPresetName(name=name, limit=60)
            self.own_presets[name] = checked_values(values)
            return Preset(name, self.own_presets[name], own=True)

        return self._now("save_preset", work, name, values)

    def delete_preset(self, name: str) -> Operation[None]:
        def work() -> None:
            if self.own_presets.pop(name, None) is None:
                raise UnknownPreset(name=name)

        return self._now("delete_preset", work, name)

    def apply_preset(self, name: str, *, chat: int = 0, model: str = "") -> Operation[ReplyValues]:
        def work() -> ReplyValues:
            found = {preset.name.casefold(): preset.values for preset in self._all_presets()}
            if name and name.casefold() not in found:
                raise UnknownPreset(name=name)
            return self._give(found[name.casefold()] if name else {}, chat, model)

        return self._now("apply_preset", work, name, chat, model)

    def set_reply_values(
        self, values: Mapping[str, Param], *, chat: int = 0, model: str = ""
    ) -> Operation[ReplyValues]:
        return self._now("set_reply_values", lambda: self._give(values, chat, model), values, chat, model)

    def reply_values(self, *, chat: int = 0, model: str = "") -> Operation[ReplyValues]:
        return self._now("reply_values", lambda: self._resolved(chat, model), chat, model)

    def _give(self, values: Mapping[str, Param], chat: int, model: str) -> ReplyValues:
        checked = checked_values(values)
        if chat:
            self.chats.get(chat)
            self.chat_values[chat] = checked
        else:
            self.model_values[model] = checked
        return self._resolved(chat, model)

    def _resolved(self, chat: int, model: str) -> ReplyValues:
        if chat:
            self.chats.get(chat)
        near, middle = self.chat_values.get(chat, {}), self.model_values.get(model, {})
        values: dict[str, Param] = {}
        sources: dict[str, ValueSource] = {}
        for name in REPLY_VALUES:
            sources[name] = "chat" if name in near else "model" if name in middle else "settings"
            value = near.get(name, middle.get(name, self.settings[name]))
            values[name] = value if isinstance(value, str | int | float) else str(value)
        return ReplyValues(values, sources)
