"""The models page: what a person has, what other programs keep, what comes in. Paints and forwards."""

from functools import partial

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from desktop.core.types.models import ModelFile
from desktop.i18n import _
from desktop.ui.file_dialogs import Mode, ask_for_files
from desktop.ui.folding_row import FoldingRow
from desktop.ui.line_signs import lead_with_icon, put_clear_button
from desktop.ui.models import texts
from desktop.ui.models.download_panel import DownloadPanel, HubCard
from desktop.ui.models.folder import show_in_folder
from desktop.ui.models.job_cards import DownloadCard, ImportCard, QuantizeCard
from desktop.ui.models.makers import make_download, make_import, make_job, make_offer
from desktop.ui.models.model_card import ModelCard
from desktop.ui.models.parts import flowing
from desktop.ui.models.places import Empty, GroupHead
from desktop.ui.models.stack import CardStack, Row
from desktop.ui.pieces import icon_button, label, put_icon, text_button
from desktop.ui.theme import grow, layout, space
from desktop.view_models.model_rows import SORTS, Group, groups, recommended
from desktop.view_models.models import title
from desktop.view_models.session import Session

MANY = 8  # from so many models on, there is something to search through
SAID_MS = 10_000


class ModelsPage(QWidget):
    """In the place of the conversation; `closed` asks for it back."""

    closed = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._models = session.models
        self._cards = session.model_cards
        self._imports = session.model_imports
        self._downloads = session.downloads
        self._quantizing = session.quantizing
        self._groups: tuple[Group, ...] = ()
        self._grouped: tuple[object, ...] = ()  # what `_groups` was made of
        self.searching = False  # the download panel is open
        self.setAccessibleName(_("Models"))
        self.stack = CardStack()
        self._build()
        self._connect()
        self._regroup()

    def _build(self) -> None:
        self.back = icon_button("chevron_left", _("Back to the chat"), self.closed.emit)
        self.add = text_button(_("Add a file…"), "", self.ask_for_files)
        put_icon(self.add, "plus", "muted")
        self.download = text_button(_("Download…"), "", self.open_download)
        put_icon(self.download, "arrow_down", "muted")
        title = QHBoxLayout()
        title.addWidget(self.back)
        title.addWidget(label(_("Models"), "heading"))
        title.addStretch(1)
        ways = FoldingRow()
        ways.addWidget(self.add)
        ways.addWidget(self.download)
        head = FoldingRow()
        for row in (title, ways, head):
            row.setSpacing(space.s)
        head.addLayout(title, 1)
        head.addLayout(ways)
        self.filter = _Filter()
        self.filter.textChanged.connect(self._filtered)
        self.filter.down.connect(lambda: self.focus_first())
        self.sort = QComboBox()
        self.sort.setAccessibleName(_("Order"))
        for sort in SORTS:
            self.sort.addItem(texts.sort_label(sort), sort)
        self.sort.activated.connect(self._filtered)
        self._tools = QWidget()
        tools = QHBoxLayout(self._tools)
        tools.setContentsMargins(0, 0, 0, 0)
        tools.setSpacing(space.s)
        tools.addWidget(self.filter, 1)
        tools.addWidget(self.sort)
        top = QWidget()
        grow(top, most_width=layout.conversation_px + 2 * space.l)
        column = QVBoxLayout(top)
        column.setContentsMargins(space.l, space.s, space.l, space.m)
        column.setSpacing(space.s)
        column.addLayout(head)
        column.addWidget(self._tools)
        self.said = flowing(kind="muted")
        self.said.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.said.setContentsMargins(space.l, space.s, space.l, space.s)
        self.said.hide()
        self._silence = QTimer(self)
        self._silence.setSingleShot(True)
        self._silence.setInterval(SAID_MS)
        self._silence.timeout.connect(self.said.hide)
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 0)
        page.setSpacing(0)
        centred = QHBoxLayout()
        centred.addStretch(1)
        centred.addWidget(top, 1000)
        centred.addStretch(1)
        page.addLayout(centred)
        page.addWidget(self.stack, 1)
        page.addWidget(self.said)

    def _connect(self) -> None:
        self._models.models_changed.connect(self._regroup)
        self._models.changed.connect(self._show_cards)
        self._cards.changed.connect(self._show_card)
        self._cards.outdated.connect(self._look)
        self._cards.checksum_ready.connect(self._take_checksum)
        self._cards.removed.connect(self._tell_removed)
        self._imports.changed.connect(self._show_imports)
        self._imports.added.connect(self.stack.to_top)
        self._downloads.changed.connect(self._show_search)
        self._downloads.downloads_changed.connect(self._show_downloads)
        self._quantizing.changed.connect(self._show_job)
        self.stack.in_sight.connect(self._look)
        self.stack.left.connect(self.focus_first)

    # ── rows ──

    def _regroup(self) -> None:
        many = len(self._models.models) >= MANY or bool(self.filter.text())
        self._tools.setVisible(many)
        sort = SORTS[max(0, self.sort.currentIndex())]
        wanted = (self._models.models, self.filter.text(), sort)
        if wanted != self._grouped:
            self._grouped = wanted
            self._groups = groups(self._models.models, self.filter.text(), sort)
        self._lay_rows()
        self._show_cards()

    def _filtered(self) -> None:
        self._regroup()
        self.stack.to_top()

    def _lay_rows(self) -> None:
        """Put the rows together; those that are there already stay as they are."""
        rows = [*self._job_rows(), *self._search_rows()]
        for group in self._groups:
            rows.append(Row(f"group:{group.source}", partial(GroupHead, group.source), 40))
            rows += [Row(f"model:{m.path}", partial(self._make_card, m.path)) for m in group.models]
        if not self._groups:
            rows.append(Row(self._empty_key, self._make_empty, 220))
        if [row.key for row in rows] != [row.key for row in self.stack.rows]:
            self.stack.set_rows(rows)

    def _job_rows(self) -> list[Row]:
        rows = [
            Row(f"import:{one.path}", partial(make_import, self._imports, one.path), 200)
            for one in self._imports.candidates
        ]
        if self._quantizing.job is not None:
            rows.append(Row("job", partial(make_job, self._quantizing, self._models), 120))
        rows += [
            Row(f"download:{one.key}", partial(make_download, self._downloads, self._models, one.key), 120)
            for one in self._downloads.downloads
        ]
        return rows

    def _search_rows(self) -> list[Row]:
        if not self.searching:
            return []
        rows = [Row("search", self._make_search, 160)]
        found = self._downloads.repository
        if found is not None:
            best = recommended(found.files)
            for file in found.files:
                key = f"hub:{found.id}:{found.revision}:{file.name}"
                rows.append(Row(key, partial(make_offer, self._downloads, found, file, best=file is best)))
        return rows

    @property
    def _looks_first(self) -> bool:
        """Nobody knows yet whether there are models; looking again is done quietly."""
        return self._models.listing and not self._models.listed

    @property
    def _empty_key(self) -> str:
        if self._looks_first:
            return "empty:looking"
        return f"empty:{self.filter.text()}"

    # ── making cards ──

    def _make_card(self, path: str) -> QWidget:
        model = next(model for model in self._models.models if model.path == path)
        card = ModelCard(model, self._models, self._quantizing, self._cards.state(path))
        card.wanted.connect(lambda what: self._do(card, what))
        return card

    def _make_search(self) -> QWidget:
        panel = DownloadPanel(self._downloads)
        panel.closed.connect(self.close_download)
        return panel

    def _make_empty(self) -> QWidget:
        empty = Empty(self.filter.text(), looking=self._looks_first)
        empty.add.clicked.connect(self.ask_for_files)
        empty.download.clicked.connect(self.open_download)
        return empty

    # ── showing ──

    def _show_cards(self) -> None:
        models = {model.path: model for model in self._models.models}
        for widget in self.stack.built():
            if isinstance(widget, ModelCard) and widget.model.path in models:
                widget.show_model(models[widget.model.path])
        self._look()

    def _show_card(self, path: str) -> None:
        card = self.stack.widget_of(f"model:{path}")
        if isinstance(card, ModelCard):
            card.show_state(self._cards.state(path))

    def _look(self) -> None:
        """Ask for the fits of what is in sight."""
        if not self.isVisible():
            return
        found = [self.stack.widget_of(key) for key in self.stack.visible_keys]
        cards = [card for card in found if isinstance(card, ModelCard)]
        self._cards.look(card.model.path for card in cards if card.model.problem is None and not card.in_use)

    def _show_imports(self) -> None:
        self._lay_rows()
        for candidate in self._imports.candidates:
            card = self.stack.widget_of(f"import:{candidate.path}")
            if isinstance(card, ImportCard):
                card.show_candidate(candidate)

    def _show_downloads(self) -> None:
        self._lay_rows()
        for download in self._downloads.downloads:
            card = self.stack.widget_of(f"download:{download.key}")
            if isinstance(card, DownloadCard):
                card.show_download(download)
        found = self._downloads.repository
        for widget in self.stack.built():
            if isinstance(widget, HubCard) and found is not None:
                widget.show_download(self._downloads.download_of(found.id, widget.file.name))

    def _show_search(self) -> None:
        self._lay_rows()
        panel = self.stack.widget_of("search")
        if isinstance(panel, DownloadPanel):
            panel.refresh()

    def _show_job(self) -> None:
        there = "job" in [row.key for row in self.stack.rows]
        self._lay_rows()
        card, job = self.stack.widget_of("job"), self._quantizing.job
        if isinstance(card, QuantizeCard) and job is not None:
            card.show_job(job)
        if job is not None and not there:
            self.stack.reveal("job", focus=True)

    def _say(self, words: str) -> None:
        self.said.setText(words)
        self.said.show()
        self._silence.start()

    # ── doing ──

    def _do(self, card: ModelCard, what: str) -> None:
        path, cards = card.model.path, self._cards
        match what:
            case "quantize":
                cards.ask(path, "quantize")
            case "delete":
                cards.ask(path, "remove")
            case "remove":
                cards.remove(card.model)
            case "nothing":
                cards.ask(path, "")
            case "checksum":
                cards.checksum(path)
            case "stop":
                cards.stop(path)
            case "folder":
                show_in_folder(path)
            case "copy":
                self._imports.add([path])
                self._imports.copy(path)
        if what in ("quantize", "delete"):
            QTimer.singleShot(0, self, lambda: self.stack.reveal(f"model:{path}"))

    def _take_checksum(self, path: str, sha256: tuple[str, ...]) -> None:
        QGuiApplication.clipboard().setText("\n".join(sha256))
        model = next((model for model in self._models.models if model.path == path), None)
        name = title(model) if model is not None else path
        words = _("The SHA-256 of {model} is on the clipboard: {checksum}…")
        self._say(words.format(model=name, checksum=sha256[0][:12] if sha256 else ""))

    def _tell_removed(self, model: ModelFile) -> None:
        self._say(_("{model} is in the trash.").format(model=title(model)))

    def ask_for_files(self) -> None:
        """Let the person point at model files, without stopping the window."""
        filters = [_("GGUF models") + " (*.gguf)", _("All files") + " (*)"]
        ask_for_files(self.window(), _("Add a model"), self._imports.add, Mode.ExistingFiles, filters)

    def open_download(self) -> None:
        self.searching = True
        self._lay_rows()
        self.stack.reveal("search")
        panel = self.stack.widget_of("search")
        if isinstance(panel, DownloadPanel):
            panel.take_focus()

    def close_download(self) -> None:
        self._downloads.cancel_look_up()
        self.searching = False
        self._lay_rows()
        self.download.setFocus(Qt.FocusReason.OtherFocusReason)

    # ── keys ──

    def focus_first(self) -> None:
        """The keys go to the first card, or to the way to get one."""
        for row in self.stack.rows:
            if not row.key.startswith(("group:", "search", "empty:")):
                self.stack.reveal(row.key, focus=True)
                return
        if self.filter.text():
            self.filter.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        empty = self.stack.widget_of(self._empty_key)
        target = empty.add if isinstance(empty, Empty) and empty.add.isVisible() else self.add
        target.setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)

    def showEvent(self, event: object) -> None:  # noqa: ARG002
        self._look_through()
        QTimer.singleShot(0, self, self._look)

    def changeEvent(self, event: QEvent) -> None:
        """Files may have come or gone while another window was in front."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and self.isVisible() and self.isActiveWindow():
            self._look_through()

    def _look_through(self) -> None:
        if not self._models.listing:
            self._models.refresh()


class _Filter(QLineEdit):
    """Escape empties it; the arrow down goes to the cards."""

    down = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setPlaceholderText(_("Search models"))
        self.setAccessibleName(_("Search models"))
        lead_with_icon(self, "search")
        put_clear_button(self)
        self.setAcceptDrops(False)  # a file dropped here is meant for the page

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
        elif event.key() == Qt.Key.Key_Down:
            self.down.emit()
        else:
            super().keyPressEvent(event)
