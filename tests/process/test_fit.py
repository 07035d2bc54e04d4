"""Predicted memory against what llama.cpp takes, and loads that fail at first: small models made here."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.errors import BadSetting, ModelLoadFailed, ModelTooLarge
from engine.fit import Device, Placement, host, predict
from engine.gguf_header import inspect
from engine.llama import Context, Library, Model, Sampler
from engine.protocol import KvType, Loaded, LoadModel
from engine.session import LlamaRuntime
from engine.stop import StopFlag
from tests.bench.fit import MOST_PART, logged_bytes, measure
from tests.fakes.engine_client import GREEDY, EngineClient
from tests.fakes.engine_models import write_tiny_model
from tests.fakes.engine_random import write_random_model
from tests.fakes.engine_shapes import Shape

MIB = 1 << 20
WINDOWED = Shape("gemma3", 1024, 256, 6, 512, 2, 1, 128, tied=True, window_tokens=128)


@pytest.fixture(scope="module")
def windowed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_random_model(tmp_path_factory.mktemp("models") / "windowed.gguf", WINDOWED)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_model(tmp_path_factory.mktemp("models") / "tiny.gguf")


@pytest.fixture
def runtime() -> Iterator[LlamaRuntime]:
    runtime = LlamaRuntime()
    yield runtime
    runtime.unload()


def load(runtime: LlamaRuntime, request: LoadModel) -> Loaded:
    return runtime.load(request, lambda _: None, StopFlag())


@pytest.mark.parametrize("kv_type", ["f16", "q8_0", "q4_0"])
def test_what_a_made_model_takes_is_foreseen(tmp_path: Path, windowed: Path, kv_type: KvType) -> None:
    with EngineClient(False, tmp_path / "worker.log") as client:
        measured = measure(client, tmp_path, windowed, "windowed", 16_384, kv_type)
    assert measured.close, measured
    # of so small a model, 32 MB would be half
    assert abs(measured.off_bytes) < MOST_PART * measured.logged_bytes, measured


@pytest.mark.parametrize("whole", [True, False])
def test_a_cache_of_windows_alone_is_foreseen_as_exactly_as_it_is_logged(
    windowed: Path, whole: bool, capfd: pytest.CaptureFixture[str]
) -> None:
    library = Library()
    model = Model(library, str(windowed))
    capfd.readouterr()
    placement = Placement(4096, whole_cache=whole)
    context = Context(library, model, str(windowed), placement, 1)
    said = capfd.readouterr().err
    context.close()
    model.close()
    kept = sum(
        float(line.partition("=")[2].split()[0]) for line in said.splitlines() if "KV buffer size" in line
    )
    (usage,) = predict(inspect(windowed), placement, (host(),))
    assert abs(usage.kv_bytes - kept * MIB) < 0.01 * MIB  # the log has two decimals


@pytest.mark.parametrize("common", [1400, 200])
def test_a_cache_of_windows_alone_gives_the_same_text_whether_a_prefix_is_kept_or_lost(
    windowed: Path, common: int
) -> None:
    library = Library()
    model = Model(library, str(windowed))
    before = [(n * 7) % 256 for n in range(1500)]
    after = [*before[:common], *((n * 11) % 256 for n in range(1500 - common))]
    contexts = [Context(library, model, str(windowed), Placement(2048, whole_cache=False), 1) for _ in "ab"]
    try:
        used, fresh = contexts
        read(used, before)
        kept = used.keep_prefix(after)
        # the window holds what the last tokens looked back at; of token 200 nothing is left
        assert kept == (common if common > 1000 else 0)
        with Sampler(model, GREEDY, 1, context_tokens=2048) as sampler:
            assert following(used, after[kept:], sampler) == following(fresh, after, sampler)
    finally:
        for context in contexts:
            context.close()
        model.close()


def read(context: Context, tokens: list[int]) -> None:
    for batch in context.batches(tokens):
        assert context.evaluate(batch)


def following(context: Context, tokens: list[int], sampler: Sampler) -> list[int]:
    """The ten tokens most likely to come."""
    read(context, tokens)
    found = []
    for _ in range(10):
        found.append(context.sample(sampler))
        assert context.evaluate(found[-1:])
    return found


def test_a_log_without_sizes_is_no_measurement() -> None:
    with pytest.raises(AssertionError):
        logged_bytes("nothing of the kind")


def test_on_a_small_machine_a_shorter_context_is_taken(
    runtime: LlamaRuntime, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # 2,304 bytes a token in the cache, 32 MB of buffers, a reserve of 256 MiB
    small = Device("CPU", "cpu", 282 * MIB, 1024 * MIB)
    monkeypatch.setattr(Library, "devices", lambda _: (small,))
    model = load(runtime, LoadModel(str(tiny), kv_type="f16")).model
    assert 1024 <= model.context_tokens < 8192
    assert model.stepped_down == ()
    assert load(runtime, LoadModel(str(tiny), 8192)).model.context_tokens == 8192


class Refusal:
    """Stands before the real class and refuses what is too large, as a full machine does."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, most_tokens: int) -> None:
        self.asked: list[int] = []
        real = Context.__init__

        def make(
            context: Context, library: Library, model: Model, path: str, placement: Placement, threads: int
        ) -> None:
            self.asked.append(placement.context_tokens)
            if placement.context_tokens > most_tokens:
                raise ModelLoadFailed("failed to allocate buffer for kv cache", path=path)
            real(context, library, model, path, placement, threads)

        monkeypatch.setattr(Context, "__init__", make)


def test_a_load_that_fails_steps_down_and_says_so(
    runtime: LlamaRuntime, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusal = Refusal(monkeypatch, most_tokens=2048)
    model = load(runtime, LoadModel(str(tiny))).model
    assert refusal.asked == [8192, 4096, 2048]
    assert model.context_tokens == 2048
    assert model.stepped_down == ("context_tokens",)
    assert model.wanted_context_tokens == 8192


def test_a_context_that_a_person_chose_is_not_lowered(
    runtime: LlamaRuntime, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusal = Refusal(monkeypatch, most_tokens=2048)
    with pytest.raises(ModelLoadFailed):
        load(runtime, LoadModel(str(tiny), 8192))
    assert refusal.asked == [8192]


def test_a_context_that_no_memory_holds_is_refused_before_the_system_ends_anything(
    runtime: LlamaRuntime, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    laptop = Device("CPU", "cpu", 3 << 30, 4 << 30)
    monkeypatch.setattr(Library, "devices", lambda _: (laptop,))
    for asked in (LoadModel(str(tiny), 1 << 24), LoadModel(str(tiny), 1 << 24, kv_type="q4_0")):
        with pytest.raises(ModelTooLarge) as error:
            load(runtime, asked)
        assert error.value.params["needed_bytes"] > error.value.params["free_bytes"]
    for impossible in (0, 31, -1, (1 << 24) + 1):
        with pytest.raises(BadSetting):
            load(runtime, LoadModel(str(tiny), impossible))
    assert load(runtime, LoadModel(str(tiny), 512)).model.context_tokens == 512


def test_a_limit_of_the_person_s_own_shortens_the_context_or_refuses_the_model(
    runtime: LlamaRuntime, tiny: Path
) -> None:
    limit = 20 * MIB
    model = load(runtime, LoadModel(str(tiny), kv_type="f16", memory_limit_bytes=limit)).model
    assert 1024 <= model.context_tokens < model.wanted_context_tokens == 8192
    with pytest.raises(ModelTooLarge) as error:
        load(runtime, LoadModel(str(tiny), memory_limit_bytes=MIB))
    assert error.value.params["free_bytes"] == MIB


def test_a_cache_of_a_type_that_the_heads_do_not_allow_is_a_plain_error(
    runtime: LlamaRuntime, tmp_path: Path
) -> None:
    odd = write_random_model(tmp_path / "odd.gguf", Shape("llama", 512, 160, 1, 256, 4, 4, 40))
    with pytest.raises(ModelLoadFailed):
        load(runtime, LoadModel(str(odd), 512, kv_type="q8_0"))
    assert load(runtime, LoadModel(str(odd), 512)).model.kv_type == "f16"


def test_a_load_that_always_fails_ends_with_its_reason(
    runtime: LlamaRuntime, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusal = Refusal(monkeypatch, most_tokens=0)
    with pytest.raises(ModelLoadFailed, match="kv cache"):
        load(runtime, LoadModel(str(tiny)))
    assert refusal.asked == [8192, 4096, 2048, 1024]


def test_weights_that_do_not_go_onto_the_gpu_are_tried_with_fewer_layers(
    runtime: LlamaRuntime, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    real = Model.__init__

    def make(model: Model, library: Library, path: str, gpu_layers: int, *rest: object) -> None:
        asked.append(gpu_layers)
        if gpu_layers > 0:
            raise ModelLoadFailed("unable to allocate Vulkan0 buffer", path=path)
        real(model, library, path, gpu_layers, *rest)  # type: ignore[arg-type]

    gpu = Device("Vulkan0", "gpu", 4096 * MIB, 4096 * MIB)
    monkeypatch.setattr(Library, "devices", lambda _: (host(), gpu))
    monkeypatch.setattr(Model, "__init__", make)
    model = load(runtime, LoadModel(str(tiny))).model
    assert asked == [2, 1, 0]
    assert model.stepped_down == ("gpu_layers",)
    with pytest.raises(ModelLoadFailed):
        load(runtime, LoadModel(str(tiny), gpu_layers=2))


def test_the_machine_s_devices_carry_their_memory() -> None:
    (device,) = Library().devices()
    assert device.kind == "cpu"
    assert device.name
    assert device.description
    assert device.total_bytes == host().total_bytes
    assert 0 < device.free_bytes <= device.total_bytes
