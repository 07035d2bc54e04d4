"""Asking what else could have been drawn changes nothing of what is drawn. The starter model."""

from pathlib import Path

import pytest

from engine.protocol import Generate, Sampling, Token
from tests.fakes.engine_client import EngineClient, stats_of, text_of, user

STORY = (user("Tell a story about a lighthouse, a ship and a storm."),)
SAMPLINGS = {
    "usual": Sampling(seed=3),
    "hot": Sampling(seed=5, temperature=1.6, top_k=80, top_p=1.0, min_p=0.0),
    "greedy": Sampling(temperature=0.0, repeat_penalty=1.3, seed=1),
    "penalized": Sampling(seed=7, repeat_penalty=1.5, frequency_penalty=0.8, presence_penalty=0.5),
    "encouraged": Sampling(seed=8, presence_penalty=-0.5),
    "unlimited": Sampling(seed=9, top_k=0),
    "mirostat": Sampling(seed=10, mirostat=2),
    "sigma": Sampling(seed=11, top_n_sigma=1.0),
}


@pytest.fixture(scope="module")
def client(chat_model: Path, tmp_path_factory: pytest.TempPathFactory) -> "EngineClient":
    with EngineClient(False, tmp_path_factory.mktemp("engine") / "worker.log") as client:
        client.load(chat_model, 1024)
        yield client


@pytest.mark.models
@pytest.mark.parametrize("name", SAMPLINGS)
def test_a_reply_with_alternatives_is_the_reply_without(client: EngineClient, name: str) -> None:
    # both with the same cache, as another batch rounds in another way
    for alternatives in (0, 0, 7):
        events = client.ask(Generate(STORY, SAMPLINGS[name], max_tokens=80, alternatives=alternatives))
        if not alternatives:
            plain = text_of(events)
    assert text_of(events) == plain
    details = [detail for event in events if isinstance(event, Token) for detail in event.details]
    assert len(details) >= stats_of(events).generated_tokens
    assert all(detail.p_after > 0 for detail in details)
