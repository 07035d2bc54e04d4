"""Settings as a form that is built from their declarations, with a search over it. Each counts at once."""

import time
from itertools import pairwise
from typing import Final, get_args

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from desktop.core.settings import Section, Setting
from desktop.core.types import Problem
from desktop.i18n import _
from desktop.ui.line_signs import lead_with_icon, put_clear_button
from desktop.ui.panels.fields import SuggestField
from desktop.ui.panels.search_model_field import SearchModelField
from desktop.ui.panels.server_field import ServerField
from desktop.ui.panels.setting_row import SettingRow, searched, section_label
from desktop.ui.pieces import icon_button, label, text_button
from desktop.ui.theme import space
from desktop.ui.yielding import Scrolling
from desktop.view_models.finding import holds, words_of
from desktop.view_models.settings import SettingsViewModel

FIRST_ROWS: Final = 3  # are there when the form is shown; the others follow while it is looked at
SLICE_S: Final = 0.012


class SettingsPanel(QWidget):
    """Every declared setting, by section. Rows are built a few at a time, so that no event takes long."""

    data_wanted = Signal()  # import, export, backup: they have a page

    def __init__(self, settings: SettingsViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self.rows: dict[str, SettingRow] = {}  # those that were built
        self._found_by = {one.name: searched(one) for one in settings.declarations}
        in_order = [
            [one for one in settings.declarations if one.section == name] for name in get_args(Section)
        ]
        self._declared = {one.name: one for section in in_order for one in section}
        self._sections: dict[Section, _Section] = {}
        self._build()
        settings.changed.connect(self._changed)
        settings.moved.connect(self._changed)
        settings.refused.connect(self._refused)
        settings.devices_changed.connect(self._offer_devices)
        settings.models_changed.connect(self._offer_models)
        settings.server_changed.connect(self._show_server)
        settings.look_for_devices()
        settings.look_for_models()
        self._next = QTimer(self, singleShot=True, interval=0)
        self._next.timeout.connect(self._go_on)
        for name in list(self._declared)[:FIRST_ROWS]:
            self.row(name)
        self._next.start()

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(space.m)
        head = QHBoxLayout()
        head.setContentsMargins(space.l, 0, space.l, 0)
        head.setSpacing(space.xs)
        self.search = _Search()
        self.search.textChanged.connect(self._filter)
        self.only_changed = icon_button("edit", _("Only what was changed"), self._filter)
        self.only_changed.setCheckable(True)
        head.addWidget(self.search, 1)
        head.addWidget(self.only_changed)
        column.addLayout(head)
        form = QWidget()
        inner = QVBoxLayout(form)
        inner.setContentsMargins(space.l, 0, space.l, space.l)
        inner.setSpacing(space.xl)
        for name in get_args(Section):
            self._sections[name] = section = _Section(section_label(name), form)
            inner.addWidget(section)
        self.nothing = label(_("No setting is called that."), "muted", wrap=True)
        self.nothing.hide()
        inner.addWidget(self.nothing)
        self.your_data = text_button(_("Your data…"), "", self.data_wanted.emit)
        self.your_data.setToolTip(_("Import, export, backup"))
        inner.addWidget(self.your_data)
        inner.addStretch(1)
        self.area = Scrolling(form)
        column.addWidget(self.area, 1)

    # ── building ──

    @property
    def complete(self) -> bool:
        return len(self.rows) == len(self._declared)

    def row(self, name: str) -> SettingRow:
        """The row of a setting, built now if it was not yet. Raises KeyError for no such setting."""
        if name not in self.rows:
            declared = self._declared[name]
            section = self._sections[declared.section]
            # a child from the start: taken in later, it would be styled all over again
            row = SettingRow(declared, self._settings, section)
            row.setVisible(self._wanted(declared))
            before = list(self._declared)[: list(self._declared).index(name)]
            section.put(row, sum(1 for one in section.names if one in before))
            self.rows[name] = row
            if name == "devices":
                self._offer_devices()
            if isinstance(row.field, SearchModelField):
                row.field.kept.connect(self._settings.keep_search_model)
                row.field.hub.show_download(self._settings.search_download)
                self._offer_models()
            if isinstance(row.field, ServerField):
                row.field.token_given.connect(self._settings.give_server_token)
                self._show_server()
                self._settings.look_for_token()
        return self.rows[name]

    def _go_on(self) -> None:
        began = time.perf_counter()
        missing = [name for name in self._declared if name not in self.rows]
        # what a search asks for comes first
        missing.sort(key=lambda name: not self._wanted(self._declared[name]))
        for name in missing:
            self.row(name)
            if time.perf_counter() - began > SLICE_S:
                break
        self._order()
        self._show_emptiness()
        if not self.complete:
            self._next.start()

    def _order(self) -> None:
        """Tab goes down the form: each field, then its way back."""
        built = [self.rows[name] for name in self._declared if name in self.rows]
        stops = [stop for row in built for stop in (*row.field.stops(), row.reset)]
        for before, after in pairwise([self.search, self.only_changed, *stops, self.your_data]):
            QWidget.setTabOrder(before, after)

    # ── searching ──

    def show_setting(self, name: str) -> None:
        """Bring one setting into sight and give it the keys."""
        self.search.clear()
        self.only_changed.setChecked(False)
        self._filter()
        row = self.row(name)
        self._order()
        QTimer.singleShot(0, row, lambda: self._go_to(row))

    def _go_to(self, row: SettingRow) -> None:
        row.field.input().setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.area.ensureWidgetVisible(row)

    def _wanted(self, setting: Setting) -> bool:
        if self.only_changed.isChecked() and self._settings.value(setting.name) == setting.default:
            return False
        return holds(words_of(self.search.text()), self._found_by[setting.name])

    def _filter(self) -> None:
        for name, row in self.rows.items():
            row.setVisible(self._wanted(self._declared[name]))
        self._show_emptiness()
        self.area.verticalScrollBar().setValue(0)

    def _show_emptiness(self) -> None:
        wanted = [one for one in self._declared.values() if self._wanted(one)]
        for name, section in self._sections.items():
            section.setVisible(any(one.section == name for one in wanted))
        self.nothing.setVisible(not wanted)

    # ── what the settings tell ──

    def _offer_devices(self) -> None:
        row = self.rows.get("devices")
        if row is not None and isinstance(row.field, SuggestField):
            row.field.offer(self._settings.gpus)

    def _offer_models(self) -> None:
        row = self.rows.get("embedder_path")
        if row is not None and isinstance(row.field, SearchModelField):
            row.field.offer(self._settings.search_models)
            row.field.show_switch(self._settings.search_model)

    def _show_server(self) -> None:
        row = self.rows.get("chroma_host")
        if row is not None and isinstance(row.field, ServerField):
            row.field.show_state(self._settings.server)
            row.field.show_token(there=self._settings.has_token, kept=self._settings.token_kept)

    def _changed(self, name: str, value: object = None) -> None:  # noqa: ARG002
        if name in self.rows:
            self.rows[name].refresh()

    def _refused(self, name: str, problem: Problem) -> None:
        if name in self._declared:
            self.row(name).show_problem(problem)
        if not self.isVisible():
            self._settings.unseen.emit(problem)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._settings.look_again()
        self._settings.look_for_models()


class _Section(QWidget):
    """A heading and its rows."""

    def __init__(self, words: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(space.l)
        self._column.addWidget(label(words, "section"))
        self.names: list[str] = []

    def put(self, row: SettingRow, at: int) -> None:
        self.names.insert(at, row.setting.name)
        self._column.insertWidget(at + 1, row)


class _Search(QLineEdit):
    """Escape empties it first."""

    def __init__(self) -> None:
        super().__init__()
        lead_with_icon(self, "search")
        self.setPlaceholderText(_("Search settings"))
        self.setAccessibleName(_("Search settings"))
        put_clear_button(self)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
        else:
            super().keyPressEvent(event)
