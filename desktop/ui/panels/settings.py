"""Settings as a form that is built from their declarations. Each counts at once."""

from itertools import pairwise
from typing import get_args

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from desktop.core.settings import Section, Setting
from desktop.core.types import Problem
from desktop.i18n import _
from desktop.setting_words import setting_help, setting_label
from desktop.ui.panels.fields import Field, SuggestField, field_for
from desktop.ui.pieces import label, text_button
from desktop.ui.theme import space
from desktop.view_models.settings import SettingsViewModel
from desktop.words import hint, sentence


def section_label(section: Section) -> str:
    match section:
        case "general":
            return _("General")
        case "model":
            return _("Model")
        case "reply":
            return _("Replies")
        case "documents":
            return _("Documents")


class SettingRow(QWidget):
    """A setting: its name, its field, what it does, and the way back to the default."""

    def __init__(self, setting: Setting, settings: SettingsViewModel, parent: QWidget) -> None:
        super().__init__(parent)
        self.setting = setting
        self._settings = settings
        self.field: Field = field_for(setting)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(space.xs)
        head = QHBoxLayout()
        name = label(setting_label(setting.name), wrap=True)
        name.setBuddy(self.field.input())
        head.addWidget(name, 1)
        self.reset = text_button(_("Reset"), "link", self._reset)
        self.reset.setAccessibleName(_("Reset {setting}").format(setting=name.text()))
        head.addWidget(self.reset)
        column.addLayout(head)
        column.addWidget(self.field)
        help_text = setting_help(setting.name)
        column.addWidget(label(help_text, "caption", wrap=True))
        self.trouble = label("", "danger", wrap=True)
        column.addWidget(self.trouble)
        self.field.input().setAccessibleName(name.text())
        self.field.input().setAccessibleDescription(help_text)
        self.field.changed.connect(self._changed)
        self.refresh()

    def refresh(self) -> None:
        value = self._settings.value(self.setting.name)
        self.field.show_value(value)
        # kept in its place, so that the row does not jump
        policy = self.reset.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.reset.setSizePolicy(policy)
        self.reset.setVisible(value != self.setting.default)
        self.trouble.hide()

    def show_problem(self, problem: Problem) -> None:
        """The value was not kept: say why, and show the one that counts."""
        self.refresh()
        self.trouble.setText(" ".join(part for part in (sentence(problem), hint(problem)) if part))
        self.trouble.show()

    def _changed(self, value: object) -> None:
        self._settings.set(self.setting.name, value)

    def _reset(self) -> None:
        self._settings.set(self.setting.name, self.setting.default)


class SettingsPanel(QWidget):
    """Every declared setting, by section."""

    def __init__(self, settings: SettingsViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self.rows: dict[str, SettingRow] = {}
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # its fields scroll it
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        form = QWidget()
        column = QVBoxLayout(form)
        column.setContentsMargins(space.l, 0, space.l, space.l)
        column.setSpacing(space.l)
        for section in get_args(Section):
            column.addWidget(label(section_label(section), "section"))
            for setting in settings.declarations:
                if setting.section == section:
                    # a child from the start: taken in later, it would be styled all over again
                    row = SettingRow(setting, settings, form)
                    self.rows[setting.name] = row
                    column.addWidget(row)
            column.addSpacing(space.s)
        column.addStretch(1)
        scroll.setWidget(form)
        self._order()
        outer.addWidget(scroll)
        settings.changed.connect(self._changed)
        settings.moved.connect(lambda name: self.rows[name].refresh())
        settings.refused.connect(self._refused)
        settings.devices_changed.connect(self._offer_devices)
        settings.look_for_devices()

    def show_setting(self, name: str) -> None:
        """Bring one setting into sight and give it the keys."""
        self.rows[name].field.input().setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _order(self) -> None:
        """Tab goes down the form: each field, then its way back."""
        stops = [stop for row in self.rows.values() for stop in (*row.field.stops(), row.reset)]
        for before, after in pairwise(stops):
            QWidget.setTabOrder(before, after)

    def _offer_devices(self) -> None:
        row = self.rows.get("devices")
        if row is not None and isinstance(row.field, SuggestField):
            row.field.offer(self._settings.gpus)

    def _changed(self, name: str, value: object) -> None:  # noqa: ARG002
        self.rows[name].refresh()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._settings.look_again()

    def _refused(self, name: str, problem: Problem) -> None:
        self.rows[name].show_problem(problem)
        if not self.isVisible():
            self._settings.unseen.emit(problem)
