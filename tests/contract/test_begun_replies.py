"""What every engine worker does with a reply whose first tokens are given, and with one that is read cold."""

from collections.abc import Iterator

import pytest

from engine.protocol import Failed, Generate, Message, Sampling, Token, TokenDetail
from tests.fakes.engine_client import GREEDY, EngineClient, stats_of, text_of, user
from tests.fakes.engine_files import write_fake_model
from tests.fakes.engine_models import write_tiny_model

HELLO = (user("Hello, who are you?"),)
MOST = 24


@pytest.fixture(scope="module", params=["fake", "tiny", pytest.param("starter", marks=pytest.mark.models)])
def client(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[EngineClient]:
    folder = tmp_path_factory.mktemp(f"begun-{request.param}")
    with EngineClient(request.param == "fake", folder / "worker.log") as client:
        match request.param:
            case "fake":
                client.load(write_fake_model(folder / "model.gguf"), 512)
            case "tiny":
                client.load(write_tiny_model(folder / "model.gguf"), 512)
            case _:
                client.load(request.getfixturevalue("chat_model"), 512)
        yield client
        assert client.child.process.poll() is None, "the worker died during a test"


def told(client: EngineClient, request: Generate) -> tuple[str, list[TokenDetail]]:
    events = client.ask(request)
    return text_of(events), [d for event in events if isinstance(event, Token) for d in event.details]


def test_a_reply_goes_on_after_the_tokens_it_is_given_and_tells_their_text_again(
    client: EngineClient, request: pytest.FixtureRequest
) -> None:
    whole, details = told(client, Generate(HELLO, GREEDY, max_tokens=MOST, alternatives=2, cold=True))
    ids = tuple(detail.id for detail in details)
    events = client.ask(Generate(HELLO, GREEDY, max_tokens=MOST - 5, begins=ids[:5]))
    stats = stats_of(events)
    beginning = "".join(detail.text for detail in details[:5])
    assert text_of(events).startswith(beginning.split("\ufffd")[0])
    assert stats.record is not None
    assert stats.record.begun
    assert not stats.repeatable
    if request.node.callspec.params["client"] != "fake":  # which says something else when it goes on
        assert text_of(events) == whole
        assert stats.generated_tokens == len(ids) - 5


def test_a_given_token_that_the_vocabulary_has_not_is_refused(client: EngineClient) -> None:
    for token in (-1, 10_000_000):
        answer = client.ask(Generate(HELLO, GREEDY, begins=(token,)))[-1]
        assert isinstance(answer, Failed)
        assert answer.error.code == "no_such_token"
    assert client.say(*HELLO, max_tokens=1)[1].generated_tokens == 1


def test_given_tokens_may_fill_the_window_and_no_more(client: EngineClient) -> None:
    _, details = told(client, Generate(HELLO, GREEDY, max_tokens=1, alternatives=1))
    answer = client.ask(Generate(HELLO, GREEDY, begins=(details[0].id,) * 600))[-1]
    assert isinstance(answer, Failed)
    assert answer.error.code == "context_full"


def test_a_cold_prompt_is_read_whole_whatever_the_cache_holds(client: EngineClient) -> None:
    first, stats = client.say(*HELLO, max_tokens=6)
    again = client.ask(Generate(HELLO, GREEDY, max_tokens=6, cold=True))
    assert stats_of(again).reused_tokens == 0
    assert stats_of(again).prompt_tokens == stats.prompt_tokens
    assert stats_of(again).repeatable
    turn = (*HELLO, Message("assistant", first), user("And why?"))
    assert client.say(*turn, max_tokens=1)[1].reused_tokens > 0


def test_a_reply_with_a_seed_read_cold_is_the_same_each_time(client: EngineClient) -> None:
    request = Generate(HELLO, Sampling(temperature=1.5, seed=11), max_tokens=MOST, cold=True)
    assert text_of(client.ask(request)) == text_of(client.ask(request))
