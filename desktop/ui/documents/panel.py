"""The documents panel: what there is, what is being added, what went wrong. Paints and forwards."""

import os

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
)
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from desktop.i18n import _
from desktop.ui.conversation.drop import files_of, holds_documents
from desktop.ui.documents import texts
from desktop.ui.documents.bars import ProblemBar, ProgressCard, UndoBar
from desktop.ui.documents.chooser import CollectionChooser
from desktop.ui.documents.list_view import DocumentList
from desktop.ui.documents.password_card import PasswordCard
from desktop.ui.drop_veil import DropVeil
from desktop.ui.file_dialogs import Mode, ask_for_files
from desktop.ui.models.drop import parted
from desktop.ui.pieces import icon_button, icon_label, label, put_icon
from desktop.ui.theme import grow, layout, set_kind, space
from desktop.ui.yielding import Scrolling
from desktop.view_models.document_rows import DocumentRow
from desktop.view_models.documents import DocumentsViewModel
from desktop.view_models.passwords import PasswordQuestion
from rag.reading import SUFFIXES

OUTCOME_MS = 10_000
LIST_LEAST_PX = 110  # in a low window the panel scrolls rather than show less than a document
WAIT_MS = 300  # a shorter wait needs no words


class DocumentsPanel(QWidget):
    """320 px wide beside the chat, or a page of its own: its content stays 760 px wide at most.

    `titled` False leaves the heading out, for a frame that has one.
    """

    models_dropped = Signal(list)  # paths of model files that lay among what was dropped
    folder_chosen = Signal(str)  # a folder that was added: it may be watched

    def __init__(
        self, view_model: DocumentsViewModel, parent: QWidget | None = None, *, titled: bool = True
    ) -> None:
        super().__init__(parent)
        self._view_model = view_model
        self.setAcceptDrops(True)
        self._heading = QLabel(self)
        set_kind(self._heading, "title")
        self._heading.setVisible(titled)
        self.chooser = CollectionChooser(view_model, self)
        self.list = DocumentList(self)
        self.progress_card, self.undo_bar, self.problem_bar = (
            ProgressCard(self),
            UndoBar(self),
            ProblemBar(self),
        )
        self.password = PasswordQuestion(view_model.core, view_model, self)
        self.password_card = PasswordCard(self.password, self)
        self.empty = _Empty(self)
        self.add_button = QPushButton(self)
        self.folder_button = icon_button("folder", _("Add folder"))  # both in words do not fit in Spanish
        self._outcome = label("", "caption", wrap=True)
        self._outcome.setParent(self)
        self._outcome.hide()
        self._outcome_timer = QTimer(self)
        self._outcome_timer.setSingleShot(True)
        self._outcome_timer.setInterval(OUTCOME_MS)
        self._outcome_timer.timeout.connect(self._outcome.hide)
        self._veil = DropVeil(self, "panel", "sage", space.m)
        self._footer = QWidget(self)
        grow(self.list, least_height=LIST_LEAST_PX)
        self._build()
        self._connect()
        self.retranslate()

    def _build(self) -> None:
        put_icon(self.add_button, "plus", "muted")
        buttons = QHBoxLayout(self._footer)
        buttons.setContentsMargins(0, 0, 0, 0)
        buttons.setSpacing(space.s)
        buttons.addWidget(self.add_button, 1)
        buttons.addWidget(self.folder_button)
        self._stack = QStackedLayout()
        self._stack.addWidget(self.list)
        self._stack.addWidget(self.empty)
        self._line = line = QFrame(self)
        set_kind(line, "line")
        inner = QWidget(self)
        self._above = column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(space.m)
        column.addWidget(self.problem_bar)
        column.addWidget(self.chooser)
        column.addWidget(line)
        column.addLayout(self._stack, 1)
        column.addWidget(self._outcome)
        column.addWidget(self.password_card)
        column.addWidget(self.progress_card)
        column.addWidget(self.undo_bar)
        self._scrolled = Scrolling(inner, self)
        content = QWidget(self)
        grow(content, most_width=layout.conversation_px)
        around = QVBoxLayout(content)
        around.setContentsMargins(space.l, space.m, space.l, space.l)
        around.setSpacing(space.m)
        around.addWidget(self._heading)
        around.addWidget(self._scrolled, 1)
        around.addWidget(self._footer)
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addStretch(1)
        outer.addWidget(content, 1000)
        outer.addStretch(1)

    def hide_chooser(self, hidden: bool) -> None:
        """For a page that has the collections at its side."""
        self.chooser.setVisible(not hidden)
        self._line.setVisible(not hidden)

    def put_above(self, widget: QWidget) -> None:
        """Show something between the collection and its documents."""
        self._above.insertWidget(self._above.indexOf(self.chooser) + 1, widget)

    def _connect(self) -> None:
        model = self._view_model
        model.documents_changed.connect(self._show_documents)
        model.progress_changed.connect(self._show_progress)
        model.removal_changed.connect(self._show_removal)
        model.problem_changed.connect(self._show_problem)
        model.status_changed.connect(self._show_problem)
        self.list.open_requested.connect(model.open)
        self.list.retry_requested.connect(self._retry)
        self.list.remove_requested.connect(model.remove)
        self.progress_card.cancelled.connect(model.cancel)
        self.progress_card.pause_wanted.connect(model.pause)
        self.list.first_wanted.connect(model.put_first)
        self.list.forget_wanted.connect(lambda row: self.password.forget(row.file))
        self.list.selectionModel().selectionChanged.connect(lambda *_: self.password.look())
        self.password.changed.connect(self._show_known)
        self.undo_bar.undone.connect(model.undo_removal)
        self.undo_bar.declined.connect(model.forget_removal)
        self.problem_bar.dismissed.connect(model.dismiss_problem)
        self.password.changed.connect(lambda: self._come_into_view(self.password_card))
        model.removal_changed.connect(lambda: self._come_into_view(self.undo_bar))
        self.empty.button.clicked.connect(self.ask_for_files)
        self.add_button.clicked.connect(self.ask_for_files)
        self.folder_button.clicked.connect(self.ask_for_folder)

    def retranslate(self) -> None:
        """Say everything in the language in use."""
        self._heading.setText(_("Documents"))
        self.add_button.setText(_("Add files"))
        self.folder_button.setToolTip(_("Add folder"))
        self.folder_button.setAccessibleName(_("Add folder"))
        for part in (
            self.chooser,
            self.list,
            self.password_card,
            self.progress_card,
            self.undo_bar,
            self.problem_bar,
            self.empty,
        ):
            part.retranslate()
        self._show_documents()
        self._show_progress()
        self._show_removal()
        self._show_problem()

    # ── showing ──

    def _show_known(self) -> None:
        self.list.unlocked = self.password.known

    def _show_documents(self) -> None:
        model = self._view_model
        rows = model.rows
        self.list.show_rows(rows)
        nothing = not rows and model.work is None
        self._stack.setCurrentWidget(self.empty if nothing else self.list)
        self.empty.show_waiting(not model.loaded)
        self._footer.setVisible(not nothing)

    def _show_progress(self) -> None:
        model = self._view_model
        work = model.work
        self.progress_card.show_progress(work, paused=model.queue.paused)
        if work is not None and work.collection == model.current:
            self.list.rows_model.set_progress(work.file, work.fraction_of_file)
        else:
            self.list.rows_model.set_progress("", 0.0)
        line = "" if model.outcome is None else texts.outcome_line(model.outcome)
        if line != self._outcome.text() or not line:
            self._outcome.setText(line)
            self._outcome.setVisible(bool(line))
            if line:
                self._outcome_timer.start()
        self._show_documents()

    def _retry(self, row: DocumentRow) -> None:
        if row.asks_for_password:
            self.password.ask(row)
        else:
            self._view_model.retry(row)

    def _show_removal(self) -> None:
        self.undo_bar.show_removal(self._view_model.removal)

    def _come_into_view(self, card: QWidget) -> None:
        """In a low window it may stand below what is seen. Where it stands is known when it was laid out."""
        if card.isVisibleTo(self):
            QTimer.singleShot(0, card, lambda: self._scrolled.ensureWidgetVisible(card))

    def _show_problem(self) -> None:
        model = self._view_model
        if model.status.problem is not None:
            # it stands as long as the library cannot be used
            self.problem_bar.show_problem(model.status.problem, can_close=False)
        else:
            self.problem_bar.show_problem(model.problem)

    # ── adding ──

    def ask_for_files(self) -> None:
        """Let the person choose files, without stopping the window."""
        patterns = " ".join(f"*{suffix}" for suffix in sorted(SUFFIXES))
        filters = [_("Documents") + f" ({patterns})", _("All files") + " (*)"]
        ask_for_files(self, _("Add documents"), self._view_model.add, Mode.ExistingFiles, filters)

    def ask_for_folder(self) -> None:
        """Let the person choose a folder; all documents below it are added."""
        ask_for_files(self, _("Add a folder"), self._add, Mode.Directory)

    def _add(self, paths: list[str]) -> None:
        self._view_model.add(paths)
        for path in paths:
            if os.path.isdir(path):  # noqa: PTH112 - Path.is_dir() raises where a folder may not be entered
                self.folder_chosen.emit(path)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if holds_documents(event.mimeData()):
            event.acceptProposedAction()
            collection = texts.collection_name(self._view_model.current)
            self._veil.cover(_("Drop to add to {collection}").format(collection=collection))

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:  # noqa: ARG002
        self._veil.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        self._veil.hide()
        models, others = parted(files_of(event.mimeData()))
        event.acceptProposedAction()
        if models:
            self.models_dropped.emit(models)
        if others:
            self._add(others)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)


class _Empty(QWidget):
    """One sentence, one button."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._sign, self._label, self.button = (
            icon_label("documents", "sage", 40),
            label(wrap=True),
            QPushButton(self),
        )
        self._label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        set_kind(self._label, "muted")
        set_kind(self.button, "primary")
        box = QVBoxLayout(self)
        box.setSpacing(space.l)
        box.addStretch(2)
        box.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignCenter)
        box.addWidget(self._label)
        box.addWidget(self.button, 0, Qt.AlignmentFlag.AlignCenter)
        box.addStretch(3)
        self._waiting = False
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(WAIT_MS)
        self._patience.timeout.connect(self._label.show)
        self.retranslate()

    def retranslate(self) -> None:
        self.button.setText(_("Add documents"))
        self.show_waiting(self._waiting)

    def show_waiting(self, waiting: bool) -> None:
        """Before the library has answered, nobody knows that there is nothing."""
        began, self._waiting = waiting and not self._waiting, waiting
        self._label.setText(
            _("Opening the library")
            if waiting
            else _("Add a PDF, a Word file, a book or a text, and ask about what it says.")
        )
        self._sign.setVisible(not waiting)
        self.button.setVisible(not waiting)
        if not waiting:
            self._patience.stop()
            self._label.show()
        elif began:
            self._label.hide()
            self._patience.start()
