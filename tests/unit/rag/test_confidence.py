"""What evidence is worth, and how a model's cosines are read."""

import math

import numpy as np
import pytest

from rag.search.candidates import Weighed
from rag.search.confidence import confidence
from rag.search.ruler import UNRELATED, Ruler, measured
from rag.search.words import words_of
from rag.search_tuning import FLOOR
from rag.search_values import LanguageMatch
from tests.unit.rag.test_search import weighed


def sure(cosine: float | None, share: float = 0.0, language: LanguageMatch = "same") -> float:
    item: Weighed = weighed(1, cosine, language=language)
    item.words_share = share
    return confidence(item, Ruler(0.8))


def test_nearness_and_words_both_make_it_surer() -> None:
    assert sure(0.9, 0.8) > sure(0.9, 0.2) > sure(0.85, 0.2) > sure(0.75)
    assert sure(0.85, 0.0, "other") > sure(0.85, 0.0)
    assert 0 < sure(-1.0) < FLOOR < sure(0.85)


def test_what_is_not_embedded_yet_can_stand_above_the_floor_by_its_words() -> None:
    assert sure(None, 0.5) > FLOOR


def test_a_models_ruler_is_the_cosine_of_texts_that_share_nothing() -> None:
    apart = np.eye(len(UNRELATED), dtype=np.float32)
    assert measured(lambda _: apart) == Ruler(0.0)
    together = (apart + 1) / np.linalg.norm(apart + 1, axis=1, keepdims=True)
    ruler = measured(lambda _: together)
    assert 0.9 < ruler.unrelated < 1
    assert ruler.nearness(ruler.unrelated) == 0
    assert ruler.nearness(1.0) == pytest.approx(1.0)
    assert Ruler(1.0).nearness(1.0) == 0  # a model that calls everything alike divides nothing by nothing


def test_rare_words_tell_more_and_words_that_are_everywhere_tell_nothing() -> None:
    where = {'"albatross"': [1], '"bird"': range(1, 51), '"thing"': range(1, 3_000)}
    words = words_of("the albatross bird thing", lambda match, most: list(where[match])[:most], 4_000)
    assert words.words == ("albatross", "bird", "thing")
    assert words.share(1) == 1.0
    assert 0 < words.share(2) < 0.5 < 1 - words.share(2)
    assert words.share(77) == 0
    assert not math.isnan(words_of("", lambda *_: [], 0).share(1))


def test_only_the_rarest_words_are_weighed_and_common_ones_together_where_there_are_no_others() -> None:
    def looked_for(**count: int) -> str:
        def holding(match: str, most: int) -> list[int]:
            return list(range(count[match.strip('"')]))[:most]

        return words_of(" ".join(count), holding, 100_000).match

    assert looked_for(thing=9_000, albatross=3) == '"albatross"'
    assert looked_for(thing=9_000, work=8_000) == '"thing" AND "work"'
    assert looked_for(x1=2_000, x2=2_000, x3=2_000, x4=1_999, x5=1) == '"x5" OR "x4" OR "x1" OR "x2"'
