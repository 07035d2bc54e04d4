"""The panel of parameters: how replies are made in this chat or with this model, and why."""

from functools import partial
from typing import Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop.core.settings import setting
from desktop.core.types import Problem
from desktop.i18n import _
from desktop.ui.folding_row import FoldingRow
from desktop.ui.panels.fields import Field, field_for
from desktop.ui.pieces import icon_button, label, text_button
from desktop.ui.theme import set_kind, space
from desktop.ui.yielding import Scrolling
from desktop.view_models.parameters import FIRST, OTHERS, ParametersViewModel, Scope
from desktop.words import hint, sentence
from desktop.words.replies import preset_help, preset_label
from desktop.words.settings import setting_help, setting_label

AT_ONCE: Final = 3  # rows that are built in one go


class ParameterRow(QWidget):
    """A value with where it comes from, its field, and the way back."""

    def __init__(self, name: str, parameters: ParametersViewModel, parent: QWidget) -> None:
        super().__init__(parent)
        self.name = name
        self._parameters = parameters
        self.field: Field = field_for(setting(name))
        self._words, self._help = setting_label(name), setting_help(name)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(space.xs)
        head = QHBoxLayout()
        head.setSpacing(space.s)
        title = label(self._words, wrap=True)
        title.setBuddy(self.field.input())
        self.reset = text_button(_("Reset"), "link", lambda: parameters.reset(name))
        self.reset.setAccessibleName(_("Reset {setting}").format(setting=self._words))
        policy = self.reset.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.reset.setSizePolicy(policy)
        head.addWidget(title, 1)
        head.addWidget(self.reset)
        column.addLayout(head)
        column.addWidget(self.field)
        self.source = label("", "caption")
        column.addWidget(self.source)
        column.addWidget(label(self._help, "caption", wrap=True))
        self.trouble = label("", "danger", wrap=True)
        self.trouble.hide()
        column.addWidget(self.trouble)
        self.field.changed.connect(self._changed)
        self.refresh()

    def refresh(self) -> None:
        """Show the value that counts."""
        values = self._parameters.values
        if values is None:
            return
        self.field.show_value(values.values[self.name])
        self.field.setEnabled(self._parameters.can_change)
        own = self._parameters.is_own(self.name)
        had = self.reset.hasFocus()
        self.reset.setVisible(own)
        if had and not own:
            self.field.input().setFocus()
        source = source_words(values.sources[self.name])
        self.source.setText(source)
        set_kind(self.source, "caption_accent" if own else "caption")
        self.trouble.hide()
        self.field.input().setAccessibleName(self._words)
        self.field.input().setAccessibleDescription(f"{source}. {self._help}")

    def show_problem(self, problem: Problem) -> None:
        """The value was not kept: say why, and show the one that counts."""
        self.refresh()
        told = " ".join(part for part in (sentence(problem), hint(problem)) if part)
        self.trouble.setText(told)
        self.trouble.show()
        self.field.input().setAccessibleDescription(told)

    def _changed(self, value: object) -> None:
        if isinstance(value, str | int | float):
            self._parameters.set(self.name, value)


def source_words(source: str) -> str:
    return {
        "chat": _("from this chat"),
        "model": _("from this model"),
        "settings": _("from the settings"),
    }[source]


class ParametersPanel(QWidget):
    """For the chat in front or for its model, whichever is chosen above."""

    def __init__(self, parameters: ParametersViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._parameters = parameters
        self.rows: dict[str, ParameterRow] = {}
        self._waiting: list[str] = []
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(space.m)
        outer.addLayout(self._head())
        self._form = QWidget()
        self._column = QVBoxLayout(self._form)
        self._column.setContentsMargins(space.l, 0, space.l, space.l)
        self._column.setSpacing(space.l)
        for name in FIRST:
            self._add(name)
        self.more = text_button(_("More parameters"), "quiet", self.show_more)
        self._column.addWidget(self.more)
        self._column.addStretch(1)
        scroll = Scrolling(self._form)
        outer.addWidget(scroll, 1)
        self._next = QTimer(self, interval=0, singleShot=True)
        self._next.timeout.connect(self._build_more)
        parameters.changed.connect(self.refresh)
        parameters.presets_changed.connect(self._show_presets)
        parameters.refused.connect(self._refused)
        self.refresh()

    # ── the head: for what, and presets ──

    def _head(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setContentsMargins(space.l, 0, space.l, 0)
        column.setSpacing(space.s)
        row, scopes_row = FoldingRow(), FoldingRow()
        row.setSpacing(space.xs)
        scopes_row.setSpacing(space.xs)
        self.scopes: dict[Scope, QPushButton] = {}
        group = QButtonGroup(self)
        scopes: tuple[tuple[Scope, str], ...] = (("chat", _("This chat")), ("model", _("This model")))
        for scope, words in scopes:
            button = text_button(words, "quiet", partial(self._parameters.set_scope, scope))
            button.setCheckable(True)
            group.addButton(button)
            self.scopes[scope] = button
            scopes_row.addWidget(button)
        row.addLayout(scopes_row)
        row.addStretch(1)
        column.addLayout(row)
        column.addLayout(self._preset_row())
        self.about = label("", "caption", wrap=True)
        column.addWidget(self.about)
        self.naming = self._naming_row()
        column.addWidget(self.naming)
        self.trouble = label("", "danger", wrap=True)
        self.trouble.hide()
        column.addWidget(self.trouble)
        return column

    def _preset_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(space.xs)
        self.presets = QComboBox()
        self.presets.setAccessibleName(_("Preset"))
        self.presets.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.presets.activated.connect(self._apply)
        self.save = icon_button("plus", _("Save as a preset"), self._begin_naming)
        self.delete = icon_button("delete", _("Delete this preset"), self._delete)
        row.addWidget(self.presets, 1)
        self.reset_all = icon_button("regenerate", _("Reset all"), self._parameters.reset_all)
        for button in (self.save, self.delete, self.reset_all):
            row.addWidget(button)
        return row

    def _naming_row(self) -> QWidget:
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(space.xs)
        self.name = QLineEdit()
        self.name.setPlaceholderText(_("Name of the preset"))
        self.name.setAccessibleName(_("Name of the preset"))
        self.name.returnPressed.connect(self._save)
        row.addWidget(self.name, 1)
        row.addWidget(text_button(_("Save"), "", self._save))
        holder.hide()
        return holder

    def _show_presets(self) -> None:
        self.presets.blockSignals(True)
        self.presets.clear()
        self.presets.addItem(_("Choose a preset"), "")
        for preset in self._parameters.presets:
            self.presets.addItem(preset.name if preset.own else preset_label(preset.name), preset.name)
        self.presets.setCurrentIndex(max(0, self.presets.findData(self._parameters.preset_in_use())))
        self.presets.blockSignals(False)
        self._show_preset()

    def _show_preset(self) -> None:
        name = self._parameters.preset_in_use()
        own = {preset.name for preset in self._parameters.presets if preset.own}
        self.delete.setEnabled(name in own)
        self.about.setText(preset_help(name) if name and name not in own else "")
        self.about.setVisible(bool(self.about.text()))

    def _apply(self) -> None:
        name = str(self.presets.currentData() or "")
        if name:
            self._parameters.apply(name)

    def _begin_naming(self) -> None:
        self.naming.show()
        self.name.setFocus()

    def _save(self) -> None:
        if self.name.text().strip():
            self._parameters.save(self.name.text().strip())
            self.name.clear()
            self.naming.hide()
            self.presets.setFocus()

    def _delete(self) -> None:
        name = self._parameters.preset_in_use()
        if name:
            self._parameters.delete(name)

    # ── the form ──

    def _add(self, name: str) -> None:
        row = ParameterRow(name, self._parameters, self._form)
        self.rows[name] = row
        self._column.insertWidget(len(self.rows) - 1, row)

    def show_more(self) -> None:
        """Build the others, a few at a time."""
        self.more.hide()
        self._waiting = [name for name in OTHERS if name not in self.rows]
        self._next.start()

    def _build_more(self) -> None:
        for name in self._waiting[:AT_ONCE]:
            self._add(name)
        self._waiting = self._waiting[AT_ONCE:]
        if self._waiting:
            self._next.start()

    def refresh(self) -> None:
        """Show the values that count now."""
        parameters = self._parameters
        self.trouble.hide()
        self.scopes[parameters.scope].setChecked(True)
        self.scopes["model"].setEnabled(bool(parameters.model))
        own = any(parameters.is_own(name) for name in (*FIRST, *OTHERS))
        self.reset_all.setEnabled(own)
        for row in self.rows.values():
            row.refresh()
        for widget in (self.presets, self.save):
            widget.setEnabled(parameters.can_change)
        self._show_presets()

    def _refused(self, name: str, problem: Problem) -> None:
        if name in self.rows:
            self.rows[name].show_problem(problem)
            return
        self.trouble.setText(" ".join(part for part in (sentence(problem), hint(problem)) if part))
        self.trouble.show()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._parameters.look_for_presets()
        self._parameters.look_again()
