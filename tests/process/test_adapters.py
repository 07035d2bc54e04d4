"""LoRA adapters in a real worker: they change what is written, and bad ones leave the process alive."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from engine.protocol import Adapter, Failed, Generate, LoadModel, SwitchChat
from tests.fakes.engine_adapters import RANK, prefer, write_adapter
from tests.fakes.engine_client import GREEDY, EngineClient, stats_of, text_of, user
from tests.fakes.engine_models import REPLY, WIDTH, write_tiny_model

HELLO = (user("Hello"),)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineClient]:
    folder = tmp_path_factory.mktemp("adapters")
    with EngineClient(False, folder / "worker.log") as client:
        client.load(write_tiny_model(folder / "tiny.gguf"), 512)
        yield client
        assert client.child.process.poll() is None, "the worker died during a test"


def say(client: EngineClient, *adapters: Adapter) -> str:
    return text_of(client.ask(Generate(HELLO, GREEDY, adapters=adapters)))


def refused(client: EngineClient, path: Path) -> tuple[str, object]:
    answer = client.ask(Generate(HELLO, GREEDY, adapters=(Adapter(str(path)),)))[-1]
    assert isinstance(answer, Failed), answer
    return answer.error.code, answer.error.params.get("reason")


def test_an_adapter_changes_the_reply_and_without_it_the_model_is_as_before(
    client: EngineClient, tmp_path: Path
) -> None:
    path = str(write_adapter(tmp_path / "b.gguf"))
    assert say(client) == REPLY
    assert say(client, Adapter(path)) == "B" + REPLY[1:]
    assert say(client) == REPLY


def test_an_adapter_of_scale_0_leaves_the_reply_as_it_was(client: EngineClient, tmp_path: Path) -> None:
    path = str(write_adapter(tmp_path / "b.gguf"))
    assert say(client, Adapter(path, 0.0)) == REPLY
    assert say(client, Adapter(path, 0.001)) == REPLY


def test_adapters_are_weighed_against_each_other_and_rescaled(client: EngineClient, tmp_path: Path) -> None:
    b = str(write_adapter(tmp_path / "b.gguf", prefer("B")))
    c = str(write_adapter(tmp_path / "c.gguf", prefer("C")))
    assert say(client, Adapter(b, 1.0), Adapter(c, 0.5))[0] == "B"
    assert say(client, Adapter(b, 0.5), Adapter(c, 1.0))[0] == "C"
    assert say(client, Adapter(b, -1.0)) == REPLY


def test_other_adapters_make_the_prompt_be_read_anew_and_the_same_ones_do_not(
    client: EngineClient, tmp_path: Path
) -> None:
    path = str(write_adapter(tmp_path / "b.gguf"))
    costs = [
        stats_of(client.ask(Generate(HELLO, GREEDY, adapters=adapters)))
        for adapters in ((), (Adapter(path),), (Adapter(path),), (Adapter(path, 0.5),), ())
    ]
    kept = costs[0].prompt_tokens - 1
    assert [cost.reused_tokens for cost in costs[1:]] == [0, kept, 0, 0]
    assert costs[1].record is not None
    assert costs[1].record.adapters == (Adapter(path),)


def test_a_job_beside_the_chat_takes_its_adapters_and_leaves_its_cache(
    client: EngineClient, tmp_path: Path
) -> None:
    path = str(write_adapter(tmp_path / "b.gguf"))
    say(client, Adapter(path))
    job = client.ask(Generate((user("A title?"),), GREEDY, job=True))
    assert text_of(job)[0] == "B"
    again = client.ask(Generate(HELLO, GREEDY, adapters=(Adapter(path),)))
    assert stats_of(again).reused_tokens == stats_of(again).prompt_tokens - 1


def test_the_state_of_a_chat_with_an_adapter_comes_back_with_it_and_for_nothing_else(
    client: EngineClient, tmp_path: Path
) -> None:
    adapters = (Adapter(str(write_adapter(tmp_path / "b.gguf"))),)
    long = (user("Hello there " * 20),)
    with_one, without = str(tmp_path / "1.kv"), str(tmp_path / "2.kv")

    def turn(file: str, adapters: tuple[Adapter, ...]) -> int:
        client.ask(SwitchChat(file, 1 << 28, adapters))
        stats = stats_of(client.ask(Generate(long, GREEDY, max_tokens=2, adapters=adapters)))
        return stats.prompt_tokens - 1 - stats.reused_tokens

    assert turn(with_one, adapters) > 0
    assert turn(without, ()) > 0
    assert turn(with_one, adapters) == 0
    assert turn(without, ()) == 0
    client.ask(SwitchChat("", 1 << 28, adapters))
    assert turn(with_one, ()) > 0


def test_more_adapters_than_are_kept_come_and_go(client: EngineClient, tmp_path: Path) -> None:
    for number in range(12):
        letter = "BCDEFGH"[number % 7]
        path = write_adapter(tmp_path / f"{number}.gguf", prefer(letter))
        assert say(client, Adapter(str(path)))[0] == letter
    assert say(client) == REPLY


def test_each_bad_adapter_is_refused_with_its_reason_and_the_worker_goes_on(
    client: EngineClient, tmp_path: Path
) -> None:
    good = prefer("B")
    a, b = good["output.weight.lora_a"], good["output.weight.lora_b"]
    broken = a.copy()
    broken[0, 0] = np.nan
    endless = b.copy()
    endless[0, 0] = np.inf
    output = "output.weight"
    cases = {
        "no_adapter": {"general": "model"},
        "no_adapter-kind": {"kind": "vera"},
        "other_architecture": {"architecture": "gemma3"},
        "alora": {"alora": True},
        "not_numbers-alpha": {"alpha": 2},
        "not_numbers-nan": {"tensors": {f"{output}.lora_a": broken, f"{output}.lora_b": b}},
        "not_numbers-inf": {"tensors": {f"{output}.lora_a": a, f"{output}.lora_b": endless}},
        "half_a_pair": {"tensors": {f"{output}.lora_a": a}},
        "tensor_name": {"tensors": {output: a}},
        "no_such_tensor": {"tensors": {"blk.9.attn_q.weight.lora_a": a, "blk.9.attn_q.weight.lora_b": b}},
        "tensor_shape-rank": {
            "tensors": {f"{output}.lora_a": np.zeros((RANK + 1, WIDTH), np.float32), f"{output}.lora_b": b}
        },
        "tensor_shape-turned": {"tensors": {f"{output}.lora_a": a.T.copy(), f"{output}.lora_b": b.T.copy()}},
        "tensor_shape-embedding": {
            "tensors": {
                "token_embd.weight.lora_a": np.zeros((WIDTH, RANK + 1), np.float32),
                "token_embd.weight.lora_b": np.zeros((WIDTH, RANK), np.float32),
            }
        },
        "tensor_shape-norm": {
            "tensors": {
                "output_norm.weight.lora_a": np.zeros((RANK, WIDTH), np.float32),
                "output_norm.weight.lora_b": np.zeros((1, RANK), np.float32),
            }
        },
        "no_tensors": {"tensors": {"blk.0.attn_norm.weight": np.ones(WIDTH, np.float32)}},
    }
    for name, options in cases.items():
        path = write_adapter(tmp_path / f"{name}.gguf", **options)
        assert (name, *refused(client, path)) == (name, "bad_adapter", name.partition("-")[0])
    whole = write_adapter(tmp_path / "whole.gguf").read_bytes()
    for name, data, code in (
        ("cut.gguf", whole[:-40], "adapter_cut"),
        ("empty.gguf", b"", "adapter_cut"),
        ("text.gguf", b"no adapter at all", "no_adapter"),
    ):
        path = tmp_path / name
        path.write_bytes(data)
        assert (name, *refused(client, path)) == (name, "bad_adapter", code)
    assert refused(client, tmp_path / "missing.gguf") == ("bad_adapter", "adapter_missing")
    assert say(client) == REPLY


def test_a_model_is_no_adapter_and_an_adapter_no_model(client: EngineClient, tmp_path: Path) -> None:
    assert refused(client, write_tiny_model(tmp_path / "model.gguf")) == ("bad_adapter", "no_adapter")
    answer = client.ask(LoadModel(str(write_adapter(tmp_path / "b.gguf"))))[-1]
    assert isinstance(answer, Failed)
    client.load(tmp_path / "model.gguf", 512)
    assert say(client) == REPLY
