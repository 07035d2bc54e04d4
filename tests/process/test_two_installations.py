"""Two installations, each a core with a data folder of its own, and one Chroma server between them."""

from collections.abc import Callable, Iterator
from pathlib import Path

import keyring
import pytest

from desktop.core.errors import CoreError
from desktop.core.events import CoreEvent, ServerStatus
from desktop.core.places import Places
from desktop.core.secrets import ENTRY
from desktop.core.services import Services, open_core
from desktop.core.settings import Settings
from tests.conftest import TEST_DATA
from tests.fakes.chroma_server import HOST, TOKEN, ChromaServer, Gate
from tests.fakes.house import PATIENCE_S, places_in
from tests.process.test_core_passwords import Memory, RealDocuments
from tests.process.test_library_worker import wait_until

MUSEUM = str(TEST_DATA / "museum.pdf")

pytestmark = [pytest.mark.slow, pytest.mark.loopback]


class Installation:
    """A core, and what it last told about the server."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.places: Places = places_in(folder)
        launches = RealDocuments(self.places, Settings(self.places.settings_file))
        self.core: Services = open_core(self.places, launches, others=())
        self.told: list[ServerStatus] = []
        self.core.subscribe(self._take)

    def set(self, **values: object) -> None:
        for name, value in values.items():
            self.core.set_setting(name, value).result(PATIENCE_S)

    def server_is(self, right: Callable[[ServerStatus], bool]) -> ServerStatus:
        wait_until(lambda: self.told and right(self.told[-1]), f"{self.told[-2:]}")
        return self.told[-1]

    def _take(self, event: CoreEvent) -> None:
        if isinstance(event, ServerStatus):
            self.told.append(event)


@pytest.fixture
def two(tmp_path: Path) -> Iterator[tuple[Installation, Installation]]:
    made = Installation(tmp_path / "giver"), Installation(tmp_path / "taker")
    yield made
    for one in made:
        one.core.close()


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch) -> Iterator[Memory]:
    before = keyring.get_keyring()
    keyring.set_keyring(made := Memory())
    yield made
    keyring.set_keyring(before)


def test_a_second_installation_attaches_with_the_token_and_searches(
    two: tuple[Installation, Installation], memory: Memory, tmp_path: Path
) -> None:
    giver, taker = two
    with ChromaServer(tmp_path / "server") as server:
        gate = Gate(server, TOKEN)
        giver.core.index((MUSEUM,), "guides").result(PATIENCE_S)
        giver.set(chroma_port=gate.port, chroma_share=True, chroma_host=HOST)
        refused = giver.server_is(lambda now: now.state == "failed")
        assert refused.problem is not None
        assert refused.problem.code == "server_refused"
        assert giver.core.set_server_token(TOKEN).result(PATIENCE_S)
        giver.server_is(lambda now: now.state == "ready" and now.done == now.total > 0)
        taker.core.set_server_token(TOKEN).result(PATIENCE_S)
        taker.set(chroma_port=gate.port, chroma_host=HOST)
        assert taker.core.list_collections().result(PATIENCE_S)
        taker.server_is(lambda now: (now.state, now.collections) == ("ready", 1))
        there = taker.core.list_collections().result(PATIENCE_S)[-1]
        assert (there.name, there.server) == (f"guides @ {HOST}", HOST)
        hits = taker.core.search("seven euros ticket", 20, (there.name,)).result(PATIENCE_S)
        (hit,) = [hit for hit in hits if "seven euros" in hit.text]
        place = taker.core.locate(hit.document, hit.page, hit.start, hit.end).result(PATIENCE_S)
        assert place.page_text[hit.start : hit.end] == hit.text
        server.stop()
        with pytest.raises(CoreError):
            taker.core.search("seven euros", 5, (there.name,)).result(PATIENCE_S)
        taker.server_is(lambda now: now.state == "failed")
        assert taker.core.search("seven euros").result(PATIENCE_S) == ()
        assert giver.core.search("seven euros").result(PATIENCE_S)
        gate.close()
    assert list(memory.entries.values()) == [TOKEN]
    for one in two:
        kept = b"".join(path.read_bytes() for path in one.places.data.rglob("*") if path.is_file())
        assert TOKEN.encode() not in kept


def test_offline_keeps_from_every_server_but_one_on_this_machine(
    two: tuple[Installation, Installation],
) -> None:
    one, _ = two
    assert one.core.setting("offline") is True
    assert one.told == [], "off by default"
    one.set(chroma_host="chroma.example")
    assert one.server_is(lambda now: now.state == "offline").host == "chroma.example"
    one.core.list_collections().result(PATIENCE_S)
    one.server_is(lambda now: now.state == "offline")
    assert all(now.state in ("offline", "off") for now in one.told)
    with pytest.raises(CoreError):
        one.set(chroma_host="http://chroma.example:8000/x")


def test_a_token_is_known_to_the_end_of_the_run_where_there_is_no_keyring_and_can_be_forgotten(
    two: tuple[Installation, Installation], memory: Memory
) -> None:
    one, _ = two
    memory.broken = True
    assert not one.core.set_server_token(TOKEN).result(PATIENCE_S)
    assert one.core.has_server_token().result(PATIENCE_S)
    memory.broken = False
    assert one.core.set_server_token(TOKEN).result(PATIENCE_S)
    assert [name for _, name in memory.entries] == [ENTRY]
    assert one.core.set_server_token("").result(PATIENCE_S)
    assert not one.core.has_server_token().result(PATIENCE_S)
    assert memory.entries == {}
