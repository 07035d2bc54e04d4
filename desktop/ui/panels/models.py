"""The models there are, as cards: what each one is, whether it can be used, and a button to use it."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from desktop.core.types import ModelFile
from desktop.i18n import _, number
from desktop.model_words import source_name
from desktop.ui.header import ask_for_model, model_details, placement
from desktop.ui.pieces import ElidedLabel, clear_layout, label, put_icon, text_button
from desktop.ui.theme import set_kind, space
from desktop.view_models.models import ModelsViewModel, title
from desktop.words import hint, sentence


class ModelCard(QFrame):
    """One model."""

    def __init__(self, model: ModelFile, models: ModelsViewModel) -> None:
        super().__init__()
        self.model = model
        set_kind(self, "card")
        self.setToolTip(model.path)
        column = QVBoxLayout(self)
        column.setContentsMargins(space.m, space.m, space.m, space.m)
        column.setSpacing(space.xs)
        name = ElidedLabel(title(model))
        font = name.font()
        font.setBold(True)
        name.setFont(font)
        column.addWidget(name)
        column.addWidget(label(self._details(), "caption", wrap=True))
        if model.problem is not None:
            words = " ".join(part for part in (sentence(model.problem), hint(model.problem)) if part)
            column.addWidget(label(words, "danger", wrap=True))
        elif not model.has_chat_template:
            column.addWidget(
                label(_("Has no chat template, so it cannot hold a conversation."), "amber", wrap=True)
            )
        words, kind = self._use(models)
        if words:
            column.addWidget(label(words, kind, wrap=True))
        column.addSpacing(space.xs)
        column.addLayout(self._foot(models))

    def _details(self) -> str:
        parts = [model_details(self.model)]
        if self.model.trained_context_tokens:
            context = number(self.model.trained_context_tokens)
            parts.append(_("context {tokens} tokens").format(tokens=context))
        if self.model.licence:
            parts.append(self.model.licence)
        if self.model.source != "own":
            parts.append(source_name(self.model.source))
        return " · ".join(parts)

    def _foot(self, models: ModelsViewModel) -> QHBoxLayout:
        row = QHBoxLayout()
        row.addStretch(1)
        path = self.model.path
        if models.loaded is not None and models.loaded.path == path:
            row.addWidget(text_button(_("Unload"), "", models.unload))
        elif models.state == "loading" and models.chosen_path == path:
            if models.can_cancel:
                row.addWidget(text_button(_("Stop"), "", models.cancel))
        elif self.model.problem is None:
            use = text_button(_("Use"), "", lambda: models.load(path))
            use.setAccessibleName(_("Use {model}").format(model=title(self.model)))
            row.addWidget(use)
        return row

    def _use(self, models: ModelsViewModel) -> tuple[str, str]:
        """What is being done with it, and the look of those words."""
        loaded = models.loaded
        if loaded is not None and loaded.path == self.model.path:
            return _("In use") + " · " + placement(loaded), "sage"
        if models.state == "loading" and models.chosen_path == self.model.path:
            return _("Loading"), "muted"
        return "", ""


class ModelsPanel(QWidget):
    """The models folder, and a file from elsewhere."""

    def __init__(self, models: ModelsViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._models = models
        self._shown: object = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, space.l)
        column.setSpacing(space.m)
        self._cards = QWidget()
        cards = QVBoxLayout(self._cards)
        cards.setContentsMargins(space.l, 0, space.l, 0)
        cards.setSpacing(space.s)
        cards.setAlignment(Qt.AlignmentFlag.AlignTop)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # its buttons scroll it
        scroll.setWidget(self._cards)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        column.addWidget(scroll, 1)
        foot = QHBoxLayout()
        foot.setContentsMargins(space.l, 0, space.l, 0)
        self.choose = text_button(_("Choose a file…"), "", self._choose)
        put_icon(self.choose, "file", "muted")
        foot.addWidget(self.choose, 1)
        column.addLayout(foot)
        models.changed.connect(self.refresh)
        models.models_changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Build the cards again where something that they show has changed."""
        models = self._models
        seen = (
            models.models,
            models.state,
            models.loaded,
            models.chosen_path,
            models.can_cancel,
            models.listing,
        )
        if seen == self._shown:
            return
        self._shown = seen
        clear_layout(self._cards)
        layout = self._cards.layout()
        if layout is None:
            return
        if not models.models:
            words = (
                _("Looking for models")
                if models.listing
                else _("There is no model in your models folder yet.")
            )
            layout.addWidget(label(words, "muted", wrap=True))
        for model in models.models:
            layout.addWidget(ModelCard(model, models))

    @property
    def cards(self) -> list[ModelCard]:
        return [card for card in self._cards.findChildren(ModelCard) if not card.isHidden()]

    def _choose(self) -> None:
        ask_for_model(self.window(), self._models)
