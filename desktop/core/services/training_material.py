"""Chats and documents on their way to being learnt from, as the core offers them."""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from desktop.core.chats.store import ChatStore
from desktop.core.chats.thread import StoreThread
from desktop.core.errors import Cancelled
from desktop.core.exchange.conversations import Conversation
from desktop.core.exchange.whole_files import WholeFiles
from desktop.core.operations import Operation, start
from desktop.core.places import Places
from desktop.core.training.errors import NothingRated
from desktop.core.training.examples import examples_of
from desktop.core.training.texts import Texts
from desktop.core.types.training import ExamplesWritten, GatheringMaterial, TextsWritten
from desktop.core.workers.library import LibraryClient


class TrainingMaterialServices:
    """What `Services` inherits; described in `desktop.core.contract.training_material`."""

    places: Places
    _store: StoreThread
    _library: LibraryClient

    def write_examples(self, path: str, chats: tuple[int, ...] = ()) -> Operation[ExamplesWritten]:
        file = Path(path).expanduser()

        def work(operation: Operation[ExamplesWritten]) -> ExamplesWritten:
            wanted = chats or self._store.call(ChatStore.all_chats)
            counts = [0, 0, 0]  # examples, replies, chats

            def lines() -> Iterator[bytes]:
                for number, chat in enumerate(wanted, 1):
                    if operation.cancelled:
                        raise Cancelled
                    rows = list(examples_of(self._outgoing(chat)))
                    for row in rows:
                        counts[1] += sum(
                            one["role"] == "assistant" and "weight" not in one for one in row["messages"]
                        )
                        yield msgspec.json.encode(row) + b"\n"
                    counts[0] += len(rows)
                    counts[2] += bool(rows)
                    operation.emit(GatheringMaterial(number, len(wanted)))
                if not counts[0]:
                    raise NothingRated

            WholeFiles(self.places.unfinished_dir).write(file, lines())
            return ExamplesWritten(str(file), *counts)

        return start(work, "write examples")

    def _outgoing(self, chat: int) -> Conversation:
        return self._store.call(lambda chats: chats.outgoing(chat))

    def write_texts(self, folder: str, collections: tuple[str, ...] = ()) -> Operation[TextsWritten]:
        def work(operation: Operation[TextsWritten]) -> TextsWritten:
            documents = tuple(
                document
                for name in collections or (None,)
                for document in self._library.documents(name)
                if document.state == "indexed"
            )
            written = Texts(self._library.locate, WholeFiles(self.places.unfinished_dir), operation)
            return written.write(documents, Path(folder).expanduser(), ", ".join(collections))

        return start(work, "write texts")
