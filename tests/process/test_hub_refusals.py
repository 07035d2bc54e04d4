"""What a hub is not asked or told, and downloads that find no room or no folder."""

import errno
import os
import socket
import time
from dataclasses import replace
from pathlib import Path

import pytest

from desktop.core.hub import bringing
from desktop.core.places import Places
from desktop.core.services import Services
from desktop.core.settings import Settings
from desktop.core.workers.launches import Launches
from desktop.core.workers.supervisor import Launch
from desktop.words import hint, sentence
from tests.fakes.engine_files import fake_model
from tests.fakes.house import PATIENCE_S
from tests.fakes.hub_server import HubServer
from tests.process.hub_house import (
    FILE,
    REPOSITORY,
    core,
    hub,
    kept,
    model_of,
    models,
    problem_of,
)
from tests.process.hub_trouble import MEGABYTE, works

__all__ = ["core", "hub"]  # fixtures
pytestmark = [pytest.mark.loopback, pytest.mark.slow]


def test_the_worker_itself_keeps_offline_when_it_is_told_to(core: Services, hub: HubServer) -> None:
    """The second lock on the door: the library refuses before it opens a connection."""
    hub.put(REPOSITORY, FILE, fake_model())
    launch = core._models._hub._launch

    def offline(address: str, log: Path | None) -> Launch:
        real = launch(address, log)
        return replace(real, environment={**real.environment, "HF_HUB_OFFLINE": "1"})

    core._models._hub._launch = offline
    assert problem_of(core.list_hub(REPOSITORY)).code == "offline"
    assert hub.connections == 0


def _starts(method: object) -> bool:
    return getattr(method, "__annotations__", {}).get("return") is Launch


def test_no_other_worker_may_ask_the_network(tmp_path: Path) -> None:
    places = Places.of(tmp_path / "data", tmp_path / "models")
    launches = Launches(places, Settings(places.settings_file))
    kinds = {name for name, method in vars(Launches).items() if not name.startswith("_") and _starts(method)}
    assert {"engine", "library", "embedder", "reader", "hub"} <= kinds
    for kind in kinds - {"hub"}:
        given = (tmp_path,) if kind in ("embedder", "reranker") else ()
        environment = getattr(launches, kind)(*given).environment
        assert environment["HF_HUB_OFFLINE"] == environment["TRANSFORMERS_OFFLINE"] == "1", kind
    assert launches.hub("https://hub.example").environment["HF_HUB_OFFLINE"] == "0"


def test_a_file_that_is_no_model_is_not_kept(core: Services, hub: HubServer) -> None:
    hub.put(REPOSITORY, "virus.gguf", b"MZ" + bytes(100_000))
    hub.put(REPOSITORY, "cut.gguf", fake_model()[:200])
    hub.put(REPOSITORY, "empty.gguf", b"")
    for name, code in (
        ("virus.gguf", "model_not_gguf"),
        ("cut.gguf", "model_truncated"),
        ("empty.gguf", "model_empty"),
    ):
        problem = problem_of(core.download_model(REPOSITORY, name))
        assert (problem.code, problem.params["path"]) == (code, name)
    assert models(core) == []
    assert core.list_paused_downloads().result(PATIENCE_S) == ()
    assert [file.fit for file in core.list_hub(REPOSITORY).result(PATIENCE_S).files] == [None] * 3


def test_nobody_at_the_address_is_said_at_once(core: Services) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    core.set_setting("hub_address", f"http://127.0.0.1:{port}").result(PATIENCE_S)
    problem = problem_of(core.download_model(REPOSITORY, FILE))
    assert problem.code == "hub_unreachable"
    assert f"127.0.0.1:{port}" in sentence(problem)


def test_a_name_that_nobody_knows_is_said_at_once(core: Services) -> None:
    core.set_setting("hub_address", "https://hub.invalid").result(PATIENCE_S)
    began = time.monotonic()
    assert problem_of(core.list_hub(REPOSITORY)).code == "hub_unreachable"
    assert time.monotonic() - began < 30  # no figure: the library by itself goes on for 80 s


def test_the_token_goes_to_the_hub_and_not_to_where_it_sends_on(
    core: Services, hub: HubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.put(REPOSITORY, FILE, model_of(300_000))
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    core.download_model(REPOSITORY, FILE).result(PATIENCE_S)
    for one in hub.asked:
        assert one.headers.get("authorization") == ("Bearer hf_secret" if one.server == "hub" else None)


def test_nothing_is_told_of_this_machine(core: Services, hub: HubServer) -> None:
    hub.put(REPOSITORY, FILE, model_of(300_000))
    core.download_model(REPOSITORY, FILE).result(PATIENCE_S)
    assert {one.headers["user-agent"] for one in hub.asked} == {"sobremesa"}
    assert {one.path.split("/")[1] for one in hub.asked} == {"api", "ana"}
    assert not any("authorization" in one.headers for one in hub.asked)


def test_a_hub_that_sends_on_to_an_unencrypted_place_is_not_followed(core: Services, hub: HubServer) -> None:
    hub.put(REPOSITORY, FILE, model_of(300_000))
    hub.manners.sends_to = "http://cdn.invalid"
    problem = problem_of(core.download_model(REPOSITORY, FILE))
    assert problem.code == "hub_strange"
    assert "cdn.invalid" in problem.detail


def test_no_room_is_said_before_anything_is_downloaded(
    core: Services, hub: HubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = hub.put(REPOSITORY, FILE, model_of(2 * MEGABYTE))
    with monkeypatch.context() as patch:
        patch.setattr(bringing, "free_bytes", lambda _folder: 65 << 20)
        problem = problem_of(core.download_model(REPOSITORY, FILE))
        assert problem.code == "no_room_for_model"
        # as much as is asked for: "needs 2 MB, and 65 MB are free" would explain nothing
        assert problem.params["needed_bytes"] == len(data) + bringing.MARGIN_BYTES
        assert int(problem.params["needed_bytes"]) > int(problem.params["free_bytes"])
        assert hub.files_asked == []
    hub.manners.break_after = [MEGABYTE, 0, 0, 0]
    problem_of(core.download_model(REPOSITORY, FILE))
    hub.manners.break_after = []
    with monkeypatch.context() as patch:  # what came already needs no room
        left = len(data) - kept(core)
        patch.setattr(bringing, "free_bytes", lambda _folder: (64 << 20) + left)
        works(core, hub, data)


def test_a_disk_that_fills_up_on_the_way_pauses_with_the_reason(
    core: Services, hub: HubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file size limit of the worker's process stands for the disk: the system's write really fails."""
    data = hub.put(REPOSITORY, FILE, model_of(2 * MEGABYTE))
    monkeypatch.setenv("PYTHONPATH", f"{_limiting(core)}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
    problem = problem_of(core.download_model(REPOSITORY, FILE))
    assert problem.code in ("no_room_for_model", "download_not_written")
    assert kept(core) == MEGABYTE
    monkeypatch.undo()
    works(core, hub, data)
    assert hub.files_asked[-1].start == MEGABYTE


def _limiting(core: Services) -> Path:
    """A folder whose sitecustomize lets the hub's worker write one megabyte, then "no space left"."""
    folder = core.places.data / "limiting"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(
        "import sys\n"
        "if 'desktop.core.hub.worker' in sys.orig_argv:\n"
        "    import io\n"
        "    class Full(io.FileIO):\n"
        "        def write(self, data):\n"
        f"            room = {MEGABYTE} - self.tell()\n"
        "            if room <= 0:\n"
        f"                raise OSError({errno.ENOSPC}, 'No space left on device')\n"
        "            return super().write(bytes(data)[:room])\n"
        "    import os\n"
        "    real = os.fdopen\n"
        "    def fdopen(fd, mode='r', *rest, **named):\n"
        "        return Full(fd, mode) if named.get('buffering') == 0 else real(fd, mode, *rest, **named)\n"
        "    os.fdopen = fdopen\n"
    )
    return folder


def test_a_folder_that_cannot_be_written_is_said(core: Services, hub: HubServer) -> None:
    hub.put(REPOSITORY, FILE, model_of(300_000))
    (core.places.models / ".downloads").write_text("in the way")
    problem = problem_of(core.download_model(REPOSITORY, FILE))
    assert problem.code == "download_not_written"
    assert str(core.places.models) in hint(problem)


def test_a_header_that_is_longer_than_the_first_look_is_fetched_in_steps(
    core: Services, hub: HubServer
) -> None:
    from tests.fakes.engine_files import gguf, pair, tensor

    words = ["word" * 8] * 120_000  # a vocabulary of about five megabytes
    pairs = [
        pair("general.architecture", "llama"),
        pair("llama.block_count", 1),
        pair("llama.context_length", 2048),
        pair("llama.embedding_length", 64),
        pair("llama.attention.head_count", 2),
        pair("tokenizer.ggml.tokens", words),
    ]
    hub.put(REPOSITORY, FILE, gguf(pairs, [tensor("token_embd.weight", (64, 32), 0, 0)], 64 * 32 * 4))
    (file,) = core.list_hub(REPOSITORY).result(PATIENCE_S).files
    assert file.fit is not None
    assert [one.start for one in hub.files_asked] == [0, 1 * MEGABYTE, 4 * MEGABYTE]
