"""A field for each kind of setting, made from its declaration. Says when its value changed."""

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from desktop.core.settings import Setting
from desktop.i18n import _
from desktop.ui.file_dialogs import Mode, ask_for_files
from desktop.ui.line_signs import put_clear_button
from desktop.ui.pieces import align_number, icon_button, leave_the_wheel
from desktop.ui.theme import grow, set_kind, space
from desktop.words.settings import setting_label

TEXT_PAUSE_MS = 500
LARGEST_SPIN = 2**31 - 1


def choice_label(setting: str, choice: str) -> str:
    """A choice as the form shows it. Languages are written in their own."""
    texts = {
        ("language", "system"): _("As the system has it"),
        ("language", "en"): "English",
        ("language", "es"): "Español",
        ("theme", "system"): _("As the system has it"),
        ("thinking", "automatic"): _("As the model was made"),
        ("thinking", "on"): _("On"),
        ("thinking", "off"): _("Off"),
        ("theme", "light"): _("Light"),
        ("theme", "dark"): _("Dark"),
        ("theme", "high_contrast"): _("High contrast"),
        ("kv_type", "auto"): _("As fits best"),
        ("motion", "system"): _("As the system has it"),
        ("motion", "less"): _("Less motion"),
        ("motion", "full"): _("All motion"),
    }
    return texts.get((setting, choice), choice)


def lowest_label(setting: str) -> str:
    """What the lowest number of a setting stands for, where it stands for something else."""
    texts = {
        "context_tokens": _("As much as fits"),
        "gpu_layers": _("As many as fit"),
        "memory_limit_mib": _("What is free"),
        "idle_unload_minutes": _("Never"),
        "trash_days": _("Until Sobremesa is closed"),
        "seed": _("Another one each time"),
        "max_reply_tokens": _("What fits"),
        "top_k": _("All"),
        "devices": _("All that suit"),
    }
    return texts.get(setting, "")


def unit_suffix(unit: str) -> str:
    """What stands behind a number; "" where its name says what it counts."""
    return {"minutes": " min", "mib": " MiB", "days": " " + _("days"), "percent": " %"}.get(unit, "")


class Field(QWidget):
    """Holds one value. `show_value` never emits `changed`."""

    changed = Signal(object)

    def show_value(self, value: object) -> None:
        raise NotImplementedError

    def input(self) -> QWidget:
        """The widget that takes the focus."""
        raise NotImplementedError

    def stops(self) -> list[QWidget]:
        """Everything in it that Tab goes to, in order."""
        return [self.input()]


def field_for(setting: Setting) -> Field:
    """The field that suits a declaration."""
    if setting.choices:
        return ChoiceField(setting)
    if isinstance(setting.default, bool):
        return SwitchField()
    if setting.path:
        return PathField(setting)
    if setting.suggestions:
        return SuggestField(setting)
    if setting.address:
        return LineField()
    if isinstance(setting.default, str):
        return TextField()
    return NumberField(setting)


def _in_row(field: Field, *widgets: QWidget) -> None:
    row = QHBoxLayout(field)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(space.xs)
    row.addWidget(widgets[0], 1)
    for widget in widgets[1:]:
        row.addWidget(widget)


class ChoiceField(Field):
    def __init__(self, setting: Setting) -> None:
        super().__init__()
        self.box = QComboBox()
        leave_the_wheel(self.box)
        for choice in setting.choices:
            self.box.addItem(choice_label(setting.name, choice), choice)
        self.box.activated.connect(lambda: self.changed.emit(self.box.currentData()))
        _in_row(self, self.box)

    def show_value(self, value: object) -> None:
        self.box.setCurrentIndex(max(0, self.box.findData(value)))

    def input(self) -> QWidget:
        return self.box


class SuggestField(Field):
    """A text of one line, with values to choose from; empty means what its placeholder says."""

    def __init__(self, setting: Setting) -> None:
        super().__init__()
        self._base = setting.suggestions
        self._said_empty = lowest_label(setting.name)
        self._shown = ""
        self.box = QComboBox()
        self.box.setEditable(True)
        self.box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        leave_the_wheel(self.box)
        line = QLineEdit()
        set_kind(line, "plain")
        line.setPlaceholderText(self._said_empty)
        line.editingFinished.connect(self._edited)
        line.setAccessibleName(setting_label(setting.name))
        self.box.setLineEdit(line)
        self.box.activated.connect(self._edited)
        self.offer(())
        _in_row(self, self.box)

    def offer(self, values: Sequence[str]) -> None:
        """Offer these besides the ones that are always there; what stands in the field stays."""
        self.box.clear()
        self.box.addItems([*self._base, *(value for value in values if value not in self._base)])
        empty = self.box.findText("")
        if empty >= 0:
            self.box.setItemData(empty, self._said_empty, Qt.ItemDataRole.AccessibleTextRole)
        self.box.setEditText(self._shown)

    def _edited(self) -> None:
        text = self.box.currentText().strip()
        if text != self._shown:
            self._shown = text
            self.changed.emit(text)

    def show_value(self, value: object) -> None:
        self._shown = str(value)
        self.box.setEditText(self._shown)

    def input(self) -> QWidget:
        return self.box


class NumberField(Field):
    def __init__(self, setting: Setting) -> None:
        super().__init__()
        self._whole = isinstance(setting.default, int)
        self.box = self._box(setting)
        self.box.setKeyboardTracking(False)
        align_number(self.box)
        self.box.setGroupSeparatorShown(self._whole and setting.name not in ("seed", "chroma_port"))
        self.box.setSpecialValueText(lowest_label(setting.name))
        self.box.setStepType(QAbstractSpinBox.StepType.DefaultStepType)
        leave_the_wheel(self.box)
        self.box.setSuffix(unit_suffix(setting.unit))
        self.box.valueChanged.connect(self._changed)
        _in_row(self, self.box)

    def _box(self, setting: Setting) -> QSpinBox | QDoubleSpinBox:
        low, high = setting.low or 0, setting.high if setting.high is not None else LARGEST_SPIN
        if self._whole and high <= LARGEST_SPIN:
            whole = QSpinBox()
            whole.setRange(int(low), int(high))
            whole.setSingleStep({"tokens": 256, "mib": 256, "percent": 10}.get(setting.unit, 1))
            return whole
        box = QDoubleSpinBox()
        box.setDecimals(0 if self._whole else 2)
        box.setRange(low, high)
        box.setSingleStep(1 if self._whole else 0.05)
        return box

    def _changed(self, value: float) -> None:
        self.changed.emit(int(value) if self._whole else round(float(value), 2))

    def show_value(self, value: object) -> None:
        if isinstance(value, int | float):
            blocker = QSignalBlocker(self.box)
            if isinstance(self.box, QSpinBox):
                self.box.setValue(int(value))
            else:
                self.box.setValue(float(value))
            blocker.unblock()

    def input(self) -> QWidget:
        return self.box


class SwitchField(Field):
    """On or off."""

    def __init__(self) -> None:
        super().__init__()
        self.box = QCheckBox(_("On"))
        # clicked, not toggled: only what a person does is a change
        self.box.clicked.connect(lambda: self.changed.emit(self.box.isChecked()))
        _in_row(self, self.box)

    def show_value(self, value: object) -> None:
        self.box.setChecked(bool(value))

    def input(self) -> QWidget:
        return self.box


class LineField(Field):
    """One line of text, taken when the field is left."""

    def __init__(self) -> None:
        super().__init__()
        self.line = QLineEdit()
        self.line.editingFinished.connect(self._edited)
        self._shown = ""
        _in_row(self, self.line)

    def _edited(self) -> None:
        if self.line.text().strip() != self._shown:
            self._shown = self.line.text().strip()
            self.changed.emit(self._shown)

    def show_value(self, value: object) -> None:
        self._shown = str(value)
        self.line.setText(self._shown)

    def input(self) -> QWidget:
        return self.line


class PathField(Field):
    """A file or folder; empty means the one that is found by itself."""

    def __init__(self, setting: Setting) -> None:
        super().__init__()
        self._of_folder = setting.path == "folder"
        self.line = QLineEdit()
        self.line.setPlaceholderText(_("Found by itself"))
        put_clear_button(self.line)
        self.line.editingFinished.connect(self._edited)
        self._shown = ""
        text = _("Choose a folder…") if self._of_folder else _("Choose a file…")
        self._button = icon_button("folder", text, self._choose)
        _in_row(self, self.line, self._button)

    def _edited(self) -> None:
        if self.line.text().strip() != self._shown:
            self._shown = self.line.text().strip()
            self.changed.emit(self._shown)

    def _choose(self) -> None:
        if self._of_folder:
            ask_for_files(self.window(), _("Choose a folder"), self._take, Mode.Directory)
        else:
            ask_for_files(self.window(), _("Choose a file"), self._take)

    def _take(self, paths: list[str]) -> None:
        self.line.setText(paths[0])
        self._edited()

    def show_value(self, value: object) -> None:
        self._shown = str(value)
        self.line.setText(self._shown)

    def input(self) -> QWidget:
        return self.line

    def stops(self) -> list[QWidget]:
        return [self.line, self._button]


class TextField(Field):
    """Several lines, saved after a pause in typing."""

    def __init__(self) -> None:
        super().__init__()
        self._shown = ""
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(TEXT_PAUSE_MS)
        self._pause.timeout.connect(self._edited)
        self.editor = QPlainTextEdit()
        self.editor.setTabChangesFocus(True)
        grow(self.editor, height=96)
        self.editor.textChanged.connect(self._pause.start)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.editor)

    def _edited(self) -> None:
        if self.editor.toPlainText() != self._shown:
            self._shown = self.editor.toPlainText()
            self.changed.emit(self._shown)

    def show_value(self, value: object) -> None:
        if self.editor.toPlainText() != str(value):
            self._shown = str(value)
            self.editor.setPlainText(self._shown)

    def input(self) -> QWidget:
        return self.editor
