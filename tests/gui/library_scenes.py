"""Scenes of the library: its page, its trash, folders in trouble, and what answers are drawn from."""

from msgspec.structs import replace
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QMenu

from desktop.ui.documents.page import DocumentsPage
from rag.errors import ErrorInfo, FolderGone
from rag.protocol import DocumentInfo, WatchedFolder
from tests.fakes.samples import documents
from tests.gui.scene_register import scene
from tests.gui.stage import Stage, settle


def _is_spanish(stage: Stage) -> bool:
    return stage.core.settings["language"] == "es"


def _fill(stage: Stage) -> None:
    core = stage.core
    spanish = _is_spanish(stage)
    travel, work = ("Viajes", "Trabajo") if spanish else ("Travel", "Work")
    there = [info for info in documents() if info.state != "indexing"]
    core.documents = [replace(info, language="es" if n % 2 else "en") for n, info in enumerate(there)]
    core.documents += [
        replace(there[0], document=900 + n, collection=travel, file=f"/home/ana/{travel}/guide-{n}.pdf")
        for n in range(3)
    ]
    core.names.add(work)
    path = "/home/ana/Documentos" if spanish else "/home/ana/Documents"
    core.watched = {
        1: WatchedFolder(1, "default", path, True, 42, 1.0),
        2: WatchedFolder(2, "default", "/media/ana/USB/papers", True, 7, 1.0, _gone()),
    }


def _gone() -> ErrorInfo:
    return FolderGone(folder="/media/ana/USB/papers").info()


def _page(stage: Stage) -> DocumentsPage:
    page = stage.workspace.show_page("documents")
    assert isinstance(page, DocumentsPage)
    settle()
    return page


@scene
def scene_library(stage: Stage) -> None:
    _fill(stage)
    stage.open(chat=2)
    stage.session.documents.set_used("default", True)
    stage.window.resize(1360, 800)
    page = _page(stage)
    page.panel.list.setCurrentIndex(page.panel.list.rows_model.index(3))
    stage.core.tell_indexing(
        waiting=38,
        file="/home/ana/Documents/thesis.pdf",
        collection="default",
        stage="embedding",
        done=96,
        total=412,
        passages_per_s=11.4,
        remaining_s=740.0,
    )
    settle(200)


@scene
def scene_library_paused(stage: Stage) -> None:
    _fill(stage)
    stage.open(chat=2)
    page = _page(stage)
    stage.core.tell_indexing(waiting=38, paused=True)
    page.collections.setFocus()
    settle(100)


@scene
def scene_library_trash(stage: Stage) -> None:
    _fill(stage)
    stage.core.removed_documents = [_removed(info) for info in documents()[:3]]
    stage.core.removed_collections = {
        7: ("Recetas" if _is_spanish(stage) else "Recipes", list(documents()[:2]))
    }
    stage.open(chat=2)
    page = _page(stage)
    settle(800)
    page.collections.setCurrentRow(page.collections.count() - 1)
    settle(100)


def _removed(info: DocumentInfo) -> DocumentInfo:
    return replace(info, removed_at=1_700_000_000.0)


@scene
def scene_library_empty(stage: Stage) -> None:
    stage.open(chat=2)
    _page(stage)


@scene
def scene_what_answers_are_drawn_from(stage: Stage) -> None:
    _fill(stage)
    stage.open(chat=2)
    settle(100)
    stage.session.documents.set_used("default", True)
    settle()
    button = stage.workspace.composer.collections
    menu = button.menu_of_collections()
    stage.pop_up(menu, button.mapToGlobal(QPoint(0, -menu.sizeHint().height() - 4)))


@scene
def scene_one_question_from_other_documents(stage: Stage) -> None:
    _fill(stage)
    stage.open(chat=2)
    settle(100)
    stage.session.documents.set_used("default", True)
    stage.session.documents.set_once(("Viajes" if _is_spanish(stage) else "Travel",))
    settle()


@scene
def scene_one_question_to_every_document(stage: Stage) -> None:
    _fill(stage)
    stage.open(chat=2)
    settle(100)
    stage.session.documents.set_used("default", True)
    stage.session.documents.set_reading("every")
    settle()
    button = stage.workspace.composer.collections
    menu = button.menu_of_collections()
    inner = [action.menu() for action in menu.actions() if action.menu()][-1]
    assert isinstance(inner, QMenu)
    stage.pop_up(inner, button.mapToGlobal(QPoint(0, -inner.sizeHint().height() - 4)))
