"""One suite for every form of reranker: words with weights as ONNX, a random BERT as its library keeps it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from rag.errors import Cancelled, NotAReranker, RerankerDamaged, RerankerMissing
from rag.reranking.folder import inspect
from rag.reranking.loading import load_reranker
from rag.reranking.reranker import Reranker
from tests.fakes.cross_encoders import write_bert, write_onnx

WEIGHTS = {"zebrafish": 5.0, "heron": 2.0, "eats": 0.5, "stone": -3.0}
TEXTS = (
    "The heron eats a zebrafish.",
    "A stone.",
    "heron " * 400,
    "",
    "光明 مرحبا \N{GRINNING FACE}",
)


@pytest.fixture(scope="module", params=["onnx", pytest.param("cross-encoder", marks=[pytest.mark.slow])])
def reranker(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Reranker:
    folder = tmp_path_factory.mktemp("reranker")
    write: Callable[[], Path] = {
        "onnx": lambda: write_onnx(folder, WEIGHTS),
        "cross-encoder": lambda: write_bert(folder),
    }[request.param]
    assert inspect(write()).form == request.param
    return load_reranker(folder)


def test_each_text_has_a_score_whatever_it_holds(reranker: Reranker) -> None:
    scores = reranker.scores("What does the heron eat?", TEXTS)
    assert len(scores) == len(TEXTS)
    assert len({round(score, 4) for score in scores[:3]}) == 3
    assert reranker.scores("What does the heron eat?", ()) == []


def test_a_text_has_the_same_score_alone_and_in_company(reranker: Reranker) -> None:
    together = reranker.scores("heron", TEXTS)
    for place, text in enumerate(TEXTS):
        assert reranker.scores("heron", (text,))[0] == pytest.approx(together[place], abs=1e-3)


def test_a_call_that_nobody_wants_any_more_ends_between_batches(reranker: Reranker) -> None:
    calls = 0

    def between() -> None:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        reranker.scores("heron", TEXTS * 8, between)


def test_words_with_weights_put_the_passage_that_has_them_in_front(tmp_path: Path) -> None:
    scores = load_reranker(write_onnx(tmp_path, WEIGHTS)).scores("zebrafish", TEXTS[:2])
    assert scores == pytest.approx([7.5, -3.0])  # the question's own words do not count


@pytest.mark.slow
def test_scores_are_those_of_the_library_that_made_the_folder(tmp_path: Path) -> None:
    from sentence_transformers import CrossEncoder
    from torch.nn import Identity

    folder = write_bert(tmp_path)
    pairs = [("what does it eat", text) for text in TEXTS]
    expected = CrossEncoder(str(folder), max_length=64).predict(pairs, activation_fn=Identity())
    found = load_reranker(folder).scores("what does it eat", TEXTS)
    assert found == pytest.approx([float(score) for score in expected], abs=1e-3)


def test_a_folder_without_a_model_is_missing(tmp_path: Path) -> None:
    for path in (tmp_path / "none", tmp_path):
        with pytest.raises(RerankerMissing) as refusal:
            load_reranker(path)
        assert refusal.value.params == {"path": str(path)}


@pytest.mark.parametrize("harm", ["cut", "no config", "config is no JSON", "no tokenizer", "not a graph"])
def test_a_folder_of_which_something_is_missing_or_cut_is_damaged(harm: str, tmp_path: Path) -> None:
    folder = write_onnx(tmp_path, WEIGHTS)
    weights = folder / "onnx" / "model.onnx"
    match harm:
        case "cut":
            weights.write_bytes(weights.read_bytes()[:40])
        case "no config":
            (folder / "config.json").unlink()
        case "config is no JSON":
            (folder / "config.json").write_text("{")
        case "no tokenizer":
            (folder / "tokenizer.json").unlink()
        case _:
            weights.write_bytes(b"\1" * 5000)
    with pytest.raises(RerankerDamaged):
        load_reranker(folder)


def test_a_model_of_another_kind_is_not_taken_for_a_reranker(tmp_path: Path) -> None:
    several = write_onnx(tmp_path / "classes", WEIGHTS, columns=3)
    with pytest.raises(NotAReranker):
        load_reranker(several)
    embeds = write_onnx(tmp_path / "embeds", WEIGHTS)
    (embeds / "config.json").write_text('{"architectures": ["BertModel"]}')
    with pytest.raises(NotAReranker):
        load_reranker(embeds)
    (embeds / "config.json").write_text('{"id2label": {"0": "a", "1": "b"}}')
    with pytest.raises(NotAReranker):
        load_reranker(embeds)


@pytest.mark.slow
def test_an_embedding_model_in_its_own_form_is_no_reranker_either(tmp_path: Path) -> None:
    with pytest.raises(NotAReranker):
        load_reranker(write_bert(tmp_path, embeds=True))
