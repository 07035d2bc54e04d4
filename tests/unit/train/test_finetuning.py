"""Examples in rows, and models that learn from them."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from engine.protocol import Message
from engine.train import parts
from engine.train.coders import TEMPLATE, GgufCoder, OwnCoder
from engine.train.config import ModelConfig
from engine.train.errors import AnswersTooLong, OneLabel, TextTooSmall
from engine.train.examples import Row, check_rows
from engine.train.finetune import AnswerTask, Base, question_of
from engine.train.labelling import LabelTask
from engine.train.packing import Packed, from_conversation, from_text, pack
from engine.train.parameters import initialized
from engine.train.run import Run
from engine.train.specs import Learn, Settings
from engine.train.text_head import LABELS
from engine.train.tokenizer import learn_characters
from engine.train.transformer import Transformer

COLOURS = {"cielo": "azul", "hierba": "verde", "sol": "oro", "sangre": "rojo", "nieve": "blanco"}
ANSWERS = [
    Row(n, "conversation", (Message("user", f"¿{thing}?"), Message("assistant", colour)))
    for n, (thing, colour) in enumerate(COLOURS.items(), 1)
]
CODER = OwnCoder(learn_characters(["".join(row.words for row in ANSWERS) + "usertani\nbcdfgh !"]))


def base_of(context: int = 64) -> Base:
    config = ModelConfig(vocab=CODER.tokenizer.size, context=context, layers=2, width=32, heads=2)
    return Base(config, initialized(config, 1), CODER)


def learnt(task: AnswerTask | LabelTask, path: Path, steps: int = 150, rate: float = 1e-2) -> list[float]:
    settings = Settings(
        steps=steps,
        batch=4,
        rate=rate,
        warmup=5,
        decay=0.0,
        tell_every=10,
        validate_every=steps,
        sample_every=0,
    )
    run = Run(path, task, settings, parts)
    losses = [run.learn(rate * min(1.0, (step + 1) / 5)) for step in range(steps)]
    run.close()
    return losses


def test_only_answers_and_what_ends_them_are_learnt() -> None:
    messages = [Message("system", "oro"), *ANSWERS[0].messages, *ANSWERS[1].messages]
    example = from_conversation(CODER, messages, 200)
    assert example is not None
    taught = [int(token) for token, weight in zip(example.tokens, example.weights, strict=True) if weight]
    end = CODER.tokenizer.turn_end
    assert taught == [*CODER.encode("azul"), end, *CODER.encode("verde"), end]
    assert example.weights[-1] == 1.0


def test_an_answer_that_is_only_given_is_not_learnt() -> None:
    said = [{"role": "user", "content": "Hola"}, {"role": "assistant", "content": "no", "weight": 0},
            {"role": "user", "content": "Otra"}, {"role": "assistant", "content": "bien"}]  # fmt: skip
    (row,) = check_rows([{"messages": said}]).rows
    assert row.given == (1,)
    example = from_conversation(CODER, row.messages, 400, row.given)
    assert example is not None
    learnt = [int(token) for token, weight in zip(example.tokens, example.weights, strict=True) if weight]
    assert CODER.decode(learnt).startswith("bien")
    assert "no" not in CODER.decode(learnt)
    assert check_rows([{"messages": said[:2]}]).bad[0].reason == "no_answer"


def test_a_conversation_that_does_not_fit_is_left_out() -> None:
    length = len(from_conversation(CODER, ANSWERS[0].messages, 500).tokens)  # type: ignore[union-attr]
    assert from_conversation(CODER, ANSWERS[0].messages, length - 1) is not None
    assert from_conversation(CODER, ANSWERS[0].messages, length - 2) is None


def test_long_text_becomes_several_examples_that_overlap_by_one() -> None:
    examples = from_text(CODER, "azul verde oro", 5)
    tokens = CODER.encode("azul verde oro")
    assert [int(example.tokens[0]) for example in examples] == [tokens[0], tokens[5], tokens[10]]
    targets = [int(token) for example in examples for token in example.tokens[1:]]
    assert targets == [*tokens[1:], CODER.end]


@pytest.mark.parametrize("time", [8, 13, 40])
def test_packing_uses_every_example_once_and_no_row_too_much(time: int) -> None:
    lengths = np.random.default_rng(0).integers(2, 9, 200).tolist()
    rows = pack(lengths, time)
    assert sorted(n for row in rows for n in row) == list(range(200))
    assert all(sum(lengths[n] - 1 for n in row) <= time for row in rows)
    assert len(rows) < 1.3 * sum(length - 1 for length in lengths) / time + 1


def test_an_example_in_a_row_computes_as_it_does_alone() -> None:
    examples = [from_conversation(CODER, row.messages, 200) for row in ANSWERS]
    whole = Packed([example for example in examples if example], 120, 1)
    base = base_of(128)
    rows = next(whole.all(2))
    together = Transformer(base.config, base.weights, 2, 120, parts).logits(rows)
    first = examples[1]
    assert first is not None
    alone = next(Packed([first], 60, 1).all(1))
    single = Transformer(base.config, base.weights, 1, 60, parts).logits(alone)[0]
    start = len(examples[0].tokens) - 1  # type: ignore[union-attr]
    length = len(first.tokens) - 1
    assert np.allclose(together[0, start : start + length], single[:length], atol=1e-5)


def test_every_epoch_has_every_example_in_an_order_of_its_own() -> None:
    examples = [example for row in ANSWERS for example in from_text(CODER, row.messages[1].content, 50)]
    packed = Packed(examples, 8, seed=3)
    each = -(-packed.rows // 2)
    epochs = [
        np.concatenate([packed.draw(epoch * each + n, 2).targets.ravel() for n in range(each)])
        for epoch in (0, 1, 0)
    ]
    assert np.array_equal(epochs[0], epochs[2])
    assert not np.array_equal(epochs[0], epochs[1])


@pytest.mark.slow
def test_a_model_learns_answers_by_heart(tmp_path: Path) -> None:
    # five answers, of which one is held out: the others are learnt
    task = AnswerTask(base_of(), ANSWERS, learn="all", seed=2)
    losses = learnt(task, tmp_path / "run")
    assert losses[-1] < 0.1 * losses[0]
    known = [row for row in ANSWERS if row not in task.held_rows]
    writer = task.writer(parts)
    answers = [task.answer(writer, question_of(row)[0], 10) for row in known]
    assert answers == [row.messages[1].content for row in known]
    assert [prompt for prompt, _ in task.sample(0, parts)] == [task.held_rows[0].messages[0].content]


@pytest.mark.slow
@pytest.mark.parametrize(("learn", "share"), [("lora", 0.1), ("last_block", 0.5)])
def test_a_model_that_can_talk_learns_other_answers_with_few_parameters(
    learn: Learn, share: float, tmp_path: Path
) -> None:
    base = base_of()
    learnt(AnswerTask(base, ANSWERS, learn="all", seed=2), tmp_path / "first")
    colours = list(COLOURS.values())
    others = [
        Row(row.number, "conversation", (row.messages[0], Message("assistant", colour)))
        for row, colour in zip(ANSWERS, [*colours[1:], colours[0]], strict=True)
    ]
    before = base.weights["blocks.0.down"].copy()
    task = AnswerTask(base, others, learn=learn, rank=8, alpha=32, seed=2)
    assert len(task.learning.flat) < len(base.weights.flat)
    losses = learnt(task, tmp_path / "second")
    assert losses[-1] < share * losses[0]
    assert np.array_equal(before, base.weights["blocks.0.down"])


def labelled(count: int) -> list[Row]:
    random = np.random.default_rng(0)
    rows = []
    for n in range(count):
        words = random.choice(list(COLOURS.values()), 3)
        rows.append(Row(n + 1, "label", text=" ".join(words), label="sí" if "azul" in words else "no"))
    return rows


@pytest.mark.slow
@pytest.mark.parametrize("learn", ["all", "lora", "last_block", "head"])
def test_a_model_learns_to_tell_labels_apart(learn: Learn, tmp_path: Path) -> None:
    task = LabelTask(base_of(), labelled(120), learn=learn, seed=2)
    losses = learnt(task, tmp_path / "run", 60)
    # a head alone sees what an untrained model makes of a text: it learns less
    assert np.mean(losses[-10:]) < (0.98 if learn == "head" else 0.5) * np.mean(losses[:5])
    found = task.predict([row.text for row in task.held_rows], parts)
    assert found.shape == (len(task.held_rows), 2)
    assert np.allclose(found.sum(axis=1), 1)
    if learn == "all":
        right = [task.labels[n] == row.label for n, row in zip(found.argmax(1), task.held_rows, strict=True)]
        assert np.mean(right) > 0.8
    assert LABELS in task.learning


def test_what_cannot_be_learnt_from_is_refused() -> None:
    with pytest.raises(OneLabel):
        LabelTask(base_of(), [Row(n, "label", text=str(n), label="x") for n in range(9)])
    with pytest.raises(AnswersTooLong):
        AnswerTask(base_of(), ANSWERS, time=4)
    with pytest.raises(TextTooSmall):
        AnswerTask(base_of(), ANSWERS[:2])


@pytest.mark.models
def test_a_model_file_s_own_template_says_what_is_learnt(chat_model: Path) -> None:
    coder = GgufCoder(chat_model)
    messages: Sequence[Message] = (
        Message("system", "Sé breve."),
        Message("user", "¿Qué es <|im_end|>?"),
        Message("assistant", "Un signo."),
    )
    example = from_conversation(coder, messages, 200)
    assert example is not None
    taught = example.tokens[example.weights > 0]
    assert coder.decode(taught[:-1]) == "Un signo."
    assert int(taught[-1]) in coder.stops
    whole = coder.conversation(messages)
    asked = [token for token, number in whole if number == 1]
    assert coder.decode(asked) == "¿Qué es <|im_end|>?"
    assert not set(asked) & coder.stops
    prompt = coder.prompt(messages[:2])
    assert [token for token, _ in whole][: len(prompt)] == prompt
    assert any(number == TEMPLATE for _, number in whole)
    coder.close()
