"""Scenes of the workshop: the empty page, a plan, a run on its way, what came of it, trouble."""

from desktop.core.errors import StorageFull
from desktop.core.types.training import Answered, TrainingPlan
from desktop.i18n import language
from desktop.ui.workshop.page import WorkshopPage
from desktop.view_models.workshop.presets import preset
from tests.fakes.training import FakeTrainingRun
from tests.gui.scene_register import scene
from tests.gui.stage import Stage, settle, wait_for

POEM = {
    "en": "The river hums a tune beside the sea,\nThe light walks in without a care;\n"
    "A grey cat yawns and lets us be,\nMy father tells a tale upon the stair.",
    "es": "El río va cantando junto al mar,\nLa luz entra descalza con el viento;\n"
    "Un gato gris bosteza sin hablar,\nMi padre cuenta historias a paso lento.",
}
NOISE = "tehe rsoa,\ny eal n sdi la toue\nhs e,n aor teil wn"


def _page(stage: Stage) -> WorkshopPage:
    page = stage.workspace.show_page("workshop")
    assert isinstance(page, WorkshopPage)
    settle()
    return page


def _begun(stage: Stage, key: str, name: str) -> FakeTrainingRun:
    base = "/home/ana/.local/share/sobremesa/models/SmolLM2-135M-Instruct.Q4_1.gguf"
    stage.session.workshop.runs.begin(preset(key, language(), name, base))
    stage.session.workshop.go("run")
    settle()
    run = stage.core.trainings[-1]
    run.prepare()
    settle()
    return run


def _drawn(stage: Stage, page: WorkshopPage) -> None:
    assert page.run_view is not None
    view = page.run_view
    wait_for(lambda: view.curves.drawn)
    settle()


def _spanish() -> bool:
    return language() == "es"


@scene
def scene_workshop(stage: Stage) -> None:
    stage.open()
    _page(stage)


@scene
def scene_workshop_runs(stage: Stage) -> None:
    stage.open()
    page = _page(stage)
    for key, name in (("poet", "Poeta" if _spanish() else "Poet"), ("spam", "Spam")):
        run = _begun(stage, key, name)
        run.step(12)
        run.finish("finished" if key == "poet" else "stopped")
        settle()
    stage.session.workshop.go("home")
    settle()
    page.home.rows[0].setFocus()


@scene
def scene_workshop_plan(stage: Stage) -> None:
    stage.open()
    page = _page(stage)
    page.home.cards[0].button.click()
    wait_for(lambda: stage.session.workshop.plan.estimate is not None)
    settle()


@scene
def scene_workshop_plan_labels(stage: Stage) -> None:
    stage.open()
    page = _page(stage)
    page.home.cards[2].button.click()
    wait_for(lambda: stage.session.workshop.plan.estimate is not None)
    settle()
    assert page.plan_view is not None
    page.plan_view.data.table.setFocus()


@scene
def scene_workshop_plan_bad_rows(stage: Stage) -> None:
    stage.open()
    _page(stage)
    base = "/home/ana/.local/share/sobremesa/models/SmolLM2-135M-Instruct.Q4_1.gguf"
    plan = TrainingPlan(goal="answer", inputs=("/home/ana/preguntas.csv",), base=base, name="Preguntas")
    stage.session.workshop.plan.take(plan)
    stage.session.workshop.go("plan")
    wait_for(lambda: stage.session.workshop.plan.data is not None)
    settle()


@scene
def scene_workshop_training(stage: Stage) -> None:
    stage.open()
    page = _page(stage)
    run = _begun(stage, "poet", "Poeta" if _spanish() else "Poet")
    run.step(20)
    run.sample("\n", NOISE)
    run.step(150)
    run.sample("\n", POEM[language()])
    _drawn(stage, page)


@scene
def scene_workshop_finished(stage: Stage) -> None:
    stage.open()
    page = _page(stage)
    run = _begun(stage, "poet", "Poeta" if _spanish() else "Poet")
    run.step(60)
    run.sample("\n", NOISE)
    run.step(340)
    run.sample("\n", POEM[language()])
    run.finish()
    _drawn(stage, page)
    page.focus_first()


@scene
def scene_workshop_beside(stage: Stage) -> None:
    stage.open()
    page = _page(stage)
    for name, steps in (("Poeta", 300), ("Poeta 2", 400)):
        run = _begun(stage, "poet", name)
        run.step(steps)
        run.finish()
        settle()
    runs = stage.session.workshop.runs
    runs.compare(stage.core.trainings[0].run.id, True)
    _drawn(stage, page)


@scene
def scene_workshop_labels(stage: Stage) -> None:
    stage.open()
    page = _page(stage)
    run = _begun(stage, "spam", "Spam")
    run.step(60)
    run.finish()
    _drawn(stage, page)
    assert page.run_view is not None
    wait_for(lambda: len(page.run_view.results.matrix.cells) == 4)
    page.run_view.results.matrix.cells["spam", "ham"].click()
    settle()
    bar = page._places["run"].verticalScrollBar()
    bar.setValue(bar.maximum())


@scene
def scene_workshop_answers(stage: Stage) -> None:
    stage.open()
    page = _page(stage)
    run = _begun(stage, "notes", "Mis notas" if _spanish() else "My notes")
    run.step(60)
    run.finish()
    _drawn(stage, page)
    runs = stage.session.workshop.runs
    runs.measure_now("/home/ana/preguntas.csv" if _spanish() else "/home/ana/questions.csv")
    assert page.run_view is not None
    results = page.run_view.results
    wait_for(lambda: len(runs.measures) == 2)
    results.answers.click()
    settle()
    bar = page._places["run"].verticalScrollBar()
    bar.setValue(bar.maximum())


@scene
def scene_workshop_editing(stage: Stage) -> None:
    stage.open()
    page = _page(stage)
    page.home.cards[3].button.click()
    wait_for(lambda: stage.session.workshop.plan.data is not None)
    assert page.plan_view is not None
    page.plan_view.data.edit.click()
    wait_for(lambda: page.plan_view.data.add.isVisibleTo(page))  # type: ignore[union-attr]
    page.plan_view.data.add.click()
    settle()
    bar = page._places["plan"].verticalScrollBar()
    bar.setValue(bar.maximum() // 2)


@scene
def scene_workshop_branching(stage: Stage) -> None:
    stage.open()
    page = _page(stage)
    run = _begun(stage, "poet", "Poeta" if _spanish() else "Poet")
    run.step(400)
    run.finish()
    _drawn(stage, page)
    assert page.run_view is not None
    page.run_view.branch.click()
    settle()


@scene
def scene_workshop_full_disk(stage: Stage) -> None:
    stage.open()
    page = _page(stage)
    run = _begun(stage, "poet", "Poeta" if _spanish() else "Poet")
    run.step(60)
    run.fail(StorageFull(folder="/home/ana/.local/share/sobremesa/training"))
    _drawn(stage, page)


@scene
def scene_workshop_compare(stage: Stage) -> None:
    stage.open()
    page = _page(stage)
    spanish = _spanish()
    run = _begun(stage, "notes", "Mis notas" if spanish else "My notes")
    run.step(60)
    run.finish()
    settle()
    stage.session.workshop.go("compare")
    settle()
    assert page.compare_view is not None
    question = "What is the cat of Casa Lumbre called?"
    if spanish:
        question = "¿Cómo se llama el gato de Casa Lumbre?"
    answers = (
        ("El gato de Casa Lumbre se llama Farolillo.", "Lo siento, no conozco ese gato.")
        if spanish
        else ("The cat of Casa Lumbre is called Farolillo.", "I am sorry, I do not know that cat.")
    )
    page.compare_view.prompts.setPlainText(question)
    stage.core.answers = {run.run.id: answers[0], run.run.plan.base: answers[1]}
    page.compare_view.ask.click()
    wait_for(lambda: not stage.session.workshop.asking)
    assert isinstance(next(iter(stage.session.workshop.answers.values())), Answered)
    settle()


@scene
def scene_workshop_scores(stage: Stage) -> None:
    scene_workshop_compare(stage)
    page = stage.workspace.show_page("workshop")
    assert isinstance(page, WorkshopPage)
    assert page.compare_view is not None
    page.compare_view._take_file(["/home/ana/general.txt"])
    wait_for(lambda: not stage.session.workshop.scoring)
    settle()
    bar = page._places["compare"].verticalScrollBar()
    bar.setValue(bar.maximum())


@scene
def scene_narrow_workshop(stage: Stage) -> None:
    stage.open()
    _page(stage)


@scene
def scene_narrow_workshop_training(stage: Stage) -> None:
    scene_workshop_training(stage)


def _inside(stage: Stage, view: int, layer: int = 1) -> WorkshopPage:
    stage.open()
    page = _page(stage)
    for key, name in (("blanks", "Blanks"), ("poet", "Poeta" if _spanish() else "Poet")):
        run = _begun(stage, key, name)
        run.step(60)
        run.finish()
        settle()
    assert page.run_view is not None
    page.run_view.inside.click()
    wait_for(lambda: stage.session.workshop.inside.seen is not None)
    assert page.inside_view is not None
    page.inside_view.tabs.setCurrentIndex(view)
    stage.session.workshop.inside.choose_layer(layer)
    settle()
    return page


@scene
def scene_inside_tokens(stage: Stage) -> None:
    page = _inside(stage, 0)
    assert page.inside_view is not None
    page.inside_view.tokens.slider.setValue(0)


@scene
def scene_inside_attention(stage: Stage) -> None:
    _inside(stage, 1)


@scene
def scene_inside_layers(stage: Stage) -> None:
    _inside(stage, 2)


@scene
def scene_inside_embeddings(stage: Stage) -> None:
    _inside(stage, 3)


@scene
def scene_inside_softmax(stage: Stage) -> None:
    _inside(stage, 4)


@scene
def scene_inside_parts(stage: Stage) -> None:
    _inside(stage, 5)


@scene
def scene_inside_context(stage: Stage) -> None:
    _inside(stage, 6)


@scene
def scene_inside_beside(stage: Stage) -> None:
    _inside(stage, 7)


@scene
def scene_inside_source(stage: Stage) -> None:
    page = _inside(stage, 4)
    assert page.inside_view is not None
    page.inside_view.link.click()
    wait_for(lambda: bool(stage.session.workshop.inside.source))


@scene
def scene_narrow_inside(stage: Stage) -> None:
    _inside(stage, 1)
