"""A look inside: which model, what it reads, the views one at a time, and the text of the function behind
each."""

from PySide6.QtCore import QSignalBlocker, Qt, QTimer
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QTabBar, QVBoxLayout, QWidget

from desktop.i18n import _
from desktop.ui.fitting_tabs import FittingTabs
from desktop.ui.flowing_buttons import FlowingButton
from desktop.ui.models.parts import Card, flowing
from desktop.ui.pieces import choice_box, label
from desktop.ui.theme import code_font, grow, set_kind, space
from desktop.ui.workshop.fields import field
from desktop.ui.workshop.inside import panels
from desktop.ui.workshop.inside.chips import Chips
from desktop.ui.workshop.inside.words import VIEWS, view_words
from desktop.view_models.workshop.shop import WorkshopViewModel
from desktop.words import hint, sentence

SOURCE_PX = 260
SEARCH_PAUSE_MS = 400


class InsideView(QWidget):
    """Chosen tokens and layers are the view model's."""

    def __init__(self, shop: WorkshopViewModel) -> None:
        super().__init__()
        self._shop = shop
        self._inside = shop.inside
        self._first = _("The river hums a tune beside the sea")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(space.m)
        column.addWidget(self._head())
        self.tabs = QTabBar()
        self.tabs.setAccessibleName(_("Views"))
        for key in VIEWS:
            self.tabs.addTab(view_words(key).title)
        self.tabs.currentChanged.connect(self._show_view)
        column.addWidget(FittingTabs(self.tabs))
        column.addWidget(self._view_card())
        column.addStretch(1)
        inside = self._inside
        inside.changed.connect(self.refresh)
        inside.seen_changed.connect(self.refresh_seen)
        inside.around_changed.connect(lambda: self.embeddings.show_around(inside.around))
        inside.other_changed.connect(self._show_beside)
        inside.source_changed.connect(self._show_source)
        shop.runs.listed.connect(self.fill)
        shop.plan.bases_changed.connect(self.fill)
        self.fill()
        self._show_view(0)
        self.refresh()

    # ── building ──

    def _head(self) -> QWidget:
        card = Card()
        card.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        card.column.setSpacing(space.s)
        self.model = choice_box()
        self.model.activated.connect(lambda: self._inside.open(self.model.currentData(), self._first))
        card.column.addLayout(field(_("Which model"), self.model))
        self.text = QLineEdit()
        self.text.setMaxLength(4000)
        self.text.setPlaceholderText(self._first)
        self.text.textChanged.connect(self._inside.write)
        card.column.addLayout(field(_("What it reads"), self.text))
        self.said = flowing("", "caption")
        card.column.addWidget(self.said)
        self.chips = Chips()
        self.chips.chosen.connect(self._inside.choose_place)
        card.column.addWidget(self.chips)
        return card

    def _view_card(self) -> QWidget:
        card = Card()
        card.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        card.column.setSpacing(space.s)
        self.words = flowing("", "")
        card.column.addWidget(self.words)
        self.link = FlowingButton()
        set_kind(self.link, "link")
        self.link.clicked.connect(self._toggle_source)
        card.column.addWidget(self.link, 0, Qt.AlignmentFlag.AlignLeft)
        self.source = QPlainTextEdit()
        self.source.setReadOnly(True)
        self.source.setFont(code_font())
        self.source.setTabChangesFocus(True)
        self.source.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.source.setAccessibleName(_("The function behind it"))
        grow(self.source, height=SOURCE_PX)
        self.source.hide()
        card.column.addWidget(self.source)
        self._other_box = QWidget()
        other = QVBoxLayout(self._other_box)
        other.setContentsMargins(0, 0, 0, 0)
        self.other = choice_box()
        self.other.activated.connect(lambda: self._inside.choose_other(self.other.currentData() or ""))
        other.addLayout(field(_("Beside it"), self.other))
        self._no_other = label(
            _("Train “Fill in the missing word” first: it is a model that looks both ways."),
            "muted",
            wrap=True,
        )
        other.addWidget(self._no_other)
        card.column.addWidget(self._other_box)
        self.tokens = panels.TokensPanel()
        self.attention = panels.AttentionPanel()
        self.attention.layer_chosen.connect(self._inside.choose_layer)
        self.layers = panels.LayersPanel()
        self.embeddings = panels.EmbeddingsPanel()
        pause = QTimer(self, interval=SEARCH_PAUSE_MS, singleShot=True)
        pause.timeout.connect(lambda: self._inside.look_around(self.embeddings.search.text().strip()))
        self.embeddings.search.textChanged.connect(lambda _text: pause.start())
        self.softmax = panels.SoftmaxPanel()
        self.parts = panels.PartsPanel()
        self.context = panels.ContextPanel()
        self.beside = panels.BesidePanel()
        self.beside.layer_chosen.connect(self._inside.choose_layer)
        self._panels: tuple[panels.Panel, ...] = (
            self.tokens,
            self.attention,
            self.layers,
            self.embeddings,
            self.softmax,
            self.parts,
            self.context,
            self.beside,
        )
        for panel in self._panels:
            panel.hide()
            card.column.addWidget(panel)
        return card

    # ── which model ──

    def fill(self) -> None:
        """The runs and files that can be looked into."""
        runs = [
            run for run in self._shop.runs.runs if run.step and not run.running and run.state != "damaged"
        ]
        chosen, other = self._inside.model, self._inside.other
        with QSignalBlocker(self.model), QSignalBlocker(self.other):
            self.model.clear()
            self.other.clear()
            for run in runs:
                self.model.addItem(run.plan.name or run.id, run.id)
                if run.plan.goal == "fill":
                    self.other.addItem(run.plan.name or run.id, run.id)
            for file in self._shop.plan.bases:
                self.model.addItem(file.label or file.name, file.path)
            self.model.setCurrentIndex(max(0, self.model.findData(chosen)))
            self.other.setCurrentIndex(max(0, self.other.findData(other)))
        self._no_other.setVisible(not self.other.count())
        self.other.setEnabled(self.other.count() > 0)

    def open_for(self, model: str) -> None:
        """Look into a model; "": the one that was looked into last, else the first there is."""
        self.fill()
        wanted = model or self._inside.model or self.model.currentData() or ""
        if wanted:
            self.model.setCurrentIndex(max(0, self.model.findData(wanted)))
            self._inside.open(wanted, self._first)
        self.refresh()

    def focus_first(self) -> None:
        self.text.setFocus()

    # ── what is shown ──

    def refresh(self) -> None:
        inside = self._inside
        if self.text.text() != inside.text and not self.text.hasFocus():
            with QSignalBlocker(self.text):
                self.text.setText(inside.text)
        problem = inside.problem
        set_kind(self.said, "danger" if problem is not None else "caption")
        if problem is not None:
            self.said.setText(f"{sentence(problem)} {hint(problem)}")
        elif inside.looking and inside.seen is None:
            self.said.setText(_("The model is opened…"))
        elif not self.model.count():
            self.said.setText(_("There is no model to look into yet: train one, or bring in SmolLM2."))
        else:
            self.said.setText(_("Choose a token with the mouse or the arrow keys."))

    def refresh_seen(self) -> None:
        seen = self._inside.seen
        self.chips.setVisible(seen is not None)
        if seen is None:
            return
        self.chips.show_pieces(seen.pieces, seen.place)
        self._fill_view()

    def _show_view(self, at: int) -> None:
        key = VIEWS[at]
        told = view_words(key)
        self.words.setText(told.said)
        self.link.set_words(
            _("The function that computes it: {name}").format(name=told.function.split(":")[1])
        )
        for number_, panel in enumerate(self._panels):
            panel.setVisible(number_ == at)
        self._other_box.setVisible(key == "beside")
        self._inside.read_source("")
        if key == "beside" and not self._inside.other and self.other.count():
            self._inside.choose_other(self.other.currentData())
        self._fill_view()

    def _fill_view(self) -> None:
        """Only the one that is seen: the others are filled when they are."""
        seen = self._inside.seen
        panel = self._panels[self.tabs.currentIndex()]
        if panel is self.beside:
            self._show_beside()
        elif seen is not None:
            panel.show_seen(seen)

    def _show_beside(self) -> None:
        self.beside.show_both(self._inside.seen, self._inside.other_seen)

    def _toggle_source(self) -> None:
        function = view_words(VIEWS[self.tabs.currentIndex()]).function
        self._inside.read_source("" if self._inside.function else function)

    def _show_source(self) -> None:
        self.source.setVisible(bool(self._inside.source))
        self.source.setPlainText(self._inside.source)
