"""How a reply is made, decided: the values that count for its chat, its model and itself. Asks no engine."""

from collections.abc import Mapping

import msgspec

from desktop.core.replies.presets import Presets
from desktop.core.replies.settings import ReplyChoice, checked_values, choice_of
from desktop.core.settings import Value
from desktop.core.types import ReplyOptions
from engine.protocol import Sampling

# documents are quoted, not embroidered; see packaging/decisions/0030
DOCUMENT_TEMPERATURE = 0.1
# without a limit of the person's own; a small model that lost its thread would fill the whole window
DOCUMENT_REPLY_TOKENS = 512


class ReplyChoices:
    """From the nearest to the farthest: options of this reply, their preset, chat, model, settings."""

    def __init__(self, presets: Presets) -> None:
        self._presets = presets

    def decide(
        self,
        *,
        chat: Mapping[str, Value],
        model: str,
        options: ReplyOptions,
        sampling: Sampling | None,
        max_tokens: int | None,
        from_documents: bool,
    ) -> ReplyChoice:
        """Raises UnknownPreset, BadSetting, and Reported for a list of texts that is none.

        `sampling` and `max_tokens` replace what would be decided. With documents, a temperature and a
        repeat penalty that nobody chose for this chat, model or reply give way to what quoting needs.
        """
        near = dict(chat)
        if options.preset:
            near |= self._presets.find(options.preset).values
        near |= checked_values(options.values)
        found = self._presets.resolve(near, model)
        values = dict(found.values)
        if from_documents:
            if found.sources["temperature"] == "settings":
                values["temperature"] = min(float(values["temperature"]), DOCUMENT_TEMPERATURE)
            if found.sources["repeat_penalty"] == "settings":
                values["repeat_penalty"] = 1.0
        choice = choice_of(values)
        return msgspec.structs.replace(
            choice,
            sampling=choice.sampling if sampling is None else sampling,
            max_tokens=max_tokens or choice.max_tokens or (DOCUMENT_REPLY_TOKENS if from_documents else None),
            grammar=options.grammar,
            json_schema=options.json_schema,
        )
