"""What every engine worker keeps of a reply's control: samplers, stop strings, biases, grammars, schemas."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

import msgspec
import pytest

from engine.protocol import Bias, Failed, Generate, Sampling, Token
from engine.sampling import CONTROLS, MAX_SEED
from tests.fakes.engine_client import GREEDY, EngineClient, stats_of, text_of, user
from tests.fakes.engine_files import write_fake_model
from tests.fakes.engine_models import write_tiny_model

HELLO = (user("Hello"),)


@dataclass(frozen=True)
class Kind:
    client: EngineClient
    one_token: str
    real: bool


@pytest.fixture(scope="module", params=["fake", "tiny", pytest.param("starter", marks=pytest.mark.models)])
def kind(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kind]:
    folder = tmp_path_factory.mktemp(f"control-{request.param}")
    with EngineClient(request.param == "fake", folder / "worker.log") as client:
        match request.param:
            case "fake":
                client.load(write_fake_model(folder / "model.gguf"), 512)
            case "tiny":
                client.load(write_tiny_model(folder / "model.gguf"), 512)
            case _:
                client.load(request.getfixturevalue("chat_model"), 512)
        yield Kind(client, "A", request.param != "fake")
        assert client.child.process.poll() is None, "the worker died during a test"


def refused(kind: Kind, request: Generate) -> tuple[str, dict[str, str | int | float]]:
    error = kind.client.fail(request).error
    return error.code, error.params


@pytest.mark.parametrize("control", CONTROLS, ids=lambda control: control.name)
def test_every_number_is_taken_at_its_borders_and_refused_beyond_them(kind: Kind, control: object) -> None:
    declared = next(one for one in CONTROLS if one == control)
    whole = isinstance(declared.default, int)
    for value in (declared.low, declared.high):
        sampling = msgspec.structs.replace(
            Sampling(seed=1), **{declared.name: int(value) if whole else float(value)}
        )
        events = kind.client.ask(Generate(HELLO, sampling, max_tokens=2))
        assert stats_of(events).generated_tokens > 0
    for value in (declared.low - 1, declared.high + 1):
        sampling = msgspec.structs.replace(Sampling(), **{declared.name: int(value) if whole else value})
        code, params = refused(kind, Generate(HELLO, sampling))
        assert (code, params["name"]) == ("bad_setting", declared.name)
        assert (params["low"], params["high"]) == (declared.low, declared.high)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_what_is_no_number_is_refused_wherever_it_stands(kind: Kind, value: float) -> None:
    for name in ("temperature", "top_p", "dry_multiplier", "mirostat_tau"):
        code, params = refused(kind, Generate(HELLO, msgspec.structs.replace(Sampling(), **{name: value})))
        assert (code, params["name"]) == ("bad_setting", name)
    code, _ = refused(kind, Generate(HELLO, Sampling(logit_bias=(Bias(65, value),))))
    assert code == "bad_setting"


def test_seeds_are_taken_up_to_the_last_one_and_no_further(kind: Kind) -> None:
    for seed in (0, MAX_SEED):
        assert kind.client.say(*HELLO, sampling=Sampling(seed=seed), max_tokens=1)[1].seed == seed
    for seed in (-1, MAX_SEED + 1, 1 << 40):
        assert refused(kind, Generate(HELLO, Sampling(seed=seed)))[1]["name"] == "seed"


def test_stop_strings_that_are_empty_too_many_or_too_long_are_refused_each_by_its_own_code(
    kind: Kind,
) -> None:
    for stop, code in (
        (("fine", ""), "text_empty"),
        (("a\0b",), "text_empty"),
        (tuple(f"s{n}" for n in range(33)), "too_many_texts"),
        (("x" * 257,), "text_too_long"),
    ):
        found, params = refused(kind, Generate(HELLO, GREEDY, stop=stop))
        assert (found, params["name"]) == (code, "stop")
    breakers = msgspec.structs.replace(Sampling(), dry_breakers=("",))
    assert refused(kind, Generate(HELLO, breakers))[1]["name"] == "dry_breakers"


def test_a_bias_for_a_token_that_does_not_exist_is_refused_with_the_number_there_is(kind: Kind) -> None:
    for token in (-1, 10_000_000):
        code, params = refused(kind, Generate(HELLO, Sampling(logit_bias=(Bias(token, 1.0),))))
        assert (code, params["token"]) == ("no_such_token", token)
        assert int(params["vocabulary"]) > 0
    code, params = refused(kind, Generate(HELLO, Sampling(logit_bias=(Bias("two words", 1.0),))))
    assert (code, params["text"]) == ("not_one_token", "two words")
    assert int(params["tokens"]) > 1
    assert refused(kind, Generate(HELLO, Sampling(logit_bias=(Bias("", 1.0),))))[0] == "not_one_token"
    many = tuple(Bias(65, 1.0) for _ in range(1025))
    assert refused(kind, Generate(HELLO, Sampling(logit_bias=many)))[1]["name"] == "logit_bias"


def test_a_bias_by_text_or_by_number_is_taken(kind: Kind) -> None:
    for token in (kind.one_token, 65):
        sampling = msgspec.structs.replace(GREEDY, logit_bias=(Bias(token, 100.0),))
        text, _ = kind.client.say(*HELLO, sampling=sampling, max_tokens=3)
        if kind.real and isinstance(token, str):
            assert text == token * 3


def test_a_token_that_is_ruled_out_never_comes(kind: Kind) -> None:
    text, _ = kind.client.say(*HELLO, max_tokens=1)
    if not kind.real or len(text) != 1:
        return
    sampling = msgspec.structs.replace(GREEDY, logit_bias=(Bias(text, -100.0),))
    assert kind.client.say(*HELLO, sampling=sampling, max_tokens=1)[0] != text


def test_bad_grammars_and_schemas_are_refused_where_they_are_wrong_and_the_worker_goes_on(kind: Kind) -> None:
    for grammar, reason, line, column in (
        ('root ::= "a" |\n  foo', "undefined", 2, 3),
        ('root ::= root "a" | "b"', "left_recursion", 1, 1),
        ('root ::= "a"{1,100000}', "repeat_many", 1, 16),
        ('root ::= "a', "string_open", 1, 10),
    ):
        code, params = refused(kind, Generate(HELLO, GREEDY, grammar=grammar))
        assert (code, params["reason"]) == ("bad_grammar", reason)
        assert (params["line"], params["column"]) == (line, column)
    for schema, reason in (
        ("{", "not_json"),
        ('{"type": "string", "pattern": "^a$"}', "unsupported"),
        ('{"$ref": "https://example.org/schema"}', "remote"),
        ('{"$ref": "#"}', "left_recursion"),
    ):
        code, params = refused(kind, Generate(HELLO, GREEDY, json_schema=schema))
        assert (code, params["reason"]) == ("bad_schema", reason)
    both = Generate(HELLO, GREEDY, grammar='root ::= "a"', json_schema="{}")
    assert refused(kind, both)[1]["reason"] == "beside_schema"
    assert kind.client.say(*HELLO, max_tokens=2)[0]


def test_a_reply_follows_its_grammar(kind: Kind) -> None:
    events = kind.client.ask(Generate(HELLO, GREEDY, max_tokens=40, grammar='root ::= "yes" | "no"'))
    if kind.real:
        assert text_of(events) in ("yes", "no")
        assert stats_of(events).stop_reason == "end"


def test_a_reply_follows_its_schema(kind: Kind) -> None:
    schema = {
        "type": "object",
        "properties": {"name": {"enum": ["Ana", 'Ó\n"\\']}, "old": {"type": "boolean"}},
        "required": ["name", "old"],
    }
    events = kind.client.ask(Generate(HELLO, GREEDY, max_tokens=80, json_schema=json.dumps(schema)))
    if kind.real:
        found = json.loads(text_of(events))
        assert found["name"] in ("Ana", 'Ó\n"\\')
        assert isinstance(found["old"], bool)


def test_every_token_is_told_with_its_alternatives_when_they_are_asked_for(kind: Kind) -> None:
    events = kind.client.ask(Generate(HELLO, Sampling(seed=5), max_tokens=12, alternatives=3))
    details = [detail for event in events if isinstance(event, Token) for detail in event.details]
    assert len(details) == stats_of(events).generated_tokens
    for detail in details:
        assert 1 <= len(detail.before) <= 3
        assert 1 <= len(detail.after) <= 3
        for side in (detail.before, detail.after):
            chances = [other.p for other in side]
            assert chances == sorted(chances, reverse=True)
            assert all(0 <= p <= 1 for p in chances)
            assert sum(chances) <= 1.0001
        assert 0 < detail.p_after <= 1
        assert 0 < detail.p_before <= 1
    plain = kind.client.ask(Generate(HELLO, Sampling(seed=5), max_tokens=12))
    assert not any(event.details for event in plain if isinstance(event, Token))
    assert text_of(plain) == text_of(events)
    assert refused(kind, Generate(HELLO, GREEDY, alternatives=21))[1]["name"] == "alternatives"


def test_the_record_of_a_reply_gives_the_same_reply_again(kind: Kind) -> None:
    kind.client.say(user("Something else entirely"), max_tokens=1)
    first = kind.client.ask(Generate(HELLO, Sampling(temperature=1.3), max_tokens=16, stop=("zzz",)))
    record = stats_of(first).record
    assert record is not None
    assert record.sampling.seed == stats_of(first).seed
    kind.client.say(user("Something else entirely"), max_tokens=1)
    again = kind.client.ask(Generate(HELLO, record.sampling, record.max_tokens, record.stop))
    assert text_of(again) == text_of(first)
    assert stats_of(again).record == record


def test_a_refused_reply_is_no_broken_worker(kind: Kind) -> None:
    answer = kind.client.ask(Generate(HELLO, Sampling(top_p=2.0)))[-1]
    assert isinstance(answer, Failed)
    assert kind.client.say(*HELLO, max_tokens=2)[0]
