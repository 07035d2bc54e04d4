"""What there is to say of a model that was loaded."""

from msgspec.structs import replace

from desktop.core.events import EngineStatus
from desktop.core.types import Problem
from desktop.words.models import loaded_notes, status_notes
from tests.fakes.samples import loaded

LOADED = loaded()


def test_a_model_that_has_all_it_wanted_needs_no_words() -> None:
    assert status_notes(EngineStatus("ready", LOADED)) == ()
    assert status_notes(EngineStatus("no_model")) == ()


def test_a_shorter_context_fewer_layers_and_a_coarser_cache_are_told() -> None:
    less = replace(
        LOADED,
        context_tokens=4096,
        wanted_context_tokens=8192,
        gpu_layers=1,
        stepped_down=("context_tokens", "gpu_layers"),
        kv_type="q8_0",
    )
    assert loaded_notes(less) == (
        "It was loaded with a context of 4,096 tokens instead of 8,192: there was no memory for more.",
        "Only 1 layer went onto the graphics card: its memory had run out.",
        "What it reads is kept as q8_0, which saves memory and costs a little precision.",
    )


def test_a_notice_comes_before_the_rest() -> None:
    notice = Problem("model_changed", {"path": "/m/tiny.gguf"})
    notes = status_notes(EngineStatus("ready", replace(LOADED, kv_type="q4_0"), notice=notice))
    assert notes[0] == "The file tiny.gguf has changed, so the model was loaded again."
    assert notes[1].startswith("What it reads is kept as q4_0")


def test_a_resting_model_says_that_the_next_question_wakes_it() -> None:
    (note,) = status_notes(EngineStatus("resting", path="/m/tiny.gguf"))
    assert "next question" in note
