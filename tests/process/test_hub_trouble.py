"""A hub that breaks off, stalls, refuses or lies: each ends in an error, and the next call works."""

from pathlib import Path

import pytest

from desktop.core.services import Services
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
from tests.process.hub_trouble import MEGABYTE, works

__all__ = ["core", "hub"]  # fixtures
pytestmark = [pytest.mark.loopback, pytest.mark.slow]


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
