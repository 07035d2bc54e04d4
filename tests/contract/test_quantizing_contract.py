"""What every engine worker keeps of quantizing and measuring, the fake and the real one with a tiny model."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from engine.gguf_header import inspect
from engine.protocol import Failed, Loaded, Measured, MeasurePerplexity, Progress, Quantize, Quantized
from engine.quantization import NEED_MATRIX
from tests.fakes.engine_client import EngineClient, user
from tests.fakes.engine_files import fake_model, write_fake_model
from tests.fakes.engine_models import write_tiny_model

TEXT = "The sea is grey, and the salt is white. " * 40


@dataclass(frozen=True)
class Kind:
    client: EngineClient
    model: Path


@pytest.fixture(scope="module", params=["fake", "tiny"])
def kind(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kind]:
    folder = tmp_path_factory.mktemp(f"quantizing-{request.param}")
    with EngineClient(request.param == "fake", folder / "worker.log") as client:
        write = write_fake_model if request.param == "fake" else write_tiny_model
        yield Kind(client, write(folder / "model.gguf"))


def quantized(kind: Kind, target: Path, to: str = "Q8_0", *, predict: bool = False) -> Quantized:
    answer = kind.client.ask(Quantize(str(kind.model), str(target), to, predict=predict))[-1]
    assert isinstance(answer, Quantized), answer
    return answer


def test_a_file_becomes_what_was_asked_for_and_as_large_as_foreseen(kind: Kind, tmp_path: Path) -> None:
    target = tmp_path / "made.gguf"
    foreseen = quantized(kind, target, predict=True)
    assert not target.exists()
    made = quantized(kind, target)
    assert inspect(target).quantization == "Q8_0"
    assert target.stat().st_size == made.size_bytes
    assert abs(foreseen.size_bytes - made.size_bytes) < 1000
    assert made.shares == foreseen.shares
    assert sum(share.weights for share in made.shares) == inspect(kind.model).parameters


def test_quantizing_reports_rising_progress_up_to_one(kind: Kind, tmp_path: Path) -> None:
    events = kind.client.ask(Quantize(str(kind.model), str(tmp_path / "made.gguf"), "Q4_0"))
    done = [event.done for event in events if isinstance(event, Progress)]
    assert done == sorted(done)
    assert done[-1] == 1.0
    assert {event.stage for event in events if isinstance(event, Progress)} == {"quantizing"}


def test_quantizing_leaves_the_loaded_model_as_it_is(kind: Kind, tmp_path: Path) -> None:
    kind.client.load(kind.model, 512)
    quantized(kind, tmp_path / "made.gguf")
    assert kind.client.say(user("Hello"), max_tokens=4)[0]


@pytest.mark.parametrize(
    ("to", "code"),
    [
        ("Q9_X", "unknown_quantization"),
        ("", "unknown_quantization"),
        *((name, "quantization_needs_matrix") for name in sorted(NEED_MATRIX)),
    ],
)
def test_a_type_that_cannot_be_made_is_refused(kind: Kind, tmp_path: Path, to: str, code: str) -> None:
    target = tmp_path / "made.gguf"
    assert kind.client.fail(Quantize(str(kind.model), str(target), to)).error.code == code
    assert not target.exists()


def test_bad_files_are_refused_by_their_own_codes(kind: Kind, tmp_path: Path) -> None:
    whole = fake_model()
    cases = {
        "missing.gguf": (None, "model_missing"),
        "foreign.gguf": (b"%PDF-1.7 and so on", "model_not_gguf"),
        "cut.gguf": (whole[:-1], "model_truncated"),
        "embeds.gguf": (whole.replace(b"llama", b"bert_"), "model_cannot_chat"),
        "adapter.gguf": (whole.replace(b"llama.block_count", b"llama.block_blunt"), "model_not_quantizable"),
    }
    for name, (data, code) in cases.items():
        path = tmp_path / name
        if data is not None:
            path.write_bytes(data)
        for request in (
            Quantize(str(path), str(tmp_path / "to"), "Q8_0"),
            MeasurePerplexity(str(path), TEXT),
        ):
            error = kind.client.fail(request).error
            assert (name, error.code) == (name, code)
            assert error.params["path"] == str(path)


def test_a_model_is_measured_and_a_second_time_the_same(kind: Kind) -> None:
    first, second = (kind.client.ask(MeasurePerplexity(str(kind.model), TEXT)) for _ in range(2))
    assert isinstance(first[-1], Measured)
    assert first[-1].perplexity > 1
    assert first[-1].tokens > 0
    assert first[-1] == second[-1]
    done = [event.done for event in first if isinstance(event, Progress) and event.stage == "measuring"]
    assert (done[0], done[-1]) == (0.0, 1.0)
    assert done == sorted(done)


def test_a_text_too_short_to_measure_on_says_how_many_tokens_it_takes(kind: Kind) -> None:
    error = kind.client.fail(MeasurePerplexity(str(kind.model), "Hello.")).error
    assert error.code == "text_too_short"
    assert int(error.params["found_tokens"]) < int(error.params["needed_tokens"])


def test_a_measure_that_is_cancelled_ends_at_once_and_the_next_request_works(kind: Kind) -> None:
    number = kind.client.send(MeasurePerplexity(str(kind.model), TEXT * 200))
    kind.client.cancel(number)
    answer = kind.client.finish(number)[-1]
    if not (isinstance(answer, Measured) and "fake" in kind.client.ready.runtime):  # the fake may be faster
        assert isinstance(answer, Failed)
        assert answer.error.code == "cancelled"
    assert isinstance(kind.client.load(kind.model, 512), Loaded)
