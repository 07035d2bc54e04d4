"""The starter model under control: every sampler, JSON by schema, alternatives, the same reply again."""

import json
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import msgspec
import pytest

from engine.protocol import Bias, Generate, Sampling, Token, TokenDetail
from engine.sampling import CONTROLS
from tests.fakes.engine_client import GREEDY, EngineClient, stats_of, text_of, user

pytestmark = pytest.mark.models

PERSON = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 20},
        "age": {"type": "integer"},
        "languages": {"type": "array", "items": {"enum": ["Spanish", "English", "French"]}, "maxItems": 3},
        "home": {
            "type": "object",
            "properties": {"city": {"type": "string", "maxLength": 20}},
            "required": ["city"],
        },
    },
    "required": ["name", "age", "languages", "home"],
}
STORY = (user("Tell me a story about a lighthouse."),)


@pytest.fixture(scope="module")
def client(chat_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineClient]:
    with EngineClient(False, tmp_path_factory.mktemp("control") / "worker.log") as client:
        client.load(chat_model, 1024)
        yield client


def details_of(client: EngineClient, request: Generate) -> list[TokenDetail]:
    events = client.ask(request)
    return [detail for event in events if isinstance(event, Token) for detail in event.details]


def test_a_reply_by_schema_is_json_that_the_schema_accepts_however_it_is_drawn(client: EngineClient) -> None:
    for sampling in (
        GREEDY,
        Sampling(seed=1),
        Sampling(temperature=1.6, top_k=0, top_p=1.0, min_p=0.0, seed=2),
    ):
        events = client.ask(
            Generate(
                (user("Describe Ana, a painter of 34 from Sevilla, as JSON."),),
                sampling,
                max_tokens=300,
                json_schema=json.dumps(PERSON),
            )
        )
        assert stats_of(events).stop_reason == "end"
        jsonschema.validate(json.loads(text_of(events)), PERSON)


def test_a_grammar_holds_a_real_model_to_it(client: EngineClient) -> None:
    grammar = 'root ::= ("- " [a-z]+ "\\n"){3}'
    asked = Generate((user("Name three fruits."),), Sampling(seed=4), max_tokens=60, grammar=grammar)
    events = client.ask(asked)
    lines = text_of(events).splitlines()
    assert len(lines) == 3
    assert all(line.startswith("- ") and line[2:].islower() for line in lines)


@pytest.mark.parametrize(
    "changes",
    [
        {"mirostat": 1},
        {"mirostat": 2},
        {"dry_multiplier": 2.0, "dry_allowed_length": 1},
        {"xtc_probability": 1.0, "xtc_threshold": 0.02},
        {"typical_p": 0.2},
        {"top_n_sigma": 0.3},
        {"temperature": 2.5},
        {"temperature_range": 0.7},
        {"frequency_penalty": 2.0},
        {"presence_penalty": 2.0},
        {"repeat_penalty": 2.0},
        {"top_k": 1},
        {"top_p": 0.01},
        {"min_p": 1.0},
        {"logit_bias": (Bias(" the", -100.0),)},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_every_sampler_makes_a_difference_and_the_same_one_each_time(
    client: EngineClient, changes: dict[str, object]
) -> None:
    base = Sampling(temperature=1.0, top_k=0, top_p=1.0, min_p=0.0, repeat_penalty=1.0, seed=9)
    changed = msgspec.structs.replace(base, **changes)

    def say(sampling: Sampling) -> str:
        return client.say(*STORY, sampling=sampling, max_tokens=48)[0]

    plain = say(base)
    assert say(changed) != plain
    assert say(changed) == say(changed)
    assert say(base) == plain


def test_a_word_that_is_ruled_out_is_never_written(client: EngineClient) -> None:
    for word in (" lighthouse", " the"):
        sampling = msgspec.structs.replace(GREEDY, logit_bias=(Bias(word, -100.0),))
        details = details_of(client, Generate(STORY, sampling, max_tokens=40, alternatives=1))
        assert word not in {detail.text for detail in details}


def test_probabilities_before_are_those_of_the_model_and_after_those_that_were_drawn_from(
    client: EngineClient,
) -> None:
    plain = Sampling(temperature=1.0, top_k=0, top_p=1.0, min_p=0.0, repeat_penalty=1.0, seed=3)
    for detail in details_of(client, Generate(STORY, plain, max_tokens=12, alternatives=5)):
        # nothing between them: both sides say the same
        assert [one.id for one in detail.before] == [one.id for one in detail.after]
        for one, other in zip(detail.before, detail.after, strict=True):
            assert one.p == pytest.approx(other.p, abs=1e-4)
        assert detail.p_before == pytest.approx(detail.p_after, abs=1e-4)
    for detail in details_of(client, Generate(STORY, GREEDY, max_tokens=12, alternatives=5)):
        assert detail.id == detail.before[0].id == detail.after[0].id
        assert [one.p for one in detail.after] == [1.0]
    two = msgspec.structs.replace(plain, top_k=2)
    for detail in details_of(client, Generate(STORY, two, max_tokens=12, alternatives=5)):
        assert len(detail.after) == 2
        assert sum(one.p for one in detail.after) == pytest.approx(1.0, abs=1e-4)


def test_alternatives_change_no_reply(client: EngineClient) -> None:
    for sampling in (GREEDY, Sampling(seed=8), Sampling(seed=8, mirostat=2)):
        plain = client.ask(Generate(STORY, sampling, max_tokens=40))
        told = client.ask(Generate(STORY, sampling, max_tokens=40, alternatives=20))
        assert text_of(plain) == text_of(told)


def test_the_record_of_a_reply_repeats_it_in_another_process(chat_model: Path, tmp_path: Path) -> None:
    def cold(request: Generate, name: str) -> tuple[str, object]:
        with EngineClient(False, tmp_path / f"{name}.log") as client:
            client.load(chat_model, 1024)
            events = client.ask(request)
            assert stats_of(events).repeatable
            return text_of(events), stats_of(events).record

    first, record = cold(Generate(STORY, Sampling(temperature=1.4), max_tokens=80), "first")
    assert record is not None
    again, same = cold(
        Generate(STORY, record.sampling, record.max_tokens, record.stop),
        "again",  # type: ignore[attr-defined]
    )
    assert again == first
    assert same == record


def test_what_was_reused_is_said_so_that_nobody_promises_a_repetition(client: EngineClient) -> None:
    client.say(*STORY, max_tokens=2)
    _, stats = client.say(*STORY, max_tokens=2)
    assert stats.reused_tokens
    assert not stats.repeatable


def test_every_number_at_its_borders_leaves_the_real_model_alive(client: EngineClient) -> None:
    for control in CONTROLS:
        for value in (control.low, control.high):
            fitting = int(value) if isinstance(control.default, int) else float(value)
            sampling = msgspec.structs.replace(Sampling(seed=1), **{control.name: fitting})
            assert client.say(*STORY, sampling=sampling, max_tokens=3)[1].generated_tokens
