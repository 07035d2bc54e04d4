"""Which ways of searching are tried, what a score says, and which questions of a model are shown."""

import pytest

from desktop.core.scoring import making
from desktop.core.scoring.variants import together, tried
from desktop.core.settings import Value, setting
from desktop.core.types.scoring import LibraryScore, Variant, VariantScore


def by_default(name: str) -> Value:
    return setting(name).default


def score(*ranks: int, passages: int = 5, **changed: Value) -> VariantScore:
    return VariantScore(Variant(dict(changed), passages), ranks)


def test_recall_and_mrr_follow_from_the_places() -> None:
    one = score(1, 2, 0, 6)
    assert [one.recall(k) for k in (1, 5, 6)] == [0.25, 0.5, 0.75]
    assert one.mrr == pytest.approx((1 + 1 / 2 + 1 / 6) / 4)
    assert (score().recall(5), score().mrr) == (0.0, 0.0)


def test_each_way_that_is_tried_differs_from_the_present_in_one_setting() -> None:
    first, *others = tried(by_default)
    assert first.settings == {}
    assert all(len(one.settings) == 1 for one in others)
    assert all(by_default(name) != value for one in others for name, value in one.settings.items())
    assert {one.passages for one in others if "excerpts" in one.settings} == {3, 8, 12}
    assert not any("reranker_path" in one.settings for one in others)
    with_reranker = tried(lambda name: "/models/r" if name == "reranker_path" else by_default(name))
    assert any(one.settings == {"reranker_path": ""} for one in with_reranker)


def test_the_best_way_finds_more_or_finds_it_further_in_front() -> None:
    def best(*scores: VariantScore) -> int:
        return LibraryScore("c", (), scores).best

    present = score(1, 2, 0, 6)
    assert best(present, score(2, 2, 0, 6, word_weight_percent=0)) == 0
    assert best(present, score(1, 2, 0, 6, drawn_together=False)) == 0  # no better
    assert best(present, score(1, 1, 0, 6, drawn_together=False)) == 1
    assert best(present, score(1, 2, 3, 6, word_weight_percent=0), score(1, 1, 0, 6)) == 1
    # more passages have to bring something, fewer may cost a little
    assert best(present, score(1, 2, 0, 6, passages=12, excerpts=12)) == 1
    assert best(score(1, 1, 1), score(1, 1, 1, passages=12, excerpts=12)) == 0
    assert best(score(1, 1, 1), score(1, 1, 1, passages=3, excerpts=3)) == 1


def test_changes_that_help_by_themselves_are_tried_together() -> None:
    present = score(2, 2)
    words, alike = score(1, 2, word_weight_percent=200), score(2, 1, drawn_together=False)
    assert together((present, words)) is None
    joined = together((present, words, score(1, 1, word_weight_percent=50), alike, score(9, 9, x=1)))
    assert joined is not None
    assert joined.settings == {"word_weight_percent": 50, "drawn_together": False}


PASSAGE = "A ticket for the museum costs seven euros. Children under twelve come in free."


@pytest.mark.parametrize(
    ("written", "question"),
    [
        ("How much does a museum ticket cost?", "How much does a museum ticket cost?"),
        (
            'Question: "What does a ticket for the museum cost?"\nAnswer: 7',
            "What does a ticket for the museum cost?",
        ),
        ("¿Cuánto cuesta el ticket del museum?", "¿Cuánto cuesta el ticket del museum?"),
        ("A ticket costs seven euros.", ""),
        ("Who opened the bridge in 1932?", ""),  # the example
        ("What is the capital of France?", ""),  # about something else
        ("Ticket?", ""),
        ("", ""),
    ],
)
def test_a_models_question_is_shown_where_it_is_one_about_its_passage(written: str, question: str) -> None:
    assert making.usable(written, PASSAGE) == question
