"""Scenes of the page on how well documents are found: empty, a question that is typed, proposals, a score."""

from desktop.ui.score.page import ScorePage
from tests.fakes.samples import documents
from tests.gui.scene_register import scene
from tests.gui.stage import Stage, settle, wait_for

_EN = (
    "How much does a ticket cost?",
    "When does the museum open?",
    "Which bus goes there?",
    "Who may come in free?",
)
_ES = (
    "¿Cuánto cuesta la entrada?",
    "¿Cuándo abre el museo?",
    "¿Qué autobús va hasta allí?",
    "¿Quién entra gratis?",
)


def _page(stage: Stage, asked: int = 0) -> ScorePage:
    core = stage.core
    core.documents = [info for info in documents() if info.state == "indexed"]
    texts = _ES if core.settings["language"] == "es" else _EN
    document = next(info for info in core.documents if info.pages > 3)
    for text in texts[:asked]:
        core.add_question(text, document.document, 3, 0, 40).result(5)
    stage.open(chat=2)
    page = stage.workspace.show_page("score")
    assert isinstance(page, ScorePage)
    settle(100)
    return page


@scene
def scene_score_empty(stage: Stage) -> None:
    _page(stage)


@scene
def scene_score_question(stage: Stage) -> None:
    page = _page(stage, 2)
    page.questions.field.setText((_ES if stage.core.settings["language"] == "es" else _EN)[2])
    page.questions.field.returnPressed.emit()
    settle(200)


@scene
def scene_score_proposals(stage: Stage) -> None:
    page = _page(stage, 1)
    page.questions.make.click()
    settle(200)


@scene
def scene_score_measured(stage: Stage) -> None:
    page = _page(stage, 4)
    page.measured.measure.click()
    wait_for(lambda: page.measured.plot.drawn)
    settle(200)
    bar = page.area.verticalScrollBar()
    bar.setValue(bar.maximum())
    page.measured.table.setFocus()
    settle(100)
