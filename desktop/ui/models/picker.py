"""The model in the header: its name with a menu of others, and how it is placed or how far it is."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QHBoxLayout,
    QMenu,
    QProgressBar,
    QSizePolicy,
    QWidget,
)

from desktop.core.types.models import ModelFile
from desktop.i18n import _, number, percent
from desktop.ui.commands import shown
from desktop.ui.menu_button import MenuButton
from desktop.ui.models import texts
from desktop.ui.pieces import BUTTON_PX, ElidedLabel, icon_button
from desktop.ui.theme import icon, set_kind, space
from desktop.view_models.models import ModelsViewModel, title
from desktop.words.models import source_name, status_notes
from engine.protocol import LoadedModel

BAR_PX = 96
MOST_LISTED = 9  # the others stand on the models page


class ModelButton(MenuButton):
    """The model's name; a click shows the models at hand and the way to all of them."""

    page_wanted = Signal()
    file_wanted = Signal()

    def __init__(self, models: ModelsViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._models = models
        self._menu = QMenu(self)
        self._menu.aboutToShow.connect(self._fill)
        self.setMenu(self._menu)
        models.changed.connect(self.refresh)
        models.models_changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        text = self._models.name
        if not text:
            text = _("Looking for models") if self._models.listing else _("Choose a model")
        self.setAccessibleName(_("Model: {name}").format(name=text))
        self.setToolTip(self._models.chosen_path or text)
        self.set_words(text)

    # ── the menu ──

    def _fill(self) -> None:
        menu, models = self._menu, self._models
        menu.clear()
        menu.setToolTipsVisible(True)
        listed = models.at_hand(MOST_LISTED)
        for model in listed:
            self._add_model(menu, model)
        if not listed:
            nothing = _("Looking for models") if models.listing else _("No models found")
            menu.addAction(nothing).setEnabled(False)
        menu.addSeparator()
        # as words: as a shortcut it would compete with the window's own
        keys = shown(QKeySequence("Ctrl+Shift+M"))
        menu.addAction(icon("models"), f"{self._every(len(models.models))}\t{keys}", self.page_wanted.emit)
        menu.addAction(icon("file"), _("Add a file…"), self.file_wanted.emit)
        if models.loaded is not None:
            menu.addAction(icon("eject"), _("Unload the model"), models.unload)
        elif models.can_cancel:
            menu.addAction(icon("close"), _("Stop loading"), models.cancel)
        if not models.listing:
            models.refresh()  # for the next time: what shows now does not jump

    def _every(self, count: int) -> str:
        return _("All models") + (f" ({number(count)})" if count else "")

    def _add_model(self, menu: QMenu, model: ModelFile) -> None:
        details = texts.details(model)
        if model.source != "own":
            details += " · " + source_name(model.source)
        action = menu.addAction(title(model).replace("&", "&&") + "\t" + details)
        action.setToolTip(model.path)
        in_use = self._models.loaded
        if in_use is not None and in_use.path == model.path:
            action.setIcon(icon("check", "accent"))
        elif model.problem is not None:
            action.setIcon(icon("warning", "amber"))
        path = model.path
        action.triggered.connect(lambda: self._models.load(path))


class ModelState(QWidget):
    """What stands beside the name: placement, the way of loading with a stop, or that it failed."""

    def __init__(self, models: ModelsViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._models = models
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(space.s)
        self.text = ElidedLabel("", "caption", least_share=0.7)
        self.bar = QProgressBar()
        self.bar.setRange(0, 1000)
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(BAR_PX)
        self.bar.setAccessibleName(_("Loading the model"))
        self.cancel = icon_button("close", _("Stop loading"), models.cancel)
        for widget in (self.bar, self.text, self.cancel):
            row.addWidget(widget)
        row.addStretch(1)
        # the name comes first: this takes the room that it leaves
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        models.changed.connect(self.refresh)
        models.models_changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        models = self._models
        loading = models.state == "loading"
        self.bar.setVisible(loading)
        self.bar.setValue(round(models.status.done * 1000))
        self.cancel.setVisible((loading and models.can_cancel) or bool(models.next_name))
        self.setMinimumWidth(BAR_PX + space.s + BUTTON_PX if loading else 0)
        loaded = models.loaded
        less = loaded is not None and _less(loaded)
        self.text.set_text(self._words())
        self.setToolTip("\n".join(status_notes(models.status)))
        failed = models.state == "failed"
        set_kind(self.text, "caption_danger" if failed else "caption_amber" if less else "caption")

    def _words(self) -> str:
        models = self._models
        match models.state:
            case "loading":
                return _("Loading, {percent}").format(percent=percent(round(models.status.done, 2)))
            case "busy" if models.next_name:
                return _("{model} comes after this reply").format(model=models.next_name)
            case "ready" | "busy":
                loaded = models.loaded
                if loaded is None:
                    return ""
                where = texts.placement(loaded, models.device_names)
                return texts.joined(where, _("less than wanted") if _less(loaded) else "")
            case "failed":
                return _("Not loaded")
            case "resting":
                return _("Rests until your next question")
            case "no_model":
                return _("Loads with your first question") if models.name else ""


def _less(model: LoadedModel) -> bool:
    """Whether it was loaded with less than wanted."""
    return bool(model.stepped_down) or model.context_tokens < model.wanted_context_tokens
