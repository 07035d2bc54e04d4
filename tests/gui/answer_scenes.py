"""Scenes of answers that can be checked: what stands in no source, how documents were asked, every source."""

from desktop.core.types import ExcerptsPart
from tests.fakes.samples import EXCERPTS
from tests.gui.scene_register import scene
from tests.gui.stage import Stage, settle


def _doubtful(stage: Stage) -> str:
    if stage.core.settings["language"] == "es":
        return (
            "La entrada cuesta **siete euros** y los estudiantes pagan 8 [1]. La abrió la arquitecta "
            "Matilde Ferrer en 1927, según el plano [9]."
        )
    return (
        "A ticket costs **seven euros**, and students pay 8 [1]. It was opened by the architect Matilda "
        "Farrell in 1927, as the plan says [9]."
    )


def _asked(stage: Stage, answer: str, how: ExcerptsPart) -> None:
    stage.open()
    stage.say(2, stage.texts.question, stage.texts.cited, EXCERPTS)
    stage.say(2, stage.texts.follow_up, answer, how)
    stage.session.conversation.open(2)
    settle(400)


@scene
def scene_answer_doubtful(stage: Stage) -> None:
    query = f"{stage.texts.question} {stage.texts.follow_up}"
    _asked(stage, _doubtful(stage), ExcerptsPart(EXCERPTS, query=query, read=12, documents=14, indexing=2))


@scene
def scene_answer_nothing_found(stage: Stage) -> None:
    spanish = stage.core.settings["language"] == "es"
    told = (
        "No he encontrado nada sobre esto en estos documentos."
        if spanish
        else "I found nothing about this in these documents."
    )
    _asked(stage, told, ExcerptsPart((), indexing=1))


@scene
def scene_answer_from_whole_documents(stage: Stage) -> None:
    _asked(stage, stage.texts.cited, ExcerptsPart(EXCERPTS, "whole"))


@scene
def scene_chat_sources(stage: Stage) -> None:
    _asked(stage, _doubtful(stage), ExcerptsPart(EXCERPTS))
    stage.workspace.open_panel("chat_sources")
    settle(200)


@scene
def scene_chat_sources_none(stage: Stage) -> None:
    stage.open(chat=2)
    stage.workspace.open_panel("chat_sources")
    settle(200)


@scene
def scene_why_these_passages(stage: Stage) -> None:
    stage.core.settings["excerpts"] = 1
    _asked(stage, stage.texts.cited, ExcerptsPart(EXCERPTS))
    stage.session.why.show_last()
    stage.workspace.open_panel("why")
    settle(400)
    stage.session.why.explain(102)
    settle(200)


@scene
def scene_why_without_a_question(stage: Stage) -> None:
    stage.open(chat=2)
    stage.workspace.open_panel("why")
    settle(200)
