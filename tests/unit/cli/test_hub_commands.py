"""`models download` for people and for scripts, over the core in memory."""

from collections.abc import Callable

import pytest

from desktop.cli import hub_reports
from desktop.core.events import DownloadingModel
from desktop.core.types import Problem
from desktop.core.types.models import HubFile
from engine.fit import Fit, Placement
from tests.fakes import hub
from tests.unit.cli.conftest import Typed
from tests.unit.cli.talking_core import TalkingCore

TypeIn = Callable[..., Typed]
FIT = Fit("fits", Placement(4096), 4096, 1, (), (), 0, "nothing")
FILES = (
    HubFile("tiny Q2_K.gguf", 50_000_000, quantization="Q2_K", kept_bytes=20_000_000),
    HubFile("q8/tiny-Q8_0-00001-of-00002.gguf", 150_000_000, parts=2, quantization="Q8_0", fit=FIT),
)


@pytest.fixture(autouse=True)
def _files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "HUB_FILES", FILES)


def test_while_offline_it_is_said_where_to_turn_that_off(type_in: TypeIn) -> None:
    done = type_in("models", "download", "ana/tiny")
    assert done.code == 1
    assert "“Offline”" in done.err
    assert "--online" in done.err
    assert type_in("models", "download", "ana/tiny", "--json").json["error"]["code"] == "offline"


def test_without_a_file_it_lists_what_there_is_and_what_to_take(type_in: TypeIn, core: TalkingCore) -> None:
    for words in (("--online",), ("--list", "--online", "q8/tiny-Q8_0-00001-of-00002.gguf")):
        done = type_in("models", "download", "ana/tiny", *words)
        assert (done.code, done.err) == (0, "")
        assert done.out.startswith("ana/tiny (apache-2.0)\n  tiny Q2_K.gguf\n")
        assert "50 MB, Q2_K, 20 MB of it are here." in done.out
        assert "150 MB, Q8_0, 2 files. It fits:" in done.out
        assert done.out.endswith(
            "\n  sobremesa models download ana/tiny q8/tiny-Q8_0-00001-of-00002.gguf --online\n"
        )
    assert core.called("download_model") == []


def test_one_word_too_many_is_wrong_usage(type_in: TypeIn) -> None:
    assert type_in("models", "download", "ana/tiny", "--online", "Q8_0", "Q4_0").code == 2
    assert type_in("models", "download", "ana/tiny", "--onlin").code == 2


def test_a_list_as_json(type_in: TypeIn) -> None:
    told = type_in("models", "download", "ana/tiny", "--online", "--json").json
    assert set(told) == {"repository", "revision", "licence", "files", "recommended"}
    assert told["recommended"] == FILES[1].name
    assert set(told["files"][0]) == {"name", "size_bytes", "parts", "quantization", "kept_bytes", "fit"}
    assert told["files"][0]["fit"] is None
    assert told["files"][1]["fit"]["verdict"] == "fits"


def test_a_download_says_where_the_model_is_and_its_licence(type_in: TypeIn, core: TalkingCore) -> None:
    core.settings["offline"] = False
    done = type_in("models", "download", "ana/tiny", "Q8_0")
    assert done.code == 0
    assert "is in your models folder now." in done.out
    assert "Licence: " in done.out
    assert core.called("download_model")[-1] == ("ana/tiny", "Q8_0", "")
    assert set(type_in("models", "download", "ana/tiny", "Q8_0", "--json").json) == {"model", "already"}


def test_the_address_of_a_file_downloads_it(type_in: TypeIn, core: TalkingCore) -> None:
    address = "https://huggingface.co/ana/tiny/blob/main/tiny-Q8_0.gguf"
    assert type_in("models", "download", address, "--online").code == 0
    assert core.called("download_model")[-1] == (address, "", "")


def test_stopping_it_says_how_to_go_on(type_in: TypeIn, core: TalkingCore) -> None:
    core.fail("download_model", Problem("cancelled"))
    done = type_in("models", "download", "ana/tiny", "Q8_0", "--online")
    assert done.code == 130
    assert done.err == "Paused. What came is kept, and the same command goes on from there.\n"


@pytest.mark.parametrize(
    ("event", "told"),
    [
        (DownloadingModel(0, 4_000_000_000), "Downloading… 0% (0 B of 4 GB)"),
        (
            DownloadingModel(1_000_000_000, 4_000_000_000, 50_000_000),
            "Downloading… 25% (1 GB of 4 GB, 50 MB per second, 60 s left)",
        ),
        (
            DownloadingModel(1_000_000_000, 4_000_000_000, 1_000_000),
            "Downloading… 25% (1 GB of 4 GB, 1 MB per second, 50 min left)",
        ),
        (
            DownloadingModel(1_000_000_000, 40_000_000_000, 1_000_000),
            "Downloading… 3% (1 GB of 40 GB, 1 MB per second, 11 h left)",
        ),
        (DownloadingModel(3_000_000_000, 4_000_000_000, checking=True), "Checking what came… 75%"),
    ],
)
def test_progress_is_one_line(event: DownloadingModel, told: str) -> None:
    assert hub_reports.progress(event) == told


def test_a_search_model_is_brought_and_chosen(type_in: TypeIn, core: TalkingCore) -> None:
    done = type_in("models", "download", "ana/tiny-e5", "--search", "--online")
    assert done.code == 0
    assert "tiny-e5 is on this computer now, and finds passages from now on." in done.out
    assert "Licence: mit" in done.out
    assert core.settings["embedder_path"] == f"{hub.MODELS_FOLDER}/embeddings/tiny-e5"
    told = type_in("models", "download", "ana/tiny-e5", "--search", "--online", "--json").json
    assert set(told["search_model"]) == {"path", "name", "form", "licence"}


def test_what_a_search_model_takes_is_told_and_nothing_chosen(type_in: TypeIn, core: TalkingCore) -> None:
    done = type_in("models", "download", "ana/tiny-e5", "--search", "--list", "--online")
    assert "model.safetensors: 470 MB" in done.out
    assert core.called("download_search_model") == []
    assert core.settings["embedder_path"] == ""
    assert type_in("models", "download", "ana/tiny-e5", "--search").code == 1, "offline"
