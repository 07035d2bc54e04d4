"""What every core does with a person's own questions, and the score they give."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.core.contract import Core
from desktop.core.errors import CoreError
from desktop.core.services import open_core
from desktop.core.settings import Settings
from desktop.core.types.scoring import MakingQuestions, Scoring
from desktop.core.workers.launches import Launches
from desktop.core.workers.supervisor import Launch
from tests.fakes.core import FakeCore
from tests.fakes.house import PATIENCE_S, FakeLaunches, Heard, places_in
from tests.fakes.samples import documents

TEXT = (
    "A ticket for the museum costs seven euros on workdays and nine euros on Sundays. Children under twelve"
    " come in free, and so do their grandparents on the first Sunday of each month. The museum opens at ten."
    " Dogs stay outside, and bicycles are left at the gate beside the old chestnut tree."
)
QUESTION = "How much does a ticket for the museum cost?"


class RealLibrary(FakeLaunches):
    """Library and reader are the program's own; the models are fakes."""

    def library(self) -> Launch:
        return Launches.library(self)

    def reader(self) -> Launch:
        return Launches.reader(self)


@pytest.fixture(params=["fake", pytest.param("real", marks=pytest.mark.slow)])
def core(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Core]:
    if request.param == "fake":
        made: Core = FakeCore(documents=documents())
    else:
        places = places_in(tmp_path)
        made = open_core(places, RealLibrary(places, Settings(places.settings_file)), others=())
        for name in ("museum", "park"):
            (tmp_path / f"{name}.txt").write_text(f"{name}. {TEXT}", "utf-8")
            made.index((str(tmp_path / f"{name}.txt"),), "default").result(PATIENCE_S)
    yield made
    made.close()


def some_document(core: Core) -> int:
    return next(one.document for one in core.list_documents("default").result(PATIENCE_S) if one.passages)


def refused(core: Core, text: str = QUESTION, document: int = 0, page: int = 1) -> str:
    with pytest.raises(CoreError) as error:
        core.add_question(text, document or some_document(core), page).result(PATIENCE_S)
    return error.value.problem().code


def test_a_question_is_kept_once_worded_anew_and_dropped(core: Core) -> None:
    document = some_document(core)
    number = core.add_question(QUESTION, document, 1, 0, 40).result(PATIENCE_S)
    assert core.add_question(QUESTION, document, 1, 0, 40).result(PATIENCE_S) == number
    (kept,) = core.own_questions("default").result(PATIENCE_S)
    assert (kept.text, kept.document, kept.page, kept.accepted) == (QUESTION, document, 1, True)
    assert kept.quote
    assert core.accept_question(number, "What is the price?").result(PATIENCE_S)
    assert core.own_questions().result(PATIENCE_S)[0].text == "What is the price?"
    assert core.drop_questions((number, 99)).result(PATIENCE_S) == 1
    assert core.own_questions().result(PATIENCE_S) == ()
    assert not core.accept_question(number, "Gone?").result(PATIENCE_S)


def test_what_cannot_be_kept_is_refused(core: Core) -> None:
    assert refused(core, "  ") == "empty_question"
    assert refused(core, "x" * 1001) == "question_too_long"
    assert refused(core, document=99_999) == "unknown_document"
    assert refused(core, page=9_999) == "unknown_page"
    with pytest.raises(CoreError) as error:
        core.own_questions("nowhere").result(PATIENCE_S)
    assert error.value.problem().code == "unknown_collection"


def test_proposals_of_the_model_count_once_they_are_accepted(core: Core) -> None:
    with pytest.raises(CoreError) as error:
        core.score_library("default").result(PATIENCE_S)
    assert error.value.problem().code == "no_questions"
    made = core.make_questions("default", 2).result(PATIENCE_S)
    for one in made:
        assert (one.made, one.accepted) == (True, False)
    with pytest.raises(CoreError):
        core.score_library("default").result(PATIENCE_S)
    for one in made:
        core.accept_question(one.number, one.text).result(PATIENCE_S)
    assert all(one.accepted for one in core.own_questions("default").result(PATIENCE_S))


def test_a_score_tells_each_questions_place_by_the_present_settings_and_by_others(core: Core) -> None:
    core.add_question(QUESTION, some_document(core), 1).result(PATIENCE_S)
    core.set_setting("excerpts", 4).result(PATIENCE_S)
    operation = core.score_library("default")
    score = operation.result(PATIENCE_S)
    assert [one.text for one in score.questions] == [QUESTION]
    assert score.present.variant.settings == {}
    assert score.present.variant.passages == 4
    changed = {name for one in score.scores for name in one.variant.settings}
    assert {"excerpts", "word_weight_percent", "drawn_together", "relevance_floor_percent"} <= changed
    assert all(len(one.ranks) == 1 for one in score.scores)
    assert 0 <= score.best < len(score.scores)
    assert core.setting("excerpts") == 4, "a score changes nothing"


@pytest.mark.slow
def test_what_is_on_its_way_is_told(tmp_path: Path) -> None:
    places = places_in(tmp_path)
    core = open_core(places, RealLibrary(places, Settings(places.settings_file)), others=())
    try:
        (tmp_path / "museum.txt").write_text(TEXT, "utf-8")
        core.index((str(tmp_path / "museum.txt"),), "default").result(PATIENCE_S)
        core.add_question(QUESTION, some_document(core), 1, 0, 60).result(PATIENCE_S)
        heard = Heard()
        operation = core.score_library("default")
        operation.subscribe(heard)
        score = operation.result(PATIENCE_S)
        assert heard.of(Scoring)[-1] == Scoring(1, 1)
        assert score.present.ranks == (1,)
        assert (score.present.recall(1), score.present.mrr) == (1.0, 1.0)
        making = core.make_questions("default", 1)
        making.subscribe(heard)
        making.result(PATIENCE_S)
        assert heard.of(MakingQuestions)
        core.remove_documents((some_document(core),)).result(PATIENCE_S)
        assert core.own_questions().result(PATIENCE_S) == (), "its answer lies in the trash"
    finally:
        core.close()
