"""Choosing a placement on mocked machines, for headers of models as people download them."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import ModelTooLarge
from engine.fit import (
    SMALLEST_CONTEXT_TOKENS,
    Device,
    Fit,
    Placement,
    Wanted,
    allowed,
    choose,
    host,
    predict,
)
from engine.gguf_header import ModelHeader, inspect
from engine.protocol import KvType
from tests.fakes.engine_shapes import (
    GEMMA_12B,
    LLAMA_8B,
    QWEN_4B,
    QWEN_30B_MOE,
    SMALL,
    Shape,
    write_shape,
)

GIB, MIB = 1 << 30, 1 << 20
LENGTHS = ("attention.key_length", "attention.value_length")
VERDICTS = ("does_not_fit", "needs_less_context", "fits_partly", "fits")
SHAPES = {"llama": LLAMA_8B, "qwen": QWEN_4B, "gemma": GEMMA_12B, "moe": QWEN_30B_MOE, "small": SMALL}


@pytest.fixture(scope="module")
def header(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], ModelHeader]:
    folder = tmp_path_factory.mktemp("shapes")
    return cache(lambda name: inspect(write_shape(folder / f"{name}.gguf", SHAPES[name])))


def memory(gib: int) -> Device:
    """A machine's memory with a fifth in use."""
    return Device("CPU", "cpu", gib * GIB * 4 // 5, gib * GIB)


def gpu(gib: int) -> Device:
    return Device("GPU0", "gpu", gib * GIB * 93 // 100, gib * GIB)


def only(header: ModelHeader, placement: Placement) -> tuple[int, int, int]:
    (usage,) = predict(header, placement, (memory(64),))
    return usage.weights_bytes, usage.kv_bytes, usage.compute_bytes


@pytest.mark.parametrize(
    ("name", "gib", "verdict", "context", "kv_type", "change"),
    [
        ("llama", 4, "does_not_fit", 1024, "q8_0", "smaller_model"),
        ("llama", 8, "fits", 8192, "f16", "nothing"),
        ("llama", 16, "fits", 8192, "f16", "nothing"),
        ("llama", 24, "fits", 8192, "f16", "nothing"),
        ("qwen", 4, "needs_less_context", 4096, "q8_0", "free_memory"),
        ("qwen", 8, "fits", 8192, "f16", "nothing"),
        ("gemma", 4, "does_not_fit", 1024, "q8_0", "smaller_model"),
        ("gemma", 8, "does_not_fit", 1024, "q8_0", "free_memory"),
        ("gemma", 16, "fits", 8192, "f16", "nothing"),
        ("moe", 4, "does_not_fit", 1024, "q8_0", "smaller_model"),
        ("moe", 8, "does_not_fit", 1024, "q8_0", "smaller_model"),
        ("moe", 16, "does_not_fit", 1024, "q8_0", "smaller_model"),
        ("moe", 24, "fits", 8192, "f16", "nothing"),
        ("small", 4, "fits", 8192, "f16", "nothing"),
    ],
)
def test_machines_without_a_gpu(
    header: Callable[[str], ModelHeader],
    name: str,
    gib: int,
    verdict: str,
    context: int,
    kv_type: str,
    change: str,
) -> None:
    fit = choose(header(name), (memory(gib),))
    assert (fit.verdict, fit.change) == (verdict, change)
    assert (fit.placement.context_tokens, fit.placement.kv_type) == (context, kv_type)
    assert fit.placement.gpu_layers == 0
    assert (fit.missing_bytes == 0) == (verdict == "fits")


@pytest.mark.parametrize(
    ("name", "memory_gib", "gib", "verdict", "context", "kv_type", "gpu_layers"),
    [
        ("llama", 16, 4, "fits_partly", 8192, "f16", 19),
        ("llama", 8, 4, "fits_partly", 8192, "f16", 19),
        ("llama", 4, 8, "fits", 8192, "f16", 33),
        ("llama", 16, 16, "fits", 8192, "f16", 33),
        ("qwen", 8, 4, "fits", 8192, "q8_0", 37),
        ("qwen", 8, 8, "fits", 8192, "f16", 37),
        ("gemma", 16, 4, "fits_partly", 8192, "f16", 14),
        ("gemma", 8, 8, "fits_partly", 8192, "f16", 32),
        ("gemma", 16, 16, "fits", 8192, "f16", 49),
        ("gemma", 4, 24, "fits", 8192, "f16", 49),
        ("moe", 16, 8, "fits_partly", 8192, "f16", 18),
        ("moe", 8, 16, "fits_partly", 8192, "f16", 37),
        ("moe", 8, 24, "fits", 8192, "f16", 49),
        ("small", 4, 4, "fits", 8192, "f16", 5),
    ],
)
def test_gpus_beside_the_machine_s_memory(
    header: Callable[[str], ModelHeader],
    name: str,
    memory_gib: int,
    gib: int,
    verdict: str,
    context: int,
    kv_type: str,
    gpu_layers: int,
) -> None:
    fit = choose(header(name), (memory(memory_gib), gpu(gib)))
    assert fit.verdict == verdict
    assert (fit.placement.context_tokens, fit.placement.kv_type) == (context, kv_type)
    assert abs(fit.placement.gpu_layers - gpu_layers) <= 1
    for usage, device in zip(fit.usage, fit.devices, strict=True):
        assert usage.bytes <= device.budget_bytes


def test_where_neither_memory_nor_gpu_has_room_the_missing_is_named(
    header: Callable[[str], ModelHeader],
) -> None:
    fit = choose(header("moe"), (memory(8), gpu(4)))
    assert (fit.verdict, fit.change) == ("does_not_fit", "smaller_model")
    assert 0 < fit.placement.gpu_layers < fit.layers
    assert fit.missing_bytes > 4 * GIB


def test_a_limit_of_the_person_s_own_is_kept_and_named_as_what_is_in_the_way(
    header: Callable[[str], ModelHeader],
) -> None:
    limited = allowed((memory(16), gpu(8)), 6 * GIB)
    assert [device.budget_bytes <= 6 * GIB for device in limited] == [True, False]
    fit = choose(header("llama"), limited[:1])
    assert (fit.verdict, fit.change) == ("fits", "nothing")
    assert fit.bytes <= 6 * GIB
    short = choose(header("llama"), allowed((memory(16),), 4 * GIB))
    assert (short.verdict, short.change) == ("does_not_fit", "raise_limit")
    # where more would not do either, the limit is not to blame
    assert choose(header("moe"), allowed((memory(8),), 4 * GIB)).change == "smaller_model"
    assert allowed(limited, 0) == (memory(16), gpu(8))


def test_a_cache_of_a_llama_of_8b_takes_128_kib_a_token(header: Callable[[str], ModelHeader]) -> None:
    llama = header("llama")
    assert only(llama, Placement(8192))[1] == GIB
    assert only(llama, Placement(8192, "q8_0"))[1] == GIB * 34 // 64
    assert only(llama, Placement(8192, "q4_0"))[1] == GIB * 18 // 64
    assert only(llama, Placement(1000))[1] == only(llama, Placement(1024))[1]


def test_the_parts_of_a_model_add_up_to_its_file(header: Callable[[str], ModelHeader]) -> None:
    for name in SHAPES:
        model = header(name)
        assert 0 <= model.size_bytes - only(model, Placement(512))[0] < 8 * MIB, name


def test_windowed_layers_may_keep_their_window_alone(header: Callable[[str], ModelHeader]) -> None:
    gemma = header("gemma")
    windowed = [layer.windowed for layer in gemma.shape.layers]
    assert windowed[:6] == [True] * 5 + [False]
    assert sum(windowed) == 40
    whole, short = (only(gemma, Placement(8192, "f16", keeps))[1] for keeps in (True, False))
    token_bytes = 2 * 8 * 256 * 2
    assert whole == 48 * 8192 * token_bytes
    assert short == (8 * 8192 + 40 * (1024 + 512)) * token_bytes


def test_a_windowed_model_gives_up_whole_windows_before_context(
    header: Callable[[str], ModelHeader],
) -> None:
    gemma = header("gemma")
    tight = Device("CPU", "cpu", 9 * GIB + 512 * MIB, 16 * GIB)
    fit = choose(gemma, (tight,))
    assert fit.verdict == "fits"
    assert (fit.placement.context_tokens, fit.placement.whole_cache) == (8192, False)


def test_a_pattern_in_the_file_counts_more_than_the_architecture(tmp_path: Path) -> None:
    key = "attention.sliding_window_pattern"
    listed = variant_of(tmp_path, "gemma4", {key: [1, 1, 0, 1]})
    assert [layer.windowed for layer in listed.shape.layers] == [True, True, False, True]
    counted = variant_of(tmp_path, "gemma3", {key: 2})
    assert [layer.windowed for layer in counted.shape.layers] == [True, False, True, False]
    unknown = variant_of(tmp_path, "someday", {})
    assert not any(layer.windowed for layer in unknown.shape.layers)


def variant_of(folder: Path, architecture: str, more: dict[str, int | list[int]]) -> ModelHeader:
    """The small shape under another architecture, with a window of 128 tokens and further keys."""
    shape = Shape(architecture, 4096, 512, 4, 1536, 8, 4, 64, window_tokens=128, more=more)
    return inspect(write_shape(folder / "variant.gguf", shape))


def test_layers_without_keys_keep_a_state_instead(tmp_path: Path) -> None:
    heads: dict[str, int | list[int]] = {
        "attention.head_count_kv": [0, 4, 0, 4],
        "ssm.conv_kernel": 4,
        "ssm.inner_size": 1024,
        "ssm.state_size": 16,
        "ssm.group_count": 1,
    }
    layers = variant_of(tmp_path, "jamba", heads).shape.layers
    state = 4 * (3 * (1024 + 32) + 16 * 1024)
    assert [layer.state_bytes for layer in layers] == [state, 0, state, 0]
    assert [layer.key_elements for layer in layers] == [0, 256, 0, 256]
    short = variant_of(tmp_path, "lfm2", {"attention.head_count_kv": [0, 4, 4, 4], "shortconv.l_cache": 3})
    assert [layer.state_bytes for layer in short.shape.layers] == [4 * 512 * 2, 0, 0, 0]
    every_second = variant_of(tmp_path, "qwen3next", {"full_attention_interval": 2})
    assert [layer.key_elements for layer in every_second.shape.layers] == [0, 256, 0, 256]


def test_compressed_latents_and_shared_layers_take_no_second_cache(tmp_path: Path) -> None:
    latent = variant_of(tmp_path, "deepseek2", {"attention.key_length_mla": 64})
    assert all(layer.key_elements and not layer.value_elements for layer in latent.shape.layers)
    shared = variant_of(tmp_path, "gemma3n", {"attention.shared_kv_layers": 3})
    assert [bool(layer.key_elements) for layer in shared.shape.layers] == [True, False, False, False]


def test_output_weights_shared_with_the_input_are_copied_to_a_gpu(
    header: Callable[[str], ModelHeader],
) -> None:
    qwen = header("qwen")
    devices = (memory(64), gpu(24))
    apart = predict(qwen, Placement(2048, gpu_layers=37), devices)
    together = predict(qwen, Placement(2048), devices)
    assert sum(u.weights_bytes for u in apart) - sum(u.weights_bytes for u in together) == (
        qwen.shape.input_bytes
    )
    assert together[1].bytes == 0


def test_two_gpus_share_the_layers_by_their_free_memory(header: Callable[[str], ModelHeader]) -> None:
    devices = (memory(16), gpu(12), Device("GPU1", "gpu", gpu(12).free_bytes // 3, 12 * GIB))
    _, large, small = predict(header("llama"), Placement(8192, gpu_layers=33), devices)
    assert 2 < large.kv_bytes / small.kv_bytes < 4


def test_a_gpu_in_the_machine_s_own_memory_is_not_counted_twice(
    header: Callable[[str], ModelHeader],
) -> None:
    apart = choose(header("llama"), (memory(8), gpu(8)))
    shared = choose(header("llama"), (memory(8), Device("Vulkan0", "igpu", 7 * GIB, 8 * GIB)))
    assert apart.verdict == "fits"
    assert shared.bytes <= memory(8).budget_bytes
    assert shared.free_bytes == memory(8).free_bytes


def test_what_a_person_chose_is_kept(header: Callable[[str], ModelHeader]) -> None:
    devices = (memory(16), gpu(24))
    wanted = Wanted(context_tokens=4096, kv_type="q4_0", gpu_layers=5)
    fit = choose(header("llama"), devices, wanted)
    assert fit.placement == Placement(4096, "q4_0", True, 5)
    assert fit.verdict == "fits"
    assert choose(header("llama"), devices, Wanted(gpu_layers=999)).placement.gpu_layers == 33


def test_a_context_that_must_stay_is_judged_as_it_is(header: Callable[[str], ModelHeader]) -> None:
    wanted = Wanted(context_tokens=65_536)
    shorter = choose(header("llama"), (memory(8),), wanted)
    assert (shorter.verdict, shorter.placement.context_tokens) == ("needs_less_context", 16_384)
    kept = choose(header("llama"), (memory(8),), wanted, keep_context=True)
    assert (kept.verdict, kept.placement.context_tokens) == ("does_not_fit", 65_536)
    with pytest.raises(ModelTooLarge):
        kept.check_room("llama.gguf")
    shorter.check_room("llama.gguf")
    # a cache that takes less is tried first
    coarser = choose(header("llama"), (memory(16),), wanted, keep_context=True)
    assert (coarser.verdict, coarser.placement.kv_type) == ("fits", "q8_0")


def test_heads_that_are_no_whole_blocks_keep_a_cache_of_f16(tmp_path: Path) -> None:
    odd = variant_of(tmp_path, "llama", {"attention.key_length": 80, "attention.value_length": 80})
    nothing = Device("CPU", "cpu", 0, 4 * GIB)
    assert choose(odd, (nothing,)).placement.kv_type == "f16"


def test_a_model_trained_on_little_is_not_stretched(tmp_path: Path) -> None:
    short = inspect(write_shape(tmp_path / "short.gguf", SMALL, context_tokens=512))
    assert choose(short, (memory(16),)).placement.context_tokens == 512


def test_lies_in_a_header_give_a_verdict_that_can_be_sent(tmp_path: Path) -> None:
    more: dict[str, int | list[int]] = dict.fromkeys(("attention.head_count_kv", *LENGTHS), 4000000000)
    lying = variant_of(tmp_path, "llama", more)
    fit = choose(lying, (memory(16),))
    assert fit.verdict == "does_not_fit"
    assert msgspec.json.decode(msgspec.json.encode(fit), type=Fit) == fit


def test_this_machine_has_memory() -> None:
    device = host()
    assert 0 < device.free_bytes <= device.total_bytes
    assert 0 <= device.budget_bytes < device.free_bytes


sizes = st.integers(0, 48 * GIB)


@settings(deadline=None)
@given(name=st.sampled_from(sorted(SHAPES)), low=sizes, more=sizes, card=sizes, more_card=sizes)
def test_more_memory_never_gives_a_worse_fit(
    header: Callable[[str], ModelHeader], name: str, low: int, more: int, card: int, more_card: int
) -> None:
    def rank(free: int, card_free: int) -> tuple[int, int, int]:
        devices = (Device("CPU", "cpu", free, 128 * GIB), Device("GPU0", "gpu", card_free, 128 * GIB))
        fit = choose(header(name), devices)
        fits = VERDICTS.index(fit.verdict)
        # only a longer context may cost layers on the GPU
        return min(fits, 1), fit.placement.context_tokens, fits

    assert rank(low + more, card + more_card) >= rank(low, card)


@settings(deadline=None)
@given(
    name=st.sampled_from(sorted(SHAPES)),
    kv_type=st.sampled_from(("f16", "q8_0", "q4_0")),
    whole=st.booleans(),
    context=st.integers(32, 1 << 17),
    more=st.integers(0, 1 << 17),
)
def test_a_prediction_grows_with_the_context(
    header: Callable[[str], ModelHeader], name: str, kv_type: KvType, whole: bool, context: int, more: int
) -> None:
    less, larger = (
        predict(header(name), Placement(size, kv_type, whole), (memory(64),))[0]
        for size in (context, context + more)
    )
    assert less.bytes <= larger.bytes
    if more >= 256:
        assert less.kv_bytes < larger.kv_bytes


@settings(deadline=None)
@given(name=st.sampled_from(sorted(SHAPES)), free=sizes, card=sizes)
def test_what_is_said_to_fit_stays_within_what_is_free(
    header: Callable[[str], ModelHeader], name: str, free: int, card: int
) -> None:
    devices = (Device("CPU", "cpu", free, 64 * GIB), Device("GPU0", "gpu", card, 64 * GIB))
    fit = choose(header(name), devices)
    assert fit.placement.context_tokens >= SMALLEST_CONTEXT_TOKENS
    over = any(usage.bytes > device.budget_bytes for usage, device in zip(fit.usage, devices, strict=True))
    assert over == (fit.verdict == "does_not_fit")
    assert (fit.missing_bytes > 0) == (fit.verdict != "fits")
