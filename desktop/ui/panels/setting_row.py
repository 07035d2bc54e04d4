"""One setting as the form shows it: its name, its field, what it does, and the way back to the default."""

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.core.settings import Section, Setting
from desktop.core.types import Problem
from desktop.i18n import _
from desktop.ui.panels.fields import Field, choice_label, field_for
from desktop.ui.panels.search_model_field import SearchModelField
from desktop.ui.panels.server_field import ServerField
from desktop.ui.pieces import label, text_button
from desktop.ui.theme import current_theme, grow, space
from desktop.view_models.finding import folded
from desktop.view_models.settings import SettingsViewModel
from desktop.words import hint, sentence
from desktop.words.settings import setting_help, setting_label

_DOT_PX = 7


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
        case "network":
            return _("Network")


def searched(setting: Setting) -> str:
    """What a setting is found by: its words in the language in use, and the name that files have for it."""
    choices = " ".join(choice_label(setting.name, choice) for choice in setting.choices)
    words = (setting_label(setting.name), setting_help(setting.name), section_label(setting.section))
    return folded(" ".join((*words, choices, setting.name.replace("_", " "))))


class SettingRow(QWidget):
    """A value counts at once; what is wrong with one stands below it."""

    def __init__(self, setting: Setting, settings: SettingsViewModel, parent: QWidget) -> None:
        super().__init__(parent)
        self.setting = setting
        self._settings = settings
        own = {"embedder_path": SearchModelField, "chroma_host": ServerField}.get(setting.name, field_for)
        self.field: Field = own(setting)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(space.xs)
        head = QHBoxLayout()
        head.setSpacing(space.s)
        self._words = setting_label(setting.name)
        self.dot = _Dot()
        name = label(self._words, wrap=True)
        name.setBuddy(self.field.input())
        self.reset = text_button(_("Reset"), "link", self._reset)
        self.reset.setAccessibleName(_("Reset {setting}").format(setting=self._words))
        self.reset.ensurePolished()
        head.addStrut(self.reset.sizeHint().height())  # the row does not jump where it comes
        head.addWidget(self.dot)
        head.addWidget(name, 1)
        head.addWidget(self.reset)
        column.addLayout(head)
        column.addWidget(self.field)
        self._help = setting_help(setting.name)
        column.addWidget(label(self._help, "caption", wrap=True))
        self.trouble = label("", "danger", wrap=True)
        self.trouble.hide()
        column.addWidget(self.trouble)
        self.field.changed.connect(self._changed)
        self.refresh()

    @property
    def differs(self) -> bool:
        return self._settings.value(self.setting.name) != self.setting.default

    def refresh(self) -> None:
        self.field.show_value(self._settings.value(self.setting.name))
        differs = self.differs
        self.reset.setVisible(differs)
        self.dot.setVisible(differs)
        changed = _("Changed") + ". " if differs else ""
        self.field.input().setAccessibleName(self._words)
        self.field.input().setAccessibleDescription(changed + self._help)
        self.trouble.hide()

    def show_problem(self, problem: Problem) -> None:
        """The value was not kept: say why, and show the one that counts."""
        self.refresh()
        told = " ".join(part for part in (sentence(problem), hint(problem)) if part)
        self.trouble.setText(told)
        self.trouble.show()
        # whoever hears the form hears it with the field that has the keys
        self.field.input().setAccessibleDescription(told)

    def _changed(self, value: object) -> None:
        self._settings.set(self.setting.name, value)

    def _reset(self) -> None:
        had = self.reset.hasFocus()
        self._settings.set(self.setting.name, self.setting.default)
        if had:  # the button goes away
            self.field.input().setFocus()


class _Dot(QWidget):
    """The mark of a value that is not the default. A screen reader has it from the field."""

    def __init__(self) -> None:
        super().__init__()
        grow(self, side=_DOT_PX)
        self.setToolTip(_("Changed"))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(current_theme().accent))
        painter.setBrush(QColor(current_theme().accent))
        painter.drawEllipse(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))
        painter.end()
