"""The core quantizes: whole or not at all, over a fake engine in a process of its own."""

import hashlib
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from desktop.core.errors import CoreError
from desktop.core.events import ModelsChanged, QuantizingModel
from desktop.core.models import quantizing
from desktop.core.operations import Operation
from desktop.core.services import Services
from desktop.core.types.models import QuantizedModel
from engine.gguf_header import inspect
from engine.quantization import NEED_MATRIX
from tests.fakes.engine_files import fake_model
from tests.fakes.house import PATIENCE_S, Heard, house, open_house, places_in
from tests.process.test_core_death import ROOT, wait_until
from tests.unit.models.places import put, put_split

TEXT = "one two three four five six seven eight nine ten"


def names(folder: Path) -> list[str]:
    """Hidden ones too."""
    return sorted(entry.name for entry in folder.iterdir())


def quantize(core: Services, path: Path, to: str = "Q4_0", **options: Any) -> QuantizedModel:
    return core.quantize_model(str(path), to, **options).result(PATIENCE_S)


def code_of(core: Services, path: Path, to: str = "Q4_0", **options: Any) -> str:
    with pytest.raises(CoreError) as refused:
        quantize(core, path, to, **options)
    return refused.value.problem().code


def reach(operation: Operation[QuantizedModel], stage: str) -> None:
    """Wait until `operation` works at `stage`."""
    there = threading.Event()
    operation.subscribe(
        lambda event: there.set() if isinstance(event, QuantizingModel) and event.stage == stage else None
    )
    assert there.wait(PATIENCE_S)


def test_a_model_is_quantized_named_after_its_type_and_measured_before_and_after(tmp_path: Path) -> None:
    with house(tmp_path) as core:
        core.subscribe(heard := Heard())
        source, before = tmp_path / "models/model.gguf", (tmp_path / "models/model.gguf").read_bytes()
        operation = core.quantize_model(str(source), "q4_0")
        operation.subscribe(told := Heard())
        made = operation.result(PATIENCE_S)
        target = tmp_path / "models/model.Q4_0.gguf"
        assert (made.model.path, made.model.source, made.model.quantization) == (str(target), "own", "Q4_0")
        assert inspect(target).quantization == "Q4_0"
        assert (made.before_bytes, made.after_bytes) == (len(before), target.stat().st_size)
        assert made.before is not None
        assert made.after is not None
        assert made.before.perplexity < made.after.perplexity  # Q4_K_M has more bits
        assert made.unmeasured is None
        stages = [event.stage for event in told.of(QuantizingModel)]
        assert list(dict.fromkeys(stages)) == ["measuring_before", "quantizing", "measuring_after"]
        assert heard.of(ModelsChanged)
        # the original is as it was, the copy has its checksum, and the list has both
        assert source.read_bytes() == before
        assert made.model.sha256 == (hashlib.sha256(target.read_bytes()).hexdigest(),)
        assert [Path(model.path).name for model in core.list_models().result(PATIENCE_S)] == [
            "model.Q4_0.gguf",
            "model.gguf",
        ]
        assert core.jobs_pid is None


def test_a_second_time_the_name_is_numbered_and_a_file_made_before_can_be_made_smaller(
    tmp_path: Path,
) -> None:
    with house(tmp_path) as core:
        first = quantize(core, tmp_path / "models/model.gguf", "Q8_0", measure=False)
        assert (first.before, first.after, first.unmeasured) == (None, None, None)
        quantize(core, tmp_path / "models/model.gguf", "Q8_0", measure=False)
        quantize(core, tmp_path / "models/model.Q8_0.gguf", "Q2_K", measure=False)
    assert names(tmp_path / "models") == [
        "model.Q2_K.gguf",
        "model.Q8_0-2.gguf",
        "model.Q8_0.gguf",
        "model.gguf",
    ]


def test_a_model_of_another_folder_and_one_in_parts_end_whole_in_the_models_folder(tmp_path: Path) -> None:
    parts = put_split(tmp_path / "elsewhere", "big", 2)
    with house(tmp_path) as core:
        made = quantize(core, parts[1], measure=False)
    assert made.before_bytes == sum(part.stat().st_size for part in parts)
    assert (made.model.parts, Path(made.model.path).name) == (1, "big.Q4_0.gguf")
    assert names(tmp_path / "elsewhere") == sorted(part.name for part in parts)


def test_a_text_of_ones_own_is_measured_on(tmp_path: Path) -> None:
    text = tmp_path / "mine.txt"
    text.write_text(TEXT)
    with house(tmp_path) as core:
        made = quantize(core, tmp_path / "models/model.gguf", text=str(text))
    assert made.before is not None
    assert made.before.tokens == len(TEXT.split()) // 2


def test_a_model_that_cannot_be_run_here_is_quantized_all_the_same_and_the_reason_told(
    tmp_path: Path,
) -> None:
    with house(tmp_path, "no-memory") as core:
        made = quantize(core, tmp_path / "models/model.gguf")
    assert (made.before, made.after) == (None, None)
    assert made.unmeasured is not None
    assert made.unmeasured.code == "model_too_large"
    assert names(tmp_path / "models") == ["model.Q4_0.gguf", "model.gguf"]


def bad_inputs(folder: Path) -> dict[str, tuple[Path, str, dict[str, object]]]:
    """What may be asked wrongly, by the code of the answer."""
    elsewhere, model = folder / "elsewhere", folder / "models/model.gguf"
    whole = fake_model()
    put(elsewhere / "half.gguf", whole[:-1])
    put(elsewhere / "foreign.gguf", b"%PDF-1.7 and so on")
    put(elsewhere / "embeds.gguf", whole.replace(b"llama", b"bert_"))
    put(elsewhere / "adapter.gguf", whole.replace(b"llama.block_count", b"llama.block_blunt"))
    put_split(elsewhere, "parts", 3, without=(2,))
    put(elsewhere / "short.txt", b"Hello.")
    put(elsewhere / "binary.txt", b"\x89PNG\0\xff" * 100)
    put(elsewhere / "zeros.txt", bytes(100))
    put(elsewhere / "empty.txt", b" \n")
    return {
        "unknown_quantization": (model, "Q9_X", {}),
        "quantization_needs_matrix": (model, min(NEED_MATRIX), {}),
        "same_quantization": (model, "Q4_K_M", {}),
        "model_missing": (elsewhere / "none.gguf", "Q4_0", {}),
        "model_truncated": (elsewhere / "half.gguf", "Q4_0", {}),
        "model_not_gguf": (elsewhere / "foreign.gguf", "Q4_0", {}),
        "model_cannot_chat": (elsewhere / "embeds.gguf", "Q4_0", {}),
        "model_not_quantizable": (elsewhere / "adapter.gguf", "Q4_0", {}),
        "model_parts_missing": (elsewhere / "parts-00001-of-00003.gguf", "Q4_0", {}),
        "text_too_short": (model, "Q4_0", {"text": str(elsewhere / "short.txt")}),
        "text_unreadable": (model, "Q4_0", {"text": str(elsewhere / "none.txt")}),
        "text_unreadable ": (model, "Q4_0", {"text": str(elsewhere / "binary.txt")}),
        "text_unreadable  ": (model, "Q4_0", {"text": str(elsewhere / "zeros.txt")}),
        "text_unreadable   ": (model, "Q4_0", {"text": str(elsewhere / "empty.txt")}),
        "text_unreadable    ": (model, "Q4_0", {"text": str(elsewhere)}),
    }


def test_each_bad_input_is_refused_by_its_own_code_and_leaves_nothing(tmp_path: Path) -> None:
    with house(tmp_path) as core:
        for code, (path, to, options) in bad_inputs(tmp_path).items():
            assert code_of(core, path, to, **options) == code.strip()
            assert names(tmp_path / "models") == ["model.gguf"]
        assert core.jobs_pid is None


@pytest.mark.parametrize("does", ["refuse", "crash", "broken"])
def test_a_quantization_that_fails_dies_or_writes_half_leaves_nothing(tmp_path: Path, does: str) -> None:
    with house(tmp_path) as core:
        bad = put(tmp_path / "elsewhere/bad.gguf", fake_model(f"fake:{does}"))
        assert code_of(core, bad, measure=False) == "quantize_failed"
        assert names(tmp_path / "models") == ["model.gguf"]
        # and the next one works
        quantize(core, tmp_path / "models/model.gguf", measure=False)


def test_a_disk_that_has_no_room_for_the_result_is_told_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with house(tmp_path) as core:
        monkeypatch.setattr(quantizing, "free_bytes", lambda _folder: quantizing.MARGIN_BYTES)
        with pytest.raises(CoreError) as refused:
            quantize(core, tmp_path / "models/model.gguf")
    problem = refused.value.problem()
    assert problem.code == "no_room_for_model"
    assert int(problem.params["needed_bytes"]) > int(problem.params["free_bytes"]) + 1000
    assert names(tmp_path / "models") == ["model.gguf"]


def test_a_disk_that_fills_up_meanwhile_is_told_as_such(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = iter([1 << 40])
    monkeypatch.setattr(quantizing, "free_bytes", lambda _folder: next(free, 0))
    with house(tmp_path) as core:
        bad = put(tmp_path / "elsewhere/bad.gguf", fake_model("fake:refuse"))
        assert code_of(core, bad, measure=False) == "no_room_for_model"
    assert names(tmp_path / "models") == ["model.gguf"]


def test_a_models_folder_that_cannot_be_written_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(folder: Path) -> Path:
        raise PermissionError(13, "Permission denied", str(folder))

    monkeypatch.setattr(quantizing, "draft_in", refuse)
    with house(tmp_path) as core:
        assert code_of(core, tmp_path / "models/model.gguf", measure=False) == "quantized_not_written"


@pytest.mark.slow
@pytest.mark.parametrize("stage", ["measuring_before", "quantizing", "measuring_after"])
def test_cancelling_at_any_stage_ends_it_and_leaves_nothing(tmp_path: Path, stage: str) -> None:
    with house(tmp_path, "slow") as core:
        operation = core.quantize_model(str(tmp_path / "models/model.gguf"), "Q4_0")
        reach(operation, stage)
        operation.cancel()
        with pytest.raises(CoreError) as stopped:
            operation.result(PATIENCE_S)
        assert stopped.value.problem().code == "cancelled"
        assert names(tmp_path / "models") == ["model.gguf"]
        assert core.jobs_pid is None


def test_cancelling_ends_native_code_that_hears_nothing(tmp_path: Path) -> None:
    with house(tmp_path) as core:
        bad = put(tmp_path / "elsewhere/bad.gguf", fake_model("fake:hang"))
        operation = core.quantize_model(str(bad), "Q4_0", measure=False)
        reach(operation, "quantizing")
        operation.cancel()
        with pytest.raises(CoreError) as stopped:
            operation.result(PATIENCE_S)
        assert stopped.value.problem().code == "cancelled"
        assert names(tmp_path / "models") == ["model.gguf"]


def test_two_at_a_time_wait_for_each_other_and_who_waits_can_be_cancelled(tmp_path: Path) -> None:
    with house(tmp_path) as core:
        bad = put(tmp_path / "elsewhere/bad.gguf", fake_model("fake:hang"))
        first = core.quantize_model(str(bad), "Q4_0", measure=False)
        reach(first, "quantizing")
        second = core.quantize_model(str(tmp_path / "models/model.gguf"), "Q4_0", measure=False)
        third = core.quantize_model(str(tmp_path / "models/model.gguf"), "Q5_0", measure=False)
        third.cancel()
        with pytest.raises(CoreError):
            third.result(PATIENCE_S)
        assert not second.done
        first.cancel()
        assert second.result(PATIENCE_S).model.quantization == "Q4_0"


def test_the_chat_goes_on_while_a_model_is_quantized(tmp_path: Path) -> None:
    with house(tmp_path) as core:
        bad = put(tmp_path / "elsewhere/bad.gguf", fake_model("fake:hang"))
        operation = core.quantize_model(str(bad), "Q4_0", measure=False)
        reach(operation, "quantizing")
        chat = core.create_chat().result(PATIENCE_S).info.id
        assert core.send(chat, "Hello").result(PATIENCE_S).state == "complete"
        assert core.engine_pid != core.jobs_pid
        assert not operation.done
        operation.cancel()


def test_a_worker_killed_from_outside_leaves_nothing_and_says_so(tmp_path: Path) -> None:
    with house(tmp_path) as core:
        bad = put(tmp_path / "elsewhere/bad.gguf", fake_model("fake:hang"))
        operation = core.quantize_model(str(bad), "Q4_0", measure=False)
        reach(operation, "quantizing")
        assert core.jobs_pid is not None
        os.kill(core.jobs_pid, signal.SIGKILL)
        with pytest.raises(CoreError) as died:
            operation.result(PATIENCE_S)
        assert died.value.problem().code == "quantize_failed"
        assert "SIGKILL" in died.value.problem().detail
        assert names(tmp_path / "models") == ["model.gguf"]


def test_a_core_that_closes_takes_the_draft_along(tmp_path: Path) -> None:
    with house(tmp_path) as core:
        bad = put(tmp_path / "elsewhere/bad.gguf", fake_model("fake:hang"))
        operation = core.quantize_model(str(bad), "Q4_0", measure=False)
        reach(operation, "quantizing")
        assert len(names(tmp_path / "models")) == 2
    assert names(tmp_path / "models") == ["model.gguf"]
    with pytest.raises(CoreError):
        operation.result(PATIENCE_S)


PROGRAM = """
import sys
from pathlib import Path
from tests.fakes.house import open_house, places_in
core = open_house(places_in(Path(sys.argv[1]), "slow"))
operation = core.quantize_model(sys.argv[1] + "/models/model.gguf", "Q4_0", measure=False)
operation.subscribe(lambda event: print(event.done, flush=True))
print("made", operation.result().model.path, flush=True)
"""


@pytest.mark.slow
@pytest.mark.parametrize("lines", [1, 4, 9])
def test_a_program_killed_while_it_quantizes_leaves_no_model_and_the_next_start_no_draft(
    tmp_path: Path, lines: int
) -> None:
    program = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(tmp_path)], stdout=subprocess.PIPE, cwd=ROOT, text=True
    )
    assert program.stdout is not None
    for _ in range(lines):
        assert not program.stdout.readline().startswith("made")
    program.kill()
    program.wait()
    program.stdout.close()
    drafts = [name for name in names(tmp_path / "models") if name.endswith(".importing")]
    assert len(drafts) == 1
    wait_until(lambda: not any(_has_open(tmp_path / "models" / name) for name in drafts))
    core = open_house(places_in(tmp_path))
    try:
        assert names(tmp_path / "models") == ["model.gguf"]
        assert len(core.list_models().result(PATIENCE_S)) == 1
    finally:
        core.close()


def _has_open(path: Path) -> bool:
    """Whether a worker that outlived its program for a moment may still write."""
    import psutil

    def opens(process: psutil.Process) -> bool:
        try:
            return "tests.fakes.engine_worker" in " ".join(process.cmdline()) and process.ppid() == 1
        except psutil.Error:
            return False

    return path.exists() and any(opens(process) for process in psutil.process_iter())
