"""The line above the conversation: which model answers, how it is placed, and the panels' switches."""

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QMenu,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from desktop.core.types import ModelFile
from desktop.i18n import _, number, percent, size
from desktop.model_words import source_name
from desktop.ui.file_dialogs import ask_for_files
from desktop.ui.pieces import BUTTON_PX, ICON_PX, ElidedLabel, icon_button
from desktop.ui.theme import icon, set_kind, space
from desktop.view_models.models import ModelsViewModel, title
from engine.protocol import LoadedModel

HEIGHT_PX = 48
CHEVRON_PX = 14
BAR_PX = 96
PANELS = ("system_prompt", "documents")


def placement(model: LoadedModel) -> str:
    """Where the model's layers are: "30/30 layers on GPU", or "CPU"."""
    if model.gpu_layers <= 0:
        return _("CPU")
    return _("{placed}/{all} layers on GPU").format(placed=number(model.gpu_layers), all=number(model.layers))


def model_details(model: ModelFile) -> str:
    """What tells one file from another: "135M · Q4_1 · 98 MB"."""
    parts = [_count(model.parameters), model.quantization, size(model.size_bytes)]
    return " · ".join(part for part in parts if part)


def _count(parameters: int) -> str:
    if parameters <= 0:
        return ""
    if parameters < 1_000_000_000:
        return f"{number(round(parameters / 1_000_000))}M"
    return f"{number(round(parameters / 1_000_000_000, 1))}B"


def ask_for_model(parent: QWidget, models: ModelsViewModel) -> None:
    """Let the person point at a model file, without stopping the window."""
    filters = [_("GGUF models") + " (*.gguf)", _("All files") + " (*)"]
    ask_for_files(parent, _("Choose a model"), lambda paths: models.load(paths[0]), filters=filters)


class ModelButton(QPushButton):
    """The model's name; a click shows the models there are."""

    def __init__(self, models: ModelsViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._models = models
        set_kind(self, "quiet")
        self.setStyleSheet("QPushButton::menu-indicator { image: none; width: 0; }")
        self._chevron = icon("chevron_down")
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(BUTTON_PX)
        self._menu = QMenu(self)
        self._menu.aboutToShow.connect(self._fill)
        self.setMenu(self._menu)
        self._whole = ""
        models.changed.connect(self.refresh)
        models.models_changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        text = self._models.name
        if not text:
            text = _("Looking for models") if self._models.listing else _("Choose a model")
        self._whole = text
        self.setAccessibleName(_("Model: {name}").format(name=text))
        self.setToolTip(self._models.chosen_path or text)
        self.updateGeometry()
        self._fit()

    def sizeHint(self) -> QSize:
        return QSize(self._text_width(self._whole) + 2, BUTTON_PX)

    def minimumSizeHint(self) -> QSize:
        return QSize(96, BUTTON_PX)

    def _text_width(self, text: str) -> int:
        return self.fontMetrics().horizontalAdvance(text) + 2 * space.s + space.xs + CHEVRON_PX

    def resizeEvent(self, event: object) -> None:  # noqa: ARG002
        self._fit()

    def _fit(self) -> None:
        room = max(0, self.width() - self._text_width(""))
        shown = self.fontMetrics().elidedText(self._whole, Qt.TextElideMode.ElideRight, room)
        self.setText(shown.replace("&", "&&"))

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        text = self.fontMetrics().horizontalAdvance(self.text().replace("&&", "&"))
        box = QRect(space.s + text + space.xs, 0, CHEVRON_PX, CHEVRON_PX)
        box.moveTop((self.height() - CHEVRON_PX) // 2 + 1)
        painter = QPainter(self)
        self._chevron.paint(painter, box)
        painter.end()

    # ── the menu ──

    def _fill(self) -> None:
        menu = self._menu
        menu.clear()
        menu.setToolTipsVisible(True)
        for model in self._models.models:
            self._add_model(menu, model)
        if not self._models.models:
            nothing = _("Looking for models") if self._models.listing else _("No models found")
            menu.addAction(nothing).setEnabled(False)
        menu.addSeparator()
        menu.addAction(icon("file"), _("Choose a file…"), self._choose_file)
        if self._models.loaded is not None:
            menu.addAction(icon("eject"), _("Unload the model"), self._models.unload)
        if not self._models.listing:
            self._models.refresh()  # for the next time: what shows now does not jump

    def _add_model(self, menu: QMenu, model: ModelFile) -> None:
        details = model_details(model)
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

    def _choose_file(self) -> None:
        ask_for_model(self.window(), self._models)


class ModelState(QWidget):
    """What stands beside the name: placement, the way of loading with a stop, or that it failed."""

    def __init__(self, models: ModelsViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._models = models
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(space.s)
        self.text = ElidedLabel("", "caption")
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
        self.cancel.setVisible(loading and models.can_cancel)
        self.setMinimumWidth(BAR_PX + space.s + BUTTON_PX if loading else 0)
        self.text.set_text(self._words())
        set_kind(self.text, "caption" if models.state != "failed" else "danger")

    def _words(self) -> str:
        models = self._models
        match models.state:
            case "loading":
                return _("Loading, {percent}").format(percent=percent(round(models.status.done, 2)))
            case "ready" | "busy":
                return placement(models.loaded) if models.loaded is not None else ""
            case "failed":
                return _("Not loaded")
            case "resting":
                return _("Rests until your next question")
            case "no_model":
                return _("Loads with your first question") if models.name else ""


class Header(QWidget):
    """Which panel stands open is the window's business: the header asks for it and marks it."""

    sidebar_requested = Signal()
    panel_requested = Signal(str)  # one of `PANELS`

    def __init__(self, models: ModelsViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_kind(self, "ground")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(HEIGHT_PX)
        row = QHBoxLayout(self)
        row.setContentsMargins(space.s, 0, space.s, 0)
        row.setSpacing(space.s)
        self.unfold = icon_button("panel_left", _("Show the sidebar"), self.sidebar_requested.emit)
        self.model = ModelButton(models)
        self.state = ModelState(models)
        row.addWidget(self.unfold)
        row.addWidget(self.model)
        row.addWidget(self.state, 1)
        self.switches = {name: self._switch(name) for name in PANELS}
        for switch in self.switches.values():
            row.addWidget(switch)

    def _switch(self, name: str) -> QToolButton:
        tips = {"system_prompt": _("System prompt"), "documents": _("Documents")}
        icons = {"system_prompt": "prompt", "documents": "documents"}
        switch = icon_button(icons[name], tips[name], lambda: self.panel_requested.emit(name))
        switch.setCheckable(True)
        switch.setIconSize(QSize(ICON_PX, ICON_PX))
        return switch

    def show_panel(self, name: str) -> None:
        """Mark the switch whose panel stands open; "" for none."""
        for panel, switch in self.switches.items():
            switch.setChecked(panel == name)

    def show_unfold(self, visible: bool) -> None:
        self.unfold.setVisible(visible)
