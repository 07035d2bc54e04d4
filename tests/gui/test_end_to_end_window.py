"""The real window over the real core, the real models and a real PDF: the main job, once, by hand."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pypdfium2
import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QColor, QDragEnterEvent, QDropEvent, QInputMethodEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.core.places import Places
from desktop.core.services import Services, open_core
from desktop.i18n import set_language
from desktop.ui.conversation.links import links_of
from desktop.ui.conversation.turn_widget import link_boxes
from desktop.ui.documents import DocumentsPanel
from desktop.ui.main_window import MainWindow
from desktop.ui.panels.frame import PanelFrame
from desktop.ui.theme import LIGHT, apply_theme
from desktop.ui.viewer import PageViewer
from desktop.ui.viewer.page_canvas import MARK
from desktop.view_models.session import Session

pytestmark = [pytest.mark.models, pytest.mark.slow]

LEFT = Qt.MouseButton.LeftButton
WAIT_MS = 120_000


@pytest.fixture
def core(chat_model: Path, embedding_model: Path) -> Iterator[Services]:
    core = open_core(Places.of())
    core.set_setting("model_path", str(chat_model)).result(30)
    core.set_setting("temperature", 0.0).result(30)
    core.set_setting("language", "en").result(30)
    yield core
    core.close()


@pytest.fixture
def window(qtbot: QtBot, qapp: QApplication, core: Services) -> MainWindow:
    set_language("en")
    apply_theme(qapp, LIGHT)
    window = MainWindow()
    window.allow_close()
    qtbot.addWidget(window)
    window.resize(1280, 820)
    window.show()
    window.attach(Session(core, window))
    qtbot.waitExposed(window)
    return window


def session(window: MainWindow) -> Session:
    assert window.session is not None
    return window.session


def until(qtbot: QtBot, what: str, condition: Callable[[], object]) -> None:
    began = time.monotonic()
    while not condition():
        assert (time.monotonic() - began) * 1000 < WAIT_MS, f"still waiting: {what}"
        qtbot.wait(30)


def documents_panel(window: MainWindow) -> DocumentsPanel:
    assert window.workspace is not None
    window.workspace.open_panel("documents")
    frame = window.workspace.side.currentWidget()
    assert isinstance(frame, PanelFrame)
    assert isinstance(frame.content, DocumentsPanel)
    return frame.content


def drop_on(panel: DocumentsPanel, file: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(file))])
    action, keys = Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(panel, QDragEnterEvent(QPoint(40, 40), action, data, LEFT, keys))
    QApplication.sendEvent(panel, QDropEvent(QPointF(40, 40), action, data, LEFT, keys, QEvent.Type.Drop))


def ask(qtbot: QtBot, window: MainWindow, question: str) -> None:
    assert window.workspace is not None
    field = window.workspace.composer.field
    qtbot.mouseClick(field.viewport(), LEFT)
    typed = QInputMethodEvent()  # as dead keys and other keyboards type: QTest's keys know ASCII alone
    typed.setCommitString(question)
    QApplication.sendEvent(field, typed)
    qtbot.keyClick(field, Qt.Key.Key_Return)
    conversation = session(window).conversation
    until(qtbot, "the question", lambda: len(conversation.turns) >= 2)
    until(qtbot, "the reply", lambda: not conversation.running)


def click_citation(qtbot: QtBot, window: MainWindow, page: int) -> None:
    """Click the first citation of the last reply that leads to `page`."""
    assert window.workspace is not None
    view, conversation = window.workspace.conversation, session(window).conversation
    last = len(conversation.turns) - 1
    wanted = {c.n for c in conversation.turns[last].citations if c.page == page}
    until(qtbot, "the reply on the screen", lambda: view.widget_at(last) is not None)
    qtbot.wait(100)
    widget = view.widget_at(last)
    assert widget is not None
    assert widget.entry is not None
    link = next(link for link in links_of(widget.entry) if link.cites in wanted)
    piece = widget.entry.pieces.all[link.piece]
    box = link_boxes(piece, link)[0]
    origin = widget.text_origin(piece)
    at = widget.pos() + QPoint(round(origin.x() + box.center().x()), round(origin.y() + box.center().y()))
    assert view.viewport().rect().contains(at), "the citation is out of sight"
    qtbot.mouseClick(view.viewport(), LEFT, pos=at)


def words_under_the_mark(viewer: PageViewer, file: Path, page: int) -> str:
    paper = viewer.canvas.page_rect()
    with pypdfium2.PdfDocument(file) as document:
        sheet = document[page - 1]
        width, height = sheet.get_size()
        text = sheet.get_textpage()
        lines = [
            text.get_text_bounded(
                left=(mark.left() - paper.left()) / paper.width() * width,
                right=(mark.right() - paper.left()) / paper.width() * width,
                top=height - (mark.top() - paper.top()) / paper.height() * height,
                bottom=height - (mark.bottom() - paper.top()) / paper.height() * height,
            )
            for mark in viewer.canvas.mark_rects()
        ]
    return " ".join(" ".join(lines).split())


def test_a_question_about_a_dropped_pdf_ends_at_its_marked_page(
    qtbot: QtBot, window: MainWindow, test_data: Path
) -> None:
    museum = test_data / "museum.pdf"
    panel = documents_panel(window)
    documents = session(window).documents
    until(qtbot, "a stored chat", lambda: documents.chat is not None)
    drop_on(panel, museum)
    until(qtbot, "the PDF in the library", lambda: documents.outcome is not None)
    assert documents.outcome is not None
    assert (documents.outcome.added, documents.outcome.failed) == (1, 0)
    assert panel.chooser.switch.isChecked()
    until(qtbot, "its row", lambda: panel.list.rows_model.rowCount() == 1)

    ask(qtbot, window, "How much does a ticket cost?")
    reply = session(window).conversation.turns[-1]
    assert any("seven euros" in excerpt.text and excerpt.page == 3 for excerpt in reply.excerpts)
    assert any(citation.page == 3 for citation in reply.citations), reply.text

    click_citation(qtbot, window, page=3)
    assert window.workspace is not None
    until(qtbot, "the viewer", lambda: window.workspace.panel == "viewer")
    viewer = window.workspace.side.currentWidget()
    assert isinstance(viewer, PageViewer)
    model = session(window).viewer
    until(qtbot, "the page", lambda: model.image is not None and bool(model.boxes))
    assert model.page == 3
    assert viewer.page_field.text() == "3"
    assert "seven euros" in words_under_the_mark(viewer, museum, 3)
    first = viewer.canvas.mark_rects()[0].toRect()
    painted = viewer.canvas.viewport().grab().toImage()
    assert viewer.canvas.viewport().rect().contains(first.center())
    row = [painted.pixelColor(x, first.center().y()) for x in range(first.left() + 2, first.right() - 2)]
    assert QColor(MARK) in row
    assert QColor("#FFFFFF") not in row


def test_a_spanish_question_finds_the_page_of_an_english_pdf(
    qtbot: QtBot, window: MainWindow, test_data: Path
) -> None:
    panel = documents_panel(window)
    documents = session(window).documents
    until(qtbot, "a stored chat", lambda: documents.chat is not None)
    drop_on(panel, test_data / "museum.pdf")
    until(qtbot, "the PDF in the library", lambda: documents.outcome is not None)
    ask(qtbot, window, "¿Cuánto cuesta una entrada?")
    found = session(window).conversation.turns[-1].excerpts
    assert any("seven euros" in excerpt.text and excerpt.page == 3 for excerpt in found)
