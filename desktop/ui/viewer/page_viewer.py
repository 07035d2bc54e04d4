"""A document open at a page: title, page number, zoom, the page itself, and notes about it."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from desktop.i18n import _, number
from desktop.ui.documents.elided import ElidedLabel, plain_tip
from desktop.ui.documents.texts import said
from desktop.ui.pieces import icon_button
from desktop.ui.theme import appearance, grow, set_kind, space
from desktop.ui.viewer.find_row import FindRow
from desktop.ui.viewer.page_canvas import PageCanvas
from desktop.ui.viewer.page_text import PageText
from desktop.ui.viewer.parts import NoteBar, PageField
from desktop.ui.viewer.thumbnails import ThumbnailStrip
from desktop.view_models.document_find import DocumentFind
from desktop.view_models.thumbnails import Thumbnails
from desktop.view_models.viewer import ViewerViewModel


class PageViewer(QWidget):
    """May stand in a side area or as a window of its own; wants 560 px, does with 340.

    PageUp and PageDown turn pages, + and - zoom, 0 fits the width, Ctrl+C copies the passage, Escape
    closes. `copied(text)` after a copy.
    """

    copied = Signal(str)

    def __init__(self, view_model: ViewerViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view_model = view_model
        set_kind(self, "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        grow(self, least_width=340)
        self.canvas = PageCanvas(view_model, self)
        self.text = PageText(self)
        self.title = ElidedLabel(self, Qt.TextElideMode.ElideRight)
        set_kind(self.title, "title")
        self.previous_button = icon_button("chevron_left", "", view_model.previous_page)
        self.next_button = icon_button("chevron_right", "", view_model.next_page)
        self.zoom_out_button = icon_button("zoom_out", "", view_model.zoom_out)
        self.zoom_in_button = icon_button("zoom_in", "", view_model.zoom_in)
        self.fit_button = icon_button("fit_width", "", view_model.fit_width)
        self.copy_button = icon_button("copy", "", self.copy)
        self.close_button = icon_button("close", "", view_model.close)
        self.page_field = PageField(self)
        self._of_label = QLabel(self)
        set_kind(self._of_label, "muted")
        self.finder = FindRow(DocumentFind(view_model.core, view_model, self), self)
        self.note = NoteBar(self)
        self.strip = ThumbnailStrip(Thumbnails(view_model, self), self)
        self.strip.hide()
        self.strip_button = icon_button("panel_left", "", self._show_strip)
        self.strip_button.setCheckable(True)
        self._stage = QWidget(self)
        self.back_button = QPushButton(self._stage)
        self.back_button.hide()
        self._build()
        self._connect()
        self.retranslate()

    def _build(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(space.s, space.s, space.s, 0)
        head.setSpacing(space.xs)
        head.addWidget(self.strip_button)
        head.addWidget(self.title, 1)
        head.addWidget(self.close_button)
        tools = QHBoxLayout()
        tools.setContentsMargins(space.s, 0, space.s, space.s)
        tools.setSpacing(space.xs)
        for widget in (self.previous_button, self.page_field, self._of_label, self.next_button):
            tools.addWidget(widget)
        tools.addStretch(1)
        for widget in (self.copy_button, self.zoom_out_button, self.fit_button, self.zoom_in_button):
            tools.addWidget(widget)
        line = QFrame(self)
        set_kind(line, "line")
        self._stack = QStackedLayout(self._stage)
        self._stack.addWidget(self.canvas)
        self._stack.addWidget(self.text)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addLayout(tools)
        column.addWidget(self.finder)
        column.addWidget(line)
        column.addWidget(self.note)
        body = QHBoxLayout()
        body.setSpacing(0)
        body.addWidget(self.strip)
        body.addWidget(self._stage, 1)
        column.addLayout(body, 1)

    def _connect(self) -> None:
        model = self._view_model
        model.changed.connect(self._show)
        model.revealed.connect(self._reveal)
        self.canvas.turned_on.connect(self._turn_on)
        self.canvas.turned_back.connect(self._turn_back)
        self.page_field.page_chosen.connect(self._choose_page)
        self.note.retry_button.clicked.connect(model.retry)
        self.back_button.clicked.connect(model.back_to_passage)
        for widget in (self.canvas, self.text, self.canvas.viewport(), self.text.viewport()):
            widget.installEventFilter(self)
        worn = appearance()
        if worn is not None:
            worn.changed.connect(self.text.mark_anew)

    def retranslate(self) -> None:
        """Say everything in the language in use."""
        names = {
            self.previous_button: _("Previous page"),
            self.next_button: _("Next page"),
            self.zoom_out_button: _("Smaller"),
            self.zoom_in_button: _("Larger"),
            self.fit_button: _("Fit the width"),
            self.copy_button: _("Copy the passage"),
            self.close_button: _("Close"),
            self.strip_button: _("Small pages"),
        }
        for button, name in names.items():
            button.setToolTip(name)
            button.setAccessibleName(name)
        self.page_field.setAccessibleName(_("Page"))
        self.note.retranslate()
        self.finder.retranslate()
        self.strip.retranslate()
        self._show()

    # ── showing ──

    def _show(self) -> None:
        model = self._view_model
        self.title.setText(model.title)
        self.title.setToolTip(plain_tip(model.file))
        self.page_field.show_page(model.page, model.pages)
        self._of_label.setText(_("of {pages}").format(pages=number(model.pages)) if model.pages else "")
        self.previous_button.setEnabled(model.page > 1)
        self.next_button.setEnabled(model.page < model.pages)
        self.copy_button.setEnabled(bool(model.passage))
        self.fit_button.setEnabled(not model.fits_width)
        offered = model.is_open and model.mode == "page" and model.pages > 1
        self.strip_button.setEnabled(offered)
        self.strip.setVisible(offered and self.strip_button.isChecked())
        self.strip.follow_page()
        in_text = model.mode == "text"
        if in_text:
            self._show_text()
        self._stack.setCurrentWidget(self.text if in_text else self.canvas)
        self._show_note()
        self._show_way_back()
        self._describe()

    def _show_strip(self) -> None:
        self._show()
        if self.strip.isVisible():
            self.strip.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_text(self) -> None:
        model = self._view_model
        self.text.set_look(model.zoom, code=model.is_code)
        if model.page_text or not model.on_target_page:
            self.text.show_text(model.page_text, model.span)
        elif model.waiting:
            self.text.show_text("", None)
        else:  # only the passage is left
            self.text.show_text(model.passage, (0, len(model.passage)) if model.passage else None)

    def _show_note(self) -> None:
        """What is wrong with this page, in words, and the passage where it cannot be marked."""
        model = self._view_model
        words, quote = "", ""
        if model.image_problem is not None:
            words = said(model.image_problem)
            if model.page_text:
                words += " " + _("Below is the text that was kept of this page.")
            elif model.passage and not model.waiting:
                words += " " + _("Below is the passage as it was cited.")
        elif model.text_problem is not None and model.text_problem.code == "unknown_document":
            if model.passage:
                words = _("This document is no longer in the library, so the passage cannot be marked.")
                quote = model.passage
        elif model.text_problem is not None:
            words, quote = said(model.text_problem), model.passage
        elif model.changed_since:
            words = _("This document has changed since it was cited. The passage was:")
            quote = model.passage
        if model.mode == "text" and not model.page_text:
            quote = ""  # it stands below
        self.note.show_note(words, quote, can_retry=model.image_problem is not None)

    def _show_way_back(self) -> None:
        model = self._view_model
        away = model.is_open and bool(model.passage) and not model.on_target_page
        if away:
            page = number(model.target_page)
            self.back_button.setText(_("Back to the passage, page {page}").format(page=page))
        self.back_button.setVisible(away)
        self._place_way_back()

    def _place_way_back(self) -> None:
        self.back_button.adjustSize()
        room = self._stage.rect()
        size = self.back_button.size()
        self.back_button.move((room.width() - size.width()) // 2, room.height() - size.height() - space.l)
        self.back_button.raise_()

    def _describe(self) -> None:
        """What a screen reader says of the page: where one is, the passage, then the page's text."""
        model = self._view_model
        if not model.is_open:
            name = ""
        else:
            name = _("{title}, page {page} of {pages}").format(
                title=model.title, page=number(model.page), pages=number(model.pages or model.page)
            )
            if model.passage and model.on_target_page:
                name += ". " + _("Passage: {text}").format(text=model.passage)
        for widget in (self, self.canvas, self.text):
            widget.setAccessibleName(name)
        self.canvas.setAccessibleDescription(model.page_text)

    def _reveal(self) -> None:
        if self._view_model.mode == "text":
            self.text.reveal()

    # ── acting ──

    def _turn_on(self) -> None:
        self.canvas.show_end_next(False)
        self._view_model.next_page()

    def _turn_back(self) -> None:
        self.canvas.show_end_next(self._view_model.page > 1)
        self._view_model.previous_page()

    def _choose_page(self, page: int) -> None:
        self._view_model.go_to(page)
        self.focus_page()

    def focus_page(self) -> None:
        """Let the page have the keys."""
        page = self.text if self._view_model.mode == "text" else self.canvas
        page.setFocus(Qt.FocusReason.OtherFocusReason)

    def copy(self) -> None:
        """Copy what is selected by hand, else the passage."""
        selected = self.text.textCursor().selection().toPlainText() if self._view_model.mode == "text" else ""
        words = selected or self._view_model.passage
        if words:
            QGuiApplication.clipboard().setText(words)
            self.copied.emit(words)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent):
            if event.type() == QEvent.Type.ShortcutOverride and self._action_for(event) is not None:
                event.accept()  # these keys are ours while the page has the focus
                return True
            if event.type() == QEvent.Type.KeyPress and self._act_on(event):
                return True
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self._act_on(event):
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        # here Ctrl with plus and minus is for the page, everywhere else for the size of all text
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            control = event.modifiers() & Qt.KeyboardModifier.ControlModifier
            if control and self._action_for(event) is not None:
                event.accept()
                return True
        return super().event(event)

    def _act_on(self, event: QKeyEvent) -> bool:
        action = self._action_for(event)
        if action is None:
            return False
        action()
        event.accept()
        return True

    def _action_for(self, event: QKeyEvent) -> Callable[[], None] | None:
        model = self._view_model
        if event.matches(QKeySequence.StandardKey.Copy):
            return self.copy
        if event.matches(QKeySequence.StandardKey.Find):
            return self.finder.field.setFocus
        plain = event.modifiers() & ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier)
        if plain and plain != Qt.KeyboardModifier.ControlModifier:
            return None
        zooms = {
            Qt.Key.Key_Plus: model.zoom_in,
            Qt.Key.Key_Equal: model.zoom_in,
            Qt.Key.Key_Minus: model.zoom_out,
            Qt.Key.Key_0: model.fit_width,
        }
        if plain:  # with Ctrl, as in a browser
            return zooms.get(Qt.Key(event.key()))
        turns = {
            Qt.Key.Key_PageDown: self._turn_on,
            Qt.Key.Key_PageUp: model.previous_page,
            Qt.Key.Key_Escape: model.close,
        }
        return (zooms | turns).get(Qt.Key(event.key()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.canvas.report_room()
        self._place_way_back()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)
