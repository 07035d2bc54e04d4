"""Chats and documents to learn from, as the fake core offers them: nothing is written."""

from collections.abc import Callable
from typing import Any

from desktop.core.operations import Operation
from desktop.core.training.errors import NothingRated
from desktop.core.types.training import ExamplesWritten, TextsWritten
from rag.protocol import DocumentInfo
from tests.fakes.chats import FakeChats


class FakeTrainingMaterial:
    """What `FakeCore` inherits."""

    chats: FakeChats
    documents: list[DocumentInfo]
    _now: Callable[..., Operation[Any]]

    def write_examples(self, path: str, chats: tuple[int, ...] = ()) -> Operation[ExamplesWritten]:
        def work() -> ExamplesWritten:
            wanted = chats or tuple(info.id for info in self.chats.infos())
            good = [
                chat
                for chat in wanted
                for message in self.chats.all_of(chat)
                if message.role == "assistant" and (message.rating > 0 or message.edited)
            ]
            if not good:
                raise NothingRated
            return ExamplesWritten(path, len(good), len(good), len(set(good)))

        return self._now("write_examples", work, path, chats)

    def write_texts(self, folder: str, collections: tuple[str, ...] = ()) -> Operation[TextsWritten]:
        count = sum(1 for one in self.documents if not collections or one.collection in collections)
        return self._now(
            "write_texts", lambda: TextsWritten(folder, count, 1000 * count), folder, collections
        )
