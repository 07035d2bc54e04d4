"""Models from a hub on the loopback interface, by the real worker: listed, brought, paused, gone on with."""

import hashlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from desktop.core.events import ModelsChanged
from desktop.core.services import Services
from desktop.core.types.models import PausedDownload
from desktop.words import hint
from tests.fakes.engine_files import fake_model
from tests.fakes.house import PATIENCE_S, Heard, house, open_house
from tests.fakes.hub_server import COMMIT, HubServer
from tests.process.hub_house import (
    FILE,
    REPOSITORY,
    core,
    hub,
    kept,
    model_of,
    models,
    problem_of,
    progress,
    until,
    wait,
)

__all__ = ["core", "hub"]  # fixtures
pytestmark = pytest.mark.loopback

MEGABYTE = 1 << 20


def test_while_offline_no_connection_is_made(tmp_path: Path, hub: HubServer) -> None:
    hub.put(REPOSITORY, FILE, fake_model())
    with house(tmp_path) as core:
        core.set_setting("hub_address", hub.address).result(PATIENCE_S)
        assert core.setting("offline") is True  # until the person says otherwise
        for operation in (core.list_hub(REPOSITORY), core.download_model(REPOSITORY, FILE)):
            problem = problem_of(operation)
            assert problem.code == "offline"
            assert "Offline" in hint(problem)
        assert core.hub_pids == ()
        assert hub.connections == 0
        # a person may allow it for one time
        assert core.list_hub(REPOSITORY, online=True).result(PATIENCE_S).files
        assert problem_of(core.list_hub(REPOSITORY)).code == "offline"


def test_a_repository_lists_its_models_with_sizes_quantizations_and_licence(
    core: Services, hub: HubServer
) -> None:
    hub.put(REPOSITORY, FILE, model_of(300_000))
    hub.put(REPOSITORY, "big/tiny-Q8_0-00001-of-00002.gguf", fake_model("1"))
    hub.put(REPOSITORY, "big/tiny-Q8_0-00002-of-00002.gguf", fake_model("2"))
    hub.put(REPOSITORY, "half-00001-of-00002.gguf", fake_model("1"))  # the other one is missing
    hub.put(REPOSITORY, "mmproj-tiny.gguf", fake_model("picture half"))
    hub.put(REPOSITORY, "README.md", b"# tiny", small=True)
    found = core.list_hub(REPOSITORY).result(PATIENCE_S)
    assert (found.id, found.revision, found.licence) == (REPOSITORY, COMMIT, "apache-2.0")
    assert [(file.name, file.parts, file.quantization) for file in found.files] == [
        ("big/tiny-Q8_0-00001-of-00002.gguf", 2, "Q8_0"),
        (FILE, 1, "Q4_K_M"),
    ]
    assert found.files[1].size_bytes == 300_000


@pytest.mark.slow
def test_whether_a_model_will_run_here_is_said_before_it_is_downloaded(
    core: Services, hub: HubServer
) -> None:
    """One header, of some megabytes at most, tells of all quantizations; weights count as they are large."""
    hub.put(REPOSITORY, "tiny-Q4_K_M.gguf", model_of(20 * MEGABYTE))
    hub.put(REPOSITORY, "tiny-F16.gguf", model_of(40 * MEGABYTE))
    small, large = core.list_hub(REPOSITORY).result(PATIENCE_S).files
    assert small.fit is not None
    assert large.fit is not None
    assert small.fit.verdict == "fits"
    assert large.fit.usage[0].weights_bytes == pytest.approx(40 * MEGABYTE, rel=0.01)
    assert small.fit.usage[0].kv_bytes == large.fit.usage[0].kv_bytes
    assert [(one.start, one.headers["range"]) for one in hub.files_asked] == [(0, "bytes=0-1048575")]


@pytest.mark.slow
def test_the_address_of_a_file_lists_that_one(core: Services, hub: HubServer) -> None:
    hub.put(REPOSITORY, FILE, model_of(300_000))
    hub.put(REPOSITORY, "tiny-Q8_0.gguf", model_of(400_000))
    found = core.list_hub(f"{hub.address}/{REPOSITORY}/blob/main/{FILE}").result(PATIENCE_S)
    assert [file.name for file in found.files] == [FILE]


def test_a_download_lies_in_the_models_folder_whole_and_with_its_checksum(
    core: Services, hub: HubServer
) -> None:
    data = hub.put(REPOSITORY, f"gguf/{FILE}", model_of(3 * MEGABYTE))
    heard = Heard()
    core.subscribe(heard)
    operation = core.download_model(REPOSITORY, f"gguf/{FILE}")
    events = progress(operation)
    done = operation.result(PATIENCE_S)
    assert not done.already
    assert done.model.path == str(core.places.models / FILE)
    assert Path(done.model.path).read_bytes() == data
    assert Path(done.model.path).stat().st_mode & 0o077 == 0
    assert done.model.licence == "apache-2.0"  # as the hub says: the header names none
    assert core.inspect_model(done.model.path).result(PATIENCE_S).sha256 == (
        hashlib.sha256(data).hexdigest(),
    )
    assert heard.of(ModelsChanged)
    assert (events[0].done_bytes, events[0].total_bytes) == (0, len(data))
    assert any(event.done_bytes == len(data) and not event.checking for event in events)
    assert any(event.checking for event in events)
    assert list((core.places.models / ".downloads").iterdir()) == []


@pytest.mark.slow
def test_a_split_model_comes_as_one(core: Services, hub: HubServer) -> None:
    parts = [f"q8/tiny-Q8_0-0000{number}-of-00003.gguf" for number in (1, 2, 3)]
    data = [hub.put(REPOSITORY, name, model_of(200_000 * n, n)) for n, name in enumerate(parts, 1)]
    operation = core.download_model(REPOSITORY, "Q8_0")  # the only one of that quantization
    events = progress(operation)
    model = operation.result(PATIENCE_S).model
    assert model.parts == 3
    assert model.size_bytes == sum(map(len, data))
    folder = core.places.models / "tiny-Q8_0"
    assert [path.read_bytes() for path in sorted(folder.iterdir())] == data
    assert models(core) == ["tiny-Q8_0-00001-of-00003.gguf"]
    assert {event.total_bytes for event in events} == {sum(map(len, data))}
    received = [event.done_bytes for event in events if not event.checking]
    assert received == sorted(received)


@pytest.mark.slow
def test_a_small_file_that_git_keeps_itself_is_checked_too(core: Services, hub: HubServer) -> None:
    data = hub.put(REPOSITORY, FILE, fake_model("Tiny"), small=True)
    assert Path(core.download_model(REPOSITORY, FILE).result(PATIENCE_S).model.path).read_bytes() == data
    hub.put(REPOSITORY, "other.gguf", fake_model("Other"), small=True)
    hub.manners.flips = True
    assert problem_of(core.download_model(REPOSITORY, "other.gguf")).code == "download_damaged"


@pytest.mark.slow
def test_cancelling_pauses_and_the_same_call_goes_on_by_range(core: Services, hub: HubServer) -> None:
    data = hub.put(REPOSITORY, FILE, model_of(2 * MEGABYTE))
    hub.manners.pause_at = MEGABYTE
    operation = core.download_model(REPOSITORY, FILE)
    wait(hub.paused)
    until(lambda: kept(core) >= MEGABYTE - 65536)
    operation.cancel()
    assert problem_of(operation).code == "cancelled"
    assert models(core) == []  # never half a file
    (paused,) = core.list_paused_downloads().result(PATIENCE_S)
    assert paused == PausedDownload(REPOSITORY, FILE, COMMIT, kept(core), len(data))
    came = paused.kept_bytes
    assert came >= MEGABYTE - 65536
    hub.go_on.set()
    assert core.list_hub(REPOSITORY).result(PATIENCE_S).files[0].kept_bytes == came
    again = core.download_model(REPOSITORY, FILE)
    events = progress(again)
    assert Path(again.result(PATIENCE_S).model.path).read_bytes() == data
    assert hub.files_asked[-1].start == came
    assert events[0].done_bytes == came
    assert core.list_paused_downloads().result(PATIENCE_S) == ()


@pytest.mark.slow
def test_going_offline_pauses_what_is_on_its_way(core: Services, hub: HubServer) -> None:
    hub.put(REPOSITORY, FILE, model_of(2 * MEGABYTE))
    hub.manners.pause_at = MEGABYTE
    operation = core.download_model(REPOSITORY, FILE)
    wait(hub.paused)
    core.set_setting("offline", True).result(PATIENCE_S)
    assert problem_of(operation).code == "cancelled"
    assert core.hub_pids == ()
    assert problem_of(core.download_model(REPOSITORY, FILE)).code == "offline"


@pytest.mark.slow
def test_a_killed_worker_keeps_what_came(core: Services, hub: HubServer) -> None:
    data = hub.put(REPOSITORY, FILE, model_of(2 * MEGABYTE))
    hub.manners.pause_at = MEGABYTE
    operation = core.download_model(REPOSITORY, FILE)
    wait(hub.paused)
    until(lambda: kept(core) >= MEGABYTE - 65536)
    (pid,) = core.hub_pids
    os.kill(pid, signal.SIGKILL)
    problem = problem_of(operation)
    assert (problem.code, problem.params["how"]) == ("worker_died", "SIGKILL")
    came = kept(core)
    hub.go_on.set()
    assert Path(core.download_model(REPOSITORY, FILE).result(PATIENCE_S).model.path).read_bytes() == data
    assert hub.files_asked[-1].start == came > 0


@pytest.mark.slow
def test_a_killed_program_keeps_what_came_and_its_worker_leaves(tmp_path: Path, hub: HubServer) -> None:
    """The whole program dies in the middle; the next one finds the download and goes on."""
    data = hub.put(REPOSITORY, FILE, model_of(2 * MEGABYTE))
    hub.manners.pause_at = MEGABYTE
    script = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from tests.fakes.house import house\n"
        "with house(Path(sys.argv[1])) as core:\n"
        "    core.set_setting('hub_address', sys.argv[2]).result()\n"
        "    core.set_setting('offline', False).result()\n"
        f"    operation = core.download_model({REPOSITORY!r}, {FILE!r})\n"
        "    while not any(event.done_bytes for event in operation._events):\n"
        "        time.sleep(0.01)\n"
        "    print(*core.hub_pids, flush=True)\n"
        "    time.sleep(60)\n"
    )
    hub.manners.pace_s = 0.005
    child = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path), hub.address],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert child.stdout is not None
    worker = int(child.stdout.readline())
    child.kill()
    child.wait()
    until(lambda: not _runs(worker))
    hub.manners.pause_at, hub.manners.pace_s = None, 0.0
    hub.go_on.set()
    with house(tmp_path) as core:
        (paused,) = core.list_paused_downloads().result(PATIENCE_S)
        assert 0 < paused.kept_bytes < len(data)
        assert models(core) == []
        done = core.download_model(REPOSITORY, FILE).result(PATIENCE_S)
        assert Path(done.model.path).read_bytes() == data
        assert hub.files_asked[-1].start == paused.kept_bytes


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except OSError:
        return False


@pytest.mark.slow
def test_closing_the_program_pauses_and_the_next_one_goes_on(tmp_path: Path, hub: HubServer) -> None:
    data = hub.put(REPOSITORY, FILE, model_of(2 * MEGABYTE))
    hub.manners.pause_at = MEGABYTE
    with house(tmp_path) as core:
        core.set_setting("hub_address", hub.address).result(PATIENCE_S)
        operation = core.download_model(REPOSITORY, FILE, online=True)
        wait(hub.paused)
    assert problem_of(operation).code == "cancelled"
    hub.go_on.set()
    core = open_house(core.places)
    try:
        done = core.download_model(REPOSITORY, FILE, online=True).result(PATIENCE_S)
        assert Path(done.model.path).read_bytes() == data
    finally:
        core.close()


@pytest.mark.slow
def test_the_revision_is_pinned_when_a_download_begins(core: Services, hub: HubServer) -> None:
    data = hub.put(REPOSITORY, FILE, model_of(2 * MEGABYTE))
    hub.manners.break_after = [MEGABYTE] + [0] * 20
    assert problem_of(core.download_model(REPOSITORY, FILE)).code == "hub_broke"
    hub.manners.break_after = []
    hub.revision = "beef" + "0" * 36
    hub.put(REPOSITORY, FILE, model_of(2 * MEGABYTE, 2))
    assert core.list_hub(REPOSITORY).result(PATIENCE_S).files[0].kept_bytes == 0  # it is another file now
    done = core.download_model(REPOSITORY, FILE).result(PATIENCE_S)
    assert Path(done.model.path).read_bytes() == data
    # asked for as it is now, it is the other one
    newer = core.download_model(REPOSITORY, FILE, hub.revision).result(PATIENCE_S)
    assert Path(newer.model.path).name == "tiny-Q4_K_M-2.gguf"
    assert Path(newer.model.path).read_bytes() == model_of(2 * MEGABYTE, 2)


@pytest.mark.slow
def test_a_commit_that_is_gone_goes_on_with_the_same_bytes_of_a_newer_one(
    core: Services, hub: HubServer
) -> None:
    data = hub.put(REPOSITORY, FILE, model_of(2 * MEGABYTE))
    hub.manners.break_after = [MEGABYTE] + [0] * 20
    assert problem_of(core.download_model(REPOSITORY, FILE)).code == "hub_broke"
    hub.manners.break_after = []
    came = kept(core)
    hub.forgotten.add(hub.revision)
    hub.revision = "beef" + "0" * 36
    hub.put(REPOSITORY, FILE, data)
    done = core.download_model(REPOSITORY, FILE).result(PATIENCE_S)
    assert Path(done.model.path).read_bytes() == data
    assert hub.files_asked[-1].start == came > 0


@pytest.mark.slow
def test_a_file_that_was_replaced_meanwhile_is_said_and_begun_anew(core: Services, hub: HubServer) -> None:
    hub.put(REPOSITORY, FILE, model_of(2 * MEGABYTE))
    hub.manners.break_after = [MEGABYTE] + [0] * 20
    assert problem_of(core.download_model(REPOSITORY, FILE)).code == "hub_broke"
    hub.manners.break_after = []
    hub.forgotten.add(hub.revision)
    hub.revision = "beef" + "0" * 36
    data = hub.put(REPOSITORY, FILE, model_of(2 * MEGABYTE, 2))
    assert problem_of(core.download_model(REPOSITORY, FILE)).code == "hub_file_replaced"
    assert kept(core) == 0
    done = core.download_model(REPOSITORY, FILE).result(PATIENCE_S)
    assert Path(done.model.path).read_bytes() == data


@pytest.mark.slow
def test_a_model_that_is_here_already_is_not_downloaded_again(core: Services, hub: HubServer) -> None:
    data = hub.put(REPOSITORY, FILE, model_of(300_000))
    (core.places.models / "renamed.gguf").write_bytes(data)
    done = core.download_model(REPOSITORY, FILE).result(PATIENCE_S)
    assert done.already
    assert Path(done.model.path).name == "renamed.gguf"
    assert hub.files_asked == []


@pytest.mark.slow
def test_another_model_of_the_same_name_stays_and_the_new_one_is_numbered(
    core: Services, hub: HubServer
) -> None:
    mine = model_of(300_000, 7)
    (core.places.models / FILE).write_bytes(mine)
    data = hub.put(REPOSITORY, FILE, model_of(300_000))
    done = core.download_model(REPOSITORY, FILE).result(PATIENCE_S)
    assert Path(done.model.path).name == "tiny-Q4_K_M-2.gguf"
    assert Path(done.model.path).read_bytes() == data
    assert (core.places.models / FILE).read_bytes() == mine


@pytest.mark.slow
def test_a_paused_download_can_be_thrown_away(core: Services, hub: HubServer) -> None:
    hub.put(REPOSITORY, FILE, model_of(2 * MEGABYTE))
    hub.manners.break_after = [MEGABYTE] + [0] * 20
    assert problem_of(core.download_model(REPOSITORY, FILE)).code == "hub_broke"
    assert kept(core) > 0
    core.discard_download(REPOSITORY, FILE).result(PATIENCE_S)
    assert kept(core) == 0
    assert core.list_paused_downloads().result(PATIENCE_S) == ()
    core.discard_download(REPOSITORY, FILE).result(PATIENCE_S)  # nothing there, and nothing to say


@pytest.mark.slow
def test_two_programs_do_not_write_one_file(core: Services, hub: HubServer) -> None:
    hub.put(REPOSITORY, FILE, model_of(2 * MEGABYTE))
    hub.manners.pause_at = MEGABYTE
    first = core.download_model(REPOSITORY, FILE)
    wait(hub.paused)
    assert problem_of(core.download_model(REPOSITORY, FILE)).code == "download_running"
    assert core.list_paused_downloads().result(PATIENCE_S) == ()  # it is on its way
    hub.go_on.set()
    first.result(PATIENCE_S)


@pytest.mark.slow
def test_the_window_process_never_loads_the_library_of_the_hub(core: Services, hub: HubServer) -> None:
    hub.put(REPOSITORY, FILE, model_of(300_000))
    core.download_model(REPOSITORY, FILE).result(PATIENCE_S)
    script = "import sys, desktop.app, desktop.core.services; print('huggingface_hub' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "False"
