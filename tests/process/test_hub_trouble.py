"""A hub that misbehaves, and wishes that cannot be met: each ends in an error, and the next call works."""

import errno
import os
import socket
import time
from dataclasses import replace
from pathlib import Path

import pytest

from desktop.core.hub import downloads
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
    until,
    wait,
)

__all__ = ["core", "hub"]  # fixtures
pytestmark = [pytest.mark.loopback, pytest.mark.slow]

MEGABYTE = 1 << 20


def works(core: Services, hub: HubServer, data: bytes) -> None:
    """After all trouble, the same call brings the model."""
    done = core.download_model(REPOSITORY, FILE).result(PATIENCE_S)
    assert Path(done.model.path).read_bytes() == data
    assert models(core) == [FILE]


def test_a_connection_that_breaks_is_taken_up_where_it_broke(core: Services, hub: HubServer) -> None:
    data = hub.put(REPOSITORY, FILE, model_of(2 * MEGABYTE))
    hub.manners.break_after = [900_000, 700_000]
    works(core, hub, data)
    starts = [one.start for one in hub.files_asked]
    assert len(starts) == 3
    assert starts == sorted(starts)
    assert len(set(starts)) > 1


def test_a_stalled_server_is_asked_again(core: Services, hub: HubServer) -> None:
    data = hub.put(REPOSITORY, FILE, model_of(2 * MEGABYTE))
    hub.manners.pause_at = MEGABYTE
    operation = core.download_model(REPOSITORY, FILE)
    wait(hub.paused)
    hub.manners.pause_at = None  # the next answer does not stall
    assert Path(operation.result(PATIENCE_S).model.path).read_bytes() == data
    hub.go_on.set()


def test_a_server_that_says_nothing_is_given_up(core: Services, hub: HubServer) -> None:
    hub.put(REPOSITORY, FILE, fake_model())
    hub.manners.silent = True
    assert problem_of(core.list_hub(REPOSITORY)).code == "hub_error"


def test_a_person_who_cancels_need_not_wait_for_a_silent_server(core: Services, hub: HubServer) -> None:
    hub.put(REPOSITORY, FILE, model_of(2 * MEGABYTE))
    hub.manners.pause_at = MEGABYTE
    operation = core.download_model(REPOSITORY, FILE)
    wait(hub.paused)
    operation.cancel()
    assert problem_of(operation).code == "cancelled"
    assert core.hub_pids == ()


@pytest.mark.parametrize("status", [500, 503, 429, 408])
def test_a_busy_server_is_asked_again(core: Services, hub: HubServer, status: int) -> None:
    data = hub.put(REPOSITORY, FILE, model_of(300_000))
    hub.manners.info_statuses = [status]
    hub.manners.statuses = [status]
    works(core, hub, data)


def test_a_server_that_stays_busy_is_given_up_with_its_reason(core: Services, hub: HubServer) -> None:
    data = hub.put(REPOSITORY, FILE, model_of(300_000))
    hub.manners.statuses = [503] * 20
    assert problem_of(core.download_model(REPOSITORY, FILE)).code == "hub_busy"
    hub.manners.statuses = []
    works(core, hub, data)


def test_a_server_that_asks_for_a_long_wait_is_not_waited_for(core: Services, hub: HubServer) -> None:
    hub.put(REPOSITORY, FILE, model_of(300_000))
    hub.manners.info_statuses = [429]
    hub.manners.retry_after = "3600"
    problem = problem_of(core.list_hub(REPOSITORY))
    assert problem.code == "hub_busy"
    assert "429" in problem.detail


@pytest.mark.parametrize(
    ("status", "error_code", "expected"),
    [
        (401, "GatedRepo", "hub_repository_gated"),
        (403, "GatedRepo", "hub_repository_gated"),
        (403, "", "hub_refused"),
        (401, "RepoNotFound", "hub_repository_not_found"),
        (404, "EntryNotFound", "hub_file_not_offered"),
        (410, "", "hub_refused"),
    ],
)
def test_a_refusal_says_what_to_do(
    core: Services, hub: HubServer, status: int, error_code: str, expected: str
) -> None:
    data = hub.put(REPOSITORY, FILE, model_of(300_000))
    hub.manners.statuses, hub.manners.error_code = [status], error_code
    problem = problem_of(core.download_model(REPOSITORY, FILE))
    assert problem.code == expected
    assert hint(problem)
    if error_code == "GatedRepo":
        assert f"{hub.address}/{REPOSITORY}" in hint(problem)
    assert list((core.places.models / ".downloads").iterdir()) == []
    works(core, hub, data)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ana/nothing-here", "hub_repository_not_found"),
        ("just a few words", "bad_repository"),
        ("../../etc/passwd", "bad_repository"),
        ("https://elsewhere.example/ana/tiny", "bad_repository"),
        ("ana/../tiny", "bad_repository"),
        ("", "bad_repository"),
    ],
)
def test_a_name_that_leads_nowhere_is_said(core: Services, hub: HubServer, name: str, expected: str) -> None:
    assert problem_of(core.list_hub(name)).code == expected
    assert problem_of(core.download_model(name, FILE)).code == expected


def test_a_repository_without_models_and_a_file_that_is_not_there(core: Services, hub: HubServer) -> None:
    hub.put("ana/words", "README.md", b"# words", small=True)
    assert problem_of(core.list_hub("ana/words")).code == "hub_no_models"
    hub.put(REPOSITORY, FILE, fake_model())
    hub.put(REPOSITORY, "tiny-Q8_0.gguf", fake_model())
    for missing in ("other.gguf", "../tiny-Q4_K_M.gguf", "/etc/passwd", ""):
        assert problem_of(core.download_model(REPOSITORY, missing)).code == "hub_file_not_offered"


@pytest.mark.parametrize(
    "name",
    [
        "../evil.gguf",
        "/tmp/evil.gguf",  # noqa: S108
        "a/../../evil.gguf",
        "..\\evil.gguf",
        "C:\\evil.gguf",
        "con.gguf",
        ".hidden.gguf",
        "e\x00vil.gguf",
        "x" * 300 + ".gguf",
    ],
)
def test_names_that_lead_out_of_the_folder_are_not_offered(core: Services, hub: HubServer, name: str) -> None:
    hub.put(REPOSITORY, FILE, fake_model())
    hub.put(REPOSITORY, name, fake_model("Evil"))
    assert [file.name for file in core.list_hub(REPOSITORY).result(PATIENCE_S).files] == [FILE]
    assert problem_of(core.download_model(REPOSITORY, name)).code == "hub_file_not_offered"


def test_bytes_that_fail_their_checksum_are_discarded_and_said(core: Services, hub: HubServer) -> None:
    data = hub.put(REPOSITORY, FILE, model_of(2 * MEGABYTE))
    hub.manners.flips = True
    problem = problem_of(core.download_model(REPOSITORY, FILE))
    assert problem.code == "download_damaged"
    assert "SHA-256" in problem.detail
    assert FILE in sentence(problem)
    assert kept(core) == 0
    hub.manners.flips = False
    works(core, hub, data)


def test_what_was_changed_on_the_disk_while_paused_is_found(core: Services, hub: HubServer) -> None:
    data = hub.put(REPOSITORY, FILE, model_of(2 * MEGABYTE))
    hub.manners.pause_at = MEGABYTE
    operation = core.download_model(REPOSITORY, FILE)
    wait(hub.paused)
    until(lambda: kept(core) > 500_000)
    operation.cancel()
    problem_of(operation)
    hub.manners.pause_at = None
    hub.go_on.set()
    (part,) = (core.places.models / ".downloads").rglob(FILE)
    with part.open("r+b") as file:
        file.write(b"not what came")
    assert problem_of(core.download_model(REPOSITORY, FILE)).code == "download_damaged"
    works(core, hub, data)


@pytest.mark.parametrize("extra", [1, -1, 5_000_000])
def test_a_server_that_lies_about_the_length_of_an_answer_is_not_believed(
    core: Services, hub: HubServer, extra: int
) -> None:
    data = hub.put(REPOSITORY, FILE, model_of(300_000))
    hub.manners.announces = extra
    problem = problem_of(core.download_model(REPOSITORY, FILE))
    assert problem.code == "hub_strange"
    assert models(core) == []
    hub.manners.announces = 0
    works(core, hub, data)


@pytest.mark.parametrize("extra", [1000, -1000])
def test_a_list_that_lies_about_the_size_of_a_file_is_found_out(
    core: Services, hub: HubServer, extra: int
) -> None:
    data = hub.put(REPOSITORY, FILE, model_of(300_000))
    hub.manners.says_size = extra
    assert problem_of(core.download_model(REPOSITORY, FILE)).code == "hub_strange"
    hub.manners.without_length = hub.manners.ignores_ranges = True  # and does not even say it
    problem = problem_of(core.download_model(REPOSITORY, FILE))
    assert problem.code in ("download_damaged", "hub_broke")
    assert models(core) == []
    hub.manners.says_size, hub.manners.without_length, hub.manners.ignores_ranges = 0, False, False
    core.discard_download(REPOSITORY, FILE).result(PATIENCE_S)
    works(core, hub, data)


def test_a_range_that_is_another_one_than_asked_for_is_not_appended(core: Services, hub: HubServer) -> None:
    data = hub.put(REPOSITORY, FILE, model_of(2 * MEGABYTE))
    hub.manners.break_after = [MEGABYTE, 0, 0, 0]
    problem_of(core.download_model(REPOSITORY, FILE))
    came = kept(core)
    hub.manners.break_after, hub.manners.shifts_range = [], 7
    assert problem_of(core.download_model(REPOSITORY, FILE)).code == "hub_strange"
    assert kept(core) == came > 0  # that the server is wrong now says nothing of what came before
    hub.manners.shifts_range = 0
    works(core, hub, data)


def test_a_server_without_ranges_sends_all_of_it_again(core: Services, hub: HubServer) -> None:
    data = hub.put(REPOSITORY, FILE, model_of(2 * MEGABYTE))
    hub.manners.break_after = [MEGABYTE]
    hub.manners.ignores_ranges = True
    works(core, hub, data)
    assert len(hub.files_asked) == 2


@pytest.mark.parametrize(
    "body",
    [
        b"<html>Please log in to this network</html>",
        b"[]",
        b"{}",
        b'{"id": "ana/tiny-GGUF"}',
        b'{"id": "../../x", "sha": "abc", "siblings": [{"rfilename": "a.gguf", "size": 1, "blobId": "zz"}]}',
        b'{"id": "ana/tiny-GGUF", "sha": "../..", "siblings": [{"rfilename": "a.gguf", "size": 1}]}',
        b'{"id": "ana/tiny-GGUF", "sha": "abc", "siblings": [{"rfilename": "a.gguf", "size": 1, "lfs": {}}]}',
        b'{"id": "ana/tiny-GGUF", "sha": "abc", "siblings": 7, "tags": 3}',
        b"[" * 100_000,
        b"\xff\xfe",
    ],
)
def test_an_answer_that_is_no_hubs_answer_is_said_as_such(
    core: Services, hub: HubServer, body: bytes
) -> None:
    hub.put(REPOSITORY, FILE, fake_model())
    hub.manners.info_body = body
    problem = problem_of(core.list_hub(REPOSITORY))
    assert problem.code in ("hub_strange", "hub_no_models")
    hub.manners.info_body = None
    assert core.list_hub(REPOSITORY).result(PATIENCE_S).files


def test_a_list_without_end_is_given_up_before_it_fills_the_memory(core: Services, hub: HubServer) -> None:
    hub.put(REPOSITORY, FILE, fake_model())
    hub.manners.endless_info = True
    problem = problem_of(core.list_hub(REPOSITORY))
    assert (problem.code, "MemoryError" in problem.detail) == ("hub_strange", True)
    hub.manners.endless_info = False
    assert core.list_hub(REPOSITORY).result(PATIENCE_S).files


def test_a_split_model_alone_tells_how_it_fits(core: Services, hub: HubServer) -> None:
    """Its first part's header says how it is built; the weights are as large as all parts."""
    for number in (1, 2):
        hub.put(REPOSITORY, f"tiny-F16-0000{number}-of-00002.gguf", model_of(20 * MEGABYTE, number))
    (file,) = core.list_hub(REPOSITORY).result(PATIENCE_S).files
    assert file.fit is not None
    assert file.fit.usage[0].weights_bytes == pytest.approx(40 * MEGABYTE, rel=0.01)


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
        given = (tmp_path,) if kind == "embedder" else ()
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
        patch.setattr(downloads, "free_bytes", lambda _folder: 65 << 20)
        problem = problem_of(core.download_model(REPOSITORY, FILE))
        assert problem.code == "no_room_for_model"
        # as much as is asked for: "needs 2 MB, and 65 MB are free" would explain nothing
        assert problem.params["needed_bytes"] == len(data) + downloads.MARGIN_BYTES
        assert int(problem.params["needed_bytes"]) > int(problem.params["free_bytes"])
        assert hub.files_asked == []
    hub.manners.break_after = [MEGABYTE, 0, 0, 0]
    problem_of(core.download_model(REPOSITORY, FILE))
    hub.manners.break_after = []
    with monkeypatch.context() as patch:  # what came already needs no room
        left = len(data) - kept(core)
        patch.setattr(downloads, "free_bytes", lambda _folder: (64 << 20) + left)
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
