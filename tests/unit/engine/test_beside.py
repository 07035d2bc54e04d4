"""Jobs beside a chat and kept states, with caches of every kind: whole, of windows alone, and put aside."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.errors import ContextFull, DecodeFailed
from engine.llama import Context, Library, Model
from engine.protocol import Event, Generate, LoadModel, Message, Stats
from engine.session import LlamaRuntime
from engine.stop import StopFlag
from tests.fakes.engine_client import GREEDY, assistant, text_of, user
from tests.fakes.engine_models import write_tiny_model
from tests.fakes.engine_random import write_random_model
from tests.fakes.engine_shapes import Shape

WINDOWED = Shape("gemma3", 320, 64, 2, 128, 2, 1, 32, tied=True, window_tokens=64)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_model(tmp_path_factory.mktemp("models") / "tiny.gguf", endless=True)


@pytest.fixture(scope="module")
def windowed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_random_model(tmp_path_factory.mktemp("models") / "windowed.gguf", WINDOWED)


@pytest.fixture
def runtime(tiny: Path) -> Iterator[LlamaRuntime]:
    runtime = LlamaRuntime()
    runtime.load(LoadModel(str(tiny), 512), lambda _: None, StopFlag())
    yield runtime
    runtime.unload()


def write(
    runtime: LlamaRuntime, *messages: Message, max_tokens: int | None = 8, job: bool = False
) -> tuple[str, Stats]:
    events: list[Event] = []
    request = Generate(messages, GREEDY, max_tokens, job=job)
    done = runtime.generate(request, events.append, StopFlag())
    return text_of(events), done.stats


def context_of(runtime: LlamaRuntime) -> Context:
    assert runtime._loaded is not None
    return runtime._loaded.context


def test_a_job_that_does_not_fit_beside_the_chat_has_the_whole_window_for_a_while(
    runtime: LlamaRuntime,
) -> None:
    turn = user("Hello there " * 30)
    write(runtime, turn)
    held = list(context_of(runtime).held)
    _, stats = write(runtime, user("A title."), max_tokens=None, job=True)
    assert stats.prompt_tokens + stats.generated_tokens == context_of(runtime).size_tokens
    assert context_of(runtime).held == held
    _, again = write(runtime, turn)
    assert again.reused_tokens == again.prompt_tokens - 1


def test_a_job_longer_than_the_window_is_refused_and_costs_the_chat_nothing(runtime: LlamaRuntime) -> None:
    write(runtime, user("Hello"))
    held = list(context_of(runtime).held)
    with pytest.raises(ContextFull):
        write(runtime, user("word " * 400), job=True)
    assert context_of(runtime).held == held


@pytest.mark.parametrize("max_tokens", [8, None])  # beside the chat, and with the chat put aside
def test_a_job_whose_decode_fails_leaves_the_chat_as_it_was(
    runtime: LlamaRuntime, monkeypatch: pytest.MonkeyPatch, max_tokens: int | None
) -> None:
    text, _ = write(runtime, user("Hello"))
    held = list(context_of(runtime).held)
    with monkeypatch.context() as patch:
        patch.setattr("engine.llama.context.api.llama_decode", lambda *_: -3)
        with pytest.raises(DecodeFailed):
            write(runtime, user("A title."), max_tokens=max_tokens, job=True)
    assert context_of(runtime).held == held
    assert write(runtime, user("Hello"))[0] == text


def test_where_memory_does_not_allow_to_put_the_chat_aside_it_is_read_anew(
    runtime: LlamaRuntime, monkeypatch: pytest.MonkeyPatch
) -> None:
    text, _ = write(runtime, user("Hello"))
    monkeypatch.setattr(Context, "state", lambda _: None)
    write(runtime, user("A title."), max_tokens=None, job=True)
    assert context_of(runtime).held == []
    again, stats = write(runtime, user("Hello"))
    assert (again, stats.reused_tokens) == (text, 0)


def test_a_prompt_that_memory_runs_out_amid_fails_alone(
    runtime: LlamaRuntime, monkeypatch: pytest.MonkeyPatch
) -> None:
    from engine.llama import context

    real, calls = context.api.llama_decode, []

    def second_fails(*arguments: object) -> int:
        calls.append(1)
        return 1 if len(calls) == 2 else int(real(*arguments))

    context_of(runtime).batch_tokens = 64
    with monkeypatch.context() as patch:
        patch.setattr("engine.llama.context.api.llama_decode", second_fails)
        with pytest.raises(DecodeFailed) as error:
            write(runtime, user("Hello there " * 20))
    assert error.value.params == {"status": 1}
    assert context_of(runtime).held == []
    assert write(runtime, user("Hello"))[0]


def test_ten_turns_with_excerpts_evaluate_exactly_their_new_tokens(runtime: LlamaRuntime, tiny: Path) -> None:
    runtime.load(LoadModel(str(tiny), 4096), lambda _: None, StopFlag())
    messages = [Message("system", "Be brief."), user("[1] The museum opens at nine.\n\nWhen does it open?")]
    before = 0
    for turn in range(10):
        text, stats = write(runtime, *messages, max_tokens=12)
        assert stats.reused_tokens == before
        before = stats.prompt_tokens + stats.generated_tokens - 1  # the last one was never evaluated
        if turn % 3 == 2:
            write(runtime, user("A title."), job=True)
        messages += [assistant(text), user(f"[{turn}] Another passage, {turn}.\n\nAnd then?")]


@pytest.mark.parametrize("whole", [True, False])
def test_windows_alone_are_put_aside_and_come_back(windowed: Path, whole: bool) -> None:
    from engine.fit import Placement

    library = Library()
    model = Model(library, str(windowed))
    context = Context(library, model, str(windowed), Placement(1024, whole_cache=whole), 1)
    try:
        context.watch(StopFlag())
        tokens = [n % 250 for n in range(600)]
        for batch in context.batches(tokens):
            assert context.evaluate(batch)
        with context.beside(40):
            assert context.evaluate([1, 2, 3])
            assert context.held == [1, 2, 3]
            assert context.of_the_chat == tokens
        assert context.held == tokens
        assert context.evaluate([5])
        state = context.state()
        assert state is not None
        kept = list(context.held)
        context.clear()
        assert context.restore(kept, state)
        assert context.held == kept
        assert context.evaluate([6])
        # what a window lost cannot be had back by cutting: it says so, and is empty then
        assert not context.cut(100)
        assert context.held == []
    finally:
        context.close()
        model.close()


def test_a_state_of_other_bytes_leaves_an_empty_cache(runtime: LlamaRuntime) -> None:
    write(runtime, user("Hello there"))
    context = context_of(runtime)
    state = context.state()
    assert state is not None
    assert not context.restore([1, 2, 3], state)  # these are not its tokens
    assert context.held == []
    assert write(runtime, user("Hello there"))[1].reused_tokens == 0
