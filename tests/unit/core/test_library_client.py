"""What the library's client does on its own account; its workers are met in tests/process."""

from pathlib import Path

from desktop.core.errors import Unexpected
from desktop.core.passwords import Passwords
from desktop.core.workers.embedders import Embedders
from desktop.core.workers.library import LibraryClient
from desktop.core.workers.supervisor import Launch
from rag.protocol import EmbedTexts


def no_worker() -> Launch:
    raise Unexpected("no worker is needed here")


def test_texts_that_come_while_the_program_closes_are_left_unembedded() -> None:
    embedders = Embedders(lambda _path: no_worker(), no_worker, lambda: Path("/models/e5"))
    client = LibraryClient(no_worker, embedders, lambda _status: None, Passwords(Path("/nowhere")))
    client.close()
    client._on_push(EmbedTexts(1, "query", ("late",)))
    assert client.embedder_pids == ()
