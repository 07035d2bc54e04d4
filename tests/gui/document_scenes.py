"""The documents panel and the page viewer, in their states."""

from desktop.core.events import LibraryStatus
from desktop.core.types import Problem
from desktop.ui.viewer import PageViewer
from tests.fakes.samples import EXCERPTS, MUSEUM, documents
from tests.gui.scene_register import scene
from tests.gui.stage import Stage, settle, wait_for


@scene
def scene_documents(stage: Stage) -> None:
    stage.core.documents = list(documents())
    stage.open(chat=2)
    stage.workspace.open_panel("documents")
    settle()
    stage.session.documents.set_used("default", True)


@scene
def scene_documents_empty(stage: Stage) -> None:
    stage.open(chat=2)
    stage.workspace.open_panel("documents")


@scene
def scene_documents_indexing(stage: Stage) -> None:
    stage.core.documents = [info for info in documents() if info.state == "indexed"]
    stage.open(chat=2)
    stage.workspace.open_panel("documents")
    settle()
    files = ["/home/ana/Documents/thesis.pdf", "/home/ana/Documents/letters.pdf"]
    stage.session.add_documents(files)
    settle(20)
    stage.core.indexings[-1].progress(files[0], "embedding", 310, 742)


@scene
def scene_documents_unavailable(stage: Stage) -> None:
    stage.core.documents = list(documents()[:3])
    stage.open(chat=2)
    stage.workspace.open_panel("documents")
    path = "/home/ana/.local/share/sobremesa/models/embeddings/multilingual-e5-small"
    stage.core.tell(LibraryStatus("unavailable", Problem("embedder_missing", {"path": path})))


@scene
def scene_viewer(stage: Stage) -> None:
    stage.open()
    stage.say(2, stage.texts.question, stage.texts.cited, EXCERPTS)
    stage.session.conversation.open(2)
    settle()
    viewer = stage.session.viewer
    viewer.show(EXCERPTS[0])
    wait_for(lambda: viewer.image is not None and bool(viewer.boxes))


@scene
def scene_viewer_without_file(stage: Stage) -> None:
    stage.open(chat=2)
    stage.core.fail("render_page", Problem("document_missing", {"file": MUSEUM}), times=50)
    stage.session.viewer.show(EXCERPTS[0])
    settle(200)


@scene
def scene_narrow_documents(stage: Stage) -> None:
    scene_documents(stage)


@scene
def scene_narrow_viewer(stage: Stage) -> None:
    scene_viewer(stage)


@scene
def scene_viewer_pages(stage: Stage) -> None:
    scene_viewer(stage)
    viewer = stage.window.findChild(PageViewer)
    assert viewer is not None
    viewer.strip_button.click()
    wait_for(lambda: viewer.strip.in_sight() != [])
    settle(900)
