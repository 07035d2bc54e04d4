"""Whatever the checker of grammars lets through, a real worker survives: many grammars, one process."""

import random
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from engine.errors import BadGrammar
from engine.grammar import checked
from engine.protocol import Done, Failed, Generate, Sampling
from tests.fakes.engine_client import EngineClient, text_of, user
from tests.fakes.engine_models import write_tiny_model
from tests.fakes.grammar_texts import grammars

WILD = Sampling(temperature=5.0, top_k=0, top_p=1.0, min_p=0.0, repeat_penalty=1.0, seed=11)
HARD = (
    'root ::= "a"?' + ' "a"?' * 400,
    'root ::= ("a" | "b" | "ab")* "c"',
    "root ::= [\\u00e9-\\u00ea]* [\\U0001F600-\\U0001F64F]",
    'root ::= "(" root ")" | "x"',
    "root ::= .{0,1900}",
    'root ::= ""',
    "root ::= [^a-z]{3}",
    'root ::= "😀" | "ñ\\n" | [\\x01]',
    'root ::= "abc" root "y" | "abc" root "z" | [a-z] root | ""',
)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineClient]:
    folder = tmp_path_factory.mktemp("fuzz")
    with EngineClient(False, folder / "worker.log") as client:
        client.load(write_tiny_model(folder / "tiny.gguf"), 512)
        yield client


def write_under(client: EngineClient, grammar: str) -> str:
    """What the worker writes under a grammar that was let through."""
    events = client.ask(Generate((user("Go."),), WILD, max_tokens=24, grammar=grammar))
    assert client.child.process.poll() is None, grammar
    answer = events[-1]
    if isinstance(answer, Failed):
        assert answer.error.code in ("grammar_stuck", "bad_grammar"), answer
        assert answer.error.params.get("reason") != "native", "llama.cpp reads it in another way"
    else:
        assert isinstance(answer, Done)
    return text_of(events)


@pytest.mark.parametrize("grammar", HARD)
def test_hard_grammars_are_followed_or_given_up_without_a_death(client: EngineClient, grammar: str) -> None:
    write_under(client, checked(grammar))


@pytest.mark.slow
@settings(
    max_examples=400,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
@given(grammar=grammars)
def test_no_grammar_that_is_let_through_kills_a_worker(client: EngineClient, grammar: str) -> None:
    try:
        checked(grammar)
    except BadGrammar:
        return
    write_under(client, grammar)


@pytest.mark.slow
def test_mixed_symbols_kill_no_worker_either(client: EngineClient) -> None:
    draw = random.Random(3)
    signs = [
        '"a"',
        '"é"',
        "[a-c]",
        "[^x]",
        "root",
        "b",
        "(",
        ")",
        "|",
        "*",
        "+",
        "?",
        "{2,5}",
        "\n",
        " ",
        ".",
    ]
    passed = 0
    for _ in range(6000):
        body = " ".join(draw.choice(signs) for _ in range(draw.randint(1, 9)))
        grammar = f'root ::= {body}\nb ::= "x" | "y" b'
        try:
            checked(grammar)
        except BadGrammar:
            continue
        passed += 1
        if passed <= 250:
            write_under(client, grammar)
    assert passed > 100
