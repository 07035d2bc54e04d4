"""A model of the list as a card: what it is, how it fits, and what can be done with it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QWidget

from desktop.core.types.models import ModelFile
from desktop.i18n import _, number, percent, size
from desktop.ui.folding_row import FoldingRow
from desktop.ui.models import texts
from desktop.ui.models.fit_bar import FitView
from desktop.ui.models.parts import Card, Shown, buttons_row, flowing, progress, show_share, strong
from desktop.ui.models.quantize_form import QuantizeForm
from desktop.ui.pieces import icon_button, label, text_button
from desktop.ui.theme import icon, set_kind, space
from desktop.view_models.model_cards import CardState
from desktop.view_models.models import ModelsViewModel, title
from desktop.view_models.quantizing import QuantizingViewModel
from desktop.words.models import source_name, status_notes


class ModelCard(Card):
    """`wanted(what)`: "quantize", "folder", "checksum", "stop", "delete", "remove", "copy", "nothing"."""

    wanted = Signal(str)

    def __init__(
        self, model: ModelFile, models: ModelsViewModel, quantizing: QuantizingViewModel, state: CardState
    ) -> None:
        super().__init__()
        self.model = model
        self._models = models
        self._quantizing = quantizing
        self.state = state
        self._asked = ""
        self._seen: object = None
        self.name = strong()
        self.quantization = label("", "muted")
        self.badge = label("", "sage")
        self.button = text_button("")
        self.button.clicked.connect(self._pressed)
        self.more = icon_button("more", _("More"), self._open_menu)
        self.facts = flowing(kind="caption")
        self.words = flowing()
        self._build()
        self.refresh()

    def _build(self) -> None:
        what, deeds = QHBoxLayout(), QHBoxLayout()
        for widget in (self.name, self.quantization, self.badge):
            what.addWidget(widget)
        what.addStretch(1)
        deeds.addStretch(1)
        deeds.addWidget(self.button)
        deeds.addWidget(self.more)
        head = FoldingRow()
        for row in (head, what, deeds):
            row.setSpacing(space.s)
        head.addLayout(what, 1)
        head.addLayout(deeds)
        self.column.addLayout(head)
        for widget in (self.facts, self.words):
            self.column.addWidget(widget)
        self._fit = Shown(FitView, self.column.addWidget)
        self._question = Shown(lambda: _Removing(self), self.column.addWidget)
        self._form = Shown(self._make_form, self.column.addWidget)
        self._work = Shown(lambda: _Work(self), self.column.addWidget)
        self._trouble = Shown(lambda: flowing(kind="danger"), self.column.addWidget)

    # ── showing ──

    def show_model(self, model: ModelFile) -> None:
        """Say it anew where the file, or what is being done with it, is another than before."""
        seen = (model, self._of(model))
        if seen != self._seen:
            self.model = model
            self.refresh()

    def show_state(self, state: CardState) -> None:
        if state != self.state:
            self.state = state
            self.refresh()

    def refresh(self) -> None:
        """Say everything anew: of the file, of its fit, and of what is being done with it."""
        model, state = self.model, self.state
        self._seen = (model, self._of(model))
        self.name.set_text(title(model))
        self.quantization.setText(model.quantization)
        elsewhere = source_name(model.source) if model.source in ("folder", "file") else ""
        self.facts.setText(texts.joined(texts.facts(model), elsewhere))
        self.setToolTip(model.path)
        self._show_use()
        self._show_words()
        fit = self._fit.show(model.problem is None and not self.in_use and self._knows_fit)
        if isinstance(fit, FitView):
            fit.show_fit(state.fit)
        question = self._question.show(state.asking == "remove")
        form = self._form.show(state.asking == "quantize")
        if state.asking != self._asked:
            self._asked = state.asking
            if isinstance(question, _Removing):
                question.keep.setFocus(Qt.FocusReason.OtherFocusReason)
            elif isinstance(form, QuantizeForm):
                form.take_focus()
        work = self._work.show(state.busy != "")
        if isinstance(work, _Work):
            work.show_state(state)
        trouble = self._trouble.show(state.problem is not None)
        if trouble is not None and state.problem is not None:
            trouble.setText(texts.said(state.problem))  # type: ignore[attr-defined]  # a label
        self.setAccessibleName(self._spoken())

    def _of(self, model: ModelFile) -> object:
        """What of the model in use, or on its way, is this one's."""
        models = self._models
        loaded = models.loaded
        if loaded is not None and loaded.path == model.path:
            return loaded, models.status.notice, tuple(models.device_names.items())
        chosen = models.state in ("loading", "resting") and models.chosen_path == model.path
        return (models.state, models.can_cancel) if chosen else None

    @property
    def badge_text(self) -> str:
        if self.in_use:
            return _("In use")
        if self.loading:
            return _("Loading")
        resting = self._models.state == "resting" and self._models.chosen_path == self.model.path
        return _("Resting") if resting else ""

    @property
    def in_use(self) -> bool:
        loaded = self._models.loaded
        return loaded is not None and loaded.path == self.model.path

    @property
    def loading(self) -> bool:
        return self._models.state == "loading" and self._models.chosen_path == self.model.path

    @property
    def _knows_fit(self) -> bool:
        """A fit is there or on its way; of a model in several files nobody reckons one yet."""
        return self.state.fit is not None or not self.state.fresh

    def _show_use(self) -> None:
        self.badge.setVisible(bool(self.badge_text))
        self.badge.setText(self.badge_text)
        set_kind(self.badge, "sage" if self.in_use else "muted")
        name = title(self.model)
        if self.in_use:
            text, spoken = _("Unload"), _("Unload {model}")
        elif self.loading:
            text, spoken = _("Stop"), _("Stop loading {model}")
        else:
            text, spoken = _("Use"), _("Use {model}")
        self.button.setText(text)
        self.button.setAccessibleName(spoken.format(model=name))
        self.button.setVisible(self.model.problem is None)
        self.button.setEnabled(not self.loading or self._models.can_cancel)
        self.more.setAccessibleName(_("More about {model}").format(model=name))

    def _show_words(self) -> None:
        model, loaded = self.model, self._models.loaded
        words, kind = "", "muted"
        if model.problem is not None:
            words, kind = texts.said(model.problem), "danger"
        elif loaded is not None and self.in_use:
            tokens = _("context of {tokens} tokens").format(tokens=number(loaded.context_tokens))
            words = texts.joined(texts.placement(loaded, self._models.device_names), tokens)
            notes = status_notes(self._models.status)
            if notes:
                words = "\n".join((words, *notes))
        else:
            words, kind = texts.template_words(model, self.state.template), "amber"
        self.words.setText(words)
        self.words.setVisible(bool(words))
        set_kind(self.words, kind)

    def _spoken(self) -> str:
        fit = self.state.fit
        parts = [self.name.accessibleName(), self.quantization.text(), self.badge_text, self.facts.text()]
        parts.append(self.words.text())
        if fit is not None and not self.in_use:
            parts.append(texts.verdict(fit))
        return ", ".join(part for part in parts if part)

    # ── doing ──

    def menu(self) -> QMenu:
        """What can be done with the model besides using it."""
        menu, model = QMenu(self), self.model
        if model.problem is None:
            smaller = menu.addAction(icon("minus"), _("Quantize…"), lambda: self.wanted.emit("quantize"))
            smaller.setEnabled(not self._quantizing.running)
            if model.source != "own":
                menu.addAction(icon("plus"), _("Copy into my models"), lambda: self.wanted.emit("copy"))
        menu.addAction(icon("folder"), _("Show in its folder"), lambda: self.wanted.emit("folder"))
        menu.addAction(icon("copy"), _("Copy its checksum"), lambda: self.wanted.emit("checksum"))
        if model.source == "own":
            menu.addSeparator()
            menu.addAction(icon("delete"), _("Delete…"), lambda: self.wanted.emit("delete"))
        return menu

    def _open_menu(self) -> None:
        menu = self.menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.more.mapToGlobal(self.more.rect().bottomLeft()))

    def _pressed(self) -> None:
        if self.in_use:
            self._models.unload()
        elif self.loading:
            self._models.cancel()
        else:
            self._models.load(self.model.path)

    def _make_form(self) -> QWidget:
        form = QuantizeForm(self.model)
        form.chosen.connect(lambda name, measure: self._quantize(name, measure=measure))
        form.declined.connect(lambda: self.decline())
        return form

    def _quantize(self, name: str, *, measure: bool) -> None:
        self.decline()
        self._quantizing.start(self.model, name, measure=measure)

    def decline(self) -> None:
        self.wanted.emit("nothing")
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def agree(self) -> None:
        """Away with it; the keys stay here until it is gone, and do not wander off with the question."""
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        self.wanted.emit("remove")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key == Qt.Key.Key_Escape and self.state.asking:
            self.decline()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.hasFocus() and self.button.isVisible():
            self._pressed()
        elif key == Qt.Key.Key_Delete and self.hasFocus() and self.model.source == "own":
            self.wanted.emit("delete")
        elif key == Qt.Key.Key_Menu or (
            key == Qt.Key.Key_F10 and event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        ):
            self._open_menu()
        else:
            super().keyPressEvent(event)


class _Removing(QWidget):
    """Asks once more, in the card."""

    def __init__(self, card: ModelCard) -> None:
        super().__init__()
        from PySide6.QtWidgets import QVBoxLayout

        column = QVBoxLayout(self)
        column.setContentsMargins(0, space.xs, 0, 0)
        column.setSpacing(space.s)
        words = _("Put this model into the trash? {size} become free once the trash is emptied.")
        column.addWidget(flowing(words.format(size=size(card.model.size_bytes))))
        self.keep = text_button(_("Keep it"), "", card.decline)
        self.remove = text_button(_("Put into the trash"), "danger", card.agree)
        column.addLayout(buttons_row(self.keep, self.remove))


class _Work(QWidget):
    """A checksum being reckoned, with a stop; a model on its way to the trash."""

    def __init__(self, card: ModelCard) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, space.xs, 0, 0)
        row.setSpacing(space.s)
        self.words = label("", "caption")
        self.bar = progress(_("Checksum"))
        self.bar.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.stop = icon_button("close", _("Stop"), lambda: card.wanted.emit("stop"))
        for widget in (self.words, self.bar, self.stop):
            row.addWidget(widget)
        row.setStretch(1, 1)

    def show_state(self, state: CardState) -> None:
        reckoning = state.busy == "checksum"
        far = percent(round(state.done, 2))
        words = _("Reading the file for its checksum, {percent}").format(percent=far)
        self.words.setText(words if reckoning else _("On its way to the trash"))
        show_share(self.bar, state.done if reckoning and state.done else None)
        self.stop.setVisible(reckoning)
