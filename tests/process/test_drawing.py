"""Drawing among the likeliest, when alternatives are told, comes to what llama.cpp alone comes to."""

from collections.abc import Iterator

import pytest

from engine.fit import Placement
from engine.llama import Context, Library, Model, Sampler
from engine.protocol import Sampling
from engine.stop import StopFlag
from tests.fakes.engine_random import write_random_model
from tests.fakes.engine_shapes import Shape

SMALL = Shape("llama", 10_240, 64, 2, 128, 4, 4, 32)
TOKENS = 40
SAMPLINGS = {
    "usual": Sampling(),
    "hot": Sampling(temperature=1.8, top_k=100, top_p=1.0, min_p=0.0, repeat_penalty=1.0),
    "greedy": Sampling(temperature=0.0, repeat_penalty=1.0),
    "greedy and penalized": Sampling(temperature=0.0, repeat_penalty=1.5),
    "penalized": Sampling(repeat_penalty=1.8, frequency_penalty=1.5, presence_penalty=1.0),
    "with a wide window": Sampling(repeat_penalty=1.2, penalty_tokens=100),
    "typical": Sampling(temperature=1.2, typical_p=0.7, top_p=1.0),
    "without the likeliest": Sampling(temperature=1.2, xtc_probability=0.5, xtc_threshold=0.02),
    "dynamic": Sampling(temperature=1.0, temperature_range=0.5),
}


@pytest.fixture(
    scope="module", params=["random", pytest.param("starter", marks=[pytest.mark.models, pytest.mark.slow])]
)
def loaded(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Model, Context]]:
    if request.param == "random":
        path = write_random_model(tmp_path_factory.mktemp("drawing") / "model.gguf", SMALL)
    else:
        path = request.getfixturevalue("chat_model")
    library = Library()
    model = Model(library, str(path), 0, None, StopFlag())
    context = Context(library, model, str(path), Placement(512), 2)
    yield model, context
    context.close()
    model.close()


def drawn(model: Model, context: Context, sampling: Sampling, alternatives: int, *, few: bool) -> list[int]:
    """What is written after one prompt."""
    context.clear()
    assert context.evaluate(model.tokenize("A lighthouse, a ship, a storm.", special=False))
    found: list[int] = []
    with Sampler(model, sampling, 7, context_tokens=512, alternatives=alternatives) as one:
        assert bool(one._few) == few
        while len(found) < TOKENS:
            found.append(context.sample(one))
            assert context.evaluate(found[-1:])
    return found


@pytest.mark.parametrize("name", SAMPLINGS)
def test_few_tokens_give_what_all_of_them_give(loaded: tuple[Model, Context], name: str) -> None:
    among_few = drawn(*loaded, SAMPLINGS[name], 3, few=True)
    assert among_few == drawn(*loaded, SAMPLINGS[name], 0, few=False)
    assert len(set(among_few)) > 1


@pytest.mark.parametrize(
    "sampling",
    [
        Sampling(top_k=0),
        Sampling(mirostat=2),
        Sampling(top_n_sigma=1.0),
        Sampling(presence_penalty=-0.5),
        Sampling(dry_multiplier=0.8),
    ],
)
def test_a_chain_that_may_want_an_unlikely_token_gets_them_all(
    loaded: tuple[Model, Context], sampling: Sampling
) -> None:
    assert drawn(*loaded, sampling, 3, few=False) == drawn(*loaded, sampling, 0, few=False)
