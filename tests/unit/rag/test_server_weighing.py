"""Passages of a server are held to the same floor as one's own."""

from rag.found_values import Hit
from rag.search.ruler import Ruler
from rag.server.weighing import weighed


def hit(text: str, cosine: float) -> Hit:
    return Hit(1, 1, "a.pdf @ there", "A", 1, 0, len(text), text, "", cosine)


def test_what_lies_as_far_as_texts_that_share_nothing_is_not_shown() -> None:
    near = hit("A ticket costs seven euros for adults.", 0.9)
    far = hit("The bees return to the hive.", 0.71)
    kept = weighed("How much does a ticket cost?", [near, far], Ruler(0.75))
    assert [one.text for one in kept] == [near.text]
    assert kept[0].evidence.cosine == 0.9
    assert 0.1 < kept[0].evidence.confidence < 1


def test_words_of_the_question_speak_for_a_passage_whatever_their_marks() -> None:
    question = "¿Cuándo abre la biblioteca de Málaga?"
    (plain,) = weighed(question, [hit("Un texto sobre otra cosa en la ciudad.", 0.85)], Ruler(0.75))
    (held,) = weighed(question, [hit("LA BIBLIOTECA DE MALAGA abre a las nueve.", 0.85)], Ruler(0.75))
    assert (held.evidence.words_share, plain.evidence.words_share) == (1, 0)
    assert held.evidence.confidence > plain.evidence.confidence
    assert held.evidence.language == "same"


def test_a_question_in_another_language_is_not_held_to_its_words() -> None:
    (found,) = weighed(
        "¿Cuánto cuesta la entrada del museo?",
        [hit("The ticket to it costs seven euros.", 0.82)],
        Ruler(0.75),
    )
    assert found.evidence.language == "other"
    assert found.evidence.words_share == 0
