"""What `sobremesa models` prints, and what is told beside every result."""

from collections.abc import Callable
from pathlib import Path

import pytest

from desktop.core.events import CoreEvent, EngineStatus, StorageProblem
from desktop.core.places import Places
from desktop.core.types import Problem
from desktop.i18n import size
from engine.fit import Device, Fit, Placement, Usage
from tests.fakes.replies import Script
from tests.fakes.samples import BROKEN, MODELS, QWEN, SMOLLM, THEIRS
from tests.unit.cli.conftest import TypeIn
from tests.unit.cli.talking_core import TalkingCore

# ── models ──


def test_models_lists_files_the_broken_ones_with_their_problem(type_in: TypeIn, places: Places) -> None:
    done = type_in("models", "--json")
    assert done.json["folder"] == str(places.models)
    assert [model["path"] for model in done.json["models"]] == [model.path for model in MODELS]
    assert done.json["models"][0]["error"] is None
    assert done.json["models"][2]["error"]["code"] == "model_truncated"
    shown = type_in("models").out
    assert "98 MB" in shown
    assert "half-a-download.gguf is incomplete" in shown


def test_models_inspect_says_what_a_file_holds(type_in: TypeIn) -> None:
    done = type_in("models", "inspect", SMOLLM, "--json")
    assert done.json["model"]["parameters"] == 134_515_008
    shown = type_in("models", "inspect", SMOLLM).out
    assert "134,515,008" in shown
    assert "8,192 tokens" in shown


def test_models_inspect_says_how_a_file_fits(type_in: TypeIn, core: TalkingCore) -> None:
    assert type_in("models", "inspect", SMOLLM, "--json").json["fit"] is None
    machine = (Device("CPU", "cpu", 12 << 30, 16 << 30, "AMD EPYC"),)
    usage = (Usage(2 << 30, 1 << 30, 200_000_000, 10_000_000),)
    fit = Fit("needs_less_context", Placement(4096), 8192, 33, usage, machine, 500_000_000, "free_memory")
    core.fits = {model.path: fit for model in core.models}
    shape = type_in("models", "inspect", SMOLLM, "--json").json["fit"]
    assert shape["verdict"] == "needs_less_context"
    assert (shape["context_tokens"], shape["wanted_context_tokens"]) == (4096, 8192)
    assert shape["needed_bytes"] == (3 << 30) + 210_000_000
    assert [device["name"] for device in shape["devices"]] == ["CPU"]
    assert shape["devices"][0]["kv_bytes"] == 1 << 30
    assert shape["message"].startswith("It fits with a context of 4,096 tokens")
    shown = " ".join(type_in("models", "inspect", SMOLLM).out.split())
    assert f"CPU: {size(12 << 30)} of {size(16 << 30)} free (AMD EPYC)" in shown
    assert f"{shape['message']} {shape['hint']}" in shown
    assert "fit" not in type_in("models", "--json").json["models"][0]


def test_models_inspect_says_how_many_layers_go_where(type_in: TypeIn, core: TalkingCore) -> None:
    machine = (Device("Vulkan0", "gpu", 4 << 30, 4 << 30), Device("CPU", "cpu", 12 << 30, 16 << 30))
    usage = (Usage(2 << 30, 1 << 30, 0), Usage(1 << 20, 0, 0))
    fit = Fit("fits_partly", Placement(4096, gpu_layers=20), 4096, 31, usage, machine, 0, "free_memory")
    core.fits = {model.path: fit for model in core.models}
    shown = type_in("models", "inspect", SMOLLM).out
    assert "Vulkan0: " in shown
    assert "20/31 layers on Vulkan0" in shown


def test_models_inspect_of_a_bad_file_is_an_error(type_in: TypeIn) -> None:
    done = type_in("models", "inspect", BROKEN, "--json")
    assert (done.code, done.json["error"]["code"]) == (1, "model_truncated")


def test_models_list_is_models_without_an_action(type_in: TypeIn) -> None:
    assert type_in("models", "list", "--json").out == type_in("models", "--json").out


def test_a_model_of_another_program_is_listed_with_its_keeper_and_its_path(
    type_in: TypeIn, core: TalkingCore
) -> None:
    core.models = (THEIRS,)
    (listed,) = type_in("models", "--json").json["models"]
    assert (listed["source"], listed["label"]) == ("ollama", "qwen2.5:7b")
    shown = type_in("models").out
    assert shown.startswith(f"qwen2.5:7b (Ollama)\n  {THEIRS.path}\n")
    assert "Ollama" in type_in("models", "inspect", THEIRS.path).out


def test_models_inspect_gives_the_checksum_when_it_is_asked_for(type_in: TypeIn) -> None:
    assert type_in("models", "inspect", SMOLLM, "--json").json["model"]["sha256"] == []
    done = type_in("models", "inspect", SMOLLM, "--sha256", "--json")
    assert done.json["model"]["sha256"] == ["ab" * 32]
    assert "SHA-256:" in type_in("models", "inspect", SMOLLM, "--sha256").out


def test_models_import_says_where_the_copy_is_and_whether_it_was_there(
    type_in: TypeIn, core: TalkingCore
) -> None:
    core.models = (THEIRS,)
    done = type_in("models", "import", THEIRS.path, "--json")
    assert (done.code, done.json["already"], done.json["model"]["source"]) == (0, False, "own")
    shown = type_in("models", "import", THEIRS.path)
    assert "was in your models folder already" in shown.out
    assert f"\n  {done.json['model']['path']}\n  Licence: apache-2.0\n" in shown.out


def test_models_remove_lists_what_is_in_the_trash(type_in: TypeIn, core: TalkingCore) -> None:
    assert type_in("models", "remove", SMOLLM, "--json").json == {"removed": [SMOLLM]}
    assert "is in the trash now" in type_in("models", "remove", BROKEN).out
    assert [model.path for model in core.models] == [QWEN]


def test_models_remove_refuses_what_another_program_keeps(type_in: TypeIn, core: TalkingCore) -> None:
    core.models = (THEIRS,)
    done = type_in("models", "remove", THEIRS.path, "--json")
    assert (done.code, done.json["error"]["code"]) == (1, "model_not_ours")
    assert "with the program that keeps it" in done.json["error"]["hint"]


def test_a_model_is_named_by_its_path_or_by_its_name_in_the_models_folder(
    type_in: TypeIn, core: TalkingCore, places: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    places.models.mkdir()
    (places.models / "a.gguf").touch()
    monkeypatch.chdir(tmp_path)
    type_in("models", "remove", "a.gguf")
    type_in("models", "import", "b.gguf")
    (tmp_path / "a.gguf").touch()
    type_in("models", "inspect", "a.gguf")
    assert core.called("remove_model") == [(str(places.models / "a.gguf"),)]
    assert core.called("import_model") == [(str(tmp_path / "b.gguf"),)]
    assert core.called("inspect_model") == [(str(tmp_path / "a.gguf"),)]


def test_an_empty_models_folder_says_where_to_put_one(
    type_in: TypeIn, core: TalkingCore, places: Places
) -> None:
    core.models = ()
    assert str(places.models) in type_in("models").out


def test_no_chat_model_says_where_to_put_one(type_in: TypeIn, core: TalkingCore) -> None:
    core.script = Script(problem=Problem("no_model", {"folder": "/home/ana/models"}))
    done = type_in("chat", "Hello")
    assert done.code == 1
    assert "/home/ana/models" in done.err


# ── trouble on the way ──


def test_a_damaged_file_that_was_put_aside_is_told_beside_the_result(
    type_in: TypeIn, core: TalkingCore
) -> None:
    file = "/data/chats.sqlite3"
    problem = Problem("database_damaged", {"file": file, "kept_as": f"{file}.damaged-1", "days": 30})
    plain = core.subscribe

    def subscribe(listener: Callable[[CoreEvent], None]) -> Callable[[], None]:
        listener(StorageProblem(problem))
        return plain(listener)

    core.subscribe = subscribe  # type: ignore[method-assign]
    done = type_in("models", "--json")
    assert done.code == 0
    assert done.json["models"]
    assert "chats.sqlite3.damaged-1" in done.err


def test_a_runtime_that_did_not_work_is_told_once_beside_the_result(
    type_in: TypeIn, core: TalkingCore
) -> None:
    problem = Problem("runtime_failed", {"runtime": "vulkan", "how": "SIGSEGV"})
    plain = core.subscribe

    def subscribe(listener: Callable[[CoreEvent], None]) -> Callable[[], None]:
        for state in ("loading", "ready"):
            listener(EngineStatus(state, runtime_problem=problem))
        return plain(listener)

    core.subscribe = subscribe  # type: ignore[method-assign]
    done = type_in("models", "--json")
    assert done.code == 0
    assert done.err.count("The runtime vulkan broke down") == 1
    assert "SIGSEGV" in done.err
