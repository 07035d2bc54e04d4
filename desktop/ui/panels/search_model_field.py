"""The field of the search model: those that are there, what each one means, another one by its path, and how
far a change of models is. Decides nothing."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from desktop.core.events import SearchModel
from desktop.core.settings import Setting
from desktop.core.workers.search_models import SearchModelFile
from desktop.i18n import _, number, size
from desktop.ui.file_dialogs import Mode, ask_for_files
from desktop.ui.panels.fields import Field
from desktop.ui.panels.search_model_hub import SearchModelHub
from desktop.ui.pieces import icon_button, label, leave_the_wheel, text_button
from desktop.ui.theme import set_kind, space
from desktop.words import hint, sentence

FORM_NAMES = {"onnx": "ONNX", "sentence-transformers": "sentence-transformers", "gguf": "GGUF"}
_STEPS = 1000


def meaning(form: str) -> str:
    """What a form of embedding model means for whoever chooses it."""
    return {
        "onnx": _("The fastest one on a processor."),
        "sentence-transformers": _("Exact, but about half as fast, and it takes more memory."),
        "gguf": _("Runs where chat models run, on a graphics card too. On a processor ONNX is faster."),
    }.get(form, "")


class SearchModelField(Field):
    """Its value is a path; "" is the default. `kept` asks to stay with the model that answers."""

    kept = Signal()

    def __init__(self, setting: Setting) -> None:  # noqa: ARG002 - as every field is made
        super().__init__()
        self._shown = ""
        self._models: tuple[SearchModelFile, ...] = ()
        self.box = QComboBox()
        self.box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.box.setMinimumContentsLength(12)
        leave_the_wheel(self.box)
        self.box.activated.connect(self._chosen)
        self.folder_button = icon_button("folder", _("Choose a folder…"), self._choose_folder)
        self.file_button = icon_button("file", _("Choose a GGUF file…"), self._choose_file)
        row = QHBoxLayout()
        row.setSpacing(space.xs)
        row.addWidget(self.box, 1)
        row.addWidget(self.folder_button)
        row.addWidget(self.file_button)
        self.meaning = label("", "caption", wrap=True)
        self.hub = SearchModelHub()
        self.switch = _Switch(self)
        self.switch.keep.clicked.connect(self.kept)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(space.xs)
        column.addLayout(row)
        column.addWidget(self.meaning)
        column.addWidget(self.hub)
        column.addWidget(self.switch)
        self.offer(())

    def offer(self, models: Sequence[SearchModelFile]) -> None:
        """What is there to choose from; what stands in the field stays."""
        self._models = tuple(models)
        self.show_value(self._shown)

    def show_switch(self, state: SearchModel | None) -> None:
        self.switch.show_state(state)

    def show_value(self, value: object) -> None:
        self._shown = str(value)
        self.box.clear()
        for model in self._models:
            self.box.addItem(f"{model.name} · {FORM_NAMES[model.form]}", "" if model.default else model.path)
        if self.box.findData(self._shown) < 0:  # one that stands elsewhere, or is not there
            self.box.addItem(Path(self._shown).name if self._shown else _("Found by itself"), self._shown)
        at = self.box.findData(self._shown)
        self.box.setCurrentIndex(at)
        self.box.setToolTip(self._shown)
        known = self._models[at] if at < len(self._models) else None
        self.meaning.setText(f"{meaning(known.form)} {size(known.size_bytes)}." if known else self._shown)
        self.meaning.setVisible(bool(self.meaning.text()))

    def input(self) -> QWidget:
        return self.box

    def stops(self) -> list[QWidget]:
        return [self.box, self.folder_button, self.file_button, *self.hub.stops(), self.switch.keep]

    def _chosen(self) -> None:
        self._take([str(self.box.currentData())])

    def _choose_folder(self) -> None:
        ask_for_files(self.window(), _("Choose a folder"), self._take, Mode.Directory)

    def _choose_file(self) -> None:
        ask_for_files(
            self.window(), _("Choose a GGUF file"), self._take, Mode.ExistingFile, ["GGUF (*.gguf)"]
        )

    def _take(self, paths: list[str]) -> None:
        if paths[0] != self._shown:
            self.changed.emit(paths[0])


class _Switch(QWidget):
    """How far the passages are read by the model that is to take over."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.told = label("", "caption", wrap=True)
        self.trouble = label("", "danger", wrap=True)
        self.bar = QProgressBar()
        set_kind(self.bar, "sage")
        self.bar.setTextVisible(False)
        self.bar.setRange(0, _STEPS)
        self.bar.setAccessibleName(_("Preparing your documents"))
        self.keep = text_button(_("Keep the old one"), "link")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, space.s, 0, 0)
        column.setSpacing(space.xs)
        column.addWidget(self.bar)
        column.addWidget(self.told)
        column.addWidget(self.trouble)
        column.addWidget(self.keep, 0, Qt.AlignmentFlag.AlignLeft)
        self.hide()

    def show_state(self, state: SearchModel | None) -> None:
        self.setVisible(state is not None and bool(state.coming))
        if state is None or not state.coming:
            return
        self.bar.setValue(round(_STEPS * state.done / state.total) if state.total else 0)
        self.told.setText(
            _("{done} of {total} passages are prepared. Until then the previous model answers.").format(
                done=number(state.done), total=number(state.total)
            )
        )
        problem = state.problem
        told = "" if problem is None else " ".join(filter(None, (sentence(problem), hint(problem))))
        self.trouble.setText(told)
        self.trouble.setVisible(bool(told))
