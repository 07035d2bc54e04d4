"""From text to a model that answers, and on from there: every step by the files that the one before left."""

import json
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from engine.train import parts
from engine.train.config import ModelConfig
from engine.train.errors import CannotExport, CannotLearn, OtherTokenizer, RunDamaged
from engine.train.evaluate import found_in, score_labels, score_text
from engine.train.export import export_adapter, export_gguf
from engine.train.lora import LowRank
from engine.train.run import Run
from engine.train.specs import FineTune, Pretrain, Settings
from engine.train.tasks import begin, load_trained, open_base, resume
from engine.train.transformer import Transformer, plain_batch
from tests.unit.train.llama import Llama
from tests.unit.train.texts import PLACES, prepared

pytestmark = pytest.mark.slow

QUICK = Settings(steps=30, batch=8, rate=5e-3, warmup=5, validate_every=15, save_every=15, sample_every=0)


def finish(run: Run) -> None:
    list(run.steps())
    run.close()


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with prepared text, "data", and a model pre-trained on it, "run"."""
    folder = tmp_path_factory.mktemp("grown")
    data = prepared(folder)
    config = ModelConfig(vocab=data.info.vocab, context=256, layers=2, width=32, heads=2)
    finish(begin(folder / "run", Pretrain(str(data.path), config), QUICK, parts))
    return folder


def rows_file(folder: Path) -> Path:
    file = folder / "rows.jsonl"
    pairs = [{"question": f"come {place} pan", "answer": place} for place in PLACES]
    file.write_text("\n".join(map(json.dumps, pairs)))
    return file


def logits_here(path: Path, tokens: list[int]) -> np.ndarray:  # type: ignore[type-arg]
    trained = load_trained(path)
    adapter = LowRank(trained.adapter, trained.alpha) if trained.adapter is not None else None
    row = np.array([tokens], np.int32)
    return Transformer(trained.config, trained.weights, 1, len(tokens), parts, adapter).logits(
        plain_batch(row, row)
    )[0]


def test_a_run_becomes_a_file_that_computes_the_same(grown: Path, tmp_path: Path) -> None:
    trained = load_trained(grown / "run")
    export_gguf(trained, tmp_path / "m.gguf", name="Mine", kind="F32")
    tokens = trained.coder.encode("Ana vive en Lugo y come pan.")
    with Llama(tmp_path / "m.gguf") as llama:
        theirs = llama.logits(tokens)
    assert np.abs(theirs - logits_here(grown / "run", tokens)).max() < 1e-4


@pytest.mark.parametrize("learn", ["all", "lora", "last_block"])
def test_what_was_learnt_on_top_of_a_run_goes_into_its_file(grown: Path, learn: str, tmp_path: Path) -> None:
    spec = FineTune(base=str(grown / "run"), data=str(rows_file(tmp_path)), learn=learn, time=128)  # type: ignore[arg-type]
    finish(begin(tmp_path / "tuned", spec, QUICK, parts))
    trained = load_trained(tmp_path / "tuned")
    export_gguf(trained, tmp_path / "m.gguf", name="Mine", kind="F32")
    tokens = trained.coder.encode("Eva vive en Soria.")
    here = logits_here(tmp_path / "tuned", tokens)
    with Llama(tmp_path / "m.gguf") as llama:
        theirs = llama.logits(tokens)
    assert np.abs(theirs - here).max() < 1e-3
    assert np.abs(here - logits_here(grown / "run", tokens)).max() > 0.05
    if learn == "lora":
        export_gguf(load_trained(grown / "run"), tmp_path / "base.gguf", name="Base", kind="F32")
        export_adapter(trained, tmp_path / "a.gguf", name="Mine")
        with Llama(tmp_path / "base.gguf", adapter=tmp_path / "a.gguf") as llama:
            assert np.abs(llama.logits(tokens) - here).max() < 1e-3
    else:
        with pytest.raises(CannotExport):
            export_adapter(trained, tmp_path / "a.gguf", name="Mine")


def test_a_model_goes_on_learning_again_and_again(grown: Path, tmp_path: Path) -> None:
    rows = str(rows_file(tmp_path))
    finish(begin(tmp_path / "b", FineTune(base=str(grown / "run"), data=rows, time=128), QUICK, parts))
    finish(begin(tmp_path / "c", FineTune(base=str(tmp_path / "b"), data=rows, time=128), QUICK, parts))
    text = FineTune(base=str(tmp_path / "c"), data=str(grown / "data"), kind="text", learn="all")
    finish(begin(tmp_path / "d", text, QUICK, parts))
    assert open_base(tmp_path / "d").config == open_base(grown / "run").config
    export_gguf(load_trained(tmp_path / "d"), tmp_path / "m.gguf", name="Mine")


def test_a_file_learns_on_and_goes_back_to_a_file_with_all_that_it_said(grown: Path, tmp_path: Path) -> None:
    export_gguf(load_trained(grown / "run"), tmp_path / "base.gguf", name="Base", kind="F32")
    spec = FineTune(base=str(tmp_path / "base.gguf"), data=str(rows_file(tmp_path)), kind="answers", time=128)
    # it has no chat template: only text can be learnt
    from engine.errors import EngineError

    with pytest.raises(EngineError):
        begin(tmp_path / "tuned", spec, QUICK, parts)
    assert not (tmp_path / "tuned").exists()


@pytest.mark.parametrize("learn", ["lora", "last_block", "head", "all"])
def test_labels_are_told_apart_after_the_run_is_opened_again(grown: Path, learn: str, tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    lines = [
        f"vive en {place} y come,{'mar' if place in ('Cádiz', 'Lugo') else 'tierra'}" for place in PLACES
    ]
    file.write_text(
        "text,label\n" + "\n".join(f"{n} {line}" for n in ("Ana", "Eva", "Luis") for line in lines)
    )
    spec = FineTune(base=str(grown / "run"), data=str(file), kind="labels", learn=learn, time=64)  # type: ignore[arg-type]
    run = begin(tmp_path / "tuned", spec, QUICK, parts)
    finish(run)
    best = run.best_loss
    again = resume(tmp_path / "tuned", parts)
    assert again.task.labels == ("mar", "tierra")  # type: ignore[attr-defined]
    trained = load_trained(tmp_path / "tuned")
    assert trained.labels == ("mar", "tierra")
    assert np.isfinite(best)
    again.close()
    with pytest.raises(CannotExport):
        export_gguf(trained, tmp_path / "m.gguf", name="Mine")


def test_text_cut_by_another_tokenizer_is_refused(grown: Path, tmp_path: Path) -> None:
    other = prepared(tmp_path, 900)
    (tmp_path / "more.txt").write_text("xyz " * 2000 + "ÁÉ¿¡")
    from engine.train.prepare import prepare

    prepare([tmp_path / "more.txt", tmp_path / "story.txt"], tmp_path / "other", characters=True)
    assert other.info.vocab != 0
    with pytest.raises(CannotLearn):
        begin(
            tmp_path / "run",
            FineTune(base=str(grown / "run"), data=str(tmp_path / "other"), kind="text", learn="all"),
            QUICK,
            parts,
        )


def test_a_run_goes_on_with_other_text_cut_into_its_own_tokens(grown: Path, tmp_path: Path) -> None:
    from engine.train.prepare import prepare

    (tmp_path / "more.txt").write_text("Los zorros duermen bajo la luna y sueñan con el mar.\n" * 300)
    text = FineTune(base=str(grown / "run"), data=str(tmp_path / "own"), kind="text", learn="all")
    prepare([tmp_path / "more.txt"], tmp_path / "own", tokens_of=grown / "run")
    run = begin(tmp_path / "on", text, QUICK, parts)
    before = run.measure()
    finish(run)
    assert run.best_loss < 0.5 * before
    # as many tokens, but others
    (tmp_path / "other.txt").write_text((grown / "story.txt").read_text().replace("v", "w"))
    other = prepare([tmp_path / "other.txt"], tmp_path / "other", characters=True)
    assert other.vocab == load_trained(grown / "run").config.vocab
    with pytest.raises(OtherTokenizer):
        begin(tmp_path / "off", replace(text, data=str(tmp_path / "other")), QUICK, parts)
    assert not (tmp_path / "off").exists()


def test_a_folder_that_is_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RunDamaged):
        load_trained(tmp_path)


def test_a_text_is_scored_in_what_models_can_be_compared_by(grown: Path) -> None:
    trained = load_trained(grown / "run")
    known = score_text(
        trained.config, trained.weights, trained.coder, "Ana vive en Lugo y come pan.\n" * 30, parts
    )
    strange = score_text(
        trained.config, trained.weights, trained.coder, "pan come y Lugo en vive Ana.\n" * 30, parts
    )
    assert known.perplexity == pytest.approx(np.exp(known.loss))
    assert known.loss < strange.loss
    assert known.tokens == 29 * 30
    assert known.bits_per_byte == pytest.approx(known.loss * known.tokens / np.log(2) / (29 * 30))


def test_labels_are_scored_with_their_confusions() -> None:
    score = score_labels(["a", "a", "b", "b", "b"], ["a", "b", "b", "b", "a"], ["a", "b", "c"])
    assert score.accuracy == pytest.approx(0.6)
    assert score.confusion == ((1, 1, 0), (1, 2, 0), (0, 0, 0))
    assert score.f1 == pytest.approx({"a": 0.5, "b": 2 / 3, "c": 0.0})


@pytest.mark.parametrize(
    ("answer", "wanted", "found"),
    [
        ("It is Lugo.", "lugo", True),
        ("LUGO", "Lugo", True),
        ("Lugones", "Lugo", False),
        ("12 euros", "12", True),
    ],
)
def test_an_answer_is_right_when_it_says_what_it_should(answer: str, wanted: str, found: bool) -> None:
    assert found_in(answer, wanted) is found
