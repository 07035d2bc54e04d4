"""Numbers in words, and a model of two halves that learns to translate them."""

from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from engine.train import parts
from engine.train.config import first_transformer
from engine.train.numerals import english, spanish
from engine.train.protocol import Evaluate, Evaluated
from engine.train.run import Run
from engine.train.serving import serve
from engine.train.specs import LETTERS, LETTERS_TIME, LETTERS_VOCAB, Settings, Translate
from engine.train.tasks import begin, load_task, resume
from engine.train.translation import HIGHEST, TranslationTask, open_translation, pair_of, pairs_batch


def spec_of(width: int = 16, layers: int = 1) -> Translate:
    return Translate(
        first_transformer(vocab=LETTERS_VOCAB, context=LETTERS_TIME, layers=layers, width=width, heads=4)
    )


@pytest.mark.parametrize(
    ("number", "in_english", "in_spanish"),
    [
        (0, "zero", "cero"),
        (16, "sixteen", "dieciséis"),
        (21, "twenty-one", "veintiuno"),
        (31, "thirty-one", "treinta y uno"),
        (100, "one hundred", "cien"),
        (101, "one hundred and one", "ciento uno"),
        (555, "five hundred and fifty-five", "quinientos cincuenta y cinco"),
        (1000, "one thousand", "mil"),
        (1001, "one thousand and one", "mil uno"),
        (2700, "two thousand seven hundred", "dos mil setecientos"),
        (21_000, "twenty-one thousand", "veintiún mil"),
        (31_001, "thirty-one thousand and one", "treinta y un mil uno"),
        (100_100, "one hundred thousand one hundred", "cien mil cien"),
    ],
)
def test_numbers_are_written_as_people_write_them(number: int, in_english: str, in_spanish: str) -> None:
    assert (english(number), spanish(number)) == (in_english, in_spanish)


def test_every_number_fits_and_is_written_once() -> None:
    pairs = [pair_of(number) for number in range(HIGHEST)]
    assert all(max(map(len, pair)) < LETTERS_TIME for pair in pairs)
    assert {letter for pair in pairs for words in pair for letter in words} <= set(LETTERS)
    assert len({words for words, _ in pairs}) == len({words for _, words in pairs}) == HIGHEST


def test_what_is_held_out_is_never_learnt_from() -> None:
    task = open_translation(spec_of())
    held = {pair_of(number)[0] for number in task.held_numbers}
    sources = {tuple(row) for index in range(60) for row in task.draw(index, 64).source.tolist()}  # type: ignore[union-attr]
    coded = {tuple(row) for batch in task.held_out(64) for row in batch.source.tolist()}  # type: ignore[union-attr]
    assert len(held) == len(coded) == len(task.held_numbers)
    assert not sources & coded


def test_the_decoder_begins_with_a_mark_and_ends_with_one() -> None:
    batch = pairs_batch([("two", "dos"), ("ten", "diez")], 3)
    assert batch.tokens[0, :4].tolist() == [1, *batch.targets[0, :3].tolist()]
    assert batch.targets[1, 4] == 0
    assert batch.weights.sum(axis=1).tolist() == [4, 5, 0]
    assert batch.source_last is not None
    assert batch.source_last.tolist() == [3, 3, 1]


def loss_of(run: Run, *, swapped: bool) -> float:
    """On what is held out. `swapped`: beside the source of another line."""
    loss = counted = 0.0
    for batch in run.task.held_out(run.settings.batch):
        assert batch.source is not None
        assert batch.source_last is not None
        by = 1 if swapped else 0
        batch = replace(
            batch, source=np.roll(batch.source, by, 0), source_last=np.roll(batch.source_last, by, 0)
        )
        loss += run.learner.loss(batch)
        counted += float(batch.weights.sum())
    return loss / counted


@pytest.mark.slow
def test_a_model_of_two_halves_learns_to_translate(tmp_path: Path) -> None:
    # one thread: two would wait for each other on a machine that has other work
    settings = Settings(
        steps=250, batch=16, rate=6e-3, warmup=20, validate_every=250, save_every=250, sample_every=0,
        threads=1,
    )  # fmt: skip
    run = begin(tmp_path / "run", spec_of(64), settings, parts)
    before = run.measure()
    list(run.steps())
    assert run.best_loss < 0.15 * before
    # a model of Spanish alone would find any source as good
    assert loss_of(run, swapped=False) < 0.8 * loss_of(run, swapped=True)
    run.close()
    task = load_task(tmp_path / "run")
    assert isinstance(task, TranslationTask)
    sources = [pair_of(number)[0] for number in task.held_numbers[:4]]
    said = task.translate(sources, parts)
    assert len(set(said)) == 4
    assert list(task.sample(0, parts)) == list(zip(sources, said, strict=True))
    done = serve(Evaluate(str(tmp_path / "run"), prompts=("Twenty-one!", "")), lambda _: None, lambda: False)
    assert isinstance(done, Evaluated)
    assert done.answers["Twenty-one!"] == task.translate(["twenty-one"], parts)[0]
    again = resume(tmp_path / "run", parts)
    assert again.learner.step == 250
    again.close()
