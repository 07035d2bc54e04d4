"""Ways back in a cache of sliding windows; those of recurrent states are tested through real workers."""

from collections.abc import Iterator

import numpy as np
import pytest

from engine.fit import Placement
from engine.llama import Context, Library, Model
from engine.llama.api import api
from engine.llama.checkpoints import MOST
from engine.llama.context import TAIL_TOKENS
from engine.stop import StopFlag
from tests.fakes.engine_random import write_random_model
from tests.fakes.engine_shapes import Shape

VOCABULARY = 320
WINDOWED = Shape("gemma3", VOCABULARY, 64, 6, 128, 2, 1, 32, tied=True, window_tokens=64)
PROMPT = [n % 250 for n in range(200)]
REPLY = [7 + n % 100 for n in range(1000)]  # longer than what windows keep beside a batch


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Model]:
    path = write_random_model(tmp_path_factory.mktemp("models") / "windowed.gguf", WINDOWED)
    model = Model(Library(), str(path))
    yield model
    model.close()


@pytest.fixture
def context(model: Model) -> Iterator[Context]:
    context = Context(Library(), model, "windowed.gguf", Placement(2048, whole_cache=False), 1)
    context.watch(StopFlag())
    yield context
    context.close()


def read(context: Context, tokens: list[int]) -> "np.ndarray[tuple[int], np.dtype[np.float32]]":
    """Read what of them is not there yet; the logits [vocabulary] that follow."""
    for batch in context.batches(tokens[context.keep_prefix(tokens) :]):
        assert context.evaluate(batch)
    found = api.llama_get_logits_ith(context._pointer, -1)
    return np.ctypeslib.as_array(found, shape=(VOCABULARY,)).copy()


def write(context: Context) -> None:
    """What would be a reply, some tokens at once."""
    for at in range(0, len(REPLY), 100):
        assert context.evaluate(REPLY[at : at + 100])


def test_after_a_reply_longer_than_the_windows_a_prompt_is_gone_back_to(context: Context) -> None:
    cold = read(context, PROMPT)
    write(context)
    kept = context.keep_prefix(PROMPT)
    assert kept == len(PROMPT) - TAIL_TOKENS
    assert context.held == PROMPT[:kept]
    assert np.abs(read(context, PROMPT) - cold).max() < 1e-3 * np.abs(cold).max()


def test_a_beginning_that_no_checkpoint_knows_is_read_anew(context: Context) -> None:
    read(context, PROMPT)
    write(context)
    assert context.keep_prefix(PROMPT[:100]) == 0
    assert context.held == []
    # nothing that was taken back there is gone back to afterwards
    assert context.keep_prefix(PROMPT) == 0


def test_the_last_few_prompts_keep_their_checkpoints(context: Context) -> None:
    prompts, tokens = [], []
    for turn in range(MOST + 2):
        tokens = [*tokens, *((turn + n) % 250 for n in range(100))]
        prompts.append(tokens)
        read(context, tokens)
    write(context)
    # from the newest to the oldest: going back forgets what came after
    reached = [context.keep_prefix(prompt) for prompt in reversed(prompts)]
    kept = [len(prompt) - TAIL_TOKENS for prompt in reversed(prompts)]
    assert reached == [*kept[:MOST], 0, 0]


def test_no_copy_is_taken_where_memory_is_short(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    from engine.llama import checkpoints

    monkeypatch.setattr(checkpoints, "SHARE", 1 << 60)
    read(context, PROMPT)
    write(context)
    assert context.keep_prefix(PROMPT) == 0
